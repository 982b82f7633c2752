use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use routemate_roads::{Profile, build};
use routemate_test_support::Town;
use routemate_travel::{EmbeddedRoads, EmbeddedSettings, MapFolders, Quality, TravelError, TravelMatrix, Work};
use routemate_units::{LatLng, StopToken, VehicleKind};
use serde_json::json;
use tempfile::TempDir;

use crate::{at, chain, leg, legs};

/// A folder for maps.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Puts a map where it belongs, in one step, as builds do.
    fn map(&self, name: &str, town: &Town) -> PathBuf {
        self.map_for(name, town, &[Profile::Car])
    }

    fn map_for(&self, name: &str, town: &Town, profiles: &[Profile]) -> PathBuf {
        let draft = tempfile::tempdir_in(self.0.path()).unwrap().keep();
        let extract = draft.join("extract.osm.pbf");
        fs::write(&extract, town.to_pbf()).unwrap();
        let mut files = Vec::new();
        for &profile in profiles {
            build(std::slice::from_ref(&extract), profile, &draft.join(profile.file_name()), &|_| {}).unwrap();
            files.push(json!({ "file": profile.file_name() }));
        }
        fs::write(draft.join("map.json"), json!({ "files": files }).to_string()).unwrap();
        self.replace(name, &draft)
    }

    fn broken_map(&self, name: &str) -> PathBuf {
        let draft = tempfile::tempdir_in(self.0.path()).unwrap().keep();
        fs::write(draft.join("car.roads"), "these are no roads").unwrap();
        fs::write(draft.join("map.json"), json!({ "files": [{ "file": "car.roads" }] }).to_string()).unwrap();
        self.replace(name, &draft)
    }

    fn replace(&self, name: &str, draft: &Path) -> PathBuf {
        let folder = self.0.path().join(name);
        if folder.exists() {
            let old = tempfile::tempdir_in(self.0.path()).unwrap();
            fs::rename(&folder, old.path()).unwrap();
        }
        fs::rename(draft, &folder).unwrap();
        folder
    }

    fn open(&self) -> EmbeddedRoads {
        EmbeddedRoads::open(EmbeddedSettings::within(self.0.path().to_owned())).unwrap()
    }
}

/// Four blocks by four, 0.9 km from corner to corner: at its middle, and at its outermost corners.
const NEAR: (f64, f64) = (60.0, 24.0);
const FAR: (f64, f64) = (60.5, 24.0);

fn corners(corner: (f64, f64)) -> [LatLng; 3] {
    let (lat, lng) = corner;
    [at(lat, lng), at(lat, lng + 0.016), at(lat + 0.008, lng + 0.016)]
}

async fn matrix(roads: &EmbeddedRoads, points: &[LatLng]) -> Result<routemate_travel::Matrix, TravelError> {
    roads.matrix(points, VehicleKind::Car, &StopToken::never()).await
}

#[tokio::test]
async fn figures_and_lines_are_along_streets() {
    let home = Home::new();
    home.map("near", &Town::grid(NEAR, 4));
    let roads = home.open();
    assert_eq!((roads.name(), roads.work()), ("embedded", Work::Computes));
    let points = corners(NEAR);
    let matrix = matrix(&roads, &points).await.unwrap();
    assert_eq!((matrix.quality(), matrix.attribution()), (Quality::Roads, Some("© OpenStreetMap contributors")));
    let around = matrix.leg(0, 2).unwrap();
    let straight = points[0].haversine_m(points[2]);
    let along = points[0].haversine_m(points[1]) + points[1].haversine_m(points[2]);
    assert!((f64::from(around.distance.get()) / along - 1.0).abs() < 0.01, "{around:?} is not along {along}");
    assert!(f64::from(around.distance.get()) > 1.2 * straight);
    let path = roads.path(&points, VehicleKind::Car, &StopToken::never()).await.unwrap();
    assert_eq!(path.legs, [matrix.leg(0, 1).unwrap(), matrix.leg(1, 2).unwrap()]);
    assert_eq!((path.quality, path.attribution.as_deref()), (Quality::Roads, Some("© OpenStreetMap contributors")));
    assert_eq!((path.geometry.first(), path.geometry.last()), (Some(&points[0]), Some(&points[2])));
    assert!(path.geometry.contains(&points[1]));
}

#[tokio::test]
async fn points_in_no_map_or_in_two_are_not_covered() {
    let home = Home::new();
    home.map("near", &Town::grid(NEAR, 4));
    home.map("far", &Town::grid(FAR, 4));
    let roads = home.open();
    for (points, is_covered) in [
        (vec![corners(NEAR)[0], corners(NEAR)[2]], true),
        (vec![corners(FAR)[0], corners(FAR)[2]], true),
        (vec![corners(NEAR)[0], corners(FAR)[0]], false),
        // In the rectangle of a map, or at its rim, but not near a road.
        (vec![corners(NEAR)[0], at(60.0, 24.5)], false),
        (vec![at(0.0, 0.0), at(0.0, 0.1)], false),
        // Beside the outermost street, and well beyond it.
        (vec![corners(NEAR)[0], at(60.009, 24.0)], true),
        (vec![corners(NEAR)[0], at(60.012, 24.0)], false),
    ] {
        let found = matrix(&roads, &points).await;
        let path = roads.path(&points, VehicleKind::Car, &StopToken::never()).await;
        assert_eq!((found.is_ok(), path.is_ok()), (is_covered, is_covered), "{points:?}");
        if let Err(error) = found {
            assert!(matches!(error, TravelError::NotCovered { engine: "embedded", .. }), "{error:?}");
            assert_eq!(chain(&error), "travel engine `embedded` has no map for a car that covers all points");
        }
    }
}

#[tokio::test]
async fn a_lake_in_the_middle_of_a_map_is_not_covered() {
    let home = Home::new();
    // A ring road of 20 km, with nothing in it.
    let ring = [(60.0, 24.0), (60.0, 24.1), (60.05, 24.1), (60.05, 24.0), (60.0, 24.0)];
    home.map("ring", &Town::default().street("Ring", &ring));
    let roads = home.open();
    let error = matrix(&roads, &[at(60.0, 24.0), at(60.025, 24.05)]).await.unwrap_err();
    assert!(matches!(error, TravelError::NotCovered { .. }), "{error:?}");
}

#[tokio::test]
async fn the_smallest_map_that_holds_all_points_answers() {
    let home = Home::new();
    // The large map has a motorway where the small one has a street: who answers is seen by the time.
    let motorway = [NEAR, (60.0, 24.016)];
    home.map("large", &Town::grid(FAR, 4).way(&motorway, &[("highway", "motorway")]));
    let roads = home.open();
    let points = &corners(NEAR)[..2];
    let quick = matrix(&roads, points).await.unwrap().leg(0, 1).unwrap().duration;
    home.map("small", &Town::grid(NEAR, 4));
    assert_eq!(roads.names(), ["small", "large"]);
    let slow = matrix(&roads, points).await.unwrap().leg(0, 1).unwrap().duration;
    assert!(slow.get() > 2 * quick.get(), "{slow:?} {quick:?}");
    assert_eq!(roads.path(points, VehicleKind::Car, &StopToken::never()).await.unwrap().duration(), slow);
}

/// Streets on an island of 3 km² and on the mainland, 2 km apart.
fn with_island(town: Town) -> Town {
    town.street("Island Street", &[(60.03, 24.0), (60.032, 24.0)])
}

#[tokio::test]
async fn an_island_has_no_way_and_the_others_do_not_suffer() {
    let home = Home::new();
    home.map("near", &with_island(Town::grid(NEAR, 4)));
    let roads = home.open();
    let points = [NEAR, (60.008, 24.0), (60.031, 24.0)].map(|(lat, lng)| at(lat, lng));
    let found = matrix(&roads, &points).await.unwrap();
    assert_eq!(found.quality(), Quality::Roads);
    assert!(found.leg(0, 1).is_some() && found.leg(1, 0).is_some());
    assert_eq!(
        [found.leg(0, 2), found.leg(2, 0), found.leg(1, 2), found.leg(2, 2)],
        [None, None, None, Some(leg(0, 0))]
    );
    assert_eq!(found.unreachable(), 4);
    let error = roads.path(&points, VehicleKind::Car, &StopToken::never()).await.unwrap_err();
    assert!(matches!(error, TravelError::NoWay { engine: "embedded" }), "{error:?}");
}

#[tokio::test]
async fn a_larger_map_with_a_bridge_answers_where_the_smaller_one_has_no_way() {
    let home = Home::new();
    home.map("small", &with_island(Town::grid(NEAR, 4)));
    let bridge = [(60.008, 24.0), (60.03, 24.0)];
    home.map("large", &with_island(Town::grid(NEAR, 8)).street("Bridge", &bridge));
    let roads = home.open();
    assert_eq!(roads.names(), ["small", "large"]);
    let points = [at(60.0, 24.0), at(60.031, 24.0)];
    let found = matrix(&roads, &points).await.unwrap();
    assert_eq!(found.unreachable(), 0);
    let path = roads.path(&points, VehicleKind::Car, &StopToken::never()).await.unwrap();
    assert_eq!(path.legs, [found.leg(0, 1).unwrap()]);
}

#[tokio::test]
async fn maps_are_noticed_when_they_come_change_break_and_go() {
    let home = Home::new();
    let roads = EmbeddedRoads::open(EmbeddedSettings::within(home.0.path().join("none yet"))).unwrap();
    assert!(roads.names().is_empty());
    let roads = home.open();
    let points = &corners(NEAR)[..2];
    assert!(matches!(matrix(&roads, points).await, Err(TravelError::NotCovered { .. })));

    home.map("near", &Town::default().way(&[NEAR, (60.0, 24.016)], &[("highway", "motorway")]));
    let quick = matrix(&roads, points).await.unwrap().leg(0, 1).unwrap();
    home.map("near", &Town::grid(NEAR, 4));
    let slow = matrix(&roads, points).await.unwrap().leg(0, 1).unwrap();
    assert!(slow.duration > quick.duration);

    let folder = home.broken_map("near");
    assert_eq!(matrix(&roads, points).await.unwrap().leg(0, 1), Some(slow), "the map that was open goes on");
    fs::remove_dir_all(folder).unwrap();
    assert!(matches!(matrix(&roads, points).await, Err(TravelError::NotCovered { .. })));
}

#[tokio::test]
async fn a_broken_map_is_an_error_where_it_was_named_and_passed_over_where_not() {
    let home = Home::new();
    let broken = home.broken_map("broken");
    let good = home.map("good", &Town::grid(NEAR, 4));
    assert_eq!(home.open().names(), ["good"]);
    let open = |folders: Vec<PathBuf>| EmbeddedRoads::open(EmbeddedSettings::new(MapFolders::These(folders)));
    assert_eq!(open(vec![good.clone()]).unwrap().names(), ["good"]);
    let error = open(vec![good.clone(), broken.clone()]).unwrap_err();
    assert_eq!(error.to_string(), format!("the map in `{}` cannot be opened", broken.display()));
    let missing = home.0.path().join("missing");
    let error = open(vec![good, missing.clone()]).unwrap_err();
    assert_eq!(error.to_string(), format!("there is no map in `{}`", missing.display()));
}

#[tokio::test]
async fn drafts_of_maps_are_no_maps() {
    let home = Home::new();
    home.map(".near.part", &Town::grid(NEAR, 4));
    fs::create_dir(home.0.path().join("unfinished")).unwrap();
    assert!(home.open().names().is_empty());
}

#[tokio::test]
async fn several_threads_give_the_same_matrix() {
    let home = Home::new();
    home.map("near", &Town::grid(NEAR, 8));
    let points: Vec<_> =
        (0..100).map(|place| at(60.0 + f64::from(place % 10) * 0.0015, 24.0 + f64::from(place / 10) * 0.003)).collect();
    let one = matrix(&home.open(), &points).await.unwrap();
    let settings = EmbeddedSettings {
        threads: NonZeroUsize::new(3).unwrap(),
        ..EmbeddedSettings::within(home.0.path().to_owned())
    };
    let three = matrix(&EmbeddedRoads::open(settings).unwrap(), &points).await.unwrap();
    assert_eq!(legs(&one), legs(&three));
    assert_eq!(one.unreachable(), 0);
}

#[tokio::test]
async fn a_stopped_question_is_not_answered() {
    let home = Home::new();
    home.map("near", &Town::grid(NEAR, 4));
    let roads = home.open();
    let stop = StopToken::never();
    stop.stop();
    assert!(matches!(roads.matrix(&corners(NEAR), VehicleKind::Car, &stop).await, Err(TravelError::Stopped)));
}

#[tokio::test]
async fn few_points_need_no_way() {
    let home = Home::new();
    home.map("near", &Town::grid(NEAR, 4));
    let roads = home.open();
    for count in 0..2 {
        let points = &corners(NEAR)[..count];
        assert_eq!(matrix(&roads, points).await.unwrap().len(), count);
        assert!(roads.path(points, VehicleKind::Car, &StopToken::never()).await.unwrap().legs.is_empty());
    }
}

#[tokio::test]
async fn each_kind_of_vehicle_has_its_roads() {
    let home = Home::new();
    // A short cut for bicycles alone.
    let town = Town::grid(NEAR, 4).way(&[NEAR, (60.008, 24.016)], &[("highway", "cycleway")]);
    home.map_for("both", &town, &[Profile::Car, Profile::Bicycle]);
    let roads = home.open();
    assert_eq!(roads.names(), ["both"]);
    let points = [at(60.0, 24.0), at(60.008, 24.016)];
    let way =
        async |vehicle| roads.matrix(&points, vehicle, &StopToken::never()).await.map(|all| all.leg(0, 1).unwrap());
    let (car, bicycle) = (way(VehicleKind::Car).await.unwrap(), way(VehicleKind::Bicycle).await.unwrap());
    assert!(bicycle.distance.get() < car.distance.get() * 4 / 5, "{bicycle:?} {car:?}");
    let error = way(VehicleKind::Truck).await.unwrap_err();
    assert_eq!(error.to_string(), "travel engine `embedded` has no map for a truck that covers all points");
}

//! The import with coordinates: what is stored, and in which order.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::civil::date;
use routemate_app::{DriverResolution, ErrorKind, ImportJob, ImportStop, ImportedJob, JobKey};
use routemate_domain::{
    Contact, Item, Itinerary, JobStatus, JsonText, Location, Priority, RouteStatus, StopKind, StopStatus, TimeWindow,
    TravelQuality, ZoneName,
};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, at, import_command, position, stop_command, text};
use routemate_travel::{GreatCircleEstimate, TravelMatrix};
use routemate_units::{Meters, Seconds, StopToken, VehicleKind};

use crate::facts::{count, events, named, order, refusal};

/// Stops on a line to the east, in the order of `places`.
fn line(places: &[u32]) -> ImportJob {
    let stop = |(number, &place): (usize, &u32)| stop_command(number, position(60.17, 24.9 + 0.01 * f64::from(place)));
    ImportJob { stops: places.iter().enumerate().map(stop).collect(), ..import_command(0) }
}

/// Driving time of stops in the order in which they were given.
async fn as_given(command: &ImportJob) -> Seconds {
    let points: Vec<_> = command.stops.iter().map(|stop| stop.position.unwrap()).collect();
    GreatCircleEstimate.path(&points, VehicleKind::Car, &StopToken::never()).await.unwrap().duration()
}

#[track_caller]
fn check_sums(itinerary: &Itinerary) {
    let legs = || itinerary.stops.iter().filter_map(|stop| stop.planned);
    assert_eq!(legs().map(|leg| leg.duration).sum::<Seconds>(), itinerary.route.totals.duration);
    assert_eq!(legs().map(|leg| leg.distance).sum::<Meters>(), itinerary.route.totals.distance);
    assert_eq!(legs().next().map(|leg| leg.duration), Some(Seconds::ZERO));
}

/// Every field set to something of its own.
fn full() -> ImportJob {
    let mut command = import_command(3);
    command.scheduled_date = Some(date(2026, 3, 10));
    command.timezone = Some(ZoneName::parse("Europe/Stockholm").unwrap());
    command.stops[1] = ImportStop {
        label: Some(text("Café “Ärla”")),
        notes: Some(text("ring\ttwice\n")),
        service_type: Some(text("Pickup")),
        service_time: Some(Seconds::new(420)),
        window: TimeWindow::new(Some(at("2026-03-10T08:00:00Z")), Some(at("2026-03-10T10:30:00Z"))).unwrap(),
        priority: Priority::lower_first(-2.5).unwrap(),
        parcel_count: 7,
        metadata: JsonText::from_serialized(r#"{"floor":3,"tags":["é",null]}"#.to_owned()),
        ..stop_command(1, position(60.18, 24.95))
    };
    command
}

database_tests! {
    async fn everything_imported_is_stored_and_read_back_equal(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await;
        let command = full();
        let imported = app.import(&who, command.clone()).await.unwrap();
        assert_eq!(imported.driver, DriverResolution::Member);
        let view = imported.view;
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), view);

        let job = &view.job;
        assert_eq!((job.organization_id, job.integration_id), (who.organization_id, who.integration_id));
        assert_eq!((&job.external_job_id, &job.title), (&command.external_job_id, &command.title));
        assert_eq!(job.driver_email, "Driver@Example.com");
        assert_eq!(job.driver_key.as_str(), "driver@example.com");
        assert_eq!((job.scheduled_date, &job.timezone), (command.scheduled_date, &command.timezone));
        assert_eq!(job.metadata, command.metadata);
        assert_eq!((job.created_at, job.updated_at), (START, START));

        let route = &view.itinerary.route;
        assert_eq!((route.id, &route.name), (job.route_id, &command.title));
        assert_eq!((route.status, route.version), (RouteStatus::Planned, 1));
        assert_eq!(route.timezone.as_str(), "Europe/Stockholm");
        assert_eq!(route.driver_id, Some(driver.driver.id));
        assert_eq!(route.totals.quality, TravelQuality::Estimated);
        assert!(!route.totals.polyline.is_empty());
        assert_eq!(view.driver_user_id, Some(driver.driver.user_id));
        assert_eq!(view.itinerary.job_status(), JobStatus::Assigned);

        let (given, stored) = (&command.stops[1], &view.itinerary.stops[1]);
        assert_eq!(stored.external_id.as_ref(), Some(&given.external_stop_id));
        assert_eq!(stored.given_position, 1);
        assert_eq!(stored.address.line1, given.address.as_str());
        assert_eq!(stored.location, Location::Supplied(position(60.18, 24.95)));
        assert_eq!(stored.contact, Contact { company: "Café “Ärla”".into(), ..Contact::default() });
        assert_eq!(stored.note, given.notes);
        assert_eq!((stored.kind, &stored.service_type), (StopKind::Pickup, &given.service_type));
        assert_eq!(stored.service_time, given.service_time);
        assert_eq!(stored.windows, [given.window.unwrap()]);
        assert_eq!(stored.priority, given.priority);
        assert_eq!(stored.items, [Item::parcels(7)]);
        assert_eq!(stored.metadata, given.metadata);
        assert_eq!(stored.status, StopStatus::Pending);
        assert_eq!(events(&app.store, who.organization_id, job.id).await, ["job.assigned"]);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn a_job_is_found_by_either_of_its_ids(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut ids = Vec::new();
        for name in ["JOB-A", "JOB-B"] {
            ids.push(app.import(&who, named(name, import_command(2))).await.unwrap().view.job.id);
        }
        let find = |job_id, external: Option<&str>| {
            let key = JobKey { job_id, external_job_id: external.map(str::to_owned) };
            let (app, who) = (&app, &who);
            async move { app.find_job(who, key).await.map(|view| view.job.id).map_err(|error| error.kind().clone()) }
        };
        let not_found = Err(ErrorKind::NotFound(routemate_app::Noun::Job));
        assert_eq!(find(Some(ids[1]), None).await, Ok(ids[1]));
        assert_eq!(find(None, Some("JOB-B")).await, Ok(ids[1]));
        assert_eq!(find(Some(ids[1]), Some("JOB-B")).await, Ok(ids[1]));
        assert_eq!(find(Some(ids[1]), Some("JOB-A")).await, not_found);
        assert_eq!(find(None, Some("job-b")).await, not_found);
        assert_eq!(find(None, Some("JOB-B\0")).await, not_found);
        assert_eq!(find(None, None).await, not_found);
    }

    async fn the_first_stop_and_the_last_stay_and_those_between_are_put_in_order(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        // Neither end of the line is at an end of the list.
        for (name, places, expected) in [
            ("SHUFFLED", vec![0, 3, 1, 4, 2, 5], vec![0, 1, 2, 3, 4, 5]),
            ("BACK", vec![5, 3, 1, 4, 2, 0], vec![5, 4, 3, 2, 1, 0]),
            ("SORTED", vec![0, 1, 2, 3], vec![0, 1, 2, 3]),
            ("THREE", vec![1, 5, 0], vec![1, 5, 0]),
            ("TWO", vec![3, 1], vec![3, 1]),
        ] {
            let command = named(name, line(&places));
            let view = app.import(&who, command.clone()).await.unwrap().view;
            let driven: Vec<_> = view.itinerary.stops.iter().map(|stop| places[stop.given_position as usize]).collect();
            assert_eq!(driven, expected, "{name}");
            assert_eq!(view.itinerary.route.optimality.map(|optimality| optimality.is_proven), Some(true), "{name}");
            assert!(view.itinerary.route.totals.duration <= as_given(&command).await, "{name}");
            check_sums(&view.itinerary);
            assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "{name}");
        }
    }

    async fn sixty_scattered_stops_take_much_less_driving_than_in_the_order_given(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let command = import_command(60);
        let itinerary = app.import(&who, command.clone()).await.unwrap().view.itinerary;
        check_sums(&itinerary);
        let ids = order(&itinerary);
        assert_eq!((ids[0], ids[59]), ("STOP-0", "STOP-59"));
        assert!(2 * itinerary.route.totals.duration.get() < as_given(&command).await.get());
    }

    async fn an_external_id_is_taken_once_for_each_integration(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.import(&who, import_command(2)).await.unwrap().view.job.id;
        let again = app.import(&who, import_command(5)).await;
        assert_eq!(refusal(again), ErrorKind::ExternalJobIdTaken(first));
        assert!(app.import(&who, named("job-1", import_command(2))).await.is_ok());
        let sibling = app.principal_of(who.organization_id).await;
        assert!(app.import(&sibling, import_command(2)).await.is_ok());
        assert!(app.import(&app.principal().await, import_command(2)).await.is_ok());
        assert_eq!(count(&app.store, "jobs").await, 4);
    }

    async fn of_concurrent_imports_with_one_external_id_one_wins_and_the_others_are_told_which(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let imports = (0..8).map(|_| {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move { app.import(&who, import_command(4)).await })
        });
        let outcomes: Vec<_> = join_all(imports).await.into_iter().map(Result::unwrap).collect();
        let won: Vec<ImportedJob> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).cloned().collect();
        assert_eq!(won.len(), 1);
        for lost in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(refusal(lost), ErrorKind::ExternalJobIdTaken(won[0].view.job.id));
        }
        for (table, rows) in [("jobs", 1), ("routes", 1), ("stops", 4)] {
            assert_eq!(count(&app.store, table).await, rows, "{table}");
        }
    }

    async fn stops_at_one_place_take_no_driving(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let stops = (0..12).map(|number| stop_command(number, position(60.17, 24.94))).collect();
        let itinerary = app.import(&who, ImportJob { stops, ..import_command(0) }).await.unwrap().view.itinerary;
        assert_eq!(itinerary.route.totals.duration, Seconds::ZERO);
        let ids = order(&itinerary);
        assert_eq!((ids.len(), ids[0], ids[11]), (12, "STOP-0", "STOP-11"));
    }

    async fn the_antimeridian_is_no_wall(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let lngs = [179.96, -179.96, 179.98, -179.98, 180.0, -179.94];
        let stops = lngs.iter().enumerate().map(|(number, &lng)| stop_command(number, position(-16.8, lng))).collect();
        let view = app.import(&who, ImportJob { stops, ..import_command(0) }).await.unwrap().view;
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-2", "STOP-4", "STOP-3", "STOP-1", "STOP-5"]);
        assert!(view.itinerary.route.totals.distance < Meters::new(20_000));
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), view);
    }

    async fn five_thousand_stops_are_one_import(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let imported = app.import(&who, import_command(5_000)).await.unwrap();
        let view = app.job(&who, imported.view.job.id).await.unwrap();
        assert_eq!(view, imported.view);
        let ids = order(&view.itinerary);
        assert_eq!((ids.len(), ids[0], ids[4_999]), (5_000, "STOP-0", "STOP-4999"));
        check_sums(&view.itinerary);
    }
}

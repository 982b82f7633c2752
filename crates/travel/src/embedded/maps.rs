use std::cmp::Ordering;
use std::error::Error;
use std::num::NonZeroUsize;

use routemate_maps::{MapFolder, Reader};
use routemate_roads::{Bounds, Graph, Profile};
use routemate_units::{LatLng, VehicleKind};

/// How far beyond the outermost roads of a map a point may lie, in metres: houses stand on both sides of a road.
const RIM_M: f64 = 200.0;
const METERS_PER_DEGREE: f64 = 111_195.0;

/// Opens the roads of maps, the smallest first.
#[derive(Debug)]
pub(super) struct Graphs {
    /// For one matrix.
    pub(super) threads: NonZeroUsize,
}

/// The roads of a map for one kind of vehicle.
#[derive(Debug)]
pub(super) struct OpenGraph {
    name: String,
    profile: Profile,
    graph: Graph,
    bounds: Bounds,
}

impl OpenGraph {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) fn is_for(&self, vehicle: VehicleKind) -> bool {
        self.profile
            == match vehicle {
                VehicleKind::Car => Profile::Car,
                VehicleKind::Truck => Profile::Truck,
                VehicleKind::Bicycle => Profile::Bicycle,
            }
    }

    /// Whether a point lies in the rectangle of these roads, or at its rim.
    pub(super) fn may_hold(&self, point: LatLng) -> bool {
        let Bounds { south_west, north_east } = self.bounds;
        let lat = RIM_M / METERS_PER_DEGREE;
        let lng = lat / point.lat().to_radians().cos().max(0.01);
        (south_west.lat() - lat..=north_east.lat() + lat).contains(&point.lat())
            && (south_west.lng() - lng..=north_east.lng() + lng).contains(&point.lng())
    }

    /// The share of the globe that their rectangle covers, in no unit.
    fn area(&self) -> f64 {
        let Bounds { south_west, north_east } = self.bounds;
        (north_east.lat().to_radians().sin() - south_west.lat().to_radians().sin())
            * (north_east.lng() - south_west.lng())
    }
}

impl Reader for Graphs {
    type Part = OpenGraph;

    fn open(&self, map: &MapFolder) -> Result<Vec<OpenGraph>, Box<dyn Error + Send + Sync>> {
        let mut graphs = Vec::new();
        for profile in Profile::ALL {
            let Some(path) = map.file(profile.file_name()) else { continue };
            let graph = Graph::open(&path)?.with_threads(self.threads);
            let (name, bounds, edges) = (map.name(), graph.bounds(), graph.edges());
            tracing::info!(map.name = name, map.edges = edges, "map `{name}` is in use for {profile}s");
            graphs.push(OpenGraph { name, profile, graph, bounds });
        }
        Ok(graphs)
    }

    fn order(&self, one: &OpenGraph, other: &OpenGraph) -> Ordering {
        one.area().total_cmp(&other.area())
    }
}

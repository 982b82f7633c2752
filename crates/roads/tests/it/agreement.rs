//! A floor under the agreement with OSRM; the example `agreement` prints the whole table.

use routemate_units::{LatLng, StopToken};
use serde_json::Value;

use crate::shared::{extract, helsinki};

#[test]
fn routes_in_helsinki_are_those_of_osrm() {
    let (Some(built), Some(oracle)) = (helsinki(), extract("oracle/helsinki_centre.oracle.json")) else {
        return;
    };
    let oracle: Value = serde_json::from_str(&std::fs::read_to_string(oracle).unwrap()).unwrap();
    let routes = oracle["routes"].as_array().unwrap();
    let at = |point: &Value| LatLng::new(point[1].as_f64().unwrap(), point[0].as_f64().unwrap()).unwrap();
    let (mut distances, mut durations) = (0, 0);
    for route in routes {
        let ends = [&route["o"], &route["d"]].map(|point| built.graph.snap(at(point)).unwrap());
        let path = built.graph.path(&ends, &StopToken::never()).expect("OSRM finds a way");
        let leg = path.legs()[0].leg();
        let is_near = |ours: f64, theirs: &Value, within: f64| {
            let theirs = theirs.as_f64().unwrap();
            (ours - theirs).abs() <= within * theirs.max(1.0)
        };
        distances += usize::from(is_near(leg.distance_m(), &route["osrm"]["distance_m"], 0.01));
        durations += usize::from(is_near(leg.duration_s(), &route["osrm"]["duration_s"], 0.03));
    }
    assert!(distances * 100 >= routes.len() * 95, "{distances} of {}", routes.len());
    assert!(durations * 100 >= routes.len() * 96, "{durations} of {}", routes.len());
}

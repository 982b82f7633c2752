//! From an extract to a matrix: `matrix EXTRACT.osm.pbf GRAPH.roads [LAT,LNG]…`
#![expect(clippy::print_stdout, reason = "a matrix on standard output is what this is for")]

use std::error::Error;
use std::path::Path;

use routemate_roads::{ATTRIBUTION, Graph, Profile, build};
use routemate_units::{LatLng, StopToken};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [extract, to, points @ ..] = args.as_slice() else {
        return Err("matrix EXTRACT.osm.pbf GRAPH.roads [LAT,LNG]…".into());
    };
    let report = build(&[extract.into()], Profile::Car, Path::new(to), &|_| {})?;
    println!("{report:?}");
    let graph = Graph::open(Path::new(to))?;
    let mut snaps = Vec::new();
    for point in points {
        let (lat, lng) = point.split_once(',').ok_or("a point is LAT,LNG")?;
        snaps.push(graph.snap(LatLng::new(lat.parse()?, lng.parse()?)?)?);
    }
    let matrix = graph.matrix(&snaps, &StopToken::never())?;
    for from in 0..matrix.rows() {
        for to in 0..matrix.columns() {
            match matrix.leg(from, to) {
                Some(leg) => print!("{} {}\t", leg.duration(), leg.distance()),
                None => print!("no way\t"),
            }
        }
        println!();
    }
    if let [first, .., last] = snaps.as_slice() {
        let path = graph.path(&[*first, *last], &StopToken::never())?;
        println!("{}\n{ATTRIBUTION}", path.polyline5());
    }
    Ok(())
}

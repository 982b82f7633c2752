//! The map that the guide's examples run on.

use std::fs;
use std::path::Path;

use crate::drawn::Drawing;

/// Three streets from west to east, three avenues across; Mill Street passes under a low bridge, and Quay Street is
/// one-way but for bicycles. In the south of Finland, where one drives on the right.
fn town() -> Drawing {
    let mut town = Drawing::default();
    let rows: Vec<Vec<i64>> = (0..3)
        .map(|row| {
            let along = |column| town.node(60.0 + 0.002 * f64::from(row), 22.0 + 0.004 * f64::from(column));
            (0..3).map(along).collect()
        })
        .collect();
    let [quay, mill, church] = rows.as_slice() else { return town };
    let street = |name| [("highway", "residential"), ("name", name)];
    town.way(quay, &[&street("Quay Street")[..], &[("oneway", "yes"), ("oneway:bicycle", "no")]].concat());
    town.way(mill, &[&street("Mill Street")[..], &[("maxheight", "3.2")]].concat());
    town.way(church, &street("Church Street"));
    for (avenue, name) in ["West Avenue", "Middle Avenue", "East Avenue"].into_iter().enumerate() {
        let nodes: Vec<i64> = rows.iter().filter_map(|row| row.get(avenue).copied()).collect();
        town.way(&nodes, &[&street(name)[..], &[("maxspeed", "50")]].concat());
    }
    town
}

#[test]
fn example_map_is_this_drawing() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/town.osm.pbf");
    let drawn = town().to_bytes();
    if fs::read(&path).ok().as_ref() != Some(&drawn) {
        let folder = tempfile::tempdir().unwrap().keep();
        let copy = folder.join("town.osm.pbf");
        fs::write(&copy, drawn).unwrap();
        panic!("docs/town.osm.pbf is not the drawing; what it should be is in {}", copy.display());
    }
}

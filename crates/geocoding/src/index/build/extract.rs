//! Reads addresses, streets, places and points of interest from .osm.pbf files.
//!
//! What is read of each element is in `reading`, in which order blocks are read, in `passes`; what becomes of it, here.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::ops::Range;
use std::path::Path;

use super::blocks::Blocks;
use super::gathered::{Gathered, RawAddress, RawBoundary, RawLine, RawPlace, RawPoint, Texts};
use super::interpolation::{End, Known};
use super::nodes::Nodes;
use super::passes::{read_in_order, read_in_passes};
use super::reading::{Boundary, ElementId, Ids, Pending, Reading, Shape};
use super::rings;
use super::tags::{Feature, NameTags, region};
use super::workers;
use crate::index::country::Country;
use crate::index::error::BuildError;
use crate::index::street::Spot;

/// Whom to thank.
const NOTICE: &str = "© OpenStreetMap contributors (openstreetmap.org/copyright), Open Database Licence 1.0";

/// Reads an extract. `progress` hears of bytes read, at most three times the file's size.
pub(super) fn read(path: &Path, gathered: &mut Gathered, progress: &dyn Fn(u64)) -> Result<(), BuildError> {
    let blocks = Blocks::find(path)?;
    let (reading, nodes) = match read_in_order(&blocks, gathered, progress)? {
        Some(read) => read,
        None => read_in_passes(&blocks, gathered, progress)?,
    };
    gathered.notice(NOTICE);
    reading.finish(&nodes, gathered);
    Ok(())
}

impl Reading {
    fn finish(self, nodes: &Nodes, gathered: &mut Gathered) {
        let line = |line: &Range<usize>| nodes.line(&self.refs[line.clone()]);
        let way_line = |id: &i64| self.member_ways.get(id).and_then(Option::as_ref).map_or_else(Vec::new, line);
        for (_, boundary, ways) in &self.boundaries {
            let rings = rings::closed(ways.iter().map(way_line).collect());
            let everything: Vec<Spot> = ways.iter().flat_map(way_line).collect();
            add_boundary(boundary, rings, &everything, gathered);
        }
        self.interpolate(nodes, gathered);
        let Gathered { texts, addresses, lines, places, points, .. } = gathered;
        let placed = |pending: &[Pending]| {
            let mut placed = Gathered::default();
            for Pending { feature, shape, id } in pending {
                let spots = match shape {
                    Shape::At(spot) => vec![*spot],
                    Shape::Way(refs) => line(refs),
                    Shape::Ways(ways) => ways.iter().flat_map(way_line).collect(),
                };
                if let Some(centre) = middle(&spots) {
                    let street = self.street_of.get(id).map(|(_, name)| *name);
                    add(feature, street, matches!(id, ElementId::Way(_)), spots, centre, texts, &mut placed);
                }
            }
            placed
        };
        workers::in_chunks(&self.pending, placed, |placed| {
            addresses.extend(placed.addresses);
            lines.extend(placed.lines);
            places.extend(placed.places);
            points.extend(placed.points);
        });
    }
}

impl Reading {
    /// Adds the houses between those that stand on lines of interpolation.
    fn interpolate(&self, nodes: &Nodes, gathered: &mut Gathered) {
        if self.interpolations.is_empty() {
            return;
        }
        let mut ends: Ids<i64, End> = Ids::default();
        let mut known = Known::default();
        for pending in &self.pending {
            let Some(address) = &pending.feature.address else {
                continue;
            };
            let street = if address.street == 0 {
                self.street_of.get(&pending.id).map(|(_, name)| *name)
            } else {
                Some(address.street)
            };
            let street = street.unwrap_or_default();
            known.extend(address.numbers.iter().map(|number| (street, *number)));
            if let (ElementId::Node(id), [number]) = (pending.id, address.numbers.as_slice()) {
                let (city, postcode) = (address.city, address.postcode);
                ends.insert(id, End { street, number: *number, city, postcode });
            }
        }
        for (_, interpolation, line) in &self.interpolations {
            let refs = &self.refs[line.clone()];
            let spots = nodes.spots(refs).zip(refs);
            let line: Vec<(Spot, Option<End>)> =
                spots.filter_map(|(spot, id)| Some((spot?, ends.get(id).copied()))).collect();
            interpolation.houses(&line, &known, gathered);
        }
    }
}

fn add_boundary(boundary: &Boundary, rings: Vec<Vec<Spot>>, all: &[Spot], gathered: &mut Gathered) {
    // Counties and smaller are towns to somebody; what is larger is no place of letters.
    if (6..=10).contains(&boundary.level)
        && let Some(centre) = middle(all)
    {
        let radius_m = all.iter().copied().map(centre.measure()).fold(0.0, f64::max) as u32;
        gathered.places.push(RawPlace {
            name: boundary.name,
            others: boundary.others.clone(),
            spot: centre,
            radius_m: radius_m.clamp(300, 25_000),
            is_postal: false,
        });
    }
    if !rings.is_empty() {
        gathered.boundaries.push(RawBoundary {
            name: boundary.name,
            postcode: boundary.postcode,
            level: boundary.level,
            rings,
        });
    }
}

/// The middle of the box that holds these.
fn middle(points: &[Spot]) -> Option<Spot> {
    let first = *points.first()?;
    let (low, high) = points.iter().fold((first, first), |(low, high), point| {
        (
            Spot { lat: low.lat.min(point.lat), lng: low.lng.min(point.lng) },
            Spot { lat: high.lat.max(point.lat), lng: high.lng.max(point.lng) },
        )
    });
    Some(low.towards(high, 0.5))
}

/// Adds what is at these spots to what several threads gather; texts are those of all.
fn add(
    feature: &Feature,
    street: Option<u32>,
    is_way: bool,
    spots: Vec<Spot>,
    centre: Spot,
    texts: &Texts,
    gathered: &mut Gathered,
) {
    if let Some(address) = &feature.address {
        let street = if address.street == 0 { street.unwrap_or(0) } else { address.street };
        let (lat, lng) = (centre.lat_degrees(), centre.lng_degrees());
        // A country that cannot be here is a slip of the pen.
        let country = address.country.filter(|country| country.may_hold(lat, lng));
        let country = country.unwrap_or_else(|| Country::at(lat, lng));
        let region = region(country, texts.get(address.region));
        for number in address.numbers.iter().filter(|_| street != 0) {
            let (number, city, postcode) = (*number, address.city, address.postcode);
            gathered.addresses.push(RawAddress { street, number, city, postcode, spot: centre, country, region });
        }
    }
    if let Some(place) = &feature.place {
        let NameTags { name, others } = place.names.clone();
        let (radius_m, is_postal) = (place.radius_m, place.is_postal);
        gathered.places.push(RawPlace { name, others, spot: centre, radius_m, is_postal });
    }
    if let Some(point) = &feature.point {
        let NameTags { name, others } = point.clone();
        let extent = spots.iter().copied().map(centre.measure()).fold(0.0, f64::max);
        gathered.points.push(RawPoint { name, others, spot: centre, weight: extent as u16 });
    }
    if let Some(street) = feature.street.as_ref().filter(|_| is_way && spots.len() > 1) {
        let NameTags { name, others } = street.names.clone();
        gathered.lines.push(RawLine { name, others, is_drivable: street.is_drivable, points: spots });
    }
}

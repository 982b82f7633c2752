//! Candidates: confidence, label, access point.

use std::borrow::Cow;

use routemate_units::LatLng;

use super::along;
use super::context::of_area;
use super::judge::{Judged, Subject};
use crate::candidate::{Candidate, Confidence};
use crate::index::country::Country;
use crate::index::file::{NONE, PlaceRecord, View};
use crate::index::street::{Line, Reader, Spot};

/// More than these nobody chooses from.
const MOST_CANDIDATES: usize = 5;

/// Answers that are nearer than this are one.
const SAME_WITHIN_M: f64 = 40.0;

/// Answers farther apart than this contradict each other.
const APART_M: f64 = 150.0;

/// How much dearer an answer must be to be out of the question: by this, it is e times less likely.
const DOUBT: f32 = 0.035;

/// Nothing is certain.
const MOST_CONFIDENCE: f32 = 0.99;

/// The name of this geocoder in answers, as in the configuration.
const SOURCE: &str = "embedded";

/// The best answers as candidates.
pub(super) fn candidates(view: &View<'_>, judged: &[Judged]) -> Vec<Candidate> {
    let mut kept: Vec<&Judged> = Vec::with_capacity(MOST_CANDIDATES);
    for next in judged {
        if kept.len() == MOST_CANDIDATES {
            break;
        }
        if !kept.iter().any(|other| other.rung.spot.far_distance_m(next.rung.spot) < SAME_WITHIN_M) {
            kept.push(next);
        }
    }
    kept.iter().filter_map(|one| candidate(view, one, confidence(one, judged))).collect()
}

/// How likely an answer is: less the more it costs, and shared with those that are as good and elsewhere.
fn confidence(one: &Judged, all: &[Judged]) -> f32 {
    let mut others = 0.0;
    for other in all.iter().take(12) {
        if other.rung.spot.far_distance_m(one.rung.spot) > APART_M {
            others += ((one.cost - other.cost) / DOUBT).exp();
        }
    }
    MOST_CONFIDENCE * (-one.cost).exp() / (1.0 + others)
}

fn candidate(view: &View<'_>, judged: &Judged, confidence: f32) -> Option<Candidate> {
    let confidence = Confidence::new(f64::from(confidence.clamp(0.0, 1.0))).ok()?;
    let lines = lines(view, judged);
    let along = judged.rung.between.and_then(|(ends, part)| along::between(&lines, ends, part));
    let spot = along.unwrap_or(judged.rung.spot);
    Some(Candidate {
        position: position(spot)?,
        match_type: judged.rung.match_type,
        confidence,
        source: SOURCE.into(),
        label: label(view, judged),
        access: along::access(&lines, spot).and_then(position),
        attribution: attribution(view),
    })
}

fn position(spot: Spot) -> Option<LatLng> {
    LatLng::new(spot.lat_degrees(), spot.lng_degrees()).ok()
}

fn attribution(view: &View<'_>) -> Cow<'static, str> {
    let notices: Vec<&str> = view.notices.iter().map(|notice| view.text(*notice)).collect();
    notices.join("; ").into()
}

/// The lines of the street that an answer is on.
fn lines(view: &View<'_>, judged: &Judged) -> Vec<Line> {
    let Subject::Street(number) = judged.subject else {
        return Vec::new();
    };
    let Some(street) = view.streets.get(number as usize) else {
        return Vec::new();
    };
    let bytes = view.street_data.get(street.data as usize..).unwrap_or_default();
    let mut reader = Reader::new(bytes, Spot { lat: street.lat, lng: street.lng });
    reader.areas(&mut Vec::new());
    reader.lines()
}

/// The address written out in the manner of its country.
fn label(view: &View<'_>, judged: &Judged) -> String {
    match judged.subject {
        Subject::Street(number) => {
            let Some(street) = view.streets.get(number as usize) else {
                return String::new();
            };
            let country = Country(street.country);
            let name = view.text(street.name);
            let line = match &judged.rung.number {
                None => name.to_owned(),
                Some(number) if country.puts_number_last() => format!("{name} {}", number.display()),
                Some(number) => format!("{} {name}", number.display()),
            };
            let (place, postcode) = of_area(judged.rung.area, street.place);
            written(view, &line, place, postcode, country)
        }
        Subject::Point(number) => view.points.get(number as usize).map_or_else(String::new, |point| {
            written(view, view.text(point.name), point.place, NONE, Country(point.country))
        }),
        Subject::Place(number) => view
            .places
            .get(number as usize)
            .map_or_else(String::new, |place| written(view, "", number, NONE, Country(place.country))),
        Subject::Postcode(number) => view
            .postcodes
            .get(number as usize)
            .map_or_else(String::new, |postcode| written(view, "", NONE, number, Country(postcode.country))),
    }
}

fn written(view: &View<'_>, line: &str, place: u32, postcode: u32, country: Country) -> String {
    let record = view.places.get(place as usize);
    let town = record.map_or("", |place| view.text(place.name));
    let region = record.map_or("", |place: &PlaceRecord| country.region_code(place.region));
    let postcode = view.postcodes.get(postcode as usize).map_or("", |postcode| view.text(postcode.display));
    let below = if country.puts_number_last() {
        [postcode, town].join(" ")
    } else {
        [town, region, postcode].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
    };
    let parts = [line, below.trim(), country.code()];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

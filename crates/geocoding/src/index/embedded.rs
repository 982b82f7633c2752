use std::error::Error;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use routemate_maps::{MapError, MapFolder, MapFolders, Maps, Reader};

use super::AddressIndex;
use crate::candidate::{Candidate, Confidence};
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// The geocoder that needs nobody: one index or several.
///
/// It answers at once, on the caller's thread, and never fails.
#[derive(Debug)]
pub struct EmbeddedGeocoder {
    indexes: Indexes,
}

#[derive(Debug)]
enum Indexes {
    /// These.
    Fixed(Arc<[Arc<AddressIndex>]>),
    /// Those of maps, as they are at the time.
    Watched(Maps<AddressesOfMaps>),
}

/// Opens the addresses of maps.
#[derive(Debug)]
struct AddressesOfMaps;

/// More than these nobody chooses from.
const MOST_CANDIDATES: usize = 5;

/// Answers of two indexes that are nearer than this are one: maps overlap.
const SAME_WITHIN_M: f64 = 40.0;

/// Answers of two indexes farther apart than this contradict each other.
const APART_M: f64 = 150.0;

/// How fast an answer is out of the question where another one is more confident; as within one index, where an answer
/// that costs 0.035 more is e times less likely.
const DOUBT_EXPONENT: f64 = 1.0 / 0.035;

impl EmbeddedGeocoder {
    /// Asks these indexes, all of them for each query.
    #[must_use]
    pub fn new(indexes: Vec<Arc<AddressIndex>>) -> Self {
        Self { indexes: Indexes::Fixed(indexes.into()) }
    }

    /// Asks the indexes of all maps. Maps that are added, built again or removed are noticed by the next query; one that
    /// cannot be opened is told to the log, and the one that was open stays in use.
    ///
    /// # Errors
    /// [`MapError`] where a map that was listed cannot be opened. Of a folder of maps, those that can be opened are
    /// taken, and the log tells of the others.
    pub fn of_maps(folders: MapFolders) -> Result<Self, MapError> {
        Ok(Self { indexes: Indexes::Watched(Maps::open(folders, AddressesOfMaps)?) })
    }

    /// How many addresses the indexes have at present, those that are in several of them counted for each.
    #[must_use]
    pub fn addresses(&self) -> u64 {
        self.current().iter().map(|index| index.addresses()).sum()
    }

    fn current(&self) -> Arc<[Arc<AddressIndex>]> {
        match &self.indexes {
            Indexes::Fixed(indexes) => Arc::clone(indexes),
            Indexes::Watched(maps) => maps.current(),
        }
    }

    /// What the query may mean in any of the indexes, the most confident first: at most five. Indexes that know it in
    /// different places share their confidence, as the answers of one do.
    #[must_use]
    pub fn lookup(&self, query: &Query) -> Vec<Candidate> {
        let answers: Vec<Vec<Candidate>> = self.current().iter().map(|index| index.lookup(query)).collect();
        merged(answers)
    }
}

/// The answers of several indexes as those of one.
fn merged(mut answers: Vec<Vec<Candidate>>) -> Vec<Candidate> {
    answers.retain(|answer| !answer.is_empty());
    if answers.len() < 2 {
        return answers.pop().unwrap_or_default();
    }
    let shared: Vec<Vec<Confidence>> = answers
        .iter()
        .enumerate()
        .map(|(number, answer)| {
            let others = || answers.iter().enumerate().filter(|(other, _)| *other != number).flat_map(|(_, one)| one);
            answer.iter().map(|candidate| shared(candidate, others())).collect()
        })
        .collect();
    for (candidate, confidence) in answers.iter_mut().flatten().zip(shared.into_iter().flatten()) {
        candidate.confidence = confidence;
    }
    let mut all: Vec<Candidate> = answers.into_iter().flatten().collect();
    all.sort_by(|a, b| b.confidence.get().total_cmp(&a.confidence.get()));
    let mut kept: Vec<Candidate> = Vec::with_capacity(MOST_CANDIDATES);
    for candidate in all {
        let is_same = |other: &Candidate| other.position.haversine_m(candidate.position) < SAME_WITHIN_M;
        if kept.len() < MOST_CANDIDATES && !kept.iter().any(is_same) {
            kept.push(candidate);
        }
    }
    kept
}

/// The confidence of a candidate beside what other indexes know.
fn shared<'c>(candidate: &Candidate, others: impl Iterator<Item = &'c Candidate>) -> Confidence {
    let own = candidate.confidence.get();
    let apart = others.filter(|other| other.position.haversine_m(candidate.position) > APART_M);
    let doubt: f64 = apart.map(|other| (other.confidence.get() / own).powf(DOUBT_EXPONENT)).sum();
    // Where its own is zero, so is what is left of it.
    Confidence::clamped(own / (1.0 + doubt))
}

impl Reader for AddressesOfMaps {
    type Part = AddressIndex;

    fn open(&self, map: &MapFolder) -> Result<Vec<AddressIndex>, Box<dyn Error + Send + Sync>> {
        let Some(path) = map.file(AddressIndex::FILE_NAME) else { return Ok(Vec::new()) };
        let index = AddressIndex::open(&path)?;
        let (name, addresses) = (map.name(), index.addresses());
        tracing::info!(map.name = name, map.addresses = addresses, "map `{name}` is in use for addresses");
        Ok(vec![index])
    }
}

impl Geocoder for EmbeddedGeocoder {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(async move { Ok(self.lookup(query)) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what is amiss")]
mod tests {
    use routemate_units::LatLng;

    use super::*;

    /// So far to the north of a place, in metres, and so sure.
    fn candidate(label: &str, north_m: f64, confidence: f64) -> Candidate {
        let position = LatLng::new(60.0 + north_m / 111_195.0, 25.0).unwrap();
        Candidate { position, ..crate::fake::candidate(label, confidence) }
    }

    #[track_caller]
    fn check(answers: Vec<Vec<Candidate>>, expected: &[(&str, f64)]) {
        let merged = merged(answers);
        let shown: Vec<_> = merged
            .iter()
            .map(|candidate| (candidate.label.as_str(), (candidate.confidence.get() * 100.0).round() / 100.0))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn one_index_is_as_sure_as_it_says() {
        check(vec![], &[]);
        let alone = vec![candidate("a", 0.0, 0.9), candidate("b", 5_000.0, 0.9)];
        check(vec![vec![], alone], &[("a", 0.9), ("b", 0.9)]);
    }

    #[test]
    fn the_same_in_two_overlapping_maps_is_one_answer() {
        check(vec![vec![candidate("a", 0.0, 0.9)], vec![candidate("b", 10.0, 0.95)]], &[("b", 0.95)]);
    }

    #[test]
    fn what_two_maps_know_in_two_places_is_not_sure() {
        let answers = vec![vec![candidate("a", 0.0, 0.9)], vec![candidate("b", 5_000.0, 0.9)]];
        check(answers, &[("a", 0.45), ("b", 0.45)]);
        let answers = vec![vec![candidate("a", 0.0, 0.95)], vec![candidate("b", 5_000.0, 0.6)]];
        check(answers, &[("a", 0.95), ("b", 0.0)]);
        let answers = vec![vec![candidate("a", 0.0, 0.0)], vec![candidate("b", 5_000.0, 0.0)]];
        check(answers, &[("a", 0.0), ("b", 0.0)]);
    }

    #[test]
    fn nobody_chooses_from_more_than_five() {
        let many = |from: u32| (0..4).map(|number| candidate("x", f64::from(from + number) * 1e4, 0.2)).collect();
        assert_eq!(merged(vec![many(0), many(4)]).len(), 5);
    }
}

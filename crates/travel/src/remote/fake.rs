//! A server for tests that knows every way.

use std::sync::Mutex;

use routemate_outbound::fake::{Act, Script};
use routemate_outbound::{Remote, Repetition};
use routemate_units::{LatLng, Meters, Seconds, StopToken};

use super::drive::Drive;
use super::{Cells, Protocol, Unanswered};
use crate::path::Leg;

/// Different places in a row; `numbered` finds the number again.
pub(crate) fn place(number: usize) -> LatLng {
    LatLng::new(60.0, 20.0 + number as f64 / 1000.0).unwrap()
}

fn number(at: LatLng) -> usize {
    ((at.lng() - 20.0) * 1000.0).round() as usize
}

/// What the server below says about a pair; every seventh is no way.
pub(crate) fn way(from: usize, to: usize) -> Option<Leg> {
    let pair = u32::try_from(1000 * from + to).unwrap();
    ((from + 2 * to) % 7 != 6).then_some(Leg { duration: Seconds::new(pair), distance: Meters::new(2 * pair) })
}

/// A server that knows [`way`], takes only so much at once, and has no roads near some places.
pub(crate) struct Knowing {
    pub(crate) remote: Remote,
    pub(crate) most_pairs: usize,
    pub(crate) most_points: usize,
    pub(crate) off_road: Vec<usize>,
    /// Pairs or points of each question that was put.
    pub(crate) asked: Mutex<Vec<usize>>,
}

impl Knowing {
    pub(crate) fn new(most: usize) -> Self {
        let remote = Remote::new("knowing", Script::of(&[Act::Silence]), Repetition::Free, 3);
        Self { remote, most_pairs: most, most_points: most, off_road: Vec::new(), asked: Mutex::default() }
    }

    fn refuses(&self, asked: usize, most: usize, points: &[&[LatLng]]) -> Result<(), Unanswered> {
        self.asked.lock().unwrap().push(asked);
        if asked > most {
            return Err(Unanswered::TooBig);
        }
        if points.iter().copied().flatten().any(|at| self.off_road.contains(&number(*at))) {
            Err(Unanswered::OffRoad)
        } else {
            Ok(())
        }
    }
}

impl Protocol for Knowing {
    fn remote(&self) -> &Remote {
        &self.remote
    }

    async fn table(&self, sources: &[LatLng], targets: &[LatLng], _stop: &StopToken) -> Result<Cells, Unanswered> {
        self.refuses(sources.len() * targets.len(), self.most_pairs, &[sources, targets])?;
        Ok(sources.iter().flat_map(|from| targets.iter().map(|to| way(number(*from), number(*to)))).collect())
    }

    async fn drive(&self, points: &[LatLng], _stop: &StopToken) -> Result<Drive, Unanswered> {
        self.refuses(points.len(), self.most_points, &[points])?;
        let pairs = points.iter().zip(points.iter().skip(1));
        let leg = |(from, to): (&LatLng, &LatLng)| Leg {
            duration: Seconds::new(u32::try_from(number(*from)).unwrap()),
            distance: Meters::new(u32::try_from(number(*to)).unwrap()),
        };
        Ok(Drive { legs: pairs.map(leg).collect(), geometry: points.to_vec() })
    }
}

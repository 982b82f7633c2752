//! The best tours so far.
#![expect(clippy::indexing_slicing, reason = "one entry for each vehicle")]

use crate::fleet::state::State;

pub(crate) struct Best {
    /// What is left out, lateness, cost.
    score: (i64, i64, i64),
    versions: Vec<u64>,
    pub(crate) tours: Vec<Vec<u32>>,
}

impl Best {
    pub(crate) fn of(state: &State<'_>) -> Self {
        let mut best = Self {
            score: (i64::MAX, i64::MAX, i64::MAX),
            versions: vec![u64::MAX; state.routes.len()],
            tours: vec![Vec::new(); state.routes.len()],
        };
        best.note(state);
        best
    }

    /// Keeps the tours where they are better, and says whether they are. Copies only those that differ.
    pub(crate) fn note(&mut self, state: &State<'_>) -> bool {
        let score = (state.missing, state.lateness, state.total());
        if score >= self.score {
            return false;
        }
        self.score = score;
        for (vehicle, route) in state.routes.iter().enumerate() {
            if self.versions[vehicle] != route.version {
                self.versions[vehicle] = route.version;
                self.tours[vehicle].clear();
                self.tours[vehicle].extend(&route.nodes[1..route.nodes.len() - 1]);
            }
        }
        true
    }

    /// The visits of each vehicle.
    pub(crate) fn visits(&self) -> Vec<Vec<usize>> {
        self.tours.iter().map(|tour| tour.iter().map(|&visit| visit as usize).collect()).collect()
    }

    /// The importance of those left out who have to be served.
    pub(crate) const fn missing(&self) -> i64 {
        self.score.0
    }

    pub(crate) const fn lateness(&self) -> i64 {
        self.score.1
    }
}

//! Telling somebody how the search is going.

use crate::answer;
use crate::costs::Costs;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::visit::VisitId;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The best answer so far, as told to the listener of [`Budget::with_progress`](crate::Budget::with_progress).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Rounds of improvement done.
    pub iterations: u64,
    /// The part of the budget that is spent, 0.0..=1.0: of the rounds where those are limited, else of the time.
    pub spent: f64,
    /// The importance left out.
    pub unserved: u64,
    /// The sum of lateness in seconds × importance.
    pub lateness: u64,
    /// What it costs in all, in the objective's unit: as [`Cost::total`](crate::Cost::total).
    pub total: u64,
    /// For each vehicle its visits in the order of service. All can be driven within their limits; who is missing is left out.
    pub tours: Vec<Vec<VisitId>>,
}

/// Somebody who wants to know.
#[derive(Clone)]
pub(crate) struct Listener(pub(crate) Arc<dyn Fn(&Progress) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// What searches report to, without knowing the problem.
pub(crate) trait Watch: Sync {
    /// A search found these tours, one for each vehicle, after so many rounds.
    fn improved(&self, rounds: u64, tours: Vec<Vec<usize>>);

    /// So many rounds are done: time to pass on what is waiting?
    fn look(&self, rounds: u64);
}

/// Passes on what is better than anything before, and not more often than is of use.
pub(crate) struct Watcher<'p, C: Costs> {
    problem: &'p Problem<'p, C>,
    listener: &'p Listener,
    whole: Pace<'p>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: Option<Rank>,
    told_at: f64,
    waiting: Option<(Rank, u64, Vec<Vec<usize>>)>,
}

/// How good tours are: what counts first comes first, less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) unserved: u64,
    pub(crate) lateness: u64,
    pub(crate) total: u64,
    /// What breaks ties between tours of one vehicle.
    pub(crate) ties: (u64, u64),
}

/// The part of the budget between two reports.
const INTERVAL: f64 = 0.01;

impl<'p, C: Costs> Watcher<'p, C> {
    pub(crate) fn new(problem: &'p Problem<'p, C>, listener: &'p Listener, whole: Pace<'p>) -> Self {
        Self { problem, listener, whole, state: Mutex::default() }
    }

    /// The answer is there, after so many rounds.
    pub(crate) fn finish(&self, rounds: u64, tours: Vec<Vec<usize>>) {
        self.take(rounds, tours, 0.0);
    }

    /// Keeps tours that are better than all before, and passes them on where the last report is `interval` ago.
    fn take(&self, rounds: u64, tours: Vec<Vec<usize>>, interval: f64) {
        let Some((rank, tours)) = answer::rank(self.problem, tours) else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let best = state.waiting.as_ref().map(|(rank, ..)| *rank).or(state.told);
        if best.is_none_or(|best| rank < best) {
            state.waiting = Some((rank, rounds, tours));
        }
        self.pass_on(&mut state, rounds, interval);
    }

    fn pass_on(&self, state: &mut State, rounds: u64, interval: f64) {
        let spent = self.whole.progress(rounds).unwrap_or(1.0).max(state.told_at);
        if state.told.is_some() && spent < state.told_at + interval {
            return;
        }
        let Some((rank, iterations, tours)) = state.waiting.take() else { return };
        state.told = Some(rank);
        state.told_at = spent;
        // The lock is held: reports come one after the other, also from several islands.
        (self.listener.0)(&Progress {
            iterations,
            spent,
            unserved: rank.unserved,
            lateness: rank.lateness,
            total: rank.total,
            tours: tours.into_iter().map(|tour| tour.into_iter().map(VisitId::new).collect()).collect(),
        });
    }
}

impl<C: Costs> Watch for Watcher<'_, C> {
    fn improved(&self, rounds: u64, tours: Vec<Vec<usize>>) {
        self.take(rounds, tours, INTERVAL);
    }

    fn look(&self, rounds: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_some() {
            self.pass_on(&mut state, rounds, INTERVAL);
        }
    }
}

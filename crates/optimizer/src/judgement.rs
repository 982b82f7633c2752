//! What lateness counts against cost, and a path judged by both.

use crate::descent::ValuedPath;
use crate::path::Move;
use crate::timed_path::TimedPath;
use crate::touched::Touched;

/// What lateness counts against cost.
#[derive(Clone, Copy)]
pub(crate) struct Judgement {
    /// Cost of a second of lateness × importance.
    pub(crate) penalty: f64,
}

impl Judgement {
    /// What a path of this cost counts with its lateness.
    pub(crate) fn weigh(self, cost: i64, lateness: u64) -> f64 {
        cost as f64 + self.penalty * lateness as f64
    }

    /// The most lateness with which a path that costs `delta` more is still better; `None` where none is.
    #[inline]
    pub(crate) fn most_lateness(self, lateness: u64, delta: i64) -> Option<u64> {
        if lateness == 0 && delta >= 0 {
            return None;
        }
        let most = lateness as f64 - (delta as f64 + 0.5) / self.penalty;
        (most >= 0.0).then_some(most as u64)
    }
}

/// A path whose worth is its cost and its penalised lateness.
pub(crate) struct JudgedPath<'p, 'm> {
    pub(crate) path: &'p mut TimedPath<'m>,
    pub(crate) judge: Judgement,
}

impl ValuedPath for JudgedPath<'_, '_> {
    #[inline]
    fn count(&self) -> usize {
        self.path.count()
    }

    #[inline]
    fn at(&self, position: usize) -> usize {
        self.path.at(position)
    }

    #[inline]
    fn position(&self, node: usize) -> usize {
        self.path.position(node)
    }

    #[inline]
    fn arc(&self, from: usize, to: usize) -> i64 {
        self.path.arc(from, to)
    }

    #[inline]
    fn reversal_skew(&self, first: usize, last: usize) -> i64 {
        self.path.reversal_skew(first, last)
    }

    #[inline]
    fn allowance(&self) -> i64 {
        // A float-to-int `as` saturates; half the range leaves room to add.
        (self.judge.penalty * self.path.lateness() as f64).min(i64::MAX as f64 / 4.0) as i64
    }

    #[inline]
    fn accepts(&self, step: Move, delta: i64) -> bool {
        let most = self.judge.most_lateness(self.path.lateness(), delta);
        most.is_some_and(|most| self.path.lateness_after(step, most).is_some())
    }

    #[inline]
    fn apply(&mut self, step: Move, delta: i64) {
        self.path.apply(step, delta);
    }

    #[inline]
    fn touched(&mut self) -> &mut Touched {
        &mut self.path.touched
    }
}

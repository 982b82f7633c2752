use crate::budget::Budget;
use crate::progress::Watch;
use routemate_units::StopToken;
use std::time::Duration;

/// A budget being spent.
#[derive(Clone, Copy)]
pub(crate) struct Pace<'b> {
    stop: &'b StopToken,
    /// On the token's clock; `None` where no deadline is kept.
    begin_and_deadline: Option<(Duration, Duration)>,
    /// The most rounds.
    iterations: Option<u64>,
    /// Rounds done by searches before this one.
    done: u64,
    watch: Option<&'b dyn Watch>,
    islands: usize,
}

impl<'b> Pace<'b> {
    pub(crate) fn begin(budget: &'b Budget) -> Self {
        let begin_and_deadline = match budget.stop.elapsed() {
            Some(begin) if budget.deadline < Duration::MAX => Some((begin, begin.saturating_add(budget.deadline))),
            _ => None,
        };
        let iterations = match (budget.iterations, begin_and_deadline) {
            (None, None) => Some(Budget::DEFAULT_ITERATIONS),
            (iterations, _) => iterations,
        };
        Self { stop: &budget.stop, begin_and_deadline, iterations, done: 0, watch: None, islands: budget.islands }
    }

    /// Whether the deadline has passed or somebody asked to stop. Reads the clock.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.is_stopped() || self.spent() >= 1.0
    }

    /// The part of the time that is spent, 0.0..; zero without a deadline.
    fn spent(&self) -> f64 {
        let (Some((begin, deadline)), Some(now)) = (self.begin_and_deadline, self.stop.elapsed()) else {
            return 0.0;
        };
        if now >= deadline {
            return 1.0;
        }
        now.saturating_sub(begin).as_secs_f64() / deadline.saturating_sub(begin).as_secs_f64()
    }

    /// How far the search is after so many rounds, 0.0..1.0, or `None` where it is over. By rounds where they are limited,
    /// so that the clock has no influence; by time otherwise.
    pub(crate) fn progress(&self, rounds: u64) -> Option<f64> {
        if self.stop.is_stopped() {
            return None;
        }
        if let Some(watch) = self.watch {
            watch.look(self.done + rounds);
        }
        let spent = self.spent();
        match self.iterations {
            Some(limit) if rounds >= limit => None,
            _ if spent >= 1.0 => None,
            Some(limit) => Some(rounds as f64 / limit as f64),
            None => Some(spent),
        }
    }

    /// Whether an exact method that takes about so long may be tried: by the deadline as given, never by the time that is
    /// left, so that equal budgets give equal answers.
    pub(crate) fn allows(&self, effort: Duration) -> bool {
        self.begin_and_deadline.is_none_or(|(begin, deadline)| deadline.saturating_sub(begin) >= effort)
    }

    /// The most rounds, where they are limited.
    pub(crate) const fn rounds(&self) -> Option<u64> {
        self.iterations
    }

    /// The same with part of the time kept back for what follows.
    pub(crate) fn reserving(&self, reserve: Duration) -> Self {
        let begin_and_deadline = self.begin_and_deadline.map(|(begin, deadline)| {
            let reserve = reserve.min(deadline.saturating_sub(begin) / 4);
            (begin, deadline.saturating_sub(reserve))
        });
        Self { begin_and_deadline, ..*self }
    }

    /// The same with a part of the time kept back for what follows, and all rounds.
    pub(crate) fn keeping(&self, part: f64) -> Self {
        let reserve = self.begin_and_deadline.map(|(begin, deadline)| deadline.saturating_sub(begin).mul_f64(part));
        self.reserving(reserve.unwrap_or_default())
    }

    /// The same with at most so many rounds.
    pub(crate) fn with_rounds(&self, rounds: u64) -> Self {
        let iterations = Some(self.iterations.map_or(rounds, |limit| limit.min(rounds)));
        Self { iterations, ..*self }
    }

    /// The same with a part of the time and the rounds.
    pub(crate) fn share(&self, part: f64) -> Self {
        let begin_and_deadline = self
            .begin_and_deadline
            .map(|(begin, deadline)| (begin, begin.saturating_add(deadline.saturating_sub(begin).mul_f64(part))));
        let iterations = self.iterations.map(|limit| (limit as f64 * part) as u64);
        Self { begin_and_deadline, iterations, ..*self }
    }

    /// The same when so many rounds are done.
    pub(crate) fn after(&self, rounds: u64) -> Self {
        let iterations = self.iterations.map(|limit| limit.saturating_sub(rounds));
        Self { iterations, done: self.done + rounds, ..*self }
    }

    /// How many independent searches are wanted.
    pub(crate) const fn islands(&self) -> usize {
        self.islands
    }

    /// What is left of the time for number `turn` of `turns` that follow each other, from 0, and all rounds.
    pub(crate) fn turn(&self, turn: usize, turns: usize) -> Self {
        let begin_and_deadline = self.begin_and_deadline.map(|(begin, deadline)| {
            let now = self.stop.elapsed().unwrap_or(begin).min(deadline);
            let part = 1.0 / turns.saturating_sub(turn).max(1) as f64;
            (now, now.saturating_add(deadline.saturating_sub(now).mul_f64(part)))
        });
        Self { begin_and_deadline, ..*self }
    }

    /// The same under somebody's eyes.
    pub(crate) const fn watched_by(&self, watch: &'b dyn Watch) -> Self {
        Self { watch: Some(watch), ..*self }
    }

    /// The same with nobody looking.
    pub(crate) const fn unwatched(&self) -> Self {
        Self { watch: None, ..*self }
    }

    /// A search has found something better after so many rounds: the visits of each vehicle in order.
    #[inline]
    pub(crate) fn improved(&self, rounds: u64, tours: impl FnOnce() -> Vec<Vec<usize>>) {
        if let Some(watch) = self.watch {
            watch.improved(self.done + rounds, tours());
        }
    }
}

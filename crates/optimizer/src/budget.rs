use crate::progress::{Listener, Progress};
use routemate_units::StopToken;
use std::sync::Arc;
use std::time::Duration;

/// How long a search may take; it ends at whatever comes first.
///
/// The answer depends on the problem, the seed, `iterations` and `islands` alone as long as neither the deadline nor the token ends
/// the search. Small problems are solved exactly and end before any of the three.
///
/// ```
/// use routemate_optimizer::Budget;
/// use routemate_units::StopToken;
/// use std::time::{Duration, Instant};
/// # #[allow(clippy::disallowed_methods)]
/// let origin = Instant::now();
/// let in_the_office = Budget::within(Duration::from_millis(50), StopToken::with_clock(move || origin.elapsed()));
/// let in_a_test = Budget::of_iterations(2_000);
/// assert_eq!(in_a_test.iterations, Some(2_000));
/// # let _ = in_the_office;
/// ```
#[derive(Debug, Clone)]
pub struct Budget {
    /// Time from the call of [`solve`](crate::solve), reading the costs and building the first tour included. Kept only
    /// where `stop` has a clock. [`Duration::MAX`] is no deadline.
    pub deadline: Duration,
    /// The most rounds of improvement (a kick or a ruin with its repair, or a child of two paths); `None` is no limit where the deadline is kept, and
    /// [`Budget::DEFAULT_ITERATIONS`] where it is not.
    pub iterations: Option<u64>,
    /// Cancels the search and carries the clock.
    pub stop: StopToken,
    /// So many independent searches with seeds of their own, each with all of `iterations`; the best answer counts, among
    /// equals that of the first. They are for one tour; fleets are searched once. With the feature `rayon` they run at once on its current thread pool, without it they
    /// share the time one after the other; the answer is the same where only `iterations` limits them. 0 is 1. Each takes
    /// O(n) memory of its own.
    pub islands: usize,
    pub(crate) listener: Option<Listener>,
}

impl Budget {
    /// The limit where there is neither an iteration limit nor a deadline that can be kept: about 0.1 s at 200 visits
    /// without windows.
    pub const DEFAULT_ITERATIONS: u64 = 20_000;

    /// So much time on the token's clock, without an iteration limit.
    #[must_use]
    pub const fn within(deadline: Duration, stop: StopToken) -> Self {
        Self { deadline, iterations: None, stop, islands: 1, listener: None }
    }

    /// So many rounds of improvement, however long they take: reproducible on every machine.
    #[must_use]
    pub fn of_iterations(iterations: u64) -> Self {
        Self {
            deadline: Duration::MAX,
            iterations: Some(iterations),
            stop: StopToken::never(),
            islands: 1,
            listener: None,
        }
    }

    /// The same, with somebody to be told when a better answer is found, at most about once in each hundredth of the budget,
    /// and at the end if the answer is better than what was told. Each report is better than the one before, in the order
    /// of [`Problem`](crate::Problem); the first comes with the first tour. Where pairs are unreachable,
    /// the answer alone is told.
    ///
    /// The listener is called by the thread that searches, which waits for it; with `islands`, by any of their threads.
    ///
    /// ```
    /// use routemate_optimizer::{Budget, CostTable, ProblemBuilder, Visit, solve};
    /// use routemate_units::{Meters, Seconds};
    /// use std::sync::{Arc, Mutex};
    /// let costs = CostTable::from_fn(40, |a, b| {
    ///     Some((Seconds::new((a * 7 % 40).abs_diff(b * 7 % 40) as u32), Meters::ZERO))
    /// });
    /// let mut builder = ProblemBuilder::new(&costs);
    /// for location in 0..40 {
    ///     builder.visit(Visit::at(location));
    /// }
    /// let reports = Arc::new(Mutex::new(Vec::new()));
    /// let heard = Arc::clone(&reports);
    /// let budget = Budget::of_iterations(500).with_progress(Arc::new(move |progress| {
    ///     heard.lock().unwrap().push((progress.total, progress.tours[0].len()));
    /// }));
    /// let solution = solve(&builder.build()?, &budget, 1);
    /// let reports = reports.lock().unwrap();
    /// assert_eq!(reports.last(), Some(&(u64::from(solution.cost.duration.get()), 40)));
    /// assert!(reports.is_sorted_by(|earlier, later| earlier.0 >= later.0));
    /// # Ok::<(), routemate_optimizer::ProblemError>(())
    /// ```
    #[must_use]
    pub fn with_progress(mut self, listener: Arc<dyn Fn(&Progress) + Send + Sync>) -> Self {
        self.listener = Some(Listener(listener));
        self
    }
}

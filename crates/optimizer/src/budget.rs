use routemate_units::StopToken;
use std::time::Duration;

/// How long a search may take; it ends at whatever comes first.
///
/// The answer depends on the problem, the seed and `iterations` alone as long as neither the deadline nor the token ends
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
    /// The most rounds of improvement (one kick and its repair); `None` is no limit where the deadline is kept, and
    /// [`Budget::DEFAULT_ITERATIONS`] where it is not.
    pub iterations: Option<u64>,
    /// Cancels the search and carries the clock.
    pub stop: StopToken,
}

impl Budget {
    /// The limit where there is neither an iteration limit nor a deadline that can be kept: about 0.2 s at 200 visits
    /// without windows.
    pub const DEFAULT_ITERATIONS: u64 = 20_000;

    /// So much time on the token's clock, without an iteration limit.
    #[must_use]
    pub const fn within(deadline: Duration, stop: StopToken) -> Self {
        Self { deadline, iterations: None, stop }
    }

    /// So many rounds of improvement, however long they take: reproducible on every machine.
    #[must_use]
    pub fn of_iterations(iterations: u64) -> Self {
        Self { deadline: Duration::MAX, iterations: Some(iterations), stop: StopToken::never() }
    }
}

use std::time::Duration;

/// What an operator can set about use cases. The defaults are the product's.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long the optimizer may work on an import.
    pub solver: SolverBudget,
    /// How long an import waits for addresses to be found; what is not found by then goes on in the background.
    pub geocoding_deadline: Duration,
    /// Addresses looked up at the same time for one import. How many of them are put to one geocoder at once is its own
    /// limit; those of an import have to be there together for a service that takes many in one request.
    pub geocoding_concurrency: usize,
    /// How long a request waits for another one with the same idempotency key.
    pub idempotency_wait: Duration,
    /// How long a reservation lives without being renewed: after a crash the next retry takes over so much later.
    pub idempotency_lease: Duration,
    /// Solvers at work at the same time.
    pub solver_threads: usize,
    /// Imports that may wait for a solver; beyond that they are told to come again.
    pub solver_queue: usize,
    /// How long an import may wait for a solver; one that would wait longer is told to come again at once.
    pub solver_wait: Duration,
    /// How long an import waits for servers that know travel times, once for the matrix and once for the line to draw;
    /// where several are asked one after the other they share it evenly.
    pub travel_deadline: Duration,
    /// Imports that ask such servers at the same time; as many may wait for that as for a solver.
    pub travel_fetches: usize,
    /// So many may wait for the database however long that takes.
    pub database_queue: usize,
    /// Where more wait for it, and the first of them has waited for longer than this, whoever comes is told to come again.
    /// An import waits four times.
    pub database_wait: Duration,
    /// Requests a minute of each integration by the EasyRoutes API; `None` is unlimited.
    pub easyroutes_requests_per_minute: Option<u32>,
    /// Messages a minute of each shop at Shopify; `None` is unlimited. Shopify sends again what was refused.
    pub shopify_requests_per_minute: Option<u32>,
    /// Stops an import, whatever an organisation's plan allows: each of so many solvers needs 8 bytes for each pair.
    pub stops_per_import: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            solver: SolverBudget::default(),
            geocoding_deadline: Duration::from_secs(10),
            geocoding_concurrency: 256,
            idempotency_wait: Duration::from_secs(30),
            idempotency_lease: Duration::from_secs(5),
            solver_threads: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            solver_queue: 256,
            solver_wait: Duration::from_secs(10),
            travel_deadline: Duration::from_secs(10),
            travel_fetches: 16,
            database_queue: 64,
            database_wait: Duration::from_millis(200),
            easyroutes_requests_per_minute: Some(600),
            shopify_requests_per_minute: Some(1_200),
            stops_per_import: 10_000,
        }
    }
}

/// How long the optimizer may work: so much for each hundred stops, within bounds.
#[derive(Debug, Clone, Copy)]
pub struct SolverBudget {
    /// For each hundred stops.
    pub per_hundred_stops: Duration,
    /// At least.
    pub min: Duration,
    /// At most.
    pub max: Duration,
}

impl Default for SolverBudget {
    fn default() -> Self {
        Self {
            per_hundred_stops: Duration::from_millis(50),
            min: Duration::from_millis(5),
            max: Duration::from_secs(2),
        }
    }
}

impl SolverBudget {
    /// The time for so many stops.
    #[must_use]
    pub fn for_stops(&self, stops: usize) -> Duration {
        let stops = u32::try_from(stops).unwrap_or(u32::MAX);
        (self.per_hundred_stops.saturating_mul(stops) / 100).clamp(self.min, self.max.max(self.min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_grows_with_stops_between_its_bounds() {
        let budget = SolverBudget::default();
        assert_eq!(budget.for_stops(2), Duration::from_millis(5));
        assert_eq!(budget.for_stops(200), Duration::from_millis(100));
        assert_eq!(budget.for_stops(usize::MAX), Duration::from_secs(2));
    }
}

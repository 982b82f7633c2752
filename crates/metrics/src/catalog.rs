use crate::metric::{Counter, Description, Gauge, Histogram, Kind};

/// Makes a static of each metric, and the list of all of them.
macro_rules! catalog {
    ($(#[doc = $meaning:literal] $kind:ident $constant:ident = $name:literal [$($label:literal),*];)*) => {
        $(
            #[doc = $meaning]
            pub static $constant: $kind<{ <[&str]>::len(&[$($label),*]) }> = $kind(Description {
                name: $name,
                kind: Kind::$kind,
                labels: &[$($label),*],
                meaning: $meaning.trim_ascii(),
            });
        )*
        /// Every metric there is.
        pub static CATALOG: &[&Description] = &[$(&$constant.0),*];
    };
}

catalog! {
    /// What runs: always 1, with the version
    Gauge BUILD_INFO = "routemate_build_info" ["version"];

    /// Requests answered, by route template; what has no route is `unmatched`
    Counter HTTP_REQUESTS = "routemate_http_requests_total" ["method", "route", "status"];
    /// From a request's head to its answer
    Histogram HTTP_DURATION = "routemate_http_request_duration_seconds" ["route"];
    /// Requests being worked on
    Gauge HTTP_IN_FLIGHT = "routemate_http_requests_in_flight" [];
    /// Requests refused with 503 because too many were being worked on
    Counter HTTP_SHED = "routemate_http_requests_shed_total" [];
    /// Requests refused with 429, by limit: `routemate`, `easyroutes` or `token` of an integration, `attempts` of an address, `shopify` of a shop
    Counter RATE_LIMIT_REFUSALS = "routemate_rate_limit_refusals_total" ["bucket"];

    /// Imports by outcome: `stored`, `replayed`, `refused` (the client's fault), `unavailable`, `failed` (ours)
    Counter IMPORTS = "routemate_imports_total" ["outcome"];
    /// Stops of the imports stored
    Counter IMPORTED_STOPS = "routemate_imported_stops_total" [];
    /// Answers given again under an idempotency key: `same` request or `mismatch`
    Counter IDEMPOTENCY_REPLAYS = "routemate_idempotency_replays_total" ["request"];

    /// Messages of shops at Shopify by outcome: `applied`, `unchanged`, `outdated`, `repeated`, `unreadable`, `foreign`, `ignored`, `refused`
    Counter SHOPIFY_WEBHOOKS = "routemate_shopify_webhooks_total" ["outcome"];

    /// Transactions ended, by access (`read`, `write`) and outcome (`ok`, `error`)
    Counter DATABASE_TRANSACTIONS = "routemate_database_transactions_total" ["access", "outcome"];
    /// From the wish for a transaction to its connection or turn
    Histogram DATABASE_WAIT = "routemate_database_wait_seconds" ["access"];
    /// A whole transaction, waits and repetitions included
    Histogram DATABASE_DURATION = "routemate_database_transaction_duration_seconds" ["access"];
    /// Transactions run again after contention or a lost connection
    Counter DATABASE_RETRIES = "routemate_database_retries_total" ["access"];

    /// Solvers at work
    Gauge SOLVERS_BUSY = "routemate_solvers_busy" [];
    /// Imports that wait for a solver
    Gauge SOLVER_QUEUE = "routemate_solver_queue_imports" [];
    /// From the wish for a solver to its beginning
    Histogram SOLVER_WAIT = "routemate_solver_wait_seconds" [];
    /// How long a solver is kept: order, and matrix and path where these are computed
    Histogram SOLVER_DURATION = "routemate_solver_duration_seconds" [];
    /// Imports refused with 503 before a solver or, with `fetch_`, a server of travel times: `full`, `late`, `timed_out`
    Counter SOLVER_REFUSALS = "routemate_solver_refusals_total" ["reason"];

    /// One question to an engine of travel times: `matrix` or `path`
    Histogram TRAVEL_DURATION = "routemate_travel_duration_seconds" ["engine", "question"];
    /// Questions that an engine of travel times did not answer, so that the next one was asked
    Counter TRAVEL_FAILURES = "routemate_travel_failures_total" ["engine", "question", "reason"];

    /// One HTTP request to a server that is named in the configuration; its turn in line is not counted
    Histogram OUTBOUND_DURATION = "routemate_outbound_request_duration_seconds" ["server"];
    /// From the wish for such a request to its turn: so many at once, at the server's pace
    Histogram OUTBOUND_WAIT = "routemate_outbound_wait_seconds" ["server"];
    /// Such requests by HTTP status, or `no_reply`, `timed_out`
    Counter OUTBOUND_REQUESTS = "routemate_outbound_requests_total" ["server", "status"];
    /// 1 while a server is left alone after failures, until a question has been answered again
    Gauge BREAKER_OPEN = "routemate_outbound_breaker_open" ["server"];

    /// All addresses of one import or one search in the background
    Histogram GEOCODING_DURATION = "routemate_geocoding_duration_seconds" [];
    /// One question to a geocoder, answered by its server or from what is kept of its answers
    Histogram GEOCODER_DURATION = "routemate_geocoder_duration_seconds" ["geocoder"];
    /// Such questions by outcome: `sure`, `acceptable`, `not_found`, `failed`, `given_up` by who asked
    Counter GEOCODER_QUESTIONS = "routemate_geocoder_questions_total" ["geocoder", "outcome"];
    /// Addresses looked up, by outcome: `found`, `approximate`, `not_found`, `unfinished`
    Counter GEOCODED_ADDRESSES = "routemate_geocoded_addresses_total" ["outcome"];

    /// Background work by state: `due`, `waiting` for its time, `leased` by a worker; at most 10000 are counted
    Gauge QUEUE_WORK = "routemate_queue_work" ["state"];
    /// How long the oldest due work has been due
    Gauge QUEUE_OLDEST = "routemate_queue_oldest_due_seconds" [];
    /// Pieces of background work by outcome: `done`, `retried`, `lost` to another worker, `failed`
    Counter WORK = "routemate_work_total" ["outcome"];
    /// One piece of background work
    Histogram WORK_DURATION = "routemate_work_duration_seconds" [];
    /// Events in the outbox; at most 10000 are counted
    Gauge OUTBOX_EVENTS = "routemate_outbox_events" [];
    /// How old the oldest event in the outbox is
    Gauge OUTBOX_OLDEST = "routemate_outbox_oldest_seconds" [];
    /// Rows deleted because they had expired
    Counter SWEPT_ROWS = "routemate_swept_rows_total" ["table"];

    /// Processor time used; read from the system, so it is a gauge that only grows
    Gauge PROCESS_CPU = "process_cpu_seconds_total" [];
    /// Memory in use
    Gauge PROCESS_MEMORY = "process_resident_memory_bytes" [];
    /// Address space in use; memory-mapped maps count in full
    Gauge PROCESS_VIRTUAL_MEMORY = "process_virtual_memory_bytes" [];
    /// Threads
    Gauge PROCESS_THREADS = "process_threads" [];
    /// Open files and connections
    Gauge PROCESS_OPEN_FILES = "process_open_fds" [];
    /// Open files and connections allowed
    Gauge PROCESS_MOST_FILES = "process_max_fds" [];
    /// When the process began, in seconds since 1970
    Gauge PROCESS_START = "process_start_time_seconds" [];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_say_what_they_are() {
        let mut seen = BTreeSet::new();
        for metric in CATALOG {
            assert!(seen.insert(metric.name), "{} is there twice", metric.name);
            let is_named_counter = metric.name.ends_with("_total");
            match metric.kind {
                Kind::Counter => assert!(is_named_counter, "{}", metric.name),
                Kind::Histogram => assert!(metric.name.ends_with("_seconds"), "{}", metric.name),
                Kind::Gauge => assert!(!is_named_counter || metric.name == "process_cpu_seconds_total"),
            }
            assert!(!metric.meaning.is_empty() && !metric.meaning.ends_with('.'), "{}", metric.name);
        }
    }
}

//! What a database holds in the end, row by row.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::failure::{Context, Failure, Result};
use crate::process::{capture, cargo};

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::bench) struct Inventory {
    pub(in crate::bench) jobs: Vec<StoredJob>,
    /// How many rows there are that belong to nothing, by what they are.
    pub(in crate::bench) strays: BTreeMap<String, u64>,
}

/// How many rows there are of each part of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) struct StoredJob {
    pub(in crate::bench) external_id: String,
    pub(in crate::bench) job_id: String,
    pub(in crate::bench) stops: u64,
    /// Different places in the order among its route's stops.
    pub(in crate::bench) positions: u64,
    pub(in crate::bench) routes: u64,
    /// Answers that are kept under its key.
    pub(in crate::bench) answers: u64,
    pub(in crate::bench) events: u64,
    /// Whether a stop waits for its address without any work in the queue.
    pub(in crate::bench) is_search_lost: bool,
}

impl Inventory {
    /// Reads a database that no server uses any more.
    pub(in crate::bench) fn take(database_url: &str) -> Result<Inventory> {
        let mut example = cargo();
        example.args(["run", "--quiet", "--package", "routemate-persistence", "--features", "test-db"]);
        example.args(["--example", "inventory", "--", database_url]);
        let said: Value = serde_json::from_str(&capture(&mut example)?).context(|| "the inventory")?;
        Inventory::parse(&said).ok_or_else(|| Failure::new("the inventory has other fields than it should"))
    }

    fn parse(said: &Value) -> Option<Inventory> {
        let jobs = said.get("jobs")?.as_array()?.iter().map(StoredJob::parse).collect::<Option<_>>()?;
        let strays = said.get("strays")?.as_object()?.iter();
        let strays = strays.map(|(what, count)| Some((what.clone(), count.as_u64()?))).collect::<Option<_>>()?;
        Some(Inventory { jobs, strays })
    }
}

impl StoredJob {
    fn parse(job: &Value) -> Option<StoredJob> {
        let text = |field: &str| Some(job.get(field)?.as_str()?.to_owned());
        let number = |field: &str| job.get(field)?.as_u64();
        Some(StoredJob {
            external_id: text("external_id")?,
            job_id: text("job_id")?,
            stops: number("stops")?,
            positions: number("positions")?,
            routes: number("routes")?,
            answers: number("answers")?,
            events: number("events")?,
            is_search_lost: number("searches_lost")? > 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_inventory_is_read() {
        let job = json!({ "external_id": "J1", "job_id": "ab", "stops": 3, "positions": 3, "routes": 1, "answers": 1,
            "events": 1, "searches_lost": 1 });
        let found = Inventory::parse(&json!({ "jobs": [job], "strays": { "routes": 4 } })).unwrap();
        assert!(found.jobs[0].is_search_lost && found.jobs[0].stops == 3);
        assert_eq!(found.strays["routes"], 4);
        assert_eq!(Inventory::parse(&json!({ "jobs": [{}], "strays": {} })), None);
    }
}

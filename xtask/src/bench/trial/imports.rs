//! The imports that benches send: each follows from its number alone, so that whoever checks knows what was sent.

use serde_json::{Value, json};

/// One import, sent any number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::bench) struct Import(pub(in crate::bench) u64);

/// The driver that every import names.
pub(in crate::bench) const DRIVER: &str = "ada@example.com";

/// One import in so many has a stop that has to be looked for by its address.
const SEARCHED: u64 = 5;

impl Import {
    /// The job's external id, which is its idempotency key too.
    pub(in crate::bench) fn id(self) -> String {
        format!("J{}", self.0)
    }

    /// The import with this external id.
    pub(in crate::bench) fn parse(id: &str) -> Option<Import> {
        id.strip_prefix('J')?.parse().ok().map(Import)
    }

    /// From 1 to 20.
    pub(in crate::bench) fn stops(self) -> usize {
        usize::try_from(self.0.wrapping_mul(7) % 20).unwrap_or_default() + 1
    }

    /// The request's body.
    pub(in crate::bench) fn body(self) -> String {
        let count = self.stops();
        let stops: Vec<Value> = (0..count).map(|index| self.stop(index, count)).collect();
        json!({ "external_job_id": self.id(), "title": "Morning", "driver_email": DRIVER, "stops": stops }).to_string()
    }

    /// Stops lie in a grid of streets, in an order that is not the best one.
    fn stop(self, index: usize, count: usize) -> Value {
        let address = format!("{} Esplanadi, Helsinki", self.0.wrapping_add(index as u64));
        let mut stop = json!({ "external_stop_id": format!("S{index}"), "address": address });
        let is_searched = index == 0 && self.0.is_multiple_of(SEARCHED) && count > 2;
        if let (false, Some(fields)) = (is_searched, stop.as_object_mut()) {
            // A step that shares no factor with the count jumps about.
            let place = index * 7919 % count;
            fields.insert("latitude".into(), json!(60.16 + (place / 5) as f64 * 0.002));
            fields.insert("longitude".into(), json!(24.93 + (place % 5) as f64 * 0.004));
        }
        stop
    }
}

impl std::fmt::Display for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_the_same_each_time_and_has_as_many_stops_as_it_says() {
        for number in [0, 1, 5, 19, 1_000] {
            let import = Import(number);
            assert_eq!(import.body(), import.body());
            let body: Value = serde_json::from_str(&import.body()).unwrap();
            assert_eq!(body["stops"].as_array().unwrap().len(), import.stops());
            assert_eq!(Import::parse(&import.id()), Some(import));
        }
    }
}

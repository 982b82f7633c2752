//! An organisation with so many imported stops and routes, filled over HTTP as its clients would.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::bench::api::scenarios::DRIVER;
use crate::bench::load::Connection;
use crate::failure::{Context, Failure, Result};

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) stops: usize,
    /// Half of them belong to jobs, half are made of imported stops.
    pub(super) routes: usize,
}

/// What was filled in, as those who ask need it.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) host: String,
    pub(super) token: String,
    /// Ids of imported stops; the client knows the one at `n` by [`client_stop_id`].
    pub(super) stops: Vec<String>,
    /// Ids of routes that are made of imported stops.
    pub(super) routes: Vec<String>,
    /// Ids of jobs.
    pub(super) jobs: Vec<String>,
    /// Cursors of pages far behind the first one.
    pub(super) deep_stops: String,
    pub(super) deep_routes: String,
    pub(super) deep_jobs: String,
}

/// Stops handed in at once: as many as are allowed.
pub(super) const BATCH: usize = 200;
/// Stops on a route.
const ON_A_ROUTE: usize = 20;
/// Days that jobs are for: few, so that with little there is a page for a day, too.
const DAYS: usize = 2;
/// Things on a page of a list.
pub(super) const STOPS: usize = 50;
pub(super) const ROUTES: usize = 5;
pub(super) const JOBS: usize = 5;
pub(super) const IMPORTS: &str = "/api/2024-07/stops/imports";
pub(super) const ROUTES_PATH: &str = "/api/2024-07/routes";
pub(super) const JOBS_PATH: &str = "/api/v1/jobs";
/// Who fill.
const CLIENTS: usize = 8;

pub(super) fn client_stop_id(number: usize) -> String {
    format!("order-{number:06}")
}

/// A stop, as it is handed in; `note` tells its versions apart.
pub(super) fn stop(number: usize, note: &str) -> Value {
    let (lat, lng) = place(number);
    json!({
        "clientStopId": client_stop_id(number),
        "address": { "address1": format!("Bulevardi {number}"), "city": "Helsinki", "zip": "00120", "countryCode": "FI" },
        "coordinates": { "latitude": lat, "longitude": lng },
        "contact": { "firstName": "Aino", "lastName": "Virtanen", "phone": "+358401234567" },
        "items": [{ "name": "Bananas", "quantity": 2, "grams": 500 }],
        "note": note,
        "orderName": format!("#{number}"),
    })
}

/// Stops from one number on.
pub(super) fn batch(first: usize, count: usize, note: &str) -> Value {
    (first..first + count).map(|number| stop(number, note)).collect()
}

/// Strewn evenly over a city (M. Roberts, R2 sequence).
fn place(number: usize) -> (f64, f64) {
    let number = number as f64;
    (60.15 + (number * 0.754_877_67).fract() * 0.1, 24.85 + (number * 0.569_840_29).fract() * 0.2)
}

/// The day of a job.
pub(super) fn day(number: usize) -> String {
    format!("2026-03-{:02}", number % DAYS + 1)
}

fn job(number: usize) -> Value {
    let stop = |index: usize| {
        let (lat, lng) = place(number * ON_A_ROUTE + index);
        json!({
            "external_stop_id": format!("S{index}"), "address": format!("Bulevardi {index}, 00120 Helsinki"),
            "latitude": lat, "longitude": lng, "notes": "Ring twice", "parcel_count": 2,
        })
    };
    json!({
        "external_job_id": format!("J-{number:06}"),
        "title": format!("Round {number:06}"),
        "driver_email": DRIVER,
        "scheduled_date": day(number),
        "stops": (0..ON_A_ROUTE).map(stop).collect::<Vec<_>>(),
    })
}

fn route(number: usize, stops: &[String]) -> Value {
    let stops: Vec<Value> = stops.iter().map(|id| json!({ "importedStopId": id })).collect();
    json!({ "name": format!("Route {number:06}"), "stops": stops, "optimize": true })
}

impl Filled {
    /// Fills an organisation.
    pub(super) fn fill(host: String, token: String, size: Size) -> Result<Filled> {
        let mut filled = Filled { host, token, ..Filled::default() };
        let batches = filled.many(size.stops.div_ceil(BATCH), |connection, at| {
            let count = BATCH.min(size.stops - at * BATCH);
            asked(connection, &filled.post(IMPORTS, &batch(at * BATCH, count, "Ring twice")))
        })?;
        let stops = batches.iter().filter_map(|answer| answer.get("stops")?.as_array()).flatten();
        filled.stops = stops.map(|stop| id(stop, "id")).collect::<Result<_>>()?;
        let half = size.routes / 2;
        let routes = filled.many(half, |connection, at| {
            let stops = filled.stops.chunks(ON_A_ROUTE).nth(at).unwrap_or_default();
            asked(connection, &filled.post(ROUTES_PATH, &route(at, stops)))
        })?;
        filled.routes = routes.iter().map(|answer| id(answer, "id")).collect::<Result<_>>()?;
        let jobs =
            filled.many(half, |connection, at| asked(connection, &filled.post("/v1/integration-import", &job(at))))?;
        filled.jobs = jobs.iter().map(|answer| id(answer, "job_id")).collect::<Result<_>>()?;
        // Not the last page: a whole one follows.
        let far = |count: usize, page: usize| (count / page).saturating_sub(2).max(1);
        filled.deep_stops = filled.walk(IMPORTS, &format!("query.limit={STOPS}"), far(size.stops, STOPS))?;
        filled.deep_routes = filled.walk(ROUTES_PATH, &format!("query.limit={ROUTES}"), far(size.routes, ROUTES))?;
        filled.deep_jobs = filled.walk(JOBS_PATH, &format!("limit={JOBS}"), far(half, JOBS))?;
        Ok(filled)
    }

    /// What follows from so many numbers, by several clients at a time; in the order of the numbers.
    fn many(&self, count: usize, one: impl Fn(&mut Connection, usize) -> Result<Value> + Sync) -> Result<Vec<Value>> {
        let (turn, answers) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
        let work = || -> Result<()> {
            let mut connection = Connection::open(&self.host)?;
            loop {
                let at = turn.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok(());
                }
                let answer = one(&mut connection, at)?;
                answers.lock().unwrap_or_else(PoisonError::into_inner).push((at, answer));
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
            let ended = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(Failure::new("a filling thread panicked"))));
            ended.collect::<Result<Vec<()>>>()
        })?;
        let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.sort_unstable_by_key(|(at, _)| *at);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// The cursor behind so many pages.
    fn walk(&self, path: &str, first: &str, pages: usize) -> Result<String> {
        let mut connection = Connection::open(&self.host)?;
        let mut cursor = String::new();
        for _ in 0..pages {
            let query = if cursor.is_empty() { first.to_owned() } else { format!("cursor={cursor}") };
            let answer = asked(&mut connection, &self.get(&format!("{path}?{query}")))?;
            let next = ["nextCursor", "next_cursor"].iter().find_map(|name| answer.get(name)?.as_str());
            cursor = next
                .filter(|next| !next.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| Failure::new(format!("{path} has no more than a page of what was filled in")))?;
        }
        Ok(cursor)
    }

    /// A request that reads.
    pub(super) fn get(&self, path: &str) -> Vec<u8> {
        let Filled { host, token, .. } = self;
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
    }

    /// A request that hands something in.
    pub(super) fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        let Filled { host, token, .. } = self;
        let body = body.to_string();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// The answer to a request that has to be granted.
fn asked(connection: &mut Connection, request: &[u8]) -> Result<Value> {
    let answer = connection.exchange(request).context(|| "no answer")?;
    let body = String::from_utf8_lossy(connection.body(answer)).into_owned();
    match answer.status {
        200 | 201 => serde_json::from_str(&body).context(|| "the answer"),
        status => Err(Failure::new(format!("the server answers {status}: {body}"))),
    }
}

fn id(answer: &Value, name: &str) -> Result<String> {
    let id = answer.get(name).and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| Failure::new(format!("no `{name}` in {answer}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::api::scale::LITTLE;

    #[test]
    fn a_stop_keeps_its_id_and_place_in_all_its_versions() {
        let (one, two) = (batch(40, 3, "one"), batch(40, 3, "two"));
        assert_eq!(one.as_array().map(Vec::len), Some(3));
        for field in ["clientStopId", "coordinates"] {
            assert_eq!(one[2][field], two[2][field]);
        }
        assert_eq!((&one[2]["clientStopId"], &two[2]["note"]), (&json!("order-000042"), &json!("two")));
    }

    #[test]
    fn every_route_has_its_own_stops_and_every_day_its_page_of_jobs() {
        let stops: Vec<String> = (0..40).map(|number| format!("ist-{number}")).collect();
        let second = stops.chunks(ON_A_ROUTE).nth(1).unwrap_or_default();
        assert_eq!(route(1, second)["stops"][0], json!({ "importedStopId": "ist-20" }));
        let on_one_day = (0..LITTLE.routes / 2).filter(|number| day(*number) == day(0)).count();
        assert!(on_one_day >= JOBS, "{on_one_day}");
    }
}

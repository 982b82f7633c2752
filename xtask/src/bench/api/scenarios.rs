//! What is asked of the server: a scenario is what lies there beforehand, a maker of requests, and the baseline's name for
//! the same statements.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::served::Credentials;

/// Somebody who drives, so that imports find their driver as they mostly do.
pub(super) const DRIVER: &str = "driver@example.com";

/// Makes requests, another one at each call.
pub(super) type Maker = Box<dyn Fn(&mut Vec<u8>) + Sync>;

#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// What `routemate-baseline` calls it.
    pub(super) request: &'static str,
    /// Stops of the job that is imported beforehand: what the baseline copies, and what is asked for.
    pub(super) stops: usize,
    /// Integrations beside the one that imports.
    pub(super) clients: usize,
    pub(super) maker: fn(&Setup) -> Maker,
}

/// What lies there when a scenario begins.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    /// Host and port of the server.
    pub(super) host: String,
    pub(super) token: String,
    /// External id and idempotency key of the job that was imported beforehand.
    pub(super) job: String,
    pub(super) stops: usize,
    pub(super) clients: Vec<Credentials>,
    /// Counts requests, so that no two are alike, in however many loads.
    pub(super) turn: Arc<AtomicU64>,
}

pub(super) const SCENARIOS: &[Scenario] = &[
    import("import-3", 3),
    import("import-20", 20),
    import("import-200", 200),
    Scenario { name: "status", request: "status", stops: 20, clients: 0, maker: status },
    // A client may have sixty tokens a minute: as many clients as no run needs more often.
    Scenario { name: "token", request: "token", stops: 3, clients: 6_000, maker: token },
];

const fn import(name: &'static str, stops: usize) -> Scenario {
    Scenario { name, request: "import", stops, clients: 0, maker: imports }
}

/// Different jobs of the same stops.
fn imports(setup: &Setup) -> Maker {
    let (host, token, turn) = (setup.host.clone(), setup.token.clone(), Arc::clone(&setup.turn));
    // Different places, so that nothing is as good as known.
    let rests: Vec<String> = (0..16).map(|variant| rest_of_import(setup.stops, variant)).collect();
    Box::new(move |request| {
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let variant = usize::try_from(number).unwrap_or_default() % rests.len().max(1);
        let rest = rests.get(variant).map(String::as_str).unwrap_or_default();
        import_request(request, &host, &token, &format!("J-{number:010}"), rest);
    })
}

/// The import of the job that lies there beforehand.
pub(super) fn first_import(setup: &Setup) -> Vec<u8> {
    let mut request = Vec::new();
    import_request(&mut request, &setup.host, &setup.token, &setup.job, &rest_of_import(setup.stops, 0));
    request
}

fn import_request(request: &mut Vec<u8>, host: &str, token: &str, job: &str, rest: &str) {
    let begin = format!("{{\"external_job_id\":\"{job}\"");
    // Nothing can go wrong in writing to memory.
    let _ = write!(
        request,
        "POST /v1/integration-import HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {job}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{begin}{rest}",
        begin.len() + rest.len(),
    );
}

/// An import's body after its id, with stops strewn over a city.
fn rest_of_import(stops: usize, variant: usize) -> String {
    let mut rest = format!(",\"title\":\"Morning round\",\"driver_email\":\"{DRIVER}\",\"stops\":[");
    for index in 0..stops {
        // The golden ratio and the plastic number scatter evenly (M. Roberts, R2 sequence).
        let number = (variant * stops + index + 1) as f64;
        let (lat, lng) = (60.15 + (number * 0.754_877_67).fract() * 0.1, 24.85 + (number * 0.569_840_29).fract() * 0.2);
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(
            rest,
            "{comma}{{\"external_stop_id\":\"S{index}\",\"address\":\"Bulevardi {index}, 00120 Helsinki\",\
             \"latitude\":{lat:.6},\"longitude\":{lng:.6},\"notes\":\"Ring twice\",\"parcel_count\":2}}"
        );
    }
    rest.push_str("]}");
    rest
}

/// The job that lies there, again and again.
fn status(setup: &Setup) -> Maker {
    let request = format!(
        "GET /v1/integration-jobs?external_job_id={} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        setup.job, setup.host, setup.token
    );
    Box::new(move |buffer| buffer.extend_from_slice(request.as_bytes()))
}

/// A token for one client after the other, each time from another address: addresses have limits too.
fn token(setup: &Setup) -> Maker {
    let (host, turn) = (setup.host.clone(), Arc::clone(&setup.turn));
    let bodies: Vec<String> = setup.clients.iter().map(token_body).collect();
    Box::new(move |request| {
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let at = usize::try_from(number).unwrap_or_default() % bodies.len().max(1);
        let body = bodies.get(at).map(String::as_str).unwrap_or_default();
        token_request(request, &host, body, number);
    })
}

/// One token for these credentials.
pub(super) fn first_token(host: &str, credentials: &Credentials) -> Vec<u8> {
    let mut request = Vec::new();
    token_request(&mut request, host, &token_body(credentials), 0);
    request
}

fn token_body(credentials: &Credentials) -> String {
    let Credentials { client_id, client_secret, .. } = credentials;
    format!("{{\"client_id\":\"{client_id}\",\"client_secret\":\"{client_secret}\"}}")
}

fn token_request(request: &mut Vec<u8>, host: &str, body: &str, number: u64) {
    let [.., high, middle, low] = number.to_be_bytes();
    let _ = write!(
        request,
        "POST /v1/integration-token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         X-Forwarded-For: 10.{high}.{middle}.{low}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup() -> Setup {
        let client = |name: &str| Credentials {
            organization_id: "o".into(),
            client_id: name.into(),
            client_secret: "secret".into(),
        };
        Setup {
            host: "h:1".into(),
            token: "t".into(),
            job: "TEMPLATE".into(),
            stops: 3,
            clients: vec![client("one"), client("two")],
            turn: Arc::default(),
        }
    }

    fn made(make: &Maker) -> String {
        let mut request = Vec::new();
        make(&mut request);
        String::from_utf8(request).unwrap()
    }

    #[test]
    fn bodies_are_json_as_long_as_announced() {
        for scenario in SCENARIOS.iter().filter(|scenario| scenario.request != "status") {
            let make = (scenario.maker)(&setup());
            for _ in 0..20 {
                let request = made(&make);
                let (head, body) = request.split_once("\r\n\r\n").unwrap();
                assert!(head.contains(&format!("Content-Length: {}", body.len())), "{request}");
                assert!(serde_json::from_str::<serde_json::Value>(body).unwrap().is_object());
            }
        }
    }

    #[test]
    fn no_two_imports_are_the_same_and_clients_take_turns() {
        let make = imports(&setup());
        let (one, two) = (made(&make), made(&make));
        assert!(one.contains("Idempotency-Key: J-0000000000") && two.contains("Idempotency-Key: J-0000000001"));
        let make = token(&setup());
        assert!(made(&make).contains("\"one\"") && made(&make).contains("\"two\"") && made(&make).contains("10.0.0.2"));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SCENARIOS.len());
    }
}

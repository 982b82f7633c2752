//! Any bytes as a request: what must hold of what is read from them. The fuzz targets (`fuzz/fuzz_targets`) and the tests
//! below run the same judges, so that they never rot.
#![expect(clippy::panic, reason = "a judge stops at what is amiss")]

use std::collections::HashSet;

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use routemate_app::{ErrorKind, Principal};
use routemate_domain::{AutoAdd, IntegrationId, Limits, OrganizationId, RouteEnds, ZoneName};
use routemate_http::Query;
use routemate_units::VehicleKind;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::convert::{self, ImportRequest, MAX_PARCELS};
use crate::job_query::job_query;
use crate::token::TokenCall;

/// The first line is the `Idempotency-Key`, the rest the body of an import: it is read, or every problem is named.
pub fn judge_import(bytes: &[u8]) {
    let cut = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let (key, body) = bytes.split_at(cut);
    let headers = headers([(HeaderName::from_static("idempotency-key"), key)]);
    let ImportRequest { key, command } = convert::import_request(&headers, body, &somebody());
    assert!(key.is_none_or(|key| !key.key.is_empty() && key.key.len() <= routemate_http::MAX_KEY));
    match command {
        Ok(job) => {
            assert!((1..=200).contains(&job.stops.len()));
            let ids: HashSet<_> = job.stops.iter().map(|stop| &stop.external_stop_id).collect();
            assert_eq!(ids.len(), job.stops.len(), "ids are unique");
            for stop in &job.stops {
                assert!(stop.parcel_count <= MAX_PARCELS);
                assert!(stop.position.is_none_or(|at| (at.lat(), at.lng()) != (0.0, 0.0)));
                assert!(
                    stop.window
                        .is_none_or(|window| window.start().zip(window.end()).is_none_or(|(from, to)| from <= to))
                );
            }
        }
        Err(ErrorKind::Invalid(problems)) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| !problem.path.is_empty() && !problem.message.is_empty()));
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// The first line is an `Authorization`, the second a `Content-Type`, the rest a token request: credentials are not blank,
/// and a secret is shown by nothing that is read or said.
pub fn judge_token_request(bytes: &[u8]) {
    let mut lines = bytes.splitn(3, |&byte| byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (authorization, media, body) = (next(), next(), next());
    let call = TokenCall::read(&headers([(AUTHORIZATION, authorization), (CONTENT_TYPE, media)]), body);
    let shown = format!("{call:?}");
    if let Ok((id, secret)) = &call.credentials {
        let secret = secret.expose_secret();
        // Whether a secret is in what is shown can be told of one that is in nothing else.
        let is_telling =
            secret.len() >= 12 && !id.contains(secret) && !"TokenCallstylecredentialsOkSecretBox".contains(secret);
        assert!(!is_telling || !shown.contains(secret), "a secret is shown");
    }
}

/// A job query: it names a job that can be, or says why not.
pub fn judge_job_query(bytes: &[u8]) {
    let query = Query::parse(&String::from_utf8_lossy(bytes));
    match job_query(&query) {
        Ok((key, _)) => assert!(key.job_id.is_some() || key.external_job_id.is_some()),
        Err(ErrorKind::Invalid(problems)) => assert!(!problems.is_empty()),
        Err(ErrorKind::NotFound(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}

fn somebody() -> Principal {
    Principal {
        organization_id: OrganizationId::from_uuid(Uuid::nil()),
        integration_id: IntegrationId::from_uuid(Uuid::nil()),
        limits: Limits { requests_per_minute: None, stops_per_import: Some(200) },
        timezone: ZoneName::utc(),
        auto_add: AutoAdd::On,
        vehicle: VehicleKind::default(),
        route_ends: RouteEnds::Fixed,
    }
}

/// Headers as they come off the wire; what cannot be one is left out.
fn headers<const N: usize>(sent: [(HeaderName, &[u8]); N]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPORT: &str = include_str!("../fuzz/seeds/imports/whole.seed");
    const TOKEN: &str = include_str!("../fuzz/seeds/token_requests/basic.seed");
    const FORM: &str = include_str!("../fuzz/seeds/token_requests/form.seed");
    const QUERY: &str = include_str!("../fuzz/seeds/job_queries/whole.seed");

    /// Bytes that look random (G. Marsaglia, "Xorshift RNGs", 2003).
    fn noise(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state >> 11
        }
    }

    /// A request with a few bytes changed, left out, doubled, or taken from another.
    fn mutated(text: &str, seed: u64) -> Vec<u8> {
        let mut next = noise(seed);
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=next() % 6 {
            let at = (next() % bytes.len().max(1) as u64) as usize;
            match (next() % 4, bytes.get(at).copied()) {
                (_, None) => bytes.push(b'{'),
                (0, _) => bytes[at] = (next() % 256) as u8,
                (1, _) => drop(bytes.remove(at)),
                (2, Some(byte)) => bytes.insert(at, byte),
                _ => bytes[at] = b"\"{}[],:0-e\\\0"[(next() % 12) as usize],
            }
        }
        bytes
    }

    #[test]
    fn what_is_right_is_read() {
        judge_import(IMPORT.as_bytes());
        let (_, body) = IMPORT.split_once('\n').expect("a key");
        assert!(convert::import_request(&HeaderMap::new(), body.as_bytes(), &somebody()).command.is_ok());
        for text in [TOKEN, FORM] {
            judge_token_request(text.as_bytes());
        }
        judge_job_query(QUERY.as_bytes());
    }

    #[test]
    fn whatever_is_nearly_right_is_judged() {
        for seed in 0..3_000 {
            judge_import(&mutated(IMPORT, seed));
            judge_token_request(&mutated(TOKEN, seed));
            judge_token_request(&mutated(FORM, seed));
            judge_job_query(&mutated(QUERY, seed));
        }
    }

    #[test]
    fn noise_is_judged() {
        for len in (0..300).chain([5_000]) {
            let mut next = noise(len as u64);
            let bytes: Vec<u8> = (0..len).map(|_| next() as u8).collect();
            judge_import(&bytes);
            judge_token_request(&bytes);
            judge_job_query(&bytes);
        }
    }
}

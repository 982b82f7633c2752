//! Requests that may be sent again: the header `Idempotency-Key`, and the headers of an answer that was given before.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use routemate_app::{Idempotency, Problem, Replay};
use routemate_domain::TextFault;
use sha2::{Digest, Sha256};

const KEY_HEADER: &str = "Idempotency-Key";
/// The longest key, in characters.
pub const MAX_KEY: usize = 255;
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request to an operation, bare or quoted; an empty one is none.
///
/// # Errors
/// A [`Problem`] where it is longer than [`MAX_KEY`] or not printable ASCII.
pub fn idempotency_key(
    headers: &HeaderMap,
    operation: &'static str,
    body: &[u8],
) -> Result<Option<Idempotency>, Problem> {
    let Some(value) = headers.get(KEY_HEADER) else {
        return Ok(None);
    };
    let bytes = value.as_bytes().trim_ascii();
    let bare = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(bytes);
    let key = match str::from_utf8(bare) {
        Ok(key) if key.bytes().all(|byte| matches!(byte, b' '..=b'~')) => key,
        _ => return Err(Problem::new(KEY_HEADER, "must be printable ASCII")),
    };
    if key.len() > MAX_KEY {
        return Err(Problem::new(KEY_HEADER, TextFault::TooLong { max_chars: MAX_KEY }));
    }
    let fingerprint = Sha256::digest(body).into();
    Ok((!key.is_empty()).then(|| Idempotency { operation, key: key.to_owned(), fingerprint }))
}

/// Says of an answer that it was given before, where that is so.
pub fn mark_replayed(response: &mut HttpResponse, replay: Replay) {
    if replay != Replay::No {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &[u8], expected: Result<Option<&str>, &str>) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_bytes(value).expect("a header"));
        let key = idempotency_key(&headers, "test", b"body");
        let told = key.map(|key| key.map(|key| key.key)).map_err(|problem| problem.to_string());
        assert_eq!(told, expected.map(|key| key.map(str::to_owned)).map_err(str::to_owned));
    }

    #[test]
    fn a_key_is_bare_or_quoted_and_an_empty_one_is_none() {
        check(b"order-1", Ok(Some("order-1")));
        check(b" \"order-1\" ", Ok(Some("order-1")));
        check(b"", Ok(None));
        check(b"\"\"", Ok(None));
        check("\u{e4}".as_bytes(), Err("Idempotency-Key must be printable ASCII"));
        check(&[b'k'; 255], Ok(Some(&"k".repeat(255))));
        check(&[b'k'; 256], Err("Idempotency-Key must be at most 255 characters"));
        assert_eq!(idempotency_key(&HeaderMap::new(), "test", b"").map(|key| key.is_none()), Ok(true));
    }
}

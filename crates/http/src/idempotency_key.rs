use actix_web::http::header::HeaderMap;
use routemate_app::{Idempotency, Problem};
use routemate_domain::TextFault;
use sha2::{Digest, Sha256};

const HEADER: &str = "Idempotency-Key";

/// The longest key, in characters.
pub const MAX_KEY: usize = 255;

/// The key under which a request may be sent again, bare or quoted; an empty one is none. `request` is what a retry must have
/// in common with it: the body, and whatever else says what is to be done.
///
/// # Errors
/// Where the key is no printable ASCII or too long.
pub fn idempotency_key(
    headers: &HeaderMap,
    operation: &'static str,
    request: &[&[u8]],
) -> Result<Option<Idempotency>, Problem> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let bytes = value.as_bytes().trim_ascii();
    let bare = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(bytes);
    let key = match str::from_utf8(bare) {
        Ok(key) if key.bytes().all(|byte| matches!(byte, b' '..=b'~')) => key,
        _ => return Err(Problem::new(HEADER, "must be printable ASCII")),
    };
    if key.len() > MAX_KEY {
        return Err(Problem::new(HEADER, TextFault::TooLong { max_chars: MAX_KEY }));
    }
    let digest = request.iter().fold(Sha256::new(), |digest, part| digest.chain_update(part));
    let fingerprint = digest.finalize().into();
    Ok((!key.is_empty()).then(|| Idempotency { operation, key: key.to_owned(), fingerprint }))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[track_caller]
    fn check_key(header: &[u8], expected: Result<Option<&str>, &str>) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_bytes(header).expect("a header"));
        let key = idempotency_key(&headers, "test", &[b"body"]).map(|request| request.map(|request| request.key));
        let key = key.map_err(|problem| problem.to_string());
        assert_eq!(key, expected.map(|key| key.map(str::to_owned)).map_err(str::to_owned));
    }

    #[test]
    fn keys_come_bare_or_quoted() {
        check_key(b"order-batch-1", Ok(Some("order-batch-1")));
        check_key(b"\"order-batch-1\"", Ok(Some("order-batch-1")));
        check_key(b"batch 1", Ok(Some("batch 1")));
        check_key(b"", Ok(None));
        check_key(b"\"\"", Ok(None));
        check_key("x".repeat(255).as_bytes(), Ok(Some(&"x".repeat(255))));
        check_key("x".repeat(256).as_bytes(), Err("Idempotency-Key must be at most 255 characters"));
        check_key("é".as_bytes(), Err("Idempotency-Key must be printable ASCII"));
        check_key(b"\xff", Err("Idempotency-Key must be printable ASCII"));
        check_key(b"a\tb", Err("Idempotency-Key must be printable ASCII"));
    }

    #[test]
    fn whatever_says_what_is_to_be_done_is_told_apart() {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_static("a"));
        let print = |request: &[&[u8]]| {
            idempotency_key(&headers, "test", request).expect("a key").expect("not empty").fingerprint
        };
        assert_eq!(print(&[b"body"]), print(&[b"", b"body"]));
        assert_ne!(print(&[b"delimiter=;", b"body"]), print(&[b"body"]));
    }
}

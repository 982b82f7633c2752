//! What our answers have in common: entity tags, the version that `If-Match` names, and what was made just now.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{Answer, ErrorKind, Idempotency, Noun};
use routemate_http::{idempotency_key, json, json_bytes, mark_replayed};
use serde::Serialize;
use serde_json::Value;

/// A thing with its tag, or that the caller has this version already.
pub(crate) fn shown(req: &HttpRequest, tag: &str, body: &impl Serialize) -> HttpResponse {
    let response = match is_known(req.headers(), tag) {
        true => HttpResponse::NotModified().finish(),
        false => json(StatusCode::OK, body),
    };
    let mut response = tagged(response, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// An answer with an entity tag.
pub(crate) fn tagged(mut response: HttpResponse, tag: &str) -> HttpResponse {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The answer to the making of a thing: where it is, by the id that a JSON pointer finds in the answer that was stored with
/// it, and its version, where it has one.
pub(crate) fn created(answer: Answer, collection: &str, pointer: &str) -> HttpResponse {
    let (mut response, made) = stored(StatusCode::CREATED, answer);
    if let Some(id) = made.pointer(pointer).and_then(Value::as_str)
        && let Ok(place) = HeaderValue::try_from(format!("{collection}/{id}"))
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The answer to a change that was made under a key.
pub(crate) fn changed(answer: Answer) -> HttpResponse {
    stored(StatusCode::OK, answer).0
}

/// An answer that was stored with what it tells, and what it says; its version, where it has one, is its tag.
fn stored(status: StatusCode, answer: Answer) -> (HttpResponse, Value) {
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut response = json_bytes(status, answer.body);
    // A job has the version of its route.
    let version = ["/version", "/route/version"].iter().find_map(|at| told.pointer(at)?.as_i64());
    if let Some(version) = version {
        response = tagged(response, &format!("\"{version}\""));
    }
    mark_replayed(&mut response, answer.replay);
    (response, told)
}

/// The key of a change, which belongs to what is changed, and how, as much as to the body.
pub(crate) fn change_key(
    req: &HttpRequest,
    operation: &'static str,
    body: &[u8],
) -> Result<Option<Idempotency>, ErrorKind> {
    let request = [req.method().as_str().as_bytes(), b" ", req.path().as_bytes(), b"\n", body].concat();
    idempotency_key(req.headers(), operation, &request).map_err(|problem| ErrorKind::Invalid(vec![problem]))
}

/// Whether the client has this version already (RFC 9110 §13.1.2: weak comparison).
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The version that `If-Match` names: the number that entity tags begin with. `*`, and none, is any; a weak tag, or one that is
/// none of ours, names one that never was. Of several the greatest counts: the others are older, and nothing goes back to them.
///
/// # Errors
/// [`ErrorKind::Changed`] of `noun` where no tag is one of ours.
pub(crate) fn expected_version(req: &HttpRequest, noun: Noun) -> Result<Option<i64>, ErrorKind> {
    if !req.headers().contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    let lines = req.headers().get_all(header::IF_MATCH).map(|line| line.to_str().unwrap_or_default());
    let tags: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    if tags.iter().all(|tag| *tag == "*") {
        return Ok(None);
    }
    // What follows the version tells of things beside it that are shown with it.
    let version = |tag: &&str| tag.strip_prefix('"')?.strip_suffix('"')?.split('-').next()?.parse().ok();
    tags.iter().filter_map(version).max().map(Some).ok_or(ErrorKind::Changed(noun))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use routemate_app::Replay;
    use routemate_http::header_text;

    use super::*;

    #[test]
    fn a_change_may_be_meant_for_one_version() {
        let expected = |tag: &str| {
            let req = TestRequest::default().insert_header((header::IF_MATCH, tag)).to_http_request();
            expected_version(&req, Noun::Route)
        };
        assert_eq!(expected("\"7\""), Ok(Some(7)));
        assert_eq!(expected("\"7-5d2e9a7f\""), Ok(Some(7)));
        assert_eq!((expected("*"), expected("\"7\", \"8\"")), (Ok(None), Ok(Some(8))));
        // A weak tag never matches here (RFC 9110 §13.1.1), and what is no tag of ours matches nothing.
        for tag in ["7", "W/\"7\"", "\"-7\"", "\"\"", ""] {
            assert_eq!(expected(tag), Err(ErrorKind::Changed(Noun::Route)), "{tag}");
        }
        assert_eq!(expected_version(&TestRequest::default().to_http_request(), Noun::Route), Ok(None));
    }

    #[test]
    fn what_was_made_says_where_it_is_and_whether_it_was_made_before() {
        let answer = |replay| Answer { body: br#"{"route_id":"r","version":1}"#.to_vec(), replay };
        let made = created(answer(Replay::No), "/api/v1/routes", "/route_id");
        let header = |name: &str| header_text(made.headers(), name);
        assert_eq!(made.status(), StatusCode::CREATED);
        assert_eq!((header("location"), header("etag")), (Some("/api/v1/routes/r"), Some("\"1\"")));
        assert_eq!(header("idempotency-replayed"), None);
        let again = created(answer(Replay::Same), "/api/v1/routes", "/route_id");
        assert_eq!(header_text(again.headers(), "idempotency-replayed"), Some("true"));
    }

    #[test]
    fn a_tag_is_known_by_weak_comparison() {
        let tag = "\"7-64c91e1f0a3c0\"".to_owned();
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(value).expect("a header"));
            is_known(&headers, &tag)
        };
        assert!(known(&tag) && known("*") && known(&format!("\"1\", W/{tag}")));
        assert!(!known("\"7\"") && !known("") && !is_known(&HeaderMap::new(), &tag));
    }
}

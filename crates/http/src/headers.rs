use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use routemate_app::RateState;

/// The first header of this name, where it is visible ASCII.
pub fn header_text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the client asks for RFC 9457 problems by name. `*/*` does not: documented bodies are the default.
#[must_use]
pub fn wants_problem_json(req: &HttpRequest) -> bool {
    let mut accepted = req.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.split(',').any(is_problem_json))
}

fn is_problem_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let is_named = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/problem+json"));
    let is_refused = parts.any(|parameter| {
        let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        weight.and_then(|weight| weight.trim().parse::<f32>().ok()) == Some(0.0)
    });
    is_named && !is_refused
}

/// `RateLimit-Policy` and `RateLimit` in the structured-field form of draft-ietf-httpapi-ratelimit-headers.
pub(crate) fn insert_rate(headers: &mut HeaderMap, rate: RateState) {
    let policy = format!("\"default\";q={};w=60", rate.limit);
    let state = format!("\"default\";r={};t={}", rate.remaining, rate.reset_after.get());
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use routemate_units::Seconds;

    use super::*;

    #[test]
    fn problems_are_sent_only_to_who_names_them() {
        for (accept, expected) in [
            ("application/problem+json", true),
            ("text/html, Application/Problem+JSON;q=0.5", true),
            ("application/problem+json;q=0", false),
            ("application/json", false),
            ("*/*", false),
        ] {
            let req = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(wants_problem_json(&req), expected, "{accept}");
        }
        assert!(!wants_problem_json(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn rate_headers_are_structured_fields() {
        let mut headers = HeaderMap::new();
        insert_rate(&mut headers, RateState { limit: 60, remaining: 59, reset_after: Seconds::new(12) });
        assert_eq!(header_text(&headers, "ratelimit-policy"), Some("\"default\";q=60;w=60"));
        assert_eq!(header_text(&headers, "ratelimit"), Some("\"default\";r=59;t=12"));
    }
}

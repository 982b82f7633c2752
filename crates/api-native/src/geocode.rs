//! `POST /api/v1/geocode`: addresses in, one answer for each of them out.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use routemate_app::{ErrorKind, Principal, Problem};
use routemate_domain::FreeText;
use routemate_geocoding::{Candidate, Lookup, Outcome, Query, StructuredAddress};
use routemate_http::{Context, Rejection, authenticate, json, read_body};
use routemate_units::LatLng;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::openapi::schemas;

/// Whatever a plan allows.
pub(crate) const MOST: u32 = 1_000;

/// Looks up the addresses of the body.
pub(crate) async fn geocode(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let questions = questions(&body, most(&who)).map_err(ErrorKind::Invalid)?;
    let queries: Vec<Query> = questions.iter().filter_map(|question| question.query.clone().ok()).collect();
    let found = ctx.run(move |app| async move { app.geocode(&who, &queries).await }).await?;
    Ok(json(StatusCode::OK, &answers(&questions, &found)))
}

/// One answer for each question; `found` has those of the questions that are right.
fn answers<'a>(questions: &'a [Question], found: &'a [Lookup]) -> AnswersDto<'a> {
    let mut found = found.iter();
    let mut results = Vec::with_capacity(questions.len());
    for Question { id, query } in questions {
        match query {
            Ok(_) => results.extend(found.next().map(|lookup| AnswerDto::of(id.clone(), lookup))),
            Err(problem) => results.push(AnswerDto::invalid(id.clone(), problem)),
        }
    }
    AnswersDto { results }
}

fn most(who: &Principal) -> u32 {
    who.limits.stops_per_import.unwrap_or(MOST).min(MOST)
}

/// One question of the request, or what is wrong with it.
#[derive(Debug)]
pub(crate) struct Question {
    /// As the client wrote it.
    pub(crate) id: Value,
    pub(crate) query: Result<Query, String>,
}

/// The questions of a body. What is wrong with one of them is its own answer; what is wrong with all of it is refused.
pub(crate) fn questions(body: &[u8], most: u32) -> Result<Vec<Question>, Vec<Problem>> {
    let refused = |path: &str, message: String| Err(vec![Problem::new(path, message)]);
    let body: Value = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) => return refused("body", "must be valid JSON".to_owned()),
    };
    let Some(queries) = body.get("queries").filter(|queries| !queries.is_null()) else {
        return refused("queries", "is required".to_owned());
    };
    let Some(queries) = queries.as_array() else {
        return refused("queries", "must be an array".to_owned());
    };
    if queries.is_empty() {
        return refused("queries", "must contain at least 1 item".to_owned());
    }
    if queries.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        return refused("queries", format!("must contain at most {most} items"));
    }
    Ok(queries.iter().enumerate().map(|(at, value)| question(at, value)).collect())
}

fn question(at: usize, value: &Value) -> Question {
    let path = format!("queries[{at}]");
    let Some(object) = value.as_object() else {
        return Question { id: Value::Null, query: Err(format!("{path} must be an object")) };
    };
    let id = object.get("id").filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default();
    Question { id, query: query(object).map_err(|(name, message)| format!("{path}.{name} {message}")) }
}

/// A field's name and what is wrong with it.
type Fault = (&'static str, String);

fn query(object: &Map<String, Value>) -> Result<Query, Fault> {
    let given = |name: &str| object.get(name).filter(|value| !value.is_null());
    let mut query = match (given("query"), given("structured")) {
        (Some(text), _) => Query::text(&address_text("query", text)?),
        (None, Some(parts)) => structured(parts)?,
        (None, None) => return Err(("query", "or structured is required".to_owned())),
    };
    if query.as_text().is_empty() {
        return Err(("query", "is required".to_owned()));
    }
    if let Some(focus) = given("focus") {
        query = query.near(position(focus).ok_or_else(|| ("focus", "must be [latitude, longitude]".to_owned()))?);
    }
    if let Some(country) = given("country") {
        let code = country.as_str().map(str::trim).filter(|code| code.len() == 2 && is_letters(code));
        query = query.within_country(code.ok_or_else(|| ("country", "must be a code of two letters".to_owned()))?);
    }
    Ok(query)
}

fn is_letters(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn address_text(name: &'static str, value: &Value) -> Result<String, Fault> {
    let text = value.as_str().ok_or_else(|| (name, "must be a string".to_owned()))?;
    FreeText::parse(text).map(FreeText::into_string).map_err(|fault| (name, fault.to_string()))
}

/// An address in the parts of the documented dialects, in either spelling.
fn structured(value: &Value) -> Result<Query, Fault> {
    const NAME: &str = "structured";
    let object = value.as_object().ok_or_else(|| (NAME, "must be an object".to_owned()))?;
    let part = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| object.get(*name)).filter(|value| !value.is_null());
        let Some(value) = value else {
            return Ok(String::new());
        };
        let [name, _] = names;
        let text = value.as_str().ok_or_else(|| (NAME, format!("is not right: {name} must be a string")))?;
        if text.trim().is_empty() {
            return Ok(String::new());
        }
        let checked = FreeText::parse(text).map_err(|fault| (NAME, format!("is not right: {name} {fault}")))?;
        Ok::<_, Fault>(checked.into_string())
    };
    Ok(Query::structured(&StructuredAddress {
        line: part(["address1", "line1"])?,
        unit: part(["address2", "line2"])?,
        city: part(["city", "city"])?,
        region: part(["provinceCode", "province_code"])?,
        postcode: part(["zip", "zip"])?,
        country: part(["countryCode", "country_code"])?,
    }))
}

/// `[latitude, longitude]`.
fn position(value: &Value) -> Option<LatLng> {
    match value.as_array()?.as_slice() {
        [lat, lng] => LatLng::new(lat.as_f64()?, lng.as_f64()?).ok(),
        _ => None,
    }
}

/// The answers, in the order of the questions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnswersDto<'a> {
    results: Vec<AnswerDto<'a>>,
}

/// What became of one question.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct AnswerDto<'a> {
    /// The client's own; null where there was none.
    #[schema(schema_with = schemas::question_id)]
    id: Value,
    /// `found`, `approximate`, `not_found`, `unanswered` or `invalid`.
    #[schema(schema_with = schemas::answer_status)]
    status: &'static str,
    #[schema(required, minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    /// Where a vehicle stops for it, where that is known.
    #[schema(required, minimum = -90, maximum = 90)]
    access_latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    access_longitude: Option<f64>,
    /// 0 to 1: from 0.7 it can be taken unseen, from 0.4 somebody should look.
    #[schema(required, minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    #[schema(required)]
    match_type: Option<&'static str>,
    /// The address found, where it may be told.
    #[schema(required)]
    formatted: Option<&'a str>,
    /// Which geocoder it comes from; `memory` is a person of the organisation.
    #[schema(required)]
    source: Option<&'a str>,
    /// What has to be shown with it.
    #[schema(required)]
    attribution: Option<&'a str>,
    /// The code that an import would warn with.
    #[schema(required)]
    warning: Option<&'static str>,
    /// Why there is no place: `unanswered`, `unknown_address`, `unsure` or, for a question that is not right, what is wrong.
    #[schema(required)]
    reason: Option<&'a str>,
    /// What may have been meant, the likeliest first, at most five.
    candidates: Vec<CandidateDto<'a>>,
}

/// A place that an address may stand for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateDto<'a> {
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    match_type: &'static str,
    #[schema(required)]
    formatted: Option<&'a str>,
    source: &'a str,
}

const FAILED: Option<&str> = Some("GEOCODE_FAILED");

impl<'a> AnswerDto<'a> {
    fn of(id: Value, lookup: &'a Lookup) -> Self {
        let candidates: Vec<_> = lookup.candidates.iter().map(candidate).collect();
        let plain = Self { id, candidates, ..Self::default() };
        match &lookup.outcome {
            Outcome::Found(best) => plain.with("found", None, best),
            Outcome::Approximate(best) => plain.with("approximate", Some("GEOCODE_APPROXIMATE"), best),
            Outcome::NotFound => {
                let reason = if lookup.candidates.is_empty() { "unknown_address" } else { "unsure" };
                Self { status: "not_found", warning: FAILED, reason: Some(reason), ..plain }
            }
            Outcome::Unfinished => Self { status: "unanswered", warning: FAILED, reason: Some("unanswered"), ..plain },
        }
    }

    fn with(self, status: &'static str, warning: Option<&'static str>, best: &'a Candidate) -> Self {
        Self {
            status,
            warning,
            latitude: Some(best.position.lat()),
            longitude: Some(best.position.lng()),
            access_latitude: best.access.map(|access| access.lat()),
            access_longitude: best.access.map(|access| access.lng()),
            confidence: Some(best.confidence.get()),
            match_type: Some(best.match_type.as_str()),
            formatted: told(&best.label),
            source: Some(&best.source),
            attribution: told(&best.attribution),
            ..self
        }
    }

    fn invalid(id: Value, problem: &'a str) -> Self {
        Self { id, status: "invalid", warning: FAILED, reason: Some(problem), ..Self::default() }
    }
}

fn candidate(candidate: &Candidate) -> CandidateDto<'_> {
    CandidateDto {
        latitude: candidate.position.lat(),
        longitude: candidate.position.lng(),
        confidence: candidate.confidence.get(),
        match_type: candidate.match_type.as_str(),
        formatted: told(&candidate.label),
        source: &candidate.source,
    }
}

/// Empty words are none.
fn told(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_refused(body: &str, expected: &str) {
        let problems = questions(body.as_bytes(), 3).expect_err("a refusal");
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{body}");
    }

    #[test]
    fn a_body_that_holds_no_questions_is_refused() {
        check_refused("", "body must be valid JSON");
        check_refused("[]", "queries is required");
        check_refused(r#"{"queries":null}"#, "queries is required");
        check_refused(r#"{"queries":{}}"#, "queries must be an array");
        check_refused(r#"{"queries":[]}"#, "queries must contain at least 1 item");
        check_refused(r#"{"queries":[1,2,3,4]}"#, "queries must contain at most 3 items");
    }

    #[track_caller]
    fn check(value: Value, expected: Result<&Query, &str>) {
        let question = question(4, &value);
        assert_eq!(question.query.as_ref().map_err(String::as_str), expected, "{value}");
    }

    #[test]
    fn what_is_wrong_with_a_question_is_its_own_answer() {
        check(json!(7), Err("queries[4] must be an object"));
        check(json!({}), Err("queries[4].query or structured is required"));
        check(json!({"query": 7}), Err("queries[4].query must be a string"));
        check(json!({"query": "  "}), Err("queries[4].query is required"));
        check(json!({"query": "x".repeat(4_001)}), Err("queries[4].query must be at most 4000 characters"));
        check(json!({"structured": {}}), Err("queries[4].query is required"));
        check(json!({"structured": []}), Err("queries[4].structured must be an object"));
        check(json!({"structured": {"zip": 7}}), Err("queries[4].structured is not right: zip must be a string"));
        check(json!({"query": "x", "focus": [91, 0]}), Err("queries[4].focus must be [latitude, longitude]"));
        check(json!({"query": "x", "focus": "here"}), Err("queries[4].focus must be [latitude, longitude]"));
        for country in ["Finland", "F1", "ä"] {
            let question = json!({"query": "x", "country": country});
            check(question, Err("queries[4].country must be a code of two letters"));
        }
    }

    #[test]
    fn questions_are_text_or_parts_with_focus_and_country() {
        let text = Query::text("Loutet Park, Vancouver").near(LatLng::new(49.26, -123.113).expect("a place"));
        let focused =
            json!({"query": "Loutet Park, Vancouver", "structured": {"zip": "x"}, "focus": [49.26, -123.113]});
        check(focused, Ok(&text));
        let parts = Query::structured(&StructuredAddress {
            line: "Platzl 4a".to_owned(),
            city: "München".to_owned(),
            region: "BY".to_owned(),
            postcode: "80331".to_owned(),
            country: "DE".to_owned(),
            ..StructuredAddress::default()
        });
        let camel = json!({"address1": "Platzl 4a", "address2": null, "city": "München", "provinceCode": "BY",
            "countryCode": "DE", "zip": "80331"});
        let snake = json!({"line1": "Platzl 4a", "line2": " ", "city": "München", "province_code": "BY",
            "country_code": "DE", "zip": "80331"});
        check(json!({"structured": camel, "country": "de"}), Ok(&parts.clone().within_country("DE")));
        check(json!({"structured": snake}), Ok(&parts));
    }

    #[test]
    fn ids_come_back_as_they_were_written() {
        for id in [json!("a"), json!(7), json!("ü")] {
            assert_eq!(question(0, &json!({"id": id, "query": "x"})).id, id);
        }
        assert_eq!(question(0, &json!({"id": {"a": 1}, "query": "x"})).id, Value::Null);
    }
}

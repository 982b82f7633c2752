use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use routemate_app::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::code::Code;

/// The body of an error answer as RFC 9457 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// What kind of problem: none of its own, the status says it all.
    #[schema(format = "uri-reference", examples("about:blank"))]
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A stable name to act upon.
    code: &'static str,
    /// What happened, for people.
    detail: String,
    /// When to come again.
    #[schema(nullable = false, minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u32>,
    /// Each broken rule.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// How many rules are broken where not all of them are listed.
    #[schema(required = false, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    error_count: Option<u64>,
}

/// One broken rule of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Where, in the client's own spelling: `stops[0].address`.
    pub path: String,
    /// A whole sentence: `stops[0].address is required`.
    pub detail: String,
    /// The line of a file, from 1.
    #[schema(required = false, nullable = false, minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column of a file, by the name that it has there.
    #[schema(required = false, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What a cell of a file holds, where it is not long.
    #[schema(required = false, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl From<&Problem> for FieldProblem {
    fn from(problem: &Problem) -> Self {
        Self { path: problem.path.clone(), detail: problem.to_string(), line: None, column: None, value: None }
    }
}

impl ProblemDetails {
    /// A problem with its code, which has a status, and a sentence.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: code.as_str(),
            detail: detail.into(),
            retry_after_seconds: None,
            errors: Vec::new(),
            error_count: None,
        }
    }

    /// Adds when to come again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_seconds = seconds;
        self
    }

    /// Adds the broken rules.
    #[must_use]
    pub fn with_errors<'p>(mut self, problems: impl IntoIterator<Item = &'p Problem>) -> Self {
        self.errors = problems.into_iter().map(FieldProblem::from).collect();
        self
    }

    /// Adds some of the broken rules, and how many there are.
    #[must_use]
    pub fn with_some_errors(mut self, errors: Vec<FieldProblem>, count: u64) -> Self {
        self.errors = errors;
        self.error_count = Some(count);
        self
    }

    /// The answer, as `application/problem+json`.
    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Text and numbers only: writing it cannot fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        HttpResponse::build(status).content_type("application/problem+json").body(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_members_are_left_out_and_rules_are_listed() {
        let problem = ProblemDetails::new(Code::ValidationError, "1 problem");
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            r#"{"type":"about:blank","title":"Bad Request","status":400,"code":"validation_error","detail":"1 problem"}"#
        );
        let listed = problem.with_errors([&Problem::new("title", "is required")]).with_retry_after(Some(3));
        assert_eq!(
            serde_json::to_value(listed).unwrap()["errors"],
            serde_json::json!([{"path": "title", "detail": "title is required"}])
        );
    }
}

//! Reads a token request, which may be written in JSON, as a form, or with HTTP Basic.
//!
//! The body says which it is, not its content type: `curl -d '{…}'` announces a form.

use std::fmt;

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use routemate_auth::parse_basic;
use routemate_http::{Query, header_text};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::convert::json_object;

/// A token request as far as it could be read.
#[derive(Debug)]
pub(crate) struct TokenCall {
    /// How to answer when it fails.
    pub(crate) style: Style,
    /// The client id and its secret.
    pub(crate) credentials: Result<(String, SecretString), TokenFault>,
}

/// In which words a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As documented.
    Plain,
    /// As RFC 6749 §5.2 has it.
    OAuth,
    /// Likewise, with the challenge that belongs to HTTP Basic.
    OAuthBasic,
}

/// Why a token request cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// A part of the credentials is absent or blank.
    Missing,
    /// A part of the credentials is no text.
    NotText,
    /// The body is none of the forms; a sentence says why.
    Malformed(String),
    /// RFC 6749's `invalid_request`.
    InvalidRequest(&'static str),
    /// RFC 6749's `unsupported_grant_type`.
    UnsupportedGrantType,
    /// An `Authorization: Basic` that cannot be read.
    MalformedBasic,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing client_id or client_secret",
            Self::NotText => "client_id and client_secret must be strings",
            Self::Malformed(sentence) => sentence,
            Self::InvalidRequest(sentence) => sentence,
            Self::UnsupportedGrantType => "grant_type must be client_credentials",
            Self::MalformedBasic => "Malformed Authorization header",
        })
    }
}

pub(crate) const GRANT: &str = "client_credentials";

/// What the body holds, whatever its form.
struct Parameters {
    client_id: Option<String>,
    client_secret: Option<SecretString>,
}

impl TokenCall {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let header = header_text(headers, AUTHORIZATION).filter(|text| is_basic(text));
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii();
        let (style, parameters) = match body.first() {
            Some(b'{') => read_json(body),
            None if header.is_none() && !says_form(headers) => (Style::Plain, Err(TokenFault::Missing)),
            _ if says_form(headers) || looks_like_form(body) => (Style::OAuth, read_form(&Query::parse_form(body))),
            _ => (Style::Plain, Err(TokenFault::Malformed(malformed(body)))),
        };
        match header {
            Some(text) => Self { style: Style::OAuthBasic, credentials: parameters.and_then(|rest| basic(text, rest)) },
            None => Self { style, credentials: parameters.and_then(Parameters::into_credentials) },
        }
    }
}

impl Parameters {
    fn into_credentials(self) -> Result<(String, SecretString), TokenFault> {
        self.client_id.zip(self.client_secret).ok_or(TokenFault::Missing)
    }
}

/// RFC 6749 §2.3: one way of authenticating for each request.
fn basic(header: &str, body: Parameters) -> Result<(String, SecretString), TokenFault> {
    let (client_id, client_secret) = parse_basic(header).ok_or(TokenFault::MalformedBasic)?;
    if body.client_secret.is_some() || body.client_id.is_some_and(|id| id != client_id) {
        return Err(TokenFault::InvalidRequest("Credentials must be sent either in the header or in the body"));
    }
    Ok((client_id, client_secret))
}

fn read_json(body: &[u8]) -> (Style, Result<Parameters, TokenFault>) {
    let object = match json_object(body) {
        Ok(object) => object,
        Err(problem) => return (Style::Plain, Err(TokenFault::Malformed(problem.to_string()))),
    };
    let (style, grant) = match object.get("grant_type") {
        None | Some(Value::Null) => (Style::Plain, Ok(())),
        Some(Value::String(grant)) => (Style::OAuth, check_grant(grant)),
        Some(_) => (Style::OAuth, Err(TokenFault::InvalidRequest("grant_type must be a string"))),
    };
    let parameters = grant.and_then(|()| {
        let client_id = text(&object, "client_id")?;
        let client_secret = text(&object, "client_secret")?.map(SecretString::from);
        Ok(Parameters { client_id, client_secret })
    });
    (style, parameters)
}

fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, TokenFault> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(unless_blank(text)),
        Some(_) => Err(TokenFault::NotText),
    }
}

fn read_form(form: &Query) -> Result<Parameters, TokenFault> {
    if ["grant_type", "client_id", "client_secret"].iter().any(|name| form.all(name).nth(1).is_some()) {
        return Err(TokenFault::InvalidRequest("A parameter must not be repeated"));
    }
    // RFC 6749 wants it named; there is only one it could be, so a client that leaves it out is not sent away.
    form.first("grant_type").and_then(unless_blank).map_or(Ok(()), |grant| check_grant(&grant))?;
    Ok(Parameters {
        client_id: form.first("client_id").and_then(unless_blank),
        client_secret: form.first("client_secret").and_then(unless_blank).map(SecretString::from),
    })
}

fn check_grant(grant: &str) -> Result<(), TokenFault> {
    if grant == GRANT { Ok(()) } else { Err(TokenFault::UnsupportedGrantType) }
}

fn unless_blank(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn is_basic(authorization: &str) -> bool {
    let scheme = authorization.split_ascii_whitespace().next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
}

fn says_form(headers: &HeaderMap) -> bool {
    let media = header_text(headers, CONTENT_TYPE).and_then(|value| value.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// `name=value`, with nothing in it that JSON would have and a form would escape. No body at all is an empty form.
fn looks_like_form(body: &[u8]) -> bool {
    let is_plain = body.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'[' | b'{' | b'<'));
    is_plain && (body.is_empty() || body.contains(&b'='))
}

fn malformed(body: &[u8]) -> String {
    json_object(body).err().map_or_else(String::new, |problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use secrecy::ExposeSecret;

    use super::*;

    /// `Basic` of `id:secret`.
    const BASIC: (HeaderName, &str) = (AUTHORIZATION, "Basic aWQ6c2VjcmV0");
    const FORM: (HeaderName, &str) = (CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/json");

    #[track_caller]
    fn check(sent: &[(HeaderName, &str)], body: &str, style: Style, expected: Result<(&str, &str), TokenFault>) {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.insert(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        let call = TokenCall::read(&headers, body.as_bytes());
        let credentials = call.credentials.map(|(id, secret)| (id, secret.expose_secret().to_owned()));
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret.to_owned()));
        assert_eq!((call.style, credentials), (style, expected), "{body}");
    }

    #[test]
    fn the_body_says_what_it_is_not_the_content_type() {
        let ok = Ok(("id", "secret"));
        let json = r#" {"client_id": "id", "client_secret": "secret"}"#;
        let form = "grant_type=client_credentials&client_id=id&client_secret=secret";
        for header in [JSON, FORM] {
            let sent = [header];
            check(&sent, json, Style::Plain, ok.clone());
            check(&sent, form, Style::OAuth, ok.clone());
        }
        check(&[], json, Style::Plain, ok.clone());
        check(&[], &format!("\u{feff}{json}"), Style::Plain, ok.clone());
        check(
            &[JSON],
            r#"{"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret"}"#,
            Style::OAuth,
            ok.clone(),
        );
        check(&[BASIC, FORM], "grant_type=client_credentials", Style::OAuthBasic, ok.clone());
        check(&[BASIC], "grant_type=client_credentials&client_id=id", Style::OAuthBasic, ok.clone());
        check(&[BASIC, JSON], "{}", Style::OAuthBasic, ok);
    }

    #[test]
    fn absent_blank_and_wrong_parts_are_told_apart() {
        check(&[JSON], "{}", Style::Plain, Err(TokenFault::Missing));
        check(&[JSON], "", Style::Plain, Err(TokenFault::Missing));
        check(&[JSON], r#"{"client_id": "id", "client_secret": " "}"#, Style::Plain, Err(TokenFault::Missing));
        check(&[JSON], r#"{"client_id": null, "client_secret": "s"}"#, Style::Plain, Err(TokenFault::Missing));
        check(&[JSON], r#"{"client_id": 7, "client_secret": "s"}"#, Style::Plain, Err(TokenFault::NotText));
        check(&[JSON], r#"{"client_id": "id", "client_secret": ["s"]}"#, Style::Plain, Err(TokenFault::NotText));
        check(&[FORM], "grant_type=client_credentials&client_id=id", Style::OAuth, Err(TokenFault::Missing));
    }

    #[test]
    fn grants_are_checked_where_they_are_named() {
        check(&[FORM], "grant_type=password&client_id=a", Style::OAuth, Err(TokenFault::UnsupportedGrantType));
        check(&[JSON], r#"{"grant_type": "password"}"#, Style::OAuth, Err(TokenFault::UnsupportedGrantType));
        check(&[FORM], "client_id=a&client_secret=b", Style::OAuth, Ok(("a", "b")));
        check(&[FORM], "", Style::OAuth, Err(TokenFault::Missing));
        check(&[BASIC], "", Style::OAuthBasic, Ok(("id", "secret")));
        let repeated = Err(TokenFault::InvalidRequest("A parameter must not be repeated"));
        check(&[FORM], "grant_type=client_credentials&client_id=a&client_id=b", Style::OAuth, repeated);
    }

    #[test]
    fn credentials_come_one_way() {
        let both = || Err(TokenFault::InvalidRequest("Credentials must be sent either in the header or in the body"));
        check(&[BASIC], r#"{"client_secret": "s"}"#, Style::OAuthBasic, both());
        check(&[BASIC], r#"{"client_id": "other"}"#, Style::OAuthBasic, both());
        let broken = (AUTHORIZATION, "Basic !!!");
        check(&[broken], "grant_type=client_credentials", Style::OAuthBasic, Err(TokenFault::MalformedBasic));
    }

    #[test]
    fn a_malformed_body_is_told_where_but_not_repeated() {
        let fault = |text: &str| Err(TokenFault::Malformed(text.to_owned()));
        check(
            &[JSON],
            r#"{"client_id": rm_ci_1}"#,
            Style::Plain,
            fault("body is not valid JSON: expected value at line 1 column 15"),
        );
        check(&[JSON], "[]", Style::Plain, fault("body must be a JSON object"));
        check(&[JSON], "client_id", Style::Plain, fault("body is not valid JSON: expected value at line 1 column 1"));
        check(&[], "<a b=\"c\"/>", Style::Plain, fault("body is not valid JSON: expected value at line 1 column 1"));
    }
}

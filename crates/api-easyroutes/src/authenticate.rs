use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, TokenRequest};
use routemate_domain::TextFault;
use routemate_http::{Context, Rejection, json, read_body};
use secrecy::SecretString;

use crate::calls::answered;
use crate::types::{Authenticated, Credentials};
use crate::wire::{Int64, Reading};

/// Credentials are short, and nobody has shown any yet.
const MAX_BODY: usize = 64 * 1024;

pub(crate) async fn post(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    let mut response = answered(&req, issue_token(&ctx, &req, payload).await);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn issue_token(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let body = read_body(req, payload, MAX_BODY.min(ctx.settings().max_body_bytes)).await?;
    let (client_id, client_secret) = credentials(&body)?;
    let request = TokenRequest { client_id, client_secret, address: ctx.client_address(req) };
    let issued = ctx.run(move |app| async move { app.issue_token(request).await }).await?;
    let answer = Authenticated {
        access_token: issued.access_token.reveal().to_owned(),
        expires_in_seconds: Int64(i64::from(issued.expires_in.get())),
    };
    Ok(json(StatusCode::OK, &answer))
}

fn credentials(body: &[u8]) -> Result<(String, SecretString), ErrorKind> {
    let mut at = Reading::default();
    let read: Option<Credentials> = at.read_body(body);
    if let Some(credentials) = &read {
        for (field, value) in
            [("clientId", credentials.client_id.as_str()), ("clientSecret", credentials.client_secret.0.as_str())]
        {
            if value.trim().is_empty() {
                at.complain_of(field, TextFault::Blank);
            }
        }
    }
    let credentials = at.finish(read)?;
    Ok((credentials.client_id, SecretString::from(credentials.client_secret.0)))
}

#[cfg(test)]
mod tests {
    use routemate_app::Problem;
    use secrecy::ExposeSecret;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<(&str, &str), &[&str]>) {
        let read = credentials(body.as_bytes());
        let read = read.map(|(id, secret)| (id, secret.expose_secret().to_owned()));
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret.to_owned()));
        let told = read.map_err(|kind| match kind {
            ErrorKind::Invalid(problems) => problems.iter().map(Problem::to_string).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        });
        assert_eq!(told, expected.map_err(|told| told.iter().map(|told| (*told).to_owned()).collect()), "{body}");
    }

    #[test]
    fn credentials_are_read_in_both_spellings() {
        check(r#"{"clientId": "id", "clientSecret": "secret"}"#, Ok(("id", "secret")));
        check(r#"{"client_id": "id", "client_secret": "secret", "other": []}"#, Ok(("id", "secret")));
        check("\u{feff}{\"client_id\": \"id\", \"clientSecret\": \"secret\"}", Ok(("id", "secret")));
    }

    #[test]
    fn what_is_missing_is_told_and_no_secret_repeated() {
        check("{}", Err(&["clientId is required", "clientSecret is required"]));
        check(r#"{"clientId": "id", "client_secret": " "}"#, Err(&["client_secret is required"]));
        check(r#"{"clientId": 7, "clientSecret": "s"}"#, Err(&["clientId must be a string"]));
        check("[]", Err(&["body must be an object"]));
        check("{\"clientSecret\": rm_cs_1}", Err(&["body is not valid JSON: expected value at line 1 column 18"]));
    }
}

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use routemate_app::{Bucket, ErrorKind, Principal, RateState};
use routemate_auth::parse_bearer;
use routemate_domain::{IntegrationId, OrganizationId};

use crate::context::Context;
use crate::headers::header_text;
use crate::rejection::Rejection;

/// A caller that is known and within its limits.
#[derive(Debug)]
pub struct Admitted {
    /// Who calls.
    pub principal: Principal,
    /// How much is left; `None` where there is no limit.
    pub rate: Option<RateState>,
}

/// Whose request it turned out to be, for those who count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) OrganizationId, pub(crate) IntegrationId);

/// Finds out who calls by the bearer token and counts the call.
///
/// Every answer after this one, errors included, carries the rate limit headers.
///
/// # Errors
/// No or no valid token, a disabled integration, a reached limit, and what may befall the store.
pub async fn authenticate(ctx: &Context, req: &HttpRequest) -> Result<Admitted, Rejection> {
    authenticate_within(ctx, req, Bucket::RouteMate).await
}

/// The same for calls that are counted elsewhere.
///
/// # Errors
/// As for [`authenticate`].
pub async fn authenticate_within(ctx: &Context, req: &HttpRequest, bucket: Bucket) -> Result<Admitted, Rejection> {
    let bearer = bearer(req);
    let admitted = ctx
        .run(move |app| async move {
            let principal = app.authenticate(bearer.as_deref()).await?;
            let rate = app.admit(&principal, bucket).await;
            Ok((principal, rate))
        })
        .await;
    let (principal, rate) = admitted?;
    req.extensions_mut().insert(Caller(principal.organization_id, principal.integration_id));
    if let Some(state) = shown(&rate) {
        req.extensions_mut().insert(state);
    }
    Ok(Admitted { principal, rate: rate? })
}

/// What is sent as a token. Something that is meant as one and is none is an invalid token, not a missing one.
fn bearer(req: &HttpRequest) -> Option<String> {
    let value = req.headers().get(header::AUTHORIZATION)?;
    let text = header_text(req.headers(), header::AUTHORIZATION).unwrap_or_default();
    match parse_bearer(text) {
        Some(token) => Some(token.to_owned()),
        None => is_meant_as_bearer(value.as_bytes()).then(String::new),
    }
}

fn is_meant_as_bearer(value: &[u8]) -> bool {
    value.trim_ascii_start().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
}

fn shown(rate: &Result<Option<RateState>, routemate_app::Error>) -> Option<RateState> {
    match rate {
        Ok(state) => *state,
        Err(error) => match *error.kind() {
            ErrorKind::TooMany { retry_after, limit } => {
                Some(RateState { limit, remaining: 0, reset_after: retry_after })
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<&str>) {
        let req = TestRequest::default().insert_header(("authorization", header)).to_http_request();
        assert_eq!(bearer(&req).as_deref(), expected);
    }

    #[test]
    fn a_broken_token_is_not_a_missing_one() {
        check("Bearer rm_at_1", Some("rm_at_1"));
        check("bearer rm_at_1", Some("rm_at_1"));
        check("Bearer", Some(""));
        check("Bearer a b", Some(""));
        check("Basic YTpi", None);
        check("", None);
        assert_eq!(bearer(&TestRequest::default().to_http_request()), None);
    }
}

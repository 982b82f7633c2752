//! What all calls of this dialect have in common.

use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{Bucket, Principal};
use routemate_http::{Context, Rejection, authenticate_within};

use crate::error;

/// Who calls; counted among the calls of this dialect.
pub(crate) async fn caller(ctx: &Context, req: &HttpRequest) -> Result<Principal, Rejection> {
    ctx.check_transport(req)?;
    Ok(authenticate_within(ctx, req, Bucket::EasyRoutes).await?.principal)
}

/// The answer, or the refusal as this dialect writes it.
pub(crate) fn answered(req: &HttpRequest, result: Result<HttpResponse, Rejection>) -> HttpResponse {
    result.unwrap_or_else(|rejection| error::answer(req, rejection))
}

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ImportedJob, Replay, TokenRequest};
use routemate_http::openapi::Surface;
use routemate_http::{
    Context, Endpoint, Query, Rejection, Verb, authenticate, json, json_bytes, mark_replayed, mount, read_body,
};

use crate::convert::ImportRequest;
use crate::dto::TokenAnswer;
use crate::error::{self, TokenRefusal};
use crate::job_query::job_query;
use crate::token::{Style, TokenCall};
use crate::{convert, openapi, view};

const MISMATCH: HeaderName = HeaderName::from_static("idempotency-mismatch");
/// Credentials are short, and nobody has shown any yet.
const MAX_TOKEN_BODY: usize = 64 * 1024;

/// Everything that is served below `/v1`.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        verb: Verb::Post,
        path: "/v1/integration-token",
        handler: |route| route.to(post_token),
        describe: openapi::post_token,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/v1/integration-import",
        handler: |route| route.to(post_import),
        describe: openapi::post_import,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/v1/integration-import/dry-run",
        handler: |route| route.to(post_dry_run),
        describe: openapi::post_dry_run,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/v1/integration-jobs",
        handler: |route| route.to(get_job),
        describe: openapi::get_job,
    },
];

/// The Integration API, `/v1`.
pub const SURFACE: Surface = Surface {
    tag: "Integration API",
    description: "The published contract: get a token, import a job, follow it.",
    endpoints: ENDPOINTS,
    configure,
    components: openapi::components,
    refuse,
    says: error::says,
};

fn configure(cfg: &mut ServiceConfig) {
    mount(cfg, "/v1", ENDPOINTS, refuse);
}

fn refuse(req: &HttpRequest, rejection: Rejection) -> HttpResponse {
    error::answer(req, "", rejection)
}

async fn post_token(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    let mut style = Style::Plain;
    let result = issue_token(&ctx, &req, payload, &mut style).await;
    let mut response = result.unwrap_or_else(|refusal| error::token_answer(&req, style, refusal));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn issue_token(
    ctx: &Context,
    req: &HttpRequest,
    payload: Payload,
    style: &mut Style,
) -> Result<HttpResponse, TokenRefusal> {
    ctx.check_transport(req)?;
    let body = read_body(req, payload, MAX_TOKEN_BODY.min(ctx.settings().max_body_bytes)).await?;
    let call = TokenCall::read(req.headers(), &body);
    *style = call.style;
    let (client_id, client_secret) = call.credentials.map_err(TokenRefusal::Fault)?;
    let request = TokenRequest { client_id, client_secret, address: ctx.client_address(req) };
    let issued = ctx.run(move |app| async move { app.issue_token(request).await }).await?;
    let answer = TokenAnswer {
        access_token: issued.access_token.reveal(),
        token_type: "Bearer",
        expires_in: issued.expires_in.get(),
    };
    Ok(json(StatusCode::OK, &answer))
}

async fn post_import(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    let result = import_job(&ctx, &req, payload).await;
    result.unwrap_or_else(|rejection| error::answer(&req, ctx.public_url(), rejection))
}

async fn post_dry_run(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    let result = try_import(&ctx, &req, payload).await;
    result.unwrap_or_else(|rejection| error::answer(&req, ctx.public_url(), rejection))
}

async fn try_import(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let command = convert::import_request(req.headers(), &body, &who).command?;
    let foreseen = ctx.run(move |app| async move { app.try_import(&who, &command).await }).await?;
    Ok(json_bytes(StatusCode::OK, view::import_body(&foreseen, ctx.public_url())))
}

async fn import_job(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let ImportRequest { key, command } = convert::import_request(req.headers(), &body, &who);
    let answer = match (command, key) {
        (Ok(command), key) => {
            let public_url = ctx.public_url().to_owned();
            let render = Arc::new(move |imported: &ImportedJob| view::import_body(imported, &public_url));
            ctx.run(move |app| async move { app.import_job(&who, command, key, render).await }).await?
        }
        // A key that was answered is answered again, whatever comes with it now.
        (Err(refusal), Some(key)) => {
            let answered = ctx.run(move |app| async move { app.find_answer(&who, &key).await }).await?;
            answered.ok_or(refusal)?
        }
        (Err(refusal), None) => return Err(refusal.into()),
    };
    let mut response = json_bytes(StatusCode::OK, answer.body);
    mark_replayed(&mut response, answer.replay);
    if answer.replay == Replay::Mismatch {
        response.headers_mut().insert(MISMATCH, HeaderValue::from_static("true"));
    }
    Ok(response)
}

async fn get_job(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    let result = find_job(&ctx, &req).await;
    result.unwrap_or_else(|rejection| error::answer(&req, ctx.public_url(), rejection))
}

async fn find_job(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let (key, expand) = job_query(&Query::parse(req.query_string()))?;
    let found = ctx.run(move |app| async move { app.find_job(&who, key).await }).await?;
    Ok(json(StatusCode::OK, &view::job_answer(&found, expand, ctx.public_url())))
}

#[cfg(test)]
mod tests;

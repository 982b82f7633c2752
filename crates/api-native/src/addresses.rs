//! `/api/v1/addresses`: what an organisation remembers of where its addresses are.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Noun, Problem, RememberAddress, RememberedAddress};
use routemate_domain::FreeText;
use routemate_http::{Context, Query, Rejection, authenticate, json, read_body};
use routemate_units::LatLng;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::convert::instant;

/// Tells where an address is remembered to be.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let Some(address) = query.first("address").filter(|address| !address.trim().is_empty()).map(str::to_owned) else {
        return Err(ErrorKind::Invalid(vec![Problem::new("address", "is required")]).into());
    };
    let found = ctx.run(move |app| async move { app.find_address(&who, &address).await }).await?;
    Ok(json(StatusCode::OK, &RememberedAddressDto::of(&found)))
}

/// Remembers where an address is.
pub(crate) async fn remember(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let command = command(&body).map_err(ErrorKind::Invalid)?;
    let stored = ctx.run(move |app| async move { app.remember_address(&who, command).await }).await?;
    Ok(json(StatusCode::OK, &RememberedAddressDto::of(&stored)))
}

/// Forgets an address.
pub(crate) async fn forget(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let id = req.match_info().get("address_id").unwrap_or_default();
    let id: Uuid = id.parse().map_err(|_| ErrorKind::NotFound(Noun::Address))?;
    ctx.run(move |app| async move { app.forget_address(&who, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) fn command(body: &[u8]) -> Result<RememberAddress, Vec<Problem>> {
    let body: Value = serde_json::from_slice(body).map_err(|_| vec![Problem::new("body", "must be valid JSON")])?;
    let mut problems = Vec::new();
    let given = |name: &str| body.get(name).filter(|value| !value.is_null());
    let address = match given("address").map(Value::as_str) {
        None => Err("is required".to_owned()),
        Some(None) => Err("must be a string".to_owned()),
        Some(Some(text)) => FreeText::parse(text).map_err(|fault| fault.to_string()),
    };
    let address = address.map_err(|message| problems.push(Problem::new("address", message))).ok();
    let mut degrees = |name: &str, most: f64| {
        let value = match given(name).map(Value::as_f64) {
            None => Err("is required".to_owned()),
            Some(None) => Err("must be a number".to_owned()),
            Some(Some(value)) if value.abs() > most => Err(format!("must be between -{most} and {most}")),
            Some(Some(value)) => Ok(value),
        };
        value.map_err(|message| problems.push(Problem::new(name, message))).ok()
    };
    let (lat, lng) = (degrees("latitude", 90.0), degrees("longitude", 180.0));
    // What programs write that know no place.
    if (lat, lng) == (Some(0.0), Some(0.0)) {
        problems.push(Problem::new("latitude", "and longitude must not both be 0"));
    }
    let position = lat.zip(lng).and_then(|(lat, lng)| LatLng::new(lat, lng).ok());
    match (address, position) {
        (Some(address), Some(position)) if problems.is_empty() => Ok(RememberAddress { address, position }),
        _ => Err(problems),
    }
}

/// An address and where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RememberedAddressDto<'a> {
    #[schema(format = "uuid")]
    address_id: String,
    /// As it was written when the place was last set.
    address: &'a str,
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

impl<'a> RememberedAddressDto<'a> {
    fn of(address: &'a RememberedAddress) -> Self {
        Self {
            address_id: address.id.to_string(),
            address: &address.address,
            latitude: address.position.lat(),
            longitude: address.position.lng(),
            created_at: instant(address.created_at),
            updated_at: instant(address.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(body: &str, expected: &[&str]) {
        let problems = command(body.as_bytes()).expect_err("a refusal");
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{body}");
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        check_refused("{", &["body must be valid JSON"]);
        check_refused("{}", &["address is required", "latitude is required", "longitude is required"]);
        check_refused(
            r#"{"address": 7, "latitude": "1", "longitude": 181}"#,
            &["address must be a string", "latitude must be a number", "longitude must be between -180 and 180"],
        );
        check_refused(r#"{"address": " ", "latitude": 1, "longitude": 1}"#, &["address is required"]);
        check_refused(
            r#"{"address": "x", "latitude": 0, "longitude": 0}"#,
            &["latitude and longitude must not both be 0"],
        );
    }

    #[test]
    fn an_address_and_its_place_are_read() {
        let read =
            command(r#"{"address": "12 Main St", "latitude": 60.17, "longitude": 24}"#.as_bytes()).expect("a command");
        assert_eq!((read.address.as_str(), read.position.lat(), read.position.lng()), ("12 Main St", 60.17, 24.0));
    }
}

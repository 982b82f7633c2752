//! `/api/v1/shopify`: what shops at Shopify send, and what became of it.

mod order;
mod orders;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use routemate_app::{App, Error, ListedShop, ShopifyContent, ShopifyMessage, ShopifyOutcome, SigningShop};
use routemate_http::{Context, Rejection, authenticate, header_text, json, read_body};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub(crate) use self::orders::{ShopifyOrdersDto, find_order, list_orders};
use crate::convert::instant;
use crate::openapi::schemas;

/// What a shop tells of its orders.
const TOPICS: [&str; 4] = ["orders/create", "orders/updated", "orders/cancelled", "orders/fulfilled"];

/// The longest id of a message; Shopify's are UUIDs.
const MAX_ID_BYTES: usize = 255;

/// What became of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedDto {
    /// For people who look at deliveries: Shopify reads the status alone.
    #[schema(schema_with = schemas::shopify_outcome)]
    outcome: &'static str,
}

/// The shops that are connected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopsDto<'a> {
    shops: Vec<ShopDto<'a>>,
}

/// A shop at Shopify whose orders the organisation delivers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopDto<'a> {
    #[schema(format = "uuid")]
    shop_id: String,
    /// Its name at Shopify.
    domain: &'a str,
    /// How long the secret before the present one is accepted too; null where it is not.
    #[schema(required, format = "date-time")]
    previous_secret_until: Option<String>,
    #[schema(format = "date-time")]
    connected_at: String,
    /// The last message; null where none came within a week.
    #[schema(required)]
    last_webhook: Option<WebhookDto<'a>>,
}

/// A message of a shop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDto<'a> {
    /// Shopify's id of it.
    webhook_id: &'a str,
    topic: &'a str,
    /// What became of it.
    #[schema(schema_with = schemas::shopify_outcome)]
    outcome: &'a str,
    /// What could not be read of it.
    #[schema(required)]
    problem: Option<&'a str>,
    #[schema(format = "date-time")]
    received_at: String,
}

/// Takes a message of a shop in, and answers when it is durable.
pub(crate) async fn receive(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let text = |name| header_text(req.headers(), name).unwrap_or_default().trim().to_owned();
    let (domain, signature) = (text("x-shopify-shop-domain"), text("x-shopify-hmac-sha256"));
    let signed = body.clone();
    let shops = ctx.run(move |app| async move { app.authenticate_shop(&domain, &signature, &signed).await }).await?;
    let is_test = text("x-shopify-test").eq_ignore_ascii_case("true");
    let triggered_at = order::time(&text("x-shopify-triggered-at"));
    let message = message(&text("x-shopify-topic"), &text("x-shopify-webhook-id"), triggered_at, is_test, &body);
    let outcome = take_in(ctx, shops, message).await?;
    let mut response = json(StatusCode::OK, &ReceivedDto { outcome: outcome.as_str() });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Each organisation on its own: where one fails the others have it, and it is sent again for the one.
async fn take_in(ctx: &Context, shops: Vec<SigningShop>, message: ShopifyMessage) -> Result<ShopifyOutcome, Rejection> {
    let receive = move |app: Arc<App>| async move {
        let mut outcomes = Vec::with_capacity(shops.len());
        for shop in &shops {
            outcomes.push(app.receive_from_shop(shop, &message).await);
        }
        let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, Error>>()?;
        Ok(outcomes.into_iter().next().unwrap_or(ShopifyOutcome::Ignored))
    };
    Ok(ctx.run(receive).await?)
}

/// What a message says. Nothing but the body is signed: what headers say counts only where the body is silent.
fn message(topic: &str, id: &str, triggered_at: Option<Timestamp>, is_test: bool, body: &Bytes) -> ShopifyMessage {
    let content = match TOPICS.iter().find(|known| **known == topic) {
        Some(topic) if !is_test => match order::told_order(body, topic, triggered_at) {
            Ok(told) => ShopifyContent::Order(Box::new(told)),
            Err(problem) => ShopifyContent::Unreadable(problem),
        },
        _ => ShopifyContent::Other,
    };
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'/'));
    let topic = if (1..=64).contains(&topic.len()) && is_plain(topic) { topic } else { "unknown" };
    ShopifyMessage { id: message_id(id, topic, body), topic: topic.to_owned(), content }
}

/// Shopify's id of a message; where it has none, the message itself tells it from others.
fn message_id(id: &str, topic: &str, body: &Bytes) -> String {
    if (1..=MAX_ID_BYTES).contains(&id.len()) {
        return id.to_owned();
    }
    let digest = Sha256::new().chain_update(topic).chain_update(b"\0").chain_update(body).finalize();
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Tells which shops are connected, and what came of them last.
pub(crate) async fn list_shops(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let listed = ctx
        .run(move |app| async move {
            let shops = app.shops(&who).await?;
            Ok((shops, app.clock().now()))
        })
        .await;
    let (shops, now) = listed?;
    Ok(json(StatusCode::OK, &ShopsDto { shops: shops.iter().map(|listed| shop(listed, now)).collect() }))
}

fn shop(listed: &ListedShop, now: Timestamp) -> ShopDto<'_> {
    let ListedShop { shop, last_webhook } = listed;
    let previous = shop.previous_key.as_ref().filter(|previous| now < previous.expires_at);
    ShopDto {
        shop_id: shop.id.to_string(),
        domain: shop.domain.as_str(),
        previous_secret_until: previous.map(|previous| instant(previous.expires_at)),
        connected_at: instant(shop.created_at),
        last_webhook: last_webhook.as_ref().map(|webhook| WebhookDto {
            webhook_id: &webhook.id,
            topic: &webhook.topic,
            outcome: &webhook.outcome,
            problem: webhook.problem.as_deref(),
            received_at: instant(webhook.received_at),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(topic: &str, id: &str, is_test: bool, body: &'static str) -> ShopifyMessage {
        message(topic, id, None, is_test, &Bytes::from_static(body.as_bytes()))
    }

    const BODY: &str = r#"{"id":1,"updated_at":"2026-03-09T08:30:00+02:00","line_items":[]}"#;

    #[test]
    fn other_topics_and_tests_are_of_no_interest() {
        for topic in TOPICS {
            assert!(matches!(read(topic, "a", false, BODY).content, ShopifyContent::Order(_)), "{topic}");
            assert_eq!(read(topic, "a", true, BODY).content, ShopifyContent::Other, "{topic}");
        }
        for topic in ["", "orders/paid", "orders/delete", "products/update", "ORDERS/CREATE", "app/uninstalled"] {
            assert_eq!(read(topic, "a", false, BODY).content, ShopifyContent::Other, "{topic}");
        }
        assert_eq!(read("products/update", "a", false, BODY).topic, "products/update");
        for odd in ["", "a b", "Orders/Create", "<x>", &"a".repeat(65)] {
            assert_eq!(read(odd, "a", false, BODY).topic, "unknown");
        }
    }

    #[test]
    fn a_message_without_an_id_is_known_by_what_it_says() {
        assert_eq!(read("orders/create", "b54557e4", false, BODY).id, "b54557e4");
        let id = |id: &str, topic: &str, body| read(topic, id, false, body).id;
        let made = id("", "orders/create", BODY);
        assert!(made.starts_with("sha256:") && made.len() == 71, "{made}");
        assert_eq!(id(&"x".repeat(256), "orders/create", BODY), made);
        assert_ne!(id("", "orders/updated", BODY), made);
        assert_ne!(id("", "orders/create", "{}"), made);
    }
}

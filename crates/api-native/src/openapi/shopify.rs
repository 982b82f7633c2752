//! What shops at Shopify send, and their orders.

use routemate_app::{ErrorKind, Noun, ShopifyOutcome, Unauthenticated};
use routemate_domain::ShopifyOrderStatus;
use routemate_http::Rejection;
use routemate_http::openapi::{
    SHOPIFY, Said, about_any_call, about_bodies, about_callers, answers, header, to_caller, with_request_id, with_token,
};
use routemate_units::Seconds;
use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{Required, SecurityRequirement};

use super::{bad_limit, body, cursor, limit, list_query, parameter, required, text};
use crate::error::says;

const ORDER: &str = "5551234567890";
const SHOP: &str = "example.myshopify.com";

pub(crate) fn receive_shopify_webhook() -> Operation {
    let given = |name, text: &str, example: &str| parameter(name, ParameterIn::Header, text, self::text(), example);
    let order = json!({
        "id": 5_551_234_567_890_i64,
        "name": "#1001",
        "updated_at": "2026-03-09T10:30:00+02:00",
        "cancelled_at": null,
        "fulfillment_status": null,
        "email": "customer@example.com",
        "note": "Leave at front door",
        "note_attributes": [{ "name": "Gift", "value": "yes" }],
        "tags": "cold, fragile",
        "line_items": [{
            "id": 11, "name": "Bananas", "quantity": 3, "current_quantity": 3, "fulfillable_quantity": 3, "grams": 500,
            "requires_shipping": true,
        }],
        "shipping_address": {
            "first_name": "Aino", "last_name": "Virtanen", "address1": "Unioninkatu 29", "city": "Helsinki", "zip": "00170",
            "country_code": "FI",
        },
    });
    let schema = ObjectBuilder::new().description(Some("Shopify's `Order`; of any other topic whatever it says."));
    let content = ContentBuilder::new().schema(Some(schema.build())).example(Some(order)).build();
    let request = RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build();
    let unsigned = ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature).into();
    let crowded = ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 1_200 }.into();
    let all = about_any_call().into_iter().chain(about_bodies()).chain([unsigned, crowded]);
    let outcomes = ShopifyOutcome::ALL.map(ShopifyOutcome::as_str).join("`, `");
    let says_what = format!(
        "It is durable: `{outcomes}`. What cannot be read is answered so too, because the same message again would be no \
         better and Shopify takes away subscriptions that fail."
    );
    let cached = header("Kept by nobody.", text().enum_values(Some(["no-store"])));
    let ok = with_request_id(ResponseBuilder::new().description(says_what)).header("Cache-Control", cached);
    let operation = OperationBuilder::new()
        .operation_id(Some("receiveShopifyWebhook"))
        .summary(Some("Take a message of a shop at Shopify in"))
        .description(Some(
            "The address to give to Shopify for `orders/create`, `orders/updated`, `orders/cancelled` and `orders/fulfilled`; \
             messages of other topics, and tests, are answered and ignored. The signature is HMAC-SHA256 over the body with \
             the secret of a shop that was connected by `routemate shopify shop add`, in base64. A message that comes again \
             changes nothing, and neither does one that is older than what is known.",
        ))
        .security(SecurityRequirement::new::<_, [&str; 0], _>(SHOPIFY, []))
        .parameter(given("X-Shopify-Shop-Domain", "The shop's name at Shopify.", SHOP))
        .parameter(given("X-Shopify-Topic", "What it is about.", "orders/create"))
        .parameter(given("X-Shopify-Webhook-Id", "The same each time the message is sent.", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"))
        .parameter(given("X-Shopify-Triggered-At", "When it was put on its way.", "2026-03-09T08:30:01.250Z"))
        .parameter(given("X-Shopify-Test", "`true` for what nobody has ordered.", "false"))
        .request_body(Some(request))
        .response("200", ok.content("application/json", body("ReceivedDto", json!({ "outcome": "applied" }))));
    answers(operation, all.filter_map(|rejection: Rejection| says(&rejection))).build()
}

pub(crate) fn list_shopify_shops() -> Operation {
    let example = json!({
        "shops": [{
            "shop_id": "0190b6e2-0000-7000-8000-00000000000d",
            "domain": SHOP,
            "previous_secret_until": null,
            "connected_at": "2026-03-09T08:00:00.000Z",
            "last_webhook": {
                "webhook_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
                "topic": "orders/create",
                "outcome": "applied",
                "problem": null,
                "received_at": "2026-03-09T08:30:01.500Z",
            },
        }],
    });
    let ok = to_caller(ResponseBuilder::new().description("All of them."));
    let operation = OperationBuilder::new()
        .operation_id(Some("listShopifyShops"))
        .summary(Some("The shops that are connected, and what came of them last"))
        .description(Some("In the order of their names. They are connected at the command line."))
        .security(with_token())
        .response("200", ok.content("application/json", body("ShopsDto", example)));
    answers(operation, refusals([])).build()
}

pub(crate) fn list_shopify_orders() -> Operation {
    let status = text().enum_values(Some(ShopifyOrderStatus::ALL.map(ShopifyOrderStatus::as_str)));
    let example = json!({ "orders": [order()], "next_cursor": null });
    let page = ResponseBuilder::new().description("A page.");
    let operation = OperationBuilder::new()
        .operation_id(Some("listShopifyOrders"))
        .summary(Some("The orders of the organisation's shops, those of the greatest numbers first"))
        .description(Some(
            "`status=open` lists what is to be driven, on a route already or not yet. Pages go on by `cursor`, which holds the \
             whole query.",
        ))
        .security(with_token())
        .parameter(list_query("status", "Orders that stand so.", status, json!("open")))
        .parameter(limit())
        .parameter(cursor())
        .response("200", to_caller(page).content("application/json", body("ShopifyOrdersDto", example)));
    answers(operation, refusals([bad_limit()])).build()
}

pub(crate) fn get_shopify_order() -> Operation {
    let etag = || header("Changes with every change of the order.", text().examples([json!("\"2\"")]));
    let cached =
        || header("Kept by the caller alone, and asked again.", text().enum_values(Some(["private, no-cache"])));
    let ok = to_caller(ResponseBuilder::new().description("The order as it was told last."))
        .header("ETag", etag())
        .header("Cache-Control", cached())
        .content("application/json", body("ShopifyOrderDto", order()));
    let unchanged = to_caller(ResponseBuilder::new().description("The caller has this version already."))
        .header("ETag", etag())
        .header("Cache-Control", cached());
    let operation = OperationBuilder::new()
        .operation_id(Some("getShopifyOrder"))
        .summary(Some("An order of one of the organisation's shops"))
        .description(Some(
            "Where its address was found, or why not and what may have been meant, and what is left to be driven.",
        ))
        .security(with_token())
        .parameter(required("shopify_order_id", ParameterIn::Path, "Shopify's number of the order.", text(), ORDER))
        .parameter(parameter("If-None-Match", ParameterIn::Header, "An `ETag` of an earlier answer.", text(), "\"2\""))
        .response("200", ok)
        .response("304", unchanged);
    answers(operation, refusals([ErrorKind::NotFound(Noun::ShopifyOrder).into()])).build()
}

fn refusals(of_its_own: impl IntoIterator<Item = Rejection>) -> Vec<Said> {
    let all = about_any_call().into_iter().chain(about_callers()).chain(of_its_own);
    all.filter_map(|rejection| says(&rejection)).collect()
}

fn order() -> Value {
    json!({
        "shopify_order_id": ORDER,
        "order_name": "#1001",
        "shop_domain": SHOP,
        "status": "open",
        "address": {
            "text": "Unioninkatu 29, Helsinki, 00170, FI",
            "line1": "Unioninkatu 29",
            "line2": "",
            "city": "Helsinki",
            "province_code": "",
            "country_code": "FI",
            "zip": "00170",
        },
        "location": {
            "status": "searching",
            "latitude": null,
            "longitude": null,
            "match_type": null,
            "confidence": null,
            "is_approximate": null,
            "source": null,
            "access_latitude": null,
            "access_longitude": null,
            "attribution": null,
            "reason": null,
            "candidates": [],
        },
        "contact": { "first_name": "Aino", "last_name": "Virtanen", "company": "", "phone": "", "email": "customer@example.com" },
        "note": "Leave at front door",
        "items": [{ "name": "Bananas", "quantity": 3, "weight_grams": 500 }],
        "attributes": [{ "key": "Gift", "value": "yes" }],
        "tags": ["cold", "fragile"],
        "oddities": [],
        "version": 2,
        "changed_at": "2026-03-09T08:30:00.000Z",
        "created_at": "2026-03-09T08:00:01.000Z",
        "updated_at": "2026-03-09T08:30:01.000Z",
    })
}

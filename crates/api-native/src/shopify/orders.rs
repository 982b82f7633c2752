//! `/api/v1/shopify/orders`: the orders of an organisation's shops.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, ListedShopifyOrder, Noun, Problem, ShopifyOrderQuery};
use routemate_domain::ShopifyOrderStatus;
use routemate_http::{Context, Query, Rejection, authenticate, json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::dto::{AddressDto, AttributeDto, ContactDto, ItemDto, LocationDto};
use crate::imported_stops::{OddityDto, oddities};
use crate::openapi::schemas;
use crate::paging::{Paged, asked_for, next_cursor, read_limit};
use crate::responses::shown;

/// What a cursor of the list belongs to.
const OPERATION: &str = "native.shopify_orders";

/// What the first page was asked for, and the last order shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    status: Option<String>,
    limit: usize,
    before: Option<i64>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopifyOrdersDto<'a> {
    orders: Vec<ShopifyOrderDto<'a>>,
    /// Where the next page begins; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// An order of a shop at Shopify, as it was told last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopifyOrderDto<'a> {
    /// Shopify's number of it: digits, because not every program keeps all of them in a number.
    shopify_order_id: String,
    /// What people call it, such as `#1001`; other shops may have one of the same name.
    #[schema(required)]
    order_name: Option<&'a str>,
    /// The shop's name at Shopify.
    shop_domain: &'a str,
    /// Whether routes can be made of it, or why not.
    #[schema(schema_with = schemas::shopify_order_status)]
    status: &'static str,
    address: AddressDto<'a>,
    /// Where that is; `not_found` says what may have been meant.
    location: LocationDto<'a>,
    contact: ContactDto<'a>,
    #[schema(required)]
    note: Option<&'a str>,
    /// What is still to be driven.
    items: Vec<ItemDto<'a>>,
    /// The order's additional details.
    attributes: Vec<AttributeDto<'a>>,
    tags: Vec<&'a str>,
    /// What was kept as it came because it reads as nothing known.
    oddities: Vec<OddityDto<'a>>,
    /// Counts changes.
    version: i64,
    /// When it last changed at Shopify.
    #[schema(format = "date-time")]
    changed_at: String,
    /// When it was first told.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was last told.
    #[schema(format = "date-time")]
    updated_at: String,
}

/// A page of orders, those of the greatest numbers first.
pub(crate) async fn list_orders(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let asked: Asked = asked_for(ctx, &who, OPERATION, &query, read_query).await?;
    let wanted = ShopifyOrderQuery {
        status: asked.status.as_deref().and_then(status_named),
        before: asked.before,
        most: i64::try_from(asked.limit + 1).unwrap_or(i64::MAX),
    };
    let caller = who.clone();
    let listed = ctx.run(move |app| async move { app.shopify_orders(&caller, &wanted).await }).await?;
    let Paged { items, last } = Paged::cut(listed, asked.limit, |last| last.order.told.number.to_string());
    let next = last.map(|number| Asked { before: number.parse().ok(), ..asked });
    let next_cursor = next_cursor(ctx, &who, OPERATION, next).await?;
    Ok(json(StatusCode::OK, &ShopifyOrdersDto { orders: items.iter().map(order).collect(), next_cursor }))
}

/// Tells how an order stands.
pub(crate) async fn find_order(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let number = req.match_info().get("shopify_order_id").unwrap_or_default().parse();
    let number = number.map_err(|_| ErrorKind::NotFound(Noun::ShopifyOrder))?;
    let listed = ctx.run(move |app| async move { app.shopify_order(&who, number).await }).await?;
    let tag = format!("\"{}\"", listed.order.version);
    Ok(shown(req, &tag, &order(&listed)))
}

fn order(listed: &ListedShopifyOrder) -> ShopifyOrderDto<'_> {
    let ListedShopifyOrder { order, shop } = listed;
    let request = &order.told.request;
    ShopifyOrderDto {
        shopify_order_id: order.told.number.to_string(),
        order_name: request.order_name.as_deref(),
        shop_domain: shop.as_str(),
        status: order.told.status.as_str(),
        address: convert::address(&request.address),
        location: convert::location(&order.location),
        contact: convert::contact(&request.contact),
        note: request.note.as_ref().map(|note| note.as_str()),
        items: convert::items(&request.items),
        attributes: convert::attributes(&request.attributes),
        tags: request.tags.iter().map(String::as_str).collect(),
        oddities: oddities(request),
        version: order.version,
        changed_at: instant(order.told.changed_at),
        created_at: instant(order.created_at),
        updated_at: instant(order.updated_at),
    }
}

fn read_query(query: &Query) -> Result<Asked, Vec<Problem>> {
    let mut problems = Vec::new();
    let given = |name| query.first(name).filter(|text| !text.is_empty());
    let status = given("status");
    if status.is_some_and(|name| status_named(name).is_none()) {
        let names = ShopifyOrderStatus::ALL.map(ShopifyOrderStatus::as_str).join(", ");
        problems.push(Problem::new("status", format_args!("must be one of {names}")));
    }
    let limit = read_limit(query, &mut problems);
    if problems.is_empty() {
        Ok(Asked { status: status.map(str::to_owned), limit, before: None })
    } else {
        Err(problems)
    }
}

fn status_named(name: &str) -> Option<ShopifyOrderStatus> {
    ShopifyOrderStatus::ALL.into_iter().find(|status| status.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::DEFAULT_LIMIT;

    #[track_caller]
    fn check(query: &str, expected: Result<(Option<&str>, usize), &[&str]>) {
        let asked = read_query(&Query::parse(query));
        let asked = asked.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>());
        let expected = expected.map(|(status, limit)| Asked { status: status.map(str::to_owned), limit, before: None });
        assert_eq!(asked, expected.map_err(|told| told.iter().map(ToString::to_string).collect()));
    }

    #[test]
    fn queries_are_read_and_told_what_is_wrong_with_them() {
        check("", Ok((None, DEFAULT_LIMIT)));
        check("status=&limit=", Ok((None, DEFAULT_LIMIT)));
        check("status=no_address&limit=200", Ok((Some("no_address"), 200)));
        let status = "status must be one of open, cancelled, fulfilled, pickup, no_address, nothing_to_ship";
        check("status=Open&limit=0", Err(&[status, "limit must be between 1 and 200"]));
        check("limit=201", Err(&["limit must be between 1 and 200"]));
    }
}

use diesel::prelude::*;
use routemate_domain::{
    Location, OrganizationId, PreviousShopKey, ShopDomain, ShopId, ShopKey, ShopifyOrder, ShopifyOrderStatus,
    ShopifyShop, ToldOrder,
};

use super::place::{location_from_text, location_to_text};
use super::{parse_name, stop_request};
use crate::StoreError;
use crate::schema::{shopify_orders, shopify_shops};
use crate::sql_types::{DbId, DbInstant};

const SHOPS: &str = "shopify_shops";
const ORDERS: &str = "shopify_orders";

#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = shopify_shops, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ShopifyShopRow {
    organization_id: DbId,
    id: DbId,
    domain: String,
    signing_key: Vec<u8>,
    previous_key: Option<Vec<u8>>,
    previous_key_expires_at: Option<DbInstant>,
    created_at: DbInstant,
    updated_at: DbInstant,
}

impl ShopifyShopRow {
    pub(crate) fn from_domain(shop: &ShopifyShop) -> Self {
        let previous = shop.previous_key.as_ref();
        Self {
            organization_id: DbId(shop.organization_id.to_uuid()),
            id: DbId(shop.id.to_uuid()),
            domain: shop.domain.as_str().to_owned(),
            signing_key: shop.key.as_bytes().to_vec(),
            previous_key: previous.map(|previous| previous.key.as_bytes().to_vec()),
            previous_key_expires_at: previous.map(|previous| DbInstant(previous.expires_at)),
            created_at: DbInstant(shop.created_at),
            updated_at: DbInstant(shop.updated_at),
        }
    }

    pub(crate) fn into_domain(self) -> Result<ShopifyShop, StoreError> {
        let previous = self.previous_key.zip(self.previous_key_expires_at);
        Ok(ShopifyShop {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: ShopId::from_uuid(self.id.0),
            domain: ShopDomain::parse(&self.domain).map_err(|error| StoreError::corrupt(SHOPS, "domain", error))?,
            key: ShopKey::from_bytes(self.signing_key),
            previous_key: previous.map(|(key, expires_at)| PreviousShopKey {
                key: ShopKey::from_bytes(key),
                expires_at: expires_at.into(),
            }),
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = shopify_orders, primary_key(organization_id, number), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ShopifyOrderRow {
    organization_id: DbId,
    number: i64,
    shop_id: DbId,
    status: String,
    request: String,
    location: String,
    changed_at: DbInstant,
    triggered_at: Option<DbInstant>,
    pub(crate) version: i64,
    created_at: DbInstant,
    updated_at: DbInstant,
}

impl ShopifyOrderRow {
    pub(crate) fn from_domain(order: &ShopifyOrder) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: DbId(order.organization_id.to_uuid()),
            number: order.told.number,
            shop_id: DbId(order.shop_id.to_uuid()),
            status: order.told.status.as_str().to_owned(),
            request: stop_request::to_text(ORDERS, &order.told.request)?,
            location: Self::location(&order.location)?,
            changed_at: DbInstant(order.told.changed_at),
            triggered_at: order.told.triggered_at.map(DbInstant),
            version: order.version,
            created_at: DbInstant(order.created_at),
            updated_at: DbInstant(order.updated_at),
        })
    }

    /// The text of the column `location`.
    pub(crate) fn location(location: &Location) -> Result<String, StoreError> {
        location_to_text(ORDERS, location)
    }

    pub(crate) fn into_domain(self) -> Result<ShopifyOrder, StoreError> {
        let all = &ShopifyOrderStatus::ALL;
        Ok(ShopifyOrder {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            shop_id: ShopId::from_uuid(self.shop_id.0),
            told: ToldOrder {
                number: self.number,
                status: parse_name(ORDERS, "status", &self.status, all, ShopifyOrderStatus::as_str)?,
                request: stop_request::from_text(ORDERS, &self.request)?,
                changed_at: self.changed_at.into(),
                triggered_at: self.triggered_at.map(Into::into),
            },
            location: location_from_text(ORDERS, &self.location)?,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{OrganizationId, ShopDomain, ShopId, ShopifyShop};

use super::{Scope, offset_of_last};
use crate::rows::ShopifyShopRow;
use crate::schema::{shopify_domains, shopify_shops, shopify_webhooks};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// A message of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopifyWebhook {
    /// Shopify's id of it, the same each time it is sent.
    pub id: String,
    /// What it is about.
    pub topic: String,
    /// What became of it.
    pub outcome: String,
    /// What was wrong with it.
    pub problem: Option<String>,
    /// When it was taken in.
    pub received_at: Timestamp,
}

/// A shop with the last that came from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedShop {
    /// The shop.
    pub shop: ShopifyShop,
    /// Its last message, as long as messages are kept.
    pub last_webhook: Option<ShopifyWebhook>,
}

impl Tx {
    /// Who delivers for the shop of this name.
    pub async fn system_find_shops_of_domain(
        &mut self,
        domain: &ShopDomain,
    ) -> Result<Vec<(OrganizationId, ShopId)>, StoreError> {
        let rows = on!(self, c => shopify_domains::table
            .filter(shopify_domains::domain.eq(domain.as_str()))
            .order(shopify_domains::organization_id)
            .select((shopify_domains::organization_id, shopify_domains::shop_id))
            .load::<(DbId, DbId)>(c).await)?;
        let found =
            |(organization, shop): (DbId, DbId)| (OrganizationId::from_uuid(organization.0), ShopId::from_uuid(shop.0));
        Ok(rows.into_iter().map(found).collect())
    }

    /// Forgets messages from before `before`, the oldest first and about `most` at once; gives how many.
    pub async fn system_purge_shopify_webhooks(&mut self, before: Timestamp, most: usize) -> Result<usize, StoreError> {
        let last = on!(self, c => shopify_webhooks::table
            .filter(shopify_webhooks::received_at.lt(DbInstant(before)))
            .order(shopify_webhooks::received_at)
            .offset(offset_of_last(most)).limit(1)
            .select(shopify_webhooks::received_at).first::<DbInstant>(c).await.optional())?;
        let old = shopify_webhooks::received_at
            .lt(DbInstant(before))
            .and(shopify_webhooks::received_at.le(last.unwrap_or(DbInstant(before))));
        Ok(on!(self, c => diesel::delete(shopify_webhooks::table.filter(old)).execute(c).await)?)
    }
}

impl Scope<'_> {
    /// Adds a shop, and its name to the reference table. One that the organisation has already is a
    /// [`StoreError::UniqueViolation`].
    pub async fn insert_shop(&mut self, shop: &ShopifyShop) -> Result<(), StoreError> {
        let row = ShopifyShopRow::from_domain(shop);
        on!(self.tx, c => diesel::insert_into(shopify_shops::table).values(row).execute(c).await)?;
        let (organization_id, id) = (self.key(), DbId(shop.id.to_uuid()));
        on!(self.tx, c => diesel::insert_into(shopify_domains::table)
            .values((
                shopify_domains::domain.eq(shop.domain.as_str()),
                shopify_domains::organization_id.eq(organization_id),
                shopify_domains::shop_id.eq(id),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// The shop, if it is one of this organisation's.
    pub async fn find_shop(&mut self, id: ShopId) -> Result<Option<ShopifyShop>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => shopify_shops::table
            .find(key).select(ShopifyShopRow::as_select()).first(c).await.optional())?;
        row.map(ShopifyShopRow::into_domain).transpose()
    }

    /// The shop of this name, if it is one of this organisation's; nobody else changes it until this transaction ends.
    pub async fn lock_shop(&mut self, domain: &ShopDomain) -> Result<Option<ShopifyShop>, StoreError> {
        let wanted = shopify_shops::table
            .filter(shopify_shops::organization_id.eq(self.key()))
            .filter(shopify_shops::domain.eq(domain.as_str()));
        let rows = on!(self.tx,
            pg c => wanted.for_no_key_update().select(ShopifyShopRow::as_select()).load(c).await,
            sqlite c => wanted.select(ShopifyShopRow::as_select()).load(c).await
        )?;
        rows.into_iter().next().map(ShopifyShopRow::into_domain).transpose()
    }

    /// All shops in the order of their names, each with its last message.
    pub async fn find_shops(&mut self) -> Result<Vec<ListedShop>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => shopify_shops::table
            .filter(shopify_shops::organization_id.eq(organization))
            .order(shopify_shops::domain)
            .select(ShopifyShopRow::as_select()).load(c).await)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let shop = row.into_domain()?;
            found.push(ListedShop { last_webhook: self.find_last_shopify_webhook(shop.id).await?, shop });
        }
        Ok(found)
    }

    /// The names of all shops by their ids.
    pub async fn find_shop_domains(&mut self) -> Result<HashMap<ShopId, ShopDomain>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => shopify_shops::table
            .filter(shopify_shops::organization_id.eq(organization))
            .order(shopify_shops::id)
            .select((shopify_shops::id, shopify_shops::domain)).load::<(DbId, String)>(c).await)?;
        let named = |(id, domain): (DbId, String)| {
            let domain = ShopDomain::parse(&domain);
            Ok((
                ShopId::from_uuid(id.0),
                domain.map_err(|error| StoreError::corrupt("shopify_shops", "domain", error))?,
            ))
        };
        rows.into_iter().map(named).collect()
    }

    async fn find_last_shopify_webhook(&mut self, shop: ShopId) -> Result<Option<ShopifyWebhook>, StoreError> {
        let (organization, shop) = (self.key(), DbId(shop.to_uuid()));
        let row = on!(self.tx, c => shopify_webhooks::table
            .filter(shopify_webhooks::organization_id.eq(organization))
            .filter(shopify_webhooks::shop_id.eq(shop))
            .order((shopify_webhooks::received_at.desc(), shopify_webhooks::webhook_id.desc()))
            .select((
                shopify_webhooks::webhook_id,
                shopify_webhooks::topic,
                shopify_webhooks::outcome,
                shopify_webhooks::problem,
                shopify_webhooks::received_at,
            ))
            .first::<(String, String, String, Option<String>, DbInstant)>(c).await.optional())?;
        Ok(row.map(|(id, topic, outcome, problem, received_at)| ShopifyWebhook {
            id,
            topic,
            outcome,
            problem,
            received_at: received_at.into(),
        }))
    }

    /// Overwrites the shop's keys as they were read by [`lock_shop`](Self::lock_shop).
    pub async fn update_shop(&mut self, shop: &ShopifyShop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(shop.id.to_uuid()));
        let row = ShopifyShopRow::from_domain(shop);
        on!(self.tx, c => diesel::update(shopify_shops::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }

    /// Deletes a shop with its orders, its messages and its name. Stops on routes that were made from its orders stay.
    pub async fn delete_shop(&mut self, shop: &ShopifyShop) -> Result<(), StoreError> {
        let (organization, key) = (self.key(), (self.key(), DbId(shop.id.to_uuid())));
        on!(self.tx, c => diesel::delete(shopify_domains::table.find((shop.domain.as_str(), organization)))
            .execute(c).await)?;
        on!(self.tx, c => diesel::delete(shopify_shops::table.find(key)).execute(c).await)?;
        Ok(())
    }

    /// Takes a message of a shop in; gives whether it is the first of its id. Who sends the same one at this moment waits
    /// for this transaction to end.
    pub async fn insert_shopify_webhook(&mut self, shop: ShopId, webhook: &ShopifyWebhook) -> Result<bool, StoreError> {
        let (organization, shop) = (self.key(), DbId(shop.to_uuid()));
        let inserted = on!(self.tx, c => diesel::insert_into(shopify_webhooks::table)
            .values((
                shopify_webhooks::organization_id.eq(organization),
                shopify_webhooks::shop_id.eq(shop),
                shopify_webhooks::webhook_id.eq(&webhook.id),
                shopify_webhooks::topic.eq(&webhook.topic),
                shopify_webhooks::outcome.eq(&webhook.outcome),
                shopify_webhooks::problem.eq(webhook.problem.as_deref()),
                shopify_webhooks::received_at.eq(DbInstant(webhook.received_at)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        Ok(inserted == 1)
    }

    /// Says what became of a message.
    pub async fn update_shopify_webhook(
        &mut self,
        shop: ShopId,
        webhook_id: &str,
        outcome: &str,
    ) -> Result<(), StoreError> {
        let key = (self.key(), DbId(shop.to_uuid()), webhook_id);
        on!(self.tx, c => diesel::update(shopify_webhooks::table.find(key))
            .set(shopify_webhooks::outcome.eq(outcome))
            .execute(c).await)?;
        Ok(())
    }
}

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use routemate_domain::{Location, ShopifyOrder, ShopifyOrderStatus};

use super::Scope;
use super::places::PlaceHolder;
use crate::StoreError;
use crate::rows::ShopifyOrderRow;
use crate::schema::shopify_orders;
use crate::tx::on;

/// Keys in one statement: SQLite takes 32,766 binds.
const MOST: usize = 1_000;

/// Which orders are listed: those of the greatest numbers first, which are the latest of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShopifyOrderQuery {
    /// Only those that stand so.
    pub status: Option<ShopifyOrderStatus>,
    /// Only those of smaller numbers.
    pub before: Option<i64>,
    /// So many at most.
    pub most: i64,
}

/// A page of orders that fulfil one more condition.
macro_rules! page {
    ($tx:expr, $organization:expr, $last:expr, $most:expr, $condition:expr) => {
        on!($tx, c => shopify_orders::table
            .filter(shopify_orders::organization_id.eq($organization))
            .filter($condition)
            .filter(shopify_orders::number.le($last))
            .order(shopify_orders::number.desc())
            .limit($most)
            .select(ShopifyOrderRow::as_select()).load::<ShopifyOrderRow>(c).await)
    };
}

impl Scope<'_> {
    /// Adds an order; gives whether it is the first of its number, and adds nothing where it is not.
    pub async fn insert_shopify_order(&mut self, order: &ShopifyOrder) -> Result<bool, StoreError> {
        let row = ShopifyOrderRow::from_domain(order)?;
        let inserted = on!(self.tx, c => diesel::insert_into(shopify_orders::table)
            .values(row).on_conflict_do_nothing().execute(c).await)?;
        if inserted == 1 {
            self.note_places(PlaceHolder::ShopifyOrder(order.told.number), [&order.location]).await?;
        }
        Ok(inserted == 1)
    }

    /// The order, if it is one of this organisation's.
    pub async fn find_shopify_order(&mut self, number: i64) -> Result<Option<ShopifyOrder>, StoreError> {
        let key = (self.key(), number);
        let row = on!(self.tx, c => shopify_orders::table
            .find(key).select(ShopifyOrderRow::as_select()).first(c).await.optional())?;
        row.map(ShopifyOrderRow::into_domain).transpose()
    }

    /// The same, and nobody else changes it or makes stops of it until this transaction ends. SQLite has a single writer
    /// anyway.
    pub async fn lock_shopify_order(&mut self, number: i64) -> Result<Option<ShopifyOrder>, StoreError> {
        let wanted = shopify_orders::table.find((self.key(), number));
        let rows = on!(self.tx,
            pg c => wanted.for_update().select(ShopifyOrderRow::as_select()).load(c).await,
            sqlite c => wanted.select(ShopifyOrderRow::as_select()).load(c).await
        )?;
        rows.into_iter().next().map(ShopifyOrderRow::into_domain).transpose()
    }

    /// A page of orders.
    pub async fn find_shopify_orders(&mut self, query: &ShopifyOrderQuery) -> Result<Vec<ShopifyOrder>, StoreError> {
        let organization = self.key();
        let last = query.before.map_or(i64::MAX, |before| before.saturating_sub(1));
        // Each arm is a statement of its own: SQLite plans without knowing what is bound.
        let rows = match query.status {
            None => page!(self.tx, organization, last, query.most, shopify_orders::organization_id.eq(organization)),
            Some(status) => {
                page!(self.tx, organization, last, query.most, shopify_orders::status.eq(status.as_str()))
            }
        }?;
        rows.into_iter().map(ShopifyOrderRow::into_domain).collect()
    }

    /// Those of these orders that there are, in the order of their numbers.
    pub async fn find_shopify_orders_by_numbers(&mut self, numbers: &[i64]) -> Result<Vec<ShopifyOrder>, StoreError> {
        let organization = self.key();
        let mut found = Vec::with_capacity(numbers.len());
        for numbers in numbers.chunks(MOST) {
            let rows = on!(self.tx, c => shopify_orders::table
                .filter(shopify_orders::organization_id.eq(organization))
                .filter(shopify_orders::number.eq_any(numbers.to_vec()))
                .order(shopify_orders::number)
                .select(ShopifyOrderRow::as_select()).load(c).await)?;
            for row in rows {
                found.push(row.into_domain()?);
            }
        }
        Ok(found)
    }

    /// The same, and nobody changes them until this transaction ends: what is copied from them now is refreshed by
    /// whoever changes them next.
    pub async fn share_shopify_orders(&mut self, numbers: &[i64]) -> Result<Vec<ShopifyOrder>, StoreError> {
        let organization = self.key();
        let mut found = Vec::with_capacity(numbers.len());
        for numbers in numbers.chunks(MOST) {
            let wanted = shopify_orders::table
                .filter(shopify_orders::organization_id.eq(organization))
                .filter(shopify_orders::number.eq_any(numbers.to_vec()))
                .order(shopify_orders::number);
            let rows = on!(self.tx,
                pg c => wanted.for_share().select(ShopifyOrderRow::as_select()).load(c).await,
                sqlite c => wanted.select(ShopifyOrderRow::as_select()).load(c).await
            )?;
            for row in rows {
                found.push(row.into_domain()?);
            }
        }
        Ok(found)
    }

    /// Overwrites an order where it still has the version it was read with, and counts the version up.
    ///
    /// Gives whether it did: `false` means that somebody else was faster.
    pub async fn update_shopify_order(&mut self, order: &ShopifyOrder) -> Result<bool, StoreError> {
        let key = (self.key(), order.told.number);
        let mut row = ShopifyOrderRow::from_domain(order)?;
        row.version = order.version + 1;
        let changed = on!(self.tx, c => diesel::update(shopify_orders::table.find(key))
            .filter(shopify_orders::version.eq(order.version))
            .set(row).execute(c).await)?;
        if changed == 1 {
            self.note_places(PlaceHolder::ShopifyOrder(order.told.number), [&order.location]).await?;
        }
        Ok(changed == 1)
    }

    /// Writes where an order goes, if it still has this version, and counts the version up.
    ///
    /// Gives whether it did: `false` means that it was changed or deleted meanwhile.
    pub async fn place_shopify_order(
        &mut self,
        number: i64,
        version: i64,
        location: &Location,
    ) -> Result<bool, StoreError> {
        let key = (self.key(), number);
        let text = ShopifyOrderRow::location(location)?;
        let changed = on!(self.tx, c => diesel::update(shopify_orders::table.find(key))
            .filter(shopify_orders::version.eq(version))
            .set((shopify_orders::location.eq(text), shopify_orders::version.eq(version + 1)))
            .execute(c).await)?;
        if changed == 1 {
            self.note_places(PlaceHolder::ShopifyOrder(number), [location]).await?;
        }
        Ok(changed == 1)
    }
}

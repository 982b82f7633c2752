use std::collections::HashMap;

use jiff::Timestamp;
use routemate_domain::{Location, ShopDomain, ShopId, ShopifyOrder, ShopifyOrderStatus, StopSource, ToldOrder};
use routemate_metrics::SHOPIFY_WEBHOOKS;
use routemate_persistence::{Scope, ShopifyOrderQuery, ShopifyWebhook, StoreError, Tx};

use crate::audit::Actor;
use crate::driving::lost_race;
use crate::imported_stops::location_of;
use crate::refreshing::{Fresh, Refresh, refresh_routes};
use crate::shopify_shops::SigningShop;
use crate::withdrawing::{Withdrawal, withdraw_from_routes};
use crate::{App, Error, ErrorKind, Noun, Principal, Problem, Unauthenticated};

/// A message of a shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopifyMessage {
    /// Shopify's id of it, the same each time it is sent.
    pub id: String,
    /// What it is about, such as `orders/create`.
    pub topic: String,
    /// What it says.
    pub content: ShopifyContent,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum ShopifyContent {
    /// How an order stands.
    Order(Box<ToldOrder>),
    /// Something about an order that cannot be read.
    Unreadable(Problem),
    /// Nothing that is of interest here: another topic, or a test.
    Other,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopifyOutcome {
    /// The order is from now on as it was told.
    Applied,
    /// The order was so already.
    Unchanged,
    /// Something later is known of the order.
    Outdated,
    /// It was taken in before.
    Repeated,
    /// It could not be read.
    Unreadable,
    /// The order is another shop's of the same organisation.
    Foreign,
    /// It says nothing that is of interest here.
    Ignored,
}

impl ShopifyOutcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Unchanged,
        Self::Outdated,
        Self::Repeated,
        Self::Unreadable,
        Self::Foreign,
        Self::Ignored,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Outdated => "outdated",
            Self::Repeated => "repeated",
            Self::Unreadable => "unreadable",
            Self::Foreign => "foreign",
            Self::Ignored => "ignored",
        }
    }
}

/// An order with the name of its shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedShopifyOrder {
    /// The order.
    pub order: ShopifyOrder,
    /// Its shop's name at Shopify.
    pub shop: ShopDomain,
}

/// What the transaction of a message writes.
struct Receipt<'a> {
    app: &'a App,
    shop: &'a SigningShop,
    message: &'a ShopifyMessage,
    now: Timestamp,
}

impl App {
    /// Takes a message of a shop in, once: a message that comes again changes nothing.
    ///
    /// An order that is to be driven becomes a stop that routes can be made of. Unstarted routes that hold it take over what
    /// has changed; from those it is withdrawn as soon as nothing of it is to be driven any more. Routes on which a driver
    /// has set out stay as they are. What is older than what is known changes nothing.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidSignature`] where the shop was disconnected meanwhile; those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn receive_from_shop(
        &self,
        shop: &SigningShop,
        message: &ShopifyMessage,
    ) -> Result<ShopifyOutcome, Error> {
        let receipt = Receipt { app: self, shop, message, now: self.now() };
        let outcome = match &message.content {
            ShopifyContent::Other => ShopifyOutcome::Ignored,
            _ => self.store.write(&receipt, |tx, receipt| Box::pin(store_message(tx, receipt))).await?,
        };
        SHOPIFY_WEBHOOKS.increment([outcome.as_str()]);
        let (shop, problem) = (shop.domain.as_str(), message.problem());
        match outcome {
            ShopifyOutcome::Unreadable => tracing::warn!(shop, problem, "a shop's message cannot be read"),
            ShopifyOutcome::Foreign => tracing::warn!(shop, "a shop's message is about another shop's order"),
            _ => tracing::info!(shop, outcome = outcome.as_str(), "a shop's message was received"),
        }
        Ok(outcome)
    }

    /// Orders of the caller's shops, those of the greatest numbers first.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn shopify_orders(
        &self,
        who: &Principal,
        query: &ShopifyOrderQuery,
    ) -> Result<Vec<ListedShopifyOrder>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, query), |tx, (organization, query)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let orders = scope.find_shopify_orders(query).await?;
                    Ok((orders, scope.find_shop_domains().await?))
                })
            })
            .await;
        let (orders, shops): (Vec<ShopifyOrder>, HashMap<ShopId, ShopDomain>) = found?;
        Ok(orders.into_iter().filter_map(|order| named(order, &shops)).collect())
    }

    /// An order of one of the caller's shops.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn shopify_order(&self, who: &Principal, number: i64) -> Result<ListedShopifyOrder, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, number), |tx, (organization, number)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let Some(order) = scope.find_shopify_order(*number).await? else { return Ok(None) };
                    Ok(Some((order, scope.find_shop_domains().await?)))
                })
            })
            .await;
        let listed = found?.and_then(|(order, shops): (_, HashMap<_, _>)| named(order, &shops));
        listed.ok_or_else(|| ErrorKind::NotFound(Noun::ShopifyOrder).into())
    }
}

fn named(order: ShopifyOrder, shops: &HashMap<ShopId, ShopDomain>) -> Option<ListedShopifyOrder> {
    let shop = shops.get(&order.shop_id)?.clone();
    Some(ListedShopifyOrder { order, shop })
}

impl ShopifyMessage {
    /// What is wrong with it, in a sentence that repeats nothing of it.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        match &self.content {
            ShopifyContent::Unreadable(problem) => Some(problem.to_string()),
            ShopifyContent::Order(_) | ShopifyContent::Other => None,
        }
    }
}

async fn store_message(tx: &mut Tx, receipt: &Receipt<'_>) -> Result<ShopifyOutcome, Error> {
    let Receipt { app, shop, message, now } = receipt;
    let mut scope = tx.organization(shop.organization_id);
    if scope.find_shop(shop.shop_id).await?.is_none() {
        return Err(ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature).into());
    }
    let webhook = ShopifyWebhook {
        id: message.id.clone(),
        topic: message.topic.clone(),
        outcome: ShopifyOutcome::Unreadable.as_str().to_owned(),
        problem: message.problem(),
        received_at: *now,
    };
    if !scope.insert_shopify_webhook(shop.shop_id, &webhook).await? {
        return Ok(ShopifyOutcome::Repeated);
    }
    let ShopifyContent::Order(told) = &message.content else {
        let audit = app.audit(Actor::Shop(shop.shop_id), "shopify_message.unreadable", "shopify_shop", shop.shop_id);
        scope.insert_audit(&audit, *now).await?;
        return Ok(ShopifyOutcome::Unreadable);
    };
    let outcome = store_order(tx, receipt, told).await?;
    let mut scope = tx.organization(shop.organization_id);
    scope.update_shopify_webhook(shop.shop_id, &message.id, outcome.as_str()).await?;
    Ok(outcome)
}

async fn store_order(tx: &mut Tx, receipt: &Receipt<'_>, told: &ToldOrder) -> Result<ShopifyOutcome, Error> {
    let Receipt { app, shop, now, .. } = receipt;
    let mut scope = tx.organization(shop.organization_id);
    let before = scope.lock_shopify_order(told.number).await?;
    if before.as_ref().is_some_and(|before| before.shop_id != shop.shop_id) {
        return Ok(ShopifyOutcome::Foreign);
    }
    if before.as_ref().is_some_and(|before| !before.is_outdated_by(told)) {
        return Ok(ShopifyOutcome::Outdated);
    }
    let after = ShopifyOrder {
        organization_id: shop.organization_id,
        shop_id: shop.shop_id,
        told: told.clone(),
        location: location(told, before.as_ref()),
        version: before.as_ref().map_or(1, |before| before.version),
        created_at: before.as_ref().map_or(*now, |before| before.created_at),
        updated_at: *now,
    };
    let is_written = match &before {
        None => scope.insert_shopify_order(&after).await?,
        Some(_) => scope.update_shopify_order(&after).await?,
    };
    if !is_written {
        return Err(lost_race().into());
    }
    let is_same = |before: &ShopifyOrder| (before.told.status, &before.told.request) == (told.status, &told.request);
    if before.as_ref().is_some_and(is_same) {
        return Ok(ShopifyOutcome::Unchanged);
    }
    search(app, &mut scope, &after, before.as_ref()).await?;
    let action = match (&before, told.status) {
        (None, _) => "shopify_order.received",
        (Some(_), ShopifyOrderStatus::Open) => "shopify_order.changed",
        (Some(_), _) => "shopify_order.withdrawn",
    };
    let actor = Actor::Shop(shop.shop_id);
    scope.insert_audit(&app.audit(actor, action, "shopify_order", told.number), *now).await?;
    let source = StopSource::ShopifyOrder(told.number);
    if told.status == ShopifyOrderStatus::Open {
        let fresh = Fresh { request: &told.request, location: &after.location };
        let organization = shop.organization_id;
        let refresh = Refresh { app, organization, actor, fresh: HashMap::from([(source, fresh)]), now: *now };
        refresh_routes(tx, &refresh).await?;
    } else {
        let withdrawal = Withdrawal { app, organization: shop.organization_id, actor, source, now: *now };
        withdraw_from_routes(tx, &withdrawal).await?;
    }
    Ok(ShopifyOutcome::Applied)
}

/// Where an order goes, before anybody looks; nobody looks for one that goes nowhere.
fn location(told: &ToldOrder, before: Option<&ShopifyOrder>) -> Location {
    match location_of(&told.request, before.map(ShopifyOrder::place)) {
        Location::Searching if told.status != ShopifyOrderStatus::Open => Location::unknown(),
        location => location,
    }
}

/// Queues the search for its address, where it has one to be found and nobody is at it.
async fn search(
    app: &App,
    scope: &mut Scope<'_>,
    order: &ShopifyOrder,
    before: Option<&ShopifyOrder>,
) -> Result<(), Error> {
    // A search that was queued for the address that it had looks at what it has become.
    let is_searched = before.is_some_and(|before| {
        before.location == Location::Searching && before.told.request.address == order.told.request.address
    });
    if order.location == Location::Searching && !is_searched {
        let source = StopSource::ShopifyOrder(order.told.number);
        for work in app.stop_searches([source].into_iter(), order.updated_at)? {
            scope.enqueue(&work, order.updated_at).await?;
        }
    }
    Ok(())
}

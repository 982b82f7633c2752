use std::num::{NonZeroU32, NonZeroUsize};

use jiff::{SignedDuration, Timestamp};
use routemate_auth::{Admission, SlidingLog, WebhookKey};
use routemate_domain::{OrganizationId, OrganizationStatus, Refusal, ShopDomain, ShopId, ShopKey, ShopifyShop};
use routemate_metrics::{RATE_LIMIT_REFUSALS, SHOPIFY_WEBHOOKS};
use routemate_persistence::{ListedShop, StoreError, Tx};
use secrecy::SecretString;

use crate::audit::Actor;
use crate::imported_stops::contended;
use crate::{App, Error, ErrorKind, Noun, Principal, Unauthenticated};

/// Connects a shop at Shopify to the organisation that delivers its orders.
#[derive(Debug)]
pub struct ConnectShop {
    /// Who delivers.
    pub organization_id: OrganizationId,
    /// The shop's name at Shopify.
    pub domain: ShopDomain,
    /// What the shop signs with. A key is made of it, and it is forgotten.
    pub secret: SecretString,
}

/// A shop that has signed a message, for an organisation that delivers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningShop {
    /// Who delivers.
    pub organization_id: OrganizationId,
    /// The shop.
    pub shop_id: ShopId,
    /// Its name at Shopify.
    pub domain: ShopDomain,
}

/// How many messages each shop has sent in the last minute, in this process: what they cost is limited, not sold.
#[derive(Debug)]
pub(crate) struct ShopLimits(SlidingLog<ShopId>);

impl Default for ShopLimits {
    fn default() -> Self {
        Self(SlidingLog::new(NonZeroUsize::MIN.saturating_add(50_000)))
    }
}

/// What the transaction of a change of a shop writes.
struct Change<'a, F> {
    app: &'a App,
    organization: OrganizationId,
    domain: &'a ShopDomain,
    change: F,
    now: Timestamp,
}

impl App {
    /// Connects a shop: its messages are taken in from now on.
    ///
    /// Other organisations may deliver for the same shop; each gets the messages that are signed with the secret it has.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation; [`ErrorKind::Refused`] where it has the shop already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn connect_shop(&self, command: ConnectShop) -> Result<ShopifyShop, Error> {
        let now = self.now();
        let shop = ShopifyShop {
            organization_id: command.organization_id,
            id: ShopId::from_uuid(self.new_uuid()),
            domain: command.domain,
            key: key(&command.secret),
            previous_key: None,
            created_at: now,
            updated_at: now,
        };
        self.store
            .write(&(self, &shop), |tx, (app, shop)| {
                Box::pin(async move {
                    let mut scope = tx.organization(shop.organization_id);
                    scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
                    if scope.lock_shop(&shop.domain).await?.is_some() {
                        return Err(Refusal { noun: "a shop", state: "connected", action: "connect" }.into());
                    }
                    scope.insert_shop(shop).await.map_err(contended)?;
                    let audit = app.audit(Actor::Operator, "shopify_shop.connected", "shopify_shop", shop.id);
                    Ok::<_, Error>(scope.insert_audit(&audit, shop.created_at).await?)
                })
            })
            .await?;
        Ok(shop)
    }

    /// Puts another secret of a shop in force. The old one dies at once, or after `overlap`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the organisation has no such shop.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn rotate_shop(
        &self,
        organization: OrganizationId,
        domain: &ShopDomain,
        secret: &SecretString,
        overlap: Option<SignedDuration>,
    ) -> Result<ShopifyShop, Error> {
        let (key, now) = (key(secret), self.now());
        let overlap_until = overlap.map(|overlap| now.checked_add(overlap).unwrap_or(Timestamp::MAX));
        let change = move |shop: ShopifyShop| Some(shop.rotate(key.clone(), overlap_until, now));
        let change = Change { app: self, organization, domain, change, now };
        self.store.write(&change, |tx, change| Box::pin(store_change(tx, change))).await
    }

    /// Disconnects a shop, and forgets its orders and messages. Stops on routes that were made from its orders stay as they
    /// are.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the organisation has no such shop.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn remove_shop(&self, organization: OrganizationId, domain: &ShopDomain) -> Result<ShopifyShop, Error> {
        let change = Change { app: self, organization, domain, change: |_: ShopifyShop| None, now: self.now() };
        self.store.write(&change, |tx, change| Box::pin(store_change(tx, change))).await
    }

    /// The shops of the caller's organisation in the order of their names.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn shops(&self, who: &Principal) -> Result<Vec<ListedShop>, Error> {
        self.shops_of(who.organization_id).await
    }

    /// As [`shops`](Self::shops), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    pub async fn shops_of(&self, organization: OrganizationId) -> Result<Vec<ListedShop>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&organization, |tx, organization| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let Some(_) = scope.find_organization().await? else { return Ok(None) };
                    scope.find_shops().await.map(Some)
                })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Organization).into())
    }

    /// Which shop has signed a message, for each organisation that delivers for it, and counts the message.
    ///
    /// A shop that nobody has connected and a wrong signature are refused alike, and take the same time.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidSignature`]; [`ErrorKind::TooMany`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authenticate_shop(
        &self,
        domain: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Vec<SigningShop>, Error> {
        let now = self.now();
        let shops = match ShopDomain::parse(domain) {
            Ok(domain) => self.active_shops(&domain).await?,
            Err(_) => Vec::new(),
        };
        if shops.is_empty() {
            // Nobody's: only the time counts.
            let _ = is_signed(&key(&SecretString::default()), body, signature);
        }
        let mut signed = Vec::new();
        for shop in shops {
            // Every valid key is tried, so that the time does not tell which one it was.
            if shop.valid_keys(now).fold(false, |any, key| is_signed(key, body, signature) | any) {
                signed.push(SigningShop {
                    organization_id: shop.organization_id,
                    shop_id: shop.id,
                    domain: shop.domain,
                });
            }
        }
        if signed.is_empty() {
            SHOPIFY_WEBHOOKS.increment(["refused"]);
            return Err(ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature).into());
        }
        for shop in &signed {
            self.admit_shop(shop.shop_id, now)?;
        }
        Ok(signed)
    }

    /// The shops of this name, of organisations that are at work.
    async fn active_shops(&self, domain: &ShopDomain) -> Result<Vec<ShopifyShop>, StoreError> {
        let known = self.store.read(domain, |tx, domain| Box::pin(tx.system_find_shops_of_domain(domain))).await?;
        let mut shops = Vec::with_capacity(known.len());
        // One organisation, one transaction.
        for key in known {
            let found: Option<ShopifyShop> = self
                .store
                .read(&key, |tx, (organization, shop)| Box::pin(find_active(tx, *organization, *shop)))
                .await?;
            shops.extend(found);
        }
        Ok(shops)
    }

    fn admit_shop(&self, shop: ShopId, now: Timestamp) -> Result<(), Error> {
        let Some(limit) = self.settings.shopify_requests_per_minute.and_then(NonZeroU32::new) else {
            return Ok(());
        };
        match self.shop_limits.0.admit(shop, limit, now) {
            Admission::Allowed { .. } => Ok(()),
            Admission::Refused { retry_after } => {
                RATE_LIMIT_REFUSALS.increment(["shopify"]);
                Err(ErrorKind::TooMany { retry_after, limit: limit.get() }.into())
            }
        }
    }
}

fn key(secret: &SecretString) -> ShopKey {
    ShopKey::from_bytes(WebhookKey::new(secret).as_bytes().to_vec())
}

fn is_signed(key: &ShopKey, body: &[u8], signature: &str) -> bool {
    WebhookKey::from_bytes(key.as_bytes()).is_some_and(|key| key.is_signature(body, signature))
}

async fn find_active(
    tx: &mut Tx,
    organization: OrganizationId,
    shop: ShopId,
) -> Result<Option<ShopifyShop>, StoreError> {
    let mut scope = tx.organization(organization);
    let found = scope.find_organization().await?.zip(scope.find_shop(shop).await?);
    Ok(found.filter(|(organization, _)| organization.status == OrganizationStatus::Active).map(|(_, shop)| shop))
}

/// Gives the shop as it is from now on, or as it was where it is none any more.
async fn store_change<F>(tx: &mut Tx, change: &Change<'_, F>) -> Result<ShopifyShop, Error>
where
    F: Fn(ShopifyShop) -> Option<ShopifyShop> + Send + Sync,
{
    let mut scope = tx.organization(change.organization);
    let before = scope.lock_shop(change.domain).await?.ok_or(ErrorKind::NotFound(Noun::ShopifyShop))?;
    let (action, after) = match (change.change)(before.clone()) {
        Some(after) => {
            scope.update_shop(&after).await?;
            ("shopify_shop.secret_rotated", after)
        }
        None => {
            scope.delete_shop(&before).await?;
            ("shopify_shop.removed", before)
        }
    };
    let audit = change.app.audit(Actor::Operator, action, "shopify_shop", after.id);
    scope.insert_audit(&audit, change.now).await?;
    Ok(after)
}

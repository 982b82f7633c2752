//! Shops at Shopify and their orders.

use std::fmt;

use jiff::Timestamp;

use crate::address::Address;
use crate::id::{OrganizationId, ShopId};
use crate::location::Location;
use crate::stop_request::StopRequest;

/// A shop's own name at Shopify, such as `example.myshopify.com`: what it is called in every message, whatever names the
/// public knows it by. In lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShopDomain(String);

/// Not a name below `myshopify.com`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the shop's own name at Shopify, such as `example.myshopify.com`, not the one that its customers see")]
pub struct MalformedShopDomain;

impl ShopDomain {
    const SUFFIX: &'static str = ".myshopify.com";

    /// The name in any case, also as the address of the shop: `https://example.myshopify.com/`.
    ///
    /// # Errors
    /// [`MalformedShopDomain`] for all but one label of letters, digits and hyphens before `.myshopify.com`.
    pub fn parse(text: &str) -> Result<Self, MalformedShopDomain> {
        let text = text.trim().to_ascii_lowercase();
        let name = text.strip_prefix("https://").unwrap_or(&text).trim_end_matches('/');
        let label = name.strip_suffix(Self::SUFFIX).ok_or(MalformedShopDomain)?;
        let is_label = (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_label { Ok(Self(name.to_owned())) } else { Err(MalformedShopDomain) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShopDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a shop's signatures are checked with, opaque here. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShopKey(Vec<u8>);

impl ShopKey {
    /// Takes the bytes of a key.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes, as secret as what they were made of.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ShopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShopKey(..)")
    }
}

/// A key that was replaced and is still accepted for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousShopKey {
    /// The key.
    pub key: ShopKey,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// A shop at Shopify whose orders an organisation delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopifyShop {
    /// Who delivers.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: ShopId,
    /// Its name at Shopify, once in an organisation.
    pub domain: ShopDomain,
    /// The key in force.
    pub key: ShopKey,
    /// The key before it, while both are valid.
    pub previous_key: Option<PreviousShopKey>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl ShopifyShop {
    /// Puts a new key in force. The old one dies at once, or stays valid until `overlap_until`; one that was older still
    /// dies in any case.
    #[must_use]
    pub fn rotate(self, key: ShopKey, overlap_until: Option<Timestamp>, now: Timestamp) -> Self {
        let previous_key = overlap_until.map(|expires_at| PreviousShopKey { key: self.key, expires_at });
        Self { key, previous_key, updated_at: now, ..self }
    }

    /// The keys that are accepted.
    pub fn valid_keys(&self, now: Timestamp) -> impl Iterator<Item = &ShopKey> {
        let previous = self.previous_key.as_ref().filter(move |previous| now < previous.expires_at);
        std::iter::once(&self.key).chain(previous.map(|previous| &previous.key))
    }
}

/// Whether there is something of an order to be driven to its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopifyOrderStatus {
    /// There is.
    Open,
    /// It was called off.
    Cancelled,
    /// All of it has been sent, by whomever.
    Fulfilled,
    /// The customer fetches it.
    Pickup,
    /// Nobody has said where to.
    NoAddress,
    /// Nothing in it is sent anywhere, or all of it was taken back.
    NothingToShip,
}

impl ShopifyOrderStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Cancelled, Self::Fulfilled, Self::Pickup, Self::NoAddress, Self::NothingToShip];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cancelled => "cancelled",
            Self::Fulfilled => "fulfilled",
            Self::Pickup => "pickup",
            Self::NoAddress => "no_address",
            Self::NothingToShip => "nothing_to_ship",
        }
    }
}

/// What a shop tells of one of its orders.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldOrder {
    /// Shopify's number of it, no two of which are the same in any shops.
    pub number: i64,
    /// Whether there is something to be driven.
    pub status: ShopifyOrderStatus,
    /// What is wanted at the customer's; of an order that is not open, what is known of that.
    pub request: StopRequest,
    /// When it last changed at Shopify, to the second.
    pub changed_at: Timestamp,
    /// When that was put on its way, where it was said: tells changes of one second apart.
    pub triggered_at: Option<Timestamp>,
}

/// An order of a shop at Shopify, as it was told last.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopifyOrder {
    /// Who delivers.
    pub organization_id: OrganizationId,
    /// The shop.
    pub shop_id: ShopId,
    /// What the shop has told.
    pub told: ToldOrder,
    /// Where that is, as far as it is known: looked up in the background.
    pub location: Location,
    /// Counts changes, so that two writers never overwrite each other.
    pub version: i64,
    /// When it was first told.
    pub created_at: Timestamp,
    /// When it was last told.
    pub updated_at: Timestamp,
}

impl ShopifyOrder {
    /// Whether `told` is later than what is known. Messages overtake each other.
    ///
    /// Of changes within one second those count that were put on their way last, and none after it was called off: that
    /// cannot be taken back.
    #[must_use]
    pub fn is_outdated_by(&self, told: &ToldOrder) -> bool {
        if told.changed_at != self.told.changed_at {
            return told.changed_at > self.told.changed_at;
        }
        if self.told.status == ShopifyOrderStatus::Cancelled {
            return false;
        }
        match (self.told.triggered_at, told.triggered_at) {
            (Some(known), Some(told)) => told >= known,
            _ => true,
        }
    }

    /// Its address, and what is known of it.
    #[must_use]
    pub const fn place(&self) -> (&Address, &Location) {
        (&self.told.request.address, &self.location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Contact;
    use crate::priority::Priority;
    use crate::stop::StopKind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[track_caller]
    fn check_domain(text: &str, expected: Option<&str>) {
        assert_eq!(ShopDomain::parse(text).ok().as_ref().map(ShopDomain::as_str), expected, "{text}");
    }

    #[test]
    fn a_shop_is_known_by_its_name_at_shopify() {
        check_domain("example.myshopify.com", Some("example.myshopify.com"));
        check_domain(" HTTPS://Ex-Ample7.MyShopify.com/ ", Some("ex-ample7.myshopify.com"));
        for other in [
            "",
            "example.com",
            "myshopify.com",
            ".myshopify.com",
            "a.b.myshopify.com",
            "-a.myshopify.com",
            "a-.myshopify.com",
            "a.myshopify.com.evil.example",
            "a.myshopify.com:443",
            "a b.myshopify.com",
            "ä.myshopify.com",
            "http://a.myshopify.com",
            "a.myshopify.com/admin",
        ] {
            check_domain(other, None);
        }
        check_domain(&format!("{}.myshopify.com", "a".repeat(64)), None);
    }

    #[test]
    fn a_new_key_leaves_the_one_before_for_a_while() {
        let key = |byte| ShopKey::from_bytes(vec![byte]);
        let shop = ShopifyShop {
            organization_id: OrganizationId::from_uuid(uuid::Uuid::nil()),
            id: ShopId::from_uuid(uuid::Uuid::nil()),
            domain: ShopDomain::parse("example.myshopify.com").unwrap(),
            key: key(1),
            previous_key: None,
            created_at: at(0),
            updated_at: at(0),
        };
        let valid = |shop: &ShopifyShop, now| shop.valid_keys(at(now)).cloned().collect::<Vec<_>>();
        let rotated = shop.rotate(key(2), Some(at(100)), at(1));
        assert_eq!((valid(&rotated, 99), valid(&rotated, 100)), (vec![key(2), key(1)], vec![key(2)]));
        let again = rotated.clone().rotate(key(3), Some(at(100)), at(2));
        assert_eq!(valid(&again, 99), [key(3), key(2)], "the one before the last is dead");
        assert_eq!(valid(&rotated.rotate(key(3), None, at(2)), 3), [key(3)]);
        assert_eq!(format!("{:?}", key(7)), "ShopKey(..)");
    }

    fn told(status: ShopifyOrderStatus, changed: i64, triggered: Option<i64>) -> ToldOrder {
        let request = StopRequest {
            external_id: None,
            kind: StopKind::Delivery,
            address: Address::default(),
            position: None,
            contact: Contact::default(),
            note: None,
            service_time: None,
            windows: Vec::new(),
            delivery_date: None,
            priority: Priority::default(),
            items: Vec::new(),
            order_name: None,
            attributes: Vec::new(),
            tags: Vec::new(),
            tasks: Vec::new(),
        };
        ToldOrder { number: 1, status, request, changed_at: at(changed), triggered_at: triggered.map(at) }
    }

    #[track_caller]
    fn check_later(known: ToldOrder, new: &ToldOrder, expected: bool) {
        let order = ShopifyOrder {
            organization_id: OrganizationId::from_uuid(uuid::Uuid::nil()),
            shop_id: ShopId::from_uuid(uuid::Uuid::nil()),
            told: known,
            location: Location::Searching,
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        };
        assert_eq!(order.is_outdated_by(new), expected, "{order:?} {new:?}");
    }

    #[test]
    fn what_changed_later_counts_in_whatever_order_it_comes() {
        use ShopifyOrderStatus::{Cancelled, Open};
        for (known, new, expected) in [(5, 6, true), (5, 5, true), (5, 4, false)] {
            check_later(told(Open, known, None), &told(Open, new, None), expected);
            // Whenever it was sent.
            check_later(
                told(Open, known, Some(100)),
                &told(Open, new, Some(if new == known { 100 } else { 1 })),
                expected,
            );
        }
        check_later(told(Open, 5, Some(100)), &told(Open, 5, Some(99)), false);
        check_later(told(Open, 5, Some(100)), &told(Cancelled, 5, None), true);
        check_later(told(Cancelled, 5, Some(100)), &told(Open, 5, Some(101)), false);
        check_later(told(Cancelled, 5, Some(100)), &told(Open, 6, Some(101)), true);
    }
}

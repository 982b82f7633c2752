//! An order as Shopify's messages have it (REST resource `Order` of the Admin API), and the stop that it makes.
//!
//! Shops have odd orders: what is missing, null or of another type is taken for not said, and texts that are too long are
//! cut. Only what would make it another order, or none, is refused.

use jiff::Timestamp;
use routemate_app::Problem;
use routemate_domain::{
    Address, Attribute, Contact, FreeText, Item, Priority, ShopifyOrderStatus, StopKind, StopRequest, ToldOrder,
};
use routemate_units::LatLng;
use serde_json::{Map, Value};

/// What the dialects' counts hold.
const MAX_COUNT: u32 = i32::MAX.unsigned_abs();
/// The longest part of a name or an address, tag, or name of an item, in characters.
const MAX_PART: usize = 255;
/// The longest value of an attribute, in characters.
const MAX_VALUE: usize = 1_000;

/// Reads an order. Where it does not say whether it was cancelled or sent, the topic does; where it does not say when it was
/// changed, that is when the message was put on its way.
///
/// # Errors
/// The first thing that makes it no order.
pub(super) fn told_order(body: &[u8], topic: &str, triggered_at: Option<Timestamp>) -> Result<ToldOrder, Problem> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Problem::new("body", "must be JSON"))?;
    let order = Fields(value.as_object().ok_or_else(|| Problem::new("body", "must be an object"))?);
    let number = order.id().ok_or_else(|| Problem::new("id", "must be a positive number of 64 bits"))?;
    let changed_at = match order.text("updated_at", MAX_PART) {
        text if text.is_empty() => triggered_at.or_else(|| time(&order.text("created_at", MAX_PART))),
        text => {
            Some(time(&text).ok_or_else(|| Problem::new("updated_at", "must be a time since 1970 with its offset"))?)
        }
    };
    let changed_at = changed_at.ok_or_else(|| Problem::new("updated_at", "is required"))?;
    let is_cancelled = match order.0.get("cancelled_at") {
        Some(at) => !at.is_null() && at.as_str() != Some(""),
        None => topic == "orders/cancelled",
    };
    let lines = match order.list("line_items") {
        Some(lines) => lines,
        None if is_cancelled => Vec::new(),
        None => return Err(Problem::new("line_items", "must be an array")),
    };
    let is_sent = match order.0.get("fulfillment_status") {
        Some(_) => order.text("fulfillment_status", MAX_PART) == "fulfilled",
        None => topic == "orders/fulfilled",
    };
    let shipped: Vec<Line<'_>> = lines.into_iter().filter_map(|line| Line::read(line, &order, is_sent)).collect();
    let customer = order.object("customer");
    let shipping = order.object("shipping_address");
    let (address, position) = shipping.map(|shipping| (address(&shipping), position(&shipping))).unwrap_or_default();
    let status = if is_cancelled {
        ShopifyOrderStatus::Cancelled
    } else if shipped.iter().all(|line| line.left == 0) {
        let was_sent = shipped.iter().any(|line| line.kept > 0);
        if was_sent { ShopifyOrderStatus::Fulfilled } else { ShopifyOrderStatus::NothingToShip }
    } else if is_pickup(&order) {
        ShopifyOrderStatus::Pickup
    } else if address == Address::default() && position.is_none() {
        ShopifyOrderStatus::NoAddress
    } else {
        ShopifyOrderStatus::Open
    };
    let contact = contact(&order, shipping, customer).in_usual_form(&address.country_code);
    let request = StopRequest {
        external_id: None,
        kind: StopKind::Delivery,
        address,
        position,
        contact,
        note: FreeText::parse(order.text("note", FreeText::MAX_CHARS)).ok(),
        service_time: None,
        windows: Vec::new(),
        delivery_date: None,
        priority: Priority::one_to_ten(0).unwrap_or_default(),
        items: shipped.iter().filter(|line| line.left > 0).map(Line::item).collect(),
        order_name: order_name(&order),
        attributes: attributes(&order),
        tags: tags(&order),
        tasks: Vec::new(),
    };
    Ok(ToldOrder { number, status, request, changed_at, triggered_at })
}

/// A time that can be meant: nothing was sold before 1970, and not every database knows times before Christ.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|at| *at >= Timestamp::UNIX_EPOCH)
}

/// An object, read leniently.
#[derive(Clone, Copy)]
struct Fields<'v>(&'v Map<String, Value>);

impl<'v> Fields<'v> {
    /// A text without white space around it, empty where there is none; numbers and flags as they are written. Without
    /// U+0000, which PostgreSQL's texts cannot hold, and cut where it is longer.
    fn text(&self, name: &str, most: usize) -> String {
        self.0.get(name).map(|value| plain(value, most)).unwrap_or_default()
    }

    /// A whole number that is not negative; more than a count holds is the most that it holds.
    fn count(&self, name: &str) -> Option<u32> {
        let value = self.0.get(name)?;
        let number = match value {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        (number >= 0.0).then(|| number.min(f64::from(MAX_COUNT)) as u32)
    }

    fn degrees(&self, name: &str) -> Option<f64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    fn object(&self, name: &str) -> Option<Fields<'v>> {
        self.0.get(name)?.as_object().map(Fields)
    }

    /// The objects of a list; whatever else is in it is left out.
    fn list(&self, name: &str) -> Option<Vec<Fields<'v>>> {
        let list = self.0.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_object).map(Fields).collect())
    }

    /// `id`: a number of Shopify's, to the last digit.
    fn id(&self) -> Option<i64> {
        let id = match self.0.get("id")? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        id.filter(|id| *id > 0)
    }
}

fn plain(value: &Value, most: usize) -> String {
    let text = match value {
        Value::String(text) => text.replace('\0', ""),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    };
    text.trim().chars().take(most).collect::<String>().trim_end().to_owned()
}

/// A line of an order that is sent somewhere.
struct Line<'v> {
    fields: Fields<'v>,
    /// What was not taken back.
    kept: u32,
    /// What is still to be sent.
    left: u32,
}

impl<'v> Line<'v> {
    /// `None` for what is not sent anywhere: services, downloads, gift cards.
    fn read(fields: Fields<'v>, order: &Fields<'_>, is_order_sent: bool) -> Option<Self> {
        let is_gift_card = fields.flag("gift_card").unwrap_or_default();
        if !fields.flag("requires_shipping").unwrap_or(!is_gift_card) {
            return None;
        }
        let current = fields.count("current_quantity");
        let fulfillable = fields.count("fulfillable_quantity");
        let kept = current.unwrap_or_else(|| {
            let ordered = fields.count("quantity").or(fulfillable).unwrap_or(1);
            ordered.saturating_sub(taken_back(order, &fields))
        });
        let is_sent =
            is_order_sent || (fulfillable.is_none() && fields.text("fulfillment_status", MAX_PART) == "fulfilled");
        let left = if is_sent { 0 } else { fulfillable.unwrap_or(kept).min(kept) };
        Some(Self { fields, kept, left })
    }

    fn item(&self) -> Item {
        let name = match self.fields.text("name", MAX_PART) {
            name if name.is_empty() => self.fields.text("title", MAX_PART),
            name => name,
        };
        Item { name, quantity: self.left, grams: self.fields.count("grams").unwrap_or_default() }
    }
}

/// How many of a line were taken back, where the line itself does not say what is left of it.
fn taken_back(order: &Fields<'_>, line: &Fields<'_>) -> u32 {
    let Some(id) = line.id() else { return 0 };
    let refunds = order.list("refunds").unwrap_or_default();
    let lines = refunds.iter().filter_map(|refund| refund.list("refund_line_items")).flatten();
    let is_of_line = |refund: &Fields<'_>| refund.0.get("line_item_id").and_then(Value::as_i64) == Some(id);
    let quantities = lines.filter(is_of_line).filter_map(|refund| refund.count("quantity"));
    quantities.fold(0, u32::saturating_add)
}

/// Whether the customer fetches it: every way of sending that is left says so.
fn is_pickup(order: &Fields<'_>) -> bool {
    let ways = order.list("shipping_lines").unwrap_or_default();
    let mut ways = ways.into_iter().filter(|way| !way.flag("is_removed").unwrap_or_default()).peekable();
    let says_so = |way: Fields<'_>| {
        ["delivery_category", "code"].iter().any(|name| {
            let letters = way.text(name, MAX_PART).to_ascii_lowercase();
            let letters: String = letters.chars().filter(char::is_ascii_alphabetic).collect();
            letters.ends_with("pickup")
        })
    };
    ways.peek().is_some() && ways.all(says_so)
}

fn address(shipping: &Fields<'_>) -> Address {
    let part = |name| shipping.text(name, MAX_PART);
    let either = |code, name| Some(part(code)).filter(|code| !code.is_empty()).unwrap_or_else(|| part(name));
    let address = Address {
        line1: part("address1"),
        line2: part("address2"),
        city: part("city"),
        province_code: either("province_code", "province"),
        country_code: either("country_code", "country"),
        zip: part("zip"),
    };
    // A country alone is no place to go to.
    let is_place =
        [&address.line1, &address.line2, &address.city, &address.zip].into_iter().any(|part| !part.is_empty());
    if is_place { address.in_usual_form() } else { Address::default() }
}

/// (0, 0) is what is sent where nothing is known.
fn position(shipping: &Fields<'_>) -> Option<LatLng> {
    let (lat, lng) = (shipping.degrees("latitude")?, shipping.degrees("longitude")?);
    if (lat, lng) == (0.0, 0.0) { None } else { LatLng::new(lat, lng).ok() }
}

fn contact(order: &Fields<'_>, shipping: Option<Fields<'_>>, customer: Option<Fields<'_>>) -> Contact {
    let part = |from: Option<Fields<'_>>, name| from.map(|from| from.text(name, MAX_PART)).unwrap_or_default();
    let first = |texts: [String; 3]| texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let is_named =
        |from: Option<Fields<'_>>| !part(from, "first_name").is_empty() || !part(from, "last_name").is_empty();
    let whole_name = part(shipping, "name");
    let (first_name, last_name) = if is_named(shipping) {
        (part(shipping, "first_name"), part(shipping, "last_name"))
    } else if !whole_name.is_empty() {
        match whole_name.rsplit_once(' ') {
            Some((first, last)) => (first.trim_end().to_owned(), last.to_owned()),
            None => (String::new(), whole_name),
        }
    } else {
        (part(customer, "first_name"), part(customer, "last_name"))
    };
    Contact {
        first_name,
        last_name,
        company: part(shipping, "company"),
        phone: first([part(shipping, "phone"), part(Some(*order), "phone"), part(customer, "phone")]),
        email: first([part(Some(*order), "email"), part(Some(*order), "contact_email"), part(customer, "email")]),
    }
}

fn order_name(order: &Fields<'_>) -> Option<String> {
    let name = order.text("name", MAX_PART);
    if !name.is_empty() {
        return Some(name);
    }
    let number = order.text("order_number", MAX_PART);
    (!number.is_empty()).then(|| format!("#{number}"))
}

fn attributes(order: &Fields<'_>) -> Vec<Attribute> {
    let given = order.list("note_attributes").unwrap_or_default();
    let attribute = |given: Fields<'_>| {
        let key = given.text("name", MAX_PART);
        (!key.is_empty()).then(|| Attribute { key, value: given.text("value", MAX_VALUE) })
    };
    given.into_iter().filter_map(attribute).take(StopRequest::MAX_ATTRIBUTES).collect()
}

/// Tags are separated by commas.
fn tags(order: &Fields<'_>) -> Vec<String> {
    let given: Vec<String> = match order.0.get("tags") {
        Some(Value::String(text)) => text.split(',').map(|tag| plain(&Value::from(tag), MAX_PART)).collect(),
        Some(Value::Array(list)) => list.iter().map(|tag| plain(tag, MAX_PART)).collect(),
        _ => Vec::new(),
    };
    let mut tags: Vec<String> = Vec::new();
    for tag in given {
        if !tag.is_empty() && !tags.contains(&tag) && tags.len() < StopRequest::MAX_TAGS {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests;

use serde_json::json;

use super::*;

const UPDATED: &str = "orders/updated";

/// An order of the shape that Shopify documents, of a shop that does not exist.
pub(crate) fn payload() -> Value {
    serde_json::from_str(include_str!("payload.json")).expect("JSON")
}

fn read(payload: &Value) -> ToldOrder {
    told_order(payload.to_string().as_bytes(), UPDATED, None).expect("an order")
}

/// The same order with other things at these places.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut payload = payload();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a place");
        let parent = payload.pointer_mut(parent).expect("it is there");
        match parent {
            Value::Array(list) => list[name.parse::<usize>().expect("an index")] = value.clone(),
            other => other[name] = value.clone(),
        }
    }
    payload
}

fn without(pointers: &[&str]) -> Value {
    let mut payload = payload();
    for pointer in pointers {
        let (parent, name) = pointer.rsplit_once('/').expect("a place");
        payload.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name);
    }
    payload
}

#[track_caller]
fn check_status(changes: &[(&str, Value)], expected: ShopifyOrderStatus) {
    assert_eq!(read(&with(changes)).status, expected, "{changes:?}");
}

/// Name and quantity of what is to be driven.
#[track_caller]
fn check_items(payload: &Value, expected: &[(&str, u32)]) {
    let told = read(payload);
    let items: Vec<_> = told.request.items.iter().map(|item| (item.name.as_str(), item.quantity)).collect();
    assert_eq!(items, expected);
}

#[test]
fn an_order_is_read_whole() {
    let told = read(&payload());
    assert_eq!((told.number, told.status), (5_551_234_567_890, ShopifyOrderStatus::Open));
    assert_eq!(told.changed_at, "2026-03-09T06:30:00Z".parse().unwrap());
    let request = told.request;
    assert_eq!(request.address.to_string(), "Unioninkatu 29, A 4, Helsinki, 00170, FI");
    assert_eq!(request.position, LatLng::new(60.1695, 24.9525).ok());
    let contact = request.contact;
    assert_eq!((contact.first_name.as_str(), contact.last_name.as_str()), ("Aino", "Virtanen"));
    assert_eq!((contact.company.as_str(), contact.phone.as_str()), ("Oy Ab", "+358403333333"));
    assert_eq!(contact.email, "aino@example.com");
    assert_eq!(request.note.map(FreeText::into_string).as_deref(), Some("Ring twice"));
    let items: Vec<_> = request.items.iter().map(|item| (item.name.as_str(), item.quantity, item.grams)).collect();
    assert_eq!(items, [("Bananas - Green", 3, 500), ("Tee", 1, 200)]);
    let attributes: Vec<_> = request.attributes.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    assert_eq!(attributes, [("Gift", "yes"), ("Floor", "3")]);
    assert_eq!(request.tags, ["cold", "Fragile"]);
    assert_eq!((request.order_name.as_deref(), request.kind), (Some("#1001"), StopKind::Delivery));
    assert_eq!((request.external_id, request.priority.raw()), (None, 0.0));
}

#[test]
fn numbers_are_kept_to_the_last_digit() {
    for number in [1, 820_982_911_946_154_508, 9_007_199_254_740_993, i64::MAX] {
        assert_eq!(read(&with(&[("/id", json!(number))])).number, number);
        assert_eq!(read(&with(&[("/id", json!(number.to_string()))])).number, number);
    }
    for id in [
        json!(0),
        json!(-1),
        json!(9_223_372_036_854_775_808_u64),
        json!(1.5),
        json!(1e300),
        json!("x"),
        json!(null),
        json!([1]),
    ] {
        let body = with(&[("/id", id)]).to_string();
        let problem = told_order(body.as_bytes(), UPDATED, None).expect_err("no order");
        assert_eq!(problem.to_string(), "id must be a positive number of 64 bits", "{body}");
    }
}

#[test]
fn what_is_no_order_is_told() {
    let told = |body: &str| told_order(body.as_bytes(), UPDATED, None).expect_err("no order").to_string();
    assert_eq!(told(""), "body must be JSON");
    assert_eq!(told("{\"id\":1"), "body must be JSON");
    assert_eq!(told("\u{feff}{}"), "body must be JSON");
    assert_eq!(told(&"[".repeat(100_000)), "body must be JSON");
    assert_eq!(told("[]"), "body must be an object");
    assert_eq!(told("{}"), "id must be a positive number of 64 bits");
    assert_eq!(told("{\"id\":1}"), "updated_at is required");
    for odd in ["yesterday", "2026-03-09", "2026-03-09T08:30:00", "-009998-01-01T00:00:00Z", "1969-12-31T23:59:59Z"] {
        let problem = told(&json!({ "id": 1, "updated_at": odd }).to_string());
        assert_eq!(problem, "updated_at must be a time since 1970 with its offset", "{odd}");
    }
    let at = "\"updated_at\":\"2026-03-09T08:30:00+02:00\"";
    assert_eq!(told(&format!("{{\"id\":1,{at}}}")), "line_items must be an array");
    assert_eq!(told(&format!("{{\"id\":1,{at},\"line_items\":{{}}}}")), "line_items must be an array");
    assert_eq!(told_order(b"\xff", UPDATED, None).expect_err("no order").to_string(), "body must be JSON");
}

#[test]
fn what_is_missing_or_odd_is_not_said() {
    let order = json!({ "id": 1, "updated_at": "2026-03-09T08:30:00Z", "line_items": [{}, null, 7, []], "shipping_address": { "address1": "X" } });
    let told = read(&order);
    assert_eq!((told.status, told.request.items.len()), (ShopifyOrderStatus::Open, 1));
    assert_eq!((told.request.items[0].quantity, told.request.items[0].grams), (1, 0));
    let fields = payload();
    let names: Vec<&String> = fields.as_object().unwrap().keys().collect();
    for name in names {
        for odd in [
            json!(null),
            json!(7),
            json!(-7.5),
            json!(""),
            json!("\u{0}é🚚"),
            json!(true),
            json!([]),
            json!([7, null]),
            json!({}),
            json!({ "a": [1] }),
        ] {
            let body = with(&[(&format!("/{name}"), odd.clone())]).to_string();
            // Never a crash, and no refusal but of what makes it the order it is.
            let read = told_order(body.as_bytes(), UPDATED, None);
            assert!(read.is_ok() || ["id", "updated_at", "line_items"].contains(&name.as_str()), "{name} {odd}");
        }
    }
    for (pointer, odd) in [
        ("/line_items/0/grams", json!(-5)),
        ("/line_items/0/grams", json!(null)),
        ("/line_items/0/grams", json!("heavy")),
    ] {
        assert_eq!(read(&with(&[(pointer, odd)])).request.items[0].grams, 0);
    }
    assert_eq!(read(&with(&[("/line_items/0/grams", json!(1e18))])).request.items[0].grams, MAX_COUNT);
    assert_eq!(read(&with(&[("/line_items/0/name", json!(null))])).request.items[0].name, "Bananas");
}

#[test]
fn when_it_changed_is_when_it_was_sent_if_nobody_says() {
    let sent: Timestamp = "2026-03-09T09:00:00.5Z".parse().unwrap();
    let read = |payload: &Value, sent| told_order(payload.to_string().as_bytes(), UPDATED, sent).unwrap();
    let body = without(&["/updated_at"]);
    assert_eq!((read(&body, Some(sent)).changed_at, read(&body, Some(sent)).triggered_at), (sent, Some(sent)));
    assert_eq!(read(&body, None).changed_at, "2026-03-09T06:00:00Z".parse().unwrap());
    assert_eq!(read(&payload(), Some(sent)).changed_at, "2026-03-09T06:30:00Z".parse().unwrap());
}

#[test]
fn what_was_sent_or_taken_back_is_not_driven() {
    let left = |current: Value, fulfillable: Value| {
        with(&[("/line_items/0/current_quantity", current), ("/line_items/0/fulfillable_quantity", fulfillable)])
    };
    check_items(&left(json!(3), json!(1)), &[("Bananas - Green", 1), ("Tee", 1)]);
    check_items(&left(json!(2), json!(3)), &[("Bananas - Green", 2), ("Tee", 1)]);
    check_items(&left(json!(3), json!(0)), &[("Tee", 1)]);
    check_items(&left(json!(0), json!(0)), &[("Tee", 1)]);
    check_items(&left(json!("2"), json!(null)), &[("Bananas - Green", 2), ("Tee", 1)]);
    // A payload of long ago says neither, and lists what was taken back.
    let mut old = without(&["/line_items/0/current_quantity", "/line_items/0/fulfillable_quantity"]);
    check_items(&old, &[("Bananas - Green", 3), ("Tee", 1)]);
    old["refunds"] = json!([{ "refund_line_items": [{ "line_item_id": 11, "quantity": 1 }, { "line_item_id": 12, "quantity": 9 }] }, {}]);
    check_items(&old, &[("Bananas - Green", 2), ("Tee", 1)]);
    old["line_items"][0]["fulfillment_status"] = json!("fulfilled");
    check_items(&old, &[("Tee", 1)]);
}

#[test]
fn the_body_says_how_an_order_stands() {
    use ShopifyOrderStatus::{Cancelled, Fulfilled, NoAddress, NothingToShip, Open, Pickup};
    check_status(&[], Open);
    check_status(&[("/cancelled_at", json!("2026-03-09T09:00:00+02:00"))], Cancelled);
    check_status(&[("/fulfillment_status", json!("fulfilled"))], Fulfilled);
    check_status(&[("/fulfillment_status", json!("partial"))], Open);
    let sent = [("/line_items/0/fulfillable_quantity", json!(0)), ("/line_items/1/fulfillable_quantity", json!(0))];
    check_status(&sent, Fulfilled);
    let back = [("/line_items/0/current_quantity", json!(0)), ("/line_items/1/current_quantity", json!(0))];
    check_status(&back, NothingToShip);
    check_status(&[("/line_items", json!([]))], NothingToShip);
    let digital =
        [("/line_items/0/requires_shipping", json!(false)), ("/line_items/1/requires_shipping", json!(false))];
    check_status(&digital, NothingToShip);
    check_status(&[("/shipping_address", json!(null))], NoAddress);
    check_status(&[("/shipping_address", json!({ "country_code": "FI", "name": "Aino" }))], NoAddress);
    check_status(&[("/shipping_address", json!({ "latitude": 60.1, "longitude": 24.9 }))], Open);
    for told in [
        json!({ "delivery_category": "pickup" }),
        json!({ "delivery_category": "LOCAL_PICKUP" }),
        json!({ "code": "Store pickup" }),
    ] {
        check_status(&[("/shipping_lines/0", told.clone()), ("/shipping_address", json!(null))], Pickup);
        check_status(&[("/shipping_lines/0", told)], Pickup);
    }
    let both = json!([{ "delivery_category": "pickup", "is_removed": true }, { "code": "Local delivery" }]);
    check_status(&[("/shipping_lines", both)], Open);
    check_status(&[("/shipping_lines", json!([{ "delivery_category": "pickup" }, { "code": "Standard" }]))], Open);
    check_status(&[("/shipping_lines", json!([]))], Open);
}

/// Headers are not signed: whoever has seen one message could send it under another topic.
#[test]
fn a_topic_counts_only_where_the_body_is_silent() {
    let read = |payload: &Value, topic| told_order(payload.to_string().as_bytes(), topic, None).unwrap().status;
    assert_eq!(read(&payload(), "orders/cancelled"), ShopifyOrderStatus::Open);
    assert_eq!(read(&payload(), "orders/fulfilled"), ShopifyOrderStatus::Open);
    assert_eq!(read(&without(&["/cancelled_at"]), "orders/cancelled"), ShopifyOrderStatus::Cancelled);
    assert_eq!(read(&without(&["/cancelled_at", "/line_items"]), "orders/cancelled"), ShopifyOrderStatus::Cancelled);
    assert_eq!(read(&without(&["/cancelled_at"]), UPDATED), ShopifyOrderStatus::Open);
    assert_eq!(read(&without(&["/fulfillment_status"]), "orders/fulfilled"), ShopifyOrderStatus::Fulfilled);
}

#[test]
fn people_are_found_where_they_are_named() {
    let contact = |payload: &Value| read(payload).request.contact;
    let names = |contact: &Contact| (contact.first_name.clone(), contact.last_name.clone());
    let unnamed = |name: Value| {
        with(&[
            ("/shipping_address/first_name", json!(null)),
            ("/shipping_address/last_name", json!("")),
            ("/shipping_address/name", name),
        ])
    };
    assert_eq!(names(&contact(&unnamed(json!("Äino Maria O'Neil")))), ("Äino Maria".to_owned(), "O'Neil".to_owned()));
    assert_eq!(names(&contact(&unnamed(json!("東京")))), (String::new(), "東京".to_owned()));
    assert_eq!(names(&contact(&unnamed(json!(null)))), ("Cust".to_owned(), "Omer".to_owned()));
    let phones = [("/shipping_address/phone", json!(null)), ("/email", json!(""))];
    assert_eq!(
        (contact(&with(&phones)).phone.as_str(), contact(&with(&phones)).email.as_str()),
        ("+358401111111", "contact@example.com")
    );
    let national =
        with(&[("/shipping_address/phone", json!("040 333 3333")), ("/shipping_address/country_code", json!("fi"))]);
    assert_eq!(contact(&national).phone, "+358403333333", "as the country dials it");
    assert_eq!(read(&national).request.address.country_code, "FI");
    let none = [&phones[..], &[("/phone", json!(null)), ("/contact_email", json!(null))]].concat();
    assert_eq!(
        (contact(&with(&none)).phone.as_str(), contact(&with(&none)).email.as_str()),
        ("+358402222222", "customer@example.com")
    );
    let nobody = [&none[..], &[("/customer", json!(null)), ("/shipping_address", json!({ "address1": "X" }))]].concat();
    assert_eq!(contact(&with(&nobody)), Contact::default());
}

#[test]
fn texts_are_cut_and_places_are_in_the_world() {
    let long = "é".repeat(5_000);
    let told = read(&with(&[
        ("/note", json!(long)),
        ("/tags", json!((0..300).map(|tag| tag.to_string()).collect::<Vec<_>>().join(","))),
        ("/note_attributes", json!(vec![json!({ "name": long, "value": long }); 60])),
        ("/line_items/0/name", json!(format!("a\u{0}b{long}"))),
        ("/name", json!(null)),
    ]));
    let request = told.request;
    assert_eq!(request.note.map(|note| note.as_str().chars().count()), Some(4_000));
    assert_eq!((request.tags.len(), request.attributes.len()), (250, 50));
    assert_eq!((request.attributes[0].key.chars().count(), request.attributes[0].value.chars().count()), (255, 1_000));
    assert!(request.items[0].name.starts_with("abé") && request.items[0].name.chars().count() == 255);
    assert_eq!(request.order_name.as_deref(), Some("#1001"));
    assert_eq!(read(&with(&[("/note", json!(" \n"))])).request.note, None);
    assert_eq!(read(&with(&[("/tags", json!(["a", "b,c", 7, null]))])).request.tags, ["a", "b,c", "7"]);
    let position = |lat: Value, lng: Value| {
        read(&with(&[("/shipping_address/latitude", lat), ("/shipping_address/longitude", lng)])).request.position
    };
    assert_eq!(position(json!("60.5"), json!("24.5")), LatLng::new(60.5, 24.5).ok());
    for (lat, lng) in [(json!(0), json!(0.0)), (json!(91), json!(0)), (json!(null), json!(24)), (json!("n"), json!(24))]
    {
        assert_eq!(position(lat, lng), None);
    }
    let codeless = [("/shipping_address/country_code", json!(null)), ("/shipping_address/province", json!("Uusimaa"))];
    let address = read(&with(&codeless)).request.address;
    assert_eq!((address.country_code.as_str(), address.province_code.as_str()), ("FI", "18"));
}

#[test]
fn whatever_is_nearly_an_order_is_read_or_refused() {
    const ORDER: &str = r##"{"id":7,"updated_at":"2026-03-09T08:30:00Z","cancelled_at":null,"name":"#1","note":"n","tags":"a,b","line_items":[{"id":1,"quantity":2,"current_quantity":2,"fulfillable_quantity":1,"grams":5,"requires_shipping":true,"name":"x"}],"shipping_address":{"name":"A B","address1":"C","latitude":60.1,"longitude":24.9},"note_attributes":[{"name":"k","value":1}]}"##;
    let judge = |bytes: &[u8]| {
        let Ok(told) = told_order(bytes, UPDATED, None) else { return };
        assert!(told.number > 0);
        let request = &told.request;
        let is_open = told.status == ShopifyOrderStatus::Open;
        assert!(!is_open || !request.items.is_empty());
        assert!(request.items.iter().all(|item| item.quantity > 0 && item.grams <= MAX_COUNT));
        assert!(!is_open || request.position.is_some() || request.address != Address::default());
        assert!(!format!("{request:?}").contains("\\0"));
    };
    judge(ORDER.as_bytes());
    for at in 0..ORDER.len() {
        for byte in b"\"{}[],:0-e\\\0 \xff" {
            let mut bytes = ORDER.as_bytes().to_vec();
            bytes[at] = *byte;
            judge(&bytes);
            bytes.remove(at);
            judge(&bytes);
            bytes.truncate(at);
            judge(&bytes);
        }
    }
}

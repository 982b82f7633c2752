//! From the bodies of changes to commands, with everything that is wrong in them.

use routemate_app::{ErrorKind, NewStop, Noun, Problem, RouteChange, StopOrder};
use routemate_domain::{Address, Email, FreeText, ImportedStopId, Item, RouteEnds, SavedStopId, StopId, Text};
use routemate_units::LatLng;
use serde_json::Value;

/// A place in an order that nobody goes beyond.
pub(crate) const MAX_POSITION: u32 = 1_000_000;
/// The most of one item at a stop.
pub(crate) const MAX_QUANTITY: u32 = 1_000_000;
/// The heaviest item.
pub(crate) const MAX_GRAMS: u32 = i32::MAX.unsigned_abs();
/// The longest part of an address, in characters.
pub(crate) const MAX_PART: usize = 255;

/// A body's object, and what is wrong with it.
pub(crate) struct Fields {
    body: Value,
}

/// Why a body is no change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What the path names is not there.
    Missing(Noun),
    /// The body breaks rules.
    Invalid(Vec<Problem>),
}

impl Refused {
    /// As use cases say it.
    pub(crate) fn into_kind(self) -> ErrorKind {
        match self {
            Self::Missing(noun) => ErrorKind::NotFound(noun),
            Self::Invalid(problems) => ErrorKind::Invalid(problems),
        }
    }
}

impl Fields {
    /// The object.
    pub(crate) const fn body(&self) -> &Value {
        &self.body
    }

    /// Reads a body; an empty one is an object without fields.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refused> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { body: Value::Object(serde_json::Map::new()) });
        }
        let wrong = |message| Refused::Invalid(vec![Problem::new("body", message)]);
        let body: Value = serde_json::from_slice(body).map_err(|_| wrong("must be valid JSON"))?;
        if body.is_object() { Ok(Self { body }) } else { Err(wrong("must be an object")) }
    }
}

/// One object within a body, at its path.
pub(crate) struct At<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: String,
    pub(crate) problems: &'v mut Vec<Problem>,
}

impl<'v> At<'v> {
    pub(crate) fn given(&self, name: &str) -> Option<&'v Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there, be it null.
    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.value.get(name).is_some()
    }

    pub(crate) fn wrong(&mut self, name: &str, message: impl std::fmt::Display) {
        let path = self.path_of(name);
        self.problems.push(Problem::new(path, message));
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<&'v str> {
        let text = self.given(name)?.as_str();
        if text.is_none() {
            self.wrong(name, "must be a string");
        }
        text.filter(|text| !text.trim().is_empty())
    }

    pub(crate) fn checked<const MAX: usize>(&mut self, name: &str) -> Option<Text<MAX>> {
        let text = self.text(name)?;
        Text::parse(text).map_err(|fault| self.wrong(name, fault)).ok()
    }

    pub(crate) fn whole(&mut self, name: &str, most: u32) -> Option<u32> {
        let given = self.given(name)?;
        // 7.0 is a whole number too, to JSON Schema and to languages that have one kind of number.
        let number =
            given.as_u64().or_else(|| given.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64));
        let number = number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most);
        if number.is_none() {
            self.wrong(name, format_args!("must be a whole number from 0 to {most}"));
        }
        number
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let flag = self.given(name)?.as_bool();
        if flag.is_none() {
            self.wrong(name, "must be true or false");
        }
        flag
    }

    /// `latitude` and `longitude`, both or neither.
    pub(crate) fn position(&mut self) -> Option<LatLng> {
        let mut degrees = |name: &str, most: f64| {
            let number = self.given(name)?.as_f64().filter(|number| number.abs() <= most);
            if number.is_none() {
                self.wrong(name, format_args!("must be a number between -{most} and {most}"));
            }
            number
        };
        let (lat, lng) = (degrees("latitude", 90.0), degrees("longitude", 180.0));
        match (self.given("latitude"), self.given("longitude")) {
            (Some(_), None) => self.wrong("longitude", "is required beside latitude"),
            (None, Some(_)) => self.wrong("latitude", "is required beside longitude"),
            _ => {}
        }
        LatLng::new(lat?, lng?).ok()
    }

    /// A line of text, or an object with the address in parts.
    pub(crate) fn address(&mut self, name: &str) -> Option<Address> {
        let parts = match self.given(name)? {
            // What is empty is absent.
            Value::String(line) if line.trim().is_empty() => return None,
            Value::String(line) => {
                let line = FreeText::parse(line.as_str()).map_err(|fault| self.wrong(name, fault)).ok()?;
                return Some(Address::one_line(line.as_str()));
            }
            value @ Value::Object(_) => value,
            _ => {
                self.wrong(name, "must be a string or an object");
                return None;
            }
        };
        let path = self.path_of(name);
        let mut at = At { value: parts, path, problems: &mut *self.problems };
        let mut part =
            |name: &str| at.checked::<MAX_PART>(name).map(|text| text.as_str().to_owned()).unwrap_or_default();
        Some(Address {
            line1: part("line1"),
            line2: part("line2"),
            city: part("city"),
            province_code: part("province_code"),
            country_code: part("country_code"),
            zip: part("zip"),
        })
    }

    /// What is read from an object within this one.
    pub(crate) fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut At<'_>) -> T) -> Option<T> {
        let value = self.given(name)?;
        if !value.is_object() {
            self.wrong(name, "must be an object");
            return None;
        }
        let path = self.path_of(name);
        Some(read(&mut At { value, path, problems: &mut *self.problems }))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The objects of a list.
    pub(crate) fn objects<T>(&mut self, name: &str, mut read: impl FnMut(At<'_>) -> Option<T>) -> Option<Vec<T>> {
        let Some(list) = self.given(name)?.as_array() else {
            self.wrong(name, "must be an array");
            return None;
        };
        let mut read_all = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let path = format!("{}[{index}]", self.path_of(name));
            if value.is_object() {
                read_all.extend(read(At { value, path, problems: &mut *self.problems }));
            } else {
                self.problems.push(Problem::new(path, "must be an object"));
            }
        }
        Some(read_all)
    }

    pub(crate) fn items(&mut self) -> Option<Vec<Item>> {
        self.objects("items", |mut at| {
            let name = at.checked::<255>("name");
            let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
            if at.given("name").is_none_or(is_blank) {
                at.wrong("name", "is required");
            }
            let quantity = at.whole("quantity", MAX_QUANTITY).unwrap_or(1);
            let grams = at.whole("weight_grams", MAX_GRAMS).unwrap_or(0);
            Some(Item { name: name?.as_str().to_owned(), quantity, grams })
        })
    }

    pub(crate) fn new_stop(mut self) -> Option<NewStop> {
        if let Some(id) = self.text("imported_stop_id") {
            let id = id.parse::<ImportedStopId>().map_err(|_| self.wrong("imported_stop_id", "must be a UUID"));
            return id.ok().map(NewStop::Imported);
        }
        if let Some(id) = self.text("saved_stop_id") {
            let id = id.parse::<SavedStopId>().map_err(|_| self.wrong("saved_stop_id", "must be a UUID"));
            return id.ok().map(NewStop::Saved);
        }
        if let Some(value) = self.given("shopify_order_id") {
            let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
            if number.is_none() {
                self.wrong("shopify_order_id", "must be a number of 64 bits");
            }
            return number.map(NewStop::Shopify);
        }
        self.stop_request().map(|request| NewStop::Inline(Box::new(request)))
    }
}

/// The change that a body makes of a job, for whoever has it from elsewhere than a request.
///
/// `kind` is `reoptimize`, `cancel`, `driver`, `ends`, `add_stops`, `remove_stop`, `correct_stop`, `move_stop`,
/// `replace_items` or `lock_stop`; those of a stop need one.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems; [`ErrorKind::NotFound`] where a stop is missing.
pub fn read_job_change(kind: &str, body: &Value, stop: Option<StopId>) -> Result<RouteChange, ErrorKind> {
    let stop = stop.map(|stop| stop.to_string());
    read_change(kind, &Fields { body: body.clone() }, stop.as_deref()).map_err(Refused::into_kind)
}

/// The change that a path's last part and the body say.
pub(crate) fn read_change(kind: &str, fields: &Fields, stop: Option<&str>) -> Result<RouteChange, Refused> {
    let mut problems = Vec::new();
    let stop = || {
        let id = stop.unwrap_or_default().parse::<StopId>();
        id.map_err(|_| Refused::Missing(Noun::Stop))
    };
    let mut at = At { value: &fields.body, path: String::new(), problems: &mut problems };
    let order = match at.flag("optimize") {
        Some(false) => StopOrder::Given,
        _ => StopOrder::Best,
    };
    let change = match kind {
        "add_stops" => {
            let position = at.whole("position", MAX_POSITION).and_then(|position| usize::try_from(position).ok());
            let stops = at.objects("stops", |stop| stop.new_stop());
            if stops.as_ref().is_none_or(Vec::is_empty) && at.problems.is_empty() {
                at.wrong("stops", "must contain at least 1 item");
            }
            // A place that was asked for is kept.
            let order = if position.is_some() && at.given("optimize").is_none() { StopOrder::Given } else { order };
            Some(RouteChange::AddStops { stops: stops.unwrap_or_default(), position, order })
        }
        "remove_stop" => Some(RouteChange::RemoveStops { stops: vec![stop()?], order }),
        "move_stop" => {
            let position = at.whole("position", MAX_POSITION).and_then(|position| usize::try_from(position).ok());
            if position.is_none() && at.given("position").is_none() {
                at.wrong("position", "is required");
            }
            Some(RouteChange::MoveStop { stop: stop()?, position: position.unwrap_or_default() })
        }
        "replace_items" => {
            let items = at.items();
            if items.is_none() && at.given("items").is_none() {
                at.wrong("items", "is required");
            }
            Some(RouteChange::ReplaceItems { stop: stop()?, items: items.unwrap_or_default() })
        }
        "correct_stop" => {
            let (address, position) = (at.address("address"), at.position());
            if address.is_none() && position.is_none() && at.problems.is_empty() {
                at.wrong("address", "is required where there is no position");
            }
            Some(RouteChange::CorrectStop { stop: stop()?, address, position, order })
        }
        "lock_stop" => {
            let is_locked = at.flag("is_locked");
            if is_locked.is_none() && at.given("is_locked").is_none() {
                at.wrong("is_locked", "is required");
            }
            Some(RouteChange::LockStop { stop: stop()?, is_locked: is_locked.unwrap_or_default() })
        }
        "ends" => {
            let kinds = [RouteEnds::Fixed, RouteEnds::OpenEnd, RouteEnds::RoundTrip];
            let name = at.text("route_ends").unwrap_or_default();
            let found = kinds.into_iter().find(|ends| ends.as_str() == name);
            if found.is_none() {
                at.wrong("route_ends", "must be one of fixed, open_end, round_trip");
            }
            found.map(RouteChange::SetEnds)
        }
        "driver" => {
            let email = at.text("driver_email").unwrap_or_default();
            let key = Email::parse(email).map_err(|_| at.wrong("driver_email", "must be an e-mail address")).ok();
            key.map(|key| RouteChange::AssignPerson { email: email.to_owned(), key })
        }
        "cancel" => Some(RouteChange::Cancel),
        _ => Some(RouteChange::Reoptimize),
    };
    match change {
        Some(change) if problems.is_empty() => Ok(change),
        _ => Err(Refused::Invalid(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: &str = "0190b6e2-0000-7000-8000-00000000000a";

    fn change(kind: &str, body: &str) -> Result<RouteChange, Refused> {
        read_change(kind, &Fields::read(body.as_bytes())?, Some(STOP))
    }

    #[track_caller]
    fn check_refused(kind: &str, body: &str, expected: &[&str]) {
        let Err(Refused::Invalid(problems)) = change(kind, body) else { panic!("{kind} {body} is no refusal") };
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{body}");
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_path() {
        check_refused("driver", "[]", &["body must be an object"]);
        check_refused("driver", "{", &["body must be valid JSON"]);
        check_refused("driver", "{}", &["driver_email must be an e-mail address"]);
        check_refused(
            "ends",
            r#"{"route_ends": "terminals"}"#,
            &["route_ends must be one of fixed, open_end, round_trip"],
        );
        check_refused("add_stops", "{}", &["stops must contain at least 1 item"]);
        check_refused(
            "add_stops",
            r#"{"stops": [{"latitude": 91, "items": [{}]}, 7], "position": -1}"#,
            &[
                "position must be a whole number from 0 to 1000000",
                "stops[0].latitude must be a number between -90 and 90",
                "stops[0].longitude is required beside latitude",
                "stops[0].address is required where there is no position",
                "stops[0].items[0].name is required",
                "stops[1] must be an object",
            ],
        );
        check_refused("correct_stop", "{}", &["address is required where there is no position"]);
        let blank = change("correct_stop", r#"{"address": " ", "latitude": 60.17, "longitude": 24.95}"#);
        assert!(matches!(blank, Ok(RouteChange::CorrectStop { address: None, .. })), "beside a pin it may be missing");
        check_refused("move_stop", "{}", &["position is required"]);
        for position in ["-1", "1.5", "1e99", "1000001", "\"2\""] {
            let body = format!(r#"{{"position": {position}}}"#);
            check_refused("move_stop", &body, &["position must be a whole number from 0 to 1000000"]);
        }
        assert!(matches!(change("move_stop", r#"{"position": 3.0}"#), Ok(RouteChange::MoveStop { position: 3, .. })));
        let unknown = read_change("remove_stop", &Fields { body: Value::Null }, Some("7"));
        assert_eq!(unknown.expect_err("no stop"), Refused::Missing(Noun::Stop));
    }

    #[test]
    fn a_correction_is_a_pin_an_address_or_both() {
        let body =
            r#"{"address": {"line1": "Unioninkatu 29", "city": "Helsinki"}, "latitude": 60.17, "longitude": 24.95}"#;
        let Ok(RouteChange::CorrectStop { address, position, order, .. }) = change("correct_stop", body) else {
            panic!("a correction")
        };
        assert_eq!(address.map(|address| address.to_string()).as_deref(), Some("Unioninkatu 29, Helsinki"));
        assert_eq!((position.map(LatLng::lat), order), (Some(60.17), StopOrder::Best));
        let given = change("correct_stop", r#"{"address": "Unioninkatu 29", "optimize": false}"#);
        assert!(matches!(given, Ok(RouteChange::CorrectStop { position: None, order: StopOrder::Given, .. })));
    }
}

use jiff::Timestamp;
use routemate_app::{ImportJob, ImportStop};
use routemate_domain::{Email, JsonText, Priority, Text};
use routemate_units::LatLng;

/// A checked text; panics on what is none.
#[must_use]
pub fn text<const MAX: usize>(text: impl Into<String>) -> Text<MAX> {
    Text::parse(text).expect("a text within its limits")
}

/// A position; panics on what is none.
#[must_use]
pub fn position(lat: f64, lng: f64) -> LatLng {
    LatLng::new(lat, lng).expect("a position")
}

/// An instant written as in RFC 3339; panics on what is none.
#[must_use]
pub fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

const STREETS: [&str; 8] = [
    "Mannerheimintie",
    "Aleksanterinkatu",
    "Hämeentie",
    "Runeberginkatu",
    "Fredrikinkatu",
    "Liisankatu",
    "Bulevardi",
    "Tehtaankatu",
];

/// A job of so many stops in the centre of Helsinki, all with coordinates: `STOP-0` first, in no sensible order.
///
/// Ids, title and driver are the same each time; tests replace what matters to them.
#[must_use]
pub fn import_command(stops: usize) -> ImportJob {
    let driver_email = "Driver@Example.com".to_owned();
    ImportJob {
        external_job_id: text("JOB-1"),
        title: text("Morning round"),
        driver_key: Email::parse(&driver_email).expect("an address"),
        driver_email,
        scheduled_date: None,
        timezone: None,
        metadata: JsonText::from_serialized(r#"{"depot":"Pasila"}"#.to_owned()),
        stops: (0..stops).map(|number| stop_command(number, somewhere(number))).collect(),
    }
}

/// A stop of that number, with coordinates or without.
#[must_use]
pub fn stop_command(number: usize, position: impl Into<Option<LatLng>>) -> ImportStop {
    let street = STREETS.get(number % STREETS.len()).copied().unwrap_or_default();
    ImportStop {
        external_stop_id: text(format!("STOP-{number}")),
        address: text(format!("{street} {}, 00100 Helsinki", number + 1)),
        position: position.into(),
        label: None,
        notes: None,
        service_type: None,
        service_time: None,
        window: None,
        priority: Priority::default(),
        parcel_count: 1,
        metadata: JsonText::default(),
    }
}

/// Different places within about 4 km, neither sorted nor on a grid.
fn somewhere(number: usize) -> LatLng {
    // The golden ratio and the plastic number scatter evenly (M. Roberts, R2 sequence).
    let number = number as f64 + 1.0;
    let (lat, lng) = ((number * 0.754_877_67).fract(), (number * 0.569_840_29).fract());
    position(60.155 + lat * 0.035, 24.90 + lng * 0.08)
}

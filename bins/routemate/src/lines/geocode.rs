//! `routemate geocode`: the addresses of maps, asked by themselves.

use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;

use routemate_app::Clock;
use routemate_geocoding::{AddressIndex, EmbeddedGeocoder, Query, StructuredAddress};
use routemate_units::LatLng;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer_lines, micros};
use crate::Failure;
use crate::config::Config;
use crate::maps::Home;
use crate::system::SystemClock;

/// A question; what else a line has is not for us.
#[derive(Debug, Deserialize)]
struct Question {
    #[serde(default)]
    id: Value,
    query: Option<String>,
    structured: Option<Structured>,
    focus: Option<Focus>,
    country: Option<String>,
}

/// An address in its parts, as EasyRoutes names them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Structured {
    address1: Option<Word>,
    address2: Option<Word>,
    city: Option<Word>,
    province_code: Option<Word>,
    zip: Option<Word>,
    country_code: Option<Word>,
}

/// Postcodes and flats come as numbers, too.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a part of an address is neither text nor number")]
enum Word {
    Text(String),
    Number(serde_json::Number),
}

/// A position, in either of two ways to write it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "`focus` is neither [lat, lon] nor {lat, lon}")]
enum Focus {
    Pair([f64; 2]),
    Named {
        lat: f64,
        #[serde(alias = "lng")]
        lon: f64,
    },
}

/// Answers questions about addresses until stdin ends.
pub(crate) fn geocode(config: &Config, maps: &[String]) -> Result<(), Failure> {
    let geocoder = EmbeddedGeocoder::new(open(config, maps)?);
    let clock = SystemClock::new();
    // The buffer is flushed wherever somebody may be waiting.
    let answers = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    answer_lines(io::stdin().lock(), answers, |line| {
        let (id, query) = read(line)?;
        let begun = clock.monotonic();
        let best = geocoder.lookup(&query).into_iter().next();
        let latency_us = micros(clock.monotonic() - begun);
        let best = best.as_ref();
        Ok(json!({
            "id": id,
            "lat": best.map(|best| best.position.lat()),
            "lon": best.map(|best| best.position.lng()),
            "confidence": best.map(|best| (best.confidence.get() * 1e4).round() / 1e4),
            "match_type": best.map(|best| best.match_type.as_str()),
            "formatted": best.map(|best| &best.label),
            "latency_us": latency_us,
        }))
    })?;
    Ok(())
}

/// The addresses of these maps, or of the only one.
fn open(config: &Config, maps: &[String]) -> Result<Vec<Arc<AddressIndex>>, Failure> {
    let home = Home::of(config)?;
    let folders: Vec<PathBuf> = match maps {
        [] => vec![home.only()?],
        named => named.iter().map(|name| home.find(name)).collect::<Result<_, _>>()?,
    };
    let open = |folder: &PathBuf| -> Result<Arc<AddressIndex>, Failure> {
        let path = folder.join(AddressIndex::FILE_NAME);
        if !path.exists() {
            return Err(format!("the map in `{}` has no addresses: build it again", folder.display()).into());
        }
        Ok(Arc::new(AddressIndex::open(&path)?))
    };
    folders.iter().map(open).collect()
}

/// What a line asks, and how it names itself.
fn read(line: &[u8]) -> Result<(Value, Query), Refusal> {
    let question: Question = match serde_json::from_slice(line) {
        Ok(question) => question,
        Err(error) => {
            let id = serde_json::from_slice(line).ok().and_then(|line: Value| line.get("id").cloned());
            return Err(Refusal { id, why: said(&error) });
        }
    };
    let Question { id, query, structured, focus, country } = question;
    let refused = |why: &str| Refusal { id: Some(id.clone()), why: why.to_owned() };
    let mut query = match (query.filter(|text| structured.is_none() || !text.trim().is_empty()), structured) {
        (Some(text), _) => Query::text(&text),
        (None, Some(parts)) => Query::structured(&parts.into_address()),
        (None, None) => return Err(refused("it has neither `query` nor `structured`")),
    };
    if let Some(focus) = focus {
        let (Focus::Pair([lat, lng]) | Focus::Named { lat, lon: lng }) = focus;
        let focus = LatLng::new(lat, lng).map_err(|error| refused(&format!("`focus`: {error}")))?;
        query = query.near(focus);
    }
    if let Some(country) = country {
        query = query.within_country(&country);
    }
    Ok((id, query))
}

/// An error of JSON without the line's own number, which is 1 for each of them.
fn said(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

impl Structured {
    fn into_address(self) -> StructuredAddress {
        let text = |word: Option<Word>| match word {
            None => String::new(),
            Some(Word::Text(text)) => text,
            Some(Word::Number(number)) => number.to_string(),
        };
        StructuredAddress {
            line: text(self.address1),
            unit: text(self.address2),
            city: text(self.city),
            region: text(self.province_code),
            postcode: text(self.zip),
            country: text(self.country_code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Query {
        read(line.as_bytes()).map(|(_, query)| query).expect("it is a question")
    }

    #[track_caller]
    fn check_refused(line: &str, id: Option<Value>, why: &str) {
        assert_eq!(read(line.as_bytes()), Err(Refusal { id, why: why.to_owned() }));
    }

    #[test]
    fn text_wins_over_parts_unless_it_is_empty() {
        let parts =
            r#""structured": {"address1": "Main Street 1", "address2": null, "zip": 94502, "countryCode": "US"}"#;
        assert_eq!(asked(&format!(r#"{{"id": 1, "query": "Elsewhere 2", {parts}}}"#)), Query::text("Elsewhere 2"));
        let by_parts = StructuredAddress {
            line: "Main Street 1".to_owned(),
            postcode: "94502".to_owned(),
            country: "US".to_owned(),
            ..StructuredAddress::default()
        };
        for query in ["null", r#""""#, r#"" ""#] {
            assert_eq!(asked(&format!(r#"{{"query": {query}, {parts}}}"#)), Query::structured(&by_parts));
        }
        assert_eq!(asked(r#"{"query": "", "structured": null}"#), Query::text(""));
    }

    #[test]
    fn a_focus_is_a_pair_or_an_object() {
        let near = Query::text("x").near(LatLng::new(60.0, 25.5).expect("a position"));
        for focus in ["[60, 25.5]", r#"{"lat": 60, "lon": 25.5}"#, r#"{"lat": 60, "lng": 25.5}"#] {
            assert_eq!(asked(&format!(r#"{{"query": "x", "focus": {focus}}}"#)), near);
        }
        assert_eq!(asked(r#"{"query": "x", "focus": null, "country": null, "expect": "match"}"#), Query::text("x"));
        assert_eq!(asked(r#"{"query": "x", "country": "fi"}"#), Query::text("x").within_country("FI"));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_under_its_name() {
        let named = Some(json!("a"));
        check_refused(r#"{"id": "a"}"#, named.clone(), "it has neither `query` nor `structured`");
        check_refused(
            r#"{"id": "a", "query": "x", "focus": [91, 0]}"#,
            named.clone(),
            "`focus`: latitude `91` is not between -90 and 90",
        );
        let neither = "`focus` is neither [lat, lon] nor {lat, lon} at column 43";
        check_refused(r#"{"id": "a", "query": "x", "focus": [60, 25}"#, None, "expected `,` or `]` at column 43");
        check_refused(r#"{"id": "a", "query": "x", "focus": [60.01]}"#, named, neither);
        check_refused("[1]", None, "invalid length 1, expected struct Question with 5 elements at column 3");
    }
}

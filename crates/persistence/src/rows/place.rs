//! Where something is, as it is stored: in columns of stops, elsewhere as JSON text.

use jiff::Timestamp;
use routemate_domain::{Geocoded, Location, Suggestion};
use routemate_units::LatLng;
use serde::{Deserialize, Serialize};

use super::UnknownValue;
use crate::StoreError;

/// Where something is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LocationDocument {
    pub(super) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lng: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) geocoded: Option<GeocodedDocument>,
}

/// How it was found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct GeocodedDocument {
    match_type: String,
    confidence: f64,
    is_approximate: bool,
    source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    attribution: String,
    /// Latitude and longitude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<(f64, f64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forget_at: Option<Timestamp>,
    /// Of an address that was not found; its other fields are empty then, because the releases before this one ask for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<SuggestionDocument>,
    /// Of a place that was forgotten, whose other fields are empty too: to the releases before this one it is searched for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_forgotten: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct SuggestionDocument {
    lat: f64,
    lng: f64,
    match_type: String,
    confidence: f64,
    source: String,
    #[serde(default)]
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forget_at: Option<Timestamp>,
}

impl From<&Location> for LocationDocument {
    fn from(location: &Location) -> Self {
        let (source, geocoded) = match location {
            Location::Supplied(_) => ("supplied", None),
            Location::Geocoded(geocoded) => ("geocoded", Some(geocoded.into())),
            Location::Searching => ("searching", None),
            Location::NotFound { suggestions } if suggestions.is_empty() => ("not_found", None),
            Location::NotFound { suggestions } => {
                let suggestions = suggestions.iter().map(Into::into).collect();
                ("not_found", Some(GeocodedDocument { suggestions, ..GeocodedDocument::default() }))
            }
            Location::Forgotten => {
                ("searching", Some(GeocodedDocument { is_forgotten: true, ..GeocodedDocument::default() }))
            }
            Location::Anywhere => ("anywhere", None),
        };
        let position = location.position();
        Self { source: source.to_owned(), lat: position.map(LatLng::lat), lng: position.map(LatLng::lng), geocoded }
    }
}

impl LocationDocument {
    /// The location that a table's row has stored.
    pub(super) fn location(self, table: &'static str) -> Result<Location, StoreError> {
        let at = |lat, lng| LatLng::new(lat, lng).map_err(|error| StoreError::corrupt(table, "lat", error));
        let position = || match (self.lat, self.lng) {
            (Some(lat), Some(lng)) => at(lat, lng),
            _ => Err(StoreError::corrupt(table, "lat", "missing for this source")),
        };
        match (self.source.as_str(), self.geocoded) {
            ("supplied", _) => Ok(Location::Supplied(position()?)),
            ("geocoded", Some(geocoded)) => Ok(Location::Geocoded(Geocoded {
                position: position()?,
                access: geocoded.access.map(|(lat, lng)| at(lat, lng)).transpose()?,
                match_type: geocoded.match_type,
                confidence: geocoded.confidence,
                is_approximate: geocoded.is_approximate,
                source: geocoded.source,
                attribution: geocoded.attribution,
                found_at: geocoded.found_at,
                forget_at: geocoded.forget_at,
            })),
            ("searching", Some(document)) if document.is_forgotten => Ok(Location::Forgotten),
            ("searching", _) => Ok(Location::Searching),
            ("not_found", document) => {
                let documents = document.map(|document| document.suggestions).unwrap_or_default();
                let suggestion = |document: SuggestionDocument| {
                    let SuggestionDocument { lat, lng, match_type, confidence, source, label, forget_at } = document;
                    Ok(Suggestion { position: at(lat, lng)?, match_type, confidence, source, label, forget_at })
                };
                let suggestions = documents.into_iter().map(suggestion).collect::<Result<_, StoreError>>()?;
                Ok(Location::NotFound { suggestions })
            }
            ("anywhere", _) => Ok(Location::Anywhere),
            (other, _) => Err(StoreError::corrupt(table, "location_source", UnknownValue(other.to_owned()))),
        }
    }
}

/// A location as JSON text, for tables that keep it in one column.
pub(super) fn location_to_text(table: &'static str, location: &Location) -> Result<String, StoreError> {
    serde_json::to_string(&LocationDocument::from(location))
        .map_err(|error| StoreError::corrupt(table, "location", error))
}

/// The location that such a text says.
pub(super) fn location_from_text(table: &'static str, text: &str) -> Result<Location, StoreError> {
    let document: LocationDocument =
        serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, "location", error))?;
    document.location(table)
}

impl From<&Geocoded> for GeocodedDocument {
    fn from(geocoded: &Geocoded) -> Self {
        Self {
            match_type: geocoded.match_type.clone(),
            confidence: geocoded.confidence,
            is_approximate: geocoded.is_approximate,
            source: geocoded.source.clone(),
            attribution: geocoded.attribution.clone(),
            access: geocoded.access.map(|access| (access.lat(), access.lng())),
            found_at: geocoded.found_at,
            forget_at: geocoded.forget_at,
            ..Self::default()
        }
    }
}

impl From<&Suggestion> for SuggestionDocument {
    fn from(suggestion: &Suggestion) -> Self {
        Self {
            lat: suggestion.position.lat(),
            lng: suggestion.position.lng(),
            match_type: suggestion.match_type.clone(),
            confidence: suggestion.confidence,
            source: suggestion.source.clone(),
            label: suggestion.label.clone(),
            forget_at: suggestion.forget_at,
        }
    }
}

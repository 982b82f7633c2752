use routemate_units::LatLng;

/// Where a stop is, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Location {
    /// The client gave coordinates.
    Supplied(LatLng),
    /// The address was found.
    Geocoded(Geocoded),
    /// The address was not found yet; the search goes on in the background.
    Searching,
    /// The address was not found.
    NotFound,
}

/// A position found from an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Geocoded {
    /// The position.
    pub position: LatLng,
    /// What was matched, from the exact address down to the locality: the geocoder's stable name for it.
    pub match_type: String,
    /// How sure the geocoder is, 0 to 1.
    pub confidence: f64,
    /// Sure enough to use, not sure enough to say nothing.
    pub is_approximate: bool,
    /// Which geocoder found it.
    pub source: String,
}

impl Location {
    /// The coordinates, where they are known.
    #[must_use]
    pub const fn position(&self) -> Option<LatLng> {
        match self {
            Self::Supplied(position) => Some(*position),
            Self::Geocoded(geocoded) => Some(geocoded.position),
            Self::Searching | Self::NotFound => None,
        }
    }
}

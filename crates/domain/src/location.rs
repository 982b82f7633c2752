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
    NotFound {
        /// What it may have meant, the likeliest first; none of it is sure enough to drive to.
        suggestions: Vec<Suggestion>,
    },
    /// Wherever the driver is by then: a break has no place of its own.
    Anywhere,
}

/// A position that an address may stand for, for a person to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The position.
    pub position: LatLng,
    /// The geocoder's stable name for what was matched.
    pub match_type: String,
    /// How sure the geocoder is, 0 to 1.
    pub confidence: f64,
    /// Which geocoder found it.
    pub source: String,
    /// The address found, written out; empty where its words may not be kept.
    pub label: String,
}

/// A position found from an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Geocoded {
    /// The position.
    pub position: LatLng,
    /// Where a vehicle stops for it, if that is known.
    pub access: Option<LatLng>,
    /// What was matched, from the exact address down to the locality: the geocoder's stable name for it.
    pub match_type: String,
    /// How sure the geocoder is, 0 to 1.
    pub confidence: f64,
    /// Sure enough to use, not sure enough to say nothing.
    pub is_approximate: bool,
    /// Which geocoder found it.
    pub source: String,
    /// Whom to name with it, and under which licence it is; empty where nothing is demanded.
    pub attribution: String,
}

impl Location {
    /// The coordinates, where they are known.
    #[must_use]
    pub const fn position(&self) -> Option<LatLng> {
        match self {
            Self::Supplied(position) => Some(*position),
            Self::Geocoded(geocoded) => Some(geocoded.position),
            Self::Searching | Self::NotFound { .. } | Self::Anywhere => None,
        }
    }

    /// Where one drives to: the place's access, where one is known, else the place itself.
    #[must_use]
    pub const fn driven_to(&self) -> Option<LatLng> {
        match self {
            Self::Geocoded(Geocoded { access: Some(access), .. }) => Some(*access),
            _ => self.position(),
        }
    }

    /// Not found, and nothing like it either.
    #[must_use]
    pub const fn unknown() -> Self {
        Self::NotFound { suggestions: Vec::new() }
    }
}

use routemate_outbound::Repetition;

use crate::terms::{self, Terms};

/// A service or server that finds addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Google's Geocoding API.
    Google,
    /// A Nominatim server.
    Nominatim,
    /// A Photon server.
    Photon,
    /// A Pelias server.
    Pelias,
    /// Mapbox's Geocoding API, version 6.
    Mapbox,
    /// HERE's Geocoding and Search API, version 7.
    Here,
    /// OpenCage's Geocoding API.
    OpenCage,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Google, Self::Nominatim, Self::Photon, Self::Pelias, Self::Mapbox, Self::Here, Self::OpenCage];

    /// Its name in the configuration and in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Nominatim => "nominatim",
            Self::Photon => "photon",
            Self::Pelias => "pelias",
            Self::Mapbox => "mapbox",
            Self::Here => "here",
            Self::OpenCage => "opencage",
        }
    }

    /// By its name in the configuration.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// Where the vendor has it; `None` for servers that one has of one's own.
    #[must_use]
    pub const fn vendor_url(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://maps.googleapis.com"),
            Self::Mapbox => Some("https://api.mapbox.com"),
            Self::Here => Some("https://geocode.search.hereapi.com"),
            Self::OpenCage => Some("https://api.opencagedata.com"),
            Self::Nominatim | Self::Photon | Self::Pelias => None,
        }
    }

    /// Whether it answers nobody without a key.
    #[must_use]
    pub const fn needs_key(self) -> bool {
        self.vendor_url().is_some()
    }

    /// What its terms say about answers.
    #[must_use]
    pub const fn terms(self) -> Terms {
        match self {
            Self::Google => terms::GOOGLE,
            Self::Nominatim => terms::NOMINATIM,
            Self::Photon => terms::PHOTON,
            Self::Pelias => terms::PELIAS,
            Self::Mapbox => terms::MAPBOX,
            Self::Here => terms::HERE,
            Self::OpenCage => terms::OPENCAGE,
        }
    }

    /// Requests a second that it bears when nothing else is agreed.
    ///
    /// Source: OSMF, Nominatim Usage Policy (1); HERE, Limited Plan usage restrictions (5); OpenCage, API documentation,
    /// Rate limiting: free trial (1); Mapbox, Geocoding API, Restrictions and limits: 1,000 a minute (16); Google Maps
    /// Platform, Geocoding API usage: 3,000 a minute (50). Others: a small server of one's own.
    #[must_use]
    pub const fn per_second(self) -> u32 {
        match self {
            Self::Nominatim | Self::OpenCage => 1,
            Self::Here => 5,
            Self::Mapbox => 16,
            Self::Google => 50,
            Self::Photon | Self::Pelias => 20,
        }
    }

    /// Paid answers may have been billed although they were lost.
    pub(crate) const fn repetition(self) -> Repetition {
        if self.needs_key() { Repetition::Billed } else { Repetition::Free }
    }
}

//! How long answers of a service may be kept, and what has to be shown with them.

use std::time::Duration;

/// What a service's terms say about its answers. Not legal advice: contracts differ, and the operator's own goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long an answer is kept in this process and given again.
    pub kept: Duration,
    /// How long it is kept that there is none: shorter, because houses are built and services mended.
    pub absence_kept: Duration,
    /// What of an answer is kept.
    pub kept_parts: KeptParts,
    /// How long its positions may stand in the database.
    pub storage: Storage,
    /// Words to be shown with its answers; where it sends its own, those.
    pub attribution: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

impl Terms {
    /// How long a position may stand in the database from when it is written there; `None` for good.
    ///
    /// Less than its days by how long the answer may have been kept in this process before.
    #[must_use]
    pub fn stored(&self) -> Option<Duration> {
        match self.storage {
            Storage::Unlimited => None,
            Storage::Days(days) => Some((DAY * u32::from(days)).saturating_sub(self.kept)),
        }
    }
}

/// What of an answer may be kept at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptParts {
    /// All of it.
    All,
    /// The position and what we make of it, but not the words of the address found.
    Positions,
}

/// How long positions may stand in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// For good.
    Unlimited,
    /// So many days.
    Days(u16),
}

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const ABSENCE: Duration = Duration::from_secs(600);
const OSM: &str = "© OpenStreetMap contributors";

/// Google allows positions to be cached, and nothing else but its own ids.
pub(crate) const GOOGLE: Terms = Terms {
    kept: DAY,
    absence_kept: ABSENCE,
    kept_parts: KeptParts::Positions,
    storage: Storage::Days(30),
    attribution: "Google Maps",
    source: "Google Maps Platform Service Specific Terms, Geocoding API, Caching: latitude and longitude for up to 30 \
             consecutive calendar days",
};

/// The public server demands that answers are kept; an own one has no rules but the licence of its data.
pub(crate) const NOMINATIM: Terms = Terms {
    kept: Duration::from_secs(30 * 86_400),
    absence_kept: HOUR,
    kept_parts: KeptParts::All,
    storage: Storage::Unlimited,
    attribution: OSM,
    source: "OSMF, Nominatim Usage Policy: one request a second at most, results are to be cached; Open Database License",
};

pub(crate) const PHOTON: Terms = Terms {
    kept: Duration::from_secs(7 * 86_400),
    absence_kept: ABSENCE,
    kept_parts: KeptParts::All,
    storage: Storage::Unlimited,
    attribution: OSM,
    source: "Photon, README: data of OpenStreetMap under the Open Database License; the public server asks for moderation",
};

/// An own server; a hosted one may have terms of its own.
pub(crate) const PELIAS: Terms = Terms {
    kept: Duration::from_secs(7 * 86_400),
    absence_kept: ABSENCE,
    kept_parts: KeptParts::All,
    storage: Storage::Unlimited,
    attribution: OSM,
    source: "Pelias documentation, Data sources: open licences of the sources, with attribution",
};

/// With `permanent=true`, which is what is asked for and billed.
pub(crate) const MAPBOX: Terms = Terms {
    kept: Duration::from_secs(7 * 86_400),
    absence_kept: ABSENCE,
    kept_parts: KeptParts::All,
    storage: Storage::Unlimited,
    attribution: "© Mapbox",
    source: "Mapbox, Geocoding API v6, Storing geocoding results: permanent results may be kept, temporary ones may not",
};

/// Its terms are contracts; what is here is the careful reading of the public ones.
pub(crate) const HERE: Terms = Terms {
    kept: DAY,
    absence_kept: ABSENCE,
    kept_parts: KeptParts::All,
    storage: Storage::Days(30),
    attribution: "© HERE",
    source: "HERE platform terms: caching for at most 30 days; the Limited and Base plans leave out route optimisation",
};

pub(crate) const OPENCAGE: Terms = Terms {
    kept: Duration::from_secs(7 * 86_400),
    absence_kept: ABSENCE,
    kept_parts: KeptParts::All,
    storage: Storage::Unlimited,
    attribution: OSM,
    source: "OpenCage, API documentation, Caching: results may be kept as long as you like; open licences of the sources",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Provider;

    #[test]
    fn no_answer_outlives_its_days() {
        for terms in Provider::ALL.map(Provider::terms) {
            if let Storage::Days(days) = terms.storage {
                let days = DAY * u32::from(days);
                assert!(terms.kept <= days && terms.absence_kept <= days, "{terms:?}");
                assert_eq!(terms.stored().map(|stored| stored + terms.kept), Some(days), "{terms:?}");
            }
        }
        assert_eq!((GOOGLE.stored(), NOMINATIM.stored()), (Some(DAY * 29), None));
    }
}

use jiff::Timestamp;
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
    /// The address was found once; the terms of who found it did not let its place be kept for longer.
    Forgotten,
    /// Wherever the driver is by then: a break has no place of its own.
    Anywhere,
}

/// What is done about a place that may not be kept for longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// It is still needed: its address is looked for again.
    SearchedAgain,
    /// It is not.
    Gone,
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
    /// When it is to be forgotten, by the terms of who found it; `None` for good.
    pub forget_at: Option<Timestamp>,
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
    /// When it was found; `None` where an earlier release has found it.
    pub found_at: Option<Timestamp>,
    /// When it is to be forgotten, by the terms of who found it; `None` for good.
    pub forget_at: Option<Timestamp>,
}

impl Location {
    /// The coordinates, where they are known.
    #[must_use]
    pub const fn position(&self) -> Option<LatLng> {
        match self {
            Self::Supplied(position) => Some(*position),
            Self::Geocoded(geocoded) => Some(geocoded.position),
            Self::Searching | Self::NotFound { .. } | Self::Forgotten | Self::Anywhere => None,
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

    /// When something of it is to be forgotten, by the terms of who found it; `None` where all of it may be kept.
    #[must_use]
    pub fn forget_at(&self) -> Option<Timestamp> {
        match self {
            Self::Geocoded(geocoded) => geocoded.forget_at,
            Self::NotFound { suggestions } => suggestions.iter().filter_map(|suggestion| suggestion.forget_at).min(),
            Self::Supplied(_) | Self::Searching | Self::Forgotten | Self::Anywhere => None,
        }
    }

    /// What may be known of it at a time.
    #[must_use]
    pub fn kept(self, at: Timestamp, afterwards: Afterwards) -> Self {
        let is_over = |forget_at: Option<Timestamp>| forget_at.is_some_and(|forget_at| forget_at <= at);
        match self {
            Self::Geocoded(geocoded) if is_over(geocoded.forget_at) => match afterwards {
                Afterwards::SearchedAgain => Self::Searching,
                Afterwards::Gone => Self::Forgotten,
            },
            Self::NotFound { mut suggestions } => {
                suggestions.retain(|suggestion| !is_over(suggestion.forget_at));
                Self::NotFound { suggestions }
            }
            other => other,
        }
    }

    /// Where a stop is that is made from one with this place: what was forgotten is looked for again.
    #[must_use]
    pub fn for_new_stop(&self) -> Self {
        match self {
            Self::Forgotten => Self::Searching,
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(days: i32) -> Timestamp {
        Timestamp::UNIX_EPOCH + DAY * days
    }

    fn geocoded(forget_at: Option<Timestamp>) -> Location {
        Location::Geocoded(Geocoded {
            position: LatLng::new(60.17, 24.95).unwrap(),
            access: None,
            match_type: "exact".to_owned(),
            confidence: 0.9,
            is_approximate: false,
            source: "google".to_owned(),
            attribution: String::new(),
            found_at: Some(at(0)),
            forget_at,
        })
    }

    fn suggestion(forget_at: Option<Timestamp>) -> Suggestion {
        Suggestion {
            position: LatLng::new(60.17, 24.95).unwrap(),
            match_type: "street".to_owned(),
            confidence: 0.3,
            source: "google".to_owned(),
            label: String::new(),
            forget_at,
        }
    }

    #[test]
    fn a_place_is_kept_until_it_is_to_be_forgotten() {
        let lent = geocoded(Some(at(30)));
        assert_eq!(lent.forget_at(), Some(at(30)));
        assert_eq!(lent.clone().kept(at(29), Afterwards::Gone), lent);
        assert_eq!(lent.clone().kept(at(30), Afterwards::Gone), Location::Forgotten);
        assert_eq!(lent.kept(at(30), Afterwards::SearchedAgain), Location::Searching);
    }

    #[test]
    fn what_may_be_kept_for_good_is() {
        let own = geocoded(None);
        assert_eq!((own.forget_at(), own.clone().kept(at(9_000), Afterwards::Gone)), (None, own));
    }

    #[test]
    fn suggestions_go_one_by_one() {
        let (lent, own) = (suggestion(Some(at(30))), suggestion(None));
        let unsure = Location::NotFound { suggestions: vec![own.clone(), lent] };
        assert_eq!(unsure.forget_at(), Some(at(30)));
        assert_eq!(unsure.kept(at(31), Afterwards::SearchedAgain), Location::NotFound { suggestions: vec![own] });
    }

    #[test]
    fn a_stop_made_from_a_forgotten_one_is_searched_for() {
        assert_eq!(Location::Forgotten.for_new_stop(), Location::Searching);
        assert_eq!(Location::unknown().for_new_stop(), Location::unknown());
    }
}

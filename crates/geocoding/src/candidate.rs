use std::borrow::Cow;

use routemate_units::LatLng;

/// One position that a query may stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Where it is.
    pub position: LatLng,
    /// What of the query it answers.
    pub match_type: MatchType,
    /// How likely it is what was meant.
    pub confidence: Confidence,
    /// Which geocoder it comes from, as it is named in the configuration.
    pub source: Cow<'static, str>,
    /// The address found, written out for people.
    pub label: String,
    /// Where a vehicle stops for it: on the nearest street of its name that can be driven, if that is known.
    pub access: Option<LatLng>,
    /// Whom to name with the answer, and under which licence it is; empty where nothing is demanded.
    pub attribution: Cow<'static, str>,
}

/// What of an address was found, from the address itself down to its town.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MatchType {
    /// The very house number, or the named place itself.
    Exact,
    /// The number with another suffix: 12 for 12 B.
    OtherSuffix,
    /// A range of numbers that holds it: 48–50 for 49.
    Range,
    /// Computed between neighbours on the same side, along the street's line.
    Interpolated,
    /// The nearest number on the same side.
    NearestNumber,
    /// The street, without the number.
    Street,
    /// The area of the postcode.
    Postcode,
    /// The town, suburb or village.
    Locality,
}

/// How likely a candidate is right: a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// Not a number between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("confidence `{0}` is not between 0 and 1")]
pub struct ConfidenceOutOfRange(pub f64);

impl MatchType {
    /// The word for it in files and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::OtherSuffix => "other_suffix",
            Self::Range => "range",
            Self::Interpolated => "interpolated",
            Self::NearestNumber => "nearest_number",
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::Locality => "locality",
        }
    }
}

impl Confidence {
    /// Somebody who knows has said so.
    pub const CERTAIN: Self = Self(1.0);
    /// From here on a candidate is taken without comment.
    pub const SURE: Self = Self(0.7);
    /// From here on a candidate is taken, with a warning while it is not [`SURE`](Self::SURE); below, it is not taken.
    pub const ACCEPTABLE: Self = Self(0.4);

    /// A checked number.
    ///
    /// # Errors
    /// [`ConfidenceOutOfRange`] below 0, above 1 and for NaN.
    pub fn new(value: f64) -> Result<Self, ConfidenceOutOfRange> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(ConfidenceOutOfRange(value)) }
    }

    /// The nearest number between 0 and 1; NaN is 0.
    pub(crate) const fn clamped(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The number, 0..=1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_lies_between_zero_and_one() {
        assert_eq!(Confidence::new(0.0).map(Confidence::get), Ok(0.0));
        assert_eq!(Confidence::new(1.0).map(Confidence::get), Ok(1.0));
        assert_eq!(Confidence::new(-0.1), Err(ConfidenceOutOfRange(-0.1)));
        assert_eq!(Confidence::new(1.1), Err(ConfidenceOutOfRange(1.1)));
        assert!(Confidence::new(f64::NAN).is_err());
    }
}

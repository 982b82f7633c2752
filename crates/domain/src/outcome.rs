use jiff::Timestamp;
use routemate_units::LatLng;

/// What a driver left behind as evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProofOfDelivery {
    /// Where the driver was.
    pub position: Option<LatLng>,
    /// What the driver wrote.
    pub note: Option<String>,
}

/// How a stop ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Delivered, picked up, or done.
    Completed {
        /// When.
        at: Timestamp,
        /// The evidence.
        proof: ProofOfDelivery,
    },
    /// The driver was there, in vain.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: AttemptedReason,
        /// In the driver's words.
        note: Option<String>,
        /// The evidence.
        proof: ProofOfDelivery,
    },
    /// Not driven to.
    Skipped {
        /// When that was decided.
        at: Timestamp,
    },
}

impl Outcome {
    /// When the stop ended.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Completed { at, .. } | Self::Failed { at, .. } | Self::Skipped { at } => *at,
        }
    }
}

/// Why a delivery was attempted in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptedReason {
    /// Not said.
    Unknown,
    /// Nobody was there.
    NotAvailable,
    /// No access to the place.
    AccessDenied,
    /// The address is wrong.
    IncorrectAddress,
    /// No safe place to leave it.
    SafePlaceUnavailable,
    /// The recipient refused.
    Refused,
    /// Weather, traffic and the like.
    External,
    /// Wrong or missing items.
    IncorrectItems,
    /// Something else.
    Other,
}

impl AttemptedReason {
    /// Every reason, in the order of the published enumeration.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::NotAvailable,
        Self::AccessDenied,
        Self::IncorrectAddress,
        Self::SafePlaceUnavailable,
        Self::Refused,
        Self::External,
        Self::IncorrectItems,
        Self::Other,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotAvailable => "not_available",
            Self::AccessDenied => "access_denied",
            Self::IncorrectAddress => "incorrect_address",
            Self::SafePlaceUnavailable => "safe_place_unavailable",
            Self::Refused => "refused",
            Self::External => "external",
            Self::IncorrectItems => "incorrect_items",
            Self::Other => "other",
        }
    }
}

use std::borrow::Cow;
use std::error::Error;

use routemate_units::Seconds;

/// Why a geocoder gave no answer. `geocoder` is its name in the configuration; the query is never part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GeocodeError {
    /// It cannot be reached, or it answers with a fault of its own.
    #[error("geocoder `{geocoder}` is unavailable")]
    Unavailable {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// What happened.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It did not answer in time.
    #[error("geocoder `{geocoder}` did not answer in time")]
    TimedOut {
        /// Which one.
        geocoder: Cow<'static, str>,
    },
    /// It wants to be asked less often.
    #[error("geocoder `{geocoder}` limits our requests")]
    RateLimited {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Seconds>,
    },
    /// It turns us away and will do so again until the operator changes something: a key, a plan.
    #[error("geocoder `{geocoder}` refuses our requests")]
    Refused {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// What it says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl GeocodeError {
    /// Whether the same question may well be answered later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::TimedOut { .. } | Self::RateLimited { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}

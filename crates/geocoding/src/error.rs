use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use routemate_outbound::{OutboundError, Verdict};

/// What is said to have happened.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why a geocoder gave no answer. `geocoder` is its name in the configuration; the query is never part of it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum GeocodeError {
    /// It cannot be reached, or it answers with a fault of its own.
    #[error("geocoder `{geocoder}` is unavailable")]
    Unavailable {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// What happened.
        #[source]
        source: Cause,
    },
    /// It has failed several times running and is left alone for a while.
    #[error("geocoder `{geocoder}` is left alone for {} s", wait.as_secs().max(1))]
    LeftAlone {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// How much longer.
        wait: Duration,
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
        retry_after: Option<Duration>,
    },
    /// What was paid for, or given for nothing, is used up: for the day as a rule.
    #[error("geocoder `{geocoder}` has no quota left for us")]
    OutOfQuota {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// When there will be more, if it says so.
        retry_after: Option<Duration>,
    },
    /// It turns us away and will do so again until the operator changes something: a key, a plan.
    #[error("geocoder `{geocoder}` refuses our requests")]
    Refused {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// What it says.
        #[source]
        source: Cause,
    },
    /// It cannot make anything of this question, and will not later.
    #[error("geocoder `{geocoder}` does not take the question")]
    Invalid {
        /// Which one.
        geocoder: Cow<'static, str>,
        /// What it says.
        #[source]
        source: Cause,
    },
}

impl GeocodeError {
    /// Whether the same question may well be answered later: by itself or, where we are turned away, when the operator
    /// has seen to it.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        !matches!(self, Self::Invalid { .. })
    }

    /// Whether somebody has to do something about it.
    pub(crate) const fn is_for_the_operator(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::OutOfQuota { .. } | Self::Invalid { .. })
    }

    /// It answers with a fault of its own, in words that hold nothing of the question.
    pub fn unavailable(geocoder: &'static str, said: impl Into<String>) -> Self {
        Self::Unavailable { geocoder: geocoder.into(), source: cause(said) }
    }

    /// It turns us away, in words that hold nothing of the question.
    pub fn refused(geocoder: &'static str, said: impl Into<String>) -> Self {
        Self::Refused { geocoder: geocoder.into(), source: cause(said) }
    }

    /// It cannot make anything of this question, in words that hold nothing of it.
    pub fn invalid(geocoder: &'static str, said: impl Into<String>) -> Self {
        Self::Invalid { geocoder: geocoder.into(), source: cause(said) }
    }
}

/// Words of ours, as a cause.
fn cause(said: impl Into<String>) -> Cause {
    Arc::from(Box::<dyn Error + Send + Sync>::from(said.into()))
}

impl From<OutboundError> for GeocodeError {
    fn from(error: OutboundError) -> Self {
        match error {
            // Nobody stops these questions but who drops them.
            OutboundError::Stopped { server } | OutboundError::TimedOut { server } => {
                Self::TimedOut { geocoder: server.into() }
            }
            OutboundError::LeftAlone { server, wait } => Self::LeftAlone { geocoder: server.into(), wait },
            OutboundError::RateLimited { server, retry_after } => {
                Self::RateLimited { geocoder: server.into(), retry_after }
            }
            OutboundError::Unavailable { server, source } => {
                Self::Unavailable { geocoder: server.into(), source: Arc::from(source) }
            }
        }
    }
}

/// A day's quota does not come back within minutes, but it is asked now and then whether the operator has bought more.
const REST_WITHOUT_QUOTA: Duration = Duration::from_secs(600);

impl From<&GeocodeError> for Verdict {
    fn from(error: &GeocodeError) -> Self {
        match error {
            GeocodeError::Invalid { .. } => Self::Works,
            GeocodeError::LeftAlone { .. } => Self::Unknown,
            GeocodeError::RateLimited { retry_after: Some(wait), .. } => Self::Rests(*wait),
            GeocodeError::OutOfQuota { retry_after, .. } => Self::Rests(retry_after.unwrap_or(REST_WITHOUT_QUOTA)),
            GeocodeError::RateLimited { retry_after: None, .. }
            | GeocodeError::TimedOut { .. }
            | GeocodeError::Unavailable { .. }
            | GeocodeError::Refused { .. } => Self::Fails,
        }
    }
}

use std::error::Error;
use std::time::Duration;

use routemate_outbound::{OutboundError, Verdict};

/// Why there is no answer. `engine` is its name in the configuration; no position is ever part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TravelError {
    /// The stop token was stopped before the answer was complete.
    #[error("travel matrix was stopped before it was complete")]
    Stopped,
    /// It cannot be reached, or it answers with a fault of its own.
    #[error("travel engine `{engine}` is unavailable")]
    Unavailable {
        /// Which one.
        engine: &'static str,
        /// What happened.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It has failed several times running and is left alone for a while.
    #[error("travel engine `{engine}` has failed repeatedly and is left alone for {} s", wait.as_secs().max(1))]
    LeftAlone {
        /// Which one.
        engine: &'static str,
        /// How much longer.
        wait: Duration,
    },
    /// It did not answer in time.
    #[error("travel engine `{engine}` did not answer in time")]
    TimedOut {
        /// Which one.
        engine: &'static str,
    },
    /// It wants to be asked less often, and there is no time to wait for that.
    #[error("travel engine `{engine}` limits our requests")]
    RateLimited {
        /// Which one.
        engine: &'static str,
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
    },
    /// It turns us away and will do so again until the operator changes something: a key, a URL, a profile.
    #[error("travel engine `{engine}` refuses our requests")]
    Refused {
        /// Which one.
        engine: &'static str,
        /// What it says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// More than it gives, or than may be spent on it, for one question.
    #[error("travel engine `{engine}` is not asked for {asked} pairs: {limit}")]
    TooMuch {
        /// Which one.
        engine: &'static str,
        /// Pairs of points.
        asked: usize,
        /// Which limit stands in the way.
        limit: String,
    },
    /// It has no map in which all of the points lie, each with a road near.
    #[error("travel engine `{engine}` has no map that covers all points")]
    NotCovered {
        /// Which one.
        engine: &'static str,
    },
    /// It knows no way through all of the points.
    #[error("travel engine `{engine}` knows no way through all points")]
    NoWay {
        /// Which one.
        engine: &'static str,
    },
}

impl TravelError {
    /// It cannot be reached, or it answers with a fault of its own.
    pub(crate) fn unavailable(engine: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable { engine, source: source.into() }
    }

    /// It turns us away for good.
    pub(crate) fn refused(engine: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Refused { engine, source: source.into() }
    }
}

impl From<OutboundError> for TravelError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Stopped { .. } => Self::Stopped,
            OutboundError::LeftAlone { server, wait } => Self::LeftAlone { engine: server, wait },
            OutboundError::TimedOut { server } | OutboundError::NoTurn { server } => Self::TimedOut { engine: server },
            OutboundError::RateLimited { server, retry_after } => Self::RateLimited { engine: server, retry_after },
            OutboundError::Unavailable { server, source } => Self::Unavailable { engine: server, source },
        }
    }
}

impl From<&TravelError> for Verdict {
    fn from(error: &TravelError) -> Self {
        match error {
            TravelError::NoWay { .. } | TravelError::NotCovered { .. } => Self::Works,
            TravelError::Stopped | TravelError::TooMuch { .. } | TravelError::LeftAlone { .. } => Self::Unknown,
            TravelError::RateLimited { retry_after: Some(wait), .. } => Self::Rests(*wait),
            TravelError::RateLimited { retry_after: None, .. }
            | TravelError::TimedOut { .. }
            | TravelError::Unavailable { .. }
            | TravelError::Refused { .. } => Self::Fails,
        }
    }
}

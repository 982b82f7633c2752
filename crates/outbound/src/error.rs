use std::error::Error;
use std::time::Duration;

/// Why a server gave no reply that could be read. `server` is its name in the configuration; nothing of the request is
/// ever part of it.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The stop token was stopped before there was an answer.
    #[error("the question to `{server}` was given up")]
    Stopped {
        /// Which one.
        server: &'static str,
    },
    /// It has failed several times running, or asked for a rest, and is left alone for a while.
    #[error("`{server}` is left alone for {} s", wait.as_secs().max(1))]
    LeftAlone {
        /// Which one.
        server: &'static str,
        /// How much longer.
        wait: Duration,
    },
    /// Our own requests before this one took all the time: it was not sent.
    #[error("`{server}` may not be asked so often, and there is no time to wait")]
    NoTurn {
        /// Which one.
        server: &'static str,
    },
    /// It did not answer in time.
    #[error("`{server}` did not answer in time")]
    TimedOut {
        /// Which one.
        server: &'static str,
    },
    /// It wants to be asked less often, and there is no time to wait for that.
    #[error("`{server}` limits our requests")]
    RateLimited {
        /// Which one.
        server: &'static str,
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
    },
    /// It cannot be reached, or it answers with a fault of its own.
    #[error("`{server}` is unavailable")]
    Unavailable {
        /// Which one.
        server: &'static str,
        /// What happened.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// What a failed question says about the server it was put to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works: what was asked is at fault.
    Works,
    /// Nothing: it was not asked, or nobody waited for the answer.
    Unknown,
    /// It wants to be left alone for so long.
    Rests(Duration),
    /// It does not work.
    Fails,
}

impl From<&OutboundError> for Verdict {
    fn from(error: &OutboundError) -> Self {
        match error {
            OutboundError::Stopped { .. } | OutboundError::NoTurn { .. } | OutboundError::LeftAlone { .. } => {
                Self::Unknown
            }
            OutboundError::RateLimited { retry_after: Some(wait), .. } => Self::Rests(*wait),
            OutboundError::RateLimited { retry_after: None, .. }
            | OutboundError::TimedOut { .. }
            | OutboundError::Unavailable { .. } => Self::Fails,
        }
    }
}

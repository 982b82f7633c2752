use std::fmt;

use routemate_domain::{DriverId, JobId, Refusal};
use routemate_persistence::{StoreError, TxError};
use routemate_travel::TravelError;
use routemate_units::Seconds;

/// Why a use case did not do what was asked: the one error that every dialect maps to its own bodies.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The closed list of what can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input breaks rules; all of them are listed.
    Invalid(Vec<Problem>),
    /// No valid token or credentials.
    Unauthenticated(Unauthenticated),
    /// Known, but not allowed to work: the integration is disabled.
    Disabled,
    /// There is no such thing, or it is somebody else's: never told apart.
    NotFound(Noun),
    /// The job's external id is taken by this job of the same integration.
    ExternalJobIdTaken(JobId),
    /// The e-mail address is that of this driver of the same organisation.
    DriverEmailTaken(DriverId),
    /// The state does not allow it.
    Refused(Refusal),
    /// The caller has named a version, and it is no longer the one that counts.
    Changed(Noun),
    /// The idempotency key was used before for another request.
    KeyReused,
    /// Too many requests in the last minute.
    TooMany {
        /// When the next one is admitted, at least 1 s.
        retry_after: Seconds,
        /// The limit that was reached, in requests a minute.
        limit: u32,
    },
    /// Overloaded or waiting for another: the same request may succeed later.
    Unavailable {
        /// A sensible pause.
        retry_after: Seconds,
    },
    /// A fault of ours; the source says which.
    Internal,
}

/// Why a caller is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// There was no bearer token.
    MissingToken,
    /// The token is malformed, unknown, expired or revoked.
    InvalidToken,
    /// The client id is unknown or the secret wrong.
    InvalidCredentials,
    /// No connected shop has signed the message.
    InvalidSignature,
}

/// A thing that was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A delivery job.
    Job,
    /// A route.
    Route,
    /// A stop on a route.
    Stop,
    /// A driver.
    Driver,
    /// An organisation.
    Organization,
    /// An integration.
    Integration,
    /// An address that is remembered.
    Address,
    /// A stop that was handed in from outside.
    ImportedStop,
    /// A stop that is kept to be used again.
    SavedStop,
    /// A shop at Shopify.
    ShopifyShop,
    /// An order of such a shop.
    ShopifyOrder,
}

impl Noun {
    /// The word, capitalised.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "Job",
            Self::Route => "Route",
            Self::Stop => "Stop",
            Self::Driver => "Driver",
            Self::Organization => "Organization",
            Self::Integration => "Integration",
            Self::Address => "Address",
            Self::ImportedStop => "Imported stop",
            Self::SavedStop => "Saved stop",
            Self::ShopifyShop => "Shop",
            Self::ShopifyOrder => "Shopify order",
        }
    }
}

/// One broken rule. `path` and `message` make a sentence: `stops[0].address` `is required`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in the client's own spelling.
    pub path: String,
    /// What, starting with a verb.
    pub message: String,
}

impl Problem {
    /// A broken rule at a path.
    pub fn new(path: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { path: path.into(), message: message.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.message)
    }
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Internal, source: Some(source.into()) }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        ErrorKind::Refused(refusal).into()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        // Where nobody knows whether it was written, the same request under its key finds out.
        let kind = if error.is_transient() || matches!(error, StoreError::UnknownOutcome(_)) {
            ErrorKind::Unavailable { retry_after: Seconds::new(1) }
        } else {
            ErrorKind::Internal
        };
        Self { kind, source: Some(Box::new(error)) }
    }
}

impl From<TravelError> for Error {
    fn from(error: TravelError) -> Self {
        let kind = match error {
            TravelError::Stopped => ErrorKind::Internal,
            _ => ErrorKind::Unavailable { retry_after: Seconds::new(1) },
        };
        Self { kind, source: Some(Box::new(error)) }
    }
}

impl TxError for Error {
    fn store_error(&self) -> Option<&StoreError> {
        self.source.as_ref()?.downcast_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Invalid(problems) => write!(f, "{} problems in the input", problems.len()),
            ErrorKind::Unauthenticated(Unauthenticated::MissingToken) => f.write_str("no bearer token"),
            ErrorKind::Unauthenticated(Unauthenticated::InvalidToken) => f.write_str("invalid or expired token"),
            ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials) => f.write_str("invalid credentials"),
            ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature) => f.write_str("invalid signature"),
            ErrorKind::Disabled => f.write_str("the integration is disabled"),
            ErrorKind::NotFound(noun) => write!(f, "{} not found", noun.as_str().to_lowercase()),
            ErrorKind::ExternalJobIdTaken(job) => write!(f, "the external job id is taken by job `{job}`"),
            ErrorKind::DriverEmailTaken(driver) => write!(f, "driver `{driver}` has the e-mail address"),
            ErrorKind::Refused(refusal) => refusal.fmt(f),
            ErrorKind::Changed(noun) => write!(f, "the {} has changed", noun.as_str().to_lowercase()),
            ErrorKind::KeyReused => f.write_str("the idempotency key was used for another request"),
            ErrorKind::TooMany { retry_after, .. } => write!(f, "too many requests, retry after {retry_after}"),
            ErrorKind::Unavailable { retry_after } => write!(f, "not available, retry after {retry_after}"),
            ErrorKind::Internal => f.write_str("internal error"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A commit whose answer got lost on its way is no fault of the server's: the client asks again under its key.
    #[test]
    fn what_is_not_known_to_be_written_is_asked_for_again() {
        let unknown = StoreError::UnknownOutcome(Arc::new(std::io::Error::other("connection closed")));
        assert!(matches!(Error::from(unknown).kind(), ErrorKind::Unavailable { .. }));
        assert!(matches!(Error::from(StoreError::Nested).kind(), ErrorKind::Internal));
    }
}

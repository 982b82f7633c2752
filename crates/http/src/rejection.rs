use std::borrow::Cow;

use routemate_app::{Error, ErrorKind};

/// Why a request is not answered as it asked. Each dialect turns it into its own bodies.
#[derive(Debug)]
pub enum Rejection {
    /// A use case, or what stands before it, said no.
    App(Error),
    /// It came over plain HTTP, which this server refuses.
    HttpsRequired,
    /// Its body is longer than allowed.
    BodyTooLarge,
    /// Its body broke off.
    BodyBroken,
    /// Its body did not arrive in time.
    BodyStalled,
    /// There is nothing at its path.
    UnknownPath,
    /// What is at its path does not know its method.
    MethodNotAllowed {
        /// The methods that are known, for the `Allow` header.
        allow: Cow<'static, str>,
    },
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

impl From<ErrorKind> for Rejection {
    fn from(kind: ErrorKind) -> Self {
        Self::App(kind.into())
    }
}

impl Rejection {
    /// Whether there is nothing wrong but that there is too much to do: 503 without a cause.
    pub(crate) fn is_for_lack_of_room(&self) -> bool {
        let Self::App(error) = self else { return false };
        matches!(error.kind(), ErrorKind::Unavailable { .. }) && std::error::Error::source(error).is_none()
    }

    /// The error with its causes in one line, for the log. Holds nothing of the request.
    pub(crate) fn chain(&self) -> String {
        match self {
            Self::App(error) => {
                let mut text = error.to_string();
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    text.push_str(": ");
                    text.push_str(&cause.to_string());
                    source = cause.source();
                }
                text
            }
            Self::HttpsRequired => "plain http is refused".to_owned(),
            Self::BodyTooLarge => "the body is too large".to_owned(),
            Self::BodyBroken => "the body broke off".to_owned(),
            Self::BodyStalled => "the body did not arrive in time".to_owned(),
            Self::UnknownPath => "unknown path".to_owned(),
            Self::MethodNotAllowed { .. } => "method not allowed".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_server_without_room_is_not_one_with_a_fault() {
        let full = ErrorKind::Unavailable { retry_after: routemate_units::Seconds::new(1) };
        assert!(Rejection::from(full).is_for_lack_of_room());
        assert!(!Rejection::App(Error::internal("odd")).is_for_lack_of_room());
        assert!(!Rejection::UnknownPath.is_for_lack_of_room());
    }

    #[test]
    fn the_log_gets_the_whole_chain() {
        let error = Error::internal(Outer(std::io::Error::other("inner")));
        assert_eq!(Rejection::App(error).chain(), "internal error: outer: inner");
    }
}

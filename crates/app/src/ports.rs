use std::time::Duration;

use jiff::Timestamp;
pub use routemate_auth::Entropy;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The wall clock, for what is stored and compared between processes.
    fn now(&self) -> Timestamp;

    /// Time since some origin, never going back: for deadlines within this process.
    fn monotonic(&self) -> Duration;
}

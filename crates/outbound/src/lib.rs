//! What all of RouteMate's HTTP clients share.
//!
//! For: sending requests to servers that are named in the configuration, so that the same holds for all of them. The way
//! in is [`Remote`], a server that is asked at most so many times at once, again where that is safe, left alone after
//! failures, and never waited for beyond a deadline; below it is the [`Transport`] ([`Http`], or a script in tests). Not
//! for: what is asked and what the answers mean, which is the adapters' business, nor for requests that come in.
//!
//! Redirects are never followed, so that a key goes to the host that it is meant for and to no other. Neither URLs nor
//! bodies reach a log or an error: they hold addresses, positions and keys. Requests over TLS need a process-wide `rustls`
//! provider, installed by the program.

mod base;
mod breaker;
mod error;
#[cfg(any(test, feature = "test-util"))]
pub mod fake;
#[cfg(feature = "test-util")]
pub mod fixture;
mod pace;
mod reach;
mod remote;
#[cfg(feature = "otlp")]
mod trace_context;
mod transport;

pub use base::{SetupError, base_url, key_header};
pub use error::{OutboundError, Verdict};
pub use pace::{Hosts, Pace};
pub use reach::{Reach, is_public};
pub use remote::{NotNow, Remote, Repetition};
pub use transport::{Http, Reply, SendError, Transport};

//! What RouteMate's callers show to be let in, and how it is checked.
//!
//! For: client ids and secrets, access tokens, the digests that are stored of them, password hashes, signed links that
//! expire, signed bodies, `Authorization` headers, and the rolling minute that limits attempts and requests. Not for: who may do what
//! (see `routemate-app`), and not for keeping anything (see `routemate-persistence`).
//!
//! Start at [`ClientSecret`] and [`AccessToken`]. Does no I/O, never reads a clock and makes no randomness of its own:
//! time is an argument, random bytes come from [`Entropy`]. No secret is ever shown by `Debug`, and none is ever
//! stored: stores keep a [`SecretDigest`], or what a [`WebhookKey`] makes of it.

mod credentials;
mod digest;
mod entropy;
mod header;
mod hex;
mod limiter;
mod link;
pub mod password;
mod rolling;
mod token;
mod webhook;

pub use credentials::{ClientId, ClientSecret, MalformedClientId, MalformedSecret};
pub use digest::SecretDigest;
pub use entropy::Entropy;
pub use header::{parse_basic, parse_bearer};
pub use limiter::SlidingLog;
pub use link::{LinkRefused, Signature, SigningKey};
pub use rolling::{Admission, RollingWindow, WINDOW};
pub use token::{AccessToken, MalformedToken, TOKEN_LIFETIME};
pub use webhook::WebhookKey;

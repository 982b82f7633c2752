//! Fixtures and fakes for RouteMate's tests.
//!
//! For: an [`App`](routemate_app::App) over a real database in which everything else is under the test's control: what
//! time it is ([`FakeClock`]), what random bytes come ([`FakeEntropy`]), which addresses are found and when
//! ([`FakeGeocoder`]); and streets drawn as OpenStreetMap has them ([`Town`]). Not for production, and not for fakes of the database: tests use real ones
//! (`routemate_persistence::test_db`). The main type is [`TestApp`].
#![allow(clippy::expect_used, reason = "a test whose fixture fails has failed, and says where")]

mod app;
mod clock;
mod entropy;
mod fixtures;
mod geocoder;
pub mod samples;
mod town;

pub use app::{Credentials, TestApp, ids_body};
pub use clock::{FakeClock, START};
pub use entropy::FakeEntropy;
pub use fixtures::{at, import_command, position, stop_command, text};
pub use geocoder::{FakeGeocoder, Hold, Trouble};
pub use town::Town;

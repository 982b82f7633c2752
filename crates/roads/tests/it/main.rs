//! The crate through its public face.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agreement;
mod files;
mod hierarchy;
mod shared;
mod ways;

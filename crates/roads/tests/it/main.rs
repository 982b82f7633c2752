//! The crate through its public face.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agreement;
mod drawn;
mod files;
mod fuzz_inputs;
mod hierarchy;
mod hostile;
mod profiles;
mod shared;
mod snaps;
mod ways;

//! Files of stops through the public face: as programs write them, as they come back, and as nobody would write them.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod any_bytes;
mod as_written;
mod documentation;
mod faults;
mod round_trip;
mod samples;

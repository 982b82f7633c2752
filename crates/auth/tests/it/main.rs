//! Credentials and tokens through the public face.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at what is amiss")]

mod fuzz_inputs;
mod judged;

//! The optimizer through its public face.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on should say where")]

mod bounds;
mod brute_force;
mod budgets;
mod checker;
mod exactness;
mod problems;
mod progress;
mod schedules;

//! The optimizer through its public face.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on should say where")]

mod alternatives;
mod answers;
mod bounds;
mod broken;
mod brute_force;
mod budgets;
mod checker;
mod drawn;
mod errors;
mod every_fleet;
mod exactness;
mod fleet_problems;
mod fleet_properties;
mod fleets;
mod fuzz_inputs;
mod judged;
mod problems;
mod progress;
mod reasons;
mod replanning;
mod schedules;
mod simulated;

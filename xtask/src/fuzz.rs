//! `cargo xtask fuzz`: many requests, files and texts that nobody has thought of.

mod api;
pub(crate) mod targets;

use lexopt::prelude::*;

use crate::failure::{Failure, Result};
use crate::refuse;

pub(crate) const HELP: &str = "\
fuzz api [--venv DIR] [--examples N] [--seed N] [--sqlite-only]
    Starts a server on a fresh database (SQLite, then a private PostgreSQL) and lets schemathesis call everything that
    its OpenAPI document describes, in all its phases, the stateful one included. Fails on a fault of the server (5xx),
    on any answer that is not as documented, and on fewer than 2,000 cases.
    --venv DIR       virtual environment with schemathesis; default .venv-fuzz. SKIPPED where it is not there
    --examples N     cases for each operation in the phases that draw them; default 400
    --seed N         the same cases again; default 1
    --sqlite-only    without PostgreSQL
fuzz build
    Builds the targets of libFuzzer in crates/*/fuzz, with the compiler that builds everything else.
fuzz run [--seconds N] [TARGET…]
    Runs these targets, or all, each for N seconds (default 60). Needs a nightly compiler and cargo-fuzz; SKIPPED without.";

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    match args.next()? {
        Some(Value(what)) if what == "api" => api::run(args),
        Some(Value(what)) if what == "build" => targets::build(args),
        Some(Value(what)) if what == "run" => targets::run(args),
        Some(other) => Err(refuse(&other, HELP)),
        None => Err(Failure::new(format!("fuzz what?\n\n{HELP}"))),
    }
}

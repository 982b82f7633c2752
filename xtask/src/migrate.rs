//! `cargo xtask migrate`: applies the migrations, or proves that they apply and revert.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::cluster::Cluster;
use crate::failure::{Failure, Result};
use crate::process::{cargo, run as run_command};
use crate::refuse;

pub(crate) const HELP: &str = "\
migrate [--database-url URL] [-- ARGUMENT…]
    Migrates a database with `routemate migrate`; arguments after `--` go to it.
migrate --check
    Applies all migrations, reverts them to nothing and applies them again, on both databases.";

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    let mut check = false;
    let mut passed_on: Vec<OsString> = Vec::new();
    while let Some(argument) = args.next()? {
        match argument {
            Long("check") => check = true,
            Long("database-url") => passed_on.extend(["--database-url".into(), args.value()?]),
            Value(value) => passed_on.push(value),
            other => return Err(refuse(&other, HELP)),
        }
    }
    match check {
        true if !passed_on.is_empty() => Err(Failure::new("`--check` makes its own databases and takes nothing else")),
        true => up_and_down_and_up(),
        false => {
            run_command(cargo().args(["run", "--quiet", "--package", "routemate", "--", "migrate"]).args(passed_on))
        }
    }
}

fn up_and_down_and_up() -> Result<()> {
    let cluster = Cluster::start()?;
    let mut example = cargo();
    example.args(["run", "--quiet", "--package", "routemate-persistence", "--features", "test-db"]);
    example.args(["--example", "migrate_check"]);
    run_command(cluster.lend_to(&mut example))
}

//! `cargo xtask postgres`: a private PostgreSQL for one command.

use std::process::Command;

use lexopt::prelude::*;

use crate::cluster::Cluster;
use crate::failure::{Failure, Result};
use crate::process::{forget_this_package, run as run_command};
use crate::refuse;

pub(crate) const HELP: &str = "\
postgres -- COMMAND [ARGUMENT…]
    Runs COMMAND with ROUTEMATE_TEST_POSTGRES_URL set to a private PostgreSQL that is removed afterwards, such as
    `cargo xtask postgres -- cargo nextest run -p routemate-persistence`.";

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    let program = match args.next()? {
        Some(Value(program)) => program,
        Some(other) => return Err(refuse(&other, HELP)),
        None => return Err(Failure::new(format!("which command?\n\n{HELP}"))),
    };
    let mut command = Command::new(program);
    command.args(args.raw_args()?);
    forget_this_package(&mut command);
    let cluster = Cluster::start()?;
    run_command(cluster.lend_to(&mut command))
}

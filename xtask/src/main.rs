//! Developer commands of RouteMate, run as `cargo xtask COMMAND`.
//!
//! For: everything a developer or CI runs beside plain cargo; one file per command. Not for: anything the product needs
//! at run time. Where a command writes a file, `--check` compares instead and fails on a difference.
//! Whatever a command prints goes to standard error.

mod bench;
mod ci;
mod cluster;
mod codegen;
mod deps;
mod failure;
mod fuzz;
mod metadata;
mod migrate;
mod migration;
mod postgres;
mod process;
mod schema;
mod served;
mod test;
mod tidy;

use std::process::ExitCode;

use lexopt::prelude::*;

use crate::failure::{Failure, Result};

/// One entry of `cargo xtask help`.
struct Command {
    name: &'static str,
    help: &'static str,
    run: fn(lexopt::Parser) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command { name: "test", help: test::HELP, run: test::run },
    Command { name: "ci", help: ci::HELP, run: ci::run },
    Command { name: "migrate", help: migrate::HELP, run: migrate::run },
    Command { name: "migration", help: migration::HELP, run: migration::run },
    Command { name: "schema", help: schema::HELP, run: schema::run },
    Command { name: "codegen", help: codegen::HELP, run: codegen::run },
    Command { name: "deps", help: deps::HELP, run: deps::run },
    Command { name: "tidy", help: tidy::HELP, run: tidy::run },
    Command { name: "bench", help: bench::HELP, run: bench::run },
    Command { name: "fuzz", help: fuzz::HELP, run: fuzz::run },
    Command { name: "postgres", help: postgres::HELP, run: postgres::run },
];

fn main() -> ExitCode {
    match dispatch(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(mut args: lexopt::Parser) -> Result<()> {
    let name = match args.next()? {
        Some(Value(name)) => name,
        Some(Short('h') | Long("help")) | None => "help".into(),
        Some(other) => return Err(other.unexpected().into()),
    };
    if name == "help" {
        eprintln!("Usage: cargo xtask COMMAND\n");
        for command in COMMANDS {
            eprintln!("{}\n", command.help);
        }
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| name == command.name) else {
        let known: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        return Err(Failure::new(format!("no command `{}`; there are: {}", name.display(), known.join(", "))));
    };
    if let Some(Short('h') | Long("help")) = args.clone().next()? {
        eprintln!("{}", command.help);
        return Ok(());
    }
    (command.run)(args)
}

/// The failure for an argument that a command does not know.
fn refuse(argument: &lexopt::Arg<'_>, help: &str) -> Failure {
    match argument {
        Short(short) => Failure::new(format!("no option `-{short}` here\n\n{help}")),
        Long(long) => Failure::new(format!("no option `--{long}` here\n\n{help}")),
        Value(value) => Failure::new(format!("did not expect `{}`\n\n{help}", value.display())),
    }
}

/// Whether a command writes what it generates or compares it with what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
}

impl Mode {
    /// Reads the arguments of a command that takes `--check` and nothing else.
    fn parse(mut args: lexopt::Parser, help: &str) -> Result<Mode> {
        let mut mode = Mode::Write;
        while let Some(argument) = args.next()? {
            match argument {
                Long("check") => mode = Mode::Check,
                other => return Err(refuse(&other, help)),
            }
        }
        Ok(mode)
    }
}

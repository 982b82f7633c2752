//! `cargo xtask test`: every test of the workspace, on SQLite and on PostgreSQL.

use std::ffi::OsString;
use std::process::Command;

use lexopt::prelude::*;

use crate::cluster::{Cluster, URL_VARIABLE};
use crate::failure::{Failure, Result};
use crate::process::{cargo, probe, run as run_command};
use crate::refuse;

pub(crate) const HELP: &str = "\
test [--sqlite-only] [-- RUNNER-ARGUMENT…]
    Runs all tests on SQLite and on a private PostgreSQL, with cargo-nextest if it is installed. Arguments after `--`
    go to the runner (`-- -p routemate-units`); doctests are left out then, if the runner is nextest.";

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    let mut plan = Plan { databases: Databases::Both, profile: None, features: &[], runner_arguments: Vec::new() };
    while let Some(argument) = args.next()? {
        match argument {
            Long("sqlite-only") => plan.databases = Databases::SqliteOnly,
            Value(value) => plan.runner_arguments.push(value),
            other => return Err(refuse(&other, HELP)),
        }
    }
    plan.run()
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Databases {
    Both,
    SqliteOnly,
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) databases: Databases,
    /// Profile of `.config/nextest.toml` other than the default one.
    pub(crate) profile: Option<&'static str>,
    /// As cargo takes them.
    pub(crate) features: &'static [&'static str],
    pub(crate) runner_arguments: Vec<OsString>,
}

impl Plan {
    /// Runs the tests. The last lines printed on success are the runner's own.
    pub(crate) fn run(&self) -> Result<()> {
        let nextest = probe(cargo().args(["nextest", "--version"]));
        eprintln!("runner: {}", nextest.as_deref().unwrap_or("cargo test (cargo-nextest is not installed)"));
        let cluster = match self.databases {
            Databases::Both => Some(Cluster::start()?),
            Databases::SqliteOnly => {
                eprintln!("postgres: left out (--sqlite-only)");
                None
            }
        };
        let run_tests = |mut command: Command| {
            match &cluster {
                Some(cluster) => cluster.lend_to(&mut command),
                None => command.env_remove(URL_VARIABLE),
            };
            run_command(&mut command)
        };
        if nextest.is_none() {
            return run_tests(self.cargo_test());
        }
        // Nextest does not know doctests. They go first, so that nextest's summary ends the output.
        let doctests = if self.runner_arguments.is_empty() {
            let mut command = cargo();
            command.args(["test", "--workspace", "--doc", "--no-fail-fast"]).args(self.features);
            run_tests(command)
        } else {
            eprintln!("doctests: left out (arguments for the runner)");
            Ok(())
        };
        let tests = run_tests(self.nextest());
        match (doctests, tests) {
            (Err(_), Err(_)) => Err(Failure::new("tests and doctests failed")),
            (Err(_), Ok(())) => Err(Failure::new("doctests failed, see above the other tests")),
            (Ok(()), tests) => tests,
        }
    }

    fn cargo_test(&self) -> Command {
        let mut command = cargo();
        command.args(["test", "--no-fail-fast"]);
        self.add_workspace_and_arguments(&mut command);
        command
    }

    fn nextest(&self) -> Command {
        let mut command = cargo();
        command.args(["nextest", "run"]);
        if let Some(profile) = self.profile {
            command.args(["--profile", profile]);
        }
        self.add_workspace_and_arguments(&mut command);
        command
    }

    fn add_workspace_and_arguments(&self, command: &mut Command) {
        let names_package = |argument: &OsString| {
            let argument = argument.to_string_lossy();
            argument.starts_with("-p") || argument.starts_with("--package") || argument.starts_with("--manifest-path")
        };
        if !self.runner_arguments.iter().any(names_package) {
            command.arg("--workspace");
        }
        command.args(self.features).args(&self.runner_arguments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::shown;

    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        let runner_arguments = arguments.iter().map(OsString::from).collect();
        let plan = Plan { databases: Databases::SqliteOnly, profile: None, features: &[], runner_arguments };
        assert_eq!(shown(&plan.nextest()), expected);
    }

    #[test]
    fn whole_workspace_is_tested_unless_a_package_is_named() {
        check(&[], "cargo nextest run --workspace");
        check(&["some_test"], "cargo nextest run --workspace some_test");
        check(&["-p", "routemate-units"], "cargo nextest run -p routemate-units");
    }
}

//! `routemate describe`: what the release speaks and takes, from the tables and types that it works with. `docs/` keeps the
//! output, so that it can be read without the binary; `cargo xtask codegen --check` compares.

use std::fmt::Write;

use clap::CommandFactory;
use routemate_http::openapi::{document, errors_table};

use crate::Failure;
use crate::cli::{Cli, Description};
use crate::config::Config;
use crate::described::Described;
use crate::output;
use crate::serve::SURFACES;

pub(crate) fn describe(what: Description) -> Result<(), Failure> {
    output::line(match what {
        Description::Openapi => document(SURFACES, "").to_pretty_json()?,
        Description::Errors => errors(),
        Description::Config => settings(),
    });
    Ok(())
}

fn errors() -> String {
    format!("{}\n{}", include_str!("describe/errors.md"), errors_table(SURFACES).trim_end())
}

fn settings() -> String {
    let mut page = include_str!("describe/config.md").to_owned();
    page.push_str("\n| key | variable | flag | default | meaning |\n|---|---|---|---|---|\n");
    for setting in Config::described() {
        let flag = flag(setting.key).map(|flag| format!("`{flag}`")).unwrap_or_default();
        let (key, variable) = (setting.key, setting.key.to_uppercase());
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| `{key}` | `ROUTEMATE_{variable}` | {flag} | {} | {} |",
            default(&setting),
            meaning(setting.lines)
        );
    }
    page.truncate(page.trim_end().len());
    page
}

/// The flag of the same name: one of every command, or one of a command, which is then named.
fn flag(key: &str) -> Option<String> {
    fn within(command: &clap::Command, path: &str, key: &str) -> Option<String> {
        let own = command.get_arguments().find(|argument| argument.get_id() == key).and_then(clap::Arg::get_long);
        own.map(|long| format!("{path}--{long}")).or_else(|| {
            let mut below = command.get_subcommands();
            below.find_map(|command| within(command, &format!("{path}{} ", command.get_name()), key))
        })
    }
    within(&Cli::command(), "", key)
}

/// As it would stand in the file; nothing where the meaning tells what happens without the key.
fn default(setting: &Described) -> String {
    match setting.default.as_str() {
        "None" | "[]" => String::new(),
        plain => format!("`{plain}`"),
    }
}

fn meaning(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

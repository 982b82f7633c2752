//! `cargo xtask codegen`: keeps the pages that the program writes of itself.

use std::fs;
use std::process::Command;

use crate::Mode;
use crate::failure::{Context, Failure, Result};
use crate::process::{built, capture, root};
use crate::schema::first_differences;

pub(crate) const HELP: &str = "\
codegen [--check]
    Writes docs/openapi/routemate.json, docs/errors.md and docs/config.md from what the program says of itself
    (`routemate describe`).";

/// Each page with what `routemate describe` calls it.
const PAGES: &[(&str, &str)] =
    &[("docs/openapi/routemate.json", "openapi"), ("docs/errors.md", "errors"), ("docs/config.md", "config")];

pub(crate) fn run(args: lexopt::Parser) -> Result<()> {
    codegen(Mode::parse(args, HELP)?, &[])
}

pub(crate) fn codegen(mode: Mode, features: &[&str]) -> Result<()> {
    let program = built(features)?.join("routemate");
    let mut differences = Vec::new();
    for (page, what) in PAGES {
        let generated = capture(Command::new(&program).args(["describe", what]))?;
        let path = root().join(page);
        let present = fs::read_to_string(&path).unwrap_or_default();
        match mode {
            _ if present == generated => eprintln!("codegen: {page} is what the program says"),
            Mode::Check => differences.push(first_differences(page, &present, &generated)),
            Mode::Write => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).context(|| format!("cannot make {}", folder.display()))?;
                }
                fs::write(&path, generated).context(|| format!("cannot write {page}"))?;
                eprintln!("codegen: wrote {page}");
            }
        }
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("{}\nrun `cargo xtask codegen`", differences.join("\n")))),
    }
}

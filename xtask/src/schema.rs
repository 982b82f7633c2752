//! `cargo xtask schema`: keeps Diesel's `schema.rs` equal to what the migrations make.

use std::fs;
use std::process::Command;

use crate::Mode;
use crate::cluster::Cluster;
use crate::failure::{Context, Failure, Result};
use crate::process::{built, capture, root};

pub(crate) const HELP: &str = "\
schema [--check]
    Applies the migrations to both databases and writes crates/persistence/src/schema.rs from what is there then.
    Fails if the two databases differ.";

const FILE: &str = "crates/persistence/src/schema.rs";

pub(crate) fn run(args: lexopt::Parser) -> Result<()> {
    schema(Mode::parse(args, HELP)?, &[])
}

pub(crate) fn schema(mode: Mode, features: &[&str]) -> Result<()> {
    let generated = generate(features)?;
    let path = root().join(FILE);
    // The generator is in the crate that includes this file, so a missing file is reported by the compiler already.
    let present = fs::read_to_string(&path).context(|| format!("cannot read {FILE}"))?;
    if present == generated {
        eprintln!("schema: {FILE} is what the migrations make");
        return Ok(());
    }
    match mode {
        Mode::Write => {
            fs::write(&path, generated).context(|| format!("cannot write {FILE}"))?;
            eprintln!("schema: wrote {FILE}");
            Ok(())
        }
        Mode::Check => Err(Failure::new(format!(
            "{}\nrun `cargo xtask schema`, or mend the migrations",
            first_differences(FILE, &present, &generated)
        ))),
    }
}

/// Text of `schema.rs` as the migrated databases have it.
fn generate(features: &[&str]) -> Result<String> {
    let mut example = Command::new(built(features)?.join("examples/schema"));
    let cluster = Cluster::start()?;
    let text = capture(cluster.lend_to(&mut example))?;
    if text.trim().is_empty() {
        return Err(Failure::new("the example `schema` of routemate-persistence printed nothing"));
    }
    Ok(text)
}

/// The first lines, at most five, in which two versions of a file differ.
pub(crate) fn first_differences(file: &str, present: &str, generated: &str) -> String {
    const SHOWN: usize = 5;
    let mut shown = vec![format!("{file} is not what it should be (- present, + expected):")];
    let (mut old, mut new) = (present.lines(), generated.lines());
    let pairs = std::iter::from_fn(|| match (old.next(), new.next()) {
        (None, None) => None,
        pair => Some(pair),
    });
    for (index, (old, new)) in pairs.enumerate().filter(|(_, (old, new))| old != new).take(SHOWN) {
        let line = index + 1;
        shown.extend(old.map(|old| format!("{file}:{line}: - {old}")));
        shown.extend(new.map(|new| format!("{file}:{line}: + {new}")));
    }
    if shown.len() == 1 {
        shown.push(format!("{file}: only line ends differ"));
    }
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differing_lines_are_named() {
        let shown = first_differences("f", "a\nb\n", "a\nc\nd\n");
        assert!(shown.ends_with("f:2: - b\nf:2: + c\nf:3: + d"), "{shown}");
    }

    #[test]
    fn differing_line_ends_are_named() {
        assert!(first_differences("f", "a", "a\n").ends_with("only line ends differ"));
    }
}

//! `cargo xtask tidy`: house rules that no compiler checks.

mod manifests;
mod migrations;
mod names;
mod text;

use std::fmt;
use std::fs;
use std::process::Command;

use crate::Mode;
use crate::failure::{Context, Failure, Result};
use crate::process::{capture, root};

pub(crate) const HELP: &str = "\
tidy [--check]
    Checks lengths and names of files, white space, postponed work, migrations, manifests, and that no path of
    somebody's machine got in. Without --check it mends white space.";

/// A breach of a rule, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    path: String,
    /// Counted from 1; nothing if the whole file is meant.
    line: Option<usize>,
    what: String,
}

impl Problem {
    fn in_file(path: &str, what: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line: None, what: what.into() }
    }

    fn in_line(path: &str, line: usize, what: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line: Some(line), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

/// A text file of the repository; the path is relative to its root.
#[derive(Clone, Debug)]
struct Source {
    path: String,
    text: String,
}

pub(crate) fn run(args: lexopt::Parser) -> Result<()> {
    tidy(Mode::parse(args, HELP)?)
}

pub(crate) fn tidy(mode: Mode) -> Result<()> {
    let paths = paths()?;
    let mut sources = texts(&paths)?;
    if mode == Mode::Write {
        for source in &mut sources {
            mend(source)?;
        }
    }
    let mut problems: Vec<_> = paths.iter().filter_map(|path| names::check(path)).collect();
    for source in &sources {
        problems.extend(text::check(source));
        if let Some(warning) = text::long(source) {
            eprintln!("tidy: warning: {warning}");
        }
    }
    problems.extend(migrations::check(&sources, &paths));
    problems.extend(manifests::check(&sources));
    problems.extend(readme(&sources));
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(Failure::new(format!("untidy places: {count}"))),
    }
}

/// Everything that is in the repository or about to be, without what is ignored or deleted.
fn paths() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    let listed = capture(git.current_dir(root()).args(["ls-files", "-co", "--exclude-standard", "-z"]))?;
    let mut paths: Vec<_> = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.retain(|path| root().join(path).is_file());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The files among these that hold text.
fn texts(paths: &[String]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in paths {
        let bytes = fs::read(root().join(path)).context(|| format!("cannot read {path}"))?;
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        sources.extend(text.map(|text| Source { path: path.clone(), text }));
    }
    Ok(sources)
}

fn mend(source: &mut Source) -> Result<()> {
    let mended = text::mended(source);
    if mended != source.text {
        fs::write(root().join(&source.path), &mended).context(|| format!("cannot write {}", source.path))?;
        eprintln!("tidy: mended white space in {}", source.path);
        source.text = mended;
    }
    Ok(())
}

fn readme(sources: &[Source]) -> Option<Problem> {
    let readme = sources.iter().find(|source| source.path == "README.md");
    let tells = readme.is_some_and(|readme| readme.text.contains("cargo xtask test"));
    (!tells).then(|| Problem::in_file("README.md", "does not tell how to run the tests (`cargo xtask test`)"))
}

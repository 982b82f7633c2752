//! `cargo xtask fuzz build` and `cargo xtask fuzz run`: the targets of libFuzzer, which are workspaces of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lexopt::prelude::*;

use super::HELP;
use crate::failure::{Context, Failure, Result};
use crate::process::{cargo, forget_this_package, probe, root, run as run_command};
use crate::refuse;

/// The folder `fuzz` of one crate.
struct Fuzzed {
    /// The crate's folder.
    package: PathBuf,
    targets: Vec<String>,
}

/// Builds all targets with the compiler that builds the workspace.
pub(super) fn build(mut args: lexopt::Parser) -> Result<()> {
    match args.next()? {
        None => each("build"),
        Some(other) => Err(refuse(&other, HELP)),
    }
}

/// Lets the compiler look at all targets, without making programs of them.
pub(crate) fn check() -> Result<()> {
    each("check")
}

fn each(verb: &str) -> Result<()> {
    let target_folder = crate::metadata::workspace()?.target_directory;
    for fuzzed in all()? {
        fuzzed.take_lock()?;
        let manifest = fuzzed.package.join("fuzz/Cargo.toml");
        let mut command = cargo();
        command.arg(verb).arg("--manifest-path").arg(manifest).arg("--target-dir").arg(&target_folder);
        run_command(&mut command)?;
    }
    Ok(())
}

/// Runs the targets that are named, or all, each for so many seconds.
pub(super) fn run(mut args: lexopt::Parser) -> Result<()> {
    let (mut seconds, mut wanted) = (60_u32, Vec::new());
    while let Some(argument) = args.next()? {
        match argument {
            Long("seconds") => seconds = args.value()?.parse()?,
            Value(name) => wanted.push(name.string()?),
            other => return Err(refuse(&other, HELP)),
        }
    }
    let all = all()?;
    let is_known = |name: &String| all.iter().any(|fuzzed| fuzzed.targets.contains(name));
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        let known: Vec<_> = all.iter().flat_map(|fuzzed| fuzzed.targets.iter().map(String::as_str)).collect();
        return Err(Failure::new(format!("no target `{unknown}`; there are: {}", known.join(", "))));
    }
    if probe(nightly().args(["fuzz", "--version"])).is_none() {
        eprintln!("fuzz run: SKIPPED, it takes a nightly compiler (rustup) and cargo-fuzz (cargo install cargo-fuzz)");
        return Ok(());
    }
    let mut failed = Vec::new();
    for fuzzed in &all {
        fuzzed.take_lock()?;
        for target in fuzzed.targets.iter().filter(|target| wanted.is_empty() || wanted.contains(target)) {
            // The others too, although one has failed.
            if let Err(failure) = fuzzed.fuzz(target, seconds) {
                eprintln!("{failure}");
                failed.push(target.as_str());
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("fuzzing found faults: {}", failed.join(", ")))) }
}

impl Fuzzed {
    /// The versions are those of the workspace: what it has locked is kept, and what only fuzzing needs comes on top.
    fn take_lock(&self) -> Result<()> {
        let lock = self.package.join("fuzz/Cargo.lock");
        fs::copy(root().join("Cargo.lock"), &lock).context(|| format!("cannot write {}", lock.display()))?;
        Ok(())
    }

    /// Fuzzes one target, beginning with what was found worth keeping before and with its seeds.
    fn fuzz(&self, target: &str, seconds: u32) -> Result<()> {
        let corpus = self.package.join("fuzz/corpus").join(target);
        fs::create_dir_all(&corpus).context(|| format!("cannot make {}", corpus.display()))?;
        let mut fuzz = nightly();
        fuzz.current_dir(&self.package).args(["fuzz", "run", target]).arg(&corpus);
        let seeds = self.package.join("fuzz/seeds").join(target);
        if seeds.is_dir() {
            fuzz.arg(seeds);
        }
        fuzz.arg("--").arg(format!("-max_total_time={seconds}")).args(["-print_final_stats=1", "-verbosity=0"]);
        run_command(&mut fuzz)
    }
}

/// `cargo` of the nightly compiler, whichever one runs us.
fn nightly() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]);
    forget_this_package(&mut command);
    command.env_remove("CARGO");
    command
}

/// Every crate with a folder `fuzz`, ordered by name, with the names of its targets.
fn all() -> Result<Vec<Fuzzed>> {
    let mut all = Vec::new();
    for package in entries(&root().join("crates"))? {
        let folder = package.join("fuzz/fuzz_targets");
        if folder.is_dir() {
            let files = entries(&folder)?;
            let names =
                files.iter().filter_map(|file| file.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
            all.push(Fuzzed { targets: names.collect(), package });
        }
    }
    Ok(all)
}

/// What is in a folder, ordered by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = read.context(|| format!("cannot read {}", folder.display()))?;
    paths.sort_unstable();
    Ok(paths)
}

//! Runs other programs: cargo above all, from the root of the workspace.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::failure::{Context, Failure, Result};

/// Reads the environment; the only place in this tool that does.
#[expect(clippy::disallowed_methods, reason = "a command line tool is the edge at which the environment enters")]
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // The variable is set by `cargo run` and stays right when clones share a target directory; the constant is for
    // those who start the binary by hand.
    let here = environment("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

/// `cargo` in the root of the workspace, the same one that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(environment("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    forget_this_package(&mut command);
    command
}

/// Removes what `cargo run` says about *this* package. Build scripts that watch these variables (ring's does) would
/// otherwise run again each time that cargo is called through xtask and directly by turns.
pub(crate) fn forget_this_package(command: &mut Command) {
    let described = |name: &OsStr| {
        let name = name.to_string_lossy();
        ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
            || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&name.as_ref())
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| described(name)) {
        command.env_remove(name);
    }
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Shows the command, runs it with our own input and output, and waits.
///
/// # Errors
/// It cannot be started, or it ends with a code other than 0; the failure carries that code.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().context(|| format!("cannot run `{}`", shown(command)))?;
    ended_well(command, status)
}

/// Runs the command and returns what it wrote to standard output; its standard error is passed through.
///
/// # Errors
/// It cannot be started, ends with a code other than 0, or does not write UTF-8.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().context(|| format!("cannot run `{}`", shown(command)))?;
    ended_well(command, output.status)?;
    String::from_utf8(output.stdout).context(|| format!("output of `{}`", shown(command)))
}

/// Builds the program and the examples with the whole workspace and these features, and gives the folder of programs.
///
/// The examples make cargo take what only tests depend on into account: so all of it is what the tests need as well, and
/// nothing is built once more with other features.
pub(crate) fn built(features: &[&str]) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--workspace", "--bin", "routemate", "--example", "schema"]).args(features);
    run(&mut build)?;
    Ok(crate::metadata::workspace()?.target_directory.join("debug"))
}

/// First line of what the command prints, or nothing if it cannot be run or fails. Says nothing itself.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

fn ended_well(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Failure { message: format!("`{}` failed ({status})", shown(command)), code })
}

/// Measures how long a step takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a developer wants to see real time")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Lets time pass.
#[expect(clippy::disallowed_methods, reason = "a bench plays clients, and those wait")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

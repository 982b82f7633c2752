//! Looks at everything that a server needs, changes nothing, and says what to do.

mod database;
mod folder;
mod settings;

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Failure;
use crate::config::{Config, Flags, ServeFlags};
use crate::maps;
use crate::output;
use crate::process;

/// Fewer open files than that, and a busy server runs out of connections.
const FEW_FILES: f64 = 4096.0;

/// A release is never older than this: a clock that says so is wrong.
const BUILT_AFTER_S: i64 = 1_735_689_600;

/// How a matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// It works, but not as it may be meant, or not for long.
    Warning,
    /// A server would not work.
    Error,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What was found about one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    check: &'static str,
    level: Level,
    says: String,
    todo: Option<String>,
}

/// What was found, check by check.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, says: impl Into<String>) {
        self.0.push(Finding { check, level: Level::Ok, says: says.into(), todo: None });
    }

    fn warn(&mut self, check: &'static str, says: impl Into<String>, todo: impl Into<String>) {
        self.0.push(Finding { check, level: Level::Warning, says: says.into(), todo: Some(todo.into()) });
    }

    fn error(&mut self, check: &'static str, says: impl Into<String>, todo: impl Into<String>) {
        self.0.push(Finding { check, level: Level::Error, says: says.into(), todo: Some(todo.into()) });
    }

    fn worst(&self) -> Level {
        self.0.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
    }
}

/// Checks everything; fails where a server would not work, so that scripts see it.
pub(crate) fn run(flags: &Flags, as_json: bool) -> Result<(), Failure> {
    let mut findings = Findings::default();
    installation(&mut findings);
    clock(&mut findings);
    match Config::read(flags, &ServeFlags::default()) {
        Ok(config) => {
            let given = Config::given(flags, &ServeFlags::default())?;
            settings::check(&config, &given, &Config::unknown_variables(), &mut findings);
            folder::check(&config, &mut findings);
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(database::check(&config, &mut findings));
            if can_be_there(&config.data_dir) {
                check_maps(&config, &mut findings);
            }
        }
        Err(error) => {
            let says = chain(&error);
            findings.error("configuration", says, "mend it; nothing else can be checked before");
        }
    }
    show(&findings, as_json);
    match findings.worst() {
        Level::Error => Err("a server would not work here; see above".into()),
        Level::Ok | Level::Warning => Ok(()),
    }
}

fn installation(findings: &mut Findings) {
    let (version, kind) = (env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    findings.ok("installation", format!("RouteMate {version} for {kind}"));
    match process::open_files_allowed() {
        Some(most) if most < FEW_FILES => findings.warn(
            "installation",
            format!("this process may open {most} files and connections"),
            "allow more where the server is started: `LimitNOFILE=65536` in its systemd unit, or `ulimit -n`",
        ),
        _ => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "the machine's clock is what is looked at")]
fn clock(findings: &mut Findings) {
    let now = Timestamp::now();
    if now.as_second() < BUILT_AFTER_S {
        findings.error(
            "clock",
            format!("this machine says that it is {now}, which cannot be"),
            "set its clock; tokens and time windows depend on it",
        );
    } else {
        findings.ok("clock", format!("this machine says that it is {now}"));
    }
}

fn check_maps(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "maps";
    let found = match maps::Home::of(config).and_then(|home| maps::check(config, &home)) {
        Ok(found) => found,
        Err(error) => {
            findings.error(CHECK, chain(&*error), "make the folder readable for the user that the server runs as");
            return;
        }
    };
    if found.is_empty() {
        findings.warn(
            CHECK,
            "there are no maps: driving times are estimated, unless a server in `roads` gives them",
            "`routemate map fetch REGION`, or `routemate map build FILE`",
        );
    } else if !found.iter().any(|map| map.has_addresses) && config.geocoders.iter().any(|name| name == "embedded") {
        findings.warn(
            CHECK,
            "no map has addresses: the geocoder `embedded` finds none",
            "build a map again: `routemate map fetch REGION`, or `routemate map build FILE`",
        );
    }
    for maps::Checked { name, has_addresses, problems } in found {
        if problems.is_empty() {
            let addresses = if has_addresses { "" } else { "; it has no addresses" };
            findings.ok(CHECK, format!("map `{name}` opens and is as it was written{addresses}"));
        }
        for problem in problems {
            findings.error(CHECK, format!("map `{name}`: {problem}"), "build it again, or remove it");
        }
    }
}

fn show(findings: &Findings, as_json: bool) {
    if as_json {
        let entry = |finding: &Finding| -> Value {
            json!({
                "check": finding.check,
                "level": finding.level.as_str(),
                "says": finding.says,
                "todo": finding.todo,
            })
        };
        let all: Vec<Value> = findings.0.iter().map(entry).collect();
        return output::line(json!({ "status": findings.worst().as_str(), "findings": all }));
    }
    for finding in &findings.0 {
        output::line(format_args!("{:<8} {:<14} {}", finding.level.as_str(), finding.check, finding.says));
        if let Some(todo) = &finding.todo {
            output::line(format_args!("{:<8} {:<14} -> {todo}", "", ""));
        }
    }
}

/// Whether nothing but folders is on the way to a path that is absolute or below this folder.
fn can_be_there(path: &Path) -> bool {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.ancestors().find(|above| above.exists()).is_some_and(Path::is_dir)
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(&format!(": {source}"));
        cause = source.source();
    }
    text
}

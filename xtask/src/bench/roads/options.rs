//! What a developer may ask of `cargo xtask bench roads`.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::bench::HELP;
use crate::failure::{Failure, Result};
use crate::process::root;
use crate::refuse;

/// Engines that the harness of the peers knows.
const PEERS: [&str; 3] = ["osrm-ch", "osrm-mld", "valhalla"];

#[derive(Debug)]
pub(super) struct Options {
    /// The virtual environment with the peers.
    pub(super) environment: Option<PathBuf>,
    pub(super) shared: PathBuf,
    pub(super) peers: Vec<String>,
    pub(super) agreement_alone: bool,
    pub(super) output: Option<PathBuf>,
    pub(super) writes_page: bool,
}

impl Options {
    pub(super) fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let standing = root().join(".venv-roads");
        let mut options = Options {
            environment: standing.is_dir().then_some(standing),
            shared: root().join("../shared"),
            peers: PEERS.map(str::to_owned).to_vec(),
            agreement_alone: false,
            output: None,
            writes_page: false,
        };
        while let Some(argument) = args.next()? {
            match argument {
                Long("venv") => options.environment = Some(args.value()?.into()),
                Long("shared") => options.shared = args.value()?.into(),
                Long("peers") => options.peers = peers(&args.value()?.string()?)?,
                Long("agreement") => options.agreement_alone = true,
                Short('o') | Long("output") => options.output = Some(args.value()?.into()),
                Long("write") => options.writes_page = true,
                other => return Err(refuse(&other, HELP)),
            }
        }
        Ok(options)
    }

    /// The command that gives the same figures, as far as it depends on no machine.
    pub(super) fn command(&self) -> String {
        let mut command = String::from("cargo xtask bench roads");
        if self.agreement_alone {
            command.push_str(" --agreement");
        } else if self.environment.is_some() {
            command.push_str(" --venv .venv-roads");
            if self.peers != PEERS {
                command.push_str(" --peers ");
                command.push_str(&self.peers.join(","));
            }
        }
        command
    }
}

fn peers(text: &str) -> Result<Vec<String>> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let known = |name: &str| PEERS.contains(&name).then(|| name.to_owned());
    names
        .map(|name| {
            known(name).ok_or_else(|| Failure::new(format!("no peer `{name}`; there are: {}", PEERS.join(","))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(words))
    }

    #[test]
    fn command_is_told_without_folders() {
        let told = options(&["--venv", "/a", "--peers", "osrm-ch", "-o", "/b", "--write"]).unwrap().command();
        assert_eq!(told, "cargo xtask bench roads --venv .venv-roads --peers osrm-ch");
        assert_eq!(options(&["--venv", "/a"]).unwrap().command(), "cargo xtask bench roads --venv .venv-roads");
    }

    #[test]
    fn unknown_peers_are_refused_with_those_that_there_are() {
        assert!(options(&["--peers", "osrm-ch,me"]).unwrap_err().message.contains("valhalla"));
    }
}

//! What a developer may ask of `cargo xtask bench geocode`.

use std::path::PathBuf;
use std::process::Command;

use lexopt::prelude::*;

use crate::bench::HELP;
use crate::failure::Result;
use crate::process::root;
use crate::refuse;

#[derive(Debug)]
pub(super) struct Options {
    /// The virtual environment with what the naive geocoder needs.
    environment: Option<PathBuf>,
    pub(super) shared: PathBuf,
    /// Fifteen million addresses as well.
    pub(super) is_large: bool,
    pub(super) output: Option<PathBuf>,
    pub(super) writes_page: bool,
}

impl Options {
    pub(super) fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let standing = root().join(".venv-geocode");
        let mut options = Options {
            environment: standing.is_dir().then_some(standing),
            shared: root().join("../shared"),
            is_large: false,
            output: None,
            writes_page: false,
        };
        while let Some(argument) = args.next()? {
            match argument {
                Long("venv") => options.environment = Some(args.value()?.into()),
                Long("shared") => options.shared = args.value()?.into(),
                Long("large") => options.is_large = true,
                Short('o') | Long("output") => options.output = Some(args.value()?.into()),
                Long("write") => options.writes_page = true,
                other => return Err(refuse(&other, HELP)),
            }
        }
        Ok(options)
    }

    pub(super) fn python(&self) -> Command {
        match &self.environment {
            Some(folder) => Command::new(folder.join("bin/python")),
            None => Command::new("python3"),
        }
    }

    /// The command that gives the same figures, as far as it depends on no machine.
    pub(super) fn command(&self) -> String {
        let venv = if self.environment.is_some() { " --venv .venv-geocode" } else { "" };
        let large = if self.is_large { " --large" } else { "" };
        format!("cargo xtask bench geocode{venv}{large}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_told_without_folders() {
        let told = |words: &[&str]| Options::parse(lexopt::Parser::from_args(words)).unwrap().command();
        assert_eq!(
            told(&["--venv", "/a", "--large", "-o", "/b"]),
            "cargo xtask bench geocode --venv .venv-geocode --large"
        );
    }
}

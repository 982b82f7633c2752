//! What a developer may ask of `cargo xtask bench optimizer`.

use std::path::PathBuf;

use lexopt::prelude::*;

use super::harness::Harness;
use super::record::Earlier;
use super::sets::{Effort, SETS, Set};
use crate::bench::HELP;
use crate::failure::{Failure, Result};
use crate::process::root;
use crate::refuse;

#[derive(Debug)]
pub(super) struct Options {
    /// The virtual environment with the peers.
    pub(super) environment: Option<PathBuf>,
    pub(super) shared: PathBuf,
    pub(super) extent: Extent,
    pub(super) sets: Vec<&'static Set>,
    /// In place of the sets' own limits.
    limits: Option<Vec<f64>>,
    /// In place of all peers that a set knows.
    peers: Option<Vec<String>>,
    /// In place of the number that a set has.
    problems: Option<usize>,
    pub(super) seed: u64,
    reference: Option<f64>,
    pub(super) earlier: Earlier,
    pub(super) output: Option<PathBuf>,
    pub(super) page: Page,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Full,
    Quick,
}

/// Whether the tables go into the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Written,
    Left,
}

impl Options {
    pub(super) fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let standing = root().join(".venv-peers");
        let mut options = Options {
            environment: standing.is_dir().then_some(standing),
            shared: root().join("../shared"),
            extent: Extent::Full,
            sets: SETS.iter().collect(),
            limits: None,
            peers: None,
            problems: None,
            seed: 1,
            reference: None,
            earlier: Earlier::Forgotten,
            output: None,
            page: Page::Left,
        };
        while let Some(argument) = args.next()? {
            match argument {
                Long("venv") => options.environment = Some(args.value()?.into()),
                Long("shared") => options.shared = args.value()?.into(),
                Long("quick") => options.extent = Extent::Quick,
                Long("sets") => options.sets = list(&args.value()?.string()?, set)?,
                Long("limits") => options.limits = Some(list(&args.value()?.string()?, positive)?),
                Long("peers") => options.peers = Some(list(&args.value()?.string()?, peer)?),
                Long("problems") => options.problems = Some(args.value()?.parse()?),
                Long("seed") => options.seed = args.value()?.parse()?,
                Long("reference") => options.reference = Some(positive(&args.value()?.string()?)?),
                Long("resume") => options.earlier = Earlier::Kept,
                Short('o') | Long("output") => options.output = Some(args.value()?.into()),
                Long("write") => options.page = Page::Written,
                other => return Err(refuse(&other, HELP)),
            }
        }
        Ok(options)
    }

    fn effort(&self, set: &'static Set) -> &'static Effort {
        match self.extent {
            Extent::Full => &set.full,
            Extent::Quick => &set.quick,
        }
    }

    pub(super) fn most_problems(&self, set: &'static Set) -> usize {
        let own = self.effort(set).problems;
        // What is left out as a whole stays out.
        self.problems.filter(|_| own > 0).unwrap_or(own)
    }

    pub(super) fn limits(&self, set: &'static Set) -> Vec<f64> {
        self.limits.clone().unwrap_or_else(|| self.effort(set).limits.to_vec())
    }

    /// Peers of a set that were not left out by name.
    pub(super) fn peers(&self, set: &'static Set) -> Vec<&'static str> {
        let named = |peer: &str| self.peers.as_ref().is_none_or(|peers| peers.iter().any(|name| name == peer));
        self.effort(set).peers.iter().copied().filter(|peer| named(peer)).collect()
    }

    /// Seconds to look for a reference where none is published; 0: do not.
    pub(super) fn reference(&self, set: &'static Set) -> f64 {
        match (self.reference, self.extent) {
            (Some(seconds), _) => seconds,
            (None, Extent::Full) => set.reference,
            (None, Extent::Quick) => 0.0,
        }
    }

    /// The command that gives the same figures, as far as it depends on no machine.
    pub(super) fn command(&self) -> String {
        let mut command = String::from("cargo xtask bench optimizer");
        let mut add = |words: String| {
            command.push(' ');
            command.push_str(&words);
        };
        if self.extent == Extent::Quick {
            add("--quick".into());
        }
        if self.sets.len() < SETS.len() {
            add(format!("--sets {}", joined(self.sets.iter().map(|set| set.name))));
        }
        if let Some(limits) = &self.limits {
            add(format!("--limits {}", joined(limits)));
        }
        if let Some(peers) = &self.peers {
            add(format!("--peers {}", joined(peers)));
        }
        if let Some(problems) = self.problems {
            add(format!("--problems {problems}"));
        }
        if self.seed != 1 {
            add(format!("--seed {}", self.seed));
        }
        if let Some(reference) = self.reference {
            add(format!("--reference {reference}"));
        }
        if self.environment.is_some() {
            add("--venv .venv-peers".into());
        }
        command
    }
}

fn joined(items: impl IntoIterator<Item = impl ToString>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

fn list<T>(text: &str, item: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(item).collect()
}

fn set(name: &str) -> Result<&'static Set> {
    SETS.iter()
        .find(|set| set.name == name)
        .ok_or_else(|| Failure::new(format!("no set `{name}`; there are: {}", joined(SETS.iter().map(|set| set.name)))))
}

fn peer(name: &str) -> Result<String> {
    if Harness::known().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(Failure::new(format!("no peer `{name}`; there are: {}", joined(Harness::known()))))
}

fn positive(text: &str) -> Result<f64> {
    let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0);
    seconds.ok_or_else(|| Failure::new(format!("`{text}` is no number of seconds")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(words))
    }

    #[test]
    fn command_is_told_without_folders() {
        let words =
            ["--venv", "/a", "--quick", "--sets", "tsplib,road_50", "--limits", "0.01,1", "-o", "/b", "--write"];
        let options = options(&words).unwrap();
        let expected = "cargo xtask bench optimizer --quick --sets tsplib,road_50 --limits 0.01,1 --venv .venv-peers";
        assert_eq!(options.command(), expected);
        assert_eq!(options.limits(SETS.first().unwrap()), [0.01, 1.0]);
    }

    #[test]
    fn unknown_names_are_refused_with_those_that_there_are() {
        let refusal = |words: &[&str]| options(words).unwrap_err().message;
        assert!(refusal(&["--sets", "roads"]).contains("road_200"));
        assert!(refusal(&["--peers", "lkh,me"]).contains("pyvrp"));
        assert!(refusal(&["--limits", "-1"]).contains("`-1`"));
    }

    #[test]
    fn peers_can_be_left_out() {
        let few = options(&["--peers", "pyvrp"]).unwrap();
        let none = options(&["--peers", ""]).unwrap();
        let set = set("road_200").unwrap();
        assert_eq!(few.peers(set), ["pyvrp"]);
        assert!(none.peers(set).is_empty());
        assert!(options(&[]).unwrap().peers(set).len() > 3);
    }
}

//! What `cargo metadata` and `cargo tree` say about the workspace, reduced to what the commands need.
//!
//! Read from JSON by hand: the `cargo_metadata` crate brings derives that cost more build time than this file.

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Context, Failure, Result};
use crate::process::{capture, cargo};

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One direct dependency, by the name of its package (not by what it is renamed to).
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// Members of the workspace with their direct dependencies as declared, for all targets and features.
pub(crate) fn workspace() -> Result<Workspace> {
    let text = capture(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--quiet"]))?;
    let json: Value = serde_json::from_str(&text).context(|| "output of `cargo metadata`")?;
    let packages = list(&json, "packages")?.iter().map(package).collect::<Result<_>>()?;
    Ok(Workspace { packages, target_directory: string(&json, "target_directory")?.into() })
}

fn package(json: &Value) -> Result<Package> {
    let dependencies = list(json, "dependencies")?.iter().map(dependency).collect::<Result<_>>()?;
    Ok(Package { name: string(json, "name")?.to_owned(), dependencies })
}

fn dependency(json: &Value) -> Result<Dependency> {
    let kind = match json.get("kind").and_then(Value::as_str) {
        None => Kind::Normal,
        Some("build") => Kind::Build,
        Some("dev") => Kind::Dev,
        Some(other) => {
            return Err(Failure::new(format!("`cargo metadata` has a new dependency kind `{other}`")));
        }
    };
    Ok(Dependency { name: string(json, "name")?.to_owned(), kind })
}

fn string<'a>(json: &'a Value, key: &str) -> Result<&'a str> {
    let value = json.get(key).and_then(Value::as_str);
    value.ok_or_else(|| Failure::new(format!("`cargo metadata` has no text `{key}`")))
}

fn list<'a>(json: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    let value = json.get(key).and_then(Value::as_array);
    value.ok_or_else(|| Failure::new(format!("`cargo metadata` has no list `{key}`")))
}

/// One line of a dependency tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// 0 for the package itself.
    pub(crate) depth: usize,
    pub(crate) name: String,
    /// Active features, separated by commas.
    pub(crate) features: String,
}

/// What building `package` alone pulls in, with all its features, on any target.
///
/// Asked of `cargo tree` and not of `cargo metadata`, which adds up the features that all members want.
/// `edges` is cargo's `--edges`: `normal`, or `no-dev` for build dependencies too.
pub(crate) fn tree(package: &str, edges: &str) -> Result<Vec<Branch>> {
    let text = capture(cargo().args(["tree", "--quiet", "--package", package, "--edges", edges]).args([
        "--all-features",
        "--target=all",
        "--no-dedupe",
        "--prefix=depth",
        "--format={p}|{f}",
    ]))?;
    text.lines().filter(|line| !line.is_empty()).map(branch).collect()
}

/// Reads a line such as `2syn v2.0.1 (proc-macro)|full,parsing`.
fn branch(line: &str) -> Result<Branch> {
    let odd = || Failure::new(format!("cannot read the line `{line}` of `cargo tree`"));
    let (package, features) = line.rsplit_once('|').ok_or_else(odd)?;
    let name_at = package.find(|c: char| !c.is_ascii_digit()).ok_or_else(odd)?;
    let (depth, package) = package.split_at(name_at);
    let name = package.split(' ').next().filter(|name| !name.is_empty()).ok_or_else(odd)?;
    Ok(Branch { depth: depth.parse().map_err(|_| odd())?, name: name.to_owned(), features: features.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_a_tree_is_read() {
        let expected = Branch { depth: 12, name: "syn".into(), features: "full,parsing".into() };
        assert_eq!(branch("12syn v2.0.1 (proc-macro)|full,parsing").unwrap(), expected);
        assert_eq!(branch("0routemate-units v0.1.0 (/somewhere)|").unwrap().name, "routemate-units");
        assert!(branch("syn v2").is_err());
    }

    #[test]
    fn kinds_of_dependencies_are_told_apart() {
        let json = serde_json::json!({ "name": "a", "dependencies": [
            { "name": "b", "kind": null }, { "name": "c", "kind": "dev" }, { "name": "d", "kind": "build" },
        ]});
        let kinds: Vec<_> = package(&json).unwrap().dependencies.iter().map(|dependency| dependency.kind).collect();
        assert_eq!(kinds, [Kind::Normal, Kind::Dev, Kind::Build]);
    }
}

//! Rules on `Cargo.toml` files. They are read line by line: ours are simple, and a TOML parser costs build time.

use super::{Problem, Source};

/// Manifests that repeat the workspace's lints because they must allow `unsafe_code` in one reviewed module, which
/// `forbid` rules out: `roads` and `geocoding` map a file into memory.
const OWN_LINTS: &[&str] = &["crates/geocoding/Cargo.toml", "crates/roads/Cargo.toml"];

pub(super) fn check(sources: &[Source]) -> Vec<Problem> {
    let is_manifest = |source: &&Source| source.path.ends_with("/Cargo.toml");
    let members: Vec<_> = sources.iter().filter(is_manifest).collect();
    let without_lints =
        members.iter().filter(|member| !inherits_lints(member) && !OWN_LINTS.contains(&member.path.as_str()));
    let mut problems: Vec<_> = without_lints
        .map(|member| Problem::in_file(&member.path, "does not inherit the lints (`[lints] workspace = true`)"))
        .collect();
    if let Some(root) = sources.iter().find(|source| source.path == "Cargo.toml") {
        problems.extend(unused(root, &members));
    }
    problems
}

/// `key = value` below `[section]`.
#[derive(Debug)]
struct Entry<'t> {
    section: &'t str,
    key: &'t str,
    value: &'t str,
    line: usize,
}

fn entries(source: &Source) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut entries = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            section = name.trim();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            entries.push(Entry { section, key: key.trim(), value: value.trim(), line: index + 1 });
        }
    }
    entries
}

fn inherits_lints(manifest: &Source) -> bool {
    entries(manifest).iter().any(|entry| {
        let long = entry.section == "lints" && entry.key == "workspace";
        (long || entry.key == "lints.workspace") && entry.value.starts_with("true")
    })
}

/// Entries of `[workspace.dependencies]` that no member inherits.
fn unused(root: &Source, members: &[&Source]) -> Vec<Problem> {
    let inherited: Vec<_> = members.iter().flat_map(|member| entries(member)).filter_map(inherited_name).collect();
    let offered = entries(root).into_iter().filter(|entry| entry.section == "workspace.dependencies");
    let unused = offered.filter(|entry| !inherited.iter().any(|name| *name == unquoted(entry.key)));
    unused
        .map(|entry| Problem::in_line(&root.path, entry.line, format!("no member uses `{}`", unquoted(entry.key))))
        .collect()
}

/// Name of the dependency if it comes from the workspace.
fn inherited_name(entry: Entry<'_>) -> Option<&str> {
    if entry.section.ends_with("dependencies") {
        if let Some(name) = entry.key.strip_suffix(".workspace") {
            return Some(unquoted(name));
        }
        return entry.value.replace(' ', "").contains("workspace=true").then(|| unquoted(entry.key));
    }
    let (_, name) = entry.section.rsplit_once("dependencies.").filter(|_| entry.key == "workspace")?;
    Some(unquoted(name))
}

fn unquoted(name: &str) -> &str {
    name.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[test]
    fn lints_are_inherited() {
        for text in ["[lints]\nworkspace = true\n", "lints.workspace = true\n[package]\n"] {
            assert!(inherits_lints(&source("crates/a/Cargo.toml", text)), "{text}");
        }
        for text in ["[package]\nname = \"a\"\n", "[dependencies]\nworkspace = true\n", "# lints.workspace = true\n"] {
            assert!(!inherits_lints(&source("crates/a/Cargo.toml", text)), "{text}");
        }
    }

    #[test]
    fn unused_dependency_is_named() {
        let root = source("Cargo.toml", "[workspace.dependencies]\na = \"1\"\nb = \"1\"\nc = \"1\"\nd = \"1\"\n");
        let one = source("crates/x/Cargo.toml", "[dependencies]\na.workspace = true\nc = \"1\"\n");
        let two = source(
            "crates/y/Cargo.toml",
            "[target.'cfg(unix)'.dev-dependencies]\nb = { workspace = true }\n[dependencies.d]\nworkspace = true\n",
        );
        assert_eq!(unused(&root, &[&one, &two]), [Problem::in_line("Cargo.toml", 4, "no member uses `c`")]);
    }
}

//! `cargo xtask deps`: who may depend on whom. The rules are those of docs/ARCHITECTURE.md.

use std::fs;

use crate::Mode;
use crate::failure::{Context, Failure, Result};
use crate::metadata::{Branch, Kind, Package, tree, workspace};
use crate::process::root;
use crate::schema::first_differences;

pub(crate) const HELP: &str = "\
deps [--check]
    Checks the layers and which crate may name which library, and writes the optimizer's dependency tree to
    crates/optimizer/dependency-tree.txt (people who embed it care).";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// Uses `units` only.
    L0,
    /// Uses L0; for several crates of L1.
    Shared,
    /// Uses L0 and what is shared.
    L1,
    /// Uses L0 and L1.
    L2,
    /// Uses L0 to L2 and `http`; so the dialects never see each other.
    L3,
    /// Uses all but programs; used as a dev-dependency only.
    TestSupport,
    /// Uses all of L0 to L3.
    Program,
    /// Uses and is used by nothing.
    Tool,
}

/// Every member of the workspace.
const LAYERS: &[(&str, Layer)] = &[
    (UNITS, Layer::L0),
    (OPTIMIZER, Layer::L0),
    ("routemate-roads", Layer::L0),
    ("routemate-domain", Layer::L0),
    ("routemate-metrics", Layer::L0),
    ("routemate-outbound", Layer::Shared),
    ("routemate-maps", Layer::Shared),
    ("routemate-auth", Layer::L1),
    ("routemate-travel", Layer::L1),
    ("routemate-geocoding", Layer::L1),
    ("routemate-webhooks", Layer::L1),
    ("routemate-stop-files", Layer::L1),
    ("routemate-persistence", Layer::L1),
    ("routemate-app", Layer::L2),
    ("routemate-worker", Layer::L3),
    (HTTP, Layer::L3),
    ("routemate-api-routemate", Layer::L3),
    ("routemate-api-easyroutes", Layer::L3),
    ("routemate-api-native", Layer::L3),
    ("routemate-test-support", Layer::TestSupport),
    ("routemate", Layer::Program),
    ("routemate-baseline", Layer::Program),
    ("xtask", Layer::Tool),
];

const UNITS: &str = "routemate-units";
const OPTIMIZER: &str = "routemate-optimizer";
const HTTP: &str = "routemate-http";

/// Libraries that only some members may name, in any kind of dependency; a final `*` stands for any rest.
const CONFINED: &[(&str, &[&str])] = &[
    ("diesel*", &["routemate-persistence"]),
    ("actix-*", &[HTTP, "routemate-api-*", "routemate-test-support", "routemate", "routemate-baseline"]),
    // Everything measured is in the catalog of `routemate-metrics`.
    ("metrics", &["routemate-metrics", "routemate"]),
    ("metrics-exporter-prometheus", &["routemate"]),
    // Only who serves a wire format describes one.
    ("utoipa*", &[HTTP, "routemate-api-*"]),
    // `routemate demo` is a client of our own API.
    (
        "reqwest",
        &[
            "routemate-outbound",
            "routemate-geocoding",
            "routemate-webhooks",
            "routemate-travel",
            "routemate-test-support",
            "routemate",
        ],
    ),
];

/// What no member of L0 may pull in when it is built, be it through others.
const TOO_HEAVY_FOR_L0: &[&str] = &["serde_json", "tokio"];

const SNAPSHOT: &str = "crates/optimizer/dependency-tree.txt";

pub(crate) fn run(args: lexopt::Parser) -> Result<()> {
    deps(Mode::parse(args, HELP)?)
}

pub(crate) fn deps(mode: Mode) -> Result<()> {
    let packages = workspace()?.packages;
    let mut problems = broken_rules(&packages);
    for package in packages.iter().filter(|package| layer(&package.name) == Some(Layer::L0)) {
        problems.extend(too_heavy(&package.name, &tree(&package.name, "normal")?));
    }
    if packages.iter().any(|package| package.name == OPTIMIZER) {
        problems.extend(snapshot(mode)?);
    }
    for problem in &problems {
        eprintln!("deps: {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(Failure::new(format!("problems with dependencies: {count}"))),
    }
}

fn layer(name: &str) -> Option<Layer> {
    LAYERS.iter().find(|(member, _)| *member == name).map(|(_, layer)| *layer)
}

/// Every direct dependency that the tables above do not allow.
fn broken_rules(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let from = package.name.as_str();
        let Some(from_layer) = layer(from) else {
            problems.push(format!("`{from}` is in no layer: add it to LAYERS in xtask/src/deps.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            if let Some(to_layer) = layer(to)
                && !may_use((from, from_layer), (to, to_layer), dependency.kind)
            {
                problems.push(format!("`{from}` ({from_layer:?}) must not depend on `{to}` ({to_layer:?})"));
            }
            let confined = CONFINED.iter().filter(|(library, _)| fits(library, to));
            for (library, allowed) in confined {
                if !allowed.iter().any(|member| fits(member, from)) {
                    problems.push(format!("`{from}` must not name `{to}`: `{library}` is for {}", allowed.join(", ")));
                }
            }
        }
    }
    problems
}

fn may_use((from, from_layer): (&str, Layer), (to, to_layer): (&str, Layer), kind: Kind) -> bool {
    use Layer::{L0, L1, L2, L3, Program, Shared, TestSupport, Tool};
    if from == to {
        // A crate that switches on its own features for its own tests.
        return kind == Kind::Dev;
    }
    match (from_layer, to_layer) {
        (Tool, _) | (_, Tool | Program) => false,
        (_, TestSupport) => kind == Kind::Dev,
        (L0, _) => to == UNITS && from != UNITS,
        (Shared, to_layer) => to_layer == L0,
        (L1, to_layer) => matches!(to_layer, L0 | Shared),
        (L2, to_layer) => matches!(to_layer, L0 | L1),
        (L3, to_layer) => matches!(to_layer, L0 | L1 | L2) || (to == HTTP && from != HTTP),
        (TestSupport | Program, L0 | Shared | L1 | L2 | L3) => true,
    }
}

/// Whether a name is meant by a pattern of the tables above.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn too_heavy(package: &str, tree: &[Branch]) -> Vec<String> {
    let pulled_in = TOO_HEAVY_FOR_L0.iter().filter(|heavy| tree.iter().any(|branch| branch.name == **heavy));
    pulled_in.map(|heavy| format!("`{package}` pulls in `{heavy}`, see `cargo tree -p {package} -i {heavy}`")).collect()
}

/// Writes the optimizer's tree, or says where it differs from the one that is there.
fn snapshot(mode: Mode) -> Result<Option<String>> {
    let drawn = drawn(&tree(OPTIMIZER, "no-dev")?);
    let path = root().join(SNAPSHOT);
    let present = fs::read_to_string(&path).unwrap_or_default();
    if present == drawn {
        return Ok(None);
    }
    match mode {
        Mode::Write => {
            fs::write(&path, drawn).context(|| format!("cannot write {SNAPSHOT}"))?;
            eprintln!("deps: wrote {SNAPSHOT}");
            Ok(None)
        }
        Mode::Check => {
            let difference = first_differences(SNAPSHOT, &present, &drawn);
            Ok(Some(format!("{difference}\nif that is meant, run `cargo xtask deps`")))
        }
    }
}

/// Names and features, without versions: those are chosen by the lock file of whoever embeds the crate.
fn drawn(tree: &[Branch]) -> String {
    let mut text = format!("# What {OPTIMIZER} pulls in with all features; written by `cargo xtask deps`.\n");
    for branch in tree {
        text.push_str(&"  ".repeat(branch.depth));
        text.push_str(&branch.name);
        if !branch.features.is_empty() {
            text.push_str(&format!(" [{}]", branch.features.replace(',', ", ")));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    #[track_caller]
    fn check(from: &str, to: &str, kind: Kind, allowed: bool) {
        let dependencies = vec![Dependency { name: to.into(), kind }];
        let problems = broken_rules(&[Package { name: from.into(), dependencies }]);
        assert_eq!(problems.is_empty(), allowed, "{from} -> {to}: {problems:?}");
    }

    #[test]
    fn layers_point_one_way() {
        check("routemate-optimizer", "routemate-units", Kind::Normal, true);
        check("routemate-optimizer", "routemate-domain", Kind::Normal, false);
        check("routemate-units", "routemate-optimizer", Kind::Normal, false);
        check("routemate-auth", "routemate-domain", Kind::Normal, true);
        check("routemate-auth", "routemate-persistence", Kind::Normal, false);
        check("routemate-persistence", "routemate-app", Kind::Normal, false);
        check("routemate-app", "routemate-persistence", Kind::Normal, true);
        check("routemate-app", "routemate-http", Kind::Normal, false);
        check("routemate-http", "routemate-app", Kind::Normal, true);
        check("routemate-worker", "routemate-persistence", Kind::Normal, true);
        check("routemate", "routemate-api-native", Kind::Normal, true);
        check("routemate-app", "routemate", Kind::Normal, false);
        check("xtask", "routemate-units", Kind::Normal, false);
    }

    #[test]
    fn clients_share_outbound_and_nobody_else_sees_it() {
        check("routemate-outbound", "routemate-units", Kind::Normal, true);
        check("routemate-outbound", "routemate-travel", Kind::Normal, false);
        check("routemate-travel", "routemate-outbound", Kind::Normal, true);
        check("routemate-optimizer", "routemate-outbound", Kind::Normal, false);
        check("routemate-app", "routemate-outbound", Kind::Normal, false);
        check("routemate-http", "routemate-outbound", Kind::Normal, false);
        check("routemate", "routemate-outbound", Kind::Normal, true);
    }

    #[test]
    fn wrong_edge_for_tests_only_is_wrong_too() {
        check("routemate-persistence", "routemate-app", Kind::Dev, false);
        check("routemate-persistence", "routemate-app", Kind::Build, false);
    }

    #[test]
    fn dialects_see_http_and_not_each_other() {
        check("routemate-api-routemate", "routemate-http", Kind::Normal, true);
        check("routemate-api-routemate", "routemate-api-easyroutes", Kind::Normal, false);
        check("routemate-api-native", "routemate-api-routemate", Kind::Dev, false);
        check("routemate-http", "routemate-api-native", Kind::Normal, false);
    }

    #[test]
    fn test_support_is_for_tests() {
        check("routemate-app", "routemate-test-support", Kind::Dev, true);
        check("routemate-app", "routemate-test-support", Kind::Normal, false);
        check("routemate", "routemate-test-support", Kind::Normal, false);
        check("routemate-test-support", "routemate-api-routemate", Kind::Normal, true);
        check("routemate-test-support", "routemate", Kind::Normal, false);
    }

    #[test]
    fn crate_may_ask_itself_for_test_features() {
        check("routemate-persistence", "routemate-persistence", Kind::Dev, true);
    }

    #[test]
    fn libraries_stay_where_they_belong() {
        check("routemate-persistence", "diesel-async", Kind::Normal, true);
        check("routemate-app", "diesel", Kind::Normal, false);
        check("routemate-app", "diesel_migrations", Kind::Dev, false);
        check("routemate-api-easyroutes", "actix-web", Kind::Normal, true);
        check("routemate-worker", "actix-web", Kind::Normal, false);
        check("routemate-travel", "reqwest", Kind::Normal, true);
        check("routemate-outbound", "reqwest", Kind::Normal, true);
        check("routemate-app", "reqwest", Kind::Normal, false);
        check("routemate-app", "tokio", Kind::Normal, true);
    }

    #[test]
    fn unknown_member_is_refused() {
        let problems = broken_rules(&[Package { name: "routemate-new".into(), dependencies: Vec::new() }]);
        assert!(problems.iter().any(|problem| problem.contains("add it to LAYERS")), "{problems:?}");
    }

    #[test]
    fn heavy_library_is_found_deep_in_a_tree() {
        let branch = |depth, name: &str| Branch { depth, name: name.into(), features: String::new() };
        let light = [branch(0, "routemate-domain"), branch(1, "uuid"), branch(2, "serde")];
        assert_eq!(too_heavy("routemate-domain", &light), Vec::<String>::new());
        let heavy = [branch(0, "routemate-domain"), branch(1, "innocent"), branch(2, "tokio")];
        assert_eq!(too_heavy("routemate-domain", &heavy).len(), 1);
    }

    #[test]
    fn tree_is_drawn_with_features() {
        let branch = |depth, name: &str, features: &str| Branch { depth, name: name.into(), features: features.into() };
        let text = drawn(&[branch(0, "a", ""), branch(1, "b", "std,simd")]);
        assert!(text.ends_with("\na\n  b [std, simd]\n"), "{text}");
    }
}

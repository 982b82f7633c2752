//! The problems of a set, and their files in the neutral format: converted from published ones or generated.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::harness::Harness;
use super::sets::{Set, Source, Windows, spread};
use crate::failure::{Context, Result};

/// Files in a set's folder that are no problems.
const ABOUT: &[&str] = &["best_known.csv", "MANIFEST.csv", "README.md", "best_tours.txt", "amazon_stops.json"];

#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) set: &'static Set,
    pub(super) name: String,
    /// Depot included; 0 where nothing says it.
    pub(super) nodes: u64,
    /// Published smallest number of vehicles, where the set counts them first.
    pub(super) fewest_vehicles: Option<u64>,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    Published { file: PathBuf },
    Generated { model: &'static str, seed: u64, windows: Windows },
}

/// At most so many problems of a set, smallest first; none if its folder is not there.
pub(super) fn problems(set: &'static Set, most: usize, instances: &Path) -> Result<Vec<Problem>> {
    let mut problems = match set.source {
        Source::Folder { folder, most_nodes } => {
            let mut published = published(set, &instances.join(folder))?;
            published.retain(|problem| problem.nodes <= most_nodes);
            published
        }
        Source::Road { sizes, street, disc, windows } => generated(set, sizes, street, disc, windows),
    };
    problems.sort_by(|a, b| (a.nodes, &a.name).cmp(&(b.nodes, &b.name)));
    Ok(spread(problems, most))
}

fn published(set: &'static Set, folder: &Path) -> Result<Vec<Problem>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = || format!("cannot read {}", folder.display());
    let facts = facts(&fs::read_to_string(folder.join("best_known.csv")).unwrap_or_default());
    let mut problems = Vec::new();
    for entry in fs::read_dir(folder).context(unreadable)? {
        let file = entry.context(unreadable)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if ABOUT.contains(&name.as_str()) || name.ends_with(".sol") {
            continue;
        }
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let (nodes, fewest_vehicles) =
            facts.get(&name).or_else(|| facts.get(stem.as_ref())).copied().unwrap_or_default();
        problems.push(Problem { set, name, nodes, fewest_vehicles, origin: Origin::Published { file } });
    }
    Ok(problems)
}

/// Nodes and vehicles by instance, from the columns `instance,kind,n,best_known` and others after them. Where vehicles
/// count first, the best value reads `vehicles/distance`.
fn facts(csv: &str) -> BTreeMap<String, (u64, Option<u64>)> {
    let fact = |line: &str| {
        let mut columns = line.split(',');
        let (name, nodes, best) = (columns.next()?, columns.nth(1)?, columns.next()?);
        let vehicles = best.split_once('/').and_then(|(vehicles, _)| vehicles.parse().ok());
        Some((name.to_owned(), (nodes.parse().ok()?, vehicles)))
    };
    csv.lines().filter_map(fact).collect()
}

fn generated(set: &'static Set, sizes: &[u64], street: u64, disc: u64, windows: Windows) -> Vec<Problem> {
    let seeds = (1..=street).map(|seed| ("street", seed)).chain((1..=disc).map(|seed| ("disc", seed)));
    let seeds: Vec<_> = seeds.collect();
    let every = sizes.iter().flat_map(|nodes| seeds.iter().map(move |(model, seed)| (*nodes, *model, *seed)));
    let problem = |(nodes, model, seed)| {
        let kind = if windows == Windows::Some { "_windows" } else { "" };
        let name = format!("{model}_{nodes}_{seed}{kind}");
        Problem { set, name, nodes, fewest_vehicles: None, origin: Origin::Generated { model, seed, windows } }
    };
    every.map(problem).collect()
}

impl Problem {
    /// The problem's file in the neutral format, which is made if it is not there.
    pub(super) fn file(&self, folder: &Path, harness: &Harness) -> Result<PathBuf> {
        let folder = folder.join(self.set.name);
        let path = folder.join(format!("{}.json", self.name));
        if path.is_file() {
            return Ok(path);
        }
        fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
        // Under another name until it is whole.
        let growing = folder.join(format!("{}.part", self.name));
        let mut command = match &self.origin {
            Origin::Published { file } => {
                let mut command = harness.script("convert.py");
                command.arg(file);
                command
            }
            Origin::Generated { model, seed, windows } => {
                let mut command = harness.script("gen_road.py");
                let (nodes, seed) = (self.nodes.to_string(), seed.to_string());
                command.args(["-n", nodes.as_str(), "--seed", seed.as_str(), "--model", model]);
                if *windows == Windows::Some {
                    command.arg("--tw");
                }
                command
            }
        };
        command.arg("-o").arg(&growing);
        harness.finish(&mut command)?;
        fs::rename(&growing, &path).context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::optimizer::sets::SETS;

    #[test]
    fn nodes_and_vehicles_are_read() {
        let csv = "instance,kind,n,best_known,optimal,note\n\
                   lr108,pdptw,101,9/968.97,no,hierarchical\n\
                   rj-0,cvrp,222,,no,\"REAL, quoted\"\n\
                   C101,vrptw,101,827.3,yes,\"a, b\"\n";
        let facts = facts(csv);
        assert_eq!(facts.get("lr108"), Some(&(101, Some(9))));
        assert_eq!(facts.get("rj-0"), Some(&(222, None)));
        assert_eq!(facts.get("C101"), Some(&(101, None)));
        assert_eq!(facts.len(), 3);
    }

    #[test]
    fn generated_problems_have_each_their_name() {
        let instances = Path::new("nowhere");
        for set in SETS {
            let problems = problems(set, usize::MAX, instances).unwrap();
            let mut names: Vec<_> = problems.iter().map(|problem| &problem.name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), problems.len());
            assert_eq!(problems.is_empty(), matches!(set.source, Source::Folder { .. }), "{}", set.name);
        }
    }
}

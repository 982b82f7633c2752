//! `cargo xtask bench geocode`: the embedded geocoder on real addresses, beside a naive one and published figures.
//!
//! One index over all sources of the test set answers every question of it, scored by the set's own script; then questions
//! of other kinds, made of all addresses; then speed and size for more and more addresses. What is built lies in
//! `target/bench-geocode`.

mod options;
mod published;
mod report;
mod score;
mod size;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::page::{load, warn_of_load, warn_of_load_seen};
use crate::failure::{Context, Failure, Result};
use crate::metadata::workspace;
use crate::process::{capture, cargo, run as run_command};

use options::Options;
use report::Report;
use score::Score;
use size::{Extracts, Size};

/// Cities with questions, and the source that each is about.
const CITIES: [(&str, &str); 6] = [
    ("queens", "pbf/queens.osm.pbf"),
    ("liechtenstein", "pbf/liechtenstein.osm.pbf"),
    ("munich", "pbf/munich.osm.pbf"),
    ("vancouver", "pbf/vancouver.osm.pbf"),
    ("brisbane", "oa/brisbane_semisynthetic.csv"),
    ("alameda", "oa/alameda.csv"),
];

/// Cities with extracts that lack some numbers, and those extracts.
const REMOVED: [(&str, &str); 2] = [("queens", "queens_minus1000"), ("munich", "munich_minus300")];

/// Extracts of other cities: those of the road router's tests.
const OTHERS: [&str; 5] = ["composite21", "copenhagen_centre", "dreieich", "newport", "milan"];

/// Questions of each kind for each degree of a source.
const EACH: &str = "30";

/// Times that extracts are built: the quickest counts, the others hold what else the machine did.
const BUILDS: usize = 3;

/// Rows of the larger tables, and questions for them.
const LARGER: [&str; 2] = ["1000000", "15000000"];
const MIXED: &str = "4000";

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    let data = options.shared.join("geocode");
    if !data.join("score.py").is_file() {
        eprintln!("bench: SKIPPED, there is no geocode/score.py in {}; see --shared", options.shared.display());
        return Ok(());
    }
    let target = workspace()?.target_directory;
    let folder = target.join("bench-geocode");
    fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    run_command(cargo().args(["build", "--release", "-p", "routemate-geocoding", "--examples"]))?;
    let bench = Bench { programs: target.join("release/examples"), data, folder, options: &options };
    warn_of_load();
    let mut report = Report { command: options.command(), highest_load: load(), ..Report::default() };
    let goals = fs::read_to_string(bench.data.join("goals.txt")).context(|| "cannot read goals.txt")?;
    report.goals = goals.lines().filter_map(score::Goal::parse).collect();
    bench.accuracy(&mut report)?;
    bench.other_kinds(&mut report)?;
    bench.naive(&mut report)?;
    bench.sizes(&mut report)?;
    bench.extracts(&mut report)?;
    report.highest_load = report.highest_load.into_iter().chain(load()).reduce(f64::max);
    let text = report.text();
    eprintln!("\n{text}");
    if let Some(path) = &options.output {
        fs::write(path, &text).context(|| format!("cannot write {}", path.display()))?;
    }
    if options.writes_page {
        super::page::write("geocode", &text)?;
    }
    warn_of_load_seen(report.highest_load);
    Ok(())
}

struct Bench<'o> {
    programs: PathBuf,
    data: PathBuf,
    folder: PathBuf,
    options: &'o Options,
}

impl Bench<'_> {
    /// All sources of the test set, those of two cities without some numbers if asked for.
    fn sources(&self, lacks_numbers: bool) -> Result<Vec<PathBuf>> {
        let mut sources = Vec::new();
        for part in ["pbf", "oa"] {
            let folder = self.data.join(part);
            let files = fs::read_dir(&folder).context(|| format!("cannot read {}", folder.display()))?;
            for file in files {
                sources.push(file.context(|| "cannot read the sources")?.path());
            }
        }
        sources.sort();
        let stem = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.split('.').next().unwrap_or_default().to_owned()
        };
        let is_wanted = |path: &PathBuf| {
            let stem = stem(path);
            let is_whole =
                |(city, lacking): &(&str, &str)| if lacks_numbers { stem != *city } else { stem != *lacking };
            REMOVED.iter().all(is_whole)
        };
        sources.retain(is_wanted);
        Ok(sources)
    }

    /// Builds an index and says what that took.
    fn build(&self, name: &str, sources: &[PathBuf]) -> Result<(PathBuf, String)> {
        let index = self.folder.join(format!("{name}.addresses"));
        let mut command = Command::new(self.programs.join("answer"));
        let figures = capture(command.arg("build").arg(&index).args(sources))?;
        Ok((index, figures))
    }

    fn questions(&self, args: &[&str], sources: &[PathBuf], to: &Path) -> Result<()> {
        let mut command = Command::new(self.programs.join("questions"));
        let questions = capture(command.args(args).args(sources))?;
        fs::write(to, questions).context(|| format!("cannot write {}", to.display()))
    }

    /// Asks an index, and scores the answers.
    fn score(&self, name: &str, index: &Path, questions: &Path) -> Result<Score> {
        let answers = self.folder.join(format!("{name}.answers.jsonl"));
        let asked = File::open(questions).context(|| format!("cannot read {}", questions.display()))?;
        let mut command = Command::new(self.programs.join("answer"));
        let found = capture(command.arg("ask").arg(index).stdin(Stdio::from(asked)))?;
        fs::write(&answers, found).context(|| format!("cannot write {}", answers.display()))?;
        self.scored(questions, &answers)
    }

    fn scored(&self, questions: &Path, answers: &Path) -> Result<Score> {
        let result = answers.with_extension("score.json");
        let mut command = self.options.python();
        capture(command.arg(self.data.join("score.py")).args([questions, answers]).arg("--json").arg(&result))?;
        Score::read(&result)
    }

    fn joined(&self, name: &str, files: impl Iterator<Item = PathBuf>) -> Result<PathBuf> {
        let mut text = String::new();
        for file in files {
            text.push_str(&fs::read_to_string(&file).context(|| format!("cannot read {}", file.display()))?);
        }
        let path = self.folder.join(name);
        fs::write(&path, text).context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    fn developer_questions(&self) -> Result<PathBuf> {
        self.joined("developer.jsonl", CITIES.iter().map(|(city, _)| self.data.join(format!("{city}.jsonl"))))
    }

    /// The test set itself, and the numbers removed.
    fn accuracy(&self, report: &mut Report) -> Result<()> {
        let (index, _) = self.build("all", &self.sources(false)?)?;
        let questions = self.developer_questions()?;
        report.developer = self.score("developer", &index, &questions)?;
        report.calibration.add(&questions, &self.folder.join("developer.answers.jsonl"))?;
        let (index, _) = self.build("removed", &self.sources(true)?)?;
        let questions = self
            .joined("removed.jsonl", REMOVED.iter().map(|(city, _)| self.data.join(format!("{city}.removed.jsonl"))))?;
        report.removed = self.score("removed", &index, &questions)?;
        report.calibration.add(&questions, &self.folder.join("removed.answers.jsonl"))?;
        for (city, _) in REMOVED {
            let questions = self.data.join(format!("{city}.removed.jsonl"));
            report.removed_of.push((city, self.score(&format!("{city}.removed"), &index, &questions)?));
        }
        Ok(())
    }

    /// Questions of other kinds: of all sources, of other cities, and for rows left out of a table.
    fn other_kinds(&self, report: &mut Report) -> Result<()> {
        let others: Vec<PathBuf> =
            OTHERS.iter().map(|name| self.options.shared.join(format!("osm/{name}.osm.pbf"))).collect();
        let mut sets = vec![("all", "the eleven sources", self.sources(false)?)];
        if others.iter().all(|path| path.is_file()) {
            sets.push(("others", "22 other regions", others));
        } else {
            eprintln!("bench: SKIPPED, not all of {OTHERS:?} are there");
        }
        for (name, what, sources) in sets {
            let questions = self.folder.join(format!("{name}.kinds.jsonl"));
            self.questions(&["make", EACH], &sources, &questions)?;
            let (index, _) = self.build(name, &sources)?;
            let answers = format!("{name}.kinds");
            report.kinds.push((what, self.score(&answers, &index, &questions)?));
            report.calibration.add(&questions, &self.folder.join(format!("{answers}.answers.jsonl")))?;
        }
        let whole = self.data.join("oa/brisbane_semisynthetic.csv");
        let lacking = self.folder.join("brisbane_lacking.csv");
        let questions = self.folder.join("held_out.jsonl");
        let mut command = Command::new(self.programs.join("questions"));
        let found = capture(command.args(["hold-out", "10"]).args([&whole, &lacking]))?;
        fs::write(&questions, found).context(|| "cannot write the questions")?;
        let (index, _) = self.build("held_out", &[lacking])?;
        report.held_out = self.score("held_out", &index, &questions)?;
        Ok(())
    }

    /// The naive geocoder of the test set, each city on its own source.
    fn naive(&self, report: &mut Report) -> Result<()> {
        let mut python = self.options.python();
        let can_run = python.args(["-c", "import osmium, rapidfuzz"]).stderr(Stdio::null()).status();
        if !can_run.is_ok_and(|status| status.success()) {
            eprintln!("bench: NO NAIVE GEOCODER, Python lacks osmium or rapidfuzz; see --venv");
            return Ok(());
        }
        let mut answers = Vec::new();
        for (city, source) in CITIES {
            let to = self.folder.join(format!("{city}.naive.jsonl"));
            let mut command = self.options.python();
            let [source, questions] = [source.to_owned(), format!("{city}.jsonl")].map(|path| self.data.join(path));
            capture(command.arg(self.data.join("baseline.py")).args([&source, &questions, &to]))?;
            answers.push(to);
        }
        let answers = self.joined("naive.jsonl", answers.into_iter())?;
        report.naive = Some(self.scored(&self.developer_questions()?, &answers)?);
        Ok(())
    }

    fn sizes(&self, report: &mut Report) -> Result<()> {
        let sources = self.sources(false)?;
        let bytes: u64 = sources.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
        let (index, built) = self.build("all", &sources)?;
        let speed = self.speed(&index, &self.developer_questions()?)?;
        report.sizes.push(Size::new("test set", bytes, &built, &speed)?);
        let tables: Vec<PathBuf> =
            sources.into_iter().filter(|path| path.extension().is_some_and(|end| end == "csv")).collect();
        let count = if self.options.is_large { LARGER.len() } else { 1 };
        for rows in LARGER.iter().take(count) {
            let table = self.folder.join("replica.csv");
            let mut command = Command::new(self.programs.join("questions"));
            capture(command.args(["replicate", rows]).arg(&table).args(&tables))?;
            let bytes = fs::metadata(&table).map(|file| file.len()).context(|| "cannot measure the table")?;
            let questions = self.folder.join("mix.jsonl");
            self.questions(&["mix", MIXED], std::slice::from_ref(&table), &questions)?;
            let (index, built) = self.build("replica", std::slice::from_ref(&table))?;
            let speed = self.speed(&index, &questions)?;
            report.sizes.push(Size::new("replica", bytes, &built, &speed)?);
            fs::remove_file(&table).context(|| "cannot remove the table")?;
        }
        Ok(())
    }

    /// How fast extracts are read, those of the test set and larger ones.
    fn extracts(&self, report: &mut Report) -> Result<()> {
        let mut own = self.sources(false)?;
        own.retain(|path| path.extension().is_some_and(|end| end == "pbf"));
        let others: Vec<PathBuf> =
            OTHERS.iter().map(|name| self.options.shared.join(format!("osm/{name}.osm.pbf"))).collect();
        for (what, sources) in [("of the test set", own), ("of 22 other regions", others)] {
            if !sources.iter().all(|path| path.is_file()) {
                continue;
            }
            let bytes: u64 = sources.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
            let built: Result<Vec<String>> = (0..BUILDS).map(|_| Ok(self.build("extracts", &sources)?.1)).collect();
            report.extracts.push(Extracts::quickest(what, bytes, &built?)?);
        }
        Ok(())
    }

    fn speed(&self, index: &Path, questions: &Path) -> Result<String> {
        let asked = File::open(questions).context(|| format!("cannot read {}", questions.display()))?;
        capture(Command::new(self.programs.join("answer")).arg("speed").arg(index).stdin(Stdio::from(asked)))
    }
}

fn parsed(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| Failure::new(format!("what was measured is no JSON: {error}")))
}

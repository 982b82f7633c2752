//! Building a map.

use std::path::PathBuf;

use jiff::Timestamp;
use routemate_app::Clock;
use routemate_roads::Profile;
use tokio::sync::oneshot;

use super::Built;
use super::home::{Home, MapName};
use super::manifest::Manifest;
use super::parts::{Made, Part, parts};
use super::source::{Source, SourceError, SourceKind};
use crate::Failure;
use crate::progress::Progress;
use crate::serve::told_to_stop;
use crate::system::SystemClock;

/// What is to be built.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) name: MapName,
    pub(crate) files: Vec<PathBuf>,
    /// At least one.
    pub(crate) profiles: Vec<Profile>,
}

/// Builds a map and puts it where the one of its name was. Told to stop, or failing, it leaves that one as it is.
pub(crate) async fn build(home: &Home, order: Order) -> Result<Built, Failure> {
    home.check_free(&order.name)?;
    let found = check(&order.files)?;
    let draft = home.draft(&order.name)?;
    let wanted = |profile: &Profile| order.profiles.contains(profile);
    let parts = parts(Profile::ALL.into_iter().filter(wanted));
    // Once to be checked, and then for each part.
    let passes = |kind| 1 + parts.iter().map(|part| part.passes(kind)).sum::<u64>();
    let total = found.iter().map(|&(kind, bytes)| bytes * passes(kind)).sum();
    let progress = Progress::towards(Some(total));
    let work = Work {
        folder: draft.folder().to_owned(),
        files: order.files,
        parts,
        manifest: Manifest::new(order.name.as_str(), SystemClock::new().now().to_string()),
        progress: progress.clone(),
    };
    let done = run(work).await;
    progress.end();
    let (manifest, lacks) = done?;
    let folder = home.publish(draft, &order.name)?;
    Ok(Built { folder, manifest, lacks })
}

/// The kinds and sizes of all files. What is seen from outside is told before anything is read.
fn check(files: &[PathBuf]) -> Result<Vec<(SourceKind, u64)>, SourceError> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for path in files {
        found.push(Source::look(path)?);
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.contains(&place) {
            return Err(SourceError::Twice { path: path.clone() });
        }
        seen.push(place);
    }
    Ok(found)
}

/// A build on its way to a thread of its own.
struct Work {
    folder: PathBuf,
    files: Vec<PathBuf>,
    parts: Vec<Box<dyn Part>>,
    manifest: Manifest,
    progress: Progress,
}

/// Does the work on a thread that nobody waits for when the command is told to stop: it ends with the process.
async fn run(work: Work) -> Result<(Manifest, Vec<String>), Failure> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new().name("map build".to_owned()).spawn(move || {
        // Nobody listens any more once the command was told to stop.
        let _ = done.send(work.run());
    })?;
    tokio::select! {
        () = told_to_stop() => Err("stopped before the map was finished; what was there before is as it was".into()),
        result = result => result?,
    }
}

impl Work {
    /// The manifest, and what the map lacks.
    fn run(self) -> Result<(Manifest, Vec<String>), Failure> {
        let Self { folder, files, parts, mut manifest, progress } = self;
        let read = |bytes| progress.advance(bytes);
        progress.step(match files.len() {
            1 => "checking the file".to_owned(),
            count => format!("checking {count} files"),
        });
        let sources = files.iter().map(|file| Source::read(file, &read)).collect::<Result<Vec<_>, _>>()?;
        manifest.sources = sources.iter().map(Source::entry).collect();
        let mut newest: Option<Timestamp> = None;
        let mut lacks = Vec::new();
        let mut planned: u64 = sources.iter().map(|source| source.size_bytes).sum();
        for part in parts {
            progress.step(part.label());
            let made = part.build(&sources, &folder, &read)?;
            // What need not be read is as good as read.
            planned += sources.iter().map(|source| source.size_bytes * part.passes(source.kind)).sum::<u64>();
            progress.reach(planned);
            let finished = match made {
                Made::Finished(finished) => finished,
                Made::Nothing { why } => {
                    // Of each kind of vehicle the same is true where there are no roads at all.
                    if !lacks.contains(&why) {
                        lacks.push(why);
                    }
                    continue;
                }
            };
            newest = newest.max(finished.data_date);
            manifest.area = match (manifest.area, finished.area) {
                (Some(area), Some(other)) => Some(area.around(other)),
                (area, other) => area.or(other),
            };
            finished.attribution.iter().for_each(|notice| manifest.credit(notice));
            manifest.files.push(finished.file);
        }
        if manifest.files.is_empty() {
            return Err(lacks.join("; ").into());
        }
        manifest.data_date = newest.map(|at| at.to_string());
        manifest.write(&folder)?;
        Ok((manifest, lacks))
    }
}

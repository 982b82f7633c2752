//! Building a map.

use std::path::PathBuf;

use jiff::Timestamp;
use routemate_app::Clock;
use routemate_roads::Profile;
use tokio::sync::oneshot;

use super::Built;
use super::extract::{Source, SourceError};
use super::home::{Home, MapName};
use super::manifest::Manifest;
use super::parts::{Part, parts};
use super::progress::Progress;
use crate::Failure;
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
    let total = check(&order.files)?;
    let draft = home.draft(&order.name)?;
    let wanted = |profile: &Profile| order.profiles.contains(profile);
    let parts = parts(Profile::ALL.into_iter().filter(wanted));
    let passes = 1 + parts.iter().map(|part| part.passes()).sum::<u64>();
    let progress = Progress::towards(Some(total * passes));
    let work = Work {
        folder: draft.folder().to_owned(),
        files: order.files,
        parts,
        manifest: Manifest::new(order.name.as_str(), SystemClock::new().now().to_string()),
        progress: progress.clone(),
    };
    let manifest = run(work).await;
    progress.end();
    let manifest = manifest?;
    let folder = home.publish(draft, &order.name)?;
    Ok(Built { folder, manifest })
}

/// Bytes of all files together. What is seen from outside is told before anything is read.
fn check(files: &[PathBuf]) -> Result<u64, SourceError> {
    let mut total = 0;
    let mut seen = Vec::new();
    for path in files {
        total += Source::size(path)?;
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.contains(&place) {
            return Err(SourceError::Twice { path: path.clone() });
        }
        seen.push(place);
    }
    Ok(total)
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
async fn run(work: Work) -> Result<Manifest, Failure> {
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
    fn run(self) -> Result<Manifest, Failure> {
        let Self { folder, files, parts, mut manifest, progress } = self;
        let read = |bytes| progress.advance(bytes);
        progress.step(match files.len() {
            1 => "checking the extract".to_owned(),
            count => format!("checking {count} extracts"),
        });
        let sources = files.iter().map(|file| Source::read(file, &read)).collect::<Result<Vec<_>, _>>()?;
        manifest.sources = sources.iter().map(Source::entry).collect();
        let mut newest: Option<Timestamp> = None;
        for part in parts {
            progress.step(part.label());
            let finished = part.build(&sources, &folder, &read)?;
            newest = newest.max(finished.data_date);
            manifest.area = match (manifest.area, finished.area) {
                (Some(area), Some(other)) => Some(area.around(other)),
                (area, other) => area.or(other),
            };
            if !manifest.attribution.iter().any(|known| known == finished.attribution) {
                manifest.attribution.push(finished.attribution.to_owned());
            }
            manifest.files.push(finished.file);
        }
        manifest.data_date = newest.map(|at| at.to_string());
        manifest.write(&folder)?;
        Ok(manifest)
    }
}

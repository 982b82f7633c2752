//! Background work: claims due work, does it, and sweeps away what has expired.
//!
//! For: running [`App::do_work`] as long as there is work, in `serve` and in processes of its own. Not for: what the work
//! is; that is a use case like any other. Any number of workers share one database. The main type is [`Worker`].

use std::sync::Arc;
use std::time::Duration;

use routemate_app::App;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How a worker paces itself.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Pieces of work at the same time.
    pub concurrency: usize,
    /// How long to rest when nothing is due.
    pub idle: Duration,
    /// How often what has expired is deleted.
    pub sweep: Duration,
    /// How long work in flight may take to end once the worker is told to stop; its lease runs out later.
    pub drain: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            concurrency: 4,
            idle: Duration::from_secs(1),
            sweep: Duration::from_secs(600),
            drain: Duration::from_secs(5),
        }
    }
}

/// A loop that does background work until it is told to stop.
#[derive(Debug)]
pub struct Worker {
    app: Arc<App>,
    pace: Pace,
    owner: Uuid,
}

impl Worker {
    /// A worker over these use cases.
    #[must_use]
    pub fn new(app: Arc<App>, pace: Pace) -> Self {
        let owner = app.new_uuid();
        Self { app, pace, owner }
    }

    /// Works until `stop` holds `true` or its sender is gone; then claims nothing more and lets what is in flight end.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut sweeps = tokio::time::interval(self.pace.sweep);
        let mut turns = JoinSet::new();
        loop {
            let is_stopped = tokio::select! {
                biased;
                () = told(&mut stop) => true,
                _ = sweeps.tick() => tokio::select! {
                    biased;
                    // A sweep may be cut off anywhere.
                    () = told(&mut stop) => true,
                    () = self.sweep() => false,
                },
                () = self.turn(&mut turns) => false,
            };
            if is_stopped {
                break;
            }
        }
        let drained = tokio::time::timeout(self.pace.drain, async { while turns.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!(
                work.in_flight = turns.len(),
                "background work was cut off; its leases run out by themselves"
            );
        }
    }

    /// Begins what is due, as far as there is room, then rests: until something ends, because there may be more to do then,
    /// or for a while.
    async fn turn(&self, turns: &mut JoinSet<Ended>) {
        let free = self.pace.concurrency.max(1).saturating_sub(turns.len());
        if free > 0 {
            self.begin_due(turns, free).await;
        }
        let is_full = turns.len() >= self.pace.concurrency.max(1);
        let ended = tokio::select! {
            ended = turns.join_next(), if !turns.is_empty() => ended,
            () = tokio::time::sleep(self.pace.idle), if !is_full => return,
        };
        // A database that takes no writes still tells what is due: without a pause the same work would fail for ever.
        if !matches!(ended, Some(Ok(Ended::Well))) {
            tokio::time::sleep(self.pace.idle).await;
        }
    }

    async fn begin_due(&self, turns: &mut JoinSet<Ended>, most: usize) {
        let due = match self.app.due_work(i64::try_from(most).unwrap_or(i64::MAX)).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "due work could not be read");
                Vec::new()
            }
        };
        for work in due {
            let (app, owner) = (Arc::clone(&self.app), self.owner);
            turns.spawn(async move {
                match app.do_work(work, owner).await {
                    Ok(_) => Ended::Well,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, work.id = %work.id, "background work failed");
                        Ended::Badly
                    }
                }
            });
        }
    }

    async fn sweep(&self) {
        match self.app.sweep().await {
            Ok(swept) => tracing::debug!(?swept, "expired rows deleted"),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "expired rows were not deleted"),
        }
    }
}

/// How a piece of work ended.
enum Ended {
    /// With an outcome that is on record.
    Well,
    /// Without: its lease runs out by itself.
    Badly,
}

/// Waits until the sender says so, or is gone.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

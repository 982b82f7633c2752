//! Runs SQLite's blocking calls beside the asynchronous runtime.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Spawns on one given runtime, whichever runtime the caller runs on.
///
/// Dropping the future of a statement waits for the statement: one that has not yet started must not run later, inside
/// another writer's savepoint. The stock spawner waits too, but panics on the current-thread runtimes of Actix workers.
pub(crate) struct Blocking(pub(super) Handle);

impl SpawnBlocking for Blocking {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        let (finished, done) = mpsc::sync_channel(1);
        let join = self.0.spawn_blocking(move || {
            let result = task();
            // Nobody listens unless the future was dropped meanwhile.
            let _ = finished.send(());
            result
        });
        Box::pin(Statement { join, done, is_finished: false })
    }

    fn get_runtime() -> Self {
        Blocking(Handle::current())
    }
}

struct Statement<R> {
    join: JoinHandle<R>,
    done: mpsc::Receiver<()>,
    is_finished: bool,
}

impl<R> Future for Statement<R> {
    type Output = Result<R, Box<dyn Error + Send + Sync + 'static>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.join).poll(cx).map_err(Into::into);
        self.is_finished = polled.is_ready();
        polled
    }
}

impl<R> Drop for Statement<R> {
    fn drop(&mut self) {
        if !self.is_finished {
            // Ends as well when the task panics or is thrown away unstarted: its sender is dropped.
            let _ = self.done.recv();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    use super::*;

    #[test]
    fn a_dropped_statement_has_run_when_its_drop_ends() {
        let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(1).build().unwrap();
        let (release, released) = mpsc::channel::<()>();
        // Holds the only thread, so that the statement cannot start.
        let occupant = runtime.spawn_blocking(move || released.recv());
        let has_run = Arc::new(AtomicBool::new(false));
        let runs = has_run.clone();
        let statement = Blocking(runtime.handle().clone()).spawn_blocking(move || runs.store(true, SeqCst));
        let (about_to_drop, dropping) = mpsc::channel();
        let dropper = std::thread::spawn(move || {
            about_to_drop.send(()).unwrap();
            drop(statement);
            has_run.load(SeqCst)
        });
        dropping.recv().unwrap();
        release.send(()).unwrap();
        assert!(dropper.join().unwrap());
        runtime.block_on(occupant).unwrap().unwrap();
    }
}

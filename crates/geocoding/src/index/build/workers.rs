//! Work that several threads share, of which one takes the results in order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::{iter, thread};

/// Results that lie ready until they are taken, besides those whose turn it is not yet.
const READY: usize = 4;

/// More threads than these wait for the one that takes.
const MOST_THREADS: usize = 4;

/// How many items are one piece of work: few enough that a large one among them keeps nobody waiting for long.
const CHUNK: usize = 512;

/// How many threads work at once.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}

/// Has pieces of work done, numbered from 0, by a `worker` for each thread, and hands the results to `with` in the order of
/// the pieces until it has had enough.
pub(super) fn in_order<T: Send, W: FnMut(usize) -> T>(
    pieces: usize,
    worker: impl Fn() -> W + Sync,
    mut with: impl FnMut(usize, T) -> ControlFlow<()>,
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(READY);
    thread::scope(|scope| {
        for sender in vec![sender; threads()] {
            let (worker, next) = (&worker, &next);
            scope.spawn(move || {
                let mut work = worker();
                let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|piece| *piece < pieces);
                // Nobody listens any more who has had enough.
                let _enough = iter::from_fn(take).try_for_each(|piece| sender.send((piece, work(piece))));
            });
        }
        // Who listens is gone before the scope waits for those who send.
        let receiver = receiver;
        let mut early = BTreeMap::new();
        for piece in 0..pieces {
            let result = loop {
                if let Some(result) = early.remove(&piece) {
                    break result;
                }
                // A thread ends early only where it panics, and then the scope does.
                let Ok((piece, result)) = receiver.recv() else { return };
                early.insert(piece, result);
            };
            if with(piece, result).is_break() {
                return;
            }
        }
    });
}

/// Does `work` on all items, a few at a time, and hands the results to `with` in the order of the items.
pub(super) fn in_chunks<I: Sync, T: Send>(items: &[I], work: impl Fn(&[I]) -> T + Sync, mut with: impl FnMut(T)) {
    let worker = || |piece| items.chunks(CHUNK).nth(piece).map(&work);
    in_order(items.len().div_ceil(CHUNK), worker, |_, result| {
        result.into_iter().for_each(&mut with);
        ControlFlow::Continue(())
    });
}

/// What `work` gives for each item, in the order of the items.
pub(super) fn map<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let mut results = Vec::with_capacity(items.len());
    in_chunks(items, |chunk| chunk.iter().map(&work).collect::<Vec<T>>(), |chunk| results.extend(chunk));
    results
}

//! Who waits for a connection, and since when.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How it stands before the connections of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queue {
    /// Transactions that have not begun.
    pub waiting: usize,
    /// How long the first of them has been waiting.
    pub longest: Duration,
}

/// Everybody who waits, the first one first.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<Line>);

#[derive(Debug, Default)]
struct Line {
    last: u64,
    since: BTreeMap<u64, Instant>,
}

/// A place in the line for as long as it lives, also when the wait is given up.
#[derive(Debug)]
pub(crate) struct Place<'w> {
    waiting: &'w Waiting,
    number: u64,
}

impl Waiting {
    pub(crate) fn enter(&self) -> Place<'_> {
        let mut line = self.line();
        line.last += 1;
        let number = line.last;
        line.since.insert(number, Instant::now());
        Place { waiting: self, number }
    }

    pub(crate) fn queue(&self) -> Queue {
        let line = self.line();
        let longest = line.since.first_key_value().map(|(_, since)| since.elapsed());
        Queue { waiting: line.since.len(), longest: longest.unwrap_or_default() }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Nothing in here panics half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.line().since.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_in_line_tells_the_wait() {
        let (waiting, second) = (Waiting::default(), Duration::from_secs(1));
        assert_eq!(waiting.queue(), Queue::default());
        let one = waiting.enter();
        tokio::time::advance(second).await;
        let two = waiting.enter();
        assert_eq!(waiting.queue(), Queue { waiting: 2, longest: second });
        tokio::time::advance(second).await;
        drop(one);
        assert_eq!(waiting.queue(), Queue { waiting: 1, longest: second });
        drop(two);
        assert_eq!(waiting.queue(), Queue::default());
    }
}

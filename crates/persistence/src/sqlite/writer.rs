//! The one writing connection, with group commit.
//!
//! A task of its own keeps the connection and lends it to one waiting member after the other, inside one open outer
//! transaction with a savepoint for each. When nobody waits any more, or after [`GROUP_LIMIT`] members, it commits and only
//! then tells them. The loan comes back however the member's future ends (result, panic, cancellation), so that
//! no member can leave the others waiting. A fair mutex that members pass on among themselves was the other way: there, a
//! member cancelled in the queue may be the one that the others count on to commit.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use tokio::sync::{mpsc, oneshot};

use super::{Opener, SqliteConn};
use crate::error::StoreError;
use crate::store::Counters;

/// Members of one commit at most, so that the first of them does not wait without bound.
const GROUP_LIMIT: u32 = 32;

/// A member that holds the connection longer than this is reported: nobody else can write meanwhile.
const SLOW_MEMBER: Duration = Duration::from_secs(2);

/// The way to the writing task.
pub(super) struct Writer {
    queue: mpsc::UnboundedSender<Command>,
}

impl Writer {
    /// Opens the connection and starts the task, which ends with the last [`Writer`].
    pub(super) async fn start(opener: Opener, counters: Arc<Counters>) -> Result<Writer, StoreError> {
        let conn = opener.open_writer().await?;
        let (queue, commands) = mpsc::unbounded_channel();
        let runtime = opener.runtime.clone();
        let lender = Lender { opener, conn: Some(conn), commands, waiting: VecDeque::new(), counters };
        runtime.spawn(lender.run());
        Ok(Writer { queue })
    }

    /// Waits for the caller's turn; the loan is inside a savepoint of its own.
    pub(super) async fn begin(&self) -> Result<Loan, StoreError> {
        self.ask(Command::Lend).await
    }

    /// Moves the write-ahead log into the file and empties it, as far as readers let it.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        self.ask(Command::Checkpoint).await
    }

    /// Finishes what waits, empties the log and closes the connection.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.ask(Command::Close).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(command(answer)).map_err(|_| StoreError::closed())?;
        answered.await.map_err(|_| StoreError::closed())?
    }
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

enum Command {
    Lend(Answer<Loan>),
    Checkpoint(Answer<()>),
    Close(Answer<()>),
}

/// The writing connection in the hands of one member.
pub(crate) struct Loan {
    held: Option<Held>,
}

struct Held {
    conn: SqliteConn,
    back: oneshot::Sender<(SqliteConn, Verdict)>,
}

/// What is to become of a member's changes.
enum Verdict {
    Keep(Answer<()>),
    Undo,
}

impl Loan {
    pub(crate) fn conn(&mut self) -> &mut SqliteConn {
        match &mut self.held {
            Some(held) => &mut held.conn,
            // `keep` and `undo` take the loan itself, so nothing can reach it without its connection.
            None => unreachable!("a loan holds its connection until it is given back"),
        }
    }

    /// Gives the connection back and waits until the group that holds this member's changes is on disk.
    pub(crate) async fn keep(mut self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.give_back(Verdict::Keep(answer));
        match answered.await {
            Ok(outcome) => outcome,
            // The writing task was stopped: the runtime is going down.
            Err(stopped) => Err(StoreError::UnknownOutcome(Arc::new(stopped))),
        }
    }

    /// Gives the connection back; this member's changes are undone without it waiting for that.
    pub(crate) fn undo(mut self) {
        self.give_back(Verdict::Undo);
    }

    fn give_back(&mut self, verdict: Verdict) {
        if let Some(Held { conn, back }) = self.held.take() {
            // Without a writing task the connection is closed, which rolls back.
            let _ = back.send((conn, verdict));
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.give_back(Verdict::Undo);
    }
}

/// The writing task.
struct Lender {
    opener: Opener,
    /// Away while it is lent; none after a failure that it may not have survived.
    conn: Option<SqliteConn>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Commands taken from the channel before their turn.
    waiting: VecDeque<Command>,
    counters: Arc<Counters>,
}

impl Lender {
    async fn run(mut self) {
        while let Some(command) = self.next().await {
            match command {
                Command::Lend(member) => self.group(member).await,
                Command::Checkpoint(answer) => {
                    let outcome = self.empty_log().await;
                    let _ = answer.send(outcome);
                }
                Command::Close(answer) => {
                    self.commands.close();
                    let outcome = self.empty_log().await;
                    self.conn = None;
                    let _ = answer.send(outcome);
                    return;
                }
            }
        }
    }

    async fn next(&mut self) -> Option<Command> {
        match self.waiting.pop_front() {
            Some(command) => Some(command),
            None => self.commands.recv().await,
        }
    }

    /// The next member, if the next thing waiting is one that still wants its turn.
    fn next_member(&mut self) -> Option<Answer<Loan>> {
        loop {
            match self.waiting.pop_front().or_else(|| self.commands.try_recv().ok())? {
                Command::Lend(member) if member.is_closed() => {}
                Command::Lend(member) => return Some(member),
                other => {
                    self.waiting.push_front(other);
                    return None;
                }
            }
        }
    }

    /// Serves `first` and those who queue up behind it with one transaction.
    async fn group(&mut self, first: Answer<Loan>) {
        if first.is_closed() {
            return;
        }
        if let Err(error) = self.begin().await {
            self.refuse(first, error);
            return;
        }
        let mut kept: Vec<Answer<()>> = Vec::new();
        let mut served = 0;
        let mut turn = Some(first);
        while let Some(member) = turn.take() {
            served += 1;
            let verdict = self.lend(member).await;
            if served < GROUP_LIMIT {
                turn = self.next_member();
            }
            let (sql, keeps) = match (&verdict, &turn) {
                (Verdict::Keep(_), Some(_)) => ("RELEASE member; SAVEPOINT member", true),
                (Verdict::Keep(_), None) => ("COMMIT", true),
                (Verdict::Undo, Some(_)) => ("ROLLBACK TO member", false),
                (Verdict::Undo, None) if kept.is_empty() => ("ROLLBACK", false),
                (Verdict::Undo, None) => ("ROLLBACK TO member; COMMIT", false),
            };
            if let Verdict::Keep(answer) = verdict {
                kept.push(answer);
            }
            if let Err(error) = self.execute(sql).await {
                // One that broke its own transaction and harmed nobody needs no words.
                if keeps || !kept.is_empty() {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        db.members = kept.len(),
                        "a group of writes was not committed"
                    );
                }
                let error = outcome_of(error, turn.is_some());
                kept.drain(..).for_each(|answer| drop(answer.send(Err(error.clone()))));
                // Closing ends whatever is still open; the next group opens the file anew.
                self.conn = None;
                if let Some(next) = turn {
                    self.waiting.push_front(Command::Lend(next));
                }
                return;
            }
        }
        if !kept.is_empty() {
            self.counters.commits.fetch_add(1, Relaxed);
            self.counters.writes.fetch_add(kept.len() as u64, Relaxed);
        }
        kept.drain(..).for_each(|answer| drop(answer.send(Ok(()))));
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        const BEGIN: &str = "BEGIN IMMEDIATE; SAVEPOINT member";
        match self.execute(BEGIN).await {
            Err(error) if !error.is_retryable() => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database file is opened again because a transaction could not begin"
                );
                self.conn = None;
                self.execute(BEGIN)
                    .await
                    .map_err(|error| StoreError::unavailable("a transaction could not begin", error))
            }
            outcome => outcome,
        }
    }

    /// Tells `first` why it cannot write. Where another process holds the file, everybody in the queue hears it at
    /// once: one after the other they would wait out the busy timeout each.
    fn refuse(&mut self, first: Answer<Loan>, error: StoreError) {
        if error.is_retryable() {
            while let Some(member) = self.next_member() {
                let _ = member.send(Err(error.clone()));
            }
        }
        let _ = first.send(Err(error));
    }

    /// Lends the connection to `member` and waits until it is back.
    async fn lend(&mut self, member: Answer<Loan>) -> Verdict {
        let Some(conn) = self.conn.take() else {
            return Verdict::Undo;
        };
        let (back, mut returned) = oneshot::channel();
        // A member that has gone meanwhile drops the loan, which brings it back like any other.
        drop(member.send(Ok(Loan { held: Some(Held { conn, back }) })));
        loop {
            match tokio::time::timeout(SLOW_MEMBER, &mut returned).await {
                Ok(Ok((conn, verdict))) => {
                    self.conn = Some(conn);
                    return verdict;
                }
                // A leaked loan took the connection along.
                Ok(Err(_)) => return Verdict::Undo,
                Err(_) => tracing::warn!(
                    db.held_ms = SLOW_MEMBER.as_millis() as u64,
                    "a write transaction holds the only writing connection for long"
                ),
            }
        }
    }

    async fn empty_log(&mut self) -> Result<(), StoreError> {
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await
    }

    async fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(self.opener.open_writer().await?),
        };
        Ok(conn.batch_execute(sql).await?)
    }
}

/// What those hear whose group failed with `error`: before COMMIT nothing was written, and the same holds where the
/// transaction was already gone; after that nobody knows.
fn outcome_of(error: StoreError, is_before_commit: bool) -> StoreError {
    let is_gone = std::error::Error::source(&error).map(ToString::to_string).is_some_and(|message| {
        message.contains("no transaction is active") || message.starts_with("no such savepoint")
    });
    if is_before_commit || is_gone {
        StoreError::unavailable("the transaction was ended by a failure", error)
    } else {
        StoreError::UnknownOutcome(Arc::new(error))
    }
}

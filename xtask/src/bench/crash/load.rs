//! Clients that import, ask and sign in all the time, whatever becomes of the server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::bench::trial::caller::{Answer, Caller, Connections, NoAnswer};
use crate::bench::trial::history::{Call, Log};
use crate::bench::trial::imports::Import;
use crate::failure::{Failure, Result};
use crate::process::{Stopwatch, pause};
use crate::served::Credentials;

/// Clients that import.
const IMPORTERS: u32 = 12;
/// How long a client waits that was told "try later" or found nobody.
const BACK_OFF: Duration = Duration::from_millis(20);
/// Tokens are limited to 60 a minute for each client.
const BETWEEN_TOKENS: Duration = Duration::from_millis(1_500);
const BETWEEN_STATUSES: Duration = Duration::from_millis(5);
/// A server that acknowledges nothing for so long does not work.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a last call is made that is told "try later".
const LAST_ATTEMPTS: u32 = 50;

/// All clients of a run.
#[derive(Debug)]
pub(super) struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<Result<()>>>,
}

#[derive(Debug)]
struct Shared {
    log: Log,
    caller: Caller,
    credentials: Credentials,
    /// Where the server is, while there is one.
    base: Mutex<Option<String>>,
    base_changed: Condvar,
    /// The last that was given. It outlives servers.
    token: Mutex<String>,
    is_over: AtomicBool,
    tickets: AtomicU64,
    acknowledged: AtomicU64,
    /// Imports that were acknowledged.
    known: Mutex<Vec<Import>>,
    /// Imports that were not, as far as whoever sent them last knows.
    unanswered: Mutex<Vec<Import>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    /// Starts the clients, with a first token, at this server.
    pub(super) fn start(log: Log, credentials: Credentials, base: &str) -> Result<Load> {
        let caller = Caller::new(Connections::Kept);
        let token = caller.token(base, &credentials)?;
        let shared = Arc::new(Shared {
            log,
            caller,
            credentials,
            base: Mutex::new(Some(base.to_owned())),
            base_changed: Condvar::new(),
            token: Mutex::new(token),
            is_over: AtomicBool::new(false),
            tickets: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            known: Mutex::default(),
            unanswered: Mutex::default(),
        });
        let importers = (0..IMPORTERS).map(|_| Shared::send_one as Turn);
        let turns = importers.chain([Shared::ask_one as Turn, Shared::sign_in as Turn]);
        let clients = turns.map(|turn| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.until_over(turn))
        });
        Ok(Load { clients: clients.collect(), shared })
    }

    pub(super) fn log(&self) -> &Log {
        &self.shared.log
    }

    /// Tells the clients where the server is now, or that there is none.
    pub(super) fn point_at(&self, base: Option<&str>) {
        *lock(&self.shared.base) = base.map(str::to_owned);
        self.shared.base_changed.notify_all();
    }

    /// Whether a server says that it is ready.
    pub(super) fn finds_ready(&self, base: &str) -> bool {
        self.shared.caller.finds_ready(base)
    }

    /// Waits until so many more imports were acknowledged.
    ///
    /// # Errors
    /// They are not, for long.
    pub(super) fn wait_for(&self, more: u64) -> Result<()> {
        let waiting = Stopwatch::start();
        let wanted = self.shared.acknowledged.load(Ordering::Relaxed) + more;
        while self.shared.acknowledged.load(Ordering::Relaxed) < wanted {
            if waiting.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{more} imports were not acknowledged within {PATIENCE:?}")));
            }
            pause(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Ends the clients, sends each import a last time, and closes the history.
    pub(super) fn finish(self) -> Result<Log> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.shared.base_changed.notify_all();
        for client in self.clients {
            client.join().map_err(|_| Failure::new("a client has panicked"))??;
        }
        let shared = Arc::into_inner(self.shared).ok_or_else(|| Failure::new("a client is still there"))?;
        let base = lock(&shared.base).clone().ok_or_else(|| Failure::new("there is no server in the end"))?;
        let sent = shared.tickets.load(Ordering::Relaxed).div_ceil(SENDERS);
        // As many at a time as before: keys that somebody died with are waited for.
        let next = AtomicU64::new(0);
        std::thread::scope(|scope| {
            let send = || -> Result<()> {
                loop {
                    let import = Import(next.fetch_add(1, Ordering::Relaxed));
                    if import.0 >= sent {
                        return Ok(());
                    }
                    shared.send_last(&base, import)?;
                }
            };
            let clients: Vec<_> = (0..IMPORTERS).map(|_| scope.spawn(send)).collect();
            clients.into_iter().try_for_each(|client| client.join().map_err(|_| Failure::new("a client panicked"))?)
        })?;
        shared.log.flush()?;
        Ok(shared.log)
    }
}

/// What a client does again and again.
type Turn = fn(&Shared, &str) -> Result<Duration>;

/// Clients that send each new import, at about the same time.
const SENDERS: u64 = 2;

impl Shared {
    fn until_over(&self, turn: Turn) -> Result<()> {
        while let Some(base) = self.wait_for_server() {
            pause(turn(self, &base)?);
        }
        Ok(())
    }

    /// Where the server is, as soon as there is one; nothing where everything is over.
    fn wait_for_server(&self) -> Option<String> {
        let mut base = lock(&self.base);
        loop {
            if self.is_over.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(base) = &*base {
                return Some(base.clone());
            }
            base = self.base_changed.wait(base).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends an import: a new one, one that was not answered, or one that was.
    fn send_one(&self, base: &str) -> Result<Duration> {
        let import = self.choose();
        let token = lock(&self.token).clone();
        let sent = self
            .log
            .call(Call::Import, Some(import), || self.caller.import(base, &token, &import.id(), &import.body()));
        match sent? {
            Ok(Answer { status: 200, .. }) => {
                lock(&self.known).push(import);
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                Ok(Duration::ZERO)
            }
            Ok(Answer { .. }) | Err(NoAnswer(_)) => {
                lock(&self.unanswered).push(import);
                Ok(BACK_OFF)
            }
        }
    }

    fn choose(&self) -> Import {
        let turn = self.tickets.fetch_add(1, Ordering::Relaxed);
        let old = match turn % 8 {
            0..2 => lock(&self.unanswered).pop(),
            2 => any(&lock(&self.known), turn),
            _ => None,
        };
        // A ticket that went to an old import leaves its new one to the other sender, or to the last call.
        old.unwrap_or(Import(turn / SENDERS))
    }

    fn ask_one(&self, base: &str) -> Result<Duration> {
        let turn = self.tickets.load(Ordering::Relaxed).wrapping_mul(31);
        if let Some(import) = any(&lock(&self.known), turn) {
            let token = lock(&self.token).clone();
            let _ = self.log.call(Call::Status, Some(import), || self.caller.job(base, &token, &import.id()))?;
        }
        Ok(BETWEEN_STATUSES)
    }

    /// Everybody goes on with the new token.
    fn sign_in(&self, base: &str) -> Result<Duration> {
        let answer = self.log.call(Call::Token, None, || self.caller.ask_for_token(base, &self.credentials))?;
        if let Some(token) = answer.ok().and_then(|answer| answer.text("access_token")) {
            *lock(&self.token) = token;
        }
        Ok(BETWEEN_TOKENS)
    }

    /// Sends an import until it is answered for good.
    fn send_last(&self, base: &str, import: Import) -> Result<()> {
        let token = lock(&self.token).clone();
        let (id, body) = (import.id(), import.body());
        for _ in 0..LAST_ATTEMPTS {
            let sent =
                self.log.call(Call::LastImport, Some(import), || self.caller.import(base, &token, &id, &body))?;
            if !matches!(sent, Ok(Answer { status: 503, .. })) {
                break;
            }
            pause(BACK_OFF);
        }
        let _ = self.log.call(Call::Status, Some(import), || self.caller.job(base, &token, &id))?;
        Ok(())
    }
}

/// One of them, spread over all.
fn any(imports: &[Import], turn: u64) -> Option<Import> {
    let count = u64::try_from(imports.len()).ok().filter(|count| *count > 0)?;
    let at = turn.wrapping_mul(2_654_435_761) % count;
    imports.get(usize::try_from(at).ok()?).copied()
}

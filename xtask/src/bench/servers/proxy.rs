//! A proxy as simple as one can be: it asks its servers for readiness and hands each connection to one that is ready.
//!
//! It does not look into what it carries, so it can try nothing twice: what fails, fails for the client.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::bench::trial::caller::{Answer, Caller, Connections};
use crate::failure::{Context, Failure, Result};
use crate::process::pause;

/// How often servers are asked whether they are ready.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

/// A proxy that runs until it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) base: String,
    shared: Arc<Shared>,
    watcher: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    servers: Mutex<Vec<Upstream>>,
    next: AtomicUsize,
    is_over: AtomicBool,
}

#[derive(Clone, Debug)]
struct Upstream {
    base: String,
    is_ready: bool,
    /// Whether it has said, while it still answered, that it is not.
    has_warned: bool,
}

impl Shared {
    fn servers(&self) -> MutexGuard<'_, Vec<Upstream>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that are ready, each time beginning with another one.
    fn ready(&self) -> Vec<String> {
        let mut ready: Vec<_> =
            self.servers().iter().filter(|server| server.is_ready).map(|server| server.base.clone()).collect();
        let first = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(ready.len()).unwrap_or_default();
        ready.rotate_left(first);
        ready
    }

    fn ask_all(&self, caller: &Caller) {
        let bases: Vec<String> = self.servers().iter().map(|server| server.base.clone()).collect();
        for base in bases {
            let answer = caller.get(&base, "/readyz", None).ok();
            let mut servers = self.servers();
            // It may have been replaced meanwhile.
            if let Some(server) = servers.iter_mut().find(|server| server.base == base) {
                server.is_ready = matches!(answer, Some(Answer { status: 200, .. }));
                server.has_warned |= matches!(answer, Some(Answer { status: 503, .. }));
            }
        }
    }
}

impl Proxy {
    pub(super) fn before(bases: &[String]) -> Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context(|| "no port for the proxy")?;
        let address = listener.local_addr().context(|| "the proxy's port")?;
        let server = |base: &String| Upstream { base: base.clone(), is_ready: false, has_warned: false };
        let shared = Arc::new(Shared {
            servers: Mutex::new(bases.iter().map(server).collect()),
            next: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let caller = Caller::new(Connections::OneForEach);
        shared.ask_all(&caller);
        let (watched, accepting) = (Arc::clone(&shared), Arc::clone(&shared));
        let watcher = std::thread::spawn(move || {
            while !watched.is_over.load(Ordering::Relaxed) {
                pause(BETWEEN_QUESTIONS);
                watched.ask_all(&caller);
            }
        });
        // Ends with the connection that `drop` makes.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(std::io::Result::ok) {
                if accepting.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || carry(&client, &shared.ready()));
            }
        });
        Ok(Proxy { base: format!("http://{address}"), shared, watcher: Some(watcher) })
    }

    /// Puts a server in the place of another one; gives whether that one had warned before it went.
    pub(super) fn replace(&self, old: &str, new: &str) -> Result<bool> {
        let mut servers = self.shared.servers();
        let server = servers.iter_mut().find(|server| server.base == old);
        let server = server.ok_or_else(|| Failure::new(format!("{old} is not behind the proxy")))?;
        let had_warned = server.has_warned;
        *server = Upstream { base: new.to_owned(), is_ready: false, has_warned: false };
        Ok(had_warned)
    }

    /// Whether this server gets connections.
    pub(super) fn uses(&self, base: &str) -> bool {
        self.shared.servers().iter().any(|server| server.base == base && server.is_ready)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(address) = address(&self.base) {
            // Wakes the thread that accepts; where it has ended there is nobody to wake.
            let _ = TcpStream::connect(address);
        }
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

fn address(base: &str) -> Option<SocketAddr> {
    base.strip_prefix("http://")?.parse().ok()
}

/// Carries bytes both ways until either side has ended. Without any server the connection is closed.
fn carry(client: &TcpStream, bases: &[String]) {
    let connect = |base: &String| TcpStream::connect(address(base)?).ok();
    let Some(server) = bases.iter().find_map(connect) else { return };
    // Small answers are not to wait for more.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    std::thread::scope(|scope| {
        scope.spawn(|| copy(client, &server));
        copy(&server, client);
    });
}

/// What one side has said, to its end; the other side hears that it ended.
fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

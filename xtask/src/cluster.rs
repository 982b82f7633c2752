//! A private PostgreSQL cluster: made for one command, gone after it.
//!
//! Never uses a server that is already running, never leaves one behind: the server is watched by a small shell script
//! that stops it and removes its data when this process ends, in whatever way.

mod account;
mod server;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use self::account::{Account, our_uid};
use crate::failure::{Context, Failure, Result};
use crate::process::{probe, run};

/// Environment variable that tells tests and examples which server to make their databases on.
pub(crate) const URL_VARIABLE: &str = "ROUTEMATE_TEST_POSTGRES_URL";

const START_LIMIT: Duration = Duration::from_secs(60);
const START_ATTEMPTS: u32 = 5;

/// A running server with a superuser `postgres`, on loopback only; stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    // Declared before the folder: the server is gone before its lock is.
    server: Server,
    folder: Folder,
    port: u16,
    programs: PathBuf,
    account: Account,
}

/// How a server is made to stop without any warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// SIGKILL to the postmaster; its children notice by themselves.
    Killed,
    /// SIGQUIT: PostgreSQL's immediate shutdown, which writes nothing either.
    Immediate,
}

impl Cluster {
    /// Finds or installs PostgreSQL, makes a cluster and waits until it answers.
    pub(crate) fn start() -> Result<Cluster> {
        let programs = server::find_or_install()?;
        let account = Account::choose()?;
        let folder = Folder::make(&account)?;
        make_data(&programs, &account, &folder.path)?;
        for _ in 0..START_ATTEMPTS {
            let port = free_port()?;
            match Cluster::start_server(&programs, &account, &folder.path, port) {
                // Somebody else took the port between our look and the server's start.
                Err(log) if log.iter().any(|line| line.contains("Address already in use")) => {}
                Err(log) => return Err(Failure::new(format!("PostgreSQL does not start:\n{}", log.join("\n")))),
                Ok(server) => {
                    let version = probe(Command::new(programs.join("postgres")).arg("--version"));
                    let version = version.as_deref().and_then(|text| text.split(' ').nth(2)).unwrap_or("(unknown)");
                    eprintln!("postgres: {version} on 127.0.0.1:{port} as {account}, in {}", folder.path.display());
                    return Ok(Cluster { server, folder, port, programs, account });
                }
            }
        }
        Err(Failure::new(format!("PostgreSQL found no free port in {START_ATTEMPTS} attempts")))
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Makes an empty database of this name and gives its URL.
    pub(crate) fn database(&self, name: &str) -> Result<String> {
        let name = name.to_lowercase();
        let mut createdb = Command::new(self.programs.join("createdb"));
        createdb.args(["-h", "127.0.0.1", "-U", "postgres", "-p"]).arg(self.port.to_string()).arg(&name);
        run(&mut createdb)?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// Lets all databases count what they hold, so that queries are planned for that.
    pub(crate) fn gather_statistics(&self) -> Result<()> {
        let mut vacuumdb = Command::new(self.programs.join("vacuumdb"));
        vacuumdb.args(["--all", "--analyze-only", "--quiet", "-h", "127.0.0.1", "-U", "postgres", "-p"]);
        run(vacuumdb.arg(self.port.to_string()))
    }

    /// Tells the command, in its environment, where this cluster is.
    pub(crate) fn lend_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env(URL_VARIABLE, self.url())
    }

    /// On failure the last lines of the server's log.
    fn start_server(
        programs: &Path,
        account: &Account,
        folder: &Path,
        port: u16,
    ) -> std::result::Result<Server, Vec<String>> {
        let problem = |failure: Failure| vec![failure.message];
        let mut command = account.command(Path::new("sh"), folder);
        command.args(["-c", include_str!("cluster/supervise.sh"), "supervise"]).arg(folder);
        command.arg(programs.join("postgres")).arg("-D").arg(folder.join("data"));
        command.args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "max_connections=200",
            "timezone=UTC",
            "logging_collector=off",
            "log_min_messages=log",
        ] {
            command.args(["-c", setting]);
        }
        Server::watch(&mut command).map_err(problem)?.wait_until_ready()
    }

    /// Ends the server as a crash does, and waits until the last of its processes is gone.
    pub(crate) fn crash(&mut self, how: Crash) -> Result<()> {
        let pid_file = self.folder.path.join("data/postmaster.pid");
        let pid = fs::read_to_string(&pid_file).context(|| format!("cannot read {}", pid_file.display()))?;
        let signal = match how {
            Crash::Killed => "-KILL",
            Crash::Immediate => "-QUIT",
        };
        run(Command::new("kill").args([signal, pid.lines().next().unwrap_or_default()]))?;
        self.server.wait_until_ended()
    }

    /// Starts the server again on the same data and port, and waits until it answers.
    pub(crate) fn restart(&mut self) -> Result<()> {
        let started = Cluster::start_server(&self.programs, &self.account, &self.folder.path, self.port);
        self.server =
            started.map_err(|log| Failure::new(format!("PostgreSQL does not start again:\n{}", log.join("\n"))))?;
        Ok(())
    }
}

fn free_port() -> Result<u16> {
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(address.context(|| "no free port on 127.0.0.1")?.port())
}

fn make_data(programs: &Path, account: &Account, folder: &Path) -> Result<()> {
    let mut said = String::new();
    // Not every libc has C.UTF-8. Plain C sorts the same.
    for locale in ["C.UTF-8", "C"] {
        let mut initdb = account.command(&programs.join("initdb"), folder);
        initdb.arg("-D").arg(folder.join("data")).args(["-U", "postgres", "-A", "trust", "--encoding=UTF8"]);
        // Losing a cluster that is just being made costs nothing; the server itself runs with fsync.
        initdb.args(["--locale", locale, "--no-sync"]);
        let output = initdb.stdin(Stdio::null()).output().context(|| "cannot run `initdb`")?;
        if output.status.success() {
            return Ok(());
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !said.contains("locale") {
            break;
        }
    }
    Err(Failure::new(format!("`initdb` failed as {account} in {}:\n{said}", folder.display())))
}

/// The supervising shell, and through it the server.
#[derive(Debug)]
struct Server {
    shell: Child,
    events: Receiver<Event>,
}

/// What the server's log says.
#[derive(Debug)]
enum Event {
    Ready,
    Ended { log: Vec<String> },
}

impl Server {
    fn watch(command: &mut Command) -> Result<Server> {
        // A group of its own: Ctrl-C reaches the tests first, and the server after them through the closed pipe.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut shell = command.spawn().context(|| "cannot start PostgreSQL")?;
        let (sender, events) = channel();
        if let Some(log) = shell.stderr.take() {
            std::thread::spawn(move || read_log(log, &sender));
        }
        Ok(Server { shell, events })
    }

    fn wait_until_ready(self) -> std::result::Result<Server, Vec<String>> {
        match self.events.recv_timeout(START_LIMIT) {
            Ok(Event::Ready) => Ok(self),
            Ok(Event::Ended { log }) => Err(log),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Err(vec![format!("no answer within {} s", START_LIMIT.as_secs())])
            }
        }
    }
}

impl Server {
    /// Waits until nobody writes to the log any more: the server's processes are gone then, down to the last.
    fn wait_until_ended(&mut self) -> Result<()> {
        loop {
            match self.events.recv_timeout(START_LIMIT) {
                Ok(Event::Ready) => {}
                Ok(Event::Ended { .. }) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => return Err(Failure::new("PostgreSQL does not end")),
            }
        }
        self.shell.wait().context(|| "cannot wait for PostgreSQL")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing the pipe is what stops the server.
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            eprintln!("postgres: cannot wait for the server to end: {error}");
        }
    }
}

/// Reads the log to its end, lest the server block on a full pipe, and tells what matters.
fn read_log(log: ChildStderr, events: &Sender<Event>) {
    const KEPT: usize = 50;
    let mut last = VecDeque::with_capacity(KEPT);
    for line in BufReader::new(log).lines().map_while(std::io::Result::ok) {
        if line.contains("database system is ready to accept connections") {
            // Nobody listens any more when the command is already over; that is no reason to stop reading.
            let _ = events.send(Event::Ready);
        }
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(line);
    }
    let _ = events.send(Event::Ended { log: last.into() });
}

/// Where the data lies, locked for as long as it is used.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    lock_path: PathBuf,
    // Held, not read: a lock that nobody holds marks a folder whose owner has died.
    _lock: File,
}

impl Folder {
    /// Makes a folder in `target/pg`, or in the temporary folder if `account` cannot get at the former.
    fn make(account: &Account) -> Result<Folder> {
        let mut refused = String::new();
        let for_this_user = format!("routemate-pg-{}", our_uid()?);
        let candidates = [
            crate::metadata::workspace()?.target_directory.join("pg"),
            std::env::temp_dir().join(&for_this_user),
            Path::new("/tmp").join(&for_this_user),
        ];
        for parent in candidates {
            match Folder::make_in(&parent, account) {
                Ok(folder) => return Ok(folder),
                Err(failure) => refused.push_str(&format!("\n{failure}")),
            }
        }
        Err(Failure::new(format!("there is no place for a PostgreSQL cluster:{refused}")))
    }

    fn make_in(parent: &Path, account: &Account) -> Result<Folder> {
        fs::create_dir_all(parent).context(|| format!("cannot make {}", parent.display()))?;
        let metadata = fs::symlink_metadata(parent).context(|| parent.display().to_string())?;
        if !metadata.is_dir() || metadata.uid() != our_uid()? {
            return Err(Failure::new(format!("{} is not our folder", parent.display())));
        }
        let guard = open_lock(&parent.join("guard.lock"))?;
        guard.lock().context(|| format!("cannot lock {}", parent.display()))?;
        remove_stale(parent)?;

        let name = format!("cluster-{}", std::process::id());
        let (path, lock_path) = (parent.join(&name), parent.join(format!("{name}.lock")));
        let lock = open_lock(&lock_path)?;
        lock.try_lock().context(|| format!("cannot lock {}", lock_path.display()))?;
        let made = account.make_folder(&path);
        let folder = Folder { path, lock_path, _lock: lock };
        made.map(|()| folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The supervisor has emptied the folder, and removed it if it may.
        for removed in [fs::remove_dir_all(&self.path), fs::remove_file(&self.lock_path)] {
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    eprintln!("postgres: cannot remove {}: {error}", self.path.display());
                }
                _ => {}
            }
        }
    }
}

fn open_lock(path: &Path) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path);
    file.context(|| format!("cannot open {}", path.display()))
}

/// Stops and removes the clusters whose owner was killed together with their supervisor.
///
/// The caller holds the guard lock, so that no folder is looked at while it is being made.
fn remove_stale(parent: &Path) -> Result<()> {
    for entry in fs::read_dir(parent).context(|| parent.display().to_string())? {
        let lock_path = entry.context(|| parent.display().to_string())?.path();
        let is_cluster = lock_path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cluster-"));
        if !is_cluster || lock_path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        if open_lock(&lock_path)?.try_lock().is_err() {
            continue;
        }
        let folder = lock_path.with_extension("");
        // The supervisor removes the data, and cannot always remove the folder.
        if folder.join("data").exists() {
            eprintln!("postgres: removing what is left in {}", folder.display());
        }
        stop_orphan(&folder);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::new(format!("cannot remove {}: {error}", folder.display())));
            }
            _ => fs::remove_file(&lock_path).context(|| format!("cannot remove {}", lock_path.display()))?,
        }
    }
    Ok(())
}

/// Kills the server of the cluster in `folder` if it still runs.
fn stop_orphan(folder: &Path) {
    let Ok(pid_file) = fs::read_to_string(folder.join("data/postmaster.pid")) else {
        return;
    };
    let pid = pid_file.lines().next().unwrap_or_default();
    // The number may belong to somebody else by now.
    let command_line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok();
    let command_line = command_line.or_else(|| probe(Command::new("ps").args(["-o", "command=", "-p", pid])));
    if command_line.is_some_and(|line| line.contains(&*folder.to_string_lossy())) {
        let wait = "kill -QUIT $1; while kill -0 $1 2>/dev/null; do sleep 0.1; done";
        probe(Command::new("sh").args(["-c", wait, "stop", pid]));
    }
}

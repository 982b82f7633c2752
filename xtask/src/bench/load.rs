//! Load on an HTTP server: requests that leave on a schedule, whether or not earlier ones were answered.
//!
//! Latency counts from the instant at which a request should have left, so that a server that stalls is charged for every
//! request that had to wait meanwhile ("coordinated omission", G. Tene). Each connection is a thread that blocks: cheap
//! enough to share a machine with what it measures.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::failure::{Context, Failure, Result};
use crate::process::Stopwatch;

/// Nobody answers so late.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// A thread of ours needs little.
const STACK: usize = 256 * 1024;

/// Writes a whole request into an empty buffer: another one at each call.
pub(super) type Make<'m> = dyn Fn(&mut Vec<u8>) + Sync + 'm;

/// When requests leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// So many a second, evenly.
    Rate(f64),
    /// On each connection as soon as the answer before is there: for how much can be had, not for how long it takes.
    Saturating,
}

/// Requests to one server.
pub(super) struct Load<'l> {
    /// `127.0.0.1:8080`.
    pub(super) address: &'l str,
    /// Requests under way at most; those that find none free leave late, and are charged for it.
    pub(super) connections: usize,
    pub(super) pace: Pace,
    pub(super) time: Duration,
    pub(super) make: &'l Make<'l>,
}

/// What became of them.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Answers 200 and how long they took, ascending.
    pub(super) accepted: Vec<Duration>,
    /// Answers 503 with `Retry-After`, ascending.
    pub(super) refused: Vec<Duration>,
    /// Everything else, by what it was.
    pub(super) failed: Vec<String>,
    /// How late requests left, ascending.
    pub(super) late: Vec<Duration>,
    /// Answers 200 that came in the second half of the time: neither while queues filled nor while they emptied.
    pub(super) steady: usize,
    /// How long that half is.
    pub(super) half: Duration,
}

impl Outcome {
    /// Answers 200 a second, once it has settled.
    pub(super) fn goodput(&self) -> f64 {
        let seconds = self.half.as_secs_f64();
        if seconds > 0.0 { self.steady as f64 / seconds } else { 0.0 }
    }

    fn add(&mut self, mut other: Outcome) {
        self.accepted.append(&mut other.accepted);
        self.refused.append(&mut other.refused);
        self.failed.append(&mut other.failed);
        self.late.append(&mut other.late);
        self.steady += other.steady;
    }
}

/// The value below which so many hundredths lie; of ascending ones.
pub(super) fn percentile(ascending: &[Duration], hundredths: usize) -> Option<Duration> {
    let at = (ascending.len() * hundredths / 100).min(ascending.len().checked_sub(1)?);
    ascending.get(at).copied()
}

impl Load<'_> {
    /// Sends and waits for all answers.
    pub(super) fn run(&self) -> Result<Outcome> {
        let (turn, ready) = (AtomicU64::new(0), Barrier::new(self.connections + 1));
        let start = std::sync::OnceLock::new();
        let mut whole = Outcome { half: self.time / 2, ..Outcome::default() };
        std::thread::scope(|scope| -> Result<()> {
            let spawn = |_| {
                let thread = std::thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, || self.send(&turn, &ready, &start)).context(|| "cannot start a thread")
            };
            let threads = (0..self.connections).map(spawn).collect::<Result<Vec<_>>>()?;
            ready.wait();
            start.get_or_init(Stopwatch::start);
            for thread in threads {
                whole.add(thread.join().map_err(|_| Failure::new("a sending thread panicked"))??);
            }
            Ok(())
        })?;
        for list in [&mut whole.accepted, &mut whole.refused, &mut whole.late] {
            list.sort_unstable();
        }
        Ok(whole)
    }

    /// What one connection does.
    fn send(&self, turn: &AtomicU64, ready: &Barrier, start: &std::sync::OnceLock<Stopwatch>) -> Result<Outcome> {
        let connection = Connection::open(self.address);
        // Also who has none lets the others begin.
        ready.wait();
        let mut connection = connection?;
        let clock = *start.get_or_init(Stopwatch::start);
        let (mut outcome, mut request) = (Outcome::default(), Vec::new());
        loop {
            let due = match self.pace {
                Pace::Rate(rate) => Duration::from_secs_f64(turn.fetch_add(1, Ordering::Relaxed) as f64 / rate),
                Pace::Saturating => clock.elapsed(),
            };
            if due >= self.time {
                return Ok(outcome);
            }
            request.clear();
            (self.make)(&mut request);
            wait_until(due, clock);
            outcome.late.push(clock.elapsed().saturating_sub(due));
            let answer = connection.exchange(&request);
            let at = clock.elapsed();
            match &answer {
                Ok(Answer { status: 200, .. }) => {
                    outcome.accepted.push(at.saturating_sub(due));
                    outcome.steady += usize::from((self.time / 2..self.time).contains(&at));
                }
                Ok(Answer { status: 503, has_retry_after: true, .. }) => outcome.refused.push(at.saturating_sub(due)),
                Ok(answer) => outcome.failed.push(format!("status {}", answer.status)),
                Err(error) => outcome.failed.push(error.to_string()),
            }
            if answer.map_or(true, |answer| answer.closes) {
                connection = Connection::open(self.address)?;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a schedule is kept by waiting")]
fn wait_until(due: Duration, clock: Stopwatch) {
    let left = due.saturating_sub(clock.elapsed());
    if !left.is_zero() {
        std::thread::sleep(left);
    }
}

/// One HTTP/1.1 connection that is kept.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// As much of an answer as load needs; its body is [`Connection::body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) has_retry_after: bool,
    /// The server will not hear more on this connection.
    pub(super) closes: bool,
    body_at: usize,
}

impl Connection {
    pub(super) fn open(address: &str) -> Result<Connection> {
        let stream = TcpStream::connect(address).context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true).context(|| "nodelay")?;
        stream.set_read_timeout(Some(GIVEN_UP)).context(|| "read timeout")?;
        Ok(Connection { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its whole answer.
    pub(super) fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request)?;
        self.received.clear();
        let mut chunk = [0; 16 * 1024];
        let (head, mut missing) = loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if let Some((answer, length)) = head(&self.received) {
                break (answer, (answer.body_at + length).saturating_sub(self.received.len()));
            }
        };
        while missing > 0 {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(chunk.get(..read).unwrap_or_default());
            missing = missing.saturating_sub(read);
        }
        Ok(head)
    }

    /// The body of the last answer.
    pub(super) fn body(&self, answer: Answer) -> &[u8] {
        self.received.get(answer.body_at..).unwrap_or_default()
    }
}

/// What the head says and how long the body is, once all of the head is there.
fn head(received: &[u8]) -> Option<(Answer, usize)> {
    const END: &[u8] = b"\r\n\r\n";
    let end = received.windows(END.len()).position(|window| window == END)?;
    let text = std::str::from_utf8(received.get(..end)?).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Answer { status, has_retry_after: false, closes: false, body_at: end + END.len() };
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or_default();
        } else if name.eq_ignore_ascii_case("retry-after") {
            answer.has_retry_after = true;
        } else if name.eq_ignore_ascii_case("connection") {
            answer.closes = value.trim().eq_ignore_ascii_case("close");
        }
    }
    Some((answer, length))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn heads_are_read_once_they_are_whole() {
        assert_eq!(head(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n"), None);
        let expected = Answer { status: 503, has_retry_after: true, closes: true, body_at: 83 };
        let text =
            b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 1\r\nconnection: close\r\nx: yyyy\r\n\r\n{}";
        assert_eq!(head(text), Some((Answer { body_at: 84, ..expected }, 4)));
    }

    #[test]
    fn percentiles_of_few_and_none() {
        let times: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Some(Duration::from_millis(51)));
        assert_eq!(percentile(&times, 99), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&times, 100), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&[], 99), None);
    }

    /// Answers so many connections, each request with the status in its path.
    fn server(connections: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(connections) {
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    let mut request = [0; 1024];
                    while let Ok(read @ 1..) = stream.read(&mut request) {
                        let status = String::from_utf8_lossy(&request[..read])[5..8].to_owned();
                        let answer = format!("HTTP/1.1 {status} X\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nok");
                        stream.write_all(answer.as_bytes()).unwrap();
                    }
                });
            }
        });
        address
    }

    #[test]
    fn answers_are_told_apart_and_the_schedule_is_kept() {
        let (address, turn) = (server(4), AtomicU64::new(0));
        let make = |request: &mut Vec<u8>| {
            let status = [200, 503, 429][turn.fetch_add(1, Ordering::Relaxed) as usize % 3];
            write!(request, "GET /{status} HTTP/1.1\r\n\r\n").unwrap();
        };
        let load = Load {
            address: &address,
            connections: 4,
            pace: Pace::Rate(1000.0),
            time: Duration::from_millis(30),
            make: &make,
        };
        let outcome = load.run().unwrap();
        assert_eq!((outcome.accepted.len(), outcome.refused.len(), outcome.failed.len()), (10, 10, 10));
        assert_eq!(outcome.failed[0], "status 429");
        assert!(outcome.late.len() == 30 && outcome.steady <= 10, "{outcome:?}");
        assert_eq!(outcome.goodput(), outcome.steady as f64 / 0.015);
    }

    #[test]
    fn bodies_are_read_to_their_ends() {
        let mut connection = Connection::open(&server(1)).unwrap();
        let answer = connection.exchange(b"GET /404 HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!((answer.status, connection.body(answer)), (404, &b"ok"[..]));
    }
}

//! A server of files that can be told to misbehave.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use md5::{Digest, Md5};

/// Serves until the test ends.
pub(crate) struct FileServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, File>,
    requests: Vec<Request>,
    ranges: bool,
    /// Bodies end after so many bytes, one after the other.
    breaks: Vec<usize>,
}

#[derive(Clone)]
struct File {
    bytes: Vec<u8>,
    tag: String,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// Where the part begins that was asked for.
    pub(crate) from: Option<usize>,
}

impl FileServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State { ranges: true, ..State::default() }));
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that is killed hangs up.
                let _ = answer(stream, &serving);
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Serves a file; the tag tells its versions apart.
    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>, tag: &str) {
        let file = File { bytes: bytes.into(), tag: tag.to_owned() };
        self.state.lock().expect("it is free").files.insert(path.to_owned(), file);
    }

    /// Serves an extract with its checksum beside it.
    pub(crate) fn put_extract(&self, path: &str, bytes: &[u8], tag: &str) {
        let digest: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.put(path, bytes, tag);
        self.put(&format!("{path}.md5"), format!("{digest}  {}\n", path.trim_start_matches('/')), "md5");
    }

    /// Breaks the next connections that send more than a few bytes off, after so many bytes each.
    pub(crate) fn break_after(&self, bytes: &[usize]) {
        self.state.lock().expect("it is free").breaks = bytes.iter().rev().copied().collect();
    }

    /// From now on sends whole files only.
    pub(crate) fn without_ranges(&self) {
        self.state.lock().expect("it is free").ranges = false;
    }

    /// The requests for a file so far.
    pub(crate) fn requests(&self, path: &str) -> Vec<Option<usize>> {
        let state = self.state.lock().expect("it is free");
        state.requests.iter().filter(|request| request.path == path).map(|request| request.from).collect()
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let from = headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let mut state = state.lock().expect("it is free");
    state.requests.push(Request { path: path.clone(), from });
    let mut stream = stream;
    let Some(file) = state.files.get(&path).cloned() else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let total = file.bytes.len();
    let is_same = headers.get("if-range") == Some(&file.tag);
    let (status, start) = match from.filter(|_| state.ranges && is_same) {
        Some(from) if from >= total => ("416 Range Not Satisfiable", total),
        Some(from) => ("206 Partial Content", from),
        None => ("200 OK", 0),
    };
    let body = &file.bytes[start..];
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    head += &format!("ETag: {}\r\n", file.tag);
    if status.starts_with("206") {
        head += &format!("Content-Range: bytes {start}-{}/{total}\r\n", total - 1);
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let end = if body.len() > 100 && path.ends_with(".pbf") { state.breaks.pop() } else { None };
    stream.write_all(&body[..end.unwrap_or(body.len()).min(body.len())])
}

//! Downloads that go on where they stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::progress::Progress;

const CONNECT: Duration = Duration::from_secs(10);
/// Without a byte for so long, a connection is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// The longest answer that is kept in memory: an index of all regions has half a megabyte.
const LONGEST_TEXT: usize = 64 << 20;

/// Why a download did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error("`{url}` cannot be fetched")]
    Unreachable { url: Url, source: reqwest::Error },
    #[error("`{url}` answers with {status}")]
    Refused { url: Url, status: StatusCode },
    #[error("`{url}` answers with more than {LONGEST_TEXT} bytes")]
    TooLong { url: Url },
    #[error("the download of `{url}` broke off at byte {at}; the same command goes on from there")]
    BrokeOff { url: Url, at: u64, source: reqwest::Error },
    #[error("`{url}` sends another part of the file than it was asked for")]
    OtherPart { url: Url },
    #[error("another process is downloading to `{}`", path.display())]
    InUse { path: PathBuf },
    #[error("cannot write `{}`", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// A client for one server. The machine's certificates are needed only for TLS: small containers have none.
pub(crate) fn client(url: &Url) -> Result<Client, Failure> {
    let agent = concat!("RouteMate/", env!("CARGO_PKG_VERSION"));
    let builder = Client::builder().user_agent(agent).connect_timeout(CONNECT).read_timeout(SILENCE);
    let client = match url.scheme() {
        "http" => builder.tls_certs_only([]).build(),
        _ => builder.build(),
    };
    client.map_err(|error| format!("TLS cannot be set up for `{url}`: {}", chain(&error)).into())
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", chain(source)))
}

/// All of a short answer.
pub(crate) async fn text(client: &Client, url: &Url) -> Result<Vec<u8>, DownloadError> {
    let unreachable =
        |source: reqwest::Error| DownloadError::Unreachable { url: url.clone(), source: source.without_url() };
    let mut response = client.get(url.clone()).send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        return Err(DownloadError::Refused { url: url.clone(), status: response.status() });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_TEXT {
            return Err(DownloadError::TooLong { url: url.clone() });
        }
    }
    Ok(body)
}

/// A file on its way: what has come so far, and which version of what it is a part of.
#[derive(Debug)]
pub(crate) struct Download {
    url: Url,
    part: PathBuf,
    version: PathBuf,
    file: File,
}

/// What has to be the same for a download to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    url: String,
    /// An entity tag or a date, as `If-Range` takes it.
    validator: String,
}

/// How a request for the rest was answered.
enum Begun {
    /// With the rest, or with all of it after what there was has been dropped.
    Sending(Response),
    /// There is nothing more to send.
    Complete,
}

impl Download {
    /// Takes up what is left of an earlier download to this path, or begins a new one.
    pub(crate) fn open(url: Url, to: &Path) -> Result<Self, DownloadError> {
        let with = |ending: &str| PathBuf::from(format!("{}{ending}", to.display()));
        let (part, version) = (with(".part"), with(".part.json"));
        let unwritable = |source| DownloadError::Unwritable { path: part.clone(), source };
        let file = OpenOptions::new().create(true).append(true).open(&part).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { url, part, version, file }),
            Err(fs::TryLockError::WouldBlock) => Err(DownloadError::InUse { path: part }),
            Err(fs::TryLockError::Error(source)) => Err(unwritable(source)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.part
    }

    /// Downloads what is missing. A connection that breaks is made again for as long as each brings something.
    pub(crate) async fn run(&mut self, client: &Client, progress: &Progress) -> Result<(), DownloadError> {
        loop {
            let at = self.size()?;
            let begun = self.begin(client, at).await?;
            let Begun::Sending(mut response) = begun else { return Ok(()) };
            let begun_at = self.size()?;
            progress.begin_at(begun_at);
            if let Some(rest) = response.content_length() {
                progress.set_total(begun_at + rest);
            }
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) => {
                        self.append(&chunk)?;
                        progress.advance(chunk.len() as u64);
                    }
                    Ok(None) => return Ok(()),
                    Err(_) if self.size()? > begun_at && self.validator().is_some() => break,
                    Err(source) => {
                        let (url, at) = (self.url.clone(), self.size()?);
                        return Err(DownloadError::BrokeOff { url, at, source: source.without_url() });
                    }
                }
            }
        }
    }

    /// Asks for what lies behind `at`. Where the file is another one meanwhile, or the server sends whole files only, it
    /// begins anew.
    async fn begin(&mut self, client: &Client, at: u64) -> Result<Begun, DownloadError> {
        let mut request = client.get(self.url.clone()).header(ACCEPT_ENCODING, "identity");
        let validator = self.validator().filter(|_| at > 0);
        if let Some(validator) = &validator {
            request = request.header(RANGE, format!("bytes={at}-")).header(IF_RANGE, validator);
        }
        let url = || self.url.clone();
        let unreachable =
            |source: reqwest::Error| DownloadError::Unreachable { url: url(), source: source.without_url() };
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => {
                self.restart(response.headers())?;
                Ok(Begun::Sending(response))
            }
            StatusCode::PARTIAL_CONTENT if validator.is_some() => {
                let begins = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
                match begins.and_then(first_byte) {
                    Some(first) if first == at => Ok(Begun::Sending(response)),
                    _ => Err(DownloadError::OtherPart { url: url() }),
                }
            }
            // Everything is there already; whether it is right, the checksum tells.
            StatusCode::RANGE_NOT_SATISFIABLE if validator.is_some() => Ok(Begun::Complete),
            status => Err(DownloadError::Refused { url: url(), status }),
        }
    }

    /// Drops what there was, and remembers what comes now.
    fn restart(&mut self, headers: &HeaderMap) -> Result<(), DownloadError> {
        let validator = validator(headers);
        self.file.set_len(0).map_err(|source| self.unwritable(source))?;
        let written = match validator {
            Some(validator) => {
                let version = Version { url: self.url.to_string(), validator };
                serde_json::to_vec(&version).map_err(io::Error::from).and_then(|json| fs::write(&self.version, json))
            }
            None => remove(&self.version),
        };
        written.map_err(|source| DownloadError::Unwritable { path: self.version.clone(), source })
    }

    /// What the part that is there is a part of, if it is one of the same file and can be asked for.
    fn validator(&self) -> Option<String> {
        let version: Version = serde_json::from_slice(&fs::read(&self.version).ok()?).ok()?;
        (version.url == self.url.as_str()).then_some(version.validator)
    }

    fn size(&self) -> Result<u64, DownloadError> {
        self.file.metadata().map(|metadata| metadata.len()).map_err(|source| self.unwritable(source))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file.write_all(bytes).map_err(|source| self.unwritable(source))
    }

    /// Makes the whole file of what has come.
    pub(crate) fn finish(self, to: &Path) -> Result<(), DownloadError> {
        let renamed = self.file.sync_all().and_then(|()| fs::rename(&self.part, to));
        renamed.and_then(|()| remove(&self.version)).map_err(|source| self.unwritable(source))
    }

    /// Drops what has come: it is of no use.
    pub(crate) fn discard(self) -> Result<(), DownloadError> {
        let removed = remove(&self.version).and_then(|()| remove(&self.part));
        removed.map_err(|source| self.unwritable(source))
    }

    fn unwritable(&self, source: io::Error) -> DownloadError {
        DownloadError::Unwritable { path: self.part.clone(), source }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What tells one version of a file from another, byte for byte: a strong entity tag, or else a date.
///
/// Source: RFC 9110, sections 8.8.3 and 13.1.5.
fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::to_owned);
    text(ETAG).filter(|tag| !tag.starts_with("W/")).or_else(|| text(LAST_MODIFIED))
}

/// Where a part begins: `bytes FIRST-LAST/TOTAL`.
fn first_byte(content_range: &str) -> Option<u64> {
    let (first, _) = content_range.trim().strip_prefix("bytes ")?.split_once('-')?;
    first.trim().parse().ok()
}

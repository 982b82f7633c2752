//! Building a map from a regional extract that is downloaded first.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use md5::{Digest, Md5};
use reqwest::{Client, Url};
use routemate_roads::Profile;

use super::Built;
use super::build::{Order, build};
use super::download::{Download, client, text};
use super::home::{Home, MapName};
use super::regions::{Index, Region};
use super::source::hex;
use crate::Failure;
use crate::progress::Progress;
use crate::serve::told_to_stop;

/// Downloads the extract of a region, checks it, and builds its map. What is interrupted goes on when it is asked for again.
pub(crate) async fn fetch(
    home: &Home,
    index_url: &str,
    wanted: &str,
    name: Option<MapName>,
    profiles: Vec<Profile>,
) -> Result<Built, Failure> {
    let index_url = Url::parse(index_url).map_err(|error| format!("map_index_url `{index_url}`: {error}"))?;
    let bytes = text(&client(&index_url)?, &index_url).await?;
    let index = Index::parse(&bytes).map_err(|error| format!("`{index_url}` is no index of extracts: {error}"))?;
    let region = index.find(wanted, &index_url)?;
    let id = MapName::of(&region.id).ok_or_else(|| format!("`{}` gives no name for a map: say --name", region.id))?;
    let name = name.unwrap_or_else(|| id.clone());
    home.check_free(&name)?;

    let downloads = home.downloads();
    fs::create_dir_all(&downloads).map_err(|error| format!("cannot make `{}`: {error}", downloads.display()))?;
    let extract = downloads.join(format!("{id}.osm.pbf"));
    tokio::select! {
        () = told_to_stop() => return Err("stopped; the same command goes on where it was".into()),
        downloaded = download(&region, &extract) => downloaded?,
    }
    let built = build(home, Order { name, files: vec![extract.clone()], profiles }).await?;
    // All that is asked of the map is in its folder now.
    fs::remove_file(&extract).map_err(|error| format!("cannot remove `{}`: {error}", extract.display()))?;
    Ok(built)
}

async fn download(region: &Region, extract: &Path) -> Result<(), Failure> {
    let client = client(&region.url)?;
    let expected = checksum(&client, &region.url).await?;
    // A build that failed has left the extract that it was to be made from.
    if extract.exists() && md5(extract).await? == expected {
        return Ok(());
    }
    let mut download = Download::open(region.url.clone(), extract)?;
    let progress = Progress::towards(None);
    progress.step(format!("downloading {}", region.url));
    let downloaded = download.run(&client, &progress).await;
    progress.end();
    downloaded?;
    let found = md5(download.path()).await?;
    if found != expected {
        download.discard()?;
        let url = &region.url;
        return Err(format!("`{url}` has the checksum {found} instead of {expected}: what came is dropped").into());
    }
    Ok(download.finish(extract)?)
}

/// The checksum that is published beside an extract: a line with the digest and the name of the file.
async fn checksum(client: &Client, url: &Url) -> Result<String, Failure> {
    let mut beside = url.clone();
    beside.set_path(&format!("{}.md5", url.path()));
    let bytes = text(client, &beside).await?;
    let line = String::from_utf8_lossy(&bytes);
    let digest = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_digest = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(digest) } else { Err(format!("`{beside}` is no MD5 checksum").into()) }
}

async fn md5(path: &Path) -> Result<String, Failure> {
    let path = path.to_owned();
    let digest = tokio::task::spawn_blocking(move || digest(&path)).await?;
    Ok(digest?)
}

fn digest(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Md5::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

//! Maps: a folder each, built from OpenStreetMap extracts and tables of addresses, with everything that is asked of a map.
//!
//! A map is built beside its place and put there in one step: whoever opens it sees the old one or the new one, and a
//! server that has the old one open goes on with it until it looks again.

mod build;
mod download;
mod extract;
mod fetch;
mod home;
mod list;
mod manifest;
mod parts;
mod regions;
mod source;
mod table;

use serde_json::{Value, json};

use crate::Failure;
use crate::cli::MapCommand;
use crate::config::Config;
use crate::output;

pub(crate) use build::{Order, build};
pub(crate) use home::{Home, MapName};
pub(crate) use list::{Checked, check};
use manifest::Manifest;

/// A finished map.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) folder: std::path::PathBuf,
    pub(crate) manifest: Manifest,
    /// Why it has not all that a map may have: said with it, as most who leave something out did not mean to.
    pub(crate) lacks: Vec<String>,
}

pub(crate) async fn run(config: &Config, command: MapCommand) -> Result<(), Failure> {
    let home = Home::of(config)?;
    match command {
        MapCommand::Build { files, name, profiles, json } => {
            let name = match name {
                Some(name) => MapName::parse(&name)?,
                None => MapName::from_files(&files)?,
            };
            let built = build(&home, Order { name, files, profiles }).await?;
            output::answer(&built.answer(), json);
        }
        MapCommand::Fetch { region, name, profiles, map_index_url, json } => {
            let index = map_index_url.as_deref().unwrap_or(&config.map_index_url);
            let name = name.as_deref().map(MapName::parse).transpose()?;
            let built = fetch::fetch(&home, index, &region, name, profiles).await?;
            output::answer(&built.answer(), json);
        }
        MapCommand::List { quick, json } => list::list(config, &home, quick, json)?,
        MapCommand::Remove { name, json } => {
            let name = MapName::parse(&name)?;
            let folder = home.remove(&name)?;
            output::answer(&json!({ "name": name.as_str(), "folder": folder, "status": "removed" }), json);
        }
    }
    Ok(())
}

impl Built {
    /// What a command prints of it.
    fn answer(&self) -> Value {
        for lacking in &self.lacks {
            output::note(&format!("note: {lacking}"));
        }
        let Manifest { name, area, data_date, files, attribution, .. } = &self.manifest;
        json!({
            "name": name,
            "folder": self.folder,
            "area": area,
            "data_date": data_date,
            "size_bytes": self.manifest.size_bytes(),
            "files": files,
            "attribution": attribution,
            "lacks": self.lacks,
        })
    }
}

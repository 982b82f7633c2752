//! Arguments of what reads and writes files of stops.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum StopsCommand {
    /// Import stops from a CSV file: all of them, or none and everything that is wrong
    Import(ImportStops),
    /// Write all imported stops as a CSV file, which can be imported again
    Export(ExportStops),
}

#[derive(Debug, Args)]
pub(crate) struct ImportStops {
    /// The file; `-` is stdin
    pub(crate) file: PathBuf,
    /// The organisation's id [default: the only organisation there is]
    #[arg(long, value_name = "ID")]
    pub(crate) org: Option<String>,
    /// What stands between cells: comma, semicolon, tab or bar [default: guessed]
    #[arg(long)]
    pub(crate) delimiter: Option<String>,
    /// How characters are written, such as utf-8 or windows-1252 [default: guessed]
    #[arg(long)]
    pub(crate) encoding: Option<String>,
    /// What a column holds, such as `Where to=address1`, `#3=zip`, `Colour=attribute:colour` or `Internal=-`
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub(crate) map: Vec<String>,
    /// The first row is a stop: say with --map what the columns hold, by number
    #[arg(long)]
    pub(crate) no_header: bool,
    /// Keep columns that nobody knows as attributes
    #[arg(long)]
    pub(crate) keep_unknown: bool,
    /// Which way round `3/9/2026` is: `day_first` or `month_first` [default: told from the rows]
    #[arg(long, value_name = "ORDER")]
    pub(crate) date_order: Option<String>,
    /// Show how the file reads, and keep nothing
    #[arg(long)]
    pub(crate) preview: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportStops {
    /// The organisation's id [default: the only organisation there is]
    #[arg(long, value_name = "ID")]
    pub(crate) org: Option<String>,
    /// Where to write it [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What stands between cells: comma, semicolon, tab or bar
    #[arg(long, default_value = "comma")]
    pub(crate) delimiter: String,
    /// Begin with a byte order mark, which tells Excel that the file is UTF-8
    #[arg(long)]
    pub(crate) byte_order_mark: bool,
    /// Print one JSON object about the file
    #[arg(long, requires = "output")]
    pub(crate) json: bool,
}

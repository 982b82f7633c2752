use clap::{Args, Subcommand};
use jiff::civil::Date;
use routemate_domain::RouteStatus;

use super::ListOf;

#[derive(Debug, Subcommand)]
pub(crate) enum RouteCommand {
    /// Look for an organisation's routes, the latest made first
    List {
        #[command(flatten)]
        list: ListOf,
        #[command(flatten)]
        search: SearchArgs,
    },
    /// Show all of a route
    Show {
        /// The route's id
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Which routes are looked for; all of it has to hold together.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Routes that stand so; may be given several times
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(RouteStatus::NAMES))]
    pub(crate) status: Vec<String>,
    /// Routes of a driver: an e-mail address, a driver's id, or `none` for routes of nobody
    #[arg(long, value_name = "DRIVER")]
    pub(crate) driver: Option<String>,
    /// Routes of a day: their job's, or that on which they are scheduled
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<Date>,
    /// Words in the name, or in title, external id or driver's address of the job
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// Show archived routes too
    #[arg(long)]
    pub(crate) archived: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SavedStopCommand {
    /// Show an organisation's saved stops, the latest made first
    List {
        #[command(flatten)]
        list: ListOf,
        /// Only those with these words in name, address or contact
        #[arg(long)]
        text: Option<String>,
    },
    /// Show all of a saved stop
    Show(SavedStopArgs),
    /// Keep a stop; an address without a pin is looked up by the server
    Create {
        /// The organisation's id
        #[arg(long, value_name = "ID")]
        org: String,
        #[command(flatten)]
        fields: SavedStopFields,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Replace a saved stop as a whole; what is not given is taken away
    Replace {
        #[command(flatten)]
        stop: SavedStopArgs,
        #[command(flatten)]
        fields: SavedStopFields,
    },
    /// Delete a saved stop; stops on routes that were made from it stay
    Delete(SavedStopArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SavedStopArgs {
    /// The organisation's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,
    /// The saved stop's id
    pub(crate) id: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is kept: as a file says, or as the flags do.
#[derive(Debug, Args)]
pub(crate) struct SavedStopFields {
    /// A file with the JSON object that `POST /api/v1/saved-stops` takes, `-` for stdin; in the place of all flags below
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "address", "latitude", "note", "company", "service_minutes"])]
    pub(crate) file: Option<std::path::PathBuf>,
    /// What people call it
    #[arg(long, required_unless_present = "file")]
    pub(crate) name: Option<String>,
    /// Its address in one line
    #[arg(long, required_unless_present_any = ["file", "latitude"])]
    pub(crate) address: Option<String>,
    /// The pin's latitude
    #[arg(long, requires = "longitude", allow_hyphen_values = true)]
    pub(crate) latitude: Option<f64>,
    /// The pin's longitude
    #[arg(long, requires = "latitude", allow_hyphen_values = true)]
    pub(crate) longitude: Option<f64>,
    /// Who receives there
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// Words for the driver
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// How long the driver is to stay
    #[arg(long, value_name = "MINUTES")]
    pub(crate) service_minutes: Option<u32>,
}

//! Arguments of what dispatchers do with jobs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{EndsName, Page};

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Show an organisation's jobs, the latest first; what is asked for together has to hold together
    List(ListJobs),
    /// Show all of a job
    Show {
        /// The job's id
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Import a job from a file with the body of `POST /v1/integration-import`
    Import(ImportArgs),
    /// Compute the order of a job's stops again; what is done stays, locked stops keep their places
    #[command(visible_alias = "optimize", alias = "reoptimize")]
    Optimise(JobArgs),
    /// Say where a stop of a job is, and compute the order again: the way out of an address that was not found
    #[command(alias = "place")]
    Fix {
        #[command(flatten)]
        stop: StopArgs,
        /// Its address, where that was wrong; looked up unless there is a pin
        #[arg(long, required_unless_present = "latitude")]
        address: Option<String>,
        #[command(flatten)]
        pin: Pin,
        /// Leave the others in their order
        #[arg(long)]
        keep_order: bool,
    },
    /// Add, move, lock and remove stops of a job
    #[command(subcommand)]
    Stop(StopCommand),
    /// Give a job to another driver
    #[command(alias = "assign")]
    Driver {
        #[command(flatten)]
        job: JobArgs,
        /// The driver's e-mail address; somebody unknown is invited
        email: String,
    },
    /// Say what holds the ends of a job's route, and compute the order again
    Ends {
        #[command(flatten)]
        job: JobArgs,
        /// The kind of ends
        #[arg(value_enum)]
        ends: EndsName,
    },
    /// Call a job off: what was not done is skipped
    Cancel(JobArgs),
    /// Delete a job with all that is known of it; its external id is free again
    Delete(JobArgs),
    /// Print a link that opens a job's page without signing in
    Link {
        /// The job's id
        id: String,
        /// How long the link works
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        hours: u32,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StopCommand {
    /// Add a stop, where it is best or at a position
    Add(Box<AddStop>),
    /// Put a stop somewhere else in the order, which is then kept as it stands until it is computed again
    Move {
        #[command(flatten)]
        stop: StopArgs,
        /// The place in the order, from 0; a number beyond the end is the end
        #[arg(long, value_name = "N")]
        position: u32,
    },
    /// Make a stop keep its place when the order is computed again
    Lock(StopArgs),
    /// Let a stop go that keeps its place
    Unlock(StopArgs),
    /// Take a stop off a job, and compute the order of the others again
    Remove {
        #[command(flatten)]
        stop: StopArgs,
        /// Leave the others in their order
        #[arg(long)]
        keep_order: bool,
    },
}

/// Which job is changed.
#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    /// The job's id
    #[arg(value_name = "JOB_ID")]
    pub(crate) id: String,
    /// Change this version of its route or nothing
    #[arg(long, value_name = "N")]
    pub(crate) if_version: Option<i64>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which stop of a job is changed.
#[derive(Debug, Args)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    /// The stop's id, or the client's id of it
    #[arg(value_name = "STOP")]
    pub(crate) stop: String,
}

/// A place on the map.
#[derive(Debug, Args)]
pub(crate) struct Pin {
    /// The pin's latitude
    #[arg(long, requires = "longitude", allow_hyphen_values = true)]
    pub(crate) latitude: Option<f64>,
    /// The pin's longitude
    #[arg(long, requires = "latitude", allow_hyphen_values = true)]
    pub(crate) longitude: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct AddStop {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    /// Its address; looked up unless there is a pin
    #[arg(long, required_unless_present = "latitude")]
    pub(crate) address: Option<String>,
    #[command(flatten)]
    pub(crate) pin: Pin,
    /// The client's id of it, unique within the job
    #[arg(long, value_name = "ID")]
    pub(crate) external_stop_id: Option<String>,
    /// Who receives
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Words for the driver
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// How long the driver stays
    #[arg(long, value_name = "MINUTES")]
    pub(crate) duration_minutes: Option<u32>,
    /// How much it matters: a lower number matters more
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) priority: Option<f64>,
    /// Parcels to hand over
    #[arg(long, value_name = "N")]
    pub(crate) parcel_count: Option<u32>,
    /// The place in the order as it stands, from 0 [default: wherever it is best]
    #[arg(long, value_name = "N")]
    pub(crate) position: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file; - is stdin
    pub(crate) file: PathBuf,
    /// The client id of the integration whose job it is
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) client: String,
    /// Look its addresses up, order its stops, find its driver, and keep nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListJobs {
    /// The organisation's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,
    /// Those of the integration with this client id
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) client: Option<String>,
    /// Those of this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<Date>,
    /// Those that stand so
    #[arg(long, value_enum)]
    pub(crate) status: Option<StatusName>,
    /// Those for whoever has this e-mail address
    #[arg(long, value_name = "EMAIL")]
    pub(crate) driver: Option<String>,
    /// Those with these words in title, external id or driver's address; case does not matter
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) page: Page,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum StatusName {
    /// Nobody drives it yet
    Pending,
    /// Somebody will drive it
    Assigned,
    /// Its driver has set out
    InProgress,
    /// Every stop has ended
    Completed,
    /// It was called off
    Cancelled,
}

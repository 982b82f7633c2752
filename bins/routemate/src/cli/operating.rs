//! Arguments of what operators do day by day.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{PlanName, VehicleName};

/// Which part of a list is shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct Page {
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) limit: u16,
    /// Only those after the one of this id in the list
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which part of an organisation's list is shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListOf {
    /// The organisation's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,
    #[command(flatten)]
    pub(crate) page: Page,
}

#[derive(Debug, Args)]
pub(crate) struct SetOrg {
    /// Its id
    pub(crate) id: String,
    /// What people call it
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// team: 60 requests a minute, 200 stops an import; enterprise: unlimited
    #[arg(long, value_enum)]
    pub(crate) plan: Option<PlanName>,
    /// Requests a minute; 0 is unlimited, `plan` goes back to the plan's
    #[arg(long, value_name = "N|plan")]
    pub(crate) rpm: Option<OrPlan>,
    /// Stops an import; 0 is unlimited, `plan` goes back to the plan's
    #[arg(long, value_name = "N|plan")]
    pub(crate) max_stops: Option<OrPlan>,
    /// IANA time zone in which times without a zone are read
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Whether drivers of other organisations are added at once (on) or invited (off)
    #[arg(long, value_enum, value_name = "on|off")]
    pub(crate) auto_add: Option<Switch>,
    /// What its drivers drive; for routes planned from now on
    #[arg(long, value_enum)]
    pub(crate) profile: Option<VehicleName>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A limit of its own, or the plan's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrPlan(pub(crate) Option<u32>);

impl std::str::FromStr for OrPlan {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plan" => Ok(Self(None)),
            number => number.parse().map(|number| Self(Some(number))).map_err(|_| "is neither a number nor `plan`"),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InvitationCommand {
    /// Show who is invited, in the order of the invitations
    List(ListOf),
}

#[derive(Debug, Args)]
pub(crate) struct UsageArgs {
    /// One organisation's id [default: all that have asked for anything]
    #[arg(long, value_name = "ID")]
    pub(crate) org: Option<String>,
    /// So many days, today included; days are those of UTC
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub(crate) days: u16,
    /// Only the errors of the request of this id (`X-Request-Id`)
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
    /// Errors of each organisation at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) errors: u16,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file to write
    pub(crate) file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) file: PathBuf,
    /// Check indexes and references between tables too, and not only that every page can be read
    #[arg(long)]
    pub(crate) verify: bool,
    /// Check only; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Put the present database aside, under another name in its folder
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

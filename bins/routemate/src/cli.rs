mod drivers;
mod jobs;
mod operating;
mod planning;
mod shopify;
mod stop_files;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use routemate_roads::Profile;
use routemate_units::VehicleKind;

pub(crate) use self::drivers::{DriverArgs, DriverCommand, DriverNames};
pub(crate) use self::jobs::{
    AddStop, ImportArgs, JobArgs, JobCommand, ListJobs, Pin, StatusName, StopArgs, StopCommand,
};
pub(crate) use self::operating::{BackupArgs, InvitationCommand, ListOf, Page, RestoreArgs, SetOrg, Switch, UsageArgs};
pub(crate) use self::planning::{RouteCommand, SavedStopArgs, SavedStopCommand, SavedStopFields, SearchArgs};
pub(crate) use self::shopify::{SecretArgs, ShopArgs, ShopCommand, ShopifyCommand};
pub(crate) use self::stop_files::{ExportStops, ImportStops, StopsCommand};
use crate::config::{Flags, ServeFlags};

/// Self-hosted delivery routing: jobs in over REST, optimised routes out.
#[derive(Debug, Parser)]
#[command(name = "routemate", version, about)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) flags: Flags,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Migrate the database, then serve the API and do background work
    Serve {
        #[command(flatten)]
        flags: ServeFlags,
        /// Leave background work to `routemate worker`
        #[arg(long)]
        no_worker: bool,
    },
    /// Do background work only
    Worker,
    /// Show the whole flow on a database of its own: token, import, optimised route, status
    Demo {
        /// End instead of staying up
        #[arg(long)]
        exit: bool,
        /// Address and port to listen on [default: 127.0.0.1:8080, or a free port where that is taken]
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Bring the database up to this release
    Migrate {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print what this release speaks and takes: its OpenAPI document, its error codes, its settings
    Describe {
        /// Which of them
        #[arg(value_enum)]
        what: Description,
    },
    /// Organisations
    #[command(subcommand)]
    Org(OrgCommand),
    /// Integrations: the clients of an organisation's own systems
    #[command(subcommand)]
    Integration(IntegrationCommand),
    /// Drivers
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Invitations to drive
    #[command(subcommand)]
    Invitation(InvitationCommand),
    /// Jobs
    #[command(subcommand)]
    Job(JobCommand),
    /// Imported stops: from and to CSV files
    #[command(subcommand)]
    Stops(StopsCommand),
    /// Shops at Shopify whose orders become stops
    #[command(subcommand)]
    Shopify(ShopifyCommand),
    /// Routes: those of jobs and those made by hand
    #[command(subcommand)]
    Route(RouteCommand),
    /// Stops that are kept to be used again and again
    #[command(subcommand)]
    SavedStop(SavedStopCommand),
    /// Show what organisations have asked for, and which of their requests were not answered as asked
    Usage(UsageArgs),
    /// Check installation, configuration, data folder, database, maps and clock, and say what to do
    Doctor {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Copy an SQLite database into a file while it is in use
    Backup(BackupArgs),
    /// Put a backup in the place of an SQLite database; no server may run
    Restore(RestoreArgs),
    /// Maps: roads and addresses of regions, built from OpenStreetMap extracts and OpenAddresses tables
    #[command(subcommand)]
    Map(MapCommand),
    /// Find addresses: JSON lines from stdin, one answer a line to stdout, in order
    Geocode {
        /// A map's name or folder; several maps are asked together [default: the only map there is]
        #[arg(long = "map", value_name = "NAME")]
        maps: Vec<String>,
    },
    /// Answer questions about roads: JSON lines from stdin, one answer a line to stdout, in order
    Roads {
        /// The map's name or folder [default: the only map there is]
        #[arg(long, value_name = "NAME")]
        map: Option<String>,
        /// The kind of vehicle: car, truck or bicycle
        #[arg(long, default_value_t = Profile::Car)]
        profile: Profile,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MapCommand {
    /// Build a map from OpenStreetMap extracts and OpenAddresses tables, or build it again
    Build {
        /// Extracts (.osm.pbf) that make one network, and tables (.csv, .geojson, also .gz) with more addresses
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What it is called [default: after the first file]
        #[arg(long)]
        name: Option<String>,
        /// Kinds of vehicles that it is for, separated by commas: car, truck, bicycle
        #[arg(long = "profile", value_name = "KIND", value_delimiter = ',', default_value = "car")]
        profiles: Vec<Profile>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Download a region's extract by its name and build its map; goes on with what was interrupted
    Fetch {
        /// Id or name of the region in the index, such as `finland`
        region: String,
        /// What the map is called [default: after the region]
        #[arg(long)]
        name: Option<String>,
        /// Kinds of vehicles that it is for, separated by commas: car, truck, bicycle
        #[arg(long = "profile", value_name = "KIND", value_delimiter = ',', default_value = "car")]
        profiles: Vec<Profile>,
        /// The index of regions [default: Geofabrik's]
        #[arg(long, value_name = "URL")]
        map_index_url: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show the maps: area, date, sizes, and what is wrong with them
    List {
        /// Do not read the files from end to end
        #[arg(long)]
        quick: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove a map
    Remove {
        /// Its name
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What can be described.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Description {
    /// The OpenAPI 3.1 document, as a server has it at /openapi.json
    Openapi,
    /// Every error code with its status and meaning, in Markdown
    Errors,
    /// Every setting with its variable, flag and default, in Markdown
    Config,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Make an organisation
    Create(CreateOrg),
    /// Show all organisations, in the order they were made
    List(Page),
    /// Show one organisation
    Show {
        /// Its id
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Change an organisation: limits, time zone, what happens to drivers; acts at once
    Set(SetOrg),
    /// Refuse all calls of an organisation's integrations
    Suspend {
        /// Its id
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Accept the calls of a suspended organisation again
    Reactivate {
        /// Its id
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateOrg {
    /// What people call it
    #[arg(long)]
    pub(crate) name: String,
    /// team: 60 requests a minute, 200 stops an import; enterprise: unlimited
    #[arg(long, value_enum, default_value = "team")]
    pub(crate) plan: PlanName,
    /// Requests a minute instead of the plan's; 0 is unlimited
    #[arg(long, value_name = "N")]
    pub(crate) rpm: Option<u32>,
    /// Stops an import instead of the plan's; 0 is unlimited
    #[arg(long, value_name = "N")]
    pub(crate) max_stops: Option<u32>,
    /// IANA time zone in which times without a zone are read
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,
    /// What its drivers drive
    #[arg(long, value_enum, default_value = "car")]
    pub(crate) profile: VehicleName,
    /// Invite drivers of other organisations instead of adding them at once
    #[arg(long)]
    pub(crate) no_auto_add: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A kind of vehicle.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum VehicleName {
    Car,
    Truck,
    Bicycle,
}

impl VehicleName {
    pub(crate) const fn to_kind(self) -> VehicleKind {
        match self {
            Self::Car => VehicleKind::Car,
            Self::Truck => VehicleKind::Truck,
            Self::Bicycle => VehicleKind::Bicycle,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PlanName {
    Team,
    Enterprise,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IntegrationCommand {
    /// Make an integration and its credentials; the secret is shown once
    Create {
        /// The organisation's id
        #[arg(long, value_name = "ID")]
        org: String,
        /// What people call it
        #[arg(long)]
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show an organisation's integrations and when they were last used
    List(ListOf),
    /// Refuse every call from now on, also with live tokens
    Disable(ClientArgs),
    /// Accept calls again
    Enable(ClientArgs),
    /// Kill all access tokens
    RevokeTokens(ClientArgs),
    /// Say what holds the ends of the routes that are imported from now on
    RouteEnds {
        #[command(flatten)]
        client: ClientArgs,
        /// The kind of ends
        #[arg(value_enum)]
        ends: EndsName,
    },
    /// Make a new secret, shown once; the old one dies at once unless it may overlap
    RotateSecret {
        #[command(flatten)]
        client: ClientArgs,
        /// How long the old secret stays valid
        #[arg(long, value_name = "HOURS")]
        overlap: Option<u32>,
    },
}

/// What holds a route's ends.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EndsName {
    /// The first and the last stop as given stay so
    Fixed,
    /// The first stop as given stays first
    OpenEnd,
    /// The driver comes back to the first stop
    RoundTrip,
}

#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    /// The integration's client id
    pub(crate) client_id: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

use clap::{Args, Subcommand};

use super::ListOf;

#[derive(Debug, Subcommand)]
pub(crate) enum DriverCommand {
    /// Show an organisation's drivers
    List(ListOf),
    /// Show a driver
    Show(DriverArgs),
    /// Make a person a driver; jobs that wait for the address are assigned
    Create {
        /// The organisation's id
        #[arg(long, value_name = "ID")]
        org: String,
        /// The person's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        names: DriverNames,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a driver's name and telephone number; what is not given is taken away
    Edit {
        #[command(flatten)]
        driver: DriverArgs,
        #[command(flatten)]
        names: DriverNames,
    },
    /// Give a driver no more routes; open ones stay with the driver
    Deactivate(DriverArgs),
    /// Put a driver on duty again
    Reactivate(DriverArgs),
    /// Put a driver away; routes that have not started lose their driver
    Archive(DriverArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DriverArgs {
    /// The organisation's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,
    /// The driver's id
    pub(crate) driver_id: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a driver is called.
#[derive(Debug, Args)]
pub(crate) struct DriverNames {
    /// Given name
    #[arg(long)]
    pub(crate) first_name: Option<String>,
    /// Family name
    #[arg(long)]
    pub(crate) last_name: Option<String>,
    /// Telephone number
    #[arg(long)]
    pub(crate) phone: Option<String>,
}

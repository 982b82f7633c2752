//! RouteMate: one binary that takes delivery jobs over REST, finds the addresses, drives the roads, puts the stops into
//! the best order and follows the delivery.
//!
//! This is the composition root: it reads the configuration, makes the ports, and runs a command.

mod admin;
mod arguments;
mod backup;
mod cli;
mod compose;
mod config;
mod demo;
mod demo_stops;
mod describe;
mod described;
mod doctor;
mod drivers;
mod geocoders;
mod job_changes;
mod job_view;
mod lines;
mod lists;
mod logging;
mod maps;
mod metrics;
mod output;
mod process;
mod progress;
mod roads;
mod routes;
mod saved_stops;
mod serve;
mod shopify;
mod stop_files;
mod system;
#[cfg(feature = "otlp")]
mod traces;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::config::Config;

/// What ends a command with a message.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    // For all clients of servers; nobody can have installed another one before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&*failure);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let serve_flags = match &cli.command {
        Command::Serve { flags, .. } => flags.clone(),
        Command::Demo { listen, .. } => config::ServeFlags { listen: *listen, ..config::ServeFlags::default() },
        _ => config::ServeFlags::default(),
    };
    if let Command::Doctor { json } = cli.command {
        return doctor::run(&cli.flags, json);
    }
    let config = Config::read(&cli.flags, &serve_flags)?;
    let is_serving = matches!(cli.command, Command::Serve { .. } | Command::Worker);
    let _logging = logging::start(&config, is_serving)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve { no_worker, .. } => serve::serve(&config, !no_worker).await,
            Command::Worker => serve::work(&config).await,
            Command::Describe { what } => describe::describe(what),
            Command::Demo { exit, listen } => demo::run(&config, &cli.flags, listen, exit).await,
            Command::Migrate { json } => admin::migrate(&config, json).await,
            Command::Org(command) => admin::organization(&config, command).await,
            Command::Integration(command) => admin::integration(&config, command).await,
            Command::Driver(command) => drivers::run(&config, command).await,
            Command::Invitation(command) => lists::invitation(&config, command).await,
            Command::Job(command) => admin::job(&config, command).await,
            Command::Stops(command) => stop_files::run(&config, command).await,
            Command::Shopify(command) => shopify::run(&config, command).await,
            Command::Route(command) => routes::run(&config, command).await,
            Command::SavedStop(command) => saved_stops::run(&config, command).await,
            Command::Usage(usage) => lists::usage(&config, usage).await,
            Command::Backup(args) => backup::back_up(&config, &args),
            Command::Restore(args) => backup::restore(&config, &args),
            // Answered above: it has to tell what is wrong with the configuration.
            Command::Doctor { .. } => Ok(()),
            Command::Map(command) => maps::run(&config, command).await,
            Command::Geocode { maps } => lines::geocode(&config, &maps),
            Command::Roads { map, profile } => lines::roads(&config, map.as_deref(), profile),
        }
    })
}

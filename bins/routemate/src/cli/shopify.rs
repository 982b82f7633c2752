//! Arguments of what connects shops.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ShopifyCommand {
    /// Shops whose orders an organisation delivers
    #[command(subcommand)]
    Shop(ShopCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ShopCommand {
    /// Connect a shop: its signed messages are taken in from now on
    Add {
        #[command(flatten)]
        shop: ShopArgs,
        #[command(flatten)]
        secret: SecretArgs,
    },
    /// Show an organisation's shops, and what came of them last
    List {
        /// The organisation's id
        #[arg(long, value_name = "ID")]
        org: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Put another secret of a shop in force; the old one is accepted for a while too
    Rotate {
        #[command(flatten)]
        shop: ShopArgs,
        #[command(flatten)]
        secret: SecretArgs,
        /// How long the old secret stays valid; 0 ends it at once
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u32,
    },
    /// Disconnect a shop and forget its orders; stops on routes stay
    Remove {
        #[command(flatten)]
        shop: ShopArgs,
    },
}

/// Which shop.
#[derive(Debug, Args)]
pub(crate) struct ShopArgs {
    /// The organisation's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,
    /// The shop's own name at Shopify, such as example.myshopify.com
    #[arg(long, value_name = "NAME")]
    pub(crate) domain: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the secret is.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// The file that holds what the shop signs with [default: stdin]
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

//! Puts the product together from its configuration.

use std::sync::Arc;

use routemate_app::{App, Clock, Ports};
use routemate_geocoding::Chain;
use routemate_persistence::{Store, StoreConfig};
use routemate_travel::Engines;

use crate::Failure;
use crate::config::Config;
use crate::roads;
use crate::system::{SystemClock, SystemEntropy};

/// The product, and the store to close when it ends.
pub(crate) struct Product {
    pub(crate) app: Arc<App>,
    pub(crate) store: Store,
    /// The migrations that opening it has applied.
    pub(crate) migrated: Vec<String>,
}

/// The product with all that planning routes needs.
pub(crate) async fn open(config: &Config) -> Result<Product, Failure> {
    // Before the database is touched: a wrong setting is told first.
    let travel = roads::engines(config)?;
    open_with(config, travel).await
}

/// The product for operators' commands, which plan nothing.
pub(crate) async fn open_for_administration(config: &Config) -> Result<Product, Failure> {
    open_with(config, Engines::default()).await
}

/// Opens the database, brings it up to this release, and builds the product on it.
async fn open_with(config: &Config, travel: Engines) -> Result<Product, Failure> {
    let clock = Arc::new(SystemClock::new());
    let store_config =
        StoreConfig { postgres_connections: config.postgres_connections, ..StoreConfig::new(config.database_url()) };
    let store = Store::open(&store_config).await?;
    let owner = format!("process {}", std::process::id());
    let migrated = routemate_persistence::migrations::migrate(&store, clock.now(), &owner).await?;
    let ports = Ports {
        store: store.clone(),
        clock,
        entropy: Arc::new(SystemEntropy),
        // The embedded index will come from maps: until then no address is found.
        geocoder: Arc::new(Chain::new(Vec::new())),
        travel,
    };
    Ok(Product { app: Arc::new(App::new(ports, config.app())), store, migrated })
}

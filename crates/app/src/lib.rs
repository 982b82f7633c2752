//! RouteMate's use cases: commands in, views out.
//!
//! For: what the product does, whichever dialect asks for it, and the one error that all dialects map. Not for: wire
//! formats, HTTP, SQL. The main type is [`App`]; it holds no state of its own but limits on failed attempts, so that any
//! number of processes serve one database.
//!
//! Never holds a write while awaiting the network, a geocoder or the solver.

mod addresses;
mod admission;
mod audit;
mod background;
mod backlog;
mod commands;
mod cursors;
mod driver_changes;
mod drivers;
mod driving;
mod error;
mod events;
mod forgetting;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzzed;
mod housekeeping;
mod idempotency;
mod import;
mod imported_stops;
mod integrations;
mod job_lists;
mod jobs;
mod links;
mod listing;
mod locating;
mod measuring;
mod organizations;
mod permits;
mod planning;
mod ports;
mod principal;
mod reading;
mod refreshing;
mod resolution;
mod route_changes;
mod route_commands;
mod route_creation;
mod route_deletion;
mod route_search;
mod route_storing;
mod route_view;
mod saved_stops;
mod settings;
mod shopify_orders;
mod shopify_shops;
mod solver;
mod stop_files;
mod stop_search;
mod tokens;
mod turns;
mod usage;
mod withdrawing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use routemate_geocoding::Geocoder;
use routemate_persistence::{Store, to_stored_precision};
use routemate_travel::Engines;
use routemate_units::StopToken;
use uuid::Uuid;

pub use addresses::RememberAddress;
pub use admission::Bucket;
pub use background::WorkOutcome;
pub use commands::{
    Answer, DriverResolution, Idempotency, ImportJob, ImportStop, ImportedJob, JobView, RateState, Replay,
};
pub use driver_changes::{ChangedDriver, DriverChange};
pub use drivers::{CreateDriver, CreatedDriver, RenderDriver};
pub use driving::{DriverAct, RouteKey};
pub use error::{Error, ErrorKind, Noun, Problem, Unauthenticated};
pub use housekeeping::Swept;
pub use import::Render;
pub use imported_stops::ImportedStopKey;
pub use integrations::{CreateIntegration, IssuedSecret};
pub use job_lists::JobQuery;
pub use jobs::JobKey;
pub use links::SignedJobLink;
pub use listing::ListedIntegration;
pub use organizations::{ChangeOrganization, CreateOrganization};
pub use planning::StopOrder;
pub use ports::{Clock, Entropy};
pub use principal::Principal;
pub use route_commands::{CreateRoute, NewStop, RenderRoute, RenderWholeRoute, RouteChange, TerminalRequest};
pub use route_search::{RouteSearch, SoughtDriver};
pub use route_view::{RouteView, WholeRoute};
pub use routemate_persistence::{
    JobPage, ListedDriver, ListedJob, ListedRoute, ListedShop, RememberedAddress, RouteQuery, RouteSort, RoutedStop,
    ShopifyOrderQuery, ShopifyWebhook,
};
pub use saved_stops::{RenderSavedStop, SaveStop};
pub use settings::{Settings, SolverBudget};
pub use shopify_orders::{ListedShopifyOrder, ShopifyContent, ShopifyMessage, ShopifyOutcome};
pub use shopify_shops::{ConnectShop, SigningShop};
pub use stop_files::{ImportStopFile, RenderTakenStops, TakenStops};
pub use tokens::{IssuedToken, TokenRequest};
pub use usage::{EndedRequest, OrganizationUsage, UsageQuery};

/// What the use cases need from outside.
pub struct Ports {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// Finds addresses.
    pub geocoder: Arc<dyn Geocoder>,
    /// Know how long driving takes.
    pub travel: Engines,
}

/// The product: every use case is a method.
pub struct App {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    geocoder: Arc<dyn Geocoder>,
    travel: Engines,
    settings: Settings,
    solver: solver::SolverPool,
    attempts: tokens::AttemptLimits,
    local_windows: admission::LocalWindows,
    shop_limits: shopify_shops::ShopLimits,
    usage: usage::UsageBook,
    turns: turns::Turns,
    /// The millisecond and the count of the last id.
    last_id: AtomicU64,
}

impl App {
    /// The product over these ports.
    #[must_use]
    pub fn new(ports: Ports, settings: Settings) -> Self {
        Self {
            store: ports.store,
            clock: ports.clock,
            entropy: ports.entropy,
            geocoder: ports.geocoder,
            travel: ports.travel,
            solver: solver::SolverPool::new(&settings),
            attempts: tokens::AttemptLimits::default(),
            local_windows: admission::LocalWindows::default(),
            shop_limits: shopify_shops::ShopLimits::default(),
            usage: usage::UsageBook::default(),
            turns: turns::Turns::default(),
            last_id: AtomicU64::new(0),
            settings,
        }
    }

    /// The clock that everything here reads.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The time, cut to what the database keeps.
    fn now(&self) -> Timestamp {
        to_stored_precision(self.clock.now())
    }

    /// A new id: UUID version 7 from the clock and the entropy given, greater than all before it from this process.
    ///
    /// The 12 bits after the millisecond count (RFC 9562, section 6.2, method 1), so that events of one instant keep their
    /// order; a process that makes more than 4096 ids in a millisecond runs a little ahead of the clock.
    #[must_use]
    pub fn new_uuid(&self) -> Uuid {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or_default() << 12;
        let next = |last: u64| last.saturating_add(1).max(now);
        let last = self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        let id = next(last.unwrap_or_default());
        let [.., high, low] = id.to_be_bytes();
        let [first, second, ..] = &mut random;
        (*first, *second) = (high & 0x0f, low);
        uuid::Builder::from_unix_timestamp_millis(id >> 12, &random).into_uuid()
    }

    /// A token that knows the time and stops by itself when nothing else stops it.
    fn stop_token(&self) -> StopToken {
        let clock = Arc::clone(&self.clock);
        StopToken::with_clock(move || -> Duration { clock.monotonic() })
    }

    /// Whether more wait for the database than it answers soon: whoever comes on top of them is better told so before any
    /// work is done, because every wait of those who are at work grows with each that is let in.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        let queue = self.store.queue();
        queue.waiting > self.settings.database_queue && queue.longest > self.settings.database_wait
    }

    /// Whether the database answers, within 3 s: calls wait longer for it, those who watch the server do not. Shorter, and
    /// a server that is only busy would lose its place behind a proxy.
    pub async fn is_ready(&self) -> bool {
        let asked = async {
            let answer: Result<_, routemate_persistence::StoreError> =
                self.store.read(&(), |tx, ()| Box::pin(tx.system_find_signing_key())).await;
            answer.is_ok()
        };
        tokio::time::timeout(Duration::from_secs(3), asked).await.unwrap_or(false)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("store", &self.store).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("store", &self.store).finish_non_exhaustive()
    }
}

//! The rules of deliveries: who may do what to organisations, integrations, drivers, invitations, jobs, routes and
//! stops, and what follows from it.
//!
//! For: types that cannot be wrong and transitions that take the old state and return the new one with its events, or a
//! typed refusal. Not for: wire formats, storage, clocks or randomness; times and ids enter as arguments.
//! The main type is [`Itinerary`], a route with its stops, on which drivers act.
//!
//! Two published dialects are spoken over this one model. Where they name a thing differently, the doc comment of the
//! field says both names.

mod address;
mod driver;
mod editing;
mod email;
mod event;
mod id;
mod integration;
mod invitation;
mod itinerary;
mod job;
mod location;
mod organization;
mod outcome;
mod phone;
mod place_code;
mod place_names;
mod priority;
mod refusal;
mod route;
mod shopify;
mod stop;
mod stop_request;
mod task;
mod text;
mod time;

pub use address::{Address, Attribute, Contact, Item};
pub use driver::{Driver, DriverStatus, User};
pub use email::{Email, MalformedEmail};
pub use event::Event;
pub use id::{
    DriverId, ImportedStopId, IntegrationId, InvitationId, JobId, OrganizationId, RouteId, SavedStopId, ShopId, StopId,
    TaskId, TaskItemId, UserId,
};
pub use integration::{Integration, IntegrationStatus, PreviousSecret};
pub use invitation::{Invitation, InvitationStatus};
pub use itinerary::Itinerary;
pub use job::{Job, JobStatus};
pub use location::{Afterwards, Geocoded, Location, Suggestion};
pub use organization::{AutoAdd, Limits, Organization, OrganizationStatus, Plan};
pub use outcome::{AttemptedReason, Outcome, ProofOfDelivery};
pub use priority::{Priority, PriorityScale};
pub use refusal::Refusal;
pub use route::{Optimality, Route, RouteEnds, RouteStatus, RouteTotals, Terminal, TravelQuality};
pub use shopify::{
    MalformedShopDomain, PreviousShopKey, ShopDomain, ShopKey, ShopifyOrder, ShopifyOrderStatus, ShopifyShop, ToldOrder,
};
pub use stop::{PlannedLeg, Shortfall, Stop, StopKind, StopSource, StopStatus};
pub use stop_request::{ImportedStop, SavedStop, StopRequest};
pub use task::{InputMethod, Task, TaskInput, TaskItem, TaskKind, TaskTemplate, TaskTemplateKind};
pub use text::{ExternalId, FreeText, JsonText, Text, TextFault};
pub use time::{DayWindow, TimeWindow, UnknownTimeZone, WindowEndsBeforeStart, ZoneName};

//! Several vehicles, or one with limits: ruin and recreate over tours that know their times and loads.
//!
//! Source: J. Christiaens, G. Vanden Berghe, "Slack induction by string removals for vehicle routing problems",
//! Transportation Science 54 (2020).

mod best;
mod bind;
mod duration;
mod insertion;
mod late;
mod model;
mod near;
mod pairs;
mod parts;
mod recreate;
mod route;
mod ruin;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod times;

pub(crate) use bind::{keep_shipments, search_fleets};

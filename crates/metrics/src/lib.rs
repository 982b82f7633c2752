//! What RouteMate measures about itself: every metric's name, labels and meaning, in one place.
//!
//! For: crates that count and time what they do, and programs that show it. Not for: how it is shown; a program installs
//! a recorder of the `metrics` crate, and without one all of this does nothing. The main list is [`CATALOG`]: what is not
//! in it cannot be measured, so that no metric is without a description.
//!
//! Names end in their unit (`_seconds`, `_bytes`) or, where they only grow, in `_total`. Labels have few values: routes
//! are templates, and what clients make up is never a label.

mod catalog;
mod metric;

pub use catalog::*;
pub use metric::{Counter, Description, Gauge, Histogram, Kind, Raised, describe};

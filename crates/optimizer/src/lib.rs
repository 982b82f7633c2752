//! Pure-Rust optimizer for delivery routes: asymmetric paths, time windows, fleets, re-planning.
//!
//! For: putting the stops of one tour, or of many, into the best order within a stated time, over any matrix of driving times
//! and distances. One tour: open paths with fixed or free ends and closed tours, service times, several time windows a stop,
//! lateness weighted by importance where not all can be met, a departure as late as costs nothing, unreachable pairs. Many:
//! different starts and ends, shifts, breaks, capacities in several dimensions, skills, limits, fixed costs, shipments,
//! optional stops with prizes, balance. Re-planning from the plan in force, at a cost for each change. Every answer carries its
//! schedule, its cost split, for one tour a lower bound, and a verified reason for each stop that is late or not served;
//! [`Alternatives`] says what any stop costs where it is and anywhere else.
//!
//! Not for: finding the driving times (that is `routemate-roads` or any other [`Costs`]), several trips of one vehicle, times
//! that depend on the hour. No I/O, no async, no clock but the one in the [`Budget`], no global state; builds for
//! `wasm32-unknown-unknown`. The feature `rayon`, off by default, lets the islands of a budget search at once.
//!
//! The main type is [`Problem`], made by [`ProblemBuilder`]; [`solve`] answers it with a [`Solution`] and [`check`] verifies
//! any answer independently. A guide from nothing to a plan is in the crate's `docs/guide.md`.
//!
//! First and last stop fixed, one stop with a window, departure as late as it allows:
//! ```
//! use routemate_optimizer::{Budget, CostTable, ProblemBuilder, Terminal, Vehicle, Visit, Window, check, solve};
//! use routemate_units::{Meters, Seconds};
//!
//! // Four places on a road, ten minutes apart.
//! let costs = CostTable::from_fn(4, |a, b| {
//!     let apart = a.abs_diff(b) as u32;
//!     Some((Seconds::new(600 * apart), Meters::new(8_000 * apart)))
//! });
//! let mut builder = ProblemBuilder::new(&costs);
//! let depot = builder.visit(Visit::at(0));
//! let office = builder.visit(
//!     Visit::at(2)
//!         .with_service(Seconds::new(120))
//!         .with_window(Window::new(Seconds::new(9 * 3600), Seconds::new(10 * 3600)))
//!         .with_importance(10),
//! );
//! let shop = builder.visit(Visit::at(1).with_service(Seconds::new(300)));
//! let home = builder.visit(Visit::at(3));
//! builder.vehicle(
//!     Vehicle::new()
//!         .with_start(Terminal::Visit(depot))
//!         .with_end(Terminal::Visit(home))
//!         .with_earliest_start(Seconds::new(8 * 3600)),
//! );
//! let problem = builder.build()?;
//!
//! let solution = solve(&problem, &Budget::of_iterations(1_000), 42);
//! let tour = &solution.tours[0];
//! assert_eq!(tour.visits().collect::<Vec<_>>(), [depot, shop, office, home]);
//! // 20 minutes of driving and 5 at the shop before the office opens at nine: leave at 8:35.
//! assert_eq!(tour.departure, Seconds::new(9 * 3600 - 25 * 60));
//! assert_eq!(solution.cost.waiting, Seconds::ZERO);
//! assert!(solution.late.is_empty() && solution.proven_optimal);
//! assert!(check(&problem, &solution).is_ok());
//! # Ok::<(), routemate_optimizer::ProblemError>(())
//! ```
//!
//! From one tour to a fleet, re-planning and explanations: the guide in `docs/guide.md` of this crate.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod alternatives;
mod anneal;
mod answer;
mod ascent;
mod assembly;
mod assignment;
mod barred;
mod bound;
mod budget;
mod builder;
mod check;
mod construct;
mod costs;
mod descent;
mod diversity;
mod exact;
mod exact_labels;
mod exact_timed;
mod fleet;
mod islands;
mod judgement;
mod member;
mod model;
mod neighbors;
mod nodes;
mod one_tree;
mod pace;
mod path;
mod plan;
mod polish;
mod population;
mod problem;
mod problem_error;
mod progress;
mod random;
mod runs;
mod schedule;
mod search;
mod served;
mod settle;
mod small;
mod solution;
mod solve;
mod timed_path;
mod timed_ruin;
mod timed_search;
mod timetable;
mod touched;
mod vehicle;
mod visit;
mod walks;

pub use alternatives::{Alternative, Alternatives, AlternativesError, Change, Place};
pub use answer::drive::Obstacle;
pub use budget::Budget;
pub use builder::ProblemBuilder;
pub use check::{Violation, check};
pub use costs::{CostTable, Costs};
pub use plan::Plan;
pub use problem::{Objective, Problem, Shipment};
pub use problem_error::{ProblemError, TourEnd};
pub use progress::Progress;
pub use solution::{BreakTaken, Cost, Late, LateReason, Limit, Solution, Stop, Tour, Unserved, UnservedReason};
pub use solve::solve;
pub use vehicle::{Break, Departure, Terminal, Vehicle, VehicleId};
pub use visit::{Visit, VisitId, Window};

/// The guide's examples are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/guide.md")]
struct Guide;

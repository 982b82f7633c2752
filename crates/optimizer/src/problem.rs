use crate::costs::Costs;
use routemate_units::Seconds;
use std::fmt;

/// Names a visit of one problem: its place in the order in which visits were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitId(usize);

impl VisitId {
    /// The visit that was added as number `index`, from 0. Whether it exists is checked where it is used.
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// The place in the order of addition, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

impl fmt::Display for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "visit {}", self.0)
    }
}

/// A span of time in which a service may begin: seconds since the problem's epoch, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first second in which the service may begin.
    pub start: Seconds,
    /// The last second in which the service may begin.
    pub end: Seconds,
}

impl Window {
    /// A window from `start` to `end`. [`ProblemBuilder::build`](crate::ProblemBuilder::build) refuses one that ends
    /// before it starts.
    #[must_use]
    pub const fn new(start: Seconds, end: Seconds) -> Self {
        Self { start, end }
    }
}

/// Something to be done at a location.
///
/// ```
/// use routemate_optimizer::{Visit, Window};
/// use routemate_units::Seconds;
/// let morning = Window::new(Seconds::new(8 * 3600), Seconds::new(11 * 3600));
/// let visit = Visit::at(4).with_service(Seconds::new(180)).with_window(morning).with_importance(5);
/// assert_eq!(visit.location(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    location: usize,
    service: Seconds,
    windows: Vec<Window>,
    importance: u16,
}

impl Visit {
    /// A visit at a location of the [`Costs`]: no service time, no window, importance 1.
    #[must_use]
    pub const fn at(location: usize) -> Self {
        Self { location, service: Seconds::ZERO, windows: Vec::new(), importance: 1 }
    }

    /// The time spent there, from the beginning of the service to the departure.
    #[must_use]
    pub const fn with_service(mut self, service: Seconds) -> Self {
        self.service = service;
        self
    }

    /// One more window in which the service may begin; without any it may begin at all times.
    ///
    /// Windows may come in any order and overlap. Who arrives between two of them waits for the next; who arrives after
    /// the last is late by the time since its end and is served at once.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.windows.push(window);
        self
    }

    /// How much the visit counts, 1..=65535: where not all windows can be met, lateness is weighted by it; where not all
    /// can be reached, the greatest sum is served; among equally good tours the more important go first.
    #[must_use]
    pub const fn with_importance(mut self, importance: u16) -> Self {
        self.importance = importance;
        self
    }

    /// Index into the [`Costs`].
    #[must_use]
    pub const fn location(&self) -> usize {
        self.location
    }

    /// The time spent there.
    #[must_use]
    pub const fn service(&self) -> Seconds {
        self.service
    }

    /// The windows; in a built problem in ascending order and disjoint.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// The weight, at least 1 in a built problem.
    #[must_use]
    pub const fn importance(&self) -> u16 {
        self.importance
    }

    /// Sorts the windows and joins those that overlap or touch.
    pub(crate) fn normalize_windows(&mut self) {
        self.windows.sort_unstable_by_key(|window| (window.start, window.end));
        let mut joined: Vec<Window> = Vec::with_capacity(self.windows.len());
        for window in self.windows.drain(..) {
            match joined.last_mut() {
                Some(last) if window.start.get() <= last.end.get().saturating_add(1) => {
                    last.end = last.end.max(window.end);
                }
                _ => joined.push(window),
            }
        }
        self.windows = joined;
    }
}

/// Where a tour begins or ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Terminal {
    /// At whichever visit suits best.
    #[default]
    Anywhere,
    /// At a location that is no visit, such as a depot: index into the [`Costs`].
    Location(usize),
    /// At this visit. Should it be unreachable and left out, that end of the tour is as free as [`Anywhere`](Self::Anywhere).
    Visit(VisitId),
}

/// When a tour sets out, where its windows leave a choice. Nobody is made late, or later, for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Departure {
    /// As late as finishes no later: nobody waits in vain.
    #[default]
    SoonestFinish,
    /// As late as keeps every window, even where the tour then finishes later. Where no window ever closes, that would be
    /// never, and it is [`SoonestFinish`](Self::SoonestFinish).
    LatestInTime,
}

/// Who drives: where the tour begins and ends, and when it may begin.
///
/// The same [`Terminal::Location`] at both ends makes a closed tour; different ones, or visits, an open path with fixed
/// ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vehicle {
    start: Terminal,
    end: Terminal,
    earliest_start: Seconds,
    latest_start: Option<Seconds>,
    departure: Departure,
}

impl Vehicle {
    /// A vehicle with both ends free that may start from second 0.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            start: Terminal::Anywhere,
            end: Terminal::Anywhere,
            earliest_start: Seconds::ZERO,
            latest_start: None,
            departure: Departure::SoonestFinish,
        }
    }

    /// Where the tour begins.
    #[must_use]
    pub const fn with_start(mut self, start: Terminal) -> Self {
        self.start = start;
        self
    }

    /// Where the tour ends.
    #[must_use]
    pub const fn with_end(mut self, end: Terminal) -> Self {
        self.end = end;
        self
    }

    /// The earliest second in which the tour may begin: the departure from a start location, or the arrival at the first
    /// visit where there is none.
    #[must_use]
    pub const fn with_earliest_start(mut self, earliest_start: Seconds) -> Self {
        self.earliest_start = earliest_start;
        self
    }

    /// The latest second in which the tour may begin; without it the [`Departure`] alone decides.
    #[must_use]
    pub const fn with_latest_start(mut self, latest_start: Seconds) -> Self {
        self.latest_start = Some(latest_start);
        self
    }

    /// When the tour sets out, where its windows leave a choice.
    #[must_use]
    pub const fn with_departure(mut self, departure: Departure) -> Self {
        self.departure = departure;
        self
    }

    /// Where the tour begins.
    #[must_use]
    pub const fn start(&self) -> Terminal {
        self.start
    }

    /// Where the tour ends.
    #[must_use]
    pub const fn end(&self) -> Terminal {
        self.end
    }

    /// The earliest second in which the tour may begin.
    #[must_use]
    pub const fn earliest_start(&self) -> Seconds {
        self.earliest_start
    }

    /// The latest second in which the tour may begin.
    #[must_use]
    pub const fn latest_start(&self) -> Option<Seconds> {
        self.latest_start
    }

    /// When the tour sets out, where its windows leave a choice.
    #[must_use]
    pub const fn departure(&self) -> Departure {
        self.departure
    }
}

/// What driving is measured in. Waiting and service never count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Objective {
    /// The least driving time; among equals the least distance.
    #[default]
    Duration,
    /// The least distance; among equals the least driving time.
    Distance,
}

/// What is to be solved: visits, a vehicle, an objective and the costs of driving. Made by
/// [`ProblemBuilder`](crate::ProblemBuilder), always consistent.
///
/// A tour is the better, in this order: the smaller the importance it leaves unserved (only what cannot be reached is
/// left out); the smaller the sum of lateness × importance; the smaller the [`Objective`] and its tie-break; the earlier
/// the more important visits.
#[derive(Debug)]
pub struct Problem<'c, C: Costs> {
    pub(crate) costs: &'c C,
    pub(crate) visits: Vec<Visit>,
    pub(crate) vehicle: Vehicle,
    pub(crate) objective: Objective,
}

impl<C: Costs> Clone for Problem<'_, C> {
    fn clone(&self) -> Self {
        Self {
            costs: self.costs,
            visits: self.visits.clone(),
            vehicle: self.vehicle.clone(),
            objective: self.objective,
        }
    }
}

impl<'c, C: Costs> Problem<'c, C> {
    /// The visits in the order of addition: [`VisitId::index`] counts along this slice.
    #[must_use]
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The vehicle.
    #[must_use]
    pub const fn vehicle(&self) -> &Vehicle {
        &self.vehicle
    }

    /// What driving is measured in.
    #[must_use]
    pub const fn objective(&self) -> Objective {
        self.objective
    }

    /// The costs of driving.
    #[must_use]
    pub const fn costs(&self) -> &'c C {
        self.costs
    }
}

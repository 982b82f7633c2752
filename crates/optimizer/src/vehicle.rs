use crate::visit::{Visit, VisitId, Window};
use routemate_units::{Meters, Seconds};
use std::fmt;

/// Names a vehicle of one problem: its place in the order in which vehicles were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VehicleId(usize);

impl VehicleId {
    /// The vehicle that was added as number `index`, from 0. Whether it exists is checked where it is used.
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

impl fmt::Display for VehicleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vehicle {}", self.0)
    }
}

/// Where a tour begins or ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Terminal {
    /// At whichever visit suits best.
    #[default]
    Anywhere,
    /// At a location that is no visit, such as a depot: index into the [`Costs`](crate::Costs).
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

/// Time off that a driver takes on the way or while waiting, never during a service.
///
/// It begins within its window. A tour that is over by the end of the window, or sets out after it, needs no break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Break {
    /// How long it takes.
    pub duration: Seconds,
    /// When it may begin.
    pub window: Window,
}

impl Break {
    /// A break that begins within a window.
    #[must_use]
    pub const fn new(duration: Seconds, window: Window) -> Self {
        Self { duration, window }
    }
}

/// Who drives: where and when the tour begins and ends, what fits in and what the driver may do.
///
/// The same [`Terminal::Location`] at both ends makes a closed tour; different ones, or visits, an open path with fixed
/// ends. Everything but ends and start is a limit that no answer breaks; what does not fit stays unserved, with the reason.
///
/// ```
/// use routemate_optimizer::{Break, Terminal, Vehicle, Window};
/// use routemate_units::{Meters, Seconds};
/// let noon = Window::new(Seconds::new(11 * 3600), Seconds::new(13 * 3600));
/// let van = Vehicle::new()
///     .with_start(Terminal::Location(0))
///     .with_end(Terminal::Location(0))
///     .with_earliest_start(Seconds::new(8 * 3600))
///     .with_latest_finish(Seconds::new(17 * 3600))
///     .with_break(Break::new(Seconds::new(1_800), noon))
///     .with_capacity([12, 900])
///     .with_max_distance(Meters::new(180_000))
///     .with_skill(7);
/// assert_eq!(van.capacity(), [12, 900]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vehicle {
    start: Terminal,
    end: Terminal,
    earliest_start: Seconds,
    latest_start: Option<Seconds>,
    departure: Departure,
    latest_finish: Option<Seconds>,
    max_duration: Option<Seconds>,
    max_distance: Option<Meters>,
    max_visits: Option<usize>,
    breaks: Vec<Break>,
    capacity: Vec<u32>,
    skills: Vec<u32>,
    fixed_cost: u32,
    prefix: Vec<VisitId>,
}

impl Vehicle {
    /// A vehicle with both ends free that may start from second 0 and has no limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            start: Terminal::Anywhere,
            end: Terminal::Anywhere,
            earliest_start: Seconds::ZERO,
            latest_start: None,
            departure: Departure::SoonestFinish,
            latest_finish: None,
            max_duration: None,
            max_distance: None,
            max_visits: None,
            breaks: Vec::new(),
            capacity: Vec::new(),
            skills: Vec::new(),
            fixed_cost: 0,
            prefix: Vec::new(),
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

    /// The end of the shift: the latest second in which the tour may end.
    #[must_use]
    pub const fn with_latest_finish(mut self, latest_finish: Seconds) -> Self {
        self.latest_finish = Some(latest_finish);
        self
    }

    /// The longest time from the tour's beginning to its end, with all waiting, service and breaks.
    #[must_use]
    pub const fn with_max_duration(mut self, max_duration: Seconds) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// The farthest that the tour may drive.
    #[must_use]
    pub const fn with_max_distance(mut self, max_distance: Meters) -> Self {
        self.max_distance = Some(max_distance);
        self
    }

    /// The most visits of the tour.
    #[must_use]
    pub const fn with_max_visits(mut self, max_visits: usize) -> Self {
        self.max_visits = Some(max_visits);
        self
    }

    /// One more break; breaks are taken in the order in which they were added.
    #[must_use]
    pub fn with_break(mut self, pause: Break) -> Self {
        self.breaks.push(pause);
        self
    }

    /// What fits in at any moment, for each dimension (pieces, kilograms, litres…). A dimension that is not given has no
    /// limit.
    #[must_use]
    pub fn with_capacity(mut self, amounts: impl Into<Vec<u32>>) -> Self {
        self.capacity = amounts.into();
        self
    }

    /// One more skill that visits may ask for.
    #[must_use]
    pub fn with_skill(mut self, skill: u32) -> Self {
        self.skills.push(skill);
        self
    }

    /// What using the vehicle at all costs, in the objective's unit (seconds or metres).
    #[must_use]
    pub const fn with_fixed_cost(mut self, fixed_cost: u32) -> Self {
        self.fixed_cost = fixed_cost;
        self
    }

    /// Visits that come first, in this order: what is under way or promised. They belong to this vehicle.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<Vec<VisitId>>) -> Self {
        self.prefix = prefix.into();
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

    /// The latest second in which the tour may end.
    #[must_use]
    pub const fn latest_finish(&self) -> Option<Seconds> {
        self.latest_finish
    }

    /// The longest time from beginning to end.
    #[must_use]
    pub const fn max_duration(&self) -> Option<Seconds> {
        self.max_duration
    }

    /// The farthest that the tour may drive.
    #[must_use]
    pub const fn max_distance(&self) -> Option<Meters> {
        self.max_distance
    }

    /// The most visits of the tour.
    #[must_use]
    pub const fn max_visits(&self) -> Option<usize> {
        self.max_visits
    }

    /// The breaks, in the order in which they are taken.
    #[must_use]
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// What fits in, for each dimension.
    #[must_use]
    pub fn capacity(&self) -> &[u32] {
        &self.capacity
    }

    /// The skills it has.
    #[must_use]
    pub fn skills(&self) -> &[u32] {
        &self.skills
    }

    /// What using it costs.
    #[must_use]
    pub const fn fixed_cost(&self) -> u32 {
        self.fixed_cost
    }

    /// The visits that come first.
    #[must_use]
    pub fn prefix(&self) -> &[VisitId] {
        &self.prefix
    }

    /// Whether nothing but its ends and its start limits it.
    pub(crate) fn is_plain(&self) -> bool {
        self.latest_finish.is_none()
            && self.max_duration.is_none()
            && self.max_distance.is_none()
            && self.max_visits.is_none()
            && self.breaks.is_empty()
            && self.capacity.is_empty()
            && self.prefix.is_empty()
    }

    /// Whether it has every skill that a visit asks for and the visit is not locked to another.
    pub(crate) fn may_serve(&self, id: VehicleId, visit: &Visit) -> bool {
        visit.vehicle().is_none_or(|locked| locked == id)
            && visit.skills().iter().all(|skill| self.skills.contains(skill))
    }
}

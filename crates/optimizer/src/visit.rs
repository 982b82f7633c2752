use crate::vehicle::VehicleId;
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

/// A span of time in which a service, or a break, may begin: seconds since the problem's epoch, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first second in which it may begin.
    pub start: Seconds,
    /// The last second in which it may begin.
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
///
/// // Two pallets of 340 kg together, by a driver with licence 7; left out where serving it takes more than half an hour.
/// let bulky = Visit::at(2).with_delivery([2, 340]).with_skill(7).with_prize(1_800);
/// assert_eq!(bulky.delivery(), [2, 340]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    location: usize,
    service: Seconds,
    windows: Vec<Window>,
    importance: u16,
    refuses_lateness: bool,
    prize: Option<u32>,
    delivery: Vec<u32>,
    pickup: Vec<u32>,
    skills: Vec<u32>,
    vehicle: Option<VehicleId>,
}

impl Visit {
    /// A visit at a location of the [`Costs`](crate::Costs): no service time, no window, importance 1, nothing carried,
    /// for any vehicle.
    #[must_use]
    pub const fn at(location: usize) -> Self {
        Self {
            location,
            service: Seconds::ZERO,
            windows: Vec::new(),
            importance: 1,
            refuses_lateness: false,
            prize: None,
            delivery: Vec::new(),
            pickup: Vec::new(),
            skills: Vec::new(),
            vehicle: None,
        }
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
    /// the last is late by the time since its end and is served at once, unless lateness is
    /// [refused](Self::with_lateness_refused).
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.windows.push(window);
        self
    }

    /// Rather left out than served after its last window.
    #[must_use]
    pub const fn with_lateness_refused(mut self) -> Self {
        self.refuses_lateness = true;
        self
    }

    /// How much the visit counts, 1..=65535: where not all windows can be met, lateness is weighted by it; where not all
    /// can be served, the greatest sum is; among equally good tours of one vehicle the more important go first.
    #[must_use]
    pub const fn with_importance(mut self, importance: u16) -> Self {
        self.importance = importance;
        self
    }

    /// Makes the visit optional: leaving it out costs so much, in the objective's unit (seconds or metres). Without a prize
    /// it is left out only where it cannot be served.
    #[must_use]
    pub const fn with_prize(mut self, prize: u32) -> Self {
        self.prize = Some(prize);
        self
    }

    /// What is brought there from the tour's start, for each dimension of [`Vehicle::capacity`](crate::Vehicle::capacity).
    #[must_use]
    pub fn with_delivery(mut self, amounts: impl Into<Vec<u32>>) -> Self {
        self.delivery = amounts.into();
        self
    }

    /// What is loaded there and carried to the tour's end, for each dimension. For goods from one visit to another there is
    /// [`ProblemBuilder::shipment`](crate::ProblemBuilder::shipment).
    #[must_use]
    pub fn with_pickup(mut self, amounts: impl Into<Vec<u32>>) -> Self {
        self.pickup = amounts.into();
        self
    }

    /// One more skill, any number, that a vehicle must have.
    #[must_use]
    pub fn with_skill(mut self, skill: u32) -> Self {
        self.skills.push(skill);
        self
    }

    /// Served by this vehicle or not at all.
    #[must_use]
    pub const fn with_vehicle(mut self, vehicle: VehicleId) -> Self {
        self.vehicle = Some(vehicle);
        self
    }

    /// Index into the [`Costs`](crate::Costs).
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

    /// Whether it is rather left out than served late.
    #[must_use]
    pub const fn refuses_lateness(&self) -> bool {
        self.refuses_lateness
    }

    /// The weight, at least 1 in a built problem.
    #[must_use]
    pub const fn importance(&self) -> u16 {
        self.importance
    }

    /// What leaving it out costs; `None` where it is not optional.
    #[must_use]
    pub const fn prize(&self) -> Option<u32> {
        self.prize
    }

    /// What is brought there from the tour's start; dimensions that are not given are 0.
    #[must_use]
    pub fn delivery(&self) -> &[u32] {
        &self.delivery
    }

    /// What is carried from there to the tour's end; dimensions that are not given are 0.
    #[must_use]
    pub fn pickup(&self) -> &[u32] {
        &self.pickup
    }

    /// The skills it asks for.
    #[must_use]
    pub fn skills(&self) -> &[u32] {
        &self.skills
    }

    /// The only vehicle that may serve it; `None` for any.
    #[must_use]
    pub const fn vehicle(&self) -> Option<VehicleId> {
        self.vehicle
    }

    /// Whether it asks for anything that one vehicle without limits has to be chosen for, or may be left out.
    pub(crate) fn is_plain(&self) -> bool {
        !self.refuses_lateness && self.prize.is_none() && self.skills.is_empty()
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

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use routemate_domain::{
    Itinerary, Location, Outcome, Route, RouteEnds, RouteStatus, Stop, StopId, StopKind, StopStatus, Terminal,
};
use routemate_units::{LatLng, Seconds};

use super::StopOrder;

/// A route as a planner finds it: what is behind, what is ahead, and from where and when.
#[derive(Debug)]
pub(super) struct Situation {
    pub(super) route: Route,
    /// Stops behind the driver, in the order they were driven.
    pub(super) behind: Vec<Stop>,
    /// Stops ahead that have a place, by their number: in the order given, or where that is kept as they stand.
    pub(super) ahead: Vec<Stop>,
    /// Breaks ahead, each with the number of stops ahead that come before it as things stand.
    pub(super) breaks: Vec<(usize, Stop)>,
    /// Stops ahead without a place, in the order given.
    pub(super) placeless: Vec<Stop>,
    /// Stops that were taken off.
    pub(super) removed: Vec<Stop>,
    /// Stops ahead as they stand now, by their number.
    pub(super) standing: Vec<usize>,
    /// Whether all of these have a plan.
    pub(super) is_in_force: bool,
    /// Where the driver comes from, where it is not one of the stops ahead.
    pub(super) origin: Option<LatLng>,
    /// The stop ahead that comes first in any order.
    pub(super) first: Option<usize>,
    /// Where the driver goes at last.
    pub(super) destination: Destination,
    /// When the driver leaves, where that is not for the plan to say.
    pub(super) departs: Option<Timestamp>,
    /// What times count from; `None` in a plan without times.
    pub(super) epoch: Option<Timestamp>,
}

/// Where a driver goes at last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Destination {
    /// Wherever the last stop is.
    Free,
    /// To this stop ahead.
    Stop(usize),
    /// To a place that is no stop, or back to one.
    Place(LatLng),
}

/// What the client gave first and last.
struct Given {
    first: StopId,
    home: LatLng,
    last: StopId,
}

impl Situation {
    pub(super) fn of(itinerary: Itinerary, order: StopOrder, day: Option<Date>) -> Self {
        let Itinerary { route, stops } = itinerary;
        let (present, removed): (Vec<Stop>, Vec<Stop>) =
            stops.into_iter().partition(|stop| stop.status != StopStatus::Removed);
        let given = given(&present);
        let (behind, open) = part_behind(present);
        let is_placed = |stop: &Stop| stop.location.position().is_some() || stop.kind == StopKind::Break;
        let (placed, mut placeless): (Vec<Stop>, Vec<Stop>) = open.into_iter().partition(is_placed);
        placeless.sort_by_key(|stop| stop.given_position);
        let (mut ahead, mut breaks) = (Vec::new(), Vec::new());
        for stop in lined_up(placed) {
            match stop.location.position() {
                Some(_) => ahead.push(stop),
                None => breaks.push((ahead.len(), stop)),
            }
        }
        let standing: Vec<StopId> = ahead.iter().map(|stop: &Stop| stop.id).collect();
        let is_in_force = ahead.iter().all(|stop| stop.planned.is_some());
        if order == StopOrder::Best {
            ahead.sort_by_key(|stop| stop.given_position);
        }
        let number = |id| ahead.iter().position(|stop| stop.id == id);
        let standing = standing.into_iter().filter_map(number).collect();
        let last_driven = behind.iter().filter(|stop| was_driven_to(stop)).max_by_key(|stop| left_at(stop));
        let is_under_way = last_driven.is_some();
        let origin = match last_driven {
            Some(stop) => stop.location.driven_to(),
            None => terminal_place(&route, |route| &route.start),
        };
        let first = match route.ends {
            RouteEnds::Terminals => None,
            _ => given.as_ref().filter(|_| !is_under_way).and_then(|given| number(given.first)),
        };
        let destination = match (route.ends, &given) {
            (RouteEnds::Fixed, Some(given)) => {
                number(given.last).filter(|_| ahead.len() > 1).map_or(Destination::Free, Destination::Stop)
            }
            (RouteEnds::RoundTrip, Some(given)) => Destination::Place(given.home),
            _ => terminal_place(&route, |route| &route.end).map_or(Destination::Free, Destination::Place),
        };
        let departs = match (last_driven, route.status) {
            (Some(stop), _) => left_at(stop),
            (None, RouteStatus::Started { at }) => Some(at),
            (None, _) => route.scheduled_for,
        };
        let mut situation = Self {
            route,
            behind,
            ahead,
            breaks,
            placeless,
            removed,
            standing,
            is_in_force,
            origin,
            first,
            destination,
            departs,
            epoch: None,
        };
        situation.epoch = situation.epoch(day);
        situation
    }

    /// What times count from, unless it lies beyond the instants that there are: on the calendar's first and last day.
    fn epoch(&self, day: Option<Date>) -> Option<Timestamp> {
        let zone = self.route.timezone.zone();
        let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let open = self.ahead.iter().chain(self.breaks.iter().map(|(_, stop)| stop)).chain(&self.placeless);
        let bounds = open.flat_map(|stop| &stop.windows).filter_map(|window| window.start().or(window.end()));
        let scheduled = day.or_else(|| self.route.scheduled_for.map(date));
        let day = scheduled.or_else(|| bounds.min().map(date)).or_else(|| self.departs.map(date))?;
        // Where clocks skip midnight, the day starts at the first instant there is.
        let midnight = day.to_zoned(zone.clone()).ok()?.timestamp();
        Some(self.departs.map_or(midnight, |departs| midnight.min(departs)))
    }

    /// Whether there is a way to drive.
    pub(super) fn is_drivable(&self) -> bool {
        self.points().len() > 1
    }

    /// The points between which ways are wanted: stops ahead by their number, then where the driver comes from, then where
    /// the driver goes at last, as far as these are no stops ahead.
    pub(super) fn points(&self) -> Vec<LatLng> {
        let ahead = self.ahead.iter().filter_map(|stop| stop.location.driven_to());
        ahead.chain(self.origin).chain(self.last_place()).collect()
    }

    /// The number of the point that the driver comes from.
    pub(super) fn origin_point(&self) -> Option<usize> {
        self.origin.map(|_| self.ahead.len())
    }

    /// The number of the point that the driver goes to at last, if it is no stop ahead.
    pub(super) fn destination_point(&self) -> Option<usize> {
        self.last_place().map(|_| self.ahead.len() + usize::from(self.origin.is_some()))
    }

    fn last_place(&self) -> Option<LatLng> {
        match self.destination {
            Destination::Place(place) => Some(place),
            Destination::Free | Destination::Stop(_) => None,
        }
    }

    /// Where the driver has been, the route's start included.
    pub(super) fn driven(&self) -> Vec<LatLng> {
        let driven: Vec<LatLng> = self
            .behind
            .iter()
            .filter(|stop| was_driven_to(stop))
            .filter_map(|stop| stop.location.driven_to())
            .collect();
        let start = terminal_place(&self.route, |route| &route.start).filter(|_| !driven.is_empty());
        start.into_iter().chain(driven).collect()
    }

    /// The departure as seconds after the epoch, where it is not for the plan to say.
    pub(super) fn departs_after(&self) -> Option<Seconds> {
        let since = self.departs?.duration_since(self.epoch?).as_secs().max(0);
        Some(Seconds::new(u32::try_from(since).unwrap_or(u32::MAX)))
    }
}

/// Where a route begins or ends beside its stops, if it does.
fn terminal_place(route: &Route, end: impl Fn(&Route) -> &Terminal) -> Option<LatLng> {
    if route.ends != RouteEnds::Terminals {
        return None;
    }
    end(route).location.as_ref().and_then(Location::driven_to)
}

/// The first and the last located stop in the order given.
fn given(present: &[Stop]) -> Option<Given> {
    let located = || present.iter().filter_map(|stop| Some((stop, stop.location.driven_to()?)));
    let (first, home) = located().min_by_key(|(stop, _)| stop.given_position)?;
    let (last, _) = located().max_by_key(|(stop, _)| stop.given_position)?;
    Some(Given { first: first.id, home, last: last.id })
}

/// Stops behind the driver and the open ones. The former keep their order if they come before all others, or else are put
/// in the order of time.
fn part_behind(present: Vec<Stop>) -> (Vec<Stop>, Vec<Stop>) {
    let is_first = present.iter().skip_while(|stop| stop.status.is_behind()).all(|stop| !stop.status.is_behind());
    let (mut behind, open): (Vec<Stop>, Vec<Stop>) = present.into_iter().partition(|stop| stop.status.is_behind());
    if !is_first {
        behind.sort_by_key(left_at);
    }
    (behind, open)
}

/// Whether the driver was there.
pub(super) fn was_driven_to(stop: &Stop) -> bool {
    let is_skipped = matches!(stop.status, StopStatus::Ended { outcome: Outcome::Skipped { .. }, .. });
    stop.status.is_behind() && !is_skipped && stop.location.position().is_some()
}

/// When the driver left, or will leave after the time planned for it.
fn left_at(stop: &Stop) -> Option<Timestamp> {
    match &stop.status {
        StopStatus::Pending | StopStatus::Removed => None,
        StopStatus::Arrived { at } => {
            let stay = SignedDuration::from_secs(stop.service_time.map_or(0, |time| i64::from(time.get())));
            Some(at.checked_add(stay).unwrap_or(*at))
        }
        StopStatus::Ended { outcome, .. } => Some(outcome.at()),
    }
}

/// Stops with a plan in its order; each of the others before the first one that was given after it.
fn lined_up(stops: Vec<Stop>) -> Vec<Stop> {
    let (mut line, mut others): (Vec<Stop>, Vec<Stop>) = stops.into_iter().partition(|stop| stop.planned.is_some());
    others.sort_by_key(|stop| stop.given_position);
    for stop in others {
        let place = line.iter().position(|other| other.given_position > stop.given_position).unwrap_or(line.len());
        line.insert(place, stop);
    }
    line
}

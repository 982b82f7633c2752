//! What planners do to a route's stops, before and while it is driven.

use jiff::Timestamp;

use crate::address::{Address, Item};
use crate::event::Event;
use crate::id::StopId;
use crate::itinerary::Itinerary;
use crate::location::Location;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::route::{RouteEnds, RouteStatus};
use crate::stop::{Stop, StopStatus};
use crate::text::Text;

/// What a planner's change leads to; the order of stops is as it was, the plan is to be made anew.
type Edited = Result<Itinerary, Refusal>;

impl Itinerary {
    /// Puts stops into the order, the first of them at `position` among the stops present, from 0; without one at the end,
    /// or before the last stop where that one stays last. A position behind the driver is refused, one beyond the end is
    /// the end.
    ///
    /// The order as it then stands counts as the one given. A removed stop with the id of a new one is forgotten.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven, or the driver is past that position.
    pub fn add_stops(self, added: Vec<Stop>, position: Option<usize>, at: Timestamp) -> Edited {
        self.route.check_open("add stops to")?;
        let Self { mut route, stops } = self;
        let (mut present, mut removed) = part(stops);
        removed.retain(|old| old.external_id.is_none() || added.iter().all(|new| new.external_id != old.external_id));
        let last = match route.ends {
            RouteEnds::Fixed if present.last().is_some_and(|stop| !stop.status.is_behind()) && present.len() > 1 => {
                present.len() - 1
            }
            _ => present.len(),
        };
        let position = position.unwrap_or(last).min(present.len());
        check_ahead(&present, position)?;
        present.splice(position..position, added);
        route.updated_at = at;
        Ok(Self { route, stops: renumbered(present, removed) })
    }

    /// Takes stops off the route.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven, or a stop is not on this route, done, or being served.
    pub fn remove_stops(self, gone: &[StopId], at: Timestamp) -> Edited {
        self.route.check_open("remove stops from")?;
        let Self { mut route, mut stops } = self;
        for id in gone {
            let stop = open_stop(&mut stops, *id, "remove")?;
            *stop =
                Stop { status: StopStatus::Removed, planned: None, shortfall: None, updated_at: at, ..stop.clone() };
        }
        let (present, removed) = part(stops);
        route.updated_at = at;
        // Whoever removes the last stop that was to be driven ends the route.
        if let RouteStatus::Started { at: started_at } = route.status
            && !present.is_empty()
            && present.iter().all(|stop| stop.status.is_terminal())
        {
            route.status = RouteStatus::Completed { started_at, at };
        }
        Ok(Self { route, stops: present.into_iter().chain(removed).collect() })
    }

    /// Puts a stop at another position among the stops present, from 0; one beyond the end is the end. The order as it
    /// then stands counts as the one given.
    ///
    /// # Errors
    /// As for [`remove_stops`](Self::remove_stops), and where the driver is past that position.
    pub fn move_stop(self, id: StopId, position: usize, at: Timestamp) -> Edited {
        self.route.check_open("move stops of")?;
        let Self { mut route, mut stops } = self;
        open_stop(&mut stops, id, "move")?;
        let (mut present, removed) = part(stops);
        let from = present.iter().position(|stop| stop.id == id).unwrap_or_default();
        let moved = present.remove(from);
        let position = position.min(present.len());
        check_ahead(&present, position)?;
        present.insert(position, moved);
        route.updated_at = at;
        Ok(Self { route, stops: renumbered(present, removed) })
    }

    /// Puts other things in the place of those to be handed over at a stop.
    ///
    /// # Errors
    /// As for [`remove_stops`](Self::remove_stops).
    pub fn replace_items(self, id: StopId, items: Vec<Item>, at: Timestamp) -> Edited {
        self.change_stop(id, "change the items of", at, |stop| stop.items = items)
    }

    /// Corrects where a stop is: its address, where one is given, and what is known of the place.
    ///
    /// # Errors
    /// As for [`remove_stops`](Self::remove_stops).
    pub fn correct_stop(self, id: StopId, address: Option<Address>, location: Location, at: Timestamp) -> Edited {
        self.change_stop(id, "correct", at, |stop| {
            if let Some(address) = address {
                stop.address = address;
            }
            stop.location = location;
        })
    }

    /// Makes a stop keep its place when the order is computed again, or lets it go.
    ///
    /// # Errors
    /// As for [`remove_stops`](Self::remove_stops).
    pub fn lock_stop(self, id: StopId, is_locked: bool, at: Timestamp) -> Edited {
        self.change_stop(id, "lock", at, |stop| stop.is_locked = is_locked)
    }

    /// The route as it is, marked as changed by its planner.
    ///
    /// # Errors
    /// [`Refusal`] of `action` where nothing more will be driven, or it is put away.
    pub fn reopen(self, action: &'static str, at: Timestamp) -> Edited {
        self.route.check_open(action)?;
        let Self { mut route, stops } = self;
        route.updated_at = at;
        Ok(Self { route, stops })
    }

    /// Names the route anew, and says when it is driven; what is `None` stays.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven, or it is put away.
    pub fn describe(self, name: Option<Text<4000>>, scheduled_for: Option<Option<Timestamp>>, at: Timestamp) -> Edited {
        let Self { mut route, stops } = self.reopen("change", at)?;
        route.name = name.unwrap_or(route.name);
        route.scheduled_for = scheduled_for.unwrap_or(route.scheduled_for);
        Ok(Self { route, stops })
    }

    /// Says what holds the ends of the route.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven.
    pub fn set_ends(self, ends: RouteEnds, at: Timestamp) -> Edited {
        self.route.check_open("change the ends of")?;
        let Self { mut route, stops } = self;
        route.ends = ends;
        route.updated_at = at;
        Ok(Self { route, stops })
    }

    /// Calls the route off: stops that have not ended are skipped, what was done stays.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more would be driven anyway.
    pub fn cancel(self, at: Timestamp) -> Result<(Self, Vec<Event>), Refusal> {
        let Self { mut route, mut stops } = self;
        if route.status.is_over() {
            return Err(route.refuse("cancel"));
        }
        for stop in stops.iter_mut().filter(|stop| !stop.status.is_terminal()) {
            let arrived_at = match stop.status {
                StopStatus::Arrived { at } => Some(at),
                _ => None,
            };
            stop.status = StopStatus::Ended { arrived_at, outcome: Outcome::Skipped { at } };
            stop.updated_at = at;
        }
        route.status = RouteStatus::Cancelled { started_at: route.status.started_at(), at };
        route.dispatched_until = None;
        route.updated_at = at;
        Ok((Self { route, stops }, vec![Event::JobCancelled]))
    }

    fn change_stop(self, id: StopId, action: &'static str, at: Timestamp, change: impl FnOnce(&mut Stop)) -> Edited {
        self.route.check_open("change stops of")?;
        let Self { mut route, mut stops } = self;
        let stop = open_stop(&mut stops, id, action)?;
        change(stop);
        stop.updated_at = at;
        route.updated_at = at;
        Ok(Self { route, stops })
    }
}

/// The stops present, and those that were removed.
fn part(stops: Vec<Stop>) -> (Vec<Stop>, Vec<Stop>) {
    stops.into_iter().partition(|stop| stop.status != StopStatus::Removed)
}

/// The order as it stands is the one given.
fn renumbered(mut present: Vec<Stop>, removed: Vec<Stop>) -> Vec<Stop> {
    for (stop, position) in present.iter_mut().zip(0..) {
        stop.given_position = position;
    }
    present.extend(removed);
    present
}

/// A stop of the route that nobody has been at.
fn open_stop<'s>(stops: &'s mut [Stop], id: StopId, action: &'static str) -> Result<&'s mut Stop, Refusal> {
    let stop = stops.iter_mut().find(|stop| stop.id == id && stop.status != StopStatus::Removed);
    let stop = stop.ok_or(Refusal { noun: "a stop", state: "not on this route", action })?;
    if stop.status.is_behind() { Err(stop.refuse(action)) } else { Ok(stop) }
}

/// Whether what is put at `position` would still be driven to.
fn check_ahead(present: &[Stop], position: usize) -> Result<(), Refusal> {
    if present.iter().skip(position).any(|stop| stop.status.is_behind()) {
        return Err(Refusal { noun: "a position", state: "behind the driver", action: "use" });
    }
    Ok(())
}

use jiff::Timestamp;

use crate::event::Event;
use crate::id::StopId;
use crate::job::JobStatus;
use crate::outcome::{AttemptedReason, ProofOfDelivery};
use crate::refusal::Refusal;
use crate::route::{Route, RouteStatus};
use crate::stop::{Stop, StopStatus};

/// A route with its stops in order: what drivers act on.
///
/// Every act returns the itinerary as it stands afterwards, with the events that others are told. The first act starts
/// the route; the one that ends the last stop completes it, whether or not all were delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Itinerary {
    /// The route.
    pub route: Route,
    /// Its stops in driving order; those without a position come last, in the order they were given.
    pub stops: Vec<Stop>,
}

/// What an act leads to.
type Acted = Result<(Itinerary, Vec<Event>), Refusal>;

impl Itinerary {
    /// How the job of this route stands.
    #[must_use]
    pub const fn job_status(&self) -> JobStatus {
        JobStatus::of(self.route.driver_id, self.route.status)
    }

    /// The stops that are still on the route.
    pub fn present_stops(&self) -> impl Iterator<Item = &Stop> {
        self.stops.iter().filter(|stop| stop.status != StopStatus::Removed)
    }

    /// The driver sets out.
    ///
    /// # Errors
    /// [`Refusal`] where the route is completed.
    pub fn start(self, at: Timestamp) -> Acted {
        let route = self.route.start(at)?;
        Ok((Self { route, ..self }, Vec::new()))
    }

    /// The driver arrives at a stop.
    ///
    /// # Errors
    /// [`Refusal`] where the stop is not on this route or somebody has been there.
    pub fn arrive(self, stop: StopId, at: Timestamp) -> Acted {
        self.act(stop, at, "arrive at", |stop| stop.arrive(at), Event::StopArrived)
    }

    /// The driver has done what was to be done.
    ///
    /// # Errors
    /// [`Refusal`] where the stop is not on this route, has ended, or waits for a required task.
    pub fn complete(self, stop: StopId, at: Timestamp, proof: ProofOfDelivery) -> Acted {
        self.act(stop, at, "complete", |stop| stop.complete(at, proof), Event::StopCompleted)
    }

    /// The driver was there in vain.
    ///
    /// # Errors
    /// As for [`complete`](Self::complete).
    pub fn fail(
        self,
        stop: StopId,
        at: Timestamp,
        reason: AttemptedReason,
        note: Option<String>,
        proof: ProofOfDelivery,
    ) -> Acted {
        self.act(stop, at, "fail", |stop| stop.fail(at, reason, note, proof), Event::StopFailed)
    }

    /// The stop will not be driven to.
    ///
    /// # Errors
    /// [`Refusal`] where the stop is not on this route or has ended.
    pub fn skip(self, stop: StopId, at: Timestamp) -> Acted {
        self.act(stop, at, "skip", |stop| stop.skip(at), Event::StopFailed)
    }

    fn act(
        self,
        id: StopId,
        at: Timestamp,
        action: &'static str,
        change: impl FnOnce(Stop) -> Result<Stop, Refusal>,
        event: impl FnOnce(StopId) -> Event,
    ) -> Acted {
        let Self { route, mut stops } = self;
        let Some(slot) = stops.iter_mut().find(|stop| stop.id == id) else {
            return Err(Refusal { noun: "a stop", state: "not on this route", action });
        };
        *slot = change(slot.clone())?;
        let mut route = route.start(at)?;
        let mut events = vec![event(id)];
        if stops.iter().all(|stop| stop.status.is_terminal()) {
            let started_at = route.status.started_at().unwrap_or(at);
            route.status = RouteStatus::Completed { started_at, at };
            events.push(Event::JobCompleted);
        }
        Ok((Self { route, stops }, events))
    }
}

#[cfg(test)]
mod tests {
    use routemate_units::{LatLng, Meters, Seconds};
    use uuid::Uuid;

    use super::*;
    use crate::address::{Address, Contact, Item};
    use crate::id::{DriverId, OrganizationId, RouteId, TaskId};
    use crate::location::Location;
    use crate::priority::Priority;
    use crate::route::{RouteEnds, RouteTotals, Terminal, TravelQuality};
    use crate::stop::{StopKind, StopSource};
    use crate::task::{InputMethod, Task, TaskInput, TaskKind};
    use crate::text::{JsonText, Text};
    use crate::time::ZoneName;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn id(number: u128) -> StopId {
        StopId::from_uuid(Uuid::from_u128(number))
    }

    fn stop(number: u128) -> Stop {
        Stop {
            id: id(number),
            given_position: 0,
            external_id: None,
            kind: StopKind::Delivery,
            source: StopSource::Job,
            address: Address::one_line("Unioninkatu 29"),
            location: Location::Supplied(LatLng::new(60.17, 24.95).expect("a position")),
            contact: Contact::default(),
            note: None,
            service_type: None,
            service_time: None,
            windows: Vec::new(),
            day_windows: Vec::new(),
            delivery_date: None,
            priority: Priority::default(),
            items: vec![Item::parcels(2)],
            order_name: None,
            attributes: Vec::new(),
            tags: Vec::new(),
            metadata: JsonText::default(),
            tasks: Vec::new(),
            is_locked: false,
            planned: None,
            shortfall: None,
            status: StopStatus::Pending,
            updated_at: at(0),
        }
    }

    fn itinerary(stops: Vec<Stop>) -> Itinerary {
        let route = Route {
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            id: RouteId::from_uuid(Uuid::nil()),
            name: Text::parse("Morning").expect("a name"),
            driver_id: Some(DriverId::from_uuid(Uuid::nil())),
            status: RouteStatus::Planned,
            timezone: ZoneName::utc(),
            scheduled_for: None,
            ends: RouteEnds::Fixed,
            start: Terminal::default(),
            end: Terminal::default(),
            end_leg: None,
            departure_at: None,
            totals: RouteTotals {
                distance: Meters::ZERO,
                duration: Seconds::ZERO,
                polyline: String::new(),
                quality: TravelQuality::Estimated,
                attribution: None,
            },
            optimality: None,
            dispatched_until: None,
            archived_at: None,
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        };
        Itinerary { route, stops }
    }

    #[test]
    fn the_first_act_of_a_driver_starts_the_route() {
        let (arrived, events) = itinerary(vec![stop(1), stop(2)]).arrive(id(1), at(5)).expect("allowed");
        assert_eq!(arrived.job_status(), JobStatus::InProgress);
        assert_eq!(arrived.route.status.started_at(), Some(at(5)));
        assert_eq!(events, [Event::StopArrived(id(1))]);
        let (started, events) = itinerary(vec![stop(1)]).start(at(1)).expect("allowed");
        assert_eq!((started.job_status(), events), (JobStatus::InProgress, Vec::new()));
    }

    #[test]
    fn a_job_completes_when_every_stop_has_ended_even_in_vain() {
        let (half, _) = itinerary(vec![stop(1), stop(2), stop(3)])
            .complete(id(1), at(1), ProofOfDelivery::default())
            .expect("allowed");
        let (more, _) = half.skip(id(3), at(2)).expect("allowed");
        assert_eq!(more.job_status(), JobStatus::InProgress);
        let (done, events) = more
            .fail(id(2), at(3), AttemptedReason::NotAvailable, Some("nobody".into()), ProofOfDelivery::default())
            .expect("allowed");
        assert_eq!(done.job_status(), JobStatus::Completed);
        assert_eq!(events, [Event::StopFailed(id(2)), Event::JobCompleted]);
        assert_eq!(done.start(at(4)).expect_err("is completed").state, "completed");
    }

    #[test]
    fn a_stop_ends_once() {
        let (done, _) =
            itinerary(vec![stop(1), stop(2)]).complete(id(1), at(1), ProofOfDelivery::default()).expect("allowed");
        let refusal = done.fail(id(1), at(2), AttemptedReason::Other, None, ProofOfDelivery::default());
        assert_eq!(refusal.expect_err("has ended").to_string(), "cannot fail a stop that is `completed`");
    }

    #[test]
    fn removed_stops_do_not_hold_a_job_open_and_strangers_are_refused() {
        let removed = Stop { status: StopStatus::Removed, ..stop(2) };
        let (done, _) =
            itinerary(vec![stop(1), removed]).complete(id(1), at(1), ProofOfDelivery::default()).expect("allowed");
        assert_eq!(done.job_status(), JobStatus::Completed);
        assert_eq!(done.present_stops().count(), 1);
        assert_eq!(itinerary(vec![stop(1)]).arrive(id(9), at(1)).expect_err("is elsewhere").state, "not on this route");
    }

    #[test]
    fn a_required_task_comes_before_completion() {
        let task = |input| Task {
            id: TaskId::from_uuid(Uuid::nil()),
            title: "Scan".into(),
            kind: TaskKind::Scanner(input),
            is_required_to_complete: true,
            is_required_to_fail: false,
        };
        let waiting = itinerary(vec![Stop { tasks: vec![task(None)], ..stop(1) }]);
        assert!(waiting.clone().complete(id(1), at(1), ProofOfDelivery::default()).is_err());
        assert!(waiting.fail(id(1), at(1), AttemptedReason::Refused, None, ProofOfDelivery::default()).is_ok());
        let input = TaskInput { value: "4006381333931".into(), updated_at: at(1), method: InputMethod::Scanned };
        let scanned = itinerary(vec![Stop { tasks: vec![task(Some(input))], ..stop(1) }]);
        assert!(scanned.complete(id(1), at(1), ProofOfDelivery::default()).is_ok());
    }

    fn numbers(itinerary: &Itinerary) -> Vec<u128> {
        itinerary.present_stops().map(|stop| stop.id.to_uuid().as_u128()).collect()
    }

    #[test]
    fn a_new_stop_leaves_the_last_one_last_and_the_order_is_the_one_given() {
        let route = itinerary(vec![stop(1), stop(2), stop(3)]);
        let added = route.clone().add_stops(vec![stop(8), stop(9)], None, at(1)).expect("allowed");
        assert_eq!(numbers(&added), [1, 2, 8, 9, 3]);
        let given: Vec<u32> = added.stops.iter().map(|stop| stop.given_position).collect();
        assert_eq!((given, added.route.updated_at), (vec![0, 1, 2, 3, 4], at(1)));
        assert_eq!(numbers(&route.clone().add_stops(vec![stop(9)], Some(0), at(1)).expect("allowed")), [9, 1, 2, 3]);
        let Itinerary { route, stops } = route;
        let open = Itinerary { route: Route { ends: RouteEnds::OpenEnd, ..route }, stops };
        assert_eq!(numbers(&open.add_stops(vec![stop(9)], None, at(1)).expect("allowed")), [1, 2, 3, 9]);
    }

    #[test]
    fn what_is_behind_the_driver_stays() {
        let (driven, _) = itinerary(vec![stop(1), stop(2), stop(3)]).arrive(id(1), at(1)).expect("allowed");
        assert_eq!(driven.clone().move_stop(id(3), 0, at(2)).expect_err("is behind").state, "behind the driver");
        assert_eq!(driven.clone().remove_stops(&[id(1)], at(2)).expect_err("is there").state, "arrived");
        assert_eq!(driven.clone().move_stop(id(9), 1, at(2)).expect_err("is elsewhere").state, "not on this route");
        assert_eq!(numbers(&driven.clone().move_stop(id(3), 1, at(2)).expect("allowed")), [1, 3, 2]);
        let left = driven.remove_stops(&[id(2), id(3)], at(2)).expect("allowed");
        assert_eq!((numbers(&left), left.stops.len()), (vec![1], 3));
    }

    #[test]
    fn a_route_that_is_called_off_skips_what_is_left() {
        let (done, _) =
            itinerary(vec![stop(1), stop(2)]).complete(id(1), at(1), ProofOfDelivery::default()).expect("allowed");
        let (cancelled, events) = done.cancel(at(5)).expect("allowed");
        let statuses: Vec<_> = cancelled.stops.iter().map(|stop| stop.status.as_str()).collect();
        assert_eq!((statuses, events), (vec!["completed", "skipped"], vec![Event::JobCancelled]));
        assert_eq!((cancelled.job_status(), cancelled.route.status.started_at()), (JobStatus::Cancelled, Some(at(1))));
        assert!(cancelled.clone().cancel(at(6)).is_err() && cancelled.clone().start(at(6)).is_err());
        assert!(cancelled.clone().add_stops(vec![stop(3)], None, at(6)).is_err());
        assert!(cancelled.route.clone().assign(DriverId::from_uuid(Uuid::nil()), at(6)).is_err());
        assert!(cancelled.route.archive(at(6)).is_ok_and(|route| route.archived_at == Some(at(6))));
    }

    #[test]
    fn a_dispatched_route_has_a_driver() {
        let Itinerary { route, .. } = itinerary(vec![stop(1)]);
        let dispatched = route.dispatch(at(9), at(1)).expect("allowed");
        assert_eq!(dispatched.dispatched_until, Some(at(9)));
        let unassigned = dispatched.unassign(at(2)).expect("allowed");
        assert_eq!((unassigned.driver_id, unassigned.dispatched_until), (None, None));
        assert_eq!(unassigned.dispatch(at(9), at(3)).expect_err("nobody drives").state, "without a driver");
    }
}

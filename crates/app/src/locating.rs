use jiff::Timestamp;
use routemate_domain::{
    Address, Contact, Geocoded, Item, Location, OrganizationId, Route, Stop, StopId, StopKind, StopSource, StopStatus,
    Suggestion, Terminal,
};
use routemate_geocoding::{Candidate, Lookup, Outcome, Provider, Query, StructuredAddress};
use routemate_metrics::{GEOCODED_ADDRESSES, GEOCODING_DURATION};
use routemate_persistence::StoreError;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{App, ImportJob};

impl App {
    /// The stops of an import, as they were given: not located beyond what the client knew, not planned.
    pub(crate) fn new_stops(&self, command: &ImportJob, now: Timestamp) -> Vec<Stop> {
        let stops = command.stops.iter().zip(0..);
        stops
            .map(|(stop, given_position)| Stop {
                id: StopId::from_uuid(self.new_uuid()),
                given_position,
                external_id: Some(stop.external_stop_id.clone()),
                kind: StopKind::from_service_type(stop.service_type.as_ref().map(|text| text.as_str())),
                source: StopSource::Job,
                address: Address::one_line(stop.address.as_str()),
                location: stop.position.map_or(Location::Searching, Location::Supplied),
                contact: Contact {
                    company: stop.label.as_ref().map(|label| label.as_str().to_owned()).unwrap_or_default(),
                    ..Contact::default()
                },
                note: stop.notes.clone(),
                service_type: stop.service_type.clone(),
                service_time: stop.service_time,
                windows: stop.window.into_iter().collect(),
                day_windows: Vec::new(),
                delivery_date: None,
                priority: stop.priority,
                items: vec![Item::parcels(stop.parcel_count)],
                order_name: None,
                attributes: Vec::new(),
                tags: Vec::new(),
                metadata: stop.metadata.clone(),
                tasks: Vec::new(),
                is_locked: false,
                planned: None,
                shortfall: None,
                status: StopStatus::Pending,
                updated_at: now,
            })
            .collect()
    }

    /// Looks up the addresses of the stops that are being searched for, until the deadline. What is not found for lack
    /// of time, or because a geocoder is out of order, stays [`Location::Searching`]; so does a stop that has ended.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn locate(
        &self,
        organization: OrganizationId,
        mut stops: Vec<Stop>,
    ) -> Result<Vec<Stop>, StoreError> {
        let queries: Vec<Query> =
            stops.iter().filter(|stop| is_searched(stop)).map(|stop| query(&stop.address)).collect();
        if queries.is_empty() {
            return Ok(stops);
        }
        let (begun, now) = (Instant::now(), self.now());
        let searching = self.look_up(organization, &queries);
        let answers = searching.instrument(tracing::debug_span!("geocode", addresses = queries.len())).await?;
        GEOCODING_DURATION.record::<&'static str>([], begun.elapsed());
        for (stop, answer) in stops.iter_mut().filter(|stop| is_searched(stop)).zip(answers) {
            stop.location = location(answer, now);
        }
        Ok(stops)
    }

    /// Looks up the ends of a route as [`locate`](Self::locate) does its stops.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn locate_terminals(&self, mut route: Route) -> Result<Route, StoreError> {
        let organization = route.organization_id;
        let mut ends = [&mut route.start, &mut route.end];
        let is_searched = |end: &Terminal| end.location == Some(Location::Searching);
        let queries: Vec<Query> = ends.iter().filter(|end| is_searched(end)).map(|end| query(&end.address)).collect();
        if queries.is_empty() {
            return Ok(route);
        }
        let now = self.now();
        let answers = self.look_up(organization, &queries).await?;
        for (end, answer) in ends.iter_mut().filter(|end| is_searched(end)).zip(answers) {
            end.location = Some(location(answer, now));
        }
        Ok(route)
    }

    /// Looks up addresses of stops beside any route, as [`locate`](Self::locate) does those on one: a place for each, in
    /// their order.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn locate_addresses(
        &self,
        organization: OrganizationId,
        addresses: &[Address],
    ) -> Result<Vec<Location>, StoreError> {
        let queries: Vec<Query> = addresses.iter().map(query).collect();
        let (begun, now) = (Instant::now(), self.now());
        let searching = self.look_up(organization, &queries);
        let answers = searching.instrument(tracing::debug_span!("geocode", addresses = queries.len())).await?;
        GEOCODING_DURATION.record::<&'static str>([], begun.elapsed());
        Ok(answers.into_iter().map(|answer| location(answer, now)).collect())
    }
}

/// Where an address is, by what was found at a time: before the answer came, so that nothing is kept for too long.
fn location(answer: Lookup, found_at: Timestamp) -> Location {
    GEOCODED_ADDRESSES.increment([outcome_name(&answer.outcome)]);
    match answer.outcome {
        Outcome::Found(candidate) => geocoded(candidate, false, found_at),
        Outcome::Approximate(candidate) => geocoded(candidate, true, found_at),
        Outcome::NotFound => {
            let suggestions = answer.candidates.into_iter().map(|candidate| suggestion(candidate, found_at));
            Location::NotFound { suggestions: suggestions.collect() }
        }
        Outcome::Unfinished => Location::Searching,
    }
}

/// Whether the address of an end of the route is being looked for.
pub(crate) fn is_terminal_searched(route: &Route) -> bool {
    [&route.start, &route.end].into_iter().any(|end| end.location == Some(Location::Searching))
}

/// Whether the stop's address is being looked for, and its place still of use.
pub(crate) fn is_searched(stop: &Stop) -> bool {
    stop.location == Location::Searching && !stop.status.is_terminal()
}

/// An address in one line is asked for as text, one in parts as such.
fn query(address: &Address) -> Query {
    if *address == Address::one_line(address.line1.as_str()) {
        return Query::text(&address.line1);
    }
    Query::structured(&StructuredAddress {
        line: address.line1.clone(),
        unit: address.line2.clone(),
        city: address.city.clone(),
        region: address.province_code.clone(),
        postcode: address.zip.clone(),
        country: address.country_code.clone(),
    })
}

/// When a place is to be forgotten that was found by `source` at a time; `None` where its terms let it be kept.
fn forget_at(source: &str, found_at: Timestamp) -> Option<Timestamp> {
    let stored = Provider::parse(source)?.terms().stored()?;
    Some(found_at.saturating_add(stored).unwrap_or(Timestamp::MAX))
}

fn geocoded(candidate: Candidate, is_approximate: bool, found_at: Timestamp) -> Location {
    Location::Geocoded(Geocoded {
        found_at: Some(found_at),
        forget_at: forget_at(&candidate.source, found_at),
        position: candidate.position,
        access: candidate.access,
        match_type: candidate.match_type.as_str().to_owned(),
        confidence: candidate.confidence.get(),
        is_approximate,
        source: candidate.source.into_owned(),
        attribution: candidate.attribution.into_owned(),
    })
}

/// The word for it in metrics.
const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Found(_) => "found",
        Outcome::Approximate(_) => "approximate",
        Outcome::NotFound => "not_found",
        Outcome::Unfinished => "unfinished",
    }
}

fn suggestion(candidate: Candidate, found_at: Timestamp) -> Suggestion {
    Suggestion {
        forget_at: forget_at(&candidate.source, found_at),
        position: candidate.position,
        match_type: candidate.match_type.as_str().to_owned(),
        confidence: candidate.confidence.get(),
        source: candidate.source.into_owned(),
        label: candidate.label,
    }
}

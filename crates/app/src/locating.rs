use std::num::NonZeroUsize;

use jiff::Timestamp;
use routemate_domain::{Address, Contact, Geocoded, Item, Location, Stop, StopId, StopKind, StopSource, StopStatus};
use routemate_geocoding::{Candidate, MatchType, Outcome, Query, geocode_all};
use routemate_metrics::{GEOCODED_ADDRESSES, GEOCODING_DURATION};

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
                delivery_date: None,
                priority: stop.priority,
                items: vec![Item::parcels(stop.parcel_count)],
                order_name: None,
                attributes: Vec::new(),
                tags: Vec::new(),
                metadata: stop.metadata.clone(),
                tasks: Vec::new(),
                planned: None,
                shortfall: None,
                status: StopStatus::Pending,
                updated_at: now,
            })
            .collect()
    }

    /// Looks up the addresses of the stops that are being searched for, until the deadline. What is not found for lack
    /// of time, or because a geocoder is out of order, stays [`Location::Searching`]; so does a stop that has ended.
    pub(crate) async fn locate(&self, mut stops: Vec<Stop>) -> Vec<Stop> {
        let searched = |stop: &Stop| stop.location == Location::Searching && !stop.status.is_terminal();
        let queries: Vec<Query> =
            stops.iter().filter(|stop| searched(stop)).map(|stop| Query::text(&stop.address.to_string())).collect();
        if queries.is_empty() {
            return stops;
        }
        let concurrency = NonZeroUsize::new(self.settings.geocoding_concurrency).unwrap_or(NonZeroUsize::MIN);
        let begun = Instant::now();
        let searching = geocode_all(&*self.geocoder, &queries, concurrency, self.settings.geocoding_deadline);
        let outcomes = searching.instrument(tracing::debug_span!("geocode", addresses = queries.len())).await;
        GEOCODING_DURATION.record::<&'static str>([], begun.elapsed());
        for (stop, outcome) in stops.iter_mut().filter(|stop| searched(stop)).zip(outcomes) {
            GEOCODED_ADDRESSES.increment([outcome_name(&outcome)]);
            stop.location = match outcome {
                Outcome::Found(candidate) => geocoded(candidate, false),
                Outcome::Approximate(candidate) => geocoded(candidate, true),
                Outcome::NotFound => Location::NotFound,
                Outcome::Unfinished => Location::Searching,
            };
        }
        stops
    }
}

fn geocoded(candidate: Candidate, is_approximate: bool) -> Location {
    Location::Geocoded(Geocoded {
        position: candidate.position,
        match_type: match_name(candidate.match_type).to_owned(),
        confidence: candidate.confidence.get(),
        is_approximate,
        source: candidate.source.into_owned(),
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

/// The stable name that is stored and shown.
const fn match_name(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Exact => "exact",
        MatchType::OtherSuffix => "other_suffix",
        MatchType::Range => "range",
        MatchType::Interpolated => "interpolated",
        MatchType::NearestNumber => "nearest_number",
        MatchType::Street => "street",
        MatchType::Postcode => "postcode",
        MatchType::Locality => "locality",
        _ => "unknown",
    }
}

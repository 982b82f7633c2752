use super::rules::{first_visits, last_visit};
use crate::vehicle::Vehicle;
use crate::visit::VisitId;
use std::ops::RangeInclusive;

/// The places at which a visit may be put into a tour without it, from 0: what is fixed first or last stays there.
pub(super) fn places(vehicle: &Vehicle, rest: &[VisitId], visit: VisitId) -> RangeInclusive<usize> {
    let first = first_visits(vehicle);
    let is_before = |fixed: &&VisitId| **fixed != visit;
    let fixed_before = first.iter().take_while(is_before).filter(|fixed| rest.contains(fixed)).count();
    if first.contains(&visit) {
        return fixed_before..=fixed_before;
    }
    let last = last_visit(vehicle);
    if last == Some(visit) {
        return rest.len()..=rest.len();
    }
    let is_last_there = last.is_some() && last == rest.last().copied();
    fixed_before..=rest.len() - usize::from(is_last_there)
}

pub(super) fn with_visit_at(rest: &[VisitId], visit: VisitId, place: usize) -> Vec<VisitId> {
    let (before, after) = rest.split_at(place.min(rest.len()));
    let mut order = Vec::with_capacity(rest.len() + 1);
    order.extend_from_slice(before);
    order.push(visit);
    order.extend_from_slice(after);
    order
}

/// Every order that comes from putting a visit, or a pickup and its delivery, into a tour without them.
pub(super) fn orders<'v>(
    vehicle: &'v Vehicle,
    rest: &'v [VisitId],
    visit: VisitId,
    delivery: Option<VisitId>,
) -> impl Iterator<Item = Vec<VisitId>> + 'v {
    places(vehicle, rest, visit).flat_map(move |place| {
        let order = with_visit_at(rest, visit, place);
        match delivery {
            None => vec![order],
            Some(delivery) => places(vehicle, &order, delivery)
                .filter(|&second| second > place)
                .map(|second| with_visit_at(&order, delivery, second))
                .collect(),
        }
    })
}

use super::route::Route;
use super::rules::Rules;
use crate::visit::VisitId;

/// More than fits in.
pub(super) struct Overload {
    /// After which stop; `None` from the start.
    pub(super) after: Option<VisitId>,
    pub(super) dimension: usize,
    pub(super) load: i64,
    pub(super) capacity: u32,
}

/// The first moment at which more is on board than fits in. Deliveries are on board from the start, pickups to the end.
pub(super) fn overload(rules: &Rules<'_>, route: &Route<'_>) -> Option<Overload> {
    let amount = |amounts: &[u32], dimension: usize| amounts.get(dimension).map_or(0, |&amount| i64::from(amount));
    for (dimension, &capacity) in route.vehicle.capacity().iter().enumerate() {
        let mut load: i64 = route.visits.iter().map(|visit| amount(visit.delivery(), dimension)).sum();
        let mut after = None;
        for (&id, visit) in route.order.iter().zip(&route.visits) {
            if load > i64::from(capacity) {
                break;
            }
            load += amount(visit.pickup(), dimension) - amount(visit.delivery(), dimension);
            if let Some(shipment) = rules.shipment(id) {
                let carried = amount(shipment.amounts(), dimension);
                load += if shipment.pickup() == id { carried } else { -carried };
            }
            after = Some(id);
        }
        if load > i64::from(capacity) {
            return Some(Overload { after, dimension, load, capacity });
        }
    }
    None
}

//! Who may stand where, limits aside.

use crate::alternatives::error::AlternativesError;
use crate::answer::places::Places;
use crate::builder::fixed_first;
use crate::costs::Costs;
use crate::problem::Problem;
use crate::vehicle::{Terminal, VehicleId};
use crate::visit::VisitId;

/// Whether each of these may stand where it does, limits aside.
pub(super) fn check_places<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    id: VehicleId,
    tour: &[VisitId],
) -> Result<(), AlternativesError> {
    let refusal = |visit| AlternativesError::NoPlace { visit, vehicle: id };
    let Some(vehicle) = problem.vehicles.get(id.index()) else {
        return Err(AlternativesError::Vehicles { tours: id.index() + 1, vehicles: problem.vehicles.len() });
    };
    if let Some(&visit) = tour.iter().find(|visit| !places.may_serve(problem, id, visit.index())) {
        return Err(refusal(visit));
    }
    let served_first = fixed_first(vehicle).filter(|visit| tour.contains(visit));
    if let Some((fixed, _)) = served_first.zip(tour).find(|(fixed, actual)| fixed != *actual) {
        return Err(refusal(fixed));
    }
    if let Terminal::Visit(last) = vehicle.end()
        && tour.contains(&last)
        && tour.last() != Some(&last)
    {
        return Err(refusal(last));
    }
    let place = |visit: VisitId| tour.iter().position(|&other| other == visit);
    let is_torn = |visit: &&VisitId| {
        problem.shipment_of(visit.index()).is_some_and(|shipment| {
            match (place(shipment.pickup()), place(shipment.delivery())) {
                (Some(pickup), Some(delivery)) => pickup > delivery,
                _ => true,
            }
        })
    };
    tour.iter().find(is_torn).map_or(Ok(()), |&visit| Err(refusal(visit)))
}

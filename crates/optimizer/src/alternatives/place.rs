use crate::alternatives::route::Spot;
use crate::answer::drive::Obstacle;
use crate::vehicle::VehicleId;
use crate::visit::VisitId;

/// A place for a visit in a tour; for a shipment there is one for each of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Who is served; of a shipment its pickup.
    pub visit: VisitId,
    /// By whom.
    pub vehicle: VehicleId,
    /// As which stop of the tour, from 0, when it is put there.
    pub position: usize,
    /// Of a shipment its delivery, and which stop that is.
    pub delivery: Option<(VisitId, usize)>,
}

impl Place {
    /// A spot of a group.
    pub(super) fn at(vehicle: VehicleId, group: &[usize], spot: Spot) -> Option<Self> {
        let visit = VisitId::new(*group.first()?);
        let delivery = spot.second.zip(group.get(1)).map(|(second, &visit)| (VisitId::new(visit), second + 1));
        Some(Self { visit, vehicle, position: spot.first, delivery })
    }

    /// Where a group stands in an order.
    pub(super) fn in_order(vehicle: VehicleId, group: &[usize], order: &[usize]) -> Option<Self> {
        let position = |visit: usize| order.iter().position(|&other| other == visit);
        let &visit = group.first()?;
        let delivery = group.get(1).and_then(|&visit| Some((VisitId::new(visit), position(visit)?)));
        Some(Self { visit: VisitId::new(visit), vehicle, position: position(visit)?, delivery })
    }
}

/// What an alternative changes against the tours as they are; what is negative gets less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Change {
    /// Σ lateness × importance, in seconds: it counts before the total.
    pub weighted_lateness: i64,
    /// [`Cost::total`](crate::Cost::total): what is driven, fixed costs, prizes, changes of the plan in force and balance.
    pub total: i64,
    /// Seconds of driving.
    pub duration_s: i64,
    /// Metres driven.
    pub distance_m: i64,
    /// By how many seconds the visit's tour then finishes later: the one that takes it, or the one that it leaves. A tour
    /// without stops counts as finishing when it departs.
    pub finish_s: i64,
}

impl Change {
    /// Whether it makes the answer better: less lateness, or the same at a smaller total.
    #[must_use]
    pub fn is_better(&self) -> bool {
        (self.weighted_lateness, self.total) < (0, 0)
    }
}

/// A place and what serving the visit there means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alternative {
    /// Where.
    pub place: Place,
    /// Whether that is where it is now.
    pub is_present: bool,
    /// What it changes, or what rules it out: the first that stands against the tour.
    pub outcome: Result<Change, Obstacle>,
}

//! Why visits are left out.

use super::cost::balance;
use super::limits::{Trial, attempt};
use super::places::orders;
use super::rules::{Rules, first_visits, last_visit};
use super::violation::Violation;
use super::{Day, days};
use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Limit, Unserved, UnservedReason};
use crate::vehicle::{Departure, Vehicle, VehicleId};
use crate::visit::VisitId;

pub(super) fn check_unserved<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    tours: &[Day<'_>],
    unserved: &[Unserved],
    violations: &mut Vec<Violation>,
) {
    let reason_of = |visit| unserved.iter().find(|entry| entry.visit == visit).map(|entry| entry.reason);
    for &Unserved { visit, reason } in unserved {
        let shipment = rules.shipment(visit);
        let goods = match shipment {
            None => Goods { visit, delivery: None },
            Some(shipment) => Goods { visit: shipment.pickup(), delivery: Some(shipment.delivery()) },
        };
        if let Some(delivery) = goods.delivery.filter(|&delivery| reason_of(goods.visit) != reason_of(delivery)) {
            if visit == delivery {
                violations.push(Violation::TwoReasons { pickup: goods.visit, delivery });
            }
            continue;
        }
        // The reason of a shipment is looked into once.
        if reason == UnservedReason::SearchStopped || goods.delivery == Some(visit) {
            continue;
        }
        let found = goods.reason(problem, rules, tours);
        if found != Some(reason) {
            violations.push(Violation::UnservedReason { visit, stated: reason, found });
        }
    }
}

/// A visit, or a shipment from its pickup to its delivery.
#[derive(Clone, Copy)]
struct Goods {
    visit: VisitId,
    delivery: Option<VisitId>,
}

/// What was found over a number of places, from bad to good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    NoWay,
    Breaks(Limit),
    /// At places that cost more than the prize.
    TooDear,
    WorthIt,
}

impl Goods {
    fn visits(self) -> impl Iterator<Item = VisitId> {
        std::iter::once(self.visit).chain(self.delivery)
    }

    /// Why it is left out; `None` where it could be served and nothing would be worse for it.
    fn reason<C: Costs>(
        self,
        problem: &Problem<'_, C>,
        rules: &Rules<'_>,
        tours: &[Day<'_>],
    ) -> Option<UnservedReason> {
        let is_allowed = |id: VehicleId, vehicle: &Vehicle| {
            self.visits().all(|visit| {
                let what = problem.visits().get(visit.index());
                what.is_some_and(|what| rules.lets_serve(id, vehicle, visit, what))
            })
        };
        let allowed = || days(problem, tours).filter(|(id, vehicle, _)| is_allowed(*id, vehicle));
        if allowed().next().is_none() {
            return Some(UnservedReason::Skill);
        }
        let prize = self.prize(problem);
        let longest = tours.iter().map(|tour| tour.walk.length()).max().unwrap_or_default();
        let mut best = Found::NoWay;
        for (id, vehicle, day) in allowed() {
            let order = day.map_or(&[][..], |day| &day.route.order);
            for order in orders(vehicle, order, self.visit, self.delivery) {
                let found = match attempt(problem, rules, (id, vehicle), order) {
                    (Trial::NoWay, _) => Found::NoWay,
                    (Trial::Breaks(limit), _) => Found::Breaks(limit),
                    (Trial::Fits(timing), price) => {
                        let lateness = day.map_or(0, |day| day.walk.weighted_lateness(&day.route));
                        let after = price + balance(problem, longest.max(timing.length));
                        let before = day.map_or(0, |day| day.cost.total) + balance(problem, longest);
                        // How long a tour takes that departs later than it need is not looked into.
                        let is_length_known = problem.balance() == 0 || vehicle.departure() == Departure::SoonestFinish;
                        let is_worth_it = prize.is_none_or(|prize| {
                            is_length_known
                                && (timing.lateness, u128::from(after))
                                    < (lateness, u128::from(before) + u128::from(prize))
                        });
                        if is_worth_it { Found::WorthIt } else { Found::TooDear }
                    }
                };
                best = best.max(found);
                if best == Found::WorthIt {
                    return None;
                }
            }
        }
        Some(match best {
            Found::NoWay => UnservedReason::Unreachable,
            Found::WorthIt | Found::TooDear => UnservedReason::PrizeTooSmall,
            Found::Breaks(limit) => self.limited(problem, rules, allowed(), limit),
        })
    }

    /// What it is worth to serve it; `None` where it has to be served.
    fn prize<C: Costs>(self, problem: &Problem<'_, C>) -> Option<u64> {
        let prizes = self.visits().filter_map(|visit| problem.visits().get(visit.index())?.prize());
        prizes.map(u64::from).reduce(|sum, prize| sum + prize)
    }

    /// Which of the two reasons that name a limit holds: the tours are emptied of everything but what is fixed, and of what
    /// is shipped to or from there.
    fn limited<'a, C: Costs>(
        self,
        problem: &Problem<'_, C>,
        rules: &Rules<'_>,
        allowed: impl Iterator<Item = (VehicleId, &'a Vehicle, Option<&'a Day<'a>>)>,
        limit: Limit,
    ) -> UnservedReason {
        let mut best = Found::NoWay;
        for (id, vehicle, day) in allowed {
            let is_fixed =
                |visit: VisitId| first_visits(vehicle).contains(&visit) || last_visit(vehicle) == Some(visit);
            let stays = |visit: VisitId| {
                let shipment = rules.shipment(visit);
                is_fixed(visit)
                    || shipment.is_some_and(|shipment| is_fixed(shipment.pickup()) || is_fixed(shipment.delivery()))
            };
            let order = day.map_or(&[][..], |day| &day.route.order);
            let fixed: Vec<VisitId> = order.iter().copied().filter(|&visit| stays(visit)).collect();
            for order in orders(vehicle, &fixed, self.visit, self.delivery) {
                best = best.max(match attempt(problem, rules, (id, vehicle), order).0 {
                    Trial::NoWay => Found::NoWay,
                    Trial::Breaks(limit) => Found::Breaks(limit),
                    Trial::Fits(_) => return UnservedReason::OthersFirst(limit),
                });
            }
        }
        match best {
            Found::Breaks(alone) => UnservedReason::Impossible(alone),
            // Only others make a way to it.
            _ => UnservedReason::OthersFirst(limit),
        }
    }
}

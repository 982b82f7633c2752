//! From the order of one vehicle's visits to its times: breaks, departure, slack.
#![expect(clippy::indexing_slicing, reason = "places are below the number of visits, gaps at most that")]

use crate::costs::Costs;
use crate::model::Timing;
use crate::problem::Problem;
use crate::schedule::{leg, terminal_location};
use crate::solution::{BreakTaken, Stop};
use crate::vehicle::{Break, Departure, Vehicle, VehicleId};
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};

/// A tour that keeps every limit on time.
pub(crate) struct Timetable {
    pub(crate) stops: Vec<Stop>,
    pub(crate) breaks: Vec<BreakTaken>,
    pub(crate) departure: u32,
    pub(crate) finish: u32,
    /// Σ lateness × importance.
    pub(crate) weighted_lateness: u64,
}

/// The legs of a tour: one more than visits, nothing from or to a free end; `None` where one cannot be driven.
pub(crate) fn legs<C: Costs>(
    problem: &Problem<'_, C>,
    vehicle: &Vehicle,
    order: &[usize],
) -> Option<Vec<(Seconds, Meters)>> {
    let stops = order.iter().map(|&visit| Some(problem.visits[visit].location()));
    let start = terminal_location(vehicle.start());
    let end = terminal_location(vehicle.end());
    let mut before = start;
    stops
        .chain([end])
        .map(|place| {
            let from = std::mem::replace(&mut before, place);
            leg(problem, from, place)
        })
        .collect()
}

/// The times of a tour over legs that can be driven, or `None` where a window whose visit refuses lateness, a break, the
/// shift or the longest duration cannot be kept. Departs as the vehicle says.
///
/// Lateness is the least that any choice of breaks allows; among those the tour finishes the soonest. O(n) for each way to
/// spread the breaks that is not dominated, and once more for each later finish that the longest duration asks for.
pub(crate) fn timetable<C: Costs>(
    problem: &Problem<'_, C>,
    id: VehicleId,
    order: &[usize],
    legs: &[(Seconds, Meters)],
) -> Option<Timetable> {
    let vehicle = problem.vehicles.get(id.index())?;
    let timing = Timing::of(problem, order, Vec::new());
    let times: Vec<u32> = legs.iter().map(|(time, _)| time.get()).collect();
    let refuses: Vec<bool> = order.iter().map(|&visit| problem.visits[visit].refuses_lateness()).collect();
    let day = Day { vehicle, timing, times, refuses };
    let (departure, gaps) = day.departure()?;
    Some(day.table(order, departure, &gaps))
}

/// What the times of a tour depend on.
struct Day<'p> {
    vehicle: &'p Vehicle,
    timing: Timing,
    times: Vec<u32>,
    refuses: Vec<bool>,
}

/// How many breaks are taken before each stop and before the end, and how many are passed over because they are not due.
#[derive(Clone)]
struct Gaps {
    skipped: usize,
    taken: Vec<usize>,
    late: u64,
    finish: u32,
}

/// One way to be done at a stop.
struct Label {
    leaves: u32,
    late: u64,
    /// Breaks skipped or taken so far, and those in the last gap.
    breaks: usize,
    in_gap: usize,
    parent: usize,
}

const NO_PARENT: usize = usize::MAX;

/// From one service to the next.
struct Gap {
    arrival: u32,
    /// When the next service may begin.
    ready: u32,
}

impl Day<'_> {
    fn visits(&self) -> usize {
        self.refuses.len()
    }

    /// Drives over a gap with these breaks; `None` where one would begin too late. `note` hears when each begins.
    fn gap(&self, leaves: u32, gap: usize, breaks: &[Break], mut note: impl FnMut(u32)) -> Option<Gap> {
        let mut clock = leaves;
        let mut arrival = leaves.saturating_add(self.times[gap]);
        let mut ready = arrival;
        for pause in breaks {
            let begin = clock.max(pause.window.start.get());
            if begin > pause.window.end.get() {
                return None;
            }
            let duration = pause.duration.get();
            note(begin);
            if begin < arrival {
                arrival = arrival.saturating_add(duration);
            }
            clock = begin.saturating_add(duration);
            ready = ready.max(pause.window.start.get()).saturating_add(duration);
        }
        Some(Gap { arrival, ready })
    }

    /// The best way to spread the breaks when leaving then.
    fn spread(&self, departure: u32) -> Option<Gaps> {
        let breaks = self.vehicle.breaks();
        let skipped = breaks.iter().take_while(|pause| pause.window.end.get() < departure).count();
        let mut labels = vec![Label { leaves: departure, late: 0, breaks: skipped, in_gap: 0, parent: NO_PARENT }];
        labels.reserve(self.visits());
        let (mut open, mut next) = (vec![0], Vec::new());
        for place in 0..self.visits() {
            next.clear();
            for &parent in &open {
                self.extend(&mut labels, &mut next, parent, place);
            }
            std::mem::swap(&mut open, &mut next);
        }
        let mut best: Option<(Gaps, usize)> = None;
        for &index in &open {
            let label = &labels[index];
            for in_gap in 0..=breaks.len() - label.breaks {
                let taken = label.breaks + in_gap;
                let Some(gap) = self.gap(label.leaves, self.visits(), &breaks[label.breaks..taken], |_| ()) else {
                    break;
                };
                let is_due = |pause: &Break| gap.ready > pause.window.end.get() && departure <= pause.window.end.get();
                let is_in_shift = self.vehicle.latest_finish().is_none_or(|latest| gap.ready <= latest.get());
                let is_better =
                    best.as_ref().is_none_or(|(best, _)| (label.late, gap.ready) < (best.late, best.finish));
                if is_in_shift && is_better && !breaks[taken..].iter().any(is_due) {
                    let mut counts = vec![0; self.visits() + 1];
                    counts[self.visits()] = in_gap;
                    let gaps = Gaps { skipped, taken: counts, late: label.late, finish: gap.ready };
                    best = Some((gaps, index));
                }
            }
        }
        let (mut gaps, mut index) = best?;
        for place in (0..self.visits()).rev() {
            gaps.taken[place] = labels[index].in_gap;
            index = labels[index].parent;
        }
        Some(gaps)
    }

    /// Goes on from a label to the stop at `place` with every number of breaks on the way.
    fn extend(&self, labels: &mut Vec<Label>, next: &mut Vec<usize>, parent: usize, place: usize) {
        let breaks = self.vehicle.breaks();
        let (leaves, late, before) = (labels[parent].leaves, labels[parent].late, labels[parent].breaks);
        for in_gap in 0..=breaks.len() - before {
            let Some(gap) = self.gap(leaves, place, &breaks[before..before + in_gap], |_| ()) else {
                break;
            };
            let (start, own) = self.timing.serve(place, gap.ready);
            if own > 0 && self.refuses[place] {
                continue;
            }
            let label = Label {
                leaves: start.saturating_add(self.timing.service(place)),
                late: late + own,
                breaks: before + in_gap,
                in_gap,
                parent,
            };
            let dominates = |a: &Label, b: &Label| a.breaks == b.breaks && a.leaves <= b.leaves && a.late <= b.late;
            if next.iter().any(|&other| dominates(&labels[other], &label)) {
                continue;
            }
            next.retain(|&other| !dominates(&label, &labels[other]));
            labels.push(label);
            next.push(labels.len() - 1);
        }
    }

    /// When to leave, and how the breaks are spread then.
    fn departure(&self) -> Option<(u32, Gaps)> {
        let latest_start = self.vehicle.latest_start().map_or(u32::MAX, Seconds::get);
        let longest = self.vehicle.max_duration().map_or(u32::MAX, Seconds::get);
        let services = (0..self.visits()).map(|place| self.timing.service(place));
        if self.times.iter().copied().chain(services).map(u64::from).sum::<u64>() > longest.into() {
            return None;
        }
        let mut earliest = self.vehicle.earliest_start().get();
        loop {
            let gaps = self.spread(earliest)?;
            let closes = (0..self.visits()).any(|place| self.timing.closes(place));
            let may_finish_later = self.vehicle.departure() == Departure::LatestInTime && closes;
            let limit = if may_finish_later { self.latest_finish(&gaps, u32::MAX) } else { Some(gaps.finish) };
            let latest = self.latest(&gaps, earliest, limit).first().copied().flatten();
            let last = latest.map_or(earliest, |latest| latest.clamp(earliest, latest_start.max(earliest)));
            let span = |departure: u32| {
                let finish = self.drive(departure, &gaps, |_, _| (), |_, _, _| ());
                finish.saturating_sub(departure)
            };
            let fits = |departure| span(departure) <= longest;
            if fits(last) {
                return Some((last, gaps));
            }
            if may_finish_later {
                let soonest = self.latest(&gaps, earliest, Some(gaps.finish)).first().copied().flatten();
                let soonest = soonest.map_or(earliest, |latest| latest.clamp(earliest, latest_start.max(earliest)));
                if fits(soonest) {
                    return Some((soonest, gaps));
                }
            }
            // What finishes no later takes too long: leave after that, for a later finish.
            let wait = self.until_shorter(last, &gaps, span(last).saturating_sub(longest))?;
            earliest = last.checked_add(wait).filter(|&later| later <= latest_start)?;
        }
    }

    /// How much later than at `departure` the tour has to leave, at least, to be shorter by so much; `None` where it never
    /// is. Who leaves a second later finishes at most a second sooner after the departure, unless a break is no longer due.
    fn until_shorter(&self, departure: u32, gaps: &Gaps, excess: u32) -> Option<u32> {
        let breaks = self.vehicle.breaks();
        if breaks.is_empty() {
            // Nothing is waited for any more that could be waited for less, until somebody is served in a later window.
            let ready = self.ready(departure, gaps);
            let until_next_window = ready.iter().enumerate().filter_map(|(place, &ready)| {
                let mut open = self.timing.windows(place).iter().skip_while(|&&(_, end)| end < ready);
                let &(_, end) = open.next()?;
                open.next().map(|_| end - ready + 1)
            });
            return until_next_window.min().map(|wait| wait.max(excess));
        }
        let ends = breaks.iter().map(|pause| pause.window.end.get()).filter(|&end| end >= departure);
        ends.map(|end| (end - departure).saturating_add(1)).chain([excess.max(1)]).min()
    }

    /// By when the tour has to be over: the shift, and breaks that are not taken because they are not due.
    fn latest_finish(&self, gaps: &Gaps, longest: u32) -> Option<u32> {
        let taken = gaps.skipped + gaps.taken.iter().sum::<usize>();
        let not_due = self.vehicle.breaks()[taken..].iter().map(|pause| pause.window.end.get());
        let shift = self.vehicle.latest_finish().map(Seconds::get);
        not_due.chain(shift).chain((longest < u32::MAX).then_some(longest)).min()
    }

    /// Drives a tour with breaks that are known to fit and gives its finish. `stop` hears arrival and start of each
    /// service, `pause` the gap, the number and the beginning of each break.
    fn drive(
        &self,
        departure: u32,
        gaps: &Gaps,
        mut stop: impl FnMut(u32, u32),
        mut pause: impl FnMut(usize, usize, u32),
    ) -> u32 {
        let mut clock = departure;
        let mut number = gaps.skipped;
        for (place, &taken) in gaps.taken.iter().enumerate() {
            let mut at = number;
            let note = |begin| {
                pause(place, at, begin);
                at += 1;
            };
            let Some(gap) = self.gap(clock, place, &self.vehicle.breaks()[number..number + taken], note) else {
                return u32::MAX;
            };
            number += taken;
            if place == self.visits() {
                return gap.ready;
            }
            let (start, _) = self.timing.serve(place, gap.ready);
            stop(gap.arrival, start);
            clock = start.saturating_add(self.timing.service(place));
        }
        clock
    }

    /// For each gap the latest second in which it may be entered so that nobody from there on is later than when the tour
    /// leaves at `departure`, breaks begin in time and the tour is over by `limit`; `None` where nothing depends on it.
    fn latest(&self, gaps: &Gaps, departure: u32, limit: Option<u32>) -> Vec<Option<u32>> {
        let ready = self.ready(departure, gaps);
        let mut limit = limit;
        let mut latest = vec![None; gaps.taken.len()];
        let mut number = gaps.skipped + gaps.taken.iter().sum::<usize>();
        for (place, &taken) in gaps.taken.iter().enumerate().rev() {
            if place < self.visits() {
                limit = match limit {
                    None if !self.timing.closes(place) => None,
                    limit => Some(self.latest_ready(place, ready[place], limit)),
                };
            }
            let breaks = &self.vehicle.breaks()[number - taken..number];
            number -= taken;
            let spent: u32 = breaks.iter().map(|pause| pause.duration.get()).fold(0, u32::saturating_add);
            let mut entry = limit.map(|limit| limit.saturating_sub(spent).saturating_sub(self.times[place]));
            let mut before = 0_u32;
            for pause in breaks {
                let begin = pause.window.end.get().saturating_sub(before);
                entry = Some(entry.map_or(begin, |entry| entry.min(begin)));
                before = before.saturating_add(pause.duration.get());
            }
            latest[place] = entry;
            let service = place.checked_sub(1).map_or(0, |before| self.timing.service(before));
            limit = entry.map(|entry| entry.saturating_sub(service));
        }
        latest
    }

    /// The latest second in which the service at `place` may be made ready for, so that it begins by `limit` and is no later
    /// than when ready at `ready`.
    fn latest_ready(&self, place: usize, ready: u32, limit: Option<u32>) -> u32 {
        self.timing.latest_arrival(place, ready, limit.unwrap_or(u32::MAX)).max(ready)
    }

    /// When each service may begin.
    fn ready(&self, departure: u32, gaps: &Gaps) -> Vec<u32> {
        let mut clock = departure;
        let mut number = gaps.skipped;
        let mut ready = Vec::with_capacity(self.visits());
        for (place, &taken) in gaps.taken.iter().enumerate().take(self.visits()) {
            let breaks = &self.vehicle.breaks()[number..number + taken];
            number += taken;
            let at = self.gap(clock, place, breaks, |_| ()).map_or(u32::MAX, |gap| gap.ready);
            ready.push(at);
            clock = self.timing.serve(place, at).0.saturating_add(self.timing.service(place));
        }
        ready
    }

    fn table(&self, order: &[usize], departure: u32, gaps: &Gaps) -> Timetable {
        let mut times = Vec::with_capacity(order.len());
        let mut breaks = Vec::new();
        let finish = self.drive(
            departure,
            gaps,
            |arrival, start| times.push((arrival, start)),
            |before, number, begin| breaks.push(BreakTaken { number, before, start: Seconds::new(begin) }),
        );
        let longest = self.vehicle.max_duration().map_or(u32::MAX, |longest| departure.saturating_add(longest.get()));
        let latest = self.latest(gaps, departure, self.latest_finish(gaps, longest));
        let ready = self.ready(departure, gaps);
        let mut weighted_lateness = 0;
        let stops = order
            .iter()
            .zip(&times)
            .enumerate()
            .map(|(place, (&visit, &(arrival, start)))| {
                weighted_lateness += self.timing.serve(place, ready[place]).1;
                let leaves = start.saturating_add(self.timing.service(place));
                let entry = latest[place + 1].map(|entry| entry.saturating_sub(self.timing.service(place)));
                let service = match entry {
                    None if !self.timing.closes(place) => None,
                    limit => Some(self.latest_ready(place, ready[place], limit)),
                };
                let waits = breaks.iter().filter(|pause| pause.before == place && pause.start.get() >= arrival);
                let waits = waits.map(|pause| self.vehicle.breaks()[pause.number]);
                Stop {
                    visit: VisitId::new(visit),
                    arrival: Seconds::new(arrival),
                    wait: Seconds::new(start - arrival),
                    start: Seconds::new(start),
                    departure: Seconds::new(leaves),
                    slack: latest_at_stop(service, waits).map(|latest| Seconds::new(latest.saturating_sub(arrival))),
                }
            })
            .collect();
        Timetable { stops, breaks, departure, finish, weighted_lateness }
    }
}

/// The latest arrival at a stop where these breaks are taken before a service that has to be made ready for by `service`.
fn latest_at_stop(service: Option<u32>, breaks: impl Iterator<Item = Break>) -> Option<u32> {
    let mut before = 0_u32;
    let mut latest: Option<u32> = None;
    for pause in breaks {
        let begin = pause.window.end.get().saturating_sub(before);
        latest = Some(latest.map_or(begin, |latest| latest.min(begin)));
        before = before.saturating_add(pause.duration.get());
    }
    let service = service.map(|service| service.saturating_sub(before));
    latest.into_iter().chain(service).min()
}

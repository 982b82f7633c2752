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
    let (departure, spread) = day.departure()?;
    Some(day.table(order, departure, &spread))
}

/// What the times of a tour depend on.
struct Day<'p> {
    vehicle: &'p Vehicle,
    timing: Timing,
    times: Vec<u32>,
    refuses: Vec<bool>,
}

/// Breaks of a vehicle by their numbers: bit 0 is the first.
type Breaks = u16;

/// Which breaks are taken before each stop and before the end.
#[derive(Clone)]
struct Spread {
    gaps: Vec<Breaks>,
    late: u64,
    finish: u32,
}

/// One way to be done at a stop.
#[derive(Clone, Copy)]
struct Label {
    leaves: u32,
    late: u64,
    /// The first break that is neither taken nor passed over.
    next: usize,
    /// Later than this a break would be due that was passed over.
    finish_by: u32,
    in_gap: Breaks,
    parent: usize,
}

const NO_PARENT: usize = usize::MAX;

/// From one service to the next.
struct Gap {
    arrival: u32,
    /// When the next service may begin.
    ready: u32,
}

/// What counts first where breaks can be spread in several ways.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    LeastLateness,
    SoonestFinish,
}

/// The most departures that are tried one after the other where the tour may not take long.
const MOST_DEPARTURES: usize = 1_000;

impl Day<'_> {
    fn visits(&self) -> usize {
        self.refuses.len()
    }

    /// Some breaks in their order.
    fn breaks(&self, taken: Breaks) -> impl DoubleEndedIterator<Item = (usize, &Break)> {
        self.vehicle.breaks().iter().enumerate().filter(move |(number, _)| taken >> number & 1 == 1)
    }

    /// Drives over a gap with these breaks; `None` where one would begin too late. `note` hears when each begins.
    fn gap(&self, leaves: u32, gap: usize, taken: Breaks, mut note: impl FnMut(usize, u32)) -> Option<Gap> {
        let mut clock = leaves;
        let mut arrival = leaves.saturating_add(self.times[gap]);
        let mut ready = arrival;
        for (number, pause) in self.breaks(taken) {
            let begin = clock.max(pause.window.start.get());
            if begin > pause.window.end.get() {
                return None;
            }
            let duration = pause.duration.get();
            note(number, begin);
            if begin < arrival {
                arrival = arrival.saturating_add(duration);
            }
            clock = begin.saturating_add(duration);
            ready = ready.max(pause.window.start.get()).saturating_add(duration);
        }
        Some(Gap { arrival, ready })
    }

    /// The best way to spread the breaks when leaving then.
    fn spread(&self, departure: u32, aim: Aim) -> Option<Spread> {
        let begin = Label {
            leaves: departure,
            late: 0,
            next: 0,
            finish_by: self.vehicle.latest_finish().map_or(u32::MAX, Seconds::get),
            in_gap: 0,
            parent: NO_PARENT,
        };
        let mut labels = Vec::with_capacity(self.visits() + 2);
        labels.push(begin);
        let (mut open, mut next) = (vec![0], Vec::new());
        for place in 0..=self.visits() {
            next.clear();
            for &parent in &open {
                let from = Label { in_gap: 0, parent, ..labels[parent] };
                self.extend(&mut labels, &mut next, from, from.next, departure, place);
            }
            std::mem::swap(&mut open, &mut next);
        }
        let rank = |index: &usize| {
            let Label { late, leaves, .. } = labels[*index];
            match aim {
                Aim::LeastLateness => (late, u64::from(leaves)),
                Aim::SoonestFinish => (u64::from(leaves), late),
            }
        };
        let mut index = open.into_iter().min_by_key(rank)?;
        let mut spread =
            Spread { gaps: vec![0; self.visits() + 1], late: labels[index].late, finish: labels[index].leaves };
        for gap in spread.gaps.iter_mut().rev() {
            *gap = labels[index].in_gap;
            index = labels[index].parent;
        }
        Some(spread)
    }

    /// Goes on to the stop at `place`, or to the end, with the breaks of `from` on the way; then with each break from
    /// number `next` on besides. `from` leaves the stop before.
    fn extend(
        &self,
        labels: &mut Vec<Label>,
        open: &mut Vec<usize>,
        from: Label,
        next: usize,
        departure: u32,
        place: usize,
    ) {
        let leaves = labels[from.parent].leaves;
        let Some(gap) = self.gap(leaves, place, from.in_gap, |_, _| ()) else {
            return;
        };
        // Those that are passed over may not come due.
        let finish_by = |label: Label, until: usize| {
            let passed = self.vehicle.breaks()[label.next..until].iter().map(|pause| pause.window.end.get());
            passed.filter(|&end| end >= departure).fold(label.finish_by, u32::min)
        };
        self.arrive(labels, open, Label { leaves: gap.ready, ..from }, place, finish_by);
        for number in next..self.vehicle.breaks().len() {
            let finish_by = finish_by(Label { next, ..from }, number);
            if finish_by < leaves {
                break;
            }
            let taken = Label { next: number + 1, finish_by, in_gap: from.in_gap | 1 << number, ..from };
            self.extend(labels, open, taken, number + 1, departure, place);
        }
    }

    /// Serves, or finishes, and keeps the label unless another is at least as good; `label.leaves` is when that may begin.
    fn arrive(
        &self,
        labels: &mut Vec<Label>,
        open: &mut Vec<usize>,
        label: Label,
        place: usize,
        finish_by: impl Fn(Label, usize) -> u32,
    ) {
        let label = if place == self.visits() {
            let last = self.vehicle.breaks().len();
            Label { finish_by: finish_by(label, last), next: last, ..label }
        } else {
            let (start, own) = self.timing.serve(place, label.leaves);
            if own > 0 && self.refuses[place] {
                return;
            }
            Label { leaves: start.saturating_add(self.timing.service(place)), late: label.late + own, ..label }
        };
        let dominates = |a: &Label, b: &Label| {
            a.next == b.next && a.leaves <= b.leaves && a.late <= b.late && a.finish_by >= b.finish_by
        };
        if label.leaves > label.finish_by || open.iter().any(|&other| dominates(&labels[other], &label)) {
            return;
        }
        open.retain(|&other| !dominates(&label, &labels[other]));
        labels.push(label);
        open.push(labels.len() - 1);
    }

    /// When to leave, and how the breaks are spread then.
    fn departure(&self) -> Option<(u32, Spread)> {
        let services = (0..self.visits()).map(|place| self.timing.service(place));
        let busy: u64 = self.times.iter().copied().chain(services).map(u64::from).sum();
        if self.vehicle.max_duration().is_some_and(|longest| busy > longest.get().into()) {
            return None;
        }
        let earliest = self.vehicle.earliest_start().get();
        // Who leaves after a break's window needs no break, which may be the sooner way.
        let begins = std::iter::once(earliest).chain(self.after_breaks().filter(|&departure| departure > earliest));
        let spreads = begins.filter(|&departure| departure <= self.latest_start());
        let spreads = spreads.filter_map(|departure| self.spread(departure, Aim::LeastLateness));
        let closes = (0..self.visits()).any(|place| self.timing.closes(place));
        let may_finish_later = self.vehicle.departure() == Departure::LatestInTime && closes;
        let in_time = spreads.map(|spread| (spread.late, spread.finish)).min().and_then(|(late, finish)| {
            let finish = if may_finish_later { None } else { Some(finish) };
            self.last_departure(earliest, late, finish)
        });
        in_time.or_else(|| {
            let (soonest, spread) = self.short_departure(earliest)?;
            let latest = if may_finish_later { self.last_departure(soonest, spread.late, None) } else { None };
            latest.or(Some((soonest, spread)))
        })
    }

    /// The first second after the window of each break.
    fn after_breaks(&self) -> impl Iterator<Item = u32> {
        self.vehicle.breaks().iter().filter_map(|pause| pause.window.end.get().checked_add(1))
    }

    /// The latest departure with no more lateness and, where that is said, no later finish, at which the tour does not take
    /// too long.
    fn last_departure(&self, earliest: u32, late: u64, finish: Option<u32>) -> Option<(u32, Spread)> {
        let mut last = None;
        let mut departure = Some(earliest);
        // Where times run past the end of all times one departure is as good as the next.
        for _ in 0..MOST_DEPARTURES {
            let Some(from) = departure else { break };
            let spread = self.spread(from, Aim::LeastLateness);
            let as_good = spread.filter(|spread| spread.late <= late && finish.is_none_or(|end| spread.finish <= end));
            departure = match as_good {
                Some(spread) => {
                    let until = self.last_entry(&spread, from, finish);
                    last = self.longest_wait(&spread, from, until).map(|fitting| (fitting, spread)).or(last);
                    // Only another way to spread the breaks could be left later.
                    until.checked_add(1).filter(|_| !self.vehicle.breaks().is_empty())
                }
                // Later only the end of a break's window can help: who leaves after it needs no break.
                None => self.after_breaks().filter(|&next| next > from).min(),
            };
            departure = departure.filter(|&next| next > from && next <= self.latest_start());
        }
        last
    }

    /// The latest departure with this spread, from one that is known, that changes nothing but the waiting, and the finish
    /// where that is not said.
    fn last_entry(&self, spread: &Spread, departure: u32, finish: Option<u32>) -> u32 {
        let limit = self.latest_finish(spread, departure, u32::MAX);
        let limit = limit.into_iter().chain(finish).min();
        let latest = self.latest(spread, departure, limit).first().copied().flatten();
        latest.map_or(departure, |latest| latest.min(self.latest_start()).max(departure))
    }

    /// The latest departure between two at which the tour does not take too long.
    fn longest_wait(&self, spread: &Spread, from: u32, until: u32) -> Option<u32> {
        let longest = self.vehicle.max_duration().map_or(u32::MAX, Seconds::get);
        let fits = |departure: u32| self.finish(departure, spread).saturating_sub(departure) <= longest;
        if fits(until) {
            return Some(until);
        }
        let soonest = self.last_entry(spread, from, Some(self.finish(from, spread)));
        let mut fitting = Some(soonest).filter(|&soonest| fits(soonest))?;
        for _ in 0..MOST_DEPARTURES {
            let Some(next) = fitting.checked_add(1).filter(|&next| next <= until && fits(next)) else {
                break;
            };
            // Nothing up to there finishes later than the next one may.
            fitting = self.last_entry(spread, next, Some(next.saturating_add(longest))).max(next);
        }
        Some(fitting)
    }

    /// The first departure whose latest equal keeps the longest duration, however late anybody is.
    fn short_departure(&self, earliest: u32) -> Option<(u32, Spread)> {
        let longest = self.vehicle.max_duration()?.get();
        let mut departure = earliest;
        for _ in 0..MOST_DEPARTURES {
            let spread = self.spread(departure, Aim::SoonestFinish);
            let next = match spread {
                Some(spread) => {
                    let last = self.last_entry(&spread, departure, Some(spread.finish));
                    let length = self.finish(last, &spread).saturating_sub(last);
                    if length <= longest {
                        return Some((last, spread));
                    }
                    // A second later is a second shorter at best, but for those who leave after a break's window.
                    let later = last.checked_add(1)?.max(departure.saturating_add(length - longest));
                    self.after_breaks().filter(|&next| next > departure).fold(later, u32::min)
                }
                None => self.after_breaks().filter(|&next| next > departure).min()?,
            };
            departure = Some(next).filter(|&next| next <= self.latest_start() && next <= self.last_change())?;
        }
        None
    }

    fn latest_start(&self) -> u32 {
        self.vehicle.latest_start().map_or(u32::MAX, Seconds::get)
    }

    /// The last departure that may make the tour shorter: after it no window is waited for and no break is due.
    fn last_change(&self) -> u32 {
        let opens = (0..self.visits()).flat_map(|place| self.timing.windows(place)).map(|&(start, _)| start);
        opens.chain(self.after_breaks()).max().unwrap_or_default()
    }

    /// By when a tour that leaves then has to be over: the shift, and breaks that are not taken because they are not due.
    fn latest_finish(&self, spread: &Spread, departure: u32, longest: u32) -> Option<u32> {
        let taken = spread.gaps.iter().fold(0, |all, gap| all | gap);
        let not_due = self.breaks(!taken).map(|(_, pause)| pause.window.end.get()).filter(|&end| end >= departure);
        let shift = self.vehicle.latest_finish().map(Seconds::get);
        not_due.chain(shift).chain((longest < u32::MAX).then_some(longest)).min()
    }

    fn finish(&self, departure: u32, spread: &Spread) -> u32 {
        self.drive(departure, spread, |_| (), |_, _, _| ())
    }

    /// Drives a tour with breaks that are known to fit and gives its finish. `stop` hears of each stop, `pause` the gap, the
    /// number and the beginning of each break.
    fn drive(
        &self,
        departure: u32,
        spread: &Spread,
        mut stop: impl FnMut(Gap),
        mut pause: impl FnMut(usize, usize, u32),
    ) -> u32 {
        let mut clock = departure;
        for (place, &taken) in spread.gaps.iter().enumerate() {
            let Some(gap) = self.gap(clock, place, taken, |number, begin| pause(place, number, begin)) else {
                return u32::MAX;
            };
            if place == self.visits() {
                return gap.ready;
            }
            clock = self.timing.serve(place, gap.ready).0.saturating_add(self.timing.service(place));
            stop(gap);
        }
        clock
    }

    /// For each gap the latest second in which it may be entered so that nobody from there on is later than when the tour
    /// leaves at `departure`, breaks begin in time and the tour is over by `limit`; `None` where nothing depends on it.
    fn latest(&self, spread: &Spread, departure: u32, limit: Option<u32>) -> Vec<Option<u32>> {
        let mut ready = Vec::with_capacity(self.visits());
        self.drive(departure, spread, |gap| ready.push(gap.ready), |_, _, _| ());
        let mut limit = limit;
        let mut latest = vec![None; spread.gaps.len()];
        for (place, &taken) in spread.gaps.iter().enumerate().rev() {
            if place < self.visits() {
                limit = self.latest_ready(place, ready[place], limit);
            }
            let breaks = || self.breaks(taken).map(|(_, pause)| pause);
            let spent: u32 = breaks().map(|pause| pause.duration.get()).fold(0, u32::saturating_add);
            let entry = limit.map(|limit| limit.saturating_sub(spent).saturating_sub(self.times[place]));
            latest[place] = entry.into_iter().chain(last_begin(breaks())).min();
            let service = place.checked_sub(1).map_or(0, |before| self.timing.service(before));
            limit = latest[place].map(|entry| entry.saturating_sub(service));
        }
        latest
    }

    /// The latest second in which the service at `place` may be made ready for, so that it begins by `limit` and is no later
    /// than when ready at `ready`.
    fn latest_ready(&self, place: usize, ready: u32, limit: Option<u32>) -> Option<u32> {
        match limit {
            None if !self.timing.closes(place) => None,
            limit => Some(self.timing.latest_arrival(place, ready, limit.unwrap_or(u32::MAX)).max(ready)),
        }
    }

    fn table(&self, order: &[usize], departure: u32, spread: &Spread) -> Timetable {
        let mut gaps = Vec::with_capacity(order.len());
        let mut breaks = Vec::new();
        let finish = self.drive(
            departure,
            spread,
            |gap| gaps.push(gap),
            |before, number, begin| breaks.push(BreakTaken { number, before, start: Seconds::new(begin) }),
        );
        let longest = self.vehicle.max_duration().map_or(u32::MAX, |longest| departure.saturating_add(longest.get()));
        let latest = self.latest(spread, departure, self.latest_finish(spread, departure, longest));
        let mut weighted_lateness = 0;
        let stops = order
            .iter()
            .zip(&gaps)
            .enumerate()
            .map(|(place, (&visit, &Gap { arrival, ready }))| {
                let (start, late) = self.timing.serve(place, ready);
                weighted_lateness += late;
                let service = self.timing.service(place);
                let entry = latest[place + 1].map(|entry| entry.saturating_sub(service));
                let latest = self.latest_ready(place, ready, entry);
                let waits = breaks.iter().filter(|pause| pause.before == place && pause.start.get() >= arrival);
                let waits = waits.map(|pause| &self.vehicle.breaks()[pause.number]);
                Stop {
                    visit: VisitId::new(visit),
                    arrival: Seconds::new(arrival),
                    wait: Seconds::new(start - arrival),
                    start: Seconds::new(start),
                    departure: Seconds::new(start.saturating_add(service)),
                    slack: latest_at_stop(latest, waits).map(|latest| Seconds::new(latest.saturating_sub(arrival))),
                }
            })
            .collect();
        Timetable { stops, breaks, departure, finish, weighted_lateness }
    }
}

/// The latest second from which breaks can be taken one after the other, each begun in its window; `None` without any.
fn last_begin<'b>(breaks: impl Iterator<Item = &'b Break>) -> Option<u32> {
    let mut before = 0_u32;
    let begins = breaks.map(|pause| {
        let begin = pause.window.end.get().saturating_sub(before);
        before = before.saturating_add(pause.duration.get());
        begin
    });
    begins.min()
}

/// The latest arrival at a stop where these breaks are taken before a service that has to be made ready for by `service`.
fn latest_at_stop<'b>(service: Option<u32>, breaks: impl Iterator<Item = &'b Break> + Clone) -> Option<u32> {
    let spent = breaks.clone().map(|pause| pause.duration.get()).fold(0, u32::saturating_add);
    service.map(|service| service.saturating_sub(spent)).into_iter().chain(last_begin(breaks)).min()
}

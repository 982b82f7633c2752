//! From when to when a tour may be at each of its stops, so that a detour is judged without driving the rest.
//!
//! Source: M. W. P. Savelsbergh, "The vehicle routing problem with time windows: minimizing route duration", ORSA Journal
//! on Computing 4 (1992): the latest time at each stop is known beforehand; here also for each number of breaks taken.
#![expect(
    clippy::indexing_slicing,
    reason = "there is a row for each stop and the end, with a cell for each number of breaks of each course"
)]

use crate::model::Timing;
use crate::vehicle::{Break, Vehicle};
use routemate_units::Seconds;

/// Stands for a time at which one never is.
const NEVER: u32 = u32::MAX;

/// One way to deal with the breaks of a vehicle.
struct Course {
    /// When the tour leaves.
    begin: u32,
    /// The breaks that are then due; the others are over when it leaves, or the tour is over while they may still begin.
    breaks: Vec<Break>,
    /// The tour has to be over before that.
    over_before: u32,
    /// Its first cell in each row: there is one for each number of breaks taken.
    cell: usize,
}

impl Course {
    fn cells(&self) -> std::ops::Range<usize> {
        self.cell..self.cell + self.breaks.len() + 1
    }
}

/// The ways to deal with the breaks of a vehicle. An order that can be in time is so in one of them: leaving out a break that
/// is not due, or leaving earlier without another one coming due, makes nobody later.
pub(super) struct Courses(Vec<Course>);

impl Courses {
    /// `over_before`: every tour has to be over before that.
    pub(super) fn of(vehicle: &Vehicle, over_before: u32) -> Self {
        let ends = || vehicle.breaks().iter().map(|pause| pause.window.end.get());
        let begin = vehicle.earliest_start().get();
        let latest = vehicle.latest_start().map_or(u32::MAX, Seconds::get);
        let after_breaks = ends().filter_map(|end| end.checked_add(1));
        let later = after_breaks.filter(|&after| after > begin && after <= latest);
        let limits: Vec<u32> =
            sorted(ends().map(|end| end.saturating_add(1).min(over_before)).chain([over_before]).collect());
        let mut courses: Vec<Course> = Vec::new();
        for begin in sorted(std::iter::once(begin).chain(later).collect()) {
            for &over_before in limits.iter().filter(|&&limit| limit > begin) {
                let is_due = |end: u32| end >= begin && end.saturating_add(1) < over_before;
                let breaks = vehicle.breaks().iter().filter(|pause| is_due(pause.window.end.get())).copied().collect();
                let cell = courses.last().map_or(0, |last| last.cells().end);
                courses.push(Course { begin, breaks, over_before, cell });
            }
        }
        Self(courses)
    }
}

fn sorted(mut times: Vec<u32>) -> Vec<u32> {
    times.sort_unstable();
    times.dedup();
    times
}

/// What times depend on, whatever the order.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a> {
    /// By visit.
    pub(super) timing: &'a Timing,
    pub(super) courses: &'a Courses,
}

impl Clock<'_> {
    /// The cells of a row.
    pub(super) fn width(&self) -> usize {
        self.courses.0.last().map_or(0, |last| last.cells().end)
    }

    /// When the next service may begin after leaving then, driving so long and taking these breaks; `None` where one
    /// would begin too late.
    fn ready(leaves: u32, travel: u32, breaks: &[Break]) -> Option<u32> {
        let mut clock = leaves;
        let mut ready = leaves.saturating_add(travel);
        for pause in breaks {
            let begin = clock.max(pause.window.start.get());
            if begin > pause.window.end.get() {
                return None;
            }
            clock = begin.saturating_add(pause.duration.get());
            ready = ready.max(pause.window.start.get()).saturating_add(pause.duration.get());
        }
        Some(ready)
    }

    /// Goes on from one service, left at the times in `from`, to that of a visit which is to begin by `deadline`.
    pub(super) fn serve(&self, from: &[u32], travel: u32, visit: usize, deadline: u32, to: &mut [u32]) {
        to.fill(NEVER);
        for course in &self.courses.0 {
            let (from, to) = (&from[course.cells()], &mut to[course.cells()]);
            for (before, &leaves) in from.iter().enumerate().filter(|&(_, &leaves)| leaves != NEVER) {
                for (after, to) in to.iter_mut().enumerate().skip(before) {
                    let Some(ready) = Self::ready(leaves, travel, &course.breaks[before..after]) else { break };
                    if ready > deadline {
                        break;
                    }
                    let start = self.timing.serve(visit, ready).0;
                    *to = (*to).min(start.saturating_add(self.timing.service(visit)));
                }
            }
        }
    }

    /// The time before which a gap of `travel` is to be entered with these breaks in it, so that one is ready before
    /// `ready_before`; 0 where that cannot be.
    fn enter_before(travel: u32, breaks: &[Break], ready_before: u32) -> u32 {
        if Self::ready(0, travel, breaks).is_none_or(|ready| ready >= ready_before) {
            return 0;
        }
        let mut spent = 0_u32;
        let mut before = NEVER;
        for pause in breaks {
            before = before.min(pause.window.end.get().saturating_add(1).saturating_sub(spent));
            spent = spent.saturating_add(pause.duration.get());
        }
        before.min(ready_before.saturating_sub(spent).saturating_sub(travel))
    }

    /// The time before which one has to be ready for a visit so that its service begins before `start_before` and by
    /// `deadline`; 0 where that cannot be.
    fn ready_before(&self, visit: usize, start_before: u32, deadline: u32) -> u32 {
        let windows = self.timing.windows(visit);
        let by_deadline = deadline.saturating_add(1);
        let Some(&(_, last_end)) = windows.last() else {
            return start_before.min(by_deadline);
        };
        match windows.iter().rev().find(|&&(start, _)| start < start_before) {
            None => 0,
            Some(&(_, end)) if end < last_end => start_before.min(end + 1).min(by_deadline),
            Some(_) => start_before.min(by_deadline),
        }
    }
}

/// For a tour: when it leaves each stop at the earliest, and when it has to be ready there at the latest.
pub(super) struct Hours {
    width: usize,
    /// A row for the start and each stop: the earliest time of leaving, [`NEVER`] where it cannot be.
    leaves: Vec<u32>,
    /// A row for each stop and the end: the time before which one has to be ready; 0 where none will do.
    ready_before: Vec<u32>,
}

impl Hours {
    /// `travel`: the legs, one more than visits. `deadlines`: by when each service has to begin. O(n · breaks²) for each
    /// course.
    pub(super) fn of(clock: Clock<'_>, order: &[usize], travel: &[u32], deadlines: &[u32]) -> Self {
        let (count, width) = (order.len(), clock.width());
        let mut leaves = vec![NEVER; (count + 1) * width];
        let mut ready_before = vec![0; (count + 1) * width];
        for course in &clock.courses.0 {
            leaves[course.cell] = course.begin;
            ready_before[count * width + course.cells().end - 1] = course.over_before;
        }
        for (place, &visit) in order.iter().enumerate() {
            let (known, row) = leaves.split_at_mut((place + 1) * width);
            clock.serve(&known[place * width..], travel[place], visit, deadlines[place], &mut row[..width]);
        }
        for (place, &visit) in order.iter().enumerate().rev() {
            let (row, next) = ready_before[place * width..(place + 2) * width].split_at_mut(width);
            for course in &clock.courses.0 {
                let (row, next) = (&mut row[course.cells()], &next[course.cells()]);
                for (taken, ready_before) in row.iter_mut().enumerate() {
                    let leave_before = next.iter().enumerate().skip(taken).map(|(after, &next)| {
                        Clock::enter_before(travel[place + 1], &course.breaks[taken..after], next)
                    });
                    let start_before = leave_before.max().unwrap_or(0).saturating_sub(clock.timing.service(visit));
                    *ready_before = clock.ready_before(visit, start_before, deadlines[place]);
                }
            }
        }
        Self { width, leaves, ready_before }
    }

    /// When the tour leaves the stop before a place, the start for 0; by cells.
    pub(super) fn leaves(&self, place: usize) -> &[u32] {
        &self.leaves[place * self.width..(place + 1) * self.width]
    }

    /// Whether all is well from the stop at `place` on, or the end, when one drives there so long from a service that is
    /// left at the times in `from`.
    pub(super) fn reaches(&self, clock: Clock<'_>, from: &[u32], travel: u32, place: usize) -> bool {
        let row = &self.ready_before[place * self.width..(place + 1) * self.width];
        clock.courses.0.iter().any(|course| {
            let (from, row) = (&from[course.cells()], &row[course.cells()]);
            from.iter().enumerate().filter(|&(_, &leaves)| leaves != NEVER).any(|(before, &leaves)| {
                row.iter().enumerate().skip(before).any(|(after, &ready_before)| {
                    Clock::ready(leaves, travel, &course.breaks[before..after])
                        .is_some_and(|ready| ready < ready_before)
                })
            })
        })
    }
}

/// By when the service of a visit has to begin to be in time.
pub(super) fn deadline(timing: &Timing, visit: usize) -> u32 {
    timing.windows(visit).last().map_or(u32::MAX, |&(_, end)| end)
}

/// By when, exclusively, a tour has to be over; one that finishes at [`Seconds::MAX`] counts as unknown.
pub(super) fn over_before(limits: impl IntoIterator<Item = Option<Seconds>>) -> u32 {
    let limits = limits.into_iter().flatten().map(|limit| limit.get().saturating_add(1));
    limits.min().unwrap_or(u32::MAX)
}

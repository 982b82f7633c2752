//! From when to when a tour may be at each of its stops, so that a detour is judged without driving the rest.
//!
//! Source: M. W. P. Savelsbergh, "The vehicle routing problem with time windows: minimizing route duration", ORSA Journal
//! on Computing 4 (1992): the latest time at each stop is known beforehand; here also for each number of breaks taken.
#![expect(
    clippy::indexing_slicing,
    reason = "there is a row for each stop and the end, a cell for each number of breaks"
)]

use crate::model::Timing;
use crate::vehicle::{Break, Vehicle};
use routemate_units::Seconds;

/// Stands for a time at which one never is.
const NEVER: u32 = u32::MAX;

/// What times depend on, whatever the order.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a> {
    /// By visit.
    pub(super) timing: &'a Timing,
    breaks: &'a [Break],
    pub(super) begin: u32,
    /// Breaks that are over before the tour begins.
    skipped: usize,
}

impl<'a> Clock<'a> {
    pub(super) fn of(timing: &'a Timing, vehicle: &'a Vehicle) -> Self {
        let begin = vehicle.earliest_start().get();
        let breaks = vehicle.breaks();
        let skipped = breaks.iter().take_while(|pause| pause.window.end.get() < begin).count();
        Self { timing, breaks, begin, skipped }
    }

    /// The cells of a row: one for each number of breaks skipped or taken.
    pub(super) const fn width(&self) -> usize {
        self.breaks.len() + 1
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
        for (before, &leaves) in from.iter().enumerate().filter(|&(_, &leaves)| leaves != NEVER) {
            for (after, to) in to.iter_mut().enumerate().skip(before) {
                let Some(ready) = Self::ready(leaves, travel, &self.breaks[before..after]) else { break };
                if ready > deadline {
                    break;
                }
                let start = self.timing.serve(visit, ready).0;
                *to = (*to).min(start.saturating_add(self.timing.service(visit)));
            }
        }
    }

    /// By when, exclusively, the tour has to be over for each number of breaks taken.
    fn over_before(&self, over_before: u32) -> Vec<u32> {
        let due = self.breaks.iter().map(|pause| pause.window.end.get()).enumerate();
        let mut limits = vec![over_before; self.width()];
        for (number, end) in due.filter(|&(_, end)| end >= self.begin) {
            for limit in &mut limits[..=number] {
                *limit = (*limit).min(end.saturating_add(1));
            }
        }
        limits
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
    /// `travel`: the legs, one more than visits. `deadlines`: by when each service has to begin. `over_before`: the tour is
    /// over before that. O(n · breaks²).
    pub(super) fn of(clock: Clock<'_>, order: &[usize], travel: &[u32], deadlines: &[u32], over_before: u32) -> Self {
        let (count, width) = (order.len(), clock.width());
        let mut leaves = vec![NEVER; (count + 1) * width];
        leaves[clock.skipped] = clock.begin;
        for (place, &visit) in order.iter().enumerate() {
            let (known, row) = leaves.split_at_mut((place + 1) * width);
            clock.serve(&known[place * width..], travel[place], visit, deadlines[place], &mut row[..width]);
        }
        let mut ready_before = vec![0; (count + 1) * width];
        ready_before[count * width..].copy_from_slice(&clock.over_before(over_before));
        for (place, &visit) in order.iter().enumerate().rev() {
            for taken in 0..width {
                let leave_before = (taken..width)
                    .map(|after| {
                        let breaks = &clock.breaks[taken..after];
                        Clock::enter_before(travel[place + 1], breaks, ready_before[(place + 1) * width + after])
                    })
                    .max();
                let start_before = leave_before.unwrap_or(0).saturating_sub(clock.timing.service(visit));
                ready_before[place * width + taken] = clock.ready_before(visit, start_before, deadlines[place]);
            }
        }
        Self { width, leaves, ready_before }
    }

    /// When the tour leaves the stop before a place, the start for 0; for each number of breaks.
    pub(super) fn leaves(&self, place: usize) -> &[u32] {
        &self.leaves[place * self.width..(place + 1) * self.width]
    }

    /// Whether all is well from the stop at `place` on, or the end, when one drives there so long from a service that is
    /// left at the times in `from`.
    pub(super) fn reaches(&self, clock: Clock<'_>, from: &[u32], travel: u32, place: usize) -> bool {
        let row = &self.ready_before[place * self.width..(place + 1) * self.width];
        from.iter().enumerate().filter(|&(_, &leaves)| leaves != NEVER).any(|(before, &leaves)| {
            (before..self.width).any(|after| {
                Clock::ready(leaves, travel, &clock.breaks[before..after]).is_some_and(|ready| ready < row[after])
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

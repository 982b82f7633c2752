use routemate_optimizer::Window;
use routemate_travel::{Leg, Matrix};
use routemate_units::{Meters, Seconds};

/// Something that takes its turn on a tour: a visit, or a break wherever the driver is by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Its place in the matrix; `None` is a break.
    pub(crate) point: Option<usize>,
    /// How long it takes.
    pub(crate) service: Seconds,
    /// When it may begin, in the order of their ends; empty is any time.
    pub(crate) windows: Vec<Window>,
}

/// A tour in its order: what is left is when to set out.
#[derive(Debug)]
pub(crate) struct Tour<'m> {
    pub(crate) matrix: &'m Matrix,
    /// Where the driver comes from; without it the tour begins with the arrival at the first turn.
    pub(crate) start: Option<usize>,
    pub(crate) turns: Vec<Turn>,
    /// Where the driver goes at last.
    pub(crate) end: Option<usize>,
}

/// When everything happens, in seconds since the epoch of the windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Times {
    /// Of each turn; of a break its beginning. Never falls.
    pub(crate) arrivals: Vec<u64>,
    /// When service begins at each turn.
    pub(crate) begins: Vec<u64>,
    /// By how much that is after the last window.
    pub(crate) lateness: Vec<u64>,
    /// The arrival at the end, or the departure from the last turn.
    pub(crate) finish: u64,
}

/// No leg: the way to where one is.
pub(crate) const STAYING: Leg = Leg { duration: Seconds::ZERO, distance: Meters::ZERO };

impl Tour<'_> {
    /// The ways to each turn from the one before, and the one to the end.
    pub(crate) fn legs(&self) -> (Vec<Leg>, Option<Leg>) {
        let mut here = self.start;
        let legs = self.turns.iter().map(|turn| self.leg(&mut here, turn.point)).collect();
        let last = self.end.map(|end| self.leg(&mut here, Some(end)));
        (legs, last)
    }

    fn leg(&self, here: &mut Option<usize>, to: Option<usize>) -> Leg {
        let Some(to) = to else { return STAYING };
        here.replace(to).and_then(|from| self.matrix.leg(from, to)).unwrap_or(STAYING)
    }

    /// What happens when the driver sets out at `departure`. A break is taken on the way, as soon as it may be; time
    /// driven until then is not driven again.
    pub(crate) fn leaving_at(&self, departure: u64) -> Times {
        let (legs, last) = self.legs();
        let count = self.turns.len();
        let mut times = Times {
            arrivals: Vec::with_capacity(count),
            begins: Vec::with_capacity(count),
            lateness: Vec::with_capacity(count),
            finish: departure,
        };
        let mut clock = departure;
        // What of the way to the next place was driven before a break.
        let mut driven = 0;
        for (index, turn) in self.turns.iter().enumerate() {
            let (arrival, begin) = if turn.point.is_some() {
                let leg = legs.get(index).map_or(0, |leg| u64::from(leg.duration.get()));
                clock += leg.saturating_sub(driven);
                driven = 0;
                (clock, opening(&turn.windows, clock))
            } else {
                let begin = opening(&turn.windows, clock);
                let ahead = self.way_ahead(index, &legs, last);
                driven = (driven + begin - clock).min(ahead);
                (begin, begin)
            };
            let closes = turn.windows.last().map(|window| u64::from(window.end.get()));
            times.arrivals.push(arrival);
            times.begins.push(begin);
            times.lateness.push(closes.map_or(0, |closes| begin.saturating_sub(closes)));
            clock = begin + u64::from(turn.service.get());
        }
        times.finish = clock + last.map_or(0, |leg| u64::from(leg.duration.get())).saturating_sub(driven);
        times
    }

    /// How long the way to the next place is after the turn `index`, which is a break.
    fn way_ahead(&self, index: usize, legs: &[Leg], last: Option<Leg>) -> u64 {
        let next = self.turns.iter().zip(legs).skip(index + 1).find(|(turn, _)| turn.point.is_some());
        next.map(|(_, leg)| *leg).or(last).map_or(0, |leg| u64::from(leg.duration.get()))
    }

    /// The latest departure, not before `earliest`, that makes nobody late or later; where no window ever closes, the
    /// latest that finishes no later.
    ///
    /// Later departures never lead to earlier arrivals, so it is found by halving: O(32 n).
    pub(crate) fn latest_departure(&self, earliest: u64) -> u64 {
        let soonest = self.leaving_at(earliest);
        let is_bounded =
            self.turns.iter().any(|turn| turn.windows.last().is_some_and(|window| window.end < Seconds::MAX));
        let is_as_good = |departure| {
            let times = self.leaving_at(departure);
            if is_bounded { times.lateness == soonest.lateness } else { times.finish == soonest.finish }
        };
        let (mut good, mut bad) = (earliest, earliest + u64::from(u32::MAX));
        while bad - good > 1 {
            let middle = good.midpoint(bad);
            if is_as_good(middle) { good = middle } else { bad = middle }
        }
        good
    }
}

/// When what arrives at `clock` may begin: at once where the last window has closed.
fn opening(windows: &[Window], clock: u64) -> u64 {
    let next = windows.iter().find(|window| u64::from(window.end.get()) >= clock);
    next.map_or(clock, |window| clock.max(u64::from(window.start.get())))
}

#[cfg(test)]
mod tests {
    use routemate_travel::Quality;

    use super::*;

    /// Places in a row, ten minutes apart.
    fn row(count: usize) -> Matrix {
        Matrix::from_fn(count, Quality::Roads, |from, to| {
            let apart = from.abs_diff(to) as u32;
            Some(Leg { duration: Seconds::new(600 * apart), distance: Meters::new(8_000 * apart) })
        })
    }

    fn window(start_h: f64, end_h: f64) -> Window {
        let seconds = |hour: f64| Seconds::new((hour * 3_600.0) as u32);
        Window::new(seconds(start_h), seconds(end_h))
    }

    fn visit(point: usize, minutes: u32, windows: &[Window]) -> Turn {
        Turn { point: Some(point), service: Seconds::new(60 * minutes), windows: windows.to_vec() }
    }

    fn pause(minutes: u32, windows: &[Window]) -> Turn {
        Turn { point: None, ..visit(0, minutes, windows) }
    }

    const HOUR: u64 = 3_600;

    #[test]
    fn who_is_early_waits_and_who_is_late_is_served_at_once() {
        let matrix = row(4);
        let turns = vec![visit(1, 5, &[window(9.0, 10.0)]), visit(2, 0, &[window(8.0, 9.0)]), visit(3, 0, &[])];
        let tour = Tour { matrix: &matrix, start: Some(0), turns, end: Some(0) };
        let times = tour.leaving_at(8 * HOUR);
        assert_eq!(times.arrivals, [8 * HOUR + 600, 9 * HOUR + 900, 9 * HOUR + 1_500]);
        assert_eq!(times.begins, [9 * HOUR, 9 * HOUR + 900, 9 * HOUR + 1_500]);
        assert_eq!(times.lateness, [0, 900, 0]);
        assert_eq!(times.finish, 9 * HOUR + 1_500 + 1_800);
        // Late is late: the first window opens at nine whenever one leaves before.
        assert_eq!(tour.latest_departure(0), 9 * HOUR - 600);
    }

    #[test]
    fn the_next_of_several_windows_is_waited_for() {
        let matrix = row(2);
        let turns = vec![visit(0, 0, &[window(8.0, 9.0), window(13.0, 14.0)])];
        let tour = Tour { matrix: &matrix, start: None, turns, end: None };
        assert_eq!(tour.leaving_at(10 * HOUR).begins, [13 * HOUR]);
        assert_eq!(tour.latest_departure(0), 14 * HOUR);
    }

    #[test]
    fn a_break_is_taken_on_the_way_and_what_was_driven_counts() {
        let matrix = row(7);
        let turns = vec![visit(0, 0, &[]), pause(30, &[window(12.0, 13.0)]), visit(6, 0, &[])];
        let tour = Tour { matrix: &matrix, start: None, turns, end: None };
        // An hour of driving: half of it before noon, half after the break.
        let times = tour.leaving_at(12 * HOUR - 1_800);
        assert_eq!(times.arrivals, [12 * HOUR - 1_800, 12 * HOUR, 13 * HOUR]);
        // Who has long arrived waits for the break, and is served after it.
        assert_eq!(tour.leaving_at(9 * HOUR).arrivals, [9 * HOUR, 12 * HOUR, 12 * HOUR + 1_800]);
        // Without windows that close, as late as finishes no later.
        let open = Tour { turns: vec![visit(0, 0, &[]), visit(1, 0, &[window(8.0, 2e6)])], ..tour };
        assert_eq!(open.latest_departure(0), 8 * HOUR - 600);
    }

    #[test]
    fn tours_of_several_days_do_not_overflow() {
        let matrix = Matrix::from_fn(50, Quality::Roads, |_, _| {
            Some(Leg { duration: Seconds::new(u32::MAX / 2), distance: Meters::ZERO })
        });
        let turns = (0..50).map(|point| visit(point, u32::MAX / 60, &[])).collect();
        let tour = Tour { matrix: &matrix, start: None, turns, end: Some(0) };
        assert!(tour.leaving_at(0).finish > 100 * u64::from(u32::MAX) / 2);
        assert_eq!(tour.latest_departure(7), 7);
    }
}

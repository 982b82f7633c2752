use routemate_domain::Optimality;
use routemate_optimizer::{
    Break, Budget, LateReason, Objective, Plan, Problem, ProblemBuilder, ProblemError, Solution, UnservedReason,
    Vehicle, Visit, VisitId, solve,
};
use routemate_travel::Matrix;
use routemate_units::Seconds;

use super::places::{Places, settle};
use super::reach::reachable;

/// What is to be put in order, as it travels to the solver's thread: the optimizer's own type borrows the matrix.
#[derive(Debug)]
pub(crate) struct Assignment {
    /// In the order given; number `i` is at point `i`.
    pub(crate) visits: Vec<Visit>,
    /// Who drives, without breaks.
    pub(crate) vehicle: Vehicle,
    /// Breaks that have a window of their own.
    pub(crate) breaks: Vec<Break>,
    /// What is asked for.
    pub(crate) wish: Wish,
    /// The point that the driver comes from.
    pub(crate) start: Option<usize>,
    /// The point that the driver goes to at last.
    pub(crate) end: Option<usize>,
}

/// Which order is asked for.
#[derive(Debug)]
pub(crate) enum Wish {
    /// That of the visits' numbers.
    Given,
    /// The best, no worse than the one `in_force` where there is one.
    Best {
        /// Visits as they are planned now.
        in_force: Option<Vec<usize>>,
        /// For each visit the place that it keeps, from 0; `None` for those that may go anywhere.
        kept: Vec<Option<usize>>,
    },
}

/// Visits in their order.
#[derive(Debug, Default)]
pub(crate) struct Ordered {
    /// Who is visited, one after the other.
    pub(crate) sequence: Vec<usize>,
    /// The place of each break that is taken: its number, and how many visits come before. `None` where nobody has looked
    /// for places.
    pub(crate) breaks: Option<Vec<(usize, usize)>>,
    /// Who is late, and why.
    pub(crate) late: Vec<(usize, LateReason)>,
    /// Who is not visited, and why.
    pub(crate) left_out: Vec<(usize, UnservedReason)>,
    /// How good the order is known to be; `None` for one that was given.
    pub(crate) optimality: Option<Optimality>,
}

impl Assignment {
    /// Puts the visits in order.
    ///
    /// # Errors
    /// Where the assignment contradicts itself.
    pub(crate) fn order(&self, matrix: &Matrix, budget: &Budget) -> Result<Ordered, ProblemError> {
        // Equal problems get equal answers: a retry after a crash finds the same order.
        const SEED: u64 = 1;
        let (in_force, kept) = match &self.wish {
            _ if self.visits.is_empty() => return Ok(Ordered::default()),
            Wish::Given => return Ok(self.as_given(matrix)),
            Wish::Best { in_force, kept } => (in_force.as_deref(), kept.as_slice()),
        };
        let solved = solve(&self.problem(matrix, in_force, &self.breaks)?, budget, SEED);
        // A break is kept at any price; stops matter more.
        let drops = |entry: &routemate_optimizer::Unserved| entry.reason != UnservedReason::Unreachable;
        let (solution, breaks) = if !self.breaks.is_empty() && solved.unserved.iter().any(drops) {
            (solve(&self.problem(matrix, in_force, &[])?, budget, SEED), false)
        } else {
            (solved, true)
        };
        let mut ordered = Ordered::of(&solution, breaks);
        if kept.iter().any(Option::is_some)
            && let Some(sequence) = settle(&Places::new(matrix, self, kept), &ordered.sequence, in_force)
        {
            ordered = Ordered {
                sequence,
                breaks: None,
                late: Vec::new(),
                optimality: Some(Optimality { is_proven: false, bound: None }),
                ..ordered
            };
        }
        Ok(ordered)
    }

    fn problem<'m>(
        &self,
        matrix: &'m Matrix,
        in_force: Option<&[usize]>,
        breaks: &[Break],
    ) -> Result<Problem<'m, Matrix>, ProblemError> {
        let mut builder = ProblemBuilder::new(matrix);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        builder.vehicle(breaks.iter().fold(self.vehicle.clone(), |vehicle, pause| vehicle.with_break(*pause)));
        builder.objective(Objective::Duration);
        if let Some(in_force) = in_force {
            let tour: Vec<VisitId> = in_force.iter().copied().map(VisitId::new).collect();
            builder.plan_in_force(Plan::new([tour]));
        }
        builder.build()
    }

    /// All that can be driven to, in the order of their numbers.
    fn as_given(&self, matrix: &Matrix) -> Ordered {
        let all: Vec<usize> = (0..self.visits.len()).collect();
        let sequence = reachable(matrix, self.start, &all, self.end);
        let is_left_out = |visit: &usize| sequence.binary_search(visit).is_err();
        let left_out = all.into_iter().filter(is_left_out).map(|visit| (visit, UnservedReason::Unreachable)).collect();
        Ordered { sequence, left_out, ..Ordered::default() }
    }

    /// The points of the tour, from the one that the driver comes from.
    pub(crate) fn drawn<'o>(&'o self, ordered: &'o Ordered) -> impl Iterator<Item = usize> + 'o {
        self.start.into_iter().chain(ordered.sequence.iter().copied()).chain(self.end)
    }
}

impl Ordered {
    fn of(solution: &Solution, takes_breaks: bool) -> Self {
        let tour = solution.tours.first();
        let stops = tour.map_or(&[][..], |tour| &tour.stops);
        let places =
            |tour: &routemate_optimizer::Tour| tour.breaks.iter().map(|pause| (pause.number, pause.before)).collect();
        let bound = solution.bound.map(|bound| Seconds::new(u32::try_from(bound).unwrap_or(u32::MAX)));
        Self {
            sequence: stops.iter().map(|stop| stop.visit.index()).collect(),
            breaks: tour.filter(|_| takes_breaks).map(places),
            late: solution.late.iter().map(|late| (late.visit.index(), late.reason)).collect(),
            left_out: solution.unserved.iter().map(|entry| (entry.visit.index(), entry.reason)).collect(),
            optimality: Some(Optimality { is_proven: solution.proven_optimal, bound }),
        }
    }
}

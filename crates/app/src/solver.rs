use std::sync::atomic::{AtomicUsize, Ordering};

use routemate_optimizer::{Budget, Objective, Problem, ProblemBuilder, ProblemError, Solution, Vehicle, Visit};
use routemate_travel::Matrix;
use routemate_units::Seconds;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Error, ErrorKind};

/// A bounded number of solvers, and a bounded queue before them.
#[derive(Debug)]
pub(crate) struct SolverPool {
    permits: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
}

/// A problem as it travels to the solver's thread, where it is built: the optimizer's own type borrows the matrix.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) matrix: Matrix,
    pub(crate) visits: Vec<Visit>,
    pub(crate) vehicle: Vehicle,
    pub(crate) budget: Budget,
}

/// Counts a waiting task for as long as it lives, also when the task is dropped.
struct Place<'p>(&'p AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SolverPool {
    pub(crate) fn new(threads: usize, queue: usize) -> Self {
        Self { permits: Semaphore::new(threads.max(1)), waiting: AtomicUsize::new(0), queue }
    }

    /// Solves a task on a thread of its own and gives the matrix back with the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where too many wait already.
    pub(crate) async fn solve(&self, task: Task) -> Result<(Matrix, Solution), Error> {
        let permit = match self.permits.try_acquire() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        let solved = tokio::task::spawn_blocking(move || task.run()).await.map_err(Error::internal)?;
        drop(permit);
        solved.map_err(Error::internal)
    }

    async fn wait(&self) -> Result<SemaphorePermit<'_>, Error> {
        let place = if self.waiting.fetch_add(1, Ordering::Relaxed) < self.queue {
            Place(&self.waiting)
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into());
        };
        let permit = self.permits.acquire().await.map_err(Error::internal)?;
        drop(place);
        Ok(permit)
    }
}

impl Task {
    fn run(self) -> Result<(Matrix, Solution), ProblemError> {
        // Equal problems get equal answers: a retry after a crash finds the same order.
        const SEED: u64 = 1;
        let solution = routemate_optimizer::solve(&self.problem()?, &self.budget, SEED);
        Ok((self.matrix, solution))
    }

    fn problem(&self) -> Result<Problem<'_, Matrix>, ProblemError> {
        let mut builder = ProblemBuilder::new(&self.matrix);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        builder.vehicle(self.vehicle.clone()).objective(Objective::Duration);
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use routemate_travel::{Leg, Quality};
    use routemate_units::Meters;

    use super::*;

    fn task() -> Task {
        let leg = Leg { duration: Seconds::new(60), distance: Meters::new(500) };
        Task {
            matrix: Matrix::from_fn(2, Quality::Estimated, |_, _| Some(leg)),
            visits: vec![Visit::at(0), Visit::at(1)],
            vehicle: Vehicle::new(),
            budget: Budget::of_iterations(10),
        }
    }

    /// Whether it was refused, or would be waited for, or is done.
    async fn ask(pool: &SolverPool) -> Option<Result<(), ErrorKind>> {
        tokio::select! {
            biased;
            solved = pool.solve(task()) => Some(solved.map(drop).map_err(|error| error.kind().clone())),
            () = tokio::task::yield_now() => None,
        }
    }

    #[tokio::test]
    async fn so_many_wait_for_a_busy_solver_and_the_next_is_told_to_come_again() {
        let pool = SolverPool::new(1, 2);
        let busy = pool.permits.acquire().await.unwrap();
        let unavailable = ErrorKind::Unavailable { retry_after: Seconds::new(1) };
        {
            let (mut one, mut two) = (pin!(pool.solve(task())), pin!(pool.solve(task())));
            assert!(futures_util::poll!(&mut one).is_pending() && futures_util::poll!(&mut two).is_pending());
            assert_eq!(ask(&pool).await, Some(Err(unavailable)));
            drop(busy);
            assert!(one.await.is_ok() && two.await.is_ok());
        }
        assert!(pool.solve(task()).await.is_ok());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_makes_room() {
        let pool = SolverPool::new(1, 1);
        let busy = pool.permits.acquire().await.unwrap();
        assert_eq!(ask(&pool).await, None);
        assert_eq!(ask(&pool).await, None);
        drop(busy);
    }

    #[tokio::test]
    async fn an_idle_solver_needs_no_queue() {
        assert!(SolverPool::new(1, 0).solve(task()).await.is_ok());
    }
}

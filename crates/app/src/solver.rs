use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routemate_optimizer::{Budget, Objective, Problem, ProblemBuilder, ProblemError, Solution, Vehicle, Visit};
use routemate_travel::{Matrix, TravelMatrix};
use routemate_units::{LatLng, Seconds};
use tokio::runtime::Handle;
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
///
/// The matrix is made there as well, because it grows with the square of the stops: those who wait for a solver hold none,
/// and the runtime's own threads are not kept busy with it.
pub(crate) struct Task {
    pub(crate) travel: Arc<dyn TravelMatrix>,
    /// Where the visits are, in their order.
    pub(crate) points: Vec<LatLng>,
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

    /// Solves a task on a thread of its own and gives the matrix with the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where too many wait already, or the travel engine does not answer.
    pub(crate) async fn solve(&self, task: Task) -> Result<(Matrix, Solution), Error> {
        let permit = match self.permits.try_acquire() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        let solved =
            tokio::task::spawn_blocking(move || task.run(&Handle::current())).await.map_err(Error::internal)?;
        drop(permit);
        solved
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
    fn run(self, runtime: &Handle) -> Result<(Matrix, Solution), Error> {
        // Equal problems get equal answers: a retry after a crash finds the same order.
        const SEED: u64 = 1;
        let matrix = runtime.block_on(self.travel.matrix(&self.points, &self.budget.stop))?;
        let problem = self.problem(&matrix).map_err(Error::internal)?;
        let solution = routemate_optimizer::solve(&problem, &self.budget, SEED);
        Ok((matrix, solution))
    }

    fn problem<'m>(&self, matrix: &'m Matrix) -> Result<Problem<'m, Matrix>, ProblemError> {
        let mut builder = ProblemBuilder::new(matrix);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        builder.vehicle(self.vehicle.clone());
        builder.objective(Objective::Duration);
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::future::BoxFuture;
    use routemate_travel::{GreatCircleEstimate, TravelError, TravelPath};
    use routemate_units::StopToken;

    use super::*;

    /// Estimates, and counts how often it is asked; every second time it is out of order.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl TravelMatrix for Counting {
        fn matrix<'a>(
            &'a self,
            points: &'a [LatLng],
            stop: &'a StopToken,
        ) -> BoxFuture<'a, Result<Matrix, TravelError>> {
            if self.0.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
                return Box::pin(async { Err(TravelError::Unavailable("made up".into())) });
            }
            GreatCircleEstimate.matrix(points, stop)
        }

        fn path<'a>(&'a self, points: &'a [LatLng]) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
            GreatCircleEstimate.path(points)
        }
    }

    fn task() -> Task {
        task_with(Arc::new(GreatCircleEstimate))
    }

    fn task_with(travel: Arc<dyn TravelMatrix>) -> Task {
        let at = |lng| LatLng::new(60.17, lng).unwrap();
        Task {
            travel,
            points: vec![at(24.9), at(24.95)],
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
    async fn who_waits_for_a_solver_has_no_matrix_yet() {
        let (pool, travel) = (SolverPool::new(1, 1), Arc::<Counting>::default());
        let busy = pool.permits.acquire().await.unwrap();
        let mut waiting = pin!(pool.solve(task_with(travel.clone())));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert_eq!(travel.0.load(Ordering::Relaxed), 0);
        drop(busy);
        assert!(waiting.await.is_ok());
        assert_eq!(travel.0.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_travel_engine_that_does_not_answer_is_no_fault_of_ours() {
        let (pool, travel) = (SolverPool::new(1, 0), Arc::<Counting>::default());
        assert!(pool.solve(task_with(travel.clone())).await.is_ok());
        let error = pool.solve(task_with(travel)).await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Unavailable { retry_after: Seconds::new(1) });
    }

    #[tokio::test]
    async fn an_idle_solver_needs_no_queue() {
        assert!(SolverPool::new(1, 0).solve(task()).await.is_ok());
    }
}

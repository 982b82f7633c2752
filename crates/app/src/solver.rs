use std::sync::Arc;
use std::time::Duration;

use routemate_optimizer::{Budget, Objective, Problem, ProblemBuilder, ProblemError, Solution, Vehicle, Visit};
use routemate_travel::{Engines, GreatCircleEstimate, Matrix, TravelError, TravelMatrix, TravelPath, Work};
use routemate_units::{LatLng, StopToken};
use tokio::runtime::Handle;

use crate::permits::Permits;
use crate::{Error, Settings};

/// A bounded number of solvers, and of those who wait for a server to tell them travel times.
///
/// What is computed is computed on the solver's thread. What a server is asked for is awaited before there is a solver,
/// who would do nothing meanwhile, and holds one of the permits for asking until all is done: so many matrices are held
/// at most by those who wait for a solver, because a matrix grows with the square of the stops.
#[derive(Debug)]
pub(crate) struct SolverPool {
    solvers: Permits,
    fetches: Permits,
}

/// A problem as it travels to the solver's thread, where it is built: the optimizer's own type borrows the matrix.
pub(crate) struct Task {
    pub(crate) engines: Engines,
    /// Where the visits are, in their order.
    pub(crate) points: Vec<LatLng>,
    pub(crate) visits: Vec<Visit>,
    pub(crate) vehicle: Vehicle,
    pub(crate) budget: Budget,
    /// How long servers may take for the matrix, all that are asked together, and again for the path.
    pub(crate) patience: Duration,
}

/// The answer, and what it rests on.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) matrix: Matrix,
    pub(crate) solution: Solution,
    /// Through the stops of the first tour; of the engine that gave the matrix, or else an estimate.
    pub(crate) path: TravelPath,
}

impl SolverPool {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            solvers: Permits::new(settings.solver_threads, settings.solver_queue),
            fetches: Permits::new(settings.travel_fetches, settings.solver_queue),
        }
    }

    /// Solves a task with the travel times of the first engine that knows them.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) where too many wait already.
    pub(crate) async fn solve(&self, task: Task) -> Result<Solved, Error> {
        let task = Arc::new(task);
        for engine in task.engines.iter() {
            let answer = match engine.work() {
                Work::Computes => self.compute(&task, engine).await?,
                Work::Waits => self.fetch(&task, engine).await?,
            };
            match answer {
                Ok(solved) => return Ok(solved),
                Err(TravelError::Stopped) => return Err(TravelError::Stopped.into()),
                Err(error) => passed_over(engine.name(), "matrix", &error),
            }
        }
        Err(Error::internal("no travel engine has answered, not even the estimate"))
    }

    /// Everything on a solver's thread: matrix, order, path.
    async fn compute(
        &self,
        task: &Arc<Task>,
        engine: &Arc<dyn TravelMatrix>,
    ) -> Result<Result<Solved, TravelError>, Error> {
        let permit = self.solvers.enter().await?;
        let (task, engine) = (Arc::clone(task), Arc::clone(engine));
        let run = move || {
            let runtime = Handle::current();
            let stop = &task.budget.stop;
            let matrix = match runtime.block_on(engine.matrix(&task.points, stop)) {
                Ok(matrix) => matrix,
                Err(error) => return Ok(Err(error)),
            };
            let solution = task.order(&matrix).map_err(Error::internal)?;
            let path = runtime.block_on(path(&*engine, &task.driven(&solution), stop))?;
            Ok(Ok(Solved { matrix, solution, path }))
        };
        let solved = tokio::task::spawn_blocking(run).await.map_err(Error::internal)?;
        drop(permit);
        solved
    }

    /// Matrix and path from a server, and only the order on a solver's thread.
    async fn fetch(
        &self,
        task: &Arc<Task>,
        engine: &Arc<dyn TravelMatrix>,
    ) -> Result<Result<Solved, TravelError>, Error> {
        let held = self.fetches.enter().await?;
        let share = task.share();
        let matrix = match engine.matrix(&task.points, &task.budget.stop.within(share)).await {
            Ok(matrix) => matrix,
            Err(error) => return Ok(Err(error)),
        };
        let permit = self.solvers.enter_after(&held).await?;
        let solving = Arc::clone(task);
        let order = move || solving.order(&matrix).map(|solution| (matrix, solution));
        let ordered = tokio::task::spawn_blocking(order).await.map_err(Error::internal)?;
        drop(permit);
        let (matrix, solution) = ordered.map_err(Error::internal)?;
        let path = path(&**engine, &task.driven(&solution), &task.budget.stop.within(share)).await?;
        drop(held);
        Ok(Ok(Solved { matrix, solution, path }))
    }
}

/// The line to draw. The plan stands without it: where the engine has none it is estimated, which its quality says.
async fn path(engine: &dyn TravelMatrix, points: &[LatLng], stop: &StopToken) -> Result<TravelPath, Error> {
    match engine.path(points, stop).await {
        Ok(path) => Ok(path),
        Err(TravelError::Stopped) => Err(TravelError::Stopped.into()),
        Err(error) => {
            passed_over(engine.name(), "path", &error);
            Ok(GreatCircleEstimate.path(points, stop).await?)
        }
    }
}

fn passed_over(engine: &'static str, asked_for: &'static str, failure: &TravelError) {
    let error = failure as &dyn std::error::Error;
    match failure {
        // Nothing is wrong with an engine that has no map of a place.
        TravelError::NotCovered { .. } => {
            tracing::info!(error, travel.engine = engine, "travel engine `{engine}` gives no {asked_for} here");
        }
        _ => {
            tracing::warn!(
                error,
                travel.engine = engine,
                "travel engine `{engine}` gave no {asked_for} and is passed over"
            );
        }
    }
}

impl Task {
    /// The time that each of the servers has.
    fn share(&self) -> Duration {
        self.patience / u32::try_from(self.engines.waiting().max(1)).unwrap_or(u32::MAX)
    }

    fn order(&self, matrix: &Matrix) -> Result<Solution, ProblemError> {
        // Equal problems get equal answers: a retry after a crash finds the same order.
        const SEED: u64 = 1;
        Ok(routemate_optimizer::solve(&self.problem(matrix)?, &self.budget, SEED))
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

    /// The points in the order of the first tour.
    fn driven(&self, solution: &Solution) -> Vec<LatLng> {
        let stops = solution.tours.iter().take(1).flat_map(|tour| &tour.stops);
        stops.filter_map(|stop| self.points.get(stop.visit.index()).copied()).collect()
    }
}

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use routemate_metrics::{
    SOLVER_DURATION, SOLVER_QUEUE, SOLVER_REFUSALS, SOLVER_WAIT, SOLVERS_BUSY, TRAVEL_DURATION, TRAVEL_FAILURES,
};
use routemate_optimizer::{Budget, ProblemError};
use routemate_travel::{Engines, GreatCircleEstimate, Matrix, TravelError, TravelMatrix, TravelPath, Work};
use routemate_units::{LatLng, Seconds, StopToken, VehicleKind};
use tokio::runtime::Handle;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;

use crate::backlog::{Backlog, Promise};
use crate::permits::{NoPermit, Permits};
use crate::planning::{Assignment, Ordered};
use crate::{Error, ErrorKind, Settings};

/// A bounded number of solvers, and of those who wait for a server to tell them travel times.
///
/// What is computed is computed on the solver's thread. What a server is asked for is awaited before there is a solver,
/// who would do nothing meanwhile, and holds one of the permits for asking until all is done: so many matrices are held
/// at most by those who wait for a solver, because a matrix grows with the square of the stops.
#[derive(Debug)]
pub(crate) struct SolverPool {
    solvers: Permits,
    fetches: Permits,
    backlog: Backlog,
    /// How long anybody may wait for one.
    patience: Duration,
}

/// What a solver is asked.
pub(crate) struct Task {
    pub(crate) engines: Engines,
    /// Between which ways are wanted.
    pub(crate) points: Vec<LatLng>,
    /// What is to be put in order.
    pub(crate) assignment: Assignment,
    /// What was driven before: the line begins with it.
    pub(crate) driven: Vec<LatLng>,
    /// The kind of vehicle that is driven.
    pub(crate) vehicle: VehicleKind,
    pub(crate) budget: Budget,
    /// How long servers may take for the matrix, all that are asked together, and again for the path.
    pub(crate) patience: Duration,
}

/// The answer, and what it rests on.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) matrix: Matrix,
    pub(crate) ordered: Ordered,
    /// Through what was driven and the stops in their order; of the engine that gave the matrix, or else an estimate.
    pub(crate) path: TravelPath,
}

/// Why somebody does not get a solver, before it is said: then it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom {
    reason: &'static str,
    retry_after: Seconds,
}

impl From<NoRoom> for Error {
    fn from(NoRoom { reason, retry_after }: NoRoom) -> Self {
        SOLVER_REFUSALS.increment([reason]);
        ErrorKind::Unavailable { retry_after }.into()
    }
}

impl SolverPool {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            solvers: Permits::new(settings.solver_threads, settings.solver_queue),
            fetches: Permits::new(settings.travel_fetches, settings.solver_queue),
            backlog: Backlog::new(settings.solver_threads),
            patience: settings.solver_wait,
        }
    }

    /// Tells whoever would not get a solver in time so at once, before any work is done for them.
    ///
    /// # Errors
    /// [`NoRoom`] where the queue is full, or so much lies ahead that the wait would be too long.
    pub(crate) fn check_room(&self) -> Result<(), NoRoom> {
        if self.solvers.is_full() {
            return Err(self.no_room("full"));
        }
        if self.backlog.wait() > self.patience {
            return Err(self.no_room("late"));
        }
        Ok(())
    }

    fn no_room(&self, reason: &'static str) -> NoRoom {
        NoRoom { reason, retry_after: self.backlog.retry_after(self.patience) }
    }

    fn refuse(&self, reason: &'static str) -> Error {
        self.no_room(reason).into()
    }

    /// Waits for a solver among the others.
    async fn enter(&self) -> Result<SemaphorePermit<'_>, Error> {
        let (waiting, wanted) = (SOLVER_QUEUE.raise(), Instant::now());
        let permit = self.solvers.enter(self.patience).await;
        drop(waiting);
        SOLVER_WAIT.record::<&'static str>([], wanted.elapsed());
        permit.map_err(|refused| match refused {
            NoPermit::Full => self.refuse("full"),
            NoPermit::TimedOut => self.refuse("timed_out"),
        })
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
        let promise = self.backlog.promise(task.budget.deadline);
        let permit = self.enter().await?;
        let (busy, begun) = (SOLVERS_BUSY.raise(), Instant::now());
        let (task, engine) = (Arc::clone(task), Arc::clone(engine));
        let run = move || {
            let runtime = Handle::current();
            let stop = &task.budget.stop;
            let asked = engine.matrix(&task.points, task.vehicle, stop);
            let matrix = match runtime.block_on(measured(&*engine, "matrix", asked)) {
                Ok(matrix) => matrix,
                Err(error) => return Ok(Err(error)),
            };
            let ordered = task.order(&matrix).map_err(Error::internal)?;
            let path = runtime.block_on(path(&*engine, &task.line(&ordered), task.vehicle, stop))?;
            Ok(Ok(Solved { matrix, ordered, path }))
        };
        let solved = solving(run, promise, begun).await?;
        drop((permit, busy));
        solved
    }

    /// Matrix and path from a server, and only the order on a solver's thread.
    async fn fetch(
        &self,
        task: &Arc<Task>,
        engine: &Arc<dyn TravelMatrix>,
    ) -> Result<Result<Solved, TravelError>, Error> {
        let held = self.fetches.enter(self.patience).await.map_err(|refused| match refused {
            NoPermit::Full => self.refuse("fetch_full"),
            NoPermit::TimedOut => self.refuse("fetch_timed_out"),
        })?;
        let share = task.share();
        let stop = task.budget.stop.within(share);
        let asked = engine.matrix(&task.points, task.vehicle, &stop);
        let matrix = match measured(&**engine, "matrix", asked).await {
            Ok(matrix) => matrix,
            Err(error) => return Ok(Err(error)),
        };
        let (promise, waiting, wanted) =
            (self.backlog.promise(task.budget.deadline), SOLVER_QUEUE.raise(), Instant::now());
        let permit = self.solvers.enter_after(&held).await;
        drop(waiting);
        SOLVER_WAIT.record::<&'static str>([], wanted.elapsed());
        let (busy, begun) = (SOLVERS_BUSY.raise(), Instant::now());
        let ordering = Arc::clone(task);
        let order = move || ordering.order(&matrix).map(|ordered| (matrix, ordered));
        let solved = solving(order, promise, begun).await?;
        drop((permit, busy));
        let (matrix, ordered) = solved.map_err(Error::internal)?;
        let path = path(&**engine, &task.line(&ordered), task.vehicle, &task.budget.stop.within(share)).await?;
        drop(held);
        Ok(Ok(Solved { matrix, ordered, path }))
    }
}

/// Runs what takes a solver's thread, and learns how long that was.
async fn solving<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
    promise: Promise<'_>,
    begun: Instant,
) -> Result<T, Error> {
    let span = tracing::debug_span!("solve");
    let ended = tokio::task::spawn_blocking(move || span.in_scope(run)).await.map_err(Error::internal);
    let took = begun.elapsed();
    promise.took(took);
    SOLVER_DURATION.record::<&'static str>([], took);
    ended
}

/// Times one question to an engine, and counts it where it is not answered.
async fn measured<T>(
    engine: &dyn TravelMatrix,
    question: &'static str,
    answer: impl Future<Output = Result<T, TravelError>>,
) -> Result<T, TravelError> {
    let span = tracing::debug_span!("travel", travel.engine = engine.name(), travel.question = question);
    let begun = Instant::now();
    let answer = answer.instrument(span).await;
    TRAVEL_DURATION.record([engine.name(), question], begun.elapsed());
    if let Err(error) = &answer {
        TRAVEL_FAILURES.increment([engine.name(), question, reason(error)]);
    }
    answer
}

/// The word for it in metrics.
const fn reason(error: &TravelError) -> &'static str {
    match error {
        TravelError::Stopped => "stopped",
        TravelError::Unavailable { .. } => "unavailable",
        TravelError::LeftAlone { .. } => "left_alone",
        TravelError::TimedOut { .. } => "timed_out",
        TravelError::RateLimited { .. } => "rate_limited",
        TravelError::Refused { .. } => "refused",
        TravelError::TooMuch { .. } => "too_much",
        TravelError::NoWay { .. } => "no_way",
        TravelError::NotCovered { .. } => "not_covered",
        _ => "other",
    }
}

/// The line to draw. The plan stands without it: where the engine has none it is estimated, which its quality says.
async fn path(
    engine: &dyn TravelMatrix,
    points: &[LatLng],
    vehicle: VehicleKind,
    stop: &StopToken,
) -> Result<TravelPath, Error> {
    match measured(engine, "path", engine.path(points, vehicle, stop)).await {
        Ok(path) => Ok(path),
        Err(TravelError::Stopped) => Err(TravelError::Stopped.into()),
        Err(error) => {
            passed_over(engine.name(), "path", &error);
            Ok(GreatCircleEstimate.path(points, vehicle, stop).await?)
        }
    }
}

fn passed_over(engine: &'static str, asked_for: &'static str, failure: &TravelError) {
    let error = failure as &dyn std::error::Error;
    match failure {
        // Nothing is wrong with an engine that has no map of a place, or for a vehicle: the answer says so, and where there
        // is no map at all, the server has said so when it started.
        TravelError::NotCovered { .. } | TravelError::OtherVehicle { .. } => {
            tracing::debug!(error, travel.engine = engine, "travel engine `{engine}` gives no {asked_for} here");
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

    fn order(&self, matrix: &Matrix) -> Result<Ordered, ProblemError> {
        self.assignment.order(matrix, &self.budget)
    }

    /// The points of the line to draw. Where something was driven, the driver comes from the last point of that.
    fn line(&self, ordered: &Ordered) -> Vec<LatLng> {
        let drawn = self
            .assignment
            .drawn(ordered)
            .filter(|point| self.driven.is_empty() || Some(*point) != self.assignment.start);
        self.driven.iter().copied().chain(drawn.filter_map(|point| self.points.get(point).copied())).collect()
    }
}

#[cfg(test)]
mod tests;

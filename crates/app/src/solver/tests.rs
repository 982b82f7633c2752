use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use routemate_travel::Quality;
use routemate_units::{Seconds, VehicleKind};
use tokio::sync::{Notify, Semaphore};

use routemate_optimizer::{Vehicle, Visit};

use super::*;
use crate::ErrorKind;
use crate::planning::Wish;

/// Estimates, and says that it has driven on roads.
struct Fake {
    work: Work,
    matrices: AtomicUsize,
    paths: AtomicUsize,
    /// How many matrices it gives before it waits for more.
    ready: Semaphore,
    asked: Notify,
    /// The time it was given.
    time: Mutex<Option<Duration>>,
    has_no: &'static str,
}

impl Fake {
    fn new(work: Work, ready: usize) -> Self {
        let (matrices, paths) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let ready = Semaphore::new(ready);
        Self { work, matrices, paths, ready, asked: Notify::new(), time: Mutex::default(), has_no: "" }
    }

    fn matrices(&self) -> usize {
        self.matrices.load(Ordering::Relaxed)
    }

    fn fault(&self, of: &str) -> Result<(), TravelError> {
        if self.has_no == of { Err(TravelError::TimedOut { engine: "fake" }) } else { Ok(()) }
    }
}

impl TravelMatrix for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn work(&self) -> Work {
        self.work
    }

    fn matrix<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        Box::pin(async move {
            self.matrices.fetch_add(1, Ordering::Relaxed);
            *self.time.lock().unwrap() = stop.remaining();
            self.asked.notify_one();
            self.ready.acquire().await.unwrap().forget();
            self.fault("matrix")?;
            let estimate = GreatCircleEstimate.matrix(points, vehicle, stop).await?;
            Ok(Matrix::from_fn(points.len(), Quality::Roads, |from, to| estimate.leg(from, to)))
        })
    }

    fn path<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
        Box::pin(async move {
            self.paths.fetch_add(1, Ordering::Relaxed);
            self.fault("path")?;
            Ok(TravelPath { quality: Quality::Roads, ..GreatCircleEstimate.path(points, vehicle, stop).await? })
        })
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

fn pool(solvers: usize, queue: usize, fetches: usize) -> SolverPool {
    let settings = Settings {
        solver_threads: solvers,
        solver_queue: queue,
        travel_fetches: fetches,
        solver_wait: PATIENCE,
        ..Settings::default()
    };
    SolverPool::new(&settings)
}

fn task() -> Task {
    task_with(&[])
}

fn task_with(engines: &[&Arc<Fake>]) -> Task {
    let at = |lng| LatLng::new(60.17, lng).unwrap();
    let mut budget = Budget::of_iterations(10);
    budget.stop = StopToken::with_clock(|| Duration::ZERO);
    budget.deadline = Duration::from_millis(10);
    Task {
        engines: Engines::new(engines.iter().map(|&fake| Arc::clone(fake) as Arc<dyn TravelMatrix>).collect()),
        points: vec![at(24.9), at(24.95)],
        assignment: Assignment {
            visits: vec![Visit::at(0), Visit::at(1)],
            vehicle: Vehicle::new(),
            breaks: Vec::new(),
            wish: Wish::Best { in_force: None, kept: Vec::new() },
            start: None,
            end: None,
        },
        driven: Vec::new(),
        vehicle: VehicleKind::Car,
        budget,
        patience: Duration::from_secs(10),
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
    let pool = pool(1, 2, 1);
    let busy = pool.solvers.enter(PATIENCE).await.unwrap();
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

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_is_told_to_come_again() {
    let pool = pool(1, 1, 1);
    let _busy = pool.solvers.enter(PATIENCE).await.unwrap();
    let begun = Instant::now();
    let refused = pool.solve(task()).await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Unavailable { .. }), "{refused:?}");
    assert_eq!(begun.elapsed(), PATIENCE);
}

#[tokio::test]
async fn what_would_be_too_late_is_told_before_any_work_is_done() {
    let pool = pool(2, 100, 1);
    assert!(pool.check_room().is_ok());
    let ahead: Vec<_> = (0..12).map(|_| pool.backlog.promise(Duration::from_secs(2))).collect();
    assert_eq!(pool.check_room(), Err(NoRoom { reason: "late", retry_after: Seconds::new(2) }));
    drop(ahead);
    assert!(pool.check_room().is_ok());
}

#[tokio::test]
async fn a_full_queue_is_told_before_any_work_is_done() {
    let pool = pool(1, 0, 1);
    let busy = pool.solvers.enter(PATIENCE).await.unwrap();
    assert_eq!(pool.check_room(), Err(NoRoom { reason: "full", retry_after: Seconds::new(1) }));
    drop(busy);
    assert!(pool.check_room().is_ok());
}

#[tokio::test]
async fn who_gives_up_waiting_makes_room() {
    let pool = pool(1, 1, 1);
    let busy = pool.solvers.enter(PATIENCE).await.unwrap();
    assert_eq!(ask(&pool).await, None);
    assert_eq!(ask(&pool).await, None);
    drop(busy);
}

#[tokio::test]
async fn an_idle_solver_needs_no_queue() {
    assert!(pool(1, 0, 1).solve(task()).await.is_ok());
}

#[tokio::test]
async fn who_waits_for_a_solver_has_no_computed_matrix_yet() {
    let (pool, travel) = (pool(1, 1, 1), Arc::new(Fake::new(Work::Computes, 1)));
    let busy = pool.solvers.enter(PATIENCE).await.unwrap();
    let mut waiting = pin!(pool.solve(task_with(&[&travel])));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(travel.matrices(), 0);
    drop(busy);
    assert!(waiting.await.is_ok());
    assert_eq!(travel.matrices(), 1);
}

#[tokio::test]
async fn a_server_is_asked_without_keeping_a_solver_from_work() {
    let (pool, travel) = (pool(1, 0, 1), Arc::new(Fake::new(Work::Waits, 0)));
    let mut waiting = pin!(pool.solve(task_with(&[&travel])));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(travel.matrices(), 1);
    assert!(pool.solve(task()).await.is_ok());
    travel.ready.add_permits(1);
    let solved = waiting.await.unwrap();
    assert_eq!((solved.matrix.quality(), solved.path.quality), (Quality::Roads, Quality::Roads));
}

#[tokio::test]
async fn who_has_a_fetched_matrix_is_not_sent_away_by_a_full_queue() {
    let (pool, travel) = (pool(1, 0, 1), Arc::new(Fake::new(Work::Waits, 1)));
    let busy = pool.solvers.enter(PATIENCE).await.unwrap();
    let mut waiting = pin!(pool.solve(task_with(&[&travel])));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(travel.matrices(), 1);
    drop(busy);
    assert!(waiting.await.is_ok());
}

#[tokio::test]
async fn so_many_ask_servers_at_once_and_the_others_hold_no_matrix() {
    let (pool, travel) = (pool(4, 1, 1), Arc::new(Fake::new(Work::Waits, 0)));
    let mut one = pin!(pool.solve(task_with(&[&travel])));
    let mut two = pin!(pool.solve(task_with(&[&travel])));
    assert!(futures_util::poll!(&mut one).is_pending() && futures_util::poll!(&mut two).is_pending());
    assert_eq!(travel.matrices(), 1);
    let refused = pool.solve(task_with(&[&travel])).await.unwrap_err();
    assert_eq!(*refused.kind(), ErrorKind::Unavailable { retry_after: Seconds::new(1) });
    travel.ready.add_permits(2);
    assert!(one.await.is_ok() && two.await.is_ok());
}

#[tokio::test]
async fn engines_are_asked_in_their_order_until_one_answers() {
    let deaf = Arc::new(Fake { has_no: "matrix", ..Fake::new(Work::Waits, 1) });
    let lame = Arc::new(Fake { has_no: "matrix", ..Fake::new(Work::Computes, 1) });
    let (good, last) = (Arc::new(Fake::new(Work::Waits, 1)), Arc::new(Fake::new(Work::Waits, 1)));
    let solved = pool(1, 0, 1).solve(task_with(&[&deaf, &lame, &good, &last])).await.unwrap();
    assert_eq!(solved.matrix.quality(), Quality::Roads);
    assert_eq!([&deaf, &lame, &good, &last].map(|fake| fake.matrices()), [1, 1, 1, 0]);
    assert_eq!(good.paths.load(Ordering::Relaxed), 1);
    // Three of them wait for a server and share ten seconds.
    assert_eq!(*good.time.lock().unwrap(), Some(Duration::from_secs(10) / 3));
}

#[tokio::test]
async fn where_no_engine_answers_it_is_estimated_and_says_so() {
    for work in [Work::Waits, Work::Computes] {
        let deaf = Arc::new(Fake { has_no: "matrix", ..Fake::new(work, 1) });
        let solved = pool(1, 0, 1).solve(task_with(&[&deaf])).await.unwrap();
        assert_eq!((solved.matrix.quality(), solved.path.quality), (Quality::Estimated, Quality::Estimated));
    }
}

#[tokio::test]
async fn where_the_line_is_missing_the_order_stands_and_the_line_is_estimated() {
    for work in [Work::Waits, Work::Computes] {
        let lineless = Arc::new(Fake { has_no: "path", ..Fake::new(work, 1) });
        let solved = pool(1, 0, 1).solve(task_with(&[&lineless])).await.unwrap();
        assert_eq!((solved.matrix.quality(), solved.path.quality), (Quality::Roads, Quality::Estimated));
        assert_eq!(solved.path.geometry.len(), 2);
    }
}

//! Pages of every list while somebody writes: what is there all the time comes just once, and nothing comes twice.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use routemate_app::{
    App, CreateRoute, DriverChange, ImportedStopKey, JobQuery, Principal, RouteChange, RouteQuery, RouteSort, SaveStop,
    StopOrder, TerminalRequest,
};
use routemate_domain::{DriverId, DriverStatus, ImportedStopId, JobId, RouteId, SavedStopId};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, text};
use uuid::Uuid;

use crate::facts::named;
use crate::stop_requests::request;

/// A list that is paged through.
#[derive(Debug, Clone, Copy, PartialEq)]
enum List {
    ImportedStops,
    SavedStops,
    Routes(RouteSort),
    Drivers,
    ActiveDrivers,
    Jobs,
    LatestJobs,
}

const LISTS: [List; 8] = [
    List::ImportedStops,
    List::SavedStops,
    List::Routes(RouteSort::CreatedAt),
    List::Routes(RouteSort::UpdatedAt),
    List::Drivers,
    List::ActiveDrivers,
    List::Jobs,
    List::LatestJobs,
];

/// Where a row stands: what a cursor holds.
type Key = (Timestamp, Uuid);

/// Bytes that look random (G. Marsaglia, "Xorshift RNGs", 2003).
struct Noise(u64);

impl Noise {
    fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most.max(1)
    }
}

/// One organisation's rows of one list.
struct Rows {
    app: Arc<TestApp>,
    who: Principal,
    list: List,
    made: AtomicU32,
}

impl Rows {
    async fn of(app: &Arc<TestApp>, list: List) -> Self {
        let who = app.principal().await;
        Self { app: Arc::clone(app), who, list, made: AtomicU32::new(0) }
    }

    /// Another row. Every third one is of the same instant as the one before.
    async fn make(&self) -> Uuid {
        let (app, who) = (&self.app, &self.who);
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        if !number.is_multiple_of(3) {
            app.clock.advance(SignedDuration::from_secs(1));
        }
        match self.list {
            List::ImportedStops => {
                app.import_stops(who, vec![request(&format!("S{number}"), "here")]).await.unwrap()[0].id.to_uuid()
            }
            List::SavedStops => {
                app.save_stop_by_operator(who.organization_id, &saved("here")).await.unwrap().id.to_uuid()
            }
            List::Routes(_) => {
                let command = CreateRoute {
                    name: text("Morning"),
                    scheduled_for: None,
                    driver: None,
                    start: TerminalRequest::default(),
                    end: TerminalRequest::default(),
                    stops: Vec::new(),
                    order: StopOrder::Given,
                };
                let render =
                    Arc::new(|view: &routemate_app::RouteView| view.itinerary.route.id.to_uuid().as_bytes().to_vec());
                let answer = app.create_route(who, command, None, render).await.unwrap();
                Uuid::from_slice(&answer.body).unwrap()
            }
            List::Drivers | List::ActiveDrivers => {
                app.driver(who.organization_id, &format!("driver{number}@example.com")).await.driver.id.to_uuid()
            }
            List::Jobs | List::LatestJobs => {
                let job = app.import(who, named(&format!("J{number}"), import_command(2))).await.unwrap();
                job.view.job.id.to_uuid()
            }
        }
    }

    /// Changes a row that is there.
    async fn change(&self, id: Uuid) {
        let (app, who) = (&self.app, &self.who);
        app.clock.advance(SignedDuration::from_secs(1));
        match self.list {
            List::ImportedStops => {
                let stop = app.imported_stop(who, &imported(id)).await.unwrap();
                app.import_stops(who, vec![stop.request]).await.unwrap();
            }
            List::SavedStops => {
                app.change_saved_stop(who, SavedStopId::from_uuid(id), &saved("there"), None).await.unwrap();
            }
            List::Routes(_) => {
                for change in [RouteChange::Archive, RouteChange::Unarchive] {
                    app.change_route(who, RouteId::from_uuid(id), change, None).await.unwrap();
                }
            }
            List::Drivers | List::ActiveDrivers => {
                for change in [DriverChange::Deactivate, DriverChange::Reactivate] {
                    app.change_driver(who, DriverId::from_uuid(id), &change, None).await.unwrap();
                }
            }
            List::Jobs | List::LatestJobs => {
                app.change_job(who, JobId::from_uuid(id), RouteChange::Reoptimize, None).await.unwrap();
            }
        }
    }

    /// Takes a row off the list: drivers, who are never deleted, are archived.
    async fn remove(&self, id: Uuid) {
        let (app, who) = (&self.app, &self.who);
        match self.list {
            List::ImportedStops => app.delete_imported_stop(who, &imported(id)).await.unwrap(),
            List::SavedStops => app.delete_saved_stop(who, SavedStopId::from_uuid(id), None).await.unwrap(),
            List::Routes(_) => app.delete_route(who, RouteId::from_uuid(id), None).await.unwrap(),
            List::Drivers | List::ActiveDrivers => {
                app.change_driver(who, DriverId::from_uuid(id), &DriverChange::Archive, None).await.map(drop).unwrap();
            }
            List::Jobs | List::LatestJobs => app.delete_job(who, JobId::from_uuid(id), None).await.unwrap(),
        }
    }

    /// So many rows at most, of those after one where it is given.
    async fn page(&self, after: Option<Key>, most: usize) -> Vec<Key> {
        let (app, who, id) = (&self.app, &self.who, after.map(|(_, id)| id));
        let many = i64::try_from(most).unwrap();
        let unordered = |id: Uuid| (Timestamp::UNIX_EPOCH, id);
        let drivers = async |statuses: &[DriverStatus]| -> Vec<Key> {
            let found = app.drivers_page(who, statuses, id.map(DriverId::from_uuid), most).await.unwrap();
            found.iter().map(|listed| unordered(listed.driver.id.to_uuid())).collect()
        };
        match self.list {
            List::ImportedStops => {
                let found = app.imported_stops(who, id.map(ImportedStopId::from_uuid), most).await.unwrap();
                found.iter().map(|stop| unordered(stop.id.to_uuid())).collect()
            }
            List::SavedStops => {
                let found =
                    app.saved_stops(who.organization_id, None, id.map(SavedStopId::from_uuid), most).await.unwrap();
                found.iter().map(|stop| unordered(stop.id.to_uuid())).collect()
            }
            List::Routes(sort) => {
                let after = after.map(|(at, id)| (at, RouteId::from_uuid(id)));
                self.routes(RouteQuery { sort, after, most: many, ..ALL }).await
            }
            List::Drivers => drivers(&[]).await,
            List::ActiveDrivers => drivers(&[DriverStatus::Active]).await,
            List::Jobs => {
                let query = JobQuery { before: id.map(JobId::from_uuid), ..JobQuery::default() };
                let found = app.list_jobs(who, &query, many).await.unwrap();
                found.jobs.iter().map(|listed| unordered(listed.job.id.to_uuid())).collect()
            }
            List::LatestJobs => {
                let query = JobQuery { before: id.map(JobId::from_uuid), ..JobQuery::default() };
                let found = app.jobs_of_anybody(who.organization_id, None, &query, many).await.unwrap();
                found.jobs.iter().map(|listed| unordered(listed.job.id.to_uuid())).collect()
            }
        }
    }

    async fn routes(&self, query: RouteQuery) -> Vec<Key> {
        let found = App::routes(&self.app, &self.who, &query).await.unwrap();
        let key = |view: &routemate_app::RouteView| {
            let route = &view.itinerary.route;
            let at = if query.sort == RouteSort::UpdatedAt { route.updated_at } else { route.created_at };
            (at, route.id.to_uuid())
        };
        found.iter().map(key).collect()
    }

    /// What somebody does meanwhile to rows that may be touched, or to new ones.
    async fn disturb(&self, restless: &mut Vec<Uuid>, noise: &mut Noise) {
        let at = noise.below(restless.len());
        match (noise.below(3), restless.get(at).copied()) {
            (0, Some(id)) => self.change(id).await,
            (1, Some(id)) => {
                self.remove(id).await;
                restless.remove(at);
            }
            _ => restless.push(self.make().await),
        }
    }
}

const ALL: RouteQuery =
    RouteQuery { sort: RouteSort::CreatedAt, from: None, until: None, include_archived: false, after: None, most: 100 };

fn saved(address: &str) -> SaveStop {
    SaveStop { name: text("Depot"), request: request("", address) }
}

fn imported(id: Uuid) -> ImportedStopKey {
    ImportedStopKey::Id(ImportedStopId::from_uuid(id))
}

/// Rows that nobody touches, and such between them that somebody does.
async fn rows(rows: &Rows, count: usize, noise: &mut Noise) -> (HashSet<Uuid>, Vec<Uuid>) {
    let (mut still, mut restless) = (HashSet::new(), Vec::new());
    for _ in 0..count {
        let id = rows.make().await;
        if noise.below(2) == 0 {
            still.insert(id);
        } else {
            restless.push(id);
        }
    }
    (still, restless)
}

#[track_caller]
fn check(list: List, seen: &[Key], still: &HashSet<Uuid>) {
    let distinct: HashSet<Uuid> = seen.iter().map(|(_, id)| *id).collect();
    assert_eq!(distinct.len(), seen.len(), "{list:?}: one comes twice");
    assert!(still.is_subset(&distinct), "{list:?}: missing {:?}", still.difference(&distinct).collect::<Vec<_>>());
}

database_tests! {
    async fn pages_of_every_list_hold_every_row_once_whatever_is_done_between_them(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        for (seed, list) in (1..).zip(LISTS.into_iter().cycle().take(2 * LISTS.len())) {
            let (table, mut noise) = (Rows::of(&app, list).await, Noise::seeded(seed));
            let count = 1 + noise.below(16);
            let (still, mut restless) = rows(&table, count, &mut noise).await;
            let mut seen: Vec<Key> = Vec::new();
            loop {
                let page = table.page(seen.last().copied(), 1 + noise.below(4)).await;
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
                for _ in 0..noise.below(3) {
                    table.disturb(&mut restless, &mut noise).await;
                }
                // A list that grows at its end would never end.
                if seen.len() > 200 {
                    break;
                }
            }
            check(list, &seen, &still);
        }
    }

    async fn pages_of_every_list_hold_every_row_once_beside_a_busy_writer(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        for (seed, list) in (100..).zip(LISTS) {
            let (table, mut noise) = (Arc::new(Rows::of(&app, list).await), Noise::seeded(seed));
            let (still, mut restless) = rows(&table, 12, &mut noise).await;
            let writer = {
                let table = Arc::clone(&table);
                tokio::spawn(async move {
                    for _ in 0..12 {
                        table.disturb(&mut restless, &mut noise).await;
                    }
                })
            };
            // To the end of the writer, and once more.
            let mut is_last = false;
            while !is_last {
                is_last = writer.is_finished();
                let mut seen: Vec<Key> = Vec::new();
                loop {
                    let page = table.page(seen.last().copied(), 3).await;
                    if page.is_empty() {
                        break;
                    }
                    seen.extend(page);
                }
                check(list, &seen, &still);
            }
            writer.await.unwrap();
        }
    }

    async fn what_changes_while_routes_are_paged_by_change_is_found_by_asking_from_then(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let table = Rows::of(&app, List::Routes(RouteSort::UpdatedAt)).await;
        let mut made = Vec::new();
        for _ in 0..9 {
            made.push(table.make().await);
        }
        app.clock.advance(SignedDuration::from_secs(1));
        let begun = app.clock().now();
        let first = table.page(None, 3).await;
        // One that is still to come, one that was seen.
        let (unseen, seen) = (made[0], first[0].1);
        table.change(unseen).await;
        table.change(seen).await;
        let mut shown: Vec<Uuid> = first.iter().map(|(_, id)| *id).collect();
        let mut last = first.last().copied();
        loop {
            let page = table.page(last, 3).await;
            if page.is_empty() {
                break;
            }
            last = page.last().copied();
            shown.extend(page.iter().map(|(_, id)| *id));
        }
        assert_eq!(shown.len(), 8, "the one that has come to the front is on no page to come");
        let since = RouteQuery { sort: RouteSort::UpdatedAt, from: Some(begun), ..ALL };
        let changed: Vec<Uuid> = table.routes(since).await.into_iter().map(|(_, id)| id).collect();
        assert_eq!(changed, [seen, unseen]);
    }
}

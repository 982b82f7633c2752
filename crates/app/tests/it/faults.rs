//! A fault of the database in the middle of a write: nothing of it is left, wherever it strikes, and afterwards it succeeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use routemate_app::{
    CreateRoute, Error, ErrorKind, NewStop, Principal, RouteChange, SaveStop, StopOrder, TerminalRequest,
};
use routemate_domain::{DriverId, ImportedStop, RouteId, SavedStopId, StopRequest};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, Store, database_tests};
use routemate_test_support::{TestApp, Trouble, import_command, position, text};

use crate::facts::{driven_by, texts};
use crate::stop_requests::request;

/// A row that the database refuses: its table, one of its columns, and what is in that.
type Fault = (&'static str, &'static str, &'static str);

/// Lets every write of such a row fail.
async fn break_down(store: &Store, (table, column, value): Fault) {
    let sql = match store.kind() {
        DatabaseKind::Postgres => {
            format!("ALTER TABLE {table} ADD CONSTRAINT fault CHECK ({column} <> '{value}') NOT VALID")
        }
        DatabaseKind::Sqlite => ["INSERT", "UPDATE"]
            .map(|deed| {
                format!(
                    "CREATE TRIGGER fault_{deed} BEFORE {deed} ON {table} WHEN CAST(NEW.{column} AS TEXT) = '{value}' \
                     BEGIN SELECT RAISE(ABORT, 'fault'); END"
                )
            })
            .join(";\n"),
    };
    store.write(&sql, |tx, sql| Box::pin(tx.execute_raw_batch(sql))).await.unwrap();
}

async fn repair(store: &Store, (table, ..): Fault) {
    let sql = match store.kind() {
        DatabaseKind::Postgres => format!("ALTER TABLE {table} DROP CONSTRAINT fault"),
        DatabaseKind::Sqlite => "DROP TRIGGER fault_INSERT; DROP TRIGGER fault_UPDATE".to_owned(),
    };
    store.write(&sql, |tx, sql| Box::pin(tx.execute_raw_batch(sql))).await.unwrap();
}

/// Every row of every table.
async fn everything(store: &Store) -> BTreeMap<String, Vec<String>> {
    let tables = match store.kind() {
        DatabaseKind::Postgres => "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'",
        DatabaseKind::Sqlite => "SELECT name AS value FROM sqlite_master WHERE type = 'table'",
    };
    let mut all = BTreeMap::new();
    for table in texts(store, tables).await {
        let rows = match store.kind() {
            DatabaseKind::Postgres => {
                format!("SELECT row_to_json(whole)::text AS value FROM {table} AS whole ORDER BY 1")
            }
            DatabaseKind::Sqlite => {
                let columns = format!("SELECT name AS value FROM pragma_table_info('{table}')");
                let columns: Vec<String> =
                    texts(store, &columns).await.iter().map(|column| format!("quote(\"{column}\")")).collect();
                format!("SELECT {} AS value FROM {table} ORDER BY 1", columns.join("||' '||"))
            }
        };
        all.insert(table, texts(store, &rows).await);
    }
    all
}

/// Does something under each fault, and then without one.
async fn strike<T: std::fmt::Debug>(app: &TestApp, faults: &[Fault], deed: impl AsyncFn() -> Result<T, Error>) -> T {
    let before = everything(&app.store).await;
    for &fault in faults {
        break_down(&app.store, fault).await;
        let refused = match deed().await {
            Ok(done) => panic!("{fault:?} did no harm: {done:?}"),
            Err(error) => error.kind().clone(),
        };
        repair(&app.store, fault).await;
        assert_eq!(refused, ErrorKind::Internal, "{fault:?}");
        assert_eq!(everything(&app.store).await, before, "{fault:?}");
    }
    deed().await.unwrap()
}

fn placed(client_stop_id: &str, address: &str, lat: f64) -> StopRequest {
    StopRequest { position: Some(position(lat, 24.9)), ..request(client_stop_id, address) }
}

fn command(stops: Vec<NewStop>, driver: Option<DriverId>) -> CreateRoute {
    CreateRoute {
        name: text("Morning"),
        scheduled_for: None,
        driver,
        start: TerminalRequest::default(),
        end: TerminalRequest::default(),
        stops,
        order: StopOrder::Given,
    }
}

/// Imported stops A and B, and a saved one, all on a route that nobody has started.
async fn routed(app: &TestApp, who: &Principal) -> (Vec<ImportedStop>, SavedStopId, RouteId) {
    let batch = vec![placed("A", "a", 60.1), placed("B", "b", 60.2)];
    let imported = app.import_stops(who, batch).await.unwrap();
    let saved = SaveStop { name: text("Depot"), request: placed("", "depot", 60.3) };
    let saved = app.save_stop_by_operator(who.organization_id, &saved).await.unwrap().id;
    let mut stops: Vec<NewStop> = imported.iter().map(|stop| NewStop::Imported(stop.id)).collect();
    stops.push(NewStop::Saved(saved));
    app.create_route(who, command(stops, None), None, Arc::new(|_| Vec::new())).await.unwrap();
    let query = routemate_app::RouteQuery {
        sort: routemate_app::RouteSort::CreatedAt,
        from: None,
        until: None,
        include_archived: false,
        after: None,
        most: 1,
    };
    let route = app.routes(who, &query).await.unwrap()[0].itinerary.route.id;
    (imported, saved, route)
}

database_tests! {
    async fn nothing_is_left_of_a_batch_of_stops(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (imported, ..) = routed(&app, &who).await;
        // One that replaces another one on a route, one to look for, one that is new.
        let batch = [placed("A", "elsewhere", 60.4), request("N", "new"), placed("Z", "z", 60.5)];
        let faults = [
            ("imported_stops", "client_stop_id", "Z"),
            ("queue", "kind", "find_stops"),
            ("audit_log", "action", "stops.imported"),
            ("stops", "external_id", "A"),
            ("audit_log", "action", "route.stops_refreshed"),
            ("outbox", "event", "route.updated"),
        ];
        let stored = strike(&app, &faults, async || app.import_stops(&who, batch.to_vec()).await).await;
        assert_eq!((stored[0].id, stored[0].version), (imported[0].id, 2));
    }

    async fn nothing_is_left_of_a_job(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.driver(app.organization(|_| {}).await.id, "known@example.com").await;
        let faults = [
            ("drivers", "status", "active"),
            ("jobs", "external_job_id", "JOB-1"),
            ("stops", "external_id", "STOP-2"),
            ("outbox", "event", "job.assigned"),
            ("idempotency_keys", "response_status", "200"),
        ];
        let command = driven_by("known@example.com", import_command(3));
        let command = crate::facts::named("JOB-1", command);
        strike(&app, &faults, async || app.import_keyed(&who, command.clone(), "key").await).await;
        let outcome = [("invitations", "status", "pending")];
        let command = crate::facts::named("JOB-2", driven_by("stranger@example.com", import_command(3)));
        strike(&app, &outcome, async || app.import_keyed(&who, command.clone(), "key 2").await).await;
    }

    async fn nothing_is_left_of_a_route(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await.driver.id;
        let (imported, ..) = routed(&app, &who).await;
        app.geocoder.fails("somewhere", Trouble::Unavailable);
        let faults = [
            ("routes", "name", "Morning"),
            ("stops", "external_id", "B"),
            ("queue", "kind", "find_addresses"),
            ("outbox", "event", "job.assigned"),
            ("audit_log", "action", "route.created"),
        ];
        let mut stops: Vec<NewStop> = imported.iter().map(|stop| NewStop::Imported(stop.id)).collect();
        stops.push(NewStop::Inline(Box::new(request("", "somewhere"))));
        strike(&app, &faults, async || {
            let command = command(stops.clone(), Some(driver));
            app.create_route(&who, command, None, Arc::new(|_| Vec::new())).await
        })
        .await;
    }

    async fn nothing_is_left_of_a_change(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (_, saved, route) = routed(&app, &who).await;
        let faults = [
            ("stops", "external_id", "C"),
            ("audit_log", "action", "route.stops_added"),
            ("outbox", "event", "route.updated"),
        ];
        strike(&app, &faults, async || {
            let stops = vec![NewStop::Inline(Box::new(placed("C", "c", 60.6)))];
            let change = RouteChange::AddStops { stops, position: Some(0), order: StopOrder::Given };
            app.change_route(&who, route, change, None).await
        })
        .await;
        let faults = [
            ("saved_stops", "name", "Yard"),
            ("audit_log", "action", "saved_stop.changed"),
            ("queue", "kind", "plan_route"),
            ("outbox", "event", "route.updated"),
        ];
        let change = SaveStop { name: text("Yard"), request: placed("", "yard", 60.7) };
        strike(&app, &faults, async || app.change_saved_stop(&who, saved, &change, None).await).await;
    }
}

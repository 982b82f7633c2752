//! Looking for routes, whichever door they came in by.

use jiff::civil::date;
use routemate_app::{ListedRoute, Principal, RouteSearch, SoughtDriver};
use routemate_domain::{Email, Location, RouteId, RouteStatus, Shortfall, Stop, StopSource, StopStatus, ZoneName};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, import_command, position, text};

use crate::facts::{driven_by, named};
use crate::stop_requests::{request, route_with};

async fn search(app: &TestApp, who: &Principal, search: RouteSearch) -> Vec<ListedRoute> {
    app.search_routes(who.organization_id, &who.timezone, &search, 100).await.unwrap()
}

async fn found(app: &TestApp, who: &Principal, wanted: RouteSearch) -> Vec<RouteId> {
    search(app, who, wanted).await.iter().map(|listed| listed.route.id).collect()
}

fn by(change: impl FnOnce(&mut RouteSearch)) -> RouteSearch {
    let mut search = RouteSearch::default();
    change(&mut search);
    search
}

fn stop(app: &TestApp, location: Location) -> Stop {
    let day = (None, &ZoneName::utc());
    request("", "somewhere").to_stop(StopSource::Route, location, day, START, || app.new_uuid())
}

database_tests! {
    async fn routes_of_jobs_and_of_planners_are_found_by_name_title_and_external_id(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let made = route_with(&app, &who, Vec::new(), |route| route.name = text("Ålesund 100%")).await;
        let job = app.import(&who, named("EXT-77", import_command(2))).await.unwrap().view;
        let of_job = job.itinerary.route.id;
        route_with(&app, &stranger, Vec::new(), |route| route.name = text("Ålesund 100%")).await;
        assert_eq!(found(&app, &who, RouteSearch::default()).await, [of_job, made]);
        let by_text = async |text: &str| found(&app, &who, by(|search| search.text = Some(text.to_owned()))).await;
        assert_eq!(by_text("åLESUND").await, [made]);
        assert_eq!((by_text("ext-77").await, by_text(job.job.title.as_str()).await), (vec![of_job], vec![of_job]));
        assert_eq!((by_text("100%").await, by_text("1_0").await, by_text("\0").await), (vec![made], vec![], vec![]));
        // To another integration of the organisation the job is known by nothing, its route by its name.
        let sibling = app.principal_of(who.organization_id).await;
        for (caller, known) in [(&who, vec![of_job]), (&sibling, vec![])] {
            let wanted = by(|search| {
                search.text = Some("ext-77".to_owned());
                search.jobs_of = Some(caller.integration_id);
            });
            assert_eq!(found(&app, caller, wanted).await, known);
        }
        let listed = search(&app, &who, RouteSearch::default()).await;
        assert_eq!(listed[0].job.as_ref().map(|job| job.id), Some(job.job.id));
        assert_eq!((listed[0].stops, listed[1].job.as_ref()), (2, None));
    }

    async fn routes_are_found_by_how_they_stand_and_put_away_ones_only_where_asked_for(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut routes = Vec::new();
        for status in [
            RouteStatus::Planned,
            RouteStatus::Started { at: START },
            RouteStatus::Completed { started_at: START, at: START },
            RouteStatus::Cancelled { started_at: None, at: START },
        ] {
            routes.push(route_with(&app, &who, Vec::new(), |route| route.status = status).await);
        }
        for (name, route) in RouteStatus::NAMES.into_iter().zip(&routes) {
            assert_eq!(found(&app, &who, by(|search| search.statuses = vec![name])).await, [*route], "{name}");
        }
        let open = by(|search| search.statuses = vec!["planned", "started"]);
        assert_eq!(found(&app, &who, open).await, [routes[1], routes[0]]);
        let archived = route_with(&app, &who, Vec::new(), |route| route.archived_at = Some(START)).await;
        assert!(!found(&app, &who, RouteSearch::default()).await.contains(&archived));
        assert!(found(&app, &who, by(|search| search.include_archived = true)).await.contains(&archived));
    }

    async fn a_drivers_routes_are_found_by_id_and_address_and_those_that_wait_for_somebody(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ann = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let of_ann = route_with(&app, &who, Vec::new(), |route| route.driver_id = Some(ann)).await;
        let of_nobody = route_with(&app, &who, Vec::new(), |_| {}).await;
        let job = app.import(&who, driven_by("bob@example.com", import_command(2))).await.unwrap().view;
        let awaited = job.itinerary.route.id;
        let of = async |driver: SoughtDriver| found(&app, &who, by(|search| search.driver = Some(driver))).await;
        let person = |email: &str| SoughtDriver::Person(Email::parse(email).unwrap());
        assert_eq!(of(SoughtDriver::Driver(ann)).await, [of_ann]);
        assert_eq!(of(person("ANN@example.com")).await, [of_ann]);
        assert_eq!(of(person("bob@example.com")).await, [awaited]);
        assert_eq!(of(SoughtDriver::Nobody).await, [awaited, of_nobody]);
        assert_eq!(of(person("carl@example.com")).await, []);
        // Whoever is a driver by now has what waited, and what comes later.
        let bob = app.driver(who.organization_id, "bob@example.com").await.driver.id;
        assert_eq!((of(person("bob@example.com")).await, of(SoughtDriver::Driver(bob)).await), (vec![awaited], vec![awaited]));
        let listed = search(&app, &who, by(|search| search.driver = Some(SoughtDriver::Driver(ann)))).await;
        assert_eq!(listed[0].driver.as_ref().map(|driver| driver.id), Some(ann));
    }

    async fn a_day_is_that_of_the_job_or_of_the_organisations_clocks(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let helsinki = ZoneName::parse("Europe/Helsinki").unwrap();
        let at = |instant: &str| Some(instant.parse().unwrap());
        // The clocks go forward on that day: it has 23 hours.
        let first = route_with(&app, &who, Vec::new(), |route| route.scheduled_for = at("2026-03-28T22:00:00Z")).await;
        let last = route_with(&app, &who, Vec::new(), |route| route.scheduled_for = at("2026-03-29T20:59:59Z")).await;
        route_with(&app, &who, Vec::new(), |route| route.scheduled_for = at("2026-03-29T21:00:00Z")).await;
        route_with(&app, &who, Vec::new(), |route| route.scheduled_for = at("2026-03-28T21:59:59Z")).await;
        let mut command = import_command(2);
        command.scheduled_date = Some(date(2026, 3, 29));
        let of_job = app.import(&who, command).await.unwrap().view.itinerary.route.id;
        let on = async |day| {
            let search = by(|search| search.date = Some(day));
            let found = app.search_routes(who.organization_id, &helsinki, &search, 100).await.unwrap();
            found.iter().map(|listed| listed.route.id).collect::<Vec<_>>()
        };
        assert_eq!(on(date(2026, 3, 29)).await, [of_job, last, first]);
        for day in [date(-9999, 1, 1), date(9999, 12, 31), date(2026, 3, 1)] {
            assert_eq!(on(day).await, [], "{day}");
        }
    }

    async fn pages_hold_every_route_once_while_others_are_made_and_deleted(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut routes = Vec::new();
        for _ in 0..5 {
            routes.push(route_with(&app, &who, Vec::new(), |_| {}).await);
        }
        routes.reverse();
        let page = async |before, most| {
            let search = by(|search| search.before = before);
            let found = app.search_routes(who.organization_id, &who.timezone, &search, most).await.unwrap();
            found.iter().map(|listed| listed.route.id).collect::<Vec<_>>()
        };
        assert_eq!(page(None, 2).await, routes[..2]);
        route_with(&app, &who, Vec::new(), |_| {}).await;
        app.delete_route(&who, routes[1], None).await.unwrap();
        assert_eq!(page(Some(routes[1]), 2).await, routes[2..4]);
        assert_eq!(page(Some(routes[3]), 2).await, routes[4..]);
        assert_eq!(page(Some(routes[4]), 2).await, []);
    }

    async fn what_is_amiss_on_a_route_is_counted(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let known = || stop(&app, Location::Supplied(position(60.1, 24.9)));
        let missing = stop(&app, Location::NotFound { suggestions: Vec::new() });
        let late = Stop { shortfall: Some(Shortfall::OthersFirst), ..known() };
        let gone = Stop { status: StopStatus::Removed, ..stop(&app, Location::NotFound { suggestions: Vec::new() }) };
        route_with(&app, &who, vec![known(), missing, late, gone], |_| {}).await;
        route_with(&app, &who, Vec::new(), |_| {}).await;
        let listed = search(&app, &who, RouteSearch::default()).await;
        let counts = |listed: &ListedRoute| (listed.stops, listed.ended, listed.not_found, listed.shortfalls);
        assert_eq!((counts(&listed[0]), counts(&listed[1])), ((0, 0, 0, 0), (3, 0, 1, 1)));
    }
}

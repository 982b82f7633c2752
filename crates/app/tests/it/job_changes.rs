//! Jobs that are changed after they were imported.

use routemate_app::{DriverAct, DriverResolution, ErrorKind, ImportJob, JobQuery, Noun, RouteChange, StopOrder};
use routemate_domain::{Address, Email, JobStatus, Location, ProofOfDelivery, RouteEnds, StopId};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, position, stop_command, text};
use routemate_units::LatLng;

use crate::facts::{driven_by, events, named, order, refusal};
use crate::route_changes::{inline, request};

fn on_line(place: u32) -> LatLng {
    position(60.10 + 0.01 * f64::from(place), 24.94)
}

fn line(places: &[u32]) -> ImportJob {
    let stops = places.iter().enumerate().map(|(number, &place)| stop_command(number, on_line(place)));
    ImportJob { stops: stops.collect(), ..import_command(0) }
}

database_tests! {
    async fn a_failed_address_is_corrected_and_the_job_optimised_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut command = line(&[0, 3, 2, 1, 4]);
        command.stops[2].position = None;
        command.stops[2].address = text("nowhere");
        let view = app.import(&who, command).await.unwrap().view;
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-3", "STOP-1", "STOP-4", "STOP-2"]);
        let failed: StopId = view.itinerary.stops[4].id;
        let correct = RouteChange::CorrectStop {
            stop: failed,
            address: Some(Address::one_line("place 2")),
            position: Some(on_line(2)),
            order: StopOrder::Best,
        };
        let fixed = app.change_job(&who, view.job.id, correct, Some(1)).await.unwrap();
        assert_eq!(order(&fixed.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1", "STOP-4"]);
        let stop = &fixed.itinerary.stops[2];
        assert_eq!((stop.address.line1.as_str(), &stop.location), ("place 2", &Location::Supplied(on_line(2))));
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), fixed);
        // By its address alone it is looked up.
        app.geocoder.knows("place 7", on_line(7));
        let correct = RouteChange::CorrectStop {
            stop: failed,
            address: Some(Address::one_line("place 7")),
            position: None,
            order: StopOrder::Best,
        };
        let fixed = app.change_job(&who, view.job.id, correct, None).await.unwrap();
        assert!(matches!(fixed.itinerary.stops.iter().find(|stop| stop.id == failed).unwrap().location, Location::Geocoded(_)));
        assert!(events(&app.store, who.organization_id, view.job.id).await.contains(&"route.reoptimized".to_owned()));
    }

    async fn stops_come_and_go_and_the_ends_stay(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = app.import(&who, line(&[0, 2, 4])).await.unwrap().view;
        let add = |place| RouteChange::AddStops {
            stops: vec![inline(request(place))],
            position: None,
            order: StopOrder::Best,
        };
        let view = app.change_job(&who, view.job.id, add(9), None).await.unwrap();
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-1", "9", "STOP-2"]);
        let taken = refusal(app.change_job(&who, view.job.id, add(9), None).await);
        assert!(matches!(taken, ErrorKind::Invalid(problems) if problems[0].path == "stops[0].external_stop_id"));
        let nine = view.itinerary.stops[2].id;
        let gone = RouteChange::RemoveStops { stops: vec![nine], order: StopOrder::Best };
        let view = app.change_job(&who, view.job.id, gone, None).await.unwrap();
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-1", "STOP-2"]);
        // What was removed may come back under its id.
        let view = app.change_job(&who, view.job.id, add(9), None).await.unwrap();
        assert_eq!(view.itinerary.stops.len(), 4);
        let view = app.change_job(&who, view.job.id, RouteChange::SetEnds(RouteEnds::OpenEnd), None).await.unwrap();
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-1", "STOP-2", "9"]);
        let round = app.change_job(&who, view.job.id, RouteChange::SetEnds(RouteEnds::RoundTrip), None).await.unwrap();
        assert!(round.itinerary.route.end_leg.is_some());
    }

    async fn an_integration_says_what_holds_the_ends_of_its_imports(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await;
        let credentials = app.integration(organization.id).await;
        app.set_route_ends(&credentials.client_id, RouteEnds::OpenEnd).await.unwrap();
        let token = app.token(&credentials).await.unwrap();
        let who = app.authenticate(Some(&token)).await.unwrap();
        let view = app.import(&who, line(&[0, 4, 2, 1])).await.unwrap().view;
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1"]);
        let refused = app.set_route_ends(&credentials.client_id, RouteEnds::Terminals).await;
        assert!(matches!(refusal(refused), ErrorKind::Refused(_)));
    }

    async fn another_driver_takes_over(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ann = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let view = app.import(&who, driven_by("nobody@example.com", line(&[0, 1]))).await.unwrap().view;
        let give = |email: &str| RouteChange::AssignPerson {
            email: email.to_owned(),
            key: Email::parse(email).unwrap(),
        };
        let given = app.change_job(&who, view.job.id, give("Ann@Example.com"), None).await.unwrap();
        assert_eq!(given.itinerary.route.driver_id, Some(ann));
        assert_eq!(given.job.driver_email, "Ann@Example.com");
        assert_eq!(given.itinerary.job_status(), JobStatus::Assigned);
        let waiting = app.change_job(&who, view.job.id, give("ben@example.com"), None).await.unwrap();
        assert_eq!(waiting.itinerary.job_status(), JobStatus::Pending);
        assert_eq!(
            events(&app.store, who.organization_id, view.job.id).await,
            ["job.assigned", "job.unassigned"]
        );
        // Whoever is invited gets it on joining.
        app.driver(who.organization_id, "ben@example.com").await;
        assert_eq!(app.job(&who, view.job.id).await.unwrap().itinerary.job_status(), JobStatus::Assigned);
    }

    async fn a_cancelled_job_keeps_what_was_done(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.driver(who.organization_id, "driver@example.com").await;
        let view = app.import(&who, line(&[0, 1, 2])).await.unwrap().view;
        let (organization, job) = (who.organization_id, view.job.id);
        let done = DriverAct::Complete(view.itinerary.stops[0].id, ProofOfDelivery::default());
        app.act(organization, job, done).await.unwrap();
        let cancelled = app.change_job(&who, job, RouteChange::Cancel, None).await.unwrap();
        assert_eq!(cancelled.itinerary.job_status(), JobStatus::Cancelled);
        let statuses: Vec<_> = cancelled.itinerary.stops.iter().map(|stop| stop.status.as_str()).collect();
        assert_eq!(statuses, ["completed", "skipped", "skipped"]);
        assert_eq!(cancelled.itinerary.job_status().published(), "completed");
        assert_eq!(app.job(&who, job).await.unwrap(), cancelled);
        assert!(matches!(refusal(app.change_job(&who, job, RouteChange::Cancel, None).await), ErrorKind::Refused(_)));
        assert!(matches!(refusal(app.act(organization, job, DriverAct::Start).await), ErrorKind::Refused(_)));
        assert!(events(&app.store, organization, job).await.contains(&"job.cancelled".to_owned()));
    }

    async fn a_deleted_job_frees_its_id(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        let view = app.import(&who, line(&[0, 1])).await.unwrap().view;
        let neighbour = app.principal_of(who.organization_id).await;
        for stranger in [&other, &neighbour] {
            let missing = ErrorKind::NotFound(Noun::Job);
            assert_eq!(refusal(app.delete_job(stranger, view.job.id, None).await), missing);
            let change = app.change_job(stranger, view.job.id, RouteChange::Reoptimize, None).await;
            assert_eq!(refusal(change), missing);
        }
        let route = view.itinerary.route.id;
        assert!(matches!(refusal(app.delete_route(&who, route, None).await), ErrorKind::Refused(_)));
        app.delete_job(&who, view.job.id, Some(1)).await.unwrap();
        assert_eq!(refusal(app.job(&who, view.job.id).await), ErrorKind::NotFound(Noun::Job));
        assert_eq!(crate::facts::count(&app.store, "stops").await, 0);
        app.import(&who, line(&[0, 1])).await.unwrap();
    }

    async fn jobs_are_listed_by_what_is_asked_and_pages_hold_each_once(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        app.driver(who.organization_id, "ann@example.com").await;
        let mut made = Vec::new();
        for number in 0..5 {
            let mut command = driven_by(if number % 2 == 0 { "ann@example.com" } else { "ben@example.com" }, line(&[0, 1]));
            command.title = text(format!("Tour {number} to Östersund 100%"));
            command.scheduled_date = (number < 2).then(|| jiff::civil::date(2026, 3, 9));
            made.push(app.import(&who, named(&format!("J-{number}"), command)).await.unwrap().view.job.id);
        }
        let listed = async |query: JobQuery, most| {
            let jobs = app.list_jobs(&who, &query, most).await.unwrap();
            jobs.into_iter().map(|listed| made.iter().position(|id| *id == listed.job.id).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(listed(JobQuery::default(), 10).await, [4, 3, 2, 1, 0]);
        assert_eq!(listed(JobQuery::default(), 2).await, [4, 3]);
        assert_eq!(listed(JobQuery { before: Some(made[3]), ..JobQuery::default() }, 2).await, [2, 1]);
        let status = |status| JobQuery { status: Some(status), ..JobQuery::default() };
        assert_eq!(listed(status(JobStatus::Assigned), 10).await, [4, 2, 0]);
        assert_eq!(listed(status(JobStatus::Pending), 10).await, [3, 1]);
        let dated = JobQuery { scheduled_date: Some(jiff::civil::date(2026, 3, 9)), ..JobQuery::default() };
        assert_eq!(listed(dated.clone(), 10).await, [1, 0]);
        let ben = Some(Email::parse("BEN@example.com").unwrap());
        assert_eq!(listed(JobQuery { driver: ben.clone(), ..JobQuery::default() }, 10).await, [3, 1]);
        assert_eq!(listed(JobQuery { driver: ben, ..dated }, 10).await, [1]);
        let words = |words: &str| JobQuery { text: Some(words.to_owned()), ..JobQuery::default() };
        assert_eq!(listed(words("j-3"), 10).await, [3]);
        assert_eq!(listed(words("ÖSTERSUND"), 10).await, [4, 3, 2, 1, 0]);
        assert_eq!(listed(words("tour 2 "), 10).await, [2]);
        assert_eq!(listed(words("100%"), 1).await, [4]);
        assert_eq!(listed(words("1_0"), 10).await, Vec::<usize>::new());
        app.change_job(&who, made[4], RouteChange::Cancel, None).await.unwrap();
        assert_eq!(listed(status(JobStatus::Cancelled), 10).await, [4]);
        assert!(app.list_jobs(&other, &JobQuery::default(), 10).await.unwrap().is_empty());
    }

    async fn a_dry_run_says_what_an_import_would_and_keeps_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ann = app.driver(who.organization_id, "ann@example.com").await;
        app.geocoder.knows("place 2", on_line(2));
        let mut command = driven_by("ann@example.com", line(&[0, 3, 2, 1, 4]));
        command.stops[2].position = None;
        command.stops[2].address = text("place 2");
        let foreseen = app.try_import(&who, &command).await.unwrap();
        assert_eq!(order(&foreseen.view.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1", "STOP-4"]);
        assert_eq!(foreseen.view.driver_user_id, Some(ann.driver.user_id));
        let stranger = driven_by("nobody@example.com", command.clone());
        assert_eq!(app.try_import(&who, &stranger).await.unwrap().driver, DriverResolution::Invited);
        for table in ["jobs", "routes", "stops", "invitations", "queue"] {
            assert_eq!(crate::facts::count(&app.store, table).await, 0, "{table}");
        }
        let real = app.import(&who, command.clone()).await.unwrap();
        assert_eq!(order(&real.view.itinerary), order(&foreseen.view.itinerary));
        assert!(matches!(refusal(app.try_import(&who, &command).await), ErrorKind::ExternalJobIdTaken(_)));
    }
}

//! What holds while a job is changed: what is done, limits, ids, and nothing of what was only tried.

use futures_util::future::{join, join_all};
use jiff::SignedDuration;
use routemate_app::{DriverAct, ErrorKind, ImportJob, JobPage, JobQuery, JobView, NewStop, RouteChange, StopOrder};
use routemate_domain::{JobStatus, PlannedLeg, ProofOfDelivery, RouteEnds, RouteStatus, StopId, StopStatus};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, position, stop_command, text};
use routemate_units::LatLng;

use crate::facts::{copy_jobs, count, events, named, order, refusal, tables};
use crate::route_changes::{inline, request};

fn on_line(place: u32) -> LatLng {
    position(60.10 + 0.01 * f64::from(place), 24.94)
}

/// Stops along a road, in this order.
fn line(places: &[u32]) -> ImportJob {
    let stops = places.iter().enumerate().map(|(number, &place)| stop_command(number, on_line(place)));
    ImportJob { stops: stops.collect(), ..import_command(0) }
}

fn stop_id(view: &JobView, external_id: &str) -> StopId {
    let is_it = |id: &str| id == external_id;
    let found = view.itinerary.stops.iter().find(|stop| stop.external_id.as_ref().is_some_and(|id| is_it(id.as_str())));
    found.expect("it is on the route").id
}

/// The first two stops, how they ended, and how the driver got there.
fn driven(view: &JobView) -> Vec<(StopId, StopStatus, Option<PlannedLeg>)> {
    let stops = view.itinerary.stops.iter().take(2);
    stops.map(|stop| (stop.id, stop.status.clone(), stop.planned)).collect()
}

fn add(stops: Vec<NewStop>) -> RouteChange {
    RouteChange::AddStops { stops, position: None, order: StopOrder::Best }
}

fn remove(stops: Vec<StopId>) -> RouteChange {
    RouteChange::RemoveStops { stops, order: StopOrder::Best }
}

fn is_refused<T: std::fmt::Debug>(outcome: Result<T, routemate_app::Error>) -> bool {
    matches!(refusal(outcome), ErrorKind::Refused(_))
}

database_tests! {
    async fn what_is_driven_stays_whatever_is_changed(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.driver(who.organization_id, "driver@example.com").await;
        let mut command = line(&[0, 4, 3, 2, 1, 9]);
        command.scheduled_date = Some(jiff::civil::date(2026, 3, 9));
        let view = app.import(&who, command).await.unwrap().view;
        let (organization, job) = (who.organization_id, view.job.id);
        app.clock.advance(SignedDuration::from_mins(7));
        let done = |id| DriverAct::Complete(id, ProofOfDelivery::default());
        for external_id in ["STOP-0", "STOP-4"] {
            app.act(organization, job, done(stop_id(&view, external_id))).await.unwrap();
            app.clock.advance(SignedDuration::from_mins(3));
        }
        let standing = app.job(&who, job).await.unwrap();
        let (driven, departure) = (driven(&standing), standing.itinerary.route.departure_at);
        assert_eq!(order(&standing.itinerary)[..2], ["STOP-0", "STOP-4"]);
        assert!(matches!(standing.itinerary.route.status, RouteStatus::Started { .. }));
        for change in [
            add(vec![inline(request(5))]),
            RouteChange::AddStops { stops: vec![inline(request(6))], position: Some(2), order: StopOrder::Given },
            RouteChange::MoveStop { stop: stop_id(&view, "STOP-1"), position: 2 },
            remove(vec![stop_id(&view, "STOP-2")]),
            RouteChange::LockStop { stop: stop_id(&view, "STOP-3"), is_locked: true },
            RouteChange::SetEnds(RouteEnds::OpenEnd),
            RouteChange::SetEnds(RouteEnds::RoundTrip),
            RouteChange::Reoptimize,
        ] {
            let said = format!("{change:?}");
            let view = app.change_job(&who, job, change, None).await.unwrap();
            assert_eq!(self::driven(&view), driven, "{said}");
            assert_eq!(view.itinerary.route.departure_at, departure, "{said}");
            assert_eq!(view.itinerary.job_status(), JobStatus::InProgress, "{said}");
            assert_eq!(app.job(&who, job).await.unwrap(), view, "{said}");
        }
        let behind = stop_id(&view, "STOP-4");
        for change in [
            RouteChange::MoveStop { stop: behind, position: 3 },
            RouteChange::MoveStop { stop: stop_id(&view, "STOP-1"), position: 1 },
            RouteChange::AddStops { stops: vec![inline(request(7))], position: Some(0), order: StopOrder::Given },
            remove(vec![behind]),
            RouteChange::LockStop { stop: behind, is_locked: true },
            RouteChange::CorrectStop { stop: behind, address: None, position: Some(on_line(1)), order: StopOrder::Best },
        ] {
            let said = format!("{change:?}");
            assert!(is_refused(app.change_job(&who, job, change, None).await), "{said}");
        }
        assert!(is_refused(app.delete_job(&who, job, None).await), "its driver is on the way");
        app.change_job(&who, job, RouteChange::Cancel, None).await.unwrap();
        assert!(is_refused(app.change_job(&who, job, add(vec![inline(request(8))]), None).await), "it is over");
        app.delete_job(&who, job, None).await.unwrap();
    }

    async fn what_was_moved_stays_until_the_order_is_computed_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = app.import(&who, line(&[0, 3, 2, 1, 4])).await.unwrap().view;
        assert_eq!(order(&view.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1", "STOP-4"]);
        let to_third = RouteChange::MoveStop { stop: stop_id(&view, "STOP-3"), position: 2 };
        let moved = app.change_job(&who, view.job.id, to_third, None).await.unwrap();
        assert_eq!(order(&moved.itinerary), ["STOP-0", "STOP-2", "STOP-3", "STOP-1", "STOP-4"]);
        assert_eq!(moved.itinerary.route.optimality, None, "nobody says that it is good");
        assert!(moved.itinerary.route.totals.duration > view.itinerary.route.totals.duration);
        // What does not compute the order leaves it.
        let fourth = RouteChange::CorrectStop {
            stop: stop_id(&view, "STOP-1"),
            address: None,
            position: Some(on_line(5)),
            order: StopOrder::Given,
        };
        let corrected = app.change_job(&who, view.job.id, fourth, None).await.unwrap();
        assert_eq!(order(&corrected.itinerary), order(&moved.itinerary));
        let best = app.change_job(&who, view.job.id, RouteChange::Reoptimize, None).await.unwrap();
        assert_eq!(order(&best.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1", "STOP-4"]);
        assert!(best.itinerary.route.optimality.is_some());
        // The end is the stop that was moved there.
        let to_end = RouteChange::MoveStop { stop: stop_id(&view, "STOP-3"), position: 99 };
        app.change_job(&who, view.job.id, to_end, None).await.unwrap();
        let best = app.change_job(&who, view.job.id, RouteChange::Reoptimize, None).await.unwrap();
        assert_eq!(order(&best.itinerary).last(), Some(&"STOP-3"));
    }

    async fn the_last_stop_may_go(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ann = app.driver(who.organization_id, "driver@example.com").await;
        let view = app.import(&who, line(&[0, 1])).await.unwrap().view;
        let all = view.itinerary.stops.iter().map(|stop| stop.id).collect();
        let empty = app.change_job(&who, view.job.id, remove(all), None).await.unwrap();
        assert!(empty.itinerary.stops.is_empty());
        assert_eq!((empty.itinerary.job_status(), empty.itinerary.route.driver_id), (JobStatus::Assigned, Some(ann.driver.id)));
        assert_eq!(empty.itinerary.route.totals.polyline, "");
        assert_eq!(empty.itinerary.route.totals.duration.get(), 0);
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), empty);
        let filled = app.change_job(&who, view.job.id, add(vec![inline(request(3)), inline(request(4))]), None).await.unwrap();
        assert_eq!(order(&filled.itinerary), ["3", "4"]);

        // Whoever takes off the last stop that was to be driven ends the route.
        let job = named("SECOND", line(&[0, 1, 2]));
        let view = app.import(&who, job).await.unwrap().view;
        let done = DriverAct::Complete(stop_id(&view, "STOP-0"), ProofOfDelivery::default());
        app.act(who.organization_id, view.job.id, done).await.unwrap();
        let rest = vec![stop_id(&view, "STOP-1"), stop_id(&view, "STOP-2")];
        let over = app.change_job(&who, view.job.id, remove(rest), None).await.unwrap();
        assert_eq!(over.itinerary.job_status(), JobStatus::Completed);
        assert!(events(&app.store, who.organization_id, view.job.id).await.contains(&"job.completed".to_owned()));
    }

    async fn a_job_grows_to_the_limit_of_the_plan_and_no_further(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|organization| organization.stops_per_import = Some(4)).await;
        let who = app.principal_of(organization.id).await;
        let view = app.import(&who, line(&[0, 1, 2])).await.unwrap().view;
        let too_many = add(vec![inline(request(3)), inline(request(4))]);
        let refused = refusal(app.change_job(&who, view.job.id, too_many, None).await);
        let ErrorKind::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].to_string(), "stops must contain at most 4 items");
        let full = app.change_job(&who, view.job.id, add(vec![inline(request(3))]), None).await.unwrap();
        assert_eq!(full.itinerary.stops.len(), 4);
        // What was taken off leaves room.
        app.change_job(&who, view.job.id, remove(vec![stop_id(&view, "STOP-1")]), None).await.unwrap();
        app.change_job(&who, view.job.id, add(vec![inline(request(5))]), None).await.unwrap();
    }

    async fn an_id_is_on_a_route_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = app.import(&who, line(&[0, 1])).await.unwrap().view;
        let known = routemate_domain::StopRequest { external_id: Some(text("STOP-1")), ..request(7) };
        let twice = add(vec![inline(request(5)), inline(known), inline(request(5))]);
        let refused = refusal(app.change_job(&who, view.job.id, twice, None).await);
        let ErrorKind::Invalid(problems) = refused else { panic!("{refused:?}") };
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, ["stops[1].external_stop_id must be unique", "stops[2].external_stop_id must be unique"]);
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "all or nothing");
        // Two at a time: one of them is told.
        let racing = join_all((0..4).map(|_| app.change_job(&who, view.job.id, add(vec![inline(request(6))]), None))).await;
        assert_eq!(racing.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(app.job(&who, view.job.id).await.unwrap().itinerary.stops.len(), 3);
    }

    async fn an_id_is_free_again_once_its_job_is_deleted(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut view = app.import(&who, line(&[0, 1])).await.unwrap().view;
        for _ in 0..3 {
            let (deleted, again) = join(
                app.delete_job(&who, view.job.id, None),
                join_all((0..4).map(|_| app.import(&who, line(&[0, 1, 2])))),
            )
            .await;
            deleted.unwrap();
            let (made, refused): (Vec<_>, Vec<_>) = again.into_iter().partition(Result::is_ok);
            for refused in refused {
                assert!(matches!(refusal(refused), ErrorKind::ExternalJobIdTaken(_)));
            }
            assert!(made.len() <= 1, "one job for one id");
            assert_eq!(count(&app.store, "jobs").await, i64::try_from(made.len()).unwrap());
            view = match made.into_iter().next() {
                Some(made) => made.unwrap().view,
                None => app.import(&who, line(&[0, 1])).await.unwrap().view,
            };
        }
        let stops = i64::try_from(view.itinerary.stops.len()).unwrap();
        assert_eq!((count(&app.store, "jobs").await, count(&app.store, "stops").await), (1, stops));
    }

    async fn what_is_only_tried_leaves_no_row(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("known", on_line(2));
        let mut command = line(&[0, 3, 1, 4]);
        for (stop, address) in command.stops[1..3].iter_mut().zip(["known", "unknown"]) {
            stop.position = None;
            stop.address = text(address);
        }
        let before = tables(&app.store).await;
        assert!(before.iter().any(|(table, rows)| table == "integrations" && *rows == 1));
        let first = app.try_import(&who, &command).await.unwrap();
        app.try_import(&who, &command).await.unwrap();
        assert_eq!(first.view.itinerary.stops.len(), 4);
        assert_eq!(tables(&app.store).await, before);
    }

    async fn words_are_found_page_by_page_however_many_jobs_there_are(db: &TestDb) {
        const OTHERS: usize = 10_100;
        let app = TestApp::new(db);
        let who = app.principal().await;
        let found = app.import(&who, named("NEEDLE-1", line(&[0, 1]))).await.unwrap().view.job;
        copy_jobs(&app.store, found.id, found.route_id, OTHERS).await;
        let latest = app.import(&who, named("NEEDLE-2", line(&[0, 1]))).await.unwrap().view.job;
        for query in [
            JobQuery { text: Some("needle-".to_owned()), ..JobQuery::default() },
            JobQuery { text: Some("Needle-".to_owned()), status: Some(JobStatus::Pending), ..JobQuery::default() },
        ] {
            let (mut pages, mut seen, mut before) = (0, Vec::new(), None);
            loop {
                let page = app.list_jobs(&who, &JobQuery { before, ..query.clone() }, 10).await.unwrap();
                seen.extend(page.jobs.iter().map(|listed| listed.job.id));
                pages += 1;
                let goes_on = page.next.is_none_or(|next| before.is_none_or(|before| next < before));
                assert!(goes_on, "each page begins before the last one");
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!((seen, pages), (vec![latest.id, found.id], 3));
        }
        // What an index knows is not looked through.
        let tomorrow = JobQuery { scheduled_date: Some(jiff::civil::date(2026, 3, 10)), ..JobQuery::default() };
        assert_eq!(app.list_jobs(&who, &tomorrow, 10).await.unwrap(), JobPage::default());
        let operator = app.jobs_of_anybody(who.organization_id, None, &tomorrow, 10).await.unwrap();
        assert!(operator.jobs.is_empty() && operator.next.is_some());
    }
}

//! Time windows, priorities and departures.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use routemate_app::ImportJob;
use routemate_domain::{Itinerary, Priority, Shortfall, Stop, TimeWindow, ZoneName};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, at, import_command, position, stop_command};
use routemate_units::Seconds;

use crate::facts::{named, order};

/// Stops about 6.5 km (12 minutes) apart on a line to the north.
fn line(places: &[u32]) -> ImportJob {
    let stop = |(number, &place): (usize, &u32)| stop_command(number, position(60.0 + 0.045 * f64::from(place), 24.9));
    ImportJob { stops: places.iter().enumerate().map(stop).collect(), ..import_command(0) }
}

fn window(start: &str, end: &str) -> Option<TimeWindow> {
    TimeWindow::new(Some(at(start)), Some(at(end))).unwrap()
}

fn stop<'i>(itinerary: &'i Itinerary, id: &str) -> &'i Stop {
    itinerary.stops.iter().find(|stop| stop.external_id.as_ref().unwrap().as_str() == id).unwrap()
}

fn arrival(itinerary: &Itinerary, id: &str) -> Timestamp {
    stop(itinerary, id).planned.unwrap().arrival.unwrap()
}

fn lateness(itinerary: &Itinerary, id: &str) -> Seconds {
    stop(itinerary, id).planned.unwrap().lateness
}

async fn imported(app: &TestApp, command: ImportJob) -> Itinerary {
    let who = app.principal().await;
    let view = app.import(&who, command).await.unwrap().view;
    assert_eq!(app.job(&who, view.job.id).await.unwrap(), view);
    view.itinerary
}

fn dated(zone: &str, day: Date, command: ImportJob) -> ImportJob {
    ImportJob { timezone: Some(ZoneName::parse(zone).unwrap()), scheduled_date: Some(day), ..command }
}

database_tests! {
    async fn a_window_decides_the_order_where_distance_would_not(db: &TestDb) {
        let app = TestApp::new(db);
        let mut command = line(&[0, 1, 2, 3, 0]);
        assert_eq!(imported(&app, command.clone()).await.stops[0].planned.unwrap().arrival, None);
        // The far one opens early and closes before the others open.
        command.stops[1].window = window("2026-03-10T12:00:00Z", "2026-03-10T16:00:00Z");
        command.stops[2].window = window("2026-03-10T12:00:00Z", "2026-03-10T16:00:00Z");
        command.stops[3].window = window("2026-03-10T09:00:00Z", "2026-03-10T11:00:00Z");
        let itinerary = imported(&app, command.clone()).await;
        assert_eq!(itinerary.stops[1].external_id, command.stops[3].external_stop_id.clone().into());
        for given in &command.stops[1..4] {
            let id = given.external_stop_id.as_str();
            assert_eq!(lateness(&itinerary, id), Seconds::ZERO, "{id}");
            assert!(arrival(&itinerary, id) <= given.window.unwrap().end().unwrap(), "{id}");
        }
    }

    async fn a_window_that_cannot_be_kept_is_missed_by_as_little_as_can_be(db: &TestDb) {
        let app = TestApp::new(db);
        let mut command = line(&[0, 1]);
        // Twelve minutes of driving, three in between.
        command.stops[0].window = window("2026-03-10T09:00:00Z", "2026-03-10T09:00:00Z");
        command.stops[1].window = window("2026-03-10T09:00:00Z", "2026-03-10T09:03:00Z");
        let itinerary = imported(&app, command).await;
        let driving = stop(&itinerary, "STOP-1").planned.unwrap().duration;
        assert_eq!(lateness(&itinerary, "STOP-0"), Seconds::ZERO);
        assert_eq!(lateness(&itinerary, "STOP-1"), Seconds::new(driving.get() - 180));
        assert_eq!(arrival(&itinerary, "STOP-0"), at("2026-03-10T09:00:00Z"));
    }

    async fn where_two_windows_exclude_each_other_the_lower_priority_number_is_in_time(db: &TestDb) {
        let app = TestApp::new(db);
        for (north, south, in_time, late) in [
            (1.0, 2.0, "STOP-1", "STOP-2"),
            (2.0, 1.0, "STOP-2", "STOP-1"),
            (0.0, -1.0, "STOP-2", "STOP-1"),
            (0.5, 0.75, "STOP-1", "STOP-2"),
        ] {
            // From the middle both are as far, on opposite sides, for the same narrow window.
            let mut command = line(&[5, 6, 4, 5]);
            for (stop, priority) in command.stops[1..3].iter_mut().zip([north, south]) {
                stop.window = window("2026-03-10T09:00:00Z", "2026-03-10T09:01:00Z");
                stop.priority = Priority::lower_first(priority).unwrap();
            }
            let itinerary = imported(&app, command).await;
            assert_eq!(lateness(&itinerary, in_time), Seconds::ZERO, "{north} {south}");
            assert!(lateness(&itinerary, late) > Seconds::ZERO, "{north} {south}");
        }
    }

    async fn among_equal_orders_the_lower_priority_number_goes_first(db: &TestDb) {
        let app = TestApp::new(db);
        for (north, south, expected) in [(1.0, 2.0, "STOP-1"), (2.0, 1.0, "STOP-2")] {
            let mut command = line(&[5, 6, 4, 5]);
            command.stops[1].priority = Priority::lower_first(north).unwrap();
            command.stops[2].priority = Priority::lower_first(south).unwrap();
            assert_eq!(order(&imported(&app, command).await)[1], expected, "{north} {south}");
        }
    }

    async fn priority_never_costs_driving(db: &TestDb) {
        let app = TestApp::new(db);
        let mut command = line(&[0, 1, 2, 3]);
        command.stops[2].priority = Priority::lower_first(-100.0).unwrap();
        assert_eq!(order(&imported(&app, command).await), ["STOP-0", "STOP-1", "STOP-2", "STOP-3"]);
    }

    async fn the_driver_leaves_in_time_and_waits_nowhere(db: &TestDb) {
        let app = TestApp::new(db);
        let mut command = line(&[0, 1, 2]);
        command.stops[0].service_time = Some(Seconds::new(600));
        command.stops[1].service_time = Some(Seconds::new(300));
        command.stops[1].window = window("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
        let itinerary = imported(&app, command).await;
        let leg = |id| stop(&itinerary, id).planned.unwrap().duration.get();
        let (first, second, third) =
            (arrival(&itinerary, "STOP-0"), arrival(&itinerary, "STOP-1"), arrival(&itinerary, "STOP-2"));
        assert_eq!(itinerary.route.departure_at, Some(first));
        assert_eq!(first.duration_until(second).as_secs(), i64::from(600 + leg("STOP-1")));
        assert_eq!(second.duration_until(third).as_secs(), i64::from(300 + leg("STOP-2")));
        assert!((at("2026-03-10T09:00:00Z")..=at("2026-03-10T10:00:00Z")).contains(&second), "{second}");
    }

    async fn departure_is_not_before_midnight_where_the_job_is(db: &TestDb) {
        let app = TestApp::new(db);
        // Two minutes after midnight in Brisbane, twelve minutes away.
        let mut command = line(&[0, 1]);
        command.stops[1].window = window("2026-03-09T14:00:00Z", "2026-03-09T14:02:00Z");
        command.timezone = Some(ZoneName::parse("Australia/Brisbane").unwrap());
        for day in [None, Some(date(2026, 3, 10))] {
            let itinerary = imported(&app, ImportJob { scheduled_date: day, ..command.clone() }).await;
            assert_eq!(itinerary.route.departure_at, Some(at("2026-03-09T14:00:00Z")), "{day:?}");
            let driving = stop(&itinerary, "STOP-1").planned.unwrap().duration;
            assert_eq!(lateness(&itinerary, "STOP-1"), Seconds::new(driving.get() - 120), "{day:?}");
            let earliest = at("2026-03-09T14:00:00Z") + SignedDuration::from_secs(driving.get().into());
            assert_eq!(stop(&itinerary, "STOP-1").shortfall, Some(Shortfall::TooFar { earliest }), "{day:?}");
            assert_eq!(stop(&itinerary, "STOP-0").shortfall, None, "{day:?}");
        }
    }

    async fn a_day_begins_at_the_midnight_of_its_zone(db: &TestDb) {
        let app = TestApp::new(db);
        for (zone, day, midnight) in [
            ("Europe/Helsinki", date(2026, 3, 10), "2026-03-09T22:00:00Z"),
            ("Europe/Helsinki", date(2026, 3, 29), "2026-03-28T22:00:00Z"),
            ("Pacific/Auckland", date(2026, 3, 10), "2026-03-09T11:00:00Z"),
            // Clocks go from 24:00 to 01:00.
            ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00Z"),
            // Midnight comes twice.
            ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00Z"),
        ] {
            let itinerary = imported(&app, dated(zone, day, line(&[0, 1]))).await;
            assert_eq!(itinerary.route.departure_at, Some(at(midnight)), "{zone} {day}");
            assert_eq!(arrival(&itinerary, "STOP-0"), at(midnight), "{zone} {day}");
        }
    }

    async fn windows_are_met_to_the_hour_on_days_when_clocks_change(db: &TestDb) {
        let app = TestApp::new(db);
        for (day, start, end) in [
            (date(2026, 3, 29), "2026-03-29T06:00:00Z", "2026-03-29T06:30:00Z"),
            (date(2026, 10, 25), "2026-10-25T07:00:00Z", "2026-10-25T07:30:00Z"),
        ] {
            let mut command = line(&[0, 1, 2]);
            command.stops[1].window = window(start, end);
            let itinerary = imported(&app, dated("Europe/Helsinki", day, command)).await;
            assert!((at(start)..=at(end)).contains(&arrival(&itinerary, "STOP-1")), "{day}");
        }
    }

    async fn the_organizations_zone_counts_where_the_job_names_none(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|new| new.timezone = ZoneName::parse("Asia/Tokyo").unwrap()).await;
        let who = app.principal_of(organization.id).await;
        let day = Some(date(2026, 3, 10));
        let view = app.import(&who, ImportJob { scheduled_date: day, ..line(&[0, 1]) }).await.unwrap().view;
        assert_eq!(view.itinerary.route.departure_at, Some(at("2026-03-09T15:00:00Z")));
        assert_eq!((view.itinerary.route.timezone.as_str(), view.job.timezone), ("Asia/Tokyo", None));
    }

    async fn days_and_windows_at_the_ends_of_the_calendar_are_no_fault(db: &TestDb) {
        let app = TestApp::new(db);
        for day in [Date::MIN, date(-1, 1, 1), date(0, 1, 1), date(9999, 12, 30), Date::MAX] {
            let who = app.principal().await;
            let view = app.import(&who, dated("Pacific/Kiritimati", day, line(&[0, 1, 2]))).await.unwrap().view;
            assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "{day}");
        }
        for (number, (start, end)) in [
            ("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T01:00:00Z"),
            ("3000-01-01T00:00:00Z", "3000-01-01T01:00:00Z"),
            ("9999-12-30T20:00:00Z", "9999-12-30T22:00:00Z"),
        ]
        .into_iter()
        .enumerate()
        {
            let who = app.principal().await;
            let mut command = named(&format!("JOB-{number}"), line(&[0, 1, 2]));
            command.stops[1].window = window(start, end);
            let view = app.import(&who, command.clone()).await.unwrap().view;
            assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "{start}");
            command.scheduled_date = Some(date(2026, 3, 10));
            command = named("DATED", command);
            assert!(app.import(&who, command).await.is_ok(), "{start}");
        }
    }
}

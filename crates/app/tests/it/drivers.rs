//! Who drives a job, and jobs that wait for somebody who does.

use std::sync::Arc;

use routemate_app::{
    CreateDriver, CreatedDriver, DriverChange, DriverResolution, ErrorKind, Idempotency, Noun, Replay,
};
use routemate_domain::{AutoAdd, DriverId, Email, JobStatus, OrganizationId, OrganizationStatus};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, text};
use uuid::Uuid;

use crate::facts::{audited, count, driven_by, events, named, refusal, texts};

database_tests! {
    async fn a_member_drives_at_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await;
        let imported = app.import(&who, import_command(2)).await.unwrap();
        assert_eq!(imported.driver, DriverResolution::Member);
        assert_eq!(imported.view.driver_user_id, Some(driver.driver.user_id));
        assert_eq!(imported.view.itinerary.job_status(), JobStatus::Assigned);
        assert_eq!(events(&app.store, who.organization_id, imported.view.job.id).await, ["job.assigned"]);
        assert_eq!(count(&app.store, "invitations").await, 0);
    }

    async fn a_driver_of_another_organization_is_added_and_audited(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, elsewhere) = (app.principal().await, app.organization(|_| {}).await);
        let driver = app.driver(elsewhere.id, "driver@example.com").await;
        let imported = app.import(&who, import_command(2)).await.unwrap();
        assert_eq!(imported.driver, DriverResolution::AutoAdded);
        assert_eq!(imported.view.driver_user_id, Some(driver.driver.user_id));
        assert_ne!(imported.view.itinerary.route.driver_id, Some(driver.driver.id));
        assert_eq!(audited(&app.store, who.organization_id).await, ["driver.auto_added"]);
        assert_eq!(events(&app.store, who.organization_id, imported.view.job.id).await, ["job.assigned"]);
        let again = app.import(&who, named("JOB-2", import_command(2))).await.unwrap();
        assert_eq!(again.driver, DriverResolution::Member);
        assert_eq!(again.view.itinerary.route.driver_id, imported.view.itinerary.route.driver_id);
    }

    async fn an_organization_that_adds_nobody_by_itself_invites(db: &TestDb) {
        let app = TestApp::new(db);
        let (organization, elsewhere) =
            (app.organization(|new| new.auto_add = AutoAdd::Off).await, app.organization(|_| {}).await);
        let who = app.principal_of(organization.id).await;
        app.driver(elsewhere.id, "driver@example.com").await;
        let imported = app.import(&who, import_command(2)).await.unwrap();
        assert_eq!((imported.driver, imported.view.driver_user_id), (DriverResolution::Invited, None));
        assert_eq!(imported.view.itinerary.job_status(), JobStatus::Pending);
        assert!(audited(&app.store, organization.id).await.is_empty());
    }

    async fn a_stranger_is_invited_once_however_many_jobs_wait(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for (number, email) in ["new@example.com", "NEW@example.com", "New@Example.COM"].into_iter().enumerate() {
            let command = named(&format!("JOB-{number}"), driven_by(email, import_command(2)));
            let imported = app.import(&who, command).await.unwrap();
            assert_eq!((imported.driver, imported.view.driver_user_id), (DriverResolution::Invited, None));
            assert_eq!(imported.view.job.driver_email, email);
            assert!(events(&app.store, who.organization_id, imported.view.job.id).await.is_empty());
        }
        assert_eq!(texts(&app.store, "SELECT email AS value FROM invitations").await, ["new@example.com"]);
    }

    async fn a_new_driver_gets_every_job_that_was_waiting(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let other = app.principal().await;
        let mut waiting = Vec::new();
        for number in 0..3 {
            let command = named(&format!("JOB-{number}"), import_command(2));
            waiting.push(app.import(&who, command).await.unwrap().view.job.id);
        }
        let somebody_elses = named("JOB-X", driven_by("else@example.com", import_command(2)));
        let somebody_elses = app.import(&who, somebody_elses).await.unwrap().view.job.id;
        let elsewhere = app.import(&other, import_command(2)).await.unwrap().view.job.id;

        app.clock.advance(jiff::SignedDuration::from_mins(5));
        let driver = app.driver(who.organization_id, "DRIVER@example.com").await;
        assert_eq!(driver.jobs_assigned, 3);
        for job in waiting {
            let view = app.job(&who, job).await.unwrap();
            assert_eq!(view.itinerary.job_status(), JobStatus::Assigned);
            assert_eq!(view.driver_user_id, Some(driver.driver.user_id));
            assert!(view.job.updated_at > view.job.created_at);
            assert_eq!(view.itinerary.route.version, 2);
            assert_eq!(events(&app.store, who.organization_id, job).await, ["job.assigned"]);
        }
        assert_eq!(app.job(&who, somebody_elses).await.unwrap().itinerary.job_status(), JobStatus::Pending);
        assert_eq!(app.job(&other, elsewhere).await.unwrap().itinerary.job_status(), JobStatus::Pending);
        let accepted = "SELECT email AS value FROM invitations WHERE status = 'accepted'";
        assert_eq!(texts(&app.store, accepted).await, ["driver@example.com"]);
    }

    async fn being_added_takes_over_the_jobs_that_were_waiting(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, elsewhere) = (app.principal().await, app.organization(|_| {}).await);
        let waiting = app.import(&who, import_command(2)).await.unwrap().view.job.id;
        let driver = app.driver(elsewhere.id, "driver@example.com").await;
        let added = app.import(&who, named("JOB-2", import_command(2))).await.unwrap();
        assert_eq!(added.driver, DriverResolution::AutoAdded);
        let view = app.job(&who, waiting).await.unwrap();
        assert_eq!(view.driver_user_id, Some(driver.driver.user_id));
        assert_eq!(events(&app.store, who.organization_id, waiting).await, ["job.assigned"]);
        assert_eq!(count(&app.store, "invitations WHERE status = 'pending'").await, 0);
    }

    async fn a_person_is_the_same_everywhere_and_a_driver_in_each_organization(db: &TestDb) {
        let app = TestApp::new(db);
        let (one, two) = (app.organization(|_| {}).await, app.organization(|_| {}).await);
        let first = app.driver(one.id, "driver@example.com").await;
        let second = app.driver(two.id, "Driver@example.com").await;
        assert_eq!(first.driver.user_id, second.driver.user_id);
        assert_ne!(first.driver.id, second.driver.id);
        assert_eq!(app.driver(one.id, "driver@example.com").await, first);
        assert_eq!((count(&app.store, "users").await, count(&app.store, "drivers").await), (1, 2));
    }

    async fn an_inactive_driver_gets_no_jobs_until_made_active_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await;
        let before = app.import(&who, import_command(2)).await.unwrap().view.job.id;
        app.change_driver_by_operator(who.organization_id, driver.driver.id, &DriverChange::Deactivate).await.unwrap();
        assert_eq!(app.job(&who, before).await.unwrap().itinerary.job_status(), JobStatus::Assigned);
        let imported = app.import(&who, named("JOB-2", import_command(2))).await.unwrap();
        assert_eq!((imported.driver, imported.view.driver_user_id), (DriverResolution::Inactive, None));
        assert_eq!(imported.view.itinerary.job_status(), JobStatus::Pending);
        let back = app.driver(who.organization_id, "driver@example.com").await;
        assert_eq!((back.driver.id, back.jobs_assigned), (driver.driver.id, 1));
        let view = app.job(&who, imported.view.job.id).await.unwrap();
        assert_eq!(view.itinerary.job_status(), JobStatus::Assigned);
    }

    async fn whoever_is_a_driver_already_is_not_added_however_things_stand(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let command = |email: &str| CreateDriver {
            organization_id: who.organization_id,
            email: Email::parse(email).unwrap(),
            first_name: Some(text("Eino")),
            last_name: None,
            phone: None,
        };
        let render = || Arc::new(|created: &CreatedDriver| created.driver.id.to_string().into_bytes());
        let add = |email: &str| app.add_driver(&who, command(email), None, render());
        let waiting = app.import(&who, driven_by("new@example.com", import_command(2))).await.unwrap().view.job.id;
        let made = add("New@example.com").await.unwrap();
        let driver: DriverId = String::from_utf8(made.body).unwrap().parse().unwrap();
        assert_eq!(app.job(&who, waiting).await.unwrap().itinerary.route.driver_id, Some(driver));
        assert_eq!(count(&app.store, "invitations WHERE status = 'accepted'").await, 1);
        let taken = ErrorKind::DriverEmailTaken(driver);
        assert_eq!(refusal(add("NEW@example.com").await), taken);
        for change in [DriverChange::Deactivate, DriverChange::Archive] {
            app.change_driver_by_operator(who.organization_id, driver, &change).await.unwrap();
            assert_eq!(refusal(add("new@example.com").await), taken);
        }
        // A driver elsewhere is none here, and the person stays the same.
        let elsewhere = app.driver(app.organization(|_| {}).await.id, "ada@example.com").await;
        add("ada@example.com").await.unwrap();
        assert_eq!((count(&app.store, "users").await, count(&app.store, "drivers").await), (2, 3));
        assert_eq!(elsewhere.driver.first_name, Some(text("Aino")));
        let audited = audited(&app.store, who.organization_id).await;
        assert_eq!(audited.iter().filter(|action| *action == "driver.created").count(), 2);
    }

    async fn the_same_request_adds_one_driver_and_a_refused_one_frees_its_key(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let add = |email: &str, fingerprint| {
            let email = Email::parse(email).unwrap();
            let command =
                CreateDriver { organization_id: who.organization_id, email, first_name: None, last_name: None, phone: None };
            let key = Idempotency { operation: "driver.create", key: "K".into(), fingerprint: [fingerprint; 32] };
            let render = Arc::new(|created: &CreatedDriver| created.driver.id.to_string().into_bytes());
            app.add_driver(&who, command, Some(key), render)
        };
        app.driver(who.organization_id, "ada@example.com").await;
        assert!(matches!(refusal(add("ada@example.com", 1).await), ErrorKind::DriverEmailTaken(_)));
        let first = add("eino@example.com", 2).await.unwrap();
        let again = add("eino@example.com", 2).await.unwrap();
        assert_eq!((first.body, again.replay), (again.body, Replay::Same));
        assert_eq!(refusal(add("else@example.com", 3).await), ErrorKind::KeyReused);
        assert_eq!(count(&app.store, "drivers").await, 2);
    }

    async fn drivers_of_nowhere_are_refused(db: &TestDb) {
        let app = TestApp::new(db);
        let nowhere = OrganizationId::from_uuid(Uuid::nil());
        let (here, other) = (app.organization(|_| {}).await, app.organization(|_| {}).await);
        let driver = app.driver(here.id, "driver@example.com").await.driver.id;
        let command = CreateDriver {
            organization_id: nowhere,
            email: Email::parse("a@example.com").unwrap(),
            first_name: None,
            last_name: None,
            phone: None,
        };
        assert_eq!(refusal(app.create_driver(command).await), ErrorKind::NotFound(Noun::Organization));
        let not_found = ErrorKind::NotFound(Noun::Driver);
        assert_eq!(refusal(app.change_driver_by_operator(other.id, driver, &DriverChange::Deactivate).await), not_found);
        let unknown = DriverId::from_uuid(Uuid::nil());
        assert_eq!(refusal(app.change_driver_by_operator(here.id, unknown, &DriverChange::Deactivate).await), not_found);
        app.change_driver_by_operator(here.id, driver, &DriverChange::Deactivate).await.unwrap();
        assert!(matches!(refusal(app.change_driver_by_operator(here.id, driver, &DriverChange::Deactivate).await), ErrorKind::Refused(_)));
    }

    async fn what_operators_do_is_on_record(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await.id;
        let driver = app.driver(organization, "ada@example.com").await.driver.id;
        app.driver(organization, "ada@example.com").await;
        app.change_driver_by_operator(organization, driver, &DriverChange::Deactivate).await.unwrap();
        app.set_organization_status(organization, OrganizationStatus::Suspended).await.unwrap();
        app.set_organization_status(organization, OrganizationStatus::Active).await.unwrap();
        let mut actions = audited(&app.store, organization).await;
        actions.reverse();
        let expected = [
            "driver.created",
            "driver.updated",
            "driver.deactivated",
            "organization.suspended",
            "organization.reactivated",
        ];
        assert_eq!(actions, expected);
    }
}

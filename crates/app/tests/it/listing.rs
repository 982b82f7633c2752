//! What operators look at and change.

use routemate_app::{ChangeOrganization, ErrorKind, JobQuery, Noun};
use routemate_domain::{AutoAdd, OrganizationId, Plan, ZoneName};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, text};

use crate::facts::{audited, driven_by, refusal};

database_tests! {
    async fn lists_go_on_where_they_ended(db: &TestDb) {
        let app = TestApp::new(db);
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(app.organization(|_| {}).await.id);
        }
        let first: Vec<_> = app.organizations(None, 2).await.unwrap().into_iter().map(|found| found.id).collect();
        assert_eq!(first, made[..2]);
        let rest: Vec<_> =
            app.organizations(Some(first[1]), 2).await.unwrap().into_iter().map(|found| found.id).collect();
        assert_eq!(rest, made[2..]);
    }

    async fn people_are_listed_with_their_addresses(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await;
        let who = app.principal_of(organization.id).await;
        app.driver(organization.id, "ada@example.com").await;
        app.import(&who, driven_by("new@example.com", import_command(2))).await.unwrap();
        let drivers = app.drivers(organization.id, None, 10).await.unwrap();
        assert_eq!(drivers.iter().map(|listed| listed.email.as_str()).collect::<Vec<_>>(), ["ada@example.com"]);
        let invitations = app.invitations(organization.id, None, 10).await.unwrap();
        assert_eq!(invitations.iter().map(|found| found.email.as_str()).collect::<Vec<_>>(), ["new@example.com"]);
        let another = app.organization(|_| {}).await;
        assert!(app.drivers(another.id, None, 10).await.unwrap().is_empty());
    }

    async fn a_change_acts_at_once_and_leaves_the_rest(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|new| new.requests_per_minute = Some(7)).await;
        let change = ChangeOrganization {
            plan: Some(Plan::Team),
            stops_per_import: Some(Some(50)),
            timezone: Some(ZoneName::parse("Europe/Paris").unwrap()),
            auto_add: Some(AutoAdd::Off),
            ..ChangeOrganization::default()
        };
        let changed = app.set_organization(organization.id, change).await.unwrap();
        let stored = app.organizations(None, 10).await.unwrap();
        assert_eq!(stored, [changed]);
        let who = app.principal_of(organization.id).await;
        assert_eq!((who.limits.requests_per_minute, who.limits.stops_per_import), (Some(7), Some(50)));
        assert_eq!((who.timezone.as_str(), who.auto_add), ("Europe/Paris", AutoAdd::Off));
        let back = ChangeOrganization { requests_per_minute: Some(None), ..ChangeOrganization::default() };
        app.set_organization(organization.id, back).await.unwrap();
        assert_eq!(app.principal_of(organization.id).await.limits.requests_per_minute, Some(60));
        assert_eq!(audited(&app.store, organization.id).await, ["organization.changed", "organization.changed"]);
    }

    async fn nobodys_things_are_not_found(db: &TestDb) {
        let app = TestApp::new(db);
        let nobody = OrganizationId::from_uuid(app.new_uuid());
        let not_found = ErrorKind::NotFound(Noun::Organization);
        assert_eq!(refusal(app.integrations(nobody, None, 1).await), not_found);
        assert_eq!(refusal(app.jobs_of_anybody(nobody, None, &JobQuery::default(), 1).await), not_found);
        let change = ChangeOrganization { name: Some(text("New")), ..ChangeOrganization::default() };
        assert_eq!(refusal(app.set_organization(nobody, change).await), not_found);
    }
}

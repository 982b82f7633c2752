//! The command line by itself.

use crate::server::{Place, on_both};

on_both!(a_database_is_migrated_by_whatever_command_comes_first, mistakes_are_named);

async fn a_database_is_migrated_by_whatever_command_comes_first(place: &Place) {
    let organization = place.json(&["org", "create", "--name", "Acme", "--plan", "enterprise", "--rpm", "7"]);
    assert_eq!(organization["requests_per_minute"], 7);
    assert_eq!(organization["stops_per_import"], 0);
    let migrated = place.json(&["migrate"]);
    assert_eq!(migrated["applied"], serde_json::json!([]));
}

async fn mistakes_are_named(place: &Place) {
    let nobody = "00000000-0000-7000-8000-000000000000";
    let mistakes: [(&[&str], &str); 7] = [
        (&["integration", "create", "--org", "acme", "--name", "Shop"], "--org `acme` is not a UUID"),
        (&["integration", "create", "--org", nobody, "--name", "Shop"], "organization not found"),
        (&["integration", "disable", "rm_ci_nobody"], "integration not found"),
        (
            &["org", "create", "--name", "Acme", "--timezone", "Mars/Base"],
            "--timezone `Mars/Base` must be an IANA time zone",
        ),
        (&["driver", "create", "--org", nobody, "--email", "ada"], "--email `ada` must be a valid email address"),
        (&["job", "link", nobody], "job not found"),
        (&["serve", "--roads", "teleport"], "roads `teleport` is not known"),
    ];
    for (arguments, expected) in mistakes {
        let output = place.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_second_server_on_one_data_folder_is_refused() {
    let place = Place::new(routemate_persistence::DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let _first = place.serve();
    let second = place.run(&["serve"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("several servers need PostgreSQL"));
}

#[tokio::test]
async fn a_configuration_file_is_read_and_its_mistakes_are_named() {
    let place = Place::new(routemate_persistence::DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let file = place.folder().join("routemate.toml");
    std::fs::write(&file, "public_url = \"https://routes.example\"\n").expect("it is written");
    let organization = place.json(&["org", "create", "--name", "Acme"]);
    assert_eq!(organization["plan"], "team");
    std::fs::write(&file, "publik_url = \"https://routes.example\"\n").expect("it is written");
    let output = place.run(&["migrate"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("publik_url") && said.contains("routemate.toml"), "{said}");
}

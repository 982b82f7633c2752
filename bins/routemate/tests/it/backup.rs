//! Backups of SQLite: whole, made while the server works, never half there; and the way back.

use std::path::Path;
use std::process::{Command, Stdio};

use routemate_persistence::DatabaseKind;
use serde_json::Value;

use crate::server::{Credentials, Place, Server, job, on_both};

on_both!(what_is_not_for_this_database_says_what_is);

async fn sqlite() -> (Place, Credentials) {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let credentials = place.credentials(&["--plan", "enterprise"]);
    (place, credentials)
}

async fn import(server: &Server, credentials: &Credentials, name: &str) {
    let token = server.token(credentials).await;
    assert_eq!(server.import(&token, &job(name, 5), None).await.expect("an answer").status(), 200);
}

async fn statuses(server: &Server, credentials: &Credentials, names: &[&str]) -> Vec<u16> {
    let token = server.token(credentials).await;
    let mut statuses = Vec::new();
    for name in names {
        statuses.push(server.job(&token, &format!("external_job_id={name}")).await.status().as_u16());
    }
    statuses
}

fn refused(place: &Place, arguments: &[&str], expected: &str) {
    let output = place.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
}

fn path(place: &Place, name: &str) -> String {
    place.folder().join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_while_the_server_works_and_brings_everything_back() {
    let (place, credentials) = sqlite().await;
    let server = place.serve();
    import(&server, &credentials, "BEFORE").await;
    let file = path(&place, "one.db");
    let made = place.json(&["backup", &file]);
    assert_eq!((&made["jobs"], &made["organizations"]), (&1.into(), &1.into()));
    import(&server, &credentials, "AFTER").await;
    assert_eq!(statuses(&server, &credentials, &["BEFORE", "AFTER"]).await, [200, 200]);

    refused(&place, &["restore", &file, "--force"], "another server uses the data folder");
    assert!(server.terminate().0);
    refused(&place, &["restore", &file], "is there already");
    let looked_at = place.json(&["restore", &file, "--verify", "--dry-run"]);
    assert_eq!((&looked_at["restored"], &looked_at["jobs"]), (&false.into(), &1.into()));
    let restored = place.json(&["restore", &file, "--verify", "--force"]);
    assert_eq!((&restored["restored"], &restored["jobs"]), (&true.into(), &1.into()));

    let server = place.serve();
    assert_eq!(statuses(&server, &credentials, &["BEFORE", "AFTER"]).await, [200, 404]);
    assert!(server.terminate().0);
    let previous = restored["previous"].as_str().expect("it was put aside").to_owned();
    place.json(&["restore", &previous, "--verify", "--force"]);
    let server = place.serve();
    assert_eq!(statuses(&server, &credentials, &["BEFORE", "AFTER"]).await, [200, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_and_of_one_moment_while_many_write() {
    let (place, credentials) = sqlite().await;
    let server = place.serve();
    let token = server.token(&credentials).await;
    let importing = async {
        for number in 0..60 {
            let answer = server.import(&token, &job(&format!("J{number}"), 20), None).await.expect("an answer");
            assert_eq!(answer.status(), 200);
        }
    };
    let backing_up = async {
        let mut made = Vec::new();
        for number in 0..4 {
            let file = path(&place, &format!("{number}.db"));
            let mut command = place.command(&["backup", &file, "--json"]);
            let output = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await.expect("it ran");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            made.push((file, answer["jobs"].clone()));
        }
        made
    };
    let ((), made) = tokio::join!(importing, backing_up);
    assert!(server.terminate().0);
    for (file, jobs) in made {
        let found = place.json(&["restore", &file, "--verify", "--dry-run"]);
        assert_eq!(found["jobs"], jobs, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_overwritten_by_mistake_and_nothing_damaged_is_restored() {
    let (place, _credentials) = sqlite().await;
    let file = path(&place, "one.db");
    place.json(&["backup", &file]);
    refused(&place, &["backup", &file], "is there already: name another file, or say --force");
    place.json(&["backup", &file, "--force"]);
    refused(&place, &["backup", &path(&place, "nowhere/one.db")], "nowhere");

    refused(&place, &["restore", &path(&place, "none.db"), "--force"], "none.db` is not there");
    refused(&place, &["restore", &place.folder().display().to_string(), "--force"], "` is no file");
    let empty = path(&place, "empty.db");
    std::fs::write(&empty, "").expect("it is written");
    refused(&place, &["restore", &empty, "--force"], "empty.db` is empty: there is nothing to restore");
    let another = path(&place, "another.db");
    Place::execute(Place::store_at(&format!("sqlite://{another}")).await, "CREATE TABLE notes (text TEXT)").await;
    refused(&place, &["restore", &another, "--verify", "--force"], "another.db` is no backup");
    let text = place.folder().join("text.db");
    std::fs::write(&text, "this is no database, however often it is read\n".repeat(100)).expect("it is written");
    refused(&place, &["restore", &text.display().to_string(), "--force"], "text.db` as a database: file is not");
    let mut bytes = std::fs::read(&file).expect("it is there");
    let half = bytes.len() / 2;
    bytes[half..].fill(0xA5);
    let damaged = place.folder().join("damaged.db");
    std::fs::write(&damaged, &bytes).expect("it is written");
    let output = place.run(&["restore", &damaged.display().to_string(), "--verify", "--force"]);
    assert!(!output.status.success());
    bytes.truncate(half);
    std::fs::write(&damaged, &bytes).expect("it is written");
    let output = place.run(&["restore", &damaged.display().to_string(), "--force"]);
    assert!(!output.status.success());
    // What was there is there.
    assert_eq!(place.json(&["org", "list"])["organizations"].as_array().map(Vec::len), Some(1));
    assert_eq!(left_over(place.folder()), 0);
}

fn left_over(folder: &Path) -> usize {
    let all = std::fs::read_dir(folder).expect("a folder").map_while(Result::ok);
    all.filter(|entry| entry.file_name().to_string_lossy().contains(".unfinished")).count()
}

/// Killed anywhere, a backup leaves either nothing under its name or all of it, and the next one removes what is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_leaves_no_half_file_under_its_name() {
    let (place, credentials) = sqlite().await;
    let server = place.serve();
    let token = server.token(&credentials).await;
    for number in 0..20 {
        let answer = server.import(&token, &job(&format!("J{number}"), 150), None).await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    let file = path(&place, "one.db");
    let (mut seen_whole, mut seen_none) = (0, 0);
    for round in 0..24_u32 {
        let _ = std::fs::remove_file(&file);
        let mut child = place.command(&["backup", &file]).stdout(Stdio::null()).spawn().expect("it runs");
        // As far as it gets while this many looks are taken: from the first draft to the end.
        for _ in 0..round * 40 {
            let _ = left_over(place.folder());
        }
        let _ = Command::new("kill").args(["-KILL", &child.id().to_string()]).stderr(Stdio::null()).status();
        child.wait().expect("it ends");
        if Path::new(&file).exists() {
            seen_whole += 1;
            assert_eq!(place.json(&["restore", &file, "--verify", "--dry-run"])["jobs"], 20);
        } else {
            seen_none += 1;
        }
    }
    eprintln!("{seen_none} of 24 backups were killed before they had a name, {seen_whole} after");
    assert!(seen_none > 0);
    place.json(&["backup", &file, "--force"]);
    assert_eq!(left_over(place.folder()), 0);
}

async fn what_is_not_for_this_database_says_what_is(place: &Place) {
    place.json(&["migrate"]);
    let file = path(place, "one.db");
    let is_postgres = place.run(&["backup", &file]).status.success();
    if !is_postgres {
        refused(place, &["backup", &file], "pg_dump");
        refused(place, &["restore", &file], "pg_restore");
    }
}

//! The disk under an SQLite database is full.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use routemate_persistence::DatabaseKind;
use serde_json::Value;

use crate::server::{Place, Server, job, start};

/// Mounts a disk of 16 MB where only the server sees it, puts the data there and becomes the server.
const ON_A_SMALL_DISK: &str = r#"mount -t tmpfs -o size=16m tmpfs "$1" && cp -r "$2"/. "$1" && shift 2 && exec "$@""#;

/// A server on a disk of its own, and where others find that disk; `None`, said aloud, where this user may not mount.
fn serve_on_a_small_disk(place: &Place) -> Option<(Server, PathBuf)> {
    let disk = place.folder().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(&disk);
        command
    };
    let can_mount = unshare("mount -t tmpfs tmpfs \"$1\"").stderr(Stdio::null()).status();
    if !can_mount.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this user cannot mount a small disk");
        return None;
    }
    let server = place.command(&["serve"]);
    let mut command = unshare(ON_A_SMALL_DISK);
    command.arg(place.folder().join("data")).arg(server.get_program()).args(server.get_args());
    command.envs(server.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(place.folder());
    command.env("ROUTEMATE_DATA_DIR", &disk);
    let server = start(command);
    let seen = Path::new("/proc").join(server.process_id().to_string()).join("root");
    let seen = seen.join(disk.strip_prefix("/").expect("an absolute path"));
    Some((server, seen))
}

/// Takes all the room there is.
fn fill(disk: &Path) {
    let mut ballast = File::create(disk.join("ballast")).expect("a file");
    for size in [1 << 20, 4096, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_wait_for_room_and_nothing_is_half_written() {
    let Some(place) = Place::new(DatabaseKind::Sqlite).await else { return };
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let Some((server, disk)) = serve_on_a_small_disk(&place) else { return };
    let token = server.token(&credentials).await;
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    fill(&disk);
    // What the log of the database has already taken from the disk serves for some more.
    for number in 0.. {
        let id = format!("J{number}");
        let answer = server.import(&token, &job(&id, 20), Some(&id)).await.expect("an answer");
        let status = answer.status();
        let has_pause = answer.headers().contains_key("Retry-After");
        let body = answer.bytes().await.expect("a body");
        match status.as_u16() {
            200 => stored.push((id, body)),
            503 if has_pause => refused.push(id),
            other => panic!("{id} was answered {other}: {}", String::from_utf8_lossy(&body)),
        }
        if refused.len() == 10 {
            break;
        }
    }
    // What is there can be read, and what is not there is nowhere.
    for (id, _) in &stored {
        assert_eq!(server.job(&token, &format!("external_job_id={id}")).await.status(), 200, "{id}");
    }
    for id in &refused {
        assert_eq!(server.job(&token, &format!("external_job_id={id}")).await.status(), 404, "{id}");
    }
    std::fs::remove_file(disk.join("ballast")).expect("it is there");
    for id in &refused {
        let answer = server.import(&token, &job(id, 20), Some(id)).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{id}");
        assert!(!answer.headers().contains_key("Idempotency-Replayed"), "{id}");
        stored.push((id.clone(), answer.bytes().await.expect("a body")));
    }
    for (id, body) in stored {
        let status: Value = server.job(&token, &format!("external_job_id={id}")).await.json().await.expect("JSON");
        assert_eq!(status["stop_count"], 20, "{id}");
        let again = server.import(&token, &job(&id, 20), Some(&id)).await.expect("an answer");
        assert_eq!(again.bytes().await.expect("a body"), body, "{id}");
    }
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well, "{log}");
}

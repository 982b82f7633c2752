//! What a new user sees first.

use std::process::Command;

#[test]
fn the_demo_runs_to_its_end_and_saves_driving() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_routemate"))
        .args(["demo", "--exit", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        said.contains("stretches of Helsinki's streets") && said.contains("© OpenStreetMap contributors"),
        "{said}"
    );
    assert!(said.contains("60 stops, 60 addresses found") && said.contains("ADDRESS_GEOCODED: 60 "), "{said}");
    for code in ["ROUTE_ESTIMATED", "GEOCODE_APPROXIMATE", "GEOCODE_FAILED"] {
        assert!(!said.contains(code), "{said}");
    }
    assert!(said.contains("assigned, 60 stops, driver driver@example.com"), "{said}");
    let saved = said.split("km: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("an improvement");
    assert!(saved.parse::<u32>().expect("a percentage") >= 30, "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "nothing is left behind");
}

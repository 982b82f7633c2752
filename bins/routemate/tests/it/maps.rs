//! Maps on the command line.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use routemate_persistence::DatabaseKind;
use routemate_test_support::Town;
use serde_json::{Value, json};

use crate::server::{Place, text};

/// Where small towns lie.
pub(crate) const NEAR: (f64, f64) = (60.16, 24.93);

/// Forty stretches of street, both ways; at the corners of the town two are one.
const EDGES: u64 = 2 * (40 - 4);

/// What has to be shown with all of OpenStreetMap.
pub(crate) const OSM_NOTICE: &str =
    "© OpenStreetMap contributors (openstreetmap.org/copyright), Open Database Licence 1.0";

/// Four blocks by four, as an extract.
pub(crate) fn town() -> Vec<u8> {
    Town::grid(NEAR, 4).taken_at(1_700_000_000).to_pbf()
}

async fn place() -> Place {
    Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there")
}

pub(crate) fn write(place: &Place, name: &str, bytes: &[u8]) -> String {
    fs::write(place.folder().join(name), bytes).expect("it is written");
    name.to_owned()
}

fn refusal(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

/// Everything in the folder of maps, hidden or not.
fn entries(place: &Place) -> Vec<String> {
    let Ok(entries) = fs::read_dir(place.folder().join("data/maps")) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_map_is_built_listed_and_removed() {
    let place = place().await;
    assert_eq!(place.json(&["map", "list"]), json!({ "maps": [] }));
    let file = write(&place, "near town.osm.pbf", &town());
    let built = place.json(&["map", "build", &file]);
    assert_eq!(built["name"], "near-town");
    let folder = PathBuf::from(text(&built, "folder"));
    assert_eq!(folder.canonicalize().unwrap(), place.folder().join("data/maps/near-town").canonicalize().unwrap());
    assert!(folder.join("car.roads").exists() && folder.join("map.json").exists());

    let listed = &place.json(&["map", "list"])["maps"][0];
    assert_eq!((&listed["name"], &listed["problems"]), (&json!("near-town"), &json!([])));
    assert_eq!(listed["area"], json!({ "south": 60.16, "west": 24.93, "north": 60.168, "east": 24.946 }));
    assert_eq!(listed["data_date"], "2023-11-14T22:13:20Z");
    assert_eq!(listed["files"][0]["counts"]["edges"], EDGES);
    let size = |file: &str| fs::metadata(folder.join(file)).unwrap().len();
    assert_eq!(listed["size_bytes"], size("car.roads") + size("addresses.index"));
    assert_eq!(listed["sources"][0]["file"], "near town.osm.pbf");
    assert_eq!(listed["attribution"], json!([OSM_NOTICE]));
    let people = String::from_utf8(place.run(&["map", "list"]).stdout).expect("text");
    assert!(people.contains("60.1600,24.9300 to 60.1680,24.9460") && people.contains("72 edges"), "{people}");
    assert!(people.contains("10 streets"), "{people}");

    place.json(&["map", "remove", "near-town"]);
    assert_eq!(entries(&place), Vec::<String>::new());
    assert!(refusal(&place, &["map", "remove", "near-town"]).contains("there is no map `near-town`"));
}

#[tokio::test]
async fn several_extracts_and_vehicles_make_one_map() {
    let place = place().await;
    let near = write(&place, "near.osm.pbf", &town());
    let next = write(&place, "next.osm.pbf", &Town::grid((60.168, 24.93), 4).numbered_from(1000).to_pbf());
    let built = place.json(&["map", "build", &near, &next, "--name", "both", "--profile", "bicycle,car,truck,car"]);
    assert_eq!(built["area"]["north"], 60.176);
    let files: Vec<_> = built["files"].as_array().expect("files").iter().map(|file| text(file, "file")).collect();
    assert_eq!(files, ["car.roads", "truck.roads", "bicycle.roads", "addresses.index"]);
}

#[tokio::test]
async fn what_cannot_be_built_is_told_and_leaves_the_old_map() {
    let place = place().await;
    let good = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &good]);
    let before = fs::read(place.folder().join("data/maps/near/map.json")).unwrap();
    let whole = town();
    let cut = write(&place, "cut.osm.pbf", &whole[..whole.len() - 7]);
    let empty = write(&place, "empty.osm.pbf", b"");
    let page = write(&place, "page.osm.pbf", b"<!DOCTYPE html><title>404</title>");
    let rows = "LON,LAT,NUMBER,STREET\n24.93,60.16,1,Quay\n";
    let nothing = write(&place, "nothing.csv", b"LON,LAT,NUMBER,STREET\n");
    let other = write(&place, "other.csv", b"LON,LAT,NAME\n24.93,60.16,Quay\n");
    let cut_row = write(&place, "row.csv", &rows.as_bytes()[..rows.len() - 7]);
    let packed = write(&place, "packed.csv", b"\x1f\x8b\x08 and so on, on, on");
    let no_roads =
        write(&place, "path.osm.pbf", &Town::default().way(&[NEAR, (60.2, 24.9)], &[("waterway", "river")]).to_pbf());
    let mistakes: [(&[&str], &str); 14] = [
        (&[&cut], "`cut.osm.pbf` is cut off: block 2, which begins at byte "),
        (&[&cut], "lacks 7 bytes"),
        (&[&empty], "`empty.osm.pbf` is empty"),
        (&[&page], "`page.osm.pbf` is no OpenStreetMap extract (.osm.pbf): it is a web page"),
        (&[&nothing], "no roads: tables hold addresses alone; give an .osm.pbf too; no addresses in what was given"),
        (&[&other], "`other.csv` is no OpenAddresses CSV: line 1 has no column `NUMBER`, it has `LON,LAT,NAME`"),
        (&[&good, &other], "`other.csv` is no OpenAddresses CSV"),
        (&[&cut_row], "`row.csv` is cut off: line 2 has 3 of 4 columns"),
        (&[&packed], "`packed.csv` is no OpenAddresses CSV: it is packed with gzip: call it .csv.gz"),
        (&["missing.osm.pbf"], "cannot read `missing.osm.pbf`: No such file"),
        (&["."], "`.` is a folder"),
        (&[&no_roads], "no road"),
        (&[&good, &good], "`near.osm.pbf` is named twice"),
        (&[&good, "--profile", "tank"], "`tank` is no profile"),
    ];
    for (files, expected) in mistakes {
        let mut arguments = vec!["map", "build", "--name", "near"];
        arguments.extend(files);
        let said = refusal(&place, &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    for name in ["", "a/b", "../x", "Ä", ".hidden", &"x".repeat(65)] {
        let said = refusal(&place, &["map", "build", &good, "--name", name]);
        assert!(said.contains("a map's name has letters, digits, `-` and `_`"), "{name}: {said}");
    }
    assert_eq!(fs::read(place.folder().join("data/maps/near/map.json")).unwrap(), before);
    assert_eq!(entries(&place), ["near"]);
}

#[tokio::test]
async fn tables_alone_make_a_map_that_has_no_roads_and_says_so() {
    let place = place().await;
    let file = write(&place, "quay.csv", b"LON,LAT,NUMBER,STREET,CITY\n24.93,60.16,1,Quay,Harbour\n");
    let output = place.run(&["map", "build", &file, "--json"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success() && said.contains("note: no roads: tables hold addresses alone"), "{said}");
    let built: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(built["lacks"], json!(["no roads: tables hold addresses alone; give an .osm.pbf too"]));
    assert_eq!(built["files"][0]["counts"]["addresses"], 1);
    let listed = &place.json(&["map", "list"])["maps"][0];
    assert_eq!((&listed["name"], &listed["problems"], &listed["area"]), (&json!("quay"), &json!([]), &Value::Null));
    assert!(listed["attribution"][0].as_str().is_some_and(|notice| notice.contains("OpenAddresses")), "{listed}");
    let said = refusal(&place, &["roads", "--map", "quay"]);
    assert!(said.contains("has no roads for `car`: build it with --profile, from an .osm.pbf"), "{said}");
}

#[tokio::test]
async fn extracts_and_tables_make_one_map() {
    let place = place().await;
    let near = write(&place, "near.osm.pbf", &town());
    let rows = write(&place, "rows.csv", b"LON,LAT,NUMBER,STREET,CITY\n24.9301,60.1601,7,2. Street,Harbour\n");
    let built = place.json(&["map", "build", &near, &rows]);
    assert_eq!((&built["name"], &built["lacks"]), (&json!("near"), &json!([])));
    assert_eq!(built["files"][0]["counts"]["edges"], EDGES);
    assert_eq!(built["files"][1]["counts"]["addresses"], 1);
    let notices = built["attribution"].as_array().expect("notices");
    assert!(notices.len() == 2 && notices[0] == OSM_NOTICE, "{notices:?}");
}

#[tokio::test]
async fn nothing_but_a_map_is_replaced() {
    let place = place().await;
    let file = write(&place, "near.osm.pbf", &town());
    let theirs = place.folder().join("data/maps/near");
    fs::create_dir_all(&theirs).unwrap();
    fs::write(theirs.join("notes.txt"), "mine").unwrap();
    assert!(refusal(&place, &["map", "build", &file]).contains("is there and is no map"));
    assert_eq!(fs::read(theirs.join("notes.txt")).unwrap(), b"mine");
}

/// Starts a build that takes a while, and waits until it is under way.
fn long_build(place: &Place) -> std::process::Child {
    let file = write(place, "large.osm.pbf", &Town::grid(NEAR, 30).to_pbf());
    let mut command = place.command(&["map", "build", &file, "--name", "near"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it runs");
    let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut said = lines.map_while(Result::ok);
    assert!(said.any(|line| line == "roads for cars"), "it never came so far");
    child
}

fn signal(child: &std::process::Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

#[tokio::test]
async fn a_build_that_is_told_to_stop_leaves_the_old_map_and_nothing_else() {
    let place = place().await;
    let file = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    let before = place.json(&["map", "list"]);
    let mut child = long_build(&place);
    signal(&child, "-INT");
    assert!(!child.wait().expect("it ends").success());
    assert_eq!(place.json(&["map", "list"]), before);
    assert_eq!(entries(&place), ["near"]);
}

#[tokio::test]
async fn what_a_killed_build_leaves_is_no_map_and_goes_with_the_next_build() {
    let place = place().await;
    let mut child = long_build(&place);
    signal(&child, "-KILL");
    assert!(!child.wait().expect("it ends").success());
    assert_eq!(entries(&place).len(), 1, "its draft");
    assert_eq!(place.json(&["map", "list"]), json!({ "maps": [] }));
    let file = write(&place, "other.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    assert_eq!(entries(&place), ["other"]);
}

#[tokio::test]
async fn builds_at_the_same_time_do_not_disturb_each_other() {
    let place = place().await;
    let mut long = long_build(&place);
    let file = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    place.json(&["map", "build", &file, "--name", "other"]);
    assert!(long.wait().expect("it ends").success());
    let maps = place.json(&["map", "list"]);
    let edges = |number: usize| maps["maps"][number]["files"][0]["counts"]["edges"].as_u64().expect("a number");
    assert_eq!((edges(0), edges(1)), (4 * 30 * 31 - 8, EDGES), "the last one to finish is the map");
    assert_eq!(entries(&place), ["near", "other"]);
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("the file is read");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file is written");
}

#[tokio::test]
async fn a_damaged_or_old_map_is_told_with_the_remedy() {
    let place = place().await;
    let file = write(&place, "near.osm.pbf", &town());
    let folder = place.folder().join("data/maps/near");
    let (roads, manifest) = (folder.join("car.roads"), folder.join("map.json"));
    let again = "build it again: `routemate map build near.osm.pbf --name near`";
    let index = folder.join("addresses.index");
    let broken: [(&dyn Fn(), &str, &str); 9] = [
        (&|| damage(&roads, |bytes| *bytes.last_mut().unwrap() ^= 1), "`car.roads` is damaged", again),
        (&|| damage(&roads, |bytes| bytes.truncate(1000)), "`car.roads` is damaged", again),
        (&|| damage(&roads, |bytes| bytes[8] = 99), "`car.roads` has format 99, this release reads", again),
        (&|| fs::remove_file(&roads).unwrap(), "`car.roads` cannot be read", again),
        (&|| damage(&index, |bytes| *bytes.last_mut().unwrap() ^= 1), "`addresses.index` is damaged", again),
        (&|| damage(&index, |bytes| bytes.truncate(100)), "`addresses.index` is damaged", again),
        (&|| damage(&index, |bytes| bytes[8] = 99), "`addresses.index` has format 99, this release reads", again),
        (
            &|| fs::write(&manifest, "{\"format\": 7}").unwrap(),
            "it has format 7, this release reads 1",
            "build it again",
        ),
        (&|| fs::remove_file(&manifest).unwrap(), "it has no map.json", "or build a map in its place"),
    ];
    for (number, (damage, problem, remedy)) in broken.iter().enumerate() {
        if number > 0 && !manifest.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        place.json(&["map", "build", &file]);
        damage();
        let problems = place.json(&["map", "list"])["maps"][0]["problems"].clone();
        let said = problems[0].as_str().unwrap_or_default();
        assert!(said.contains(problem) && said.contains(remedy), "{problem}: {problems}");
        let people = String::from_utf8(place.run(&["map", "list"]).stdout).expect("text");
        assert!(people.contains("PROBLEM") && people.contains(problem), "{people}");
    }
}

/// Asks `routemate roads` these lines.
fn ask(place: &Place, arguments: &[&str], lines: &str) -> Vec<Value> {
    answers(place, &[&["roads"], arguments].concat(), lines)
}

/// What a command that reads lines answers to these.
pub(crate) fn answers(place: &Place, arguments: &[&str], lines: &str) -> Vec<Value> {
    let mut command = place.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut questions = child.stdin.take().expect("it is piped");
    let output = std::thread::scope(|scope| {
        // Many lines at once: who only writes keeps one waiting that wants to be read.
        scope.spawn(move || questions.write_all(lines.as_bytes()).expect("it reads"));
        child.wait_with_output().expect("it ends")
    });
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).expect("text");
    answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn roads_are_asked_in_json_lines() {
    let place = place().await;
    let with_island = Town::grid(NEAR, 4).street("Island", &[(60.46, 24.93), (60.462, 24.93)]);
    let file = write(&place, "near.osm.pbf", &with_island.to_pbf());
    place.json(&["map", "build", &file]);
    let questions = r#"{"op":"route","from":[60.16,24.93],"to":[60.168,24.946]}
{"op":"table","points":[[60.16,24.93],[60.168,24.946],[60.461,24.93]]}
{"op":"route","from":[60.16,24.93],"to":[60.461,24.93]}
{"op":"route","from":[60.16,24.93],"to":[0,0]}
{"op":"route","from":[60.16,24.93],"to":[60.16,240.93]}
{"op":"table","points":[[60.16,24.93],[10.0,24.93]]}
{"op":"table","points":[]}
{"op":"fly","from":[60.16,24.93],"to":[60.168,24.946]}
not json
{"op":"route","from":[60.16,24.93],"to":[60.16,24.93]}
"#;
    let answers = ask(&place, &["--map", "near"], questions);
    assert_eq!(answers.len(), 10);
    let (route, table) = (&answers[0], &answers[1]);
    assert_eq!(keys(route), ["distance_m", "duration_s", "polyline", "snapped", "latency_us"]);
    assert_eq!(route["snapped"], json!([[60.16, 24.93], [60.168, 24.946]]));
    let distance = route["distance_m"].as_f64().expect("a number");
    // Four blocks of 222.8 m to the north and four of 222 m to the east.
    assert!((distance - 1779.0).abs() < 10.0, "{distance}");
    assert!(text(route, "polyline").starts_with("__enJocdwC"), "{route}");
    assert_eq!(keys(table), ["durations", "distances", "latency_us"]);
    assert_eq!(table["durations"][0][1], route["duration_s"]);
    assert_eq!(table["distances"][0], json!([0.0, distance, null]));
    assert_eq!(table["durations"][2], json!([null, null, 0.0]));
    for (answer, expected) in answers[2..9].iter().zip([
        "there is no way from `from` to `to`",
        "`to`: no road within `5000` m of `0,0`",
        "`to`: longitude `240.93` is not between",
        "`points[1]`: no road within",
        "",
        "unknown variant `fly`",
        "expected ident",
    ]) {
        if expected.is_empty() {
            assert_eq!((&answer["durations"], &answer["distances"]), (&json!([]), &json!([])));
        } else {
            assert_eq!(keys(answer), ["error"]);
            assert!(text(answer, "error").contains(expected), "{answer}");
        }
    }
    assert_eq!((&answers[9]["distance_m"], &answers[9]["duration_s"]), (&json!(0.0), &json!(0.0)));
    // By its folder, and as the only one.
    let one = r#"{"op":"route","from":[60.16,24.93],"to":[60.168,24.946]}"#;
    for arguments in [&["--map", "data/maps/near"][..], &[]] {
        assert_eq!(ask(&place, arguments, one)[0]["distance_m"], distance);
    }
}

#[tokio::test]
async fn which_map_is_asked_when_it_is_not_clear() {
    let place = place().await;
    assert!(refusal(&place, &["roads"]).contains("has none: `routemate map build FILE` makes one"));
    let file = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    place.json(&["map", "build", &file, "--name", "other"]);
    let said = refusal(&place, &["roads"]);
    assert!(said.contains("which map? Say --map NAME") && said.contains("has: near, other"), "{said}");
    let said = refusal(&place, &["roads", "--map", "nowhere"]);
    assert!(said.contains("there is no map `nowhere`") && said.contains("has: near, other"), "{said}");
    let said = refusal(&place, &["roads", "--map", "near", "--profile", "truck"]);
    assert!(said.contains("has no roads for `truck`: build it with --profile"), "{said}");
}

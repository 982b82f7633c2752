//! Files of stops over HTTP and at the command line.

use std::io::Write;
use std::process::Stdio;

use reqwest::{Method, RequestBuilder, Response, Url};
use serde_json::{Value, json};

use crate::contract::{Contract, Seen};
use crate::server::{Credentials, Place, Server, on_both, text};

on_both!(
    a_file_goes_in_and_comes_out_as_it_was,
    a_file_with_a_fault_changes_nothing,
    a_preview_keeps_nothing,
    a_key_makes_a_file_count_once,
    the_command_line_takes_files_in_and_out,
    large_files_are_taken_whole,
);

const FILE: &str = "\
id;Name;Straße;PLZ;Ort;Land;Telefon;Notiz;Breite;Länge;Menge;Artikel\r\n\
A1;=1+1;Königstraße 12;01067;Dresden;DE;0351 1234567;\"-5\r\nzweite Zeile\";;;2;Äpfel\r\n\
;Änne Groß;Weg 7;01069;Dresden;DE;;@home;;;;\r\n";

/// How the file above reads where its columns are not guessed.
const MAP: &[(&str, &str)] = &[("map", "Breite=latitude"), ("map", "Länge=longitude")];

struct Client<'s> {
    server: &'s Server,
    token: String,
}

impl<'s> Client<'s> {
    async fn new(server: &'s Server, credentials: &Credentials) -> Self {
        Self { server, token: server.token(credentials).await }
    }

    fn request(&self, method: Method, query: &[(&str, &str)]) -> RequestBuilder {
        let base = format!("{}/api/v1/imported-stops.csv", self.server.base);
        let url = Url::parse_with_params(&base, query).expect("a URL");
        self.server.client.request(method, url).bearer_auth(&self.token)
    }

    async fn import(&self, query: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response {
        let request = self.request(Method::POST, query).header("Content-Type", "text/csv");
        request.body(body.into()).send().await.expect("an answer")
    }

    async fn export(&self, query: &[(&str, &str)]) -> String {
        let answer = self.request(Method::GET, query).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a file")
    }
}

/// An export without what differs from import to import: our ids and times.
fn lasting(file: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row").iter().take(24).collect::<Vec<_>>().join("|"));
    rows.collect::<Vec<_>>().join("\n")
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin")).collect()
}

async fn a_file_goes_in_and_comes_out_as_it_was(place: &Place) {
    let (one, other) = (place.credentials(&[]), place.credentials(&[]));
    let server = place.serve();
    let contract = Contract::of(&server).await;
    let operation = |method| {
        let all = contract.operations().into_iter();
        all.into_iter().find(|operation| operation.path == "/api/v1/imported-stops.csv" && operation.method == method)
    };
    let (first, second) = (Client::new(&server, &one).await, Client::new(&server, &other).await);
    let seen = Seen::of(first.import(MAP, latin(FILE)).await).await;
    contract.check(&operation(Method::POST).expect("described"), &seen);
    let told: Value = serde_json::from_str(&seen.body).expect("JSON");
    assert_eq!((told["encoding"].as_str(), told["delimiter"].as_str()), (Some("windows-1252"), Some("semicolon")));
    assert_eq!((&told["rows"], &told["created"], &told["replaced"]), (&json!(2), &json!(2), &json!(0)), "{told}");
    let stop = &told["first_stops"][0];
    assert_eq!(stop["address"]["text"], "Königstraße 12, Dresden, 01067, DE");
    assert_eq!((&stop["contact"]["first_name"], &stop["note"]), (&json!("=1+1"), &json!("-5\r\nzweite Zeile")));
    assert_eq!(stop["items"], json!([{ "name": "Äpfel", "quantity": 2, "weight_grams": 0 }]));
    let answer = first.request(Method::GET, &[]).send().await.expect("an answer");
    let seen = Seen::of(answer).await;
    contract.check(&operation(Method::GET).expect("described"), &seen);
    assert!(seen.body.contains(",'=1+1,") && seen.body.contains(",'@home,"), "{}", seen.body);
    assert!(seen.body.contains(",'+493511234567,"), "{}", seen.body);
    assert_eq!(second.import(&[], seen.body.clone()).await.status(), 200);
    assert_eq!(lasting(&second.export(&[]).await), lasting(&seen.body));
    let european = second.export(&[("delimiter", "semicolon"), ("byte_order_mark", "true")]).await;
    assert!(european.starts_with("\u{feff}client_stop_id;type;"));
    // The same once more: what has an id is replaced, what has none comes again.
    let again: Value = second.import(&[], european).await.json().await.expect("JSON");
    assert_eq!((&again["created"], &again["replaced"]), (&json!(1), &json!(1)));
}

async fn a_file_with_a_fault_changes_nothing(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let answer = client.import(&[], "address,lat,lng\nCanal 1,53.8,-1.5\nCanal 2,north,-1.5\n\nCanal 3,1,2,3\n").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let told: Value = answer.json().await.expect("JSON");
    assert_eq!((&told["code"], &told["error_count"]), (&json!("validation_error"), &json!(2)));
    let first = &told["errors"][0];
    assert_eq!((&first["line"], &first["column"], &first["value"]), (&json!(3), &json!("lat"), &json!("north")));
    assert_eq!(first["detail"], "line 3, column \"lat\": `north` must be a number from -90 to 90, such as 60.1699");
    assert_eq!(told["errors"][1]["line"], 5);
    assert_eq!(lasting(&client.export(&[]).await).lines().count(), 1, "nothing is kept");
    for (query, body, expected) in [
        ([("encoding", "morse")], "address\na\n", "encoding must be an encoding"),
        ([("map", "Where=road")], "address\na\n", "map number 1 names no field; the fields are client_stop_id, "),
        ([("preview", "maybe")], "address\na\n", "preview must be true or false"),
        ([("header", "first_row")], "PK\u{3}\u{4}", "is no CSV but an Excel"),
    ] {
        let answer = client.import(&query, body).await;
        assert_eq!(answer.status(), 400, "{query:?}");
        let told = answer.text().await.expect("a body");
        assert!(told.contains(expected), "{told}");
    }
    let form = client.request(Method::POST, &[]).header("Content-Type", "multipart/form-data; boundary=x");
    let told = form.body("--x\r\n").send().await.expect("an answer").text().await.expect("a body");
    assert!(told.contains("body must be the file itself"), "{told}");
}

async fn a_preview_keeps_nothing(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    client.import(&[], "id,address\nA,Canal 1\n").await;
    let answer =
        client.import(&[("preview", "true")], "id,address,Colour\nA,Canal 9,red\nB,Canal 2,\nB,Canal 3,blue\n").await;
    let told: Value = answer.json().await.expect("JSON");
    assert_eq!((&told["is_preview"], &told["created"], &told["replaced"]), (&json!(true), &json!(1), &json!(1)));
    assert_eq!(told["columns"][2], json!({ "number": 3, "name": "Colour", "field": null, "is_declared": false }));
    assert_eq!((&told["overridden_row_count"], &told["overridden_rows"][0]["line"]), (&json!(1), &json!(3)));
    let answer = client.import(&[("preview", "true")], "address,lat,lng\nCanal 1,north,0\n").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["fault_count"], 1);
    let kept = client.export(&[]).await;
    assert!(kept.contains("Canal 1") && !kept.contains("Canal 9"), "{kept}");
}

async fn a_key_makes_a_file_count_once(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let send = async |query: &[(&str, &str)], body: &'static str| {
        let request = client.request(Method::POST, query).header("Idempotency-Key", "monday");
        request.body(body).send().await.expect("an answer")
    };
    let first = send(&[], "address\nCanal 1\n").await;
    assert!(first.headers().get("idempotency-replayed").is_none());
    let again = send(&[], "address\nCanal 1\n").await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(first.text().await.expect("a body"), again.text().await.expect("a body"));
    assert_eq!(lasting(&client.export(&[]).await).lines().count(), 2);
    for (query, body) in
        [(&[][..], "address\nCanal 2\n"), (&[("unknown_columns", "attributes")][..], "address\nCanal 1\n")]
    {
        let reused = send(query, body).await;
        assert_eq!(
            (reused.status().as_u16(), text(&reused.json().await.expect("JSON"), "code")),
            (422, "idempotency_key_reused".to_owned())
        );
    }
}

async fn the_command_line_takes_files_in_and_out(place: &Place) {
    let credentials = place.credentials(&[]);
    let file = place.folder().join("stops.csv");
    let path = file.to_str().expect("a path");
    std::fs::write(&file, latin(FILE)).expect("it is written");
    let map = ["--map", "Breite=latitude", "--map", "Länge=longitude"];
    let run = |extra: &[&str]| place.run(&[["stops", "import", path].as_slice(), map.as_slice(), extra].concat());
    let preview = run(&["--preview"]);
    let said = String::from_utf8_lossy(&preview.stdout);
    assert!(preview.status.success() && said.contains("windows-1252, semicolon between cells, 2 rows"), "{said}");
    assert!(said.contains("Königstraße 12, Dresden, 01067, DE") && said.contains("2 stops would be made"), "{said}");
    let taken = place.json(&[["stops", "import", path].as_slice(), map.as_slice()].concat());
    assert_eq!((&taken["created"], &taken["is_preview"]), (&json!(2), &json!(false)));
    // From a pipe, and for an organisation that is named.
    let arguments: [&str; 8] =
        ["stops", "import", "-", "--org", &credentials.organization_id, "--no-header", "--map", "#1=address1"];
    let mut command = place.command(&arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(b"Canal 1\nCanal 2\n").expect("it is read");
    assert!(child.wait_with_output().expect("it ends").status.success());
    let exported = place.run(&["stops", "export"]);
    assert!(exported.status.success());
    let exported = String::from_utf8(exported.stdout).expect("UTF-8");
    assert_eq!(lasting(&exported).lines().count(), 6, "{exported}");
    let out = place.folder().join("out.csv");
    let told = place.json(&["stops", "export", "--output", out.to_str().expect("a path"), "--delimiter", ";"]);
    assert_eq!(told["stops"], 4);
    assert!(std::fs::read_to_string(&out).expect("it is there").starts_with("client_stop_id;"));

    std::fs::write(&file, "address,lat,lng\nCanal 1,53.8,-1.5\nCanal 2,north,-1.5\n").expect("it is written");
    let refused = place.run(&["stops", "import", path]);
    let (said, failed) = (String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(!refused.status.success());
    assert!(said.contains("north") && said.contains("must be a number from -90 to 90"), "{said}");
    assert!(failed.contains("the file has a fault; nothing was imported"), "{failed}");
    place.credentials(&[]);
    for (arguments, expected) in [
        (vec!["stops", "import", path], "several organisations: say which with --org"),
        (vec!["stops", "import", "nowhere.csv"], "cannot read nowhere.csv"),
        (vec!["stops", "import", path, "--date-order", "iso"], "--date-order must be one of day_first, month_first"),
        (vec!["stops", "export", "--org", "acme"], "--org `acme` is not a UUID"),
    ] {
        let output = place.run(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    }
}

async fn large_files_are_taken_whole(place: &Place) {
    place.credentials(&[]);
    let file = place.folder().join("large.csv");
    let mut rows = String::from("id,address,city\n");
    for number in 0..5_000 {
        rows.push_str(&format!("S{number},{number} Canal Road,Leeds\n"));
    }
    std::fs::write(&file, format!("{rows}S5000,,\n")).expect("it is written");
    let path = file.to_str().expect("a path");
    let refused = place.run(&["stops", "import", path]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("needs an address or coordinates"));
    let exported = |place: &Place| String::from_utf8(place.run(&["stops", "export"]).stdout).expect("UTF-8");
    assert_eq!(exported(place).lines().count(), 1);
    std::fs::write(&file, rows).expect("it is written");
    assert_eq!(place.json(&["stops", "import", path])["created"], 5_000);
    let back = exported(place);
    let ids: Vec<_> = back.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect();
    assert!(ids.iter().eq((0..5_000).map(|number| format!("S{number}")).collect::<Vec<_>>().iter()));
}

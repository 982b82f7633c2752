//! Stops in and out as files.

use routemate_app::{ErrorKind, Problem};
use routemate_http::Rejection;
use routemate_http::openapi::{
    Said, about_any_call, about_bodies, about_callers, answers, header, to_caller, with_token,
};
use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use super::{body, parameter, text};
use crate::error::says;
use crate::stop_files::{CSV, MOST_ROWS};

const FILE: &str = "client_stop_id,address1,city,zip,country\r\nORD-1001,Unioninkatu 29,Helsinki,00170,FI\r\n";

pub(crate) fn post_stop_file() -> Operation {
    let invalid =
        ErrorKind::Invalid(vec![Problem::new("line 7, column \"Latitude\"", "must be a number from -90 to 90")]);
    let replayed =
        header("There where the key was answered before: this is that answer.", text().enum_values(Some(["true"])));
    let ok = to_caller(ResponseBuilder::new().description("How the file reads, and what was done with it."))
        .header("Idempotency-Replayed", replayed)
        .content("application/json", body("StopFileDto", imported()));
    let own = [invalid, ErrorKind::KeyReused].map(Rejection::from);
    let operation = OperationBuilder::new()
        .operation_id(Some("importStopFile"))
        .summary(Some("Import stops from a CSV file"))
        .description(Some(format!(
            "All of its stops or none: where a row is wrong, every wrong cell is told with line, column, value and what is \
             accepted. Encoding, delimiter and what the columns hold are guessed unless they are said; `preview` shows how the file \
             reads and keeps nothing. A stop of a known client's id is replaced. At most {MOST_ROWS} rows. The page docs/csv.md has \
             every column.",
        )))
        .security(with_token());
    let operation = read_parameters().into_iter().fold(operation, OperationBuilder::parameter);
    let operation = operation.request_body(Some(file())).response("200", ok);
    answers(operation, refusals(about_bodies().into_iter().chain(own))).build()
}

pub(crate) fn get_stop_file() -> Operation {
    let file =
        ContentBuilder::new().schema(Some(text().min_length(Some(1)).build())).example(Some(json!(FILE))).build();
    let named = header("The name of the file.", text());
    let kept = header("Kept by nobody.", text().enum_values(Some(["private, no-store"])));
    let ok = to_caller(ResponseBuilder::new().description("The file, in UTF-8 with CR LF."))
        .header("Content-Disposition", named)
        .header("Cache-Control", kept)
        .content(CSV, file);
    let invalid = ErrorKind::Invalid(vec![Problem::new("delimiter", "must be comma, semicolon, tab or bar")]);
    let operation = OperationBuilder::new()
        .operation_id(Some("exportStopFile"))
        .summary(Some("Export every imported stop as a CSV file"))
        .description(Some(
            "In the order they were made. What is imported again is what it was. Cells that a spreadsheet would run as a formula \
             have an apostrophe in front, which an import takes off.",
        ))
        .security(with_token())
        .parameter(query("delimiter", "What stands between cells.", delimiters(), json!("semicolon")))
        .parameter(query(
            "byte_order_mark",
            "Whether the file says that it is UTF-8, which Excel wants to be told.",
            flag(),
            json!(true),
        ))
        .response("200", ok);
    answers(operation, refusals([invalid.into()])).build()
}

fn read_parameters() -> Vec<ParameterBuilder> {
    let map = ParameterBuilder::new()
        .name("map")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .description(Some(
            "What a column holds: its name or `#` and its number, `=`, and a field, `attribute:KEY`, or `-` to leave it out. May come \
             several times.",
        ))
        .schema(Some(ArrayBuilder::new().items(text().build()).build()))
        .example(Some(json!(["Where to=address1"])));
    let key = parameter(
        "Idempotency-Key",
        ParameterIn::Header,
        "Bare or in double quotes. For 24 hours after its first success the same file and query are answered with the same bytes.",
        text().max_length(Some(routemate_http::MAX_KEY)).pattern(Some("^[ -~]*$")),
        json!("stops-2026-03-09"),
    );
    vec![
        query("preview", "Whether nothing is kept.", flag(), json!(true)),
        query("delimiter", "What stands between cells; guessed otherwise.", delimiters(), json!("semicolon")),
        query(
            "encoding",
            "How characters are written, by a name of the WHATWG Encoding Standard; `charset` of `Content-Type`, or guessed otherwise.",
            text(),
            json!("windows-1252"),
        ),
        query(
            "header",
            "Whether the first row names the columns; where it does not, `map` says what they hold by number.",
            text().enum_values(Some(["first_row", "absent"])),
            json!("first_row"),
        ),
        map,
        query(
            "unknown_columns",
            "What becomes of columns that nobody knows.",
            text().enum_values(Some(["left_out", "attributes"])),
            json!("left_out"),
        ),
        query(
            "date_order",
            "Which way round `3/9/2026` is; told from the rows otherwise.",
            text().enum_values(Some(["day_first", "month_first"])),
            json!("day_first"),
        ),
        key,
    ]
}

fn query(name: &str, about: &str, schema: ObjectBuilder, example: Value) -> ParameterBuilder {
    parameter(name, ParameterIn::Query, about, schema, example)
}

fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn delimiters() -> ObjectBuilder {
    text().enum_values(Some(["comma", "semicolon", "tab", "bar"]))
}

fn file() -> RequestBody {
    let content = ContentBuilder::new().schema(Some(text().build())).example(Some(json!(FILE))).build();
    RequestBodyBuilder::new().required(Some(Required::True)).content("text/csv", content).build()
}

fn refusals(of_its_own: impl IntoIterator<Item = Rejection>) -> Vec<Said> {
    let all = about_any_call().into_iter().chain(about_callers()).chain(of_its_own);
    all.filter_map(|rejection| says(&rejection)).collect()
}

fn imported() -> Value {
    let columns = ["client_stop_id", "address1", "city", "zip", "country"];
    let columns = columns
        .iter()
        .zip(1..)
        .map(|(name, number)| json!({ "number": number, "name": name, "field": name, "is_declared": false }));
    json!({
        "is_preview": false,
        "encoding": "UTF-8",
        "delimiter": "comma",
        "date_order": null,
        "columns": columns.collect::<Vec<_>>(),
        "rows": 1,
        "created": 1,
        "replaced": 0,
        "overridden_rows": [],
        "overridden_row_count": 0,
        "first_stops": [{
            "line": 2,
            "client_stop_id": "ORD-1001",
            "kind": "delivery",
            "order_name": null,
            "address": {
                "text": "Unioninkatu 29, Helsinki, 00170, FI",
                "line1": "Unioninkatu 29",
                "line2": "",
                "city": "Helsinki",
                "province_code": "",
                "country_code": "FI",
                "zip": "00170",
            },
            "latitude": null,
            "longitude": null,
            "contact": { "first_name": "", "last_name": "", "company": "", "phone": "", "email": "" },
            "note": null,
            "service_seconds": null,
            "windows": [],
            "delivery_date": null,
            "priority": { "value": 0.0, "scale": "one_to_ten" },
            "items": [],
            "attributes": [],
            "tags": [],
            "tasks": [],
            "oddities": [],
        }],
        "faults": [],
        "fault_count": 0,
    })
}

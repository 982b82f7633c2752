use actix_web::http::header::HeaderMap;
use routemate_app::Problem;
use serde_json::Map;

use super::*;
use crate::convert::{ImportRequest, import_request};
use crate::samples::principal;

/// What is wrong with an import, in sentences.
fn problems(body: &Value) -> Vec<String> {
    let ImportRequest { command, .. } =
        import_request(&HeaderMap::new(), body.to_string().as_bytes(), &principal(None));
    match command {
        Ok(_) => Vec::new(),
        Err(ErrorKind::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

/// The example with a field of the job, or of its first stop, replaced.
fn with(is_stop: bool, name: &str, value: Value) -> Value {
    let mut body = examples::import_request();
    let object = if is_stop { &mut body["stops"][0] } else { &mut body };
    object[name] = value;
    body
}

fn schemas_of_fields() -> Vec<(bool, String, Value, bool)> {
    let mut fields = Vec::new();
    for (is_stop, schema) in [(false, request::import()), (true, request::stop())] {
        let schema = serde_json::to_value(schema).expect("JSON");
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties: Map<_, _> = schema["properties"].as_object().expect("properties").clone();
        for (name, schema) in properties {
            let is_required = required.contains(&json!(name));
            fields.push((is_stop, name, schema, is_required));
        }
    }
    assert!(fields.len() >= 20);
    fields
}

#[test]
fn the_example_is_an_import() {
    assert_eq!(problems(&examples::import_request()), [""; 0]);
}

#[test]
fn just_what_the_schema_requires_is_required() {
    for (is_stop, name, _, is_required) in schemas_of_fields() {
        let told = problems(&with(is_stop, &name, Value::Null));
        let path = if is_stop { format!("stops[0].{name}") } else { name.clone() };
        assert_eq!(told == [format!("{path} is required")], is_required, "{name}: {told:?}");
        assert_eq!(told.is_empty(), !is_required, "{name}: {told:?}");
    }
}

#[test]
fn the_limits_of_the_schema_are_the_limits() {
    let mut limits = 0;
    for (is_stop, name, schema, _) in schemas_of_fields() {
        let mut check = |value: Value, is_allowed: bool| {
            let told = problems(&with(is_stop, &name, value.clone()));
            assert_eq!(told.is_empty(), is_allowed, "{name} {value}: {told:?}");
            limits += 1;
        };
        if let Some(most) = schema["maxLength"].as_u64() {
            let is_email = schema["format"] == "email";
            let local = |length: u64| "x".repeat(length as usize - if is_email { "@b.example".len() } else { 0 });
            let text = |length| json!(local(length) + if is_email { "@b.example" } else { "" });
            check(text(most + 1), false);
            // Of an address the part before the @ may not be as long as that.
            check(text(if is_email { 64 } else { most }), true);
        }
        for (limit, beyond) in [("minimum", -1.0), ("maximum", 1.0)] {
            // Ids have none that a float could hold.
            if let Some(bound) = schema[limit].as_f64().filter(|bound| bound.abs() < 1e9) {
                check(json!(bound), true);
                check(json!(bound + beyond), false);
            }
        }
    }
    assert!(limits >= 20, "{limits}");
}

#[test]
fn what_is_of_another_type_than_the_schema_says_is_refused() {
    let samples = [
        ("string", json!("x")),
        ("number", json!(1.5)),
        ("object", json!({})),
        ("array", json!([])),
        ("boolean", json!(true)),
    ];
    for (is_stop, name, schema, _) in schemas_of_fields() {
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            several => several.as_array().expect("types").iter().filter_map(Value::as_str).collect(),
        };
        for (kind, value) in &samples {
            // A number that is whole is an integer too; this one is not.
            if !types.contains(kind) {
                assert_ne!(problems(&with(is_stop, &name, value.clone())), [""; 0], "{name} {value}");
            }
        }
    }
}

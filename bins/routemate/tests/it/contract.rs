//! The OpenAPI document as a table of what can be called, and as the judge of what comes back.

use std::collections::BTreeMap;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::Server;

/// The document of a server that runs.
pub(crate) struct Contract {
    pub(crate) document: Value,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// With parameters in braces.
    pub(crate) path: String,
    pub(crate) description: Value,
}

/// An answer that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Contract {
    pub(crate) async fn of(server: &Server) -> Self {
        let answer = server.client.get(format!("{}/openapi.json", server.base)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        Self { document: answer.json().await.expect("JSON") }
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let paths = self.document["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &Value)| {
            let methods = item.as_object().expect("methods").clone().into_iter();
            let path = path.clone();
            methods.map(move |(method, description)| Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                description,
            })
        };
        paths.iter().flat_map(of_path).collect()
    }

    /// What a `$ref` within the document stands for, or the value itself.
    pub(crate) fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).expect("it is there"),
            None => value,
        }
    }

    /// What is wrong with a value by a schema of the document.
    pub(crate) fn problems(&self, schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let validator = options.build(&whole).expect("a schema");
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Insists that an answer is one that the document knows: its status, its media type, its body, its headers.
    #[track_caller]
    pub(crate) fn check(&self, operation: &Operation, seen: &Seen) {
        let name = format!("{} {} {}", operation.method, operation.path, seen.status);
        let response = &operation.description["responses"][seen.status.to_string()];
        assert!(response.is_object(), "{name}: not documented\n{}", seen.body);
        if let Some(headers) = response["headers"].as_object() {
            for (header, description) in headers {
                if let Some(text) = seen.headers.get(&header.to_lowercase()) {
                    let schema = &self.resolved(description)["schema"];
                    let value = if schema["type"] == "integer" { json!(text.parse::<u64>().ok()) } else { json!(text) };
                    assert_eq!(self.problems(schema, &value), [""; 0], "{name}: {header}");
                }
            }
        }
        let content = response["content"].as_object();
        let Some(kind) = seen.headers.get("content-type") else {
            assert!(content.is_none() && seen.body.is_empty(), "{name}: no content type");
            return;
        };
        let schema = content.and_then(|content| content.get(kind)).map(|content| &content["schema"]);
        let schema = schema.unwrap_or_else(|| panic!("{name}: `{kind}` is not documented"));
        if kind.contains("json") {
            let body: Value = serde_json::from_str(&seen.body).expect("JSON");
            assert_eq!(self.problems(schema, &body), [""; 0], "{name}: {body}");
        }
    }
}

impl Operation {
    /// Whether it is for who has a token.
    pub(crate) fn needs_token(&self) -> bool {
        let requirements = self.description["security"].as_array();
        requirements.is_some_and(|any| any.iter().all(|one| one.get("bearer").is_some()) && !any.is_empty())
    }

    /// The names of its parameters at a place.
    pub(crate) fn parameters(&self, place: &str) -> Vec<&str> {
        let parameters = self.description["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let here = parameters.iter().filter(|parameter| parameter["in"] == place);
        here.map(|parameter| parameter["name"].as_str().expect("a name")).collect()
    }

    /// The example of its JSON body, where it has one.
    pub(crate) fn body(&self) -> Option<&Value> {
        self.description.pointer("/requestBody/content/application~1json/example")
    }
}

impl Seen {
    /// Reads an answer, without what differs from call to call.
    pub(crate) async fn of(answer: Response) -> Self {
        // Whether a connection ends depends on how much of an unread body has come.
        let varies = ["date", "x-request-id", "ratelimit", "connection"];
        let headers = answer.headers().iter().filter(|(name, _)| !varies.contains(&name.as_str()));
        let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("text").to_owned();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
        Self { status: answer.status().as_u16(), headers, body: answer.text().await.expect("a body") }
    }

    /// The stable name of a refusal that was told as a problem.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

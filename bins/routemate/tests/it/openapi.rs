//! The OpenAPI document: that it is what the release says of itself, and that its examples are what its schemas say.

use serde_json::Value;

use crate::contract::{Contract, Operation};
use crate::server::{Place, on_both};

on_both!(
    the_document_is_served_as_it_is_described,
    every_example_is_valid_by_its_schema,
    every_operation_has_a_name_of_its_own
);

async fn the_document_is_served_as_it_is_described(place: &Place) {
    let served = Contract::of(&place.serve()).await;
    let described = place.run(&["describe", "openapi"]);
    assert!(described.status.success());
    assert_eq!(served.document, serde_json::from_slice::<Value>(&described.stdout).expect("JSON"));
    assert_eq!(served.document["openapi"], "3.1.0");
}

async fn every_example_is_valid_by_its_schema(place: &Place) {
    let contract = Contract::of(&place.serve()).await;
    let mut examples = 0;
    for operation in contract.operations() {
        let name = format!("{} {}", operation.method, operation.path);
        for (place, content) in contents(&contract, &operation) {
            for example in examples_of(content) {
                assert_eq!(contract.problems(&content["schema"], example), [""; 0], "{name} {place}: {example}");
                examples += 1;
            }
        }
        for parameter in operation.description["parameters"].as_array().into_iter().flatten() {
            let example =
                parameter.get("example").unwrap_or_else(|| panic!("{name} {}: no example", parameter["name"]));
            assert_eq!(contract.problems(&parameter["schema"], example), [""; 0], "{name} {}", parameter["name"]);
        }
    }
    assert!(examples > 30, "{examples}");
}

/// Every body of an operation, with where it is.
fn contents<'c>(contract: &'c Contract, operation: &'c Operation) -> Vec<(String, &'c Value)> {
    let mut contents = Vec::new();
    let request = operation.description["requestBody"]["content"].as_object();
    contents.extend(request.into_iter().flatten().map(|(media, content)| (media.clone(), content)));
    for (status, response) in operation.description["responses"].as_object().expect("responses") {
        let response = contract.resolved(response);
        let bodies = response["content"].as_object().into_iter().flatten();
        contents.extend(bodies.map(|(media, content)| (format!("{status} {media}"), content)));
    }
    contents
}

fn examples_of(content: &Value) -> Vec<&Value> {
    let one = content.get("example");
    let named = content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
    one.into_iter().chain(named).collect()
}

async fn every_operation_has_a_name_of_its_own(place: &Place) {
    let contract = Contract::of(&place.serve()).await;
    let operations = contract.operations();
    let mut names: Vec<_> = operations.iter().map(|operation| operation.description["operationId"].as_str()).collect();
    assert!(names.iter().all(Option::is_some), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), operations.len());
}

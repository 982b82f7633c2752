//! The declaration against the documents' own tables, where these are at hand.

use std::collections::BTreeMap;

use super::*;
use crate::wire::Shape;

/// A table of the documents: the name of its type, and its rows' first words.
struct Table {
    name: String,
    is_enumeration: bool,
    rows: Vec<(String, String)>,
}

/// The tables of the section "Data Types"; `None`, said aloud, where the documents are not there.
fn tables() -> Option<Vec<Table>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/easyroutes-routes-api.txt");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: {path} is not there");
        return None;
    };
    let (_, text) = text.split_once("\nData Types\n").expect("the section");
    let mut tables: Vec<Table> = Vec::new();
    let mut title = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line {
            "Field Type Description" | "Value Description" => {
                tables.push(Table {
                    name: title.to_owned(),
                    is_enumeration: line.starts_with("Value"),
                    rows: Vec::new(),
                });
            }
            _ if !line.contains(' ') => title = line,
            _ => {
                let (first, rest) = line.split_once(' ').expect("two words");
                if let Some(table) = tables.last_mut() {
                    table.rows.push((first.to_owned(), rest.to_owned()));
                }
            }
        }
    }
    // What stands below the last table belongs to the page, not to the contract.
    if let Some(last) = tables.last_mut() {
        last.rows.retain(|(field, _)| field.chars().all(|letter| letter.is_ascii_alphanumeric()) && field != "Did");
    }
    Some(tables)
}

/// A kind of value in the documents' words.
fn told(shape: Shape) -> String {
    match shape {
        Shape::Text | Shape::Span => "string".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Int32 => "int32".to_owned(),
        Shape::Int64 => "int64 (encoded as string)".to_owned(),
        Shape::Double => "double".to_owned(),
        Shape::Instant => "string (RFC3339 format)".to_owned(),
        Shape::Enumeration(of) => of.name.to_owned(),
        Shape::Message(of) => of.name.to_owned(),
        Shape::Optional(inner) => told(inner()),
        Shape::List(inner) => format!("{}[]", told(inner())),
    }
}

#[test]
fn every_row_of_the_documents_is_declared_in_their_order() {
    let Some(tables) = tables() else { return };
    assert_eq!(tables.len(), 33);
    let mut rows = 0;
    for table in &tables {
        rows += table.rows.len();
        if table.is_enumeration {
            let of = ENUMERATIONS.iter().find(|of| of.name == table.name).unwrap_or_else(|| panic!("{}", table.name));
            let names: Vec<_> = table.rows.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(of.values, names, "{}", table.name);
            continue;
        }
        let of = MESSAGES.iter().find(|of| of.name == table.name).unwrap_or_else(|| panic!("{}", table.name));
        assert_eq!(of.fields.len(), table.rows.len(), "{}", table.name);
        for (field, (name, rest)) in of.fields.iter().zip(&table.rows) {
            let path = format!("{}.{name}", table.name);
            assert_eq!(field.name, name, "{path}");
            let kind = told((field.shape)());
            assert!(rest.starts_with(&format!("{kind} ")), "{path} is a {kind}, and in the documents: {rest}");
        }
    }
    assert_eq!(rows, 190, "rows of all tables");
}

#[test]
fn names_are_declared_once_and_everything_says_what_it_is() {
    let mut names: Vec<_> = MESSAGES.iter().map(|of| of.name).chain(ENUMERATIONS.iter().map(|of| of.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for of in MESSAGES {
        assert!(!of.text.is_empty(), "{}", of.name);
        let fields: BTreeMap<_, _> = of.fields.iter().map(|field| (field.name, field.text)).collect();
        assert_eq!(fields.len(), of.fields.len(), "{}", of.name);
        assert!(fields.values().all(|text| !text.is_empty()), "{}", of.name);
    }
    assert!(ENUMERATIONS.iter().all(|of| !of.text.is_empty() && of.values.first() == Some(&"UNKNOWN")));
}

//! What commands print.
#![expect(clippy::print_stdout, reason = "stdout is where the answers of commands belong")]

use std::io::Write;

use serde_json::Value;

/// A line for people.
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
    // A reader that waits for the line must not wait for a full buffer.
    let _ = std::io::stdout().flush();
}

/// The answer of a command: one JSON object, or its fields one a line.
pub(crate) fn answer(object: &Value, as_json: bool) {
    if as_json {
        return line(object);
    }
    for (name, value) in object.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => line(format_args!("{name}: {text}")),
            other => line(format_args!("{name}: {other}")),
        }
    }
}

/// A list: one JSON object with it, or a table of these columns. What an entry lacks is left empty.
pub(crate) fn list(object: &Value, name: &str, columns: &[&str], as_json: bool) {
    if as_json {
        return line(object);
    }
    let cell = |entry: &Value, column: &str| match entry.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let entries = object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let heads: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    let rows = entries.iter().map(|entry| columns.iter().map(|column| cell(entry, column)).collect());
    let table: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let width = |column: usize| table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    for row in &table {
        let cells = row.iter().enumerate().map(|(at, cell)| format!("{cell:<0$}", width(at).unwrap_or_default()));
        line(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A line for people about what is being done, to stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// An error with its causes, to stderr.
pub(crate) fn failure(failure: &dyn std::error::Error) {
    let mut text = format!("error: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr(), "{text}");
}

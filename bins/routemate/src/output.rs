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

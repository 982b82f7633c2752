//! What commands print.

use std::borrow::Cow;
use std::io::{ErrorKind, Write, stdout};

use serde_json::Value;

/// A line on stdout.
///
/// A reader who has seen enough (`| head`) is no failure; a disk that is full is, and ends the command.
pub(crate) fn line(text: impl std::fmt::Display) {
    // A reader that waits for the line must not wait for a full buffer.
    let written = writeln!(stdout(), "{text}").and_then(|()| stdout().flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            failure(&error);
            std::process::exit(1);
        }
        _ => {}
    }
}

/// Text for a terminal: what would move its cursor or change its colours is spelled out. Names and ids come from others.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return text.into();
    }
    let spelled = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(spelled).collect::<String>().into()
}

/// The answer of a command: one JSON object, or its fields one a line.
pub(crate) fn answer(object: &Value, as_json: bool) {
    if as_json {
        return line(object);
    }
    for (name, value) in object.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => line(format_args!("{name}: {}", visible(text))),
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
        Some(Value::String(text)) => visible(text).into_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_work_on_a_terminal_is_spelled_out() {
        for (text, expected) in
            [("Łódź 東京 🚚", "Łódź 東京 🚚"), ("a\tb\nc", "a\\tb\\nc"), ("\u{1b}[2J\u{9b}1m", "\\u{1b}[2J\\u{9b}1m")]
        {
            assert_eq!(visible(text), expected);
        }
    }
}

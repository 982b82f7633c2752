//! Cells that spreadsheets show as they are. Where a cell begins as a formula does, a spreadsheet runs it: what somebody has
//! put into a name or a note could then send the whole sheet elsewhere. An apostrophe in front makes it text.
//!
//! Source: OWASP, "CSV Injection".

use std::borrow::Cow;

/// What stands before text that would be taken for something else.
const GUARD: char = '\'';

/// Text as a cell: with an apostrophe in front where it begins as a formula does or with an apostrophe of its own, and where
/// white space at its ends is to stay.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if wants_guard(text) { format!("{GUARD}{text}").into() } else { text.into() }
}

/// The text that a cell stands for: [`guarded`] undone, or the cell without white space at its ends.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix(GUARD) {
        Some(text) if wants_guard(text) => text,
        _ => cell.trim(),
    }
}

fn wants_guard(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.len() != text.len() || trimmed.starts_with(begins_formula) || trimmed.starts_with(GUARD)
}

/// Also in full width, which some spreadsheets take for the same. Tab and line breaks are white space.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_is_text_and_reads_as_it_was() {
        for text in [
            "=1+1",
            "+358 40",
            "-5",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            " =1",
            "'",
            "''",
            "'=1",
            "'K2P 1L4",
            " a",
            "a ",
            " ",
            "＝1",
            "=cmd|' /C calc'!A0",
        ] {
            let cell = guarded(text);
            assert_eq!((cell.starts_with('\''), unguarded(&cell)), (true, text), "{text:?}");
        }
        for text in ["", "a", "1 Main St", "a=b", "O'Brien", "9:00-12:00"] {
            assert_eq!((guarded(text).as_ref(), unguarded(text)), (text, text), "{text:?}");
        }
        assert_eq!(unguarded(" Helsinki "), "Helsinki");
    }
}

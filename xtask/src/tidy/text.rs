//! Rules on the text of a single file.

use super::{Problem, Source};

/// Lines of a Rust file.
const SOFT_LIMIT: usize = 400;
const HARD_LIMIT: usize = 800;

/// Marks of work put off. In pieces, lest this file trip over itself.
const POSTPONED: &[&str] = &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];

/// Folders that exist on somebody's machine only.
const MACHINE_FOLDERS: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Ends of names of files whose white space is ours to keep in order. Not among them: recorded answers and other data.
const WRITTEN_BY_HAND: &[&str] =
    &["rs", "toml", "md", "sql", "sh", "yml", "yaml", "html", "css", "js", "py", "service", "gitignore"];

pub(super) fn check(source: &Source) -> Vec<Problem> {
    let Source { path, text } = source;
    let mut problems = Vec::new();
    if is_rust(path) {
        let length = text.lines().count();
        if length > HARD_LIMIT {
            problems.push(Problem::in_file(path, format!("{length} lines, {HARD_LIMIT} is the limit: split it")));
        }
        let is_library = path.ends_with("/src/lib.rs");
        if is_library && !text.starts_with("//!") {
            problems.push(Problem::in_line(path, 1, "a crate begins with what it is for (`//!`)"));
        }
    }
    for (index, line) in text.lines().enumerate() {
        let mut found = |what: &str| problems.push(Problem::in_line(path, index + 1, what));
        if is_rust(path) {
            if POSTPONED.iter().any(|mark| line.contains(mark)) && !(has_issue(line) && has_date(line)) {
                found("work is put off with an issue and a date only, such as `#[…= \"#12, 2026-11-21: why\"]`");
            }
            if line.contains('\t') {
                found("tab; write `\\t` in a string, indent with spaces");
            }
        }
        if path != "Cargo.lock" && MACHINE_FOLDERS.iter().any(|folder| names_folder(line, folder)) {
            found("path of one machine");
        }
    }
    problems.extend(white_space(source));
    problems
}

/// A warning for a file that should be split soon.
pub(super) fn long(source: &Source) -> Option<Problem> {
    let length = source.text.lines().count();
    let is_long = is_rust(&source.path) && length > SOFT_LIMIT && length <= HARD_LIMIT;
    is_long.then(|| Problem::in_file(&source.path, format!("{length} lines; past {SOFT_LIMIT} look for a split")))
}

/// The text with its white space in order.
pub(super) fn mended(source: &Source) -> String {
    if !is_written_by_hand(&source.path) {
        return source.text.clone();
    }
    let lines = source.text.lines().map(str::trim_end);
    let text = lines.fold(String::with_capacity(source.text.len() + 1), |text, line| text + line + "\n");
    match text.trim_end() {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}

fn white_space(source: &Source) -> Option<Problem> {
    let Source { path, text } = source;
    let mended = mended(source);
    if mended == *text {
        return None;
    }
    let mut lines = text.split('\n').zip(mended.split('\n')).enumerate();
    let line = lines.find(|(_, (present, mended))| present != mended).map(|(index, _)| index + 1);
    let line = line.unwrap_or_else(|| text.lines().count());
    let what = if text.contains('\r') {
        "CRLF line ends"
    } else if !text.ends_with('\n') && !text.is_empty() {
        "no newline at the end"
    } else {
        "white space at the end of a line or of the file"
    };
    Some(Problem::in_line(path, line, format!("{what}; `cargo xtask tidy` mends it")))
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_written_by_hand(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').is_none_or(|(_, end)| WRITTEN_BY_HAND.contains(&end))
}

/// Whether the line has `#` and a number, or the address of an issue.
fn has_issue(line: &str) -> bool {
    let number_after =
        |mark: &str| line.match_indices(mark).any(|(at, _)| line.get(at + mark.len()..).is_some_and(starts_with_digit));
    number_after("#") || number_after("issues/")
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether the line has something like `2026-11-21`.
fn has_date(line: &str) -> bool {
    line.as_bytes().windows(10).any(|window| {
        window.iter().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() }
            },
        )
    })
}

/// Whether the folder stands in the line as the beginning of a path, not as a part of another one or of an address.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| c.is_whitespace() || "\"'`=:(),;/<>[]|".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[track_caller]
    fn check_text(path: &str, text: &str, expected: &[(Option<usize>, &str)]) {
        let problems = check(&source(path, text));
        let matches = problems.len() == expected.len()
            && problems
                .iter()
                .zip(expected)
                .all(|(problem, (line, what))| problem.line == *line && problem.what.contains(what));
        assert!(matches, "{problems:?}");
    }

    #[test]
    fn long_files_warn_and_then_fail() {
        let lines = |count| "x\n".repeat(count);
        assert!(long(&source("a.rs", &lines(400))).is_none());
        assert!(long(&source("a.rs", &lines(401))).is_some());
        check_text("a.rs", &lines(800), &[]);
        check_text("a.rs", &lines(801), &[(None, "801 lines")]);
        check_text("a.md", &lines(801), &[]);
    }

    #[test]
    fn postponed_work_needs_issue_and_date() {
        for mark in POSTPONED {
            check_text("a.rs", &format!("{mark}\n"), &[(Some(1), "put off")]);
            check_text("a.rs", &format!("\n{mark} #12\n"), &[(Some(2), "put off")]);
            check_text("a.rs", &format!("{mark} #12, 2026-11-21\n"), &[]);
        }
    }

    #[test]
    fn library_begins_with_its_purpose() {
        check_text("crates/a/src/lib.rs", "mod a;\n", &[(Some(1), "what it is for")]);
        check_text("crates/a/src/lib.rs", "//! A.\n", &[]);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            check_text("a.json", &format!("\"{folder}x\""), &[(Some(1), "one machine")]);
            check_text("a.json", &format!("file://{folder}x"), &[(Some(1), "one machine")]);
            check_text("a.json", &format!("https://example.com{folder}x ..{folder}x target{folder}x"), &[]);
            check_text("Cargo.lock", folder, &[]);
        }
    }

    #[test]
    fn white_space_is_found_and_mended() {
        let untidy = "a \n\tb\r\nc\n\n";
        check_text("a.md", untidy, &[(Some(1), "CRLF")]);
        check_text("a.md", "a\nb \n", &[(Some(2), "white space")]);
        check_text("a.md", "a", &[(Some(1), "no newline")]);
        check_text("a.md", "a\n\n", &[(Some(2), "white space")]);
        check_text("a.rs", "\ta\n", &[(Some(1), "tab")]);
        assert_eq!(mended(&source("a.md", untidy)), "a\n\tb\nc\n");
        assert_eq!(mended(&source(".ci/run", "a ")), "a\n");
        assert_eq!(mended(&source("a.md", "")), "");
    }

    #[test]
    fn recorded_data_is_left_alone() {
        check_text("a.snap", "a \n\n", &[]);
        assert_eq!(mended(&source("a.json", "a ")), "a ");
    }
}

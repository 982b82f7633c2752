//! Names of files and folders.

use super::Problem;

/// Names that say nothing about what is inside.
const EMPTY_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

pub(super) fn check(path: &str) -> Option<Problem> {
    let mut folders: Vec<_> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let is_rust = file.ends_with(".rs");

    let what = if let Some(word) = folders.iter().chain(is_rust.then_some(&stem)).find(|n| EMPTY_WORDS.contains(*n)) {
        format!("`{word}` says nothing; name what is inside")
    } else if let Some(folder) = folders.iter().find(|folder| !all(folder, |c| plain(c) && !c.is_ascii_uppercase())) {
        format!("folder `{folder}` must be lower case (a-z, 0-9, `.`, `_`, `-`)")
    } else if is_rust && !all(stem, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        format!("file `{file}` must be snake_case")
    } else if !all(file, plain) {
        format!("file `{file}` must be of A-Z, a-z, 0-9, `.`, `_`, `-`, `@`")
    } else {
        return None;
    };
    Some(Problem::in_file(path, what))
}

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-@".contains(c)
}

fn all(name: &str, allowed: impl Fn(char) -> bool) -> bool {
    name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fine(path: &str, expected: bool) {
        let problem = check(path);
        assert_eq!(problem.is_none(), expected, "{problem:?}");
    }

    #[test]
    fn usual_names_are_fine() {
        fine("LICENSE-MIT", true);
        fine(".ci/run", true);
        fine("crates/api-native/src/job_page.rs", true);
        fine("crates/app/tests/it/snapshots/it__import@2.snap", true);
        fine("migrations/sqlite/2026-11-21-000001_first/up.sql", true);
    }

    #[test]
    fn odd_names_are_refused() {
        fine("crates/app/src/importJob.rs", false);
        fine("crates/app/src/import-job.rs", false);
        fine("crates/App/src/lib.rs", false);
        fine("docs/my page.md", false);
    }

    #[test]
    fn empty_words_are_refused() {
        fine("crates/app/src/utils.rs", false);
        fine("crates/common/src/lib.rs", false);
        fine("crates/app/src/helpers/text.rs", false);
        fine("crates/app/src/common_carrier.rs", true);
    }
}

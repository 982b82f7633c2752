//! Rules on migrations: pairs with the same names, and only what every engine we serve understands alike.

use std::collections::BTreeMap;

use super::{Problem, Source};
use crate::migration::{DATABASES, is_snake_case};

const FILES: [&str; 2] = ["up.sql", "down.sql"];

/// PostgreSQL cuts names at 63 bytes, and Citus adds the number of a shard.
const LONGEST_NAME: usize = 50;

/// The line between two statements, which are executed one by one.
const MARKER: &str = "-- statement";

/// Words that are forbidden wherever they stand in a row; `(` is a token too.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["now", "("], TIMES),
    (&["current_timestamp"], TIMES),
    (&["current_date"], TIMES),
    (&["current_time"], TIMES),
    (&["localtimestamp"], TIMES),
    (&["datetime", "("], TIMES),
    (&["unixepoch", "("], TIMES),
    (&["random", "("], IDS),
    (&["randomblob", "("], IDS),
    (&["gen_random_uuid", "("], IDS),
    (&["uuid_generate_v4", "("], IDS),
    (&["serial"], IDS),
    (&["smallserial"], IDS),
    (&["bigserial"], IDS),
    (&["autoincrement"], IDS),
    (&["as", "identity"], IDS),
    (&["create", "sequence"], IDS),
    (&["nextval", "("], IDS),
    (&["create", "trigger"], RULES),
    (&["constraint", "trigger"], RULES),
    (&["create", "function"], RULES),
    (&["replace", "function"], RULES),
    (&["create", "procedure"], RULES),
    (&["replace", "procedure"], RULES),
    (&["set", "null"], DELETES),
    (&["delete", "set", "default"], DELETES),
    (&["update", "set", "default"], DELETES),
];

const TIMES: &str = "times are bound from the Clock";
const IDS: &str = "ids are made by the program";
const RULES: &str = "rules live in the program";
const DELETES: &str = "ON DELETE is CASCADE or RESTRICT only";

/// `paths` are all files, also those that hold no text.
pub(super) fn check(sources: &[Source], paths: &[String]) -> Vec<Problem> {
    let mut problems = pairs(paths);
    for source in sources.iter().filter(|source| source.path.starts_with("migrations/")) {
        if source.path.ends_with(".sql") {
            problems.extend(statements(source));
        }
    }
    problems
}

/// Every migration is there for both databases, with both of its files, under a proper name.
fn pairs(paths: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut present: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for path in paths.iter().filter(|path| path.starts_with("migrations/") && !path.ends_with(".md")) {
        match path.split('/').collect::<Vec<_>>().as_slice() {
            [_, database, name, file] if DATABASES.contains(database) && FILES.contains(file) => {
                present.entry(name).or_default().push((database, file));
            }
            _ => problems.push(Problem::in_file(path, "is not migrations/{sqlite,postgres}/NAME/{up,down}.sql")),
        }
    }
    for (name, files) in present {
        for database in DATABASES {
            for file in FILES.into_iter().filter(|file| !files.contains(&(database, file))) {
                problems.push(Problem::in_file(&format!("migrations/{database}/{name}/{file}"), "is missing"));
            }
        }
        if !is_dated(name) {
            problems.push(Problem::in_file(
                &format!("migrations/*/{name}"),
                "must be named like 2026-11-21-212140_what_changes",
            ));
        }
    }
    problems
}

fn is_dated(name: &str) -> bool {
    let Some((time, what)) = name.split_once('_') else {
        return false;
    };
    let widths: Vec<_> = time.split('-').map(|part| part.chars().filter(char::is_ascii_digit).count()).collect();
    let digits_only = time.chars().all(|c| c.is_ascii_digit() || c == '-');
    digits_only && matches!(widths.as_slice(), [4, 2, 2, 4 | 6]) && is_snake_case(what)
}

fn statements(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let tokens = tokens(&source.text);
    for start in 0..tokens.len() {
        let rest = tokens.get(start..).unwrap_or_default();
        let Some(first) = rest.first() else { continue };
        for (words, reason) in FORBIDDEN.iter().filter(|(words, _)| is_at(words, rest)) {
            let what = format!("`{}`: {reason}", words.join(" ").to_uppercase());
            problems.push(Problem::in_line(&source.path, first.line, what));
        }
        if let Some(name) = defined_name(rest).filter(|name| name.text.len() > LONGEST_NAME) {
            let what = format!("name `{}` has more than {LONGEST_NAME} bytes", name.text);
            problems.push(Problem::in_line(&source.path, name.line, what));
        }
    }
    problems.extend(crowded(source, &tokens));
    problems
}

fn is_at(words: &[&str], tokens: &[Token]) -> bool {
    words.len() <= tokens.len() && words.iter().zip(tokens).all(|(word, token)| token.is(word))
}

/// The name of a constraint or an index, if its definition starts here.
fn defined_name(tokens: &[Token]) -> Option<&Token> {
    let (first, rest) = tokens.split_first()?;
    if !first.is("constraint") && !first.is("index") {
        return None;
    }
    let filler = ["concurrently", "if", "not", "exists"];
    let name = rest.iter().find(|token| !filler.iter().any(|word| token.is(word)))?;
    (!name.is("on") && name.kind != TokenKind::Sign).then_some(name)
}

/// Statements that no marker divides from the one before: they would be sent in one execute.
fn crowded(source: &Source, tokens: &[Token]) -> Vec<Problem> {
    let markers: Vec<_> = source.text.lines().enumerate().filter(|(_, line)| line.trim() == MARKER).collect();
    let followers = tokens.windows(2).filter_map(|pair| match pair {
        [end, next] if end.is(";") => Some((end.line, next.line)),
        _ => None,
    });
    let undivided = followers.filter(|(end, next)| {
        // Markers count their lines from 0.
        !markers.iter().any(|(index, _)| (*end..*next).contains(&(index + 1)))
    });
    undivided.map(|(_, next)| Problem::in_line(&source.path, next, format!("no line `{MARKER}` before this"))).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    text: String,
    kind: TokenKind,
    line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Word,
    /// An identifier in double quotes.
    Quoted,
    Sign,
}

impl Token {
    /// Whether it is this keyword or sign.
    fn is(&self, word: &str) -> bool {
        self.kind != TokenKind::Quoted && self.text.eq_ignore_ascii_case(word)
    }
}

/// Words and signs without comments and without the contents of string literals.
fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let (kind, length) = if rest.starts_with("--") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else if c == '\'' || c == '"' {
            let end = rest.char_indices().skip(1).find(|(_, other)| *other == c);
            ((c == '"').then_some(TokenKind::Quoted), end.map_or(rest.len(), |(at, _)| at + 1))
        } else if is_word(c) {
            (Some(TokenKind::Word), rest.find(|c| !is_word(c)).unwrap_or(rest.len()))
        } else {
            ((!c.is_whitespace()).then_some(TokenKind::Sign), c.len_utf8())
        };
        let (text, remaining) = rest.split_at(length);
        if let Some(kind) = kind {
            tokens.push(Token { text: text.trim_matches('"').to_owned(), kind, line });
        }
        line += text.matches('\n').count();
        rest = remaining;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_sql(sql: &str, expected: &[(usize, &str)]) {
        let source = Source { path: "migrations/sqlite/x/up.sql".into(), text: sql.into() };
        let problems = statements(&source);
        let matches = problems.len() == expected.len()
            && problems
                .iter()
                .zip(expected)
                .all(|(problem, (line, what))| problem.line == Some(*line) && problem.what.contains(what));
        assert!(matches, "{problems:?}");
    }

    #[test]
    fn what_databases_make_themselves_is_refused() {
        check_sql(
            "CREATE TABLE a (\n  id bigserial,\n  at timestamptz DEFAULT Now ()\n);",
            &[(2, "BIGSERIAL"), (3, "NOW (")],
        );
        check_sql("CREATE TRIGGER a", &[(1, "CREATE TRIGGER")]);
        check_sql("x uuid DEFAULT random()", &[(1, "RANDOM (")]);
        check_sql("REFERENCES b ON DELETE SET\nNULL", &[(1, "SET NULL")]);
    }

    #[test]
    fn comments_strings_and_columns_are_not_mistaken() {
        check_sql(
            "-- never now()\n/* or\nserial */ CREATE TABLE a (note text DEFAULT 'it''s now()', sequence int);",
            &[],
        );
        check_sql("ALTER TABLE a ALTER COLUMN b SET NOT NULL;", &[]);
        check_sql("CREATE TABLE a (\"serial\" int, trigger text, nowhere int);", &[]);
    }

    #[test]
    fn long_names_are_refused() {
        let (good, bad) = ("n".repeat(50), "n".repeat(51));
        check_sql(&format!("ALTER TABLE a ADD CONSTRAINT {good} UNIQUE (b);"), &[]);
        check_sql(&format!("ALTER TABLE a ADD CONSTRAINT {bad} UNIQUE (b);"), &[(1, "50 bytes")]);
        check_sql(&format!("CREATE UNIQUE INDEX IF NOT EXISTS\n\"{bad}\" ON a (b);"), &[(2, "50 bytes")]);
        check_sql("CREATE INDEX ON a (b);", &[]);
    }

    #[test]
    fn statements_stand_alone() {
        check_sql("-- about\nCREATE TABLE a (b int);\n-- statement\nCREATE TABLE c (d int);\n", &[]);
        check_sql("CREATE TABLE a (b int);\n\nCREATE TABLE c (d int);\n", &[(3, "no line")]);
        check_sql("CREATE TABLE a (b int); CREATE TABLE c (d int);\n", &[(1, "no line")]);
    }

    #[test]
    fn migrations_come_in_pairs() {
        let all: Vec<_> = DATABASES
            .iter()
            .flat_map(|database| FILES.map(|file| format!("migrations/{database}/2026-11-21-000001_first/{file}")))
            .collect();
        assert_eq!(pairs(&all), []);
        for missing in &all {
            let others: Vec<_> = all.iter().filter(|path| *path != missing).cloned().collect();
            assert_eq!(pairs(&others), [Problem::in_file(missing, "is missing")]);
        }
    }

    #[test]
    fn migrations_are_named_by_time_and_change() {
        for name in ["2026-11-21-000001_first", "2026-11-21-0001_job_notes"] {
            assert!(is_dated(name), "{name}");
        }
        for name in ["first", "2026-11-21_first", "2026-11-21-000001", "2026-11-21-000001_First", "26-11-21-0001_a"] {
            assert!(!is_dated(name), "{name}");
        }
    }

    #[test]
    fn strange_files_among_migrations_are_refused() {
        assert_eq!(pairs(&["migrations/mysql/2026-11-21-000001_first/up.sql".into()]).len(), 1);
        assert_eq!(pairs(&["migrations/README.md".into()]), []);
    }
}

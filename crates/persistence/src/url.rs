//! Database URLs as they may be shown.

/// `url` without password and without options, which may hold one too.
pub(crate) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // Not a URL: perhaps `host=… password=…`.
        return "(not a URL)".to_owned();
    };
    // A password may hold an unescaped `@` or `?`: the last `@` ends it.
    match rest.rsplit_once('@') {
        None => format!("{scheme}://{}", without_options(rest)),
        Some((user, host)) => {
            let host = without_options(host);
            match user.split_once(':') {
                None => format!("{scheme}://{}@{host}", without_options(user)),
                Some((name, _)) => format!("{scheme}://{}:***@{host}", without_options(name)),
            }
        }
    }
}

fn without_options(part: &str) -> &str {
    part.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        assert_eq!(redacted(url), expected);
    }

    #[test]
    fn passwords_are_hidden() {
        check("postgres://u:secret@h:5432/db?password=x", "postgres://u:***@h:5432/db");
        check("postgres://u:p@ss:w@h/db", "postgres://u:***@h/db");
        check("postgres://u:p?q@h/db", "postgres://u:***@h/db");
        check("host=h password=secret", "(not a URL)");
    }

    #[test]
    fn urls_without_a_password_stay_whole() {
        check("sqlite:///data/routemate.db", "sqlite:///data/routemate.db");
        check("postgres://u@h/db", "postgres://u@h/db");
    }
}

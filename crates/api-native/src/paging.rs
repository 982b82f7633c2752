//! What our lists have in common: how many on a page, words to look for, and where the next page begins.

use routemate_app::{ErrorKind, Principal, Problem};
use routemate_http::{Context, Query, Rejection, open_cursor, seal_cursor};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Things on a page unless the caller asks for another number.
pub(crate) const DEFAULT_LIMIT: usize = 50;
/// Things on a page at most.
pub(crate) const MAX_LIMIT: usize = 200;
/// The longest text that is looked for: databases refuse patterns without end.
pub(crate) const MAX_SEARCHED: usize = 255;

/// One page of a list that was asked for one thing more than fits.
pub(crate) struct Paged<T> {
    /// What is shown.
    pub(crate) items: Vec<T>,
    /// The key of the last thing shown, where there are more.
    pub(crate) last: Option<String>,
}

impl<T> Paged<T> {
    /// As many as fit.
    pub(crate) fn cut(mut found: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more).map(key);
        Self { items: found, last }
    }
}

/// What a page is asked for: what the cursor of the page before holds, or else the parameters.
pub(crate) async fn asked_for<Q: DeserializeOwned>(
    ctx: &Context,
    who: &Principal,
    list: &'static str,
    query: &Query,
    read: impl FnOnce(&Query) -> Result<Q, Vec<Problem>>,
) -> Result<Q, Rejection> {
    match query.first("cursor").filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Ok(open_cursor(ctx, who, list, ("cursor", cursor)).await?),
        None => read(query).map_err(|problems| ErrorKind::Invalid(problems).into()),
    }
}

/// The cursor of the page that follows, where there is one to be asked for.
pub(crate) async fn next_cursor<Q: Serialize + Sync>(
    ctx: &Context,
    who: &Principal,
    list: &'static str,
    next: Option<Q>,
) -> Result<Option<String>, Rejection> {
    match next {
        Some(next) => Ok(Some(seal_cursor(ctx, who, list, &next).await?)),
        None => Ok(None),
    }
}

/// How many things a caller wants on a page.
pub(crate) fn read_limit(query: &Query, problems: &mut Vec<Problem>) -> usize {
    match query.first("limit").filter(|text| !text.is_empty()).map(str::parse::<usize>) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit @ 1..=MAX_LIMIT)) => limit,
        Some(_) => {
            problems.push(Problem::new("limit", format_args!("must be between 1 and {MAX_LIMIT}")));
            DEFAULT_LIMIT
        }
    }
}

/// The words that a caller looks for.
pub(crate) fn read_text(query: &Query, problems: &mut Vec<Problem>) -> Option<String> {
    let text = query.first("text").filter(|text| !text.trim().is_empty())?;
    if text.chars().count() > MAX_SEARCHED {
        problems.push(Problem::new("text", format_args!("must be at most {MAX_SEARCHED} characters")));
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_begins_only_where_there_is_one() {
        let cut = |found: &[u8], limit| {
            let page = Paged::cut(found.to_vec(), limit, ToString::to_string);
            (page.items, page.last)
        };
        assert_eq!(cut(&[1, 2, 3], 2), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(cut(&[1, 2], 2), (vec![1, 2], None));
        assert_eq!(cut(&[], 2), (vec![], None));
    }

    #[test]
    fn limits_and_words_are_read_or_refused() {
        let mut problems = Vec::new();
        let query = Query::parse("limit=7&text=Zone%20A");
        assert_eq!(
            (read_limit(&query, &mut problems), read_text(&query, &mut problems)),
            (7, Some("Zone A".to_owned()))
        );
        let query = Query::parse("limit=&text=+");
        assert_eq!((read_limit(&query, &mut problems), read_text(&query, &mut problems)), (DEFAULT_LIMIT, None));
        assert_eq!(problems, []);
        for limit in ["0", "201", "-1", "x", "99999999999999999999"] {
            read_limit(&Query::parse(&format!("limit={limit}")), &mut problems);
        }
        read_text(&Query::parse(&format!("text={}", "a".repeat(256))), &mut problems);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told[..5], vec!["limit must be between 1 and 200".to_owned(); 5]);
        assert_eq!(told[5..], ["text must be at most 255 characters"]);
    }
}

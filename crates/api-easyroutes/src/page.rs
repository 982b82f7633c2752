//! Pages of lists: the query of the first, and where the next one begins.

use routemate_app::{Error, Principal};
use routemate_http::{Context, Query, Rejection, open_cursor, seal_cursor};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::query::cursor;
use crate::wire::Reading;

/// What a page is asked for: the query of the first one, and the last thing of the one before. A cursor holds both.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked<Q, K> {
    #[serde(rename = "q")]
    pub(crate) query: Q,
    #[serde(rename = "a")]
    pub(crate) after: Option<K>,
}

/// A page of what was found, and the key of its last thing where there is more.
#[derive(Debug)]
pub(crate) struct Page<T, K> {
    pub(crate) items: Vec<T>,
    pub(crate) last: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Cuts what was found, one more than are shown, down to a page.
    pub(crate) fn cut(mut found: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Self {
        let limit = limit as usize;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more).map(key);
        Self { items: found, last }
    }
}

/// What the caller asks for: what the cursor holds, or where there is none what the query says.
pub(crate) async fn asked<Q: DeserializeOwned, K: DeserializeOwned>(
    ctx: &Context,
    who: &Principal,
    operation: &'static str,
    query: &Query,
    first: impl FnOnce(&mut Reading) -> Q,
) -> Result<Asked<Q, K>, Rejection> {
    if let Some(cursor) = cursor(query) {
        return Ok(open_cursor(ctx, who, operation, ("cursor", cursor)).await?);
    }
    let mut at = Reading::default();
    let query = first(&mut at);
    Ok(Asked { query: at.finish(Some(query))?, after: None })
}

/// The cursor of the next page; empty where there is none.
pub(crate) async fn next_cursor(
    ctx: &Context,
    who: &Principal,
    operation: &'static str,
    query: impl Serialize,
    last: Option<impl Serialize>,
) -> Result<String, Error> {
    match last {
        Some(last) => seal_cursor(ctx, who, operation, &Asked { query, after: Some(last) }).await,
        None => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_page_where_one_more_was_found() {
        let page = Page::cut(vec![1, 2, 3], 2, |item| *item);
        assert_eq!((page.items, page.last), (vec![1, 2], Some(2)));
        let page = Page::cut(vec![1, 2], 2, |item| *item);
        assert_eq!((page.items, page.last), (vec![1, 2], None));
        let page = Page::cut(Vec::<u8>::new(), 2, |item| *item);
        assert_eq!((page.items, page.last), (Vec::new(), None));
    }
}

//! Reads the queries of lists: every key in either spelling, with `query.` before it or without.

use routemate_domain::DriverStatus;
use routemate_http::Query;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::types::{self, RouteSortKey};
use crate::wire::{Instant, Reading, Wire, snake_case};

/// The documented limits.
pub(crate) const MOST: i32 = 200;
pub(crate) const DEFAULT: i32 = 20;

/// What a list of routes was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoutesQuery {
    pub(crate) limit: u32,
    pub(crate) is_by_update: bool,
    pub(crate) start: Option<Instant>,
    pub(crate) end: Option<Instant>,
    pub(crate) include_archived: bool,
}

/// What a list of drivers was asked for; no status is all. Statuses are kept by name, as cursors hold them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DriversQuery {
    pub(crate) limit: u32,
    statuses: Vec<String>,
}

impl DriversQuery {
    /// The statuses that are asked for.
    pub(crate) fn statuses(&self) -> Vec<DriverStatus> {
        let named = |name: &String| DriverStatus::ALL.into_iter().find(|status| status.as_str() == name);
        self.statuses.iter().filter_map(named).collect()
    }
}

/// The cursor with what the caller calls it; an empty one is none.
pub(crate) fn cursor(query: &Query) -> Option<&str> {
    query.first("cursor").filter(|cursor| !cursor.is_empty())
}

/// The query of a list of routes. What no sort key is called is `UNKNOWN`, as documented.
pub(crate) fn routes_query(query: &Query, at: &mut Reading) -> RoutesQuery {
    let sort: RouteSortKey = match given(query, "sortKey") {
        Some((_, value)) => Wire::read(&enumerated(value), &mut Reading::default()).unwrap_or_default(),
        None => RouteSortKey::Unknown,
    };
    let mut instant = |name| {
        let (key, value) = given(query, name)?;
        at.field(&key, |at| Instant::read(&Value::from(value), at))
    };
    let (start, end) = (instant("timestampStart"), instant("timestampEnd"));
    RoutesQuery {
        limit: limit(query, at),
        is_by_update: sort == RouteSortKey::UpdatedAt,
        start,
        end,
        include_archived: given(query, "includeArchived").is_some_and(|(key, value)| flag(&key, value, at)),
    }
}

/// The query of a list of drivers.
pub(crate) fn drivers_query(query: &Query, at: &mut Reading) -> DriversQuery {
    let mut statuses = Vec::new();
    for key in spellings("status") {
        for value in query.all(&key).flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
        {
            let read = at.field(&key, |at| types::DriverStatus::read(&enumerated(value), at));
            let status = match read {
                None | Some(types::DriverStatus::Unknown) => continue,
                Some(types::DriverStatus::Active) => DriverStatus::Active,
                Some(types::DriverStatus::Inactive) => DriverStatus::Inactive,
                Some(types::DriverStatus::Archived) => DriverStatus::Archived,
            };
            let name = status.as_str().to_owned();
            if !statuses.contains(&name) {
                statuses.push(name);
            }
        }
    }
    DriversQuery { limit: limit(query, at), statuses }
}

/// How many are asked for; 0 is the default.
pub(crate) fn limit(query: &Query, at: &mut Reading) -> u32 {
    let read = given(query, "limit").and_then(|(key, value)| {
        at.field(&key, |at| {
            let limit = i32::read(&Value::from(value), at)?;
            if limit < 0 {
                at.complain("must be at least 0");
            } else if limit > MOST {
                at.complain(format_args!("must be at most {MOST}"));
            }
            Some(limit)
        })
    });
    let limit = read.filter(|limit| *limit > 0).unwrap_or(DEFAULT);
    u32::try_from(limit).unwrap_or_default()
}

fn flag(key: &str, value: &str, at: &mut Reading) -> bool {
    match value.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => true,
        "false" | "f" | "0" => false,
        _ => {
            at.field(key, |at| at.complain("must be true or false"));
            false
        }
    }
}

/// A name or a number of an enumeration, which in a query are both text.
fn enumerated(value: &str) -> Value {
    value.parse::<u32>().map_or_else(|_| Value::from(value), |number| Value::Number(Number::from(number)))
}

/// A key as it was spelled, and its first value that is not empty.
fn given<'q>(query: &'q Query, name: &str) -> Option<(String, &'q str)> {
    spellings(name).into_iter().find_map(|key| {
        let value = query.first(&key).filter(|value| !value.is_empty())?;
        Some((key, value))
    })
}

fn spellings(name: &str) -> Vec<String> {
    let snake = snake_case(name);
    let names = std::iter::once(name).chain(snake.as_deref());
    names.flat_map(|name| [format!("query.{name}"), name.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use routemate_app::{ErrorKind, Problem};

    use super::*;

    fn routes(query: &str) -> Result<RoutesQuery, Vec<String>> {
        let mut at = Reading::default();
        let read = routes_query(&Query::parse(query), &mut at);
        at.finish(Some(read)).map_err(sentences)
    }

    fn drivers(query: &str) -> Result<DriversQuery, Vec<String>> {
        let mut at = Reading::default();
        let read = drivers_query(&Query::parse(query), &mut at);
        at.finish(Some(read)).map_err(sentences)
    }

    fn sentences(kind: ErrorKind) -> Vec<String> {
        let ErrorKind::Invalid(problems) = kind else { panic!("{kind:?}") };
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_query_may_say_nothing() {
        let plain = RoutesQuery { limit: 20, is_by_update: false, start: None, end: None, include_archived: false };
        for query in ["", "query.limit=0", "query.limit=", "query.sortKey=UNKNOWN", "query.sortKey=NAME", "other=1"] {
            assert_eq!(routes(query), Ok(plain.clone()), "{query}");
        }
        assert_eq!(drivers(""), Ok(DriversQuery { limit: 20, statuses: Vec::new() }));
    }

    #[test]
    fn keys_are_read_in_every_spelling() {
        let instant = |text: &str| Some(Instant(text.parse().expect("a time")));
        let asked = RoutesQuery {
            limit: 200,
            is_by_update: true,
            start: instant("2026-03-09T08:30:00Z"),
            end: instant("2026-03-10T00:00:00Z"),
            include_archived: true,
        };
        for query in [
            "query.limit=200&query.sortKey=UPDATED_AT&query.timestampStart=2026-03-09T08:30:00Z\
             &query.timestampEnd=2026-03-10T00:00:00Z&query.includeArchived=true",
            "query.limit=200&query.sort_key=2&query.timestamp_start=2026-03-09T10:30:00%2B02:00\
             &query.timestamp_end=2026-03-10T02:00:00+02:00&query.include_archived=1",
            "limit=2e2&sortKey=UPDATED_AT&timestampStart=2026-03-09t08:30:00z&timestamp_end=2026-03-10T00:00:00.000Z\
             &includeArchived=TRUE",
        ] {
            assert_eq!(routes(query), Ok(asked.clone()), "{query}");
        }
    }

    #[test]
    fn statuses_repeat() {
        let both = vec![DriverStatus::Active, DriverStatus::Archived];
        for query in [
            "query.status=ACTIVE&query.status=ARCHIVED",
            "status=ACTIVE&status=ARCHIVED&status=ACTIVE",
            "status=1&query.status=&status=3",
            "query.status=ACTIVE,ARCHIVED",
        ] {
            assert_eq!(drivers(query).map(|query| query.statuses()), Ok(both.clone()), "{query}");
        }
        assert_eq!(drivers("status=UNKNOWN").map(|query| query.statuses()), Ok(Vec::new()));
        let told = "query.status must be one of UNKNOWN, ACTIVE, INACTIVE, ARCHIVED";
        assert_eq!(drivers("query.status=BUSY&query.status=9"), Err(vec![told.to_owned()]));
    }

    #[test]
    fn all_that_is_wrong_is_said_with_the_key_as_it_was_sent() {
        assert_eq!(
            routes("query.limit=201&query.timestamp_start=yesterday&timestampEnd=2026-03-09&includeArchived=maybe"),
            Err(vec![
                "query.timestamp_start must be an RFC 3339 date and time, such as 2026-03-09T08:30:00Z".to_owned(),
                "timestampEnd must be an RFC 3339 date and time, such as 2026-03-09T08:30:00Z".to_owned(),
                "query.limit must be at most 200".to_owned(),
                "includeArchived must be true or false".to_owned(),
            ])
        );
        assert_eq!(drivers("query.limit=-1"), Err(vec!["query.limit must be at least 0".to_owned()]));
        assert_eq!(drivers("limit=1.5"), Err(vec!["limit must be a whole number".to_owned()]));
    }
}

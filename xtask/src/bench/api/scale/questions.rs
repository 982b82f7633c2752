//! What is asked of an organisation, whatever its size.

use serde_json::Value;

use super::fill::{
    BATCH, Filled, IMPORTS, JOBS, JOBS_PATH, ROUTES, ROUTES_PATH, STOPS, batch, client_stop_id, day, stop,
};

/// One kind of request.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) name: &'static str,
    /// A whole request; another one for each number.
    pub(super) make: fn(&Filled, usize) -> Vec<u8>,
}

pub(super) const QUESTIONS: &[Question] = &[
    Question { name: "imported stops, first page", make: |at, _| at.get(&format!("{IMPORTS}?query.limit={STOPS}")) },
    Question {
        name: "imported stops, deep page",
        make: |at, _| at.get(&format!("{IMPORTS}?cursor={}", at.deep_stops)),
    },
    Question { name: "imported stop by our id", make: |at, n| at.get(&format!("{IMPORTS}/{}", any(&at.stops, n))) },
    Question {
        name: "imported stop by the client's id",
        make: |at, n| at.get(&format!("{IMPORTS}/{}", client_stop_id(scattered(n, at.stops.len())))),
    },
    Question {
        name: "routes of an imported stop",
        make: |at, n| at.get(&format!("{IMPORTS}/{}/routes", any(&at.stops, n))),
    },
    Question { name: "upsert of 1, known", make: upsert_known },
    Question { name: "upsert of 1, new", make: upsert_new },
    Question { name: "upsert of 200, known", make: upsert_batch },
    Question { name: "routes, first page", make: |at, _| at.get(&format!("{ROUTES_PATH}?query.limit={ROUTES}")) },
    Question { name: "routes, deep page", make: |at, _| at.get(&format!("{ROUTES_PATH}?cursor={}", at.deep_routes)) },
    Question {
        name: "routes by change, of a time, archived too",
        make: |at, _| {
            at.get(&format!(
                "{ROUTES_PATH}?query.limit={ROUTES}&query.sortKey=UPDATED_AT&query.includeArchived=true\
                 &query.timestampStart=2020-01-01T00:00:00Z"
            ))
        },
    },
    Question { name: "route by id", make: |at, n| at.get(&format!("{ROUTES_PATH}/{}", any(&at.routes, n))) },
    Question { name: "jobs, first page", make: |at, _| at.get(&format!("{JOBS_PATH}?limit={JOBS}")) },
    Question { name: "jobs, deep page", make: |at, _| at.get(&format!("{JOBS_PATH}?cursor={}", at.deep_jobs)) },
    Question { name: "jobs of a day", make: |at, n| at.get(&format!("{JOBS_PATH}?limit={JOBS}&date={}", day(n))) },
    Question { name: "jobs by a word of all", make: |at, _| at.get(&format!("{JOBS_PATH}?limit={JOBS}&text=round")) },
    Question {
        name: "jobs by a word of one",
        make: |at, _| at.get(&format!("{JOBS_PATH}?limit={JOBS}&text=J-000003")),
    },
    Question { name: "job by id", make: |at, n| at.get(&format!("{JOBS_PATH}/{}", any(&at.jobs, n))) },
];

fn upsert_known(at: &Filled, number: usize) -> Vec<u8> {
    let known = scattered(number, at.stops.len());
    at.post(IMPORTS, &Value::from(vec![stop(known, &format!("Ring {number} times"))]))
}

fn upsert_new(at: &Filled, number: usize) -> Vec<u8> {
    at.post(IMPORTS, &Value::from(vec![stop(at.stops.len() + number, "Ring twice")]))
}

fn upsert_batch(at: &Filled, number: usize) -> Vec<u8> {
    let first = scattered(number, at.stops.len() / BATCH) * BATCH;
    at.post(IMPORTS, &batch(first, BATCH, &format!("Knock {number} times")))
}

fn any(ids: &[String], number: usize) -> &str {
    ids.get(scattered(number, ids.len())).map(String::as_str).unwrap_or_default()
}

/// One of so many, far from the one before: the number times a prime that divides no count here.
fn scattered(number: usize, count: usize) -> usize {
    number.wrapping_mul(7_919) % count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_reach_everything_there_is() {
        for count in [5, 10, 1_000] {
            let mut reached: Vec<_> = (0..count).map(|number| scattered(number, count)).collect();
            reached.sort_unstable();
            assert_eq!(reached, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_question_is_one_whole_request_with_a_name_of_its_own() {
        let ids = || vec!["1".to_owned(); 400];
        let at = Filled { host: "h:1".into(), stops: ids(), routes: ids(), jobs: ids(), ..Filled::default() };
        let mut names: Vec<_> = QUESTIONS.iter().map(|question| question.name).collect();
        for question in QUESTIONS {
            let request = String::from_utf8((question.make)(&at, 7)).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}", body.len()) };
            assert!(head.contains(&length) && head.contains("Authorization: Bearer "), "{request}");
            assert!(!head.lines().next().unwrap().trim_end_matches("HTTP/1.1").trim().ends_with('/'), "{request}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), QUESTIONS.len());
    }
}

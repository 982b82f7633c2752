use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::timeout;

use crate::candidate::{self, Candidate, Confidence};
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// What became of one query of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Found, and surely it: confidence from 0.7.
    Found(Candidate),
    /// Found, perhaps: confidence from 0.4, to be taken with a warning.
    Approximate(Candidate),
    /// Known not to be found: asking again gives the same.
    NotFound,
    /// Not known: the deadline passed, or a geocoder failed or turned us away. To be asked again later.
    Unfinished,
}

/// Asks for all of `queries`, at most `concurrency` at a time, and gives what is known after `deadline` at the latest.
///
/// One outcome per query, in the order of the queries. Equal queries are asked once and share the outcome; what is
/// first in the list is asked first. What runs when the deadline passes is dropped. Asks on the calling task, so
/// geocoders that wait run side by side and those that compute one by one, the deadline being noticed between two
/// answers. Needs a tokio runtime with time.
pub async fn geocode_all(
    geocoder: &dyn Geocoder,
    queries: &[Query],
    concurrency: NonZeroUsize,
    deadline: Duration,
) -> Vec<Outcome> {
    let (distinct, places) = distinct(queries);
    let mut outcomes = vec![Outcome::Unfinished; distinct.len()];
    let mut waiting = distinct.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    running.extend(waiting.by_ref().take(concurrency.get()).map(|(place, query)| ask(geocoder, place, query)));
    let all = async {
        while let Some((place, outcome)) = running.next().await {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = outcome;
            }
            running.extend(waiting.next().map(|(place, query)| ask(geocoder, place, query)));
            // A geocoder that never waits would otherwise run to the end of the list before the deadline is looked at.
            tokio::task::yield_now().await;
        }
    };
    // Ended or not, what is known by then stands in `outcomes`.
    timeout(deadline, all).await.ok();
    places.into_iter().map(|place| outcomes.get(place).cloned().unwrap_or(Outcome::Unfinished)).collect()
}

/// Each different query once, and for each query its place among those.
fn distinct(queries: &[Query]) -> (Vec<&Query>, Vec<usize>) {
    let mut distinct = Vec::new();
    let mut known = HashMap::new();
    let mut places = Vec::with_capacity(queries.len());
    for query in queries {
        places.push(*known.entry(query).or_insert_with(|| {
            distinct.push(query);
            distinct.len() - 1
        }));
    }
    (distinct, places)
}

async fn ask(geocoder: &dyn Geocoder, place: usize, query: &Query) -> (usize, Outcome) {
    (place, to_outcome(geocoder.geocode(query).await))
}

fn to_outcome(answer: Result<Vec<Candidate>, GeocodeError>) -> Outcome {
    match answer {
        Ok(candidates) => match candidate::best(candidates) {
            Some(best) if best.confidence >= Confidence::SURE => Outcome::Found(best),
            Some(best) if best.confidence >= Confidence::ACCEPTABLE => Outcome::Approximate(best),
            _ => Outcome::NotFound,
        },
        Err(error) if error.is_transient() => {
            tracing::debug!(error = &error as &dyn std::error::Error, "address left for later");
            Outcome::Unfinished
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "address not understood");
            Outcome::NotFound
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::fake::{Answer, Fake};

    const SECOND: Duration = Duration::from_secs(1);

    async fn run(fake: &Fake, addresses: &[&str], concurrency: usize, deadline: Duration) -> Vec<String> {
        let queries: Vec<_> = addresses.iter().map(|address| Query::text(address)).collect();
        let outcomes = geocode_all(fake, &queries, NonZeroUsize::new(concurrency).unwrap(), deadline).await;
        outcomes.into_iter().map(shown).collect()
    }

    fn shown(outcome: Outcome) -> String {
        match outcome {
            Outcome::Found(candidate) => format!("found {}", candidate.label),
            Outcome::Approximate(candidate) => format!("approximate {}", candidate.label),
            Outcome::NotFound => "not found".to_owned(),
            Outcome::Unfinished => "unfinished".to_owned(),
        }
    }

    #[track_caller]
    fn check(answer: Answer, expected: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        assert_eq!(runtime.block_on(run(&Fake::with("a", answer), &["a"], 1, SECOND)), [expected]);
    }

    #[test]
    fn confidence_decides_between_found_approximate_and_not_found() {
        check(Answer::Candidates(&[("x", 0.7)]), "found x");
        check(Answer::Candidates(&[("x", 0.69)]), "approximate x");
        check(Answer::Candidates(&[("x", 0.4)]), "approximate x");
        check(Answer::Candidates(&[("x", 0.39)]), "not found");
        check(Answer::Candidates(&[]), "not found");
    }

    #[test]
    fn most_confident_candidate_is_taken() {
        check(Answer::Candidates(&[("x", 0.5), ("y", 0.8), ("z", 0.3)]), "found y");
    }

    #[test]
    fn who_was_not_heard_is_unfinished_and_what_is_not_understood_is_not_found() {
        check(Answer::TimedOut, "unfinished");
        check(Answer::Refused, "unfinished");
        check(Answer::Invalid, "not found");
    }

    #[tokio::test(start_paused = true)]
    async fn outcomes_come_in_the_order_of_the_queries_not_of_the_answers() {
        let fake = Fake::default().and("slow", Answer::Candidates(&[("s", 1.0)]), SECOND / 2).and(
            "fast",
            Answer::Candidates(&[("f", 1.0)]),
            Duration::ZERO,
        );
        assert_eq!(run(&fake, &["slow", "nowhere", "fast"], 3, SECOND).await, ["found s", "not found", "found f"]);
    }

    #[tokio::test(start_paused = true)]
    async fn equal_queries_are_asked_once_and_share_the_outcome() {
        let fake = Fake::with("a", Answer::Candidates(&[("x", 1.0)]));
        assert_eq!(run(&fake, &["a", " a ", "a"], 2, SECOND).await, ["found x", "found x", "found x"]);
        assert_eq!(fake.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_answered_by_the_deadline_is_unfinished_and_the_rest_is_kept() {
        let fake = Fake::default()
            .and("early", Answer::Candidates(&[("e", 1.0)]), SECOND / 2)
            .and("late", Answer::Candidates(&[("l", 1.0)]), SECOND * 10)
            .and("later", Answer::Candidates(&[("m", 1.0)]), SECOND);
        let start = Instant::now();
        assert_eq!(run(&fake, &["early", "late", "later"], 2, SECOND).await, ["found e", "unfinished", "unfinished"]);
        assert_eq!(start.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn batch_ends_with_its_last_answer_not_with_the_deadline() {
        let fake = Fake::default().and("a", Answer::Candidates(&[]), SECOND);
        let start = Instant::now();
        run(&fake, &["a"], 1, SECOND * 10).await;
        assert_eq!(start.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_concurrency_run_at_once_and_that_many_do() {
        let addresses: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let fake =
            addresses.iter().fold(Fake::default(), |fake, address| fake.and(address, Answer::Candidates(&[]), SECOND));
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let start = Instant::now();
        run(&fake, &addresses, 5, SECOND * 100).await;
        assert_eq!(fake.most_at_once(), 5);
        assert_eq!(start.elapsed(), SECOND * 4);
    }

    #[tokio::test(start_paused = true)]
    async fn no_queries_have_no_outcomes() {
        assert!(run(&Fake::default(), &[], 1, SECOND).await.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn batch_can_be_spawned() {
        let task = tokio::spawn(async {
            let queries = [Query::text("a")];
            geocode_all(&crate::Chain::default(), &queries, NonZeroUsize::MIN, SECOND).await
        });
        assert_eq!(task.await.unwrap(), [Outcome::NotFound]);
    }
}

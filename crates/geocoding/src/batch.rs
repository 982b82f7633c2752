use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::timeout;

use crate::candidate::{Candidate, Confidence};
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

/// What became of one query of a batch, and what it may have meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// What became of it.
    pub outcome: Outcome,
    /// The likeliest first, at most [`Lookup::MOST`]; also those that are not sure enough to be taken.
    pub candidates: Vec<Candidate>,
}

impl Lookup {
    /// Candidates that are told.
    pub const MOST: usize = 5;

    /// One that is known without asking anybody.
    #[must_use]
    pub fn known(candidate: Candidate) -> Self {
        Self { outcome: Outcome::Found(candidate.clone()), candidates: vec![candidate] }
    }

    const fn unfinished() -> Self {
        Self { outcome: Outcome::Unfinished, candidates: Vec::new() }
    }
}

/// Asks for all of `queries`, at most `concurrency` at a time, and gives what is known after `deadline` at the latest.
///
/// One answer per query, in the order of the queries. Equal queries are asked once and share the answer; what is
/// first in the list is asked first. What runs when the deadline passes is dropped. Asks on the calling task, so
/// geocoders that wait run side by side and those that compute one by one, the deadline being noticed between two
/// answers. Needs a tokio runtime with time.
pub async fn geocode_all(
    geocoder: &dyn Geocoder,
    queries: &[Query],
    concurrency: NonZeroUsize,
    deadline: Duration,
) -> Vec<Lookup> {
    let (distinct, places) = distinct(queries);
    let mut answers = vec![Lookup::unfinished(); distinct.len()];
    let mut waiting = distinct.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    running.extend(waiting.by_ref().take(concurrency.get()).map(|(place, query)| ask(geocoder, place, query)));
    let all = async {
        while let Some((place, answer)) = running.next().await {
            if let Some(slot) = answers.get_mut(place) {
                *slot = answer;
            }
            running.extend(waiting.next().map(|(place, query)| ask(geocoder, place, query)));
            // A geocoder that never waits would otherwise run to the end of the list before the deadline is looked at.
            tokio::task::yield_now().await;
        }
    };
    // Ended or not, what is known by then stands in `answers`.
    timeout(deadline, all).await.ok();
    places.into_iter().map(|place| answers.get(place).cloned().unwrap_or_else(Lookup::unfinished)).collect()
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

async fn ask(geocoder: &dyn Geocoder, place: usize, query: &Query) -> (usize, Lookup) {
    (place, to_lookup(geocoder.geocode(query).await))
}

fn to_lookup(answer: Result<Vec<Candidate>, GeocodeError>) -> Lookup {
    match answer {
        Ok(mut candidates) => {
            // Stable: of those that are equally sure, the geocoder that was asked first goes first.
            candidates.sort_by(|a, b| b.confidence.get().total_cmp(&a.confidence.get()));
            candidates.truncate(Lookup::MOST);
            let outcome = match candidates.first() {
                Some(best) if best.confidence >= Confidence::SURE => Outcome::Found(best.clone()),
                Some(best) if best.confidence >= Confidence::ACCEPTABLE => Outcome::Approximate(best.clone()),
                _ => Outcome::NotFound,
            };
            Lookup { outcome, candidates }
        }
        Err(error) if error.is_transient() => {
            tracing::debug!(error = &error as &dyn std::error::Error, "address left for later");
            Lookup::unfinished()
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "address not understood");
            Lookup { outcome: Outcome::NotFound, candidates: Vec::new() }
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
        outcomes.into_iter().map(|answer| shown(answer.outcome)).collect()
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

    #[tokio::test(start_paused = true)]
    async fn the_likeliest_five_are_told_in_their_order() {
        let many = &[("a", 0.1), ("b", 0.3), ("c", 0.3), ("d", 0.2), ("e", 0.05), ("f", 0.35)];
        let fake = Fake::with("x", Answer::Candidates(many));
        let found = geocode_all(&fake, &[Query::text("x")], NonZeroUsize::MIN, SECOND).await;
        let labels: Vec<_> = found[0].candidates.iter().map(|candidate| candidate.label.as_str()).collect();
        assert_eq!((labels, &found[0].outcome), (vec!["f", "b", "c", "d", "a"], &Outcome::NotFound));
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
        assert_eq!(task.await.unwrap()[0].outcome, Outcome::NotFound);
    }
}

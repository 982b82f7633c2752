use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use moka::Expiry;
use moka::future::Cache;

use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;
use crate::terms::{KeptParts, Terms};

/// Answers kept at most, each of some hundred bytes.
const MOST: u64 = 100_000;

type Answer = Arc<[Candidate]>;

/// A geocoder whose answers are kept for as long as its terms allow, in this process.
///
/// Equal questions at the same time are put once. That there is no answer is kept for a shorter time; errors are not kept.
pub struct Cached<G> {
    geocoder: G,
    terms: Terms,
    answers: Cache<Query, Answer>,
}

impl<G: Geocoder> Cached<G> {
    /// `geocoder`, whose terms are `terms`.
    #[must_use]
    pub fn new(geocoder: G, terms: Terms) -> Self {
        let answers = Cache::builder().max_capacity(MOST).expire_after(Lifetime(terms)).build();
        Self { geocoder, terms, answers }
    }

    async fn ask(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let question = async { Ok(kept(self.geocoder.geocode(query).await?, self.terms.kept_parts)) };
        let answer = self.answers.try_get_with_by_ref(query, question).await;
        answer.map(|candidates| candidates.to_vec()).map_err(|error: Arc<GeocodeError>| GeocodeError::clone(&error))
    }
}

impl<G: Geocoder> Geocoder for Cached<G> {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(self.ask(query))
    }
}

impl<G: fmt::Debug> fmt::Debug for Cached<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("geocoder", &self.geocoder).finish_non_exhaustive()
    }
}

/// What may be kept of an answer.
fn kept(mut candidates: Vec<Candidate>, parts: KeptParts) -> Answer {
    if parts == KeptParts::Positions {
        for candidate in &mut candidates {
            candidate.label.clear();
        }
    }
    candidates.into()
}

struct Lifetime(Terms);

impl Lifetime {
    fn of(&self, answer: &[Candidate]) -> Duration {
        if answer.is_empty() { self.0.absence_kept } else { self.0.kept }
    }
}

impl Expiry<Query, Answer> for Lifetime {
    fn expire_after_create(&self, _query: &Query, answer: &Answer, _created_at: Instant) -> Option<Duration> {
        Some(self.of(answer))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::fake::{Answer as Told, Fake};
    use crate::provider::Provider;

    const SECOND: Duration = Duration::from_secs(1);

    fn cached(fake: Fake, provider: Provider) -> Cached<Fake> {
        Cached::new(fake, provider.terms())
    }

    async fn ask(cached: &Cached<Fake>, address: &str) -> Result<Vec<String>, GeocodeError> {
        let found = cached.geocode(&Query::text(address)).await?;
        Ok(found.into_iter().map(|candidate| candidate.label).collect())
    }

    #[tokio::test]
    async fn an_answer_is_given_again_and_so_is_that_there_is_none() {
        let cached = cached(Fake::with("a", Told::Candidates(&[("x", 0.9)])), Provider::Nominatim);
        for _ in 0..3 {
            assert_eq!(ask(&cached, "a").await.unwrap(), ["x"]);
            assert!(ask(&cached, "nowhere").await.unwrap().is_empty());
        }
        assert_eq!(cached.geocoder.asked(), 2);
    }

    #[tokio::test]
    async fn errors_are_not_kept() {
        let cached = cached(Fake::with("a", Told::TimedOut), Provider::Nominatim);
        for _ in 0..3 {
            assert!(matches!(ask(&cached, "a").await, Err(GeocodeError::TimedOut { .. })));
        }
        assert_eq!(cached.geocoder.asked(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn equal_questions_at_the_same_time_are_put_once() {
        let fake = Fake::default().and("a", Told::Candidates(&[("x", 0.9)]), SECOND).and("b", Told::TimedOut, SECOND);
        let cached = cached(fake, Provider::Nominatim);
        let answers = join_all((0..20).map(|_| ask(&cached, "a"))).await;
        assert!(answers.into_iter().all(|answer| answer.is_ok_and(|labels| labels == ["x"])));
        let failures = join_all((0..20).map(|_| ask(&cached, "b"))).await;
        assert!(failures.into_iter().all(|answer| answer.is_err()));
        assert_eq!(cached.geocoder.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_first_does_not_take_the_answer_from_the_others() {
        let fake = Fake::default().and("a", Told::Candidates(&[("x", 0.9)]), SECOND);
        let cached = cached(fake, Provider::Nominatim);
        let impatient = tokio::time::timeout(SECOND / 2, ask(&cached, "a"));
        let (gone, answer) = futures_util::join!(impatient, ask(&cached, "a"));
        assert!(gone.is_err());
        assert_eq!(answer.unwrap(), ["x"]);
    }

    #[test]
    fn what_is_not_there_is_kept_for_a_shorter_time() {
        let found: Answer = vec![crate::fake::candidate("x", 0.9)].into();
        for provider in Provider::ALL {
            let lifetime = Lifetime(provider.terms());
            assert!(lifetime.of(&[]) < lifetime.of(&found), "{provider:?}");
            assert!(lifetime.of(&[]) <= Duration::from_secs(3_600), "{provider:?}");
        }
    }

    #[tokio::test]
    async fn of_googles_answers_the_words_are_not_kept() {
        let cached = cached(Fake::with("a", Told::Candidates(&[("x", 0.9)])), Provider::Google);
        assert_eq!(ask(&cached, "a").await.unwrap(), [""]);
    }
}

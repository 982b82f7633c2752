use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use crate::candidate::{Candidate, Confidence};
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// Geocoders asked one after the other, in the order of the configuration, until one is sure.
///
/// The next is asked only when the best answer so far is below [`Confidence::SURE`]. The answer is what all who were asked
/// have found together, so that the best of them wins, the earlier one where two are equally sure. When nothing of it is
/// [`Confidence::ACCEPTABLE`]:
/// - if one was not heard, its error is the answer: the address may still be found later;
/// - else the answer is what was found, which is nobody's idea of acceptable, or nothing.
///
/// An empty chain knows no address.
#[derive(Clone, Default)]
pub struct Chain {
    geocoders: Vec<Arc<dyn Geocoder>>,
    deadline: Option<Duration>,
}

impl Chain {
    /// A chain that asks `geocoders` in this order.
    #[must_use]
    pub fn new(geocoders: Vec<Arc<dyn Geocoder>>) -> Self {
        Self { geocoders, deadline: None }
    }

    /// The same, answering each question after so much time with what is known by then. Each geocoder has its share of what
    /// is left: one that keeps us waiting leaves time for those behind it. Needs a tokio runtime with time.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    async fn ask(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let deadline = self.deadline.map(|deadline| Instant::now() + deadline);
        let mut found: Vec<Candidate> = Vec::new();
        let mut unheard = None;
        for (geocoder, left) in self.geocoders.iter().zip((1..=self.geocoders.len()).rev()) {
            let share = deadline.map(|deadline| share(deadline, left));
            match ask_until(share, &**geocoder, query).await {
                Ok(candidates) => found.extend(candidates),
                // Only the first is handed on, and only where nothing acceptable is found: all are logged here.
                Err(error) => {
                    if error.is_for_the_operator() {
                        tracing::warn!(error = &error as &dyn std::error::Error, "geocoder passed over");
                    } else {
                        tracing::debug!(error = &error as &dyn std::error::Error, "geocoder passed over");
                    }
                    unheard = unheard.or(Some(error).filter(GeocodeError::is_transient));
                }
            }
            if has(&found, Confidence::SURE) || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break;
            }
        }
        match unheard {
            Some(error) if !has(&found, Confidence::ACCEPTABLE) => Err(error),
            _ => Ok(found),
        }
    }
}

/// Until when one of so many geocoders may take.
fn share(deadline: Instant, left: usize) -> Instant {
    let now = Instant::now();
    let left = u32::try_from(left).unwrap_or(u32::MAX).max(1);
    now + deadline.saturating_duration_since(now) / left
}

fn has(candidates: &[Candidate], least: Confidence) -> bool {
    candidates.iter().any(|candidate| candidate.confidence >= least)
}

async fn ask_until(
    deadline: Option<Instant>,
    geocoder: &dyn Geocoder,
    query: &Query,
) -> Result<Vec<Candidate>, GeocodeError> {
    let Some(deadline) = deadline else {
        return geocoder.geocode(query).await;
    };
    let answer = timeout_at(deadline, geocoder.geocode(query)).await;
    answer.unwrap_or_else(|_| Err(GeocodeError::TimedOut { geocoder: "chain".into() }))
}

impl Geocoder for Chain {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(self.ask(query))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("len", &self.geocoders.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::fake::{Answer, Fake};

    const SECOND: Duration = Duration::from_secs(1);

    fn chain(fakes: &[&Arc<Fake>]) -> Chain {
        Chain::new(fakes.iter().map(|&fake| Arc::clone(fake) as Arc<dyn Geocoder>).collect())
    }

    fn ask(fakes: &[&Arc<Fake>]) -> Result<Vec<String>, GeocodeError> {
        let answer = chain(fakes).geocode(&Query::text("somewhere")).now_or_never().unwrap();
        answer.map(|candidates| candidates.into_iter().map(|candidate| candidate.label).collect())
    }

    fn fake(answer: Answer) -> Arc<Fake> {
        Arc::new(Fake::with("somewhere", answer))
    }

    #[test]
    fn empty_chain_finds_nothing() {
        assert!(ask(&[]).is_ok_and(|labels| labels.is_empty()));
    }

    #[test]
    fn nobody_is_asked_after_one_who_is_sure() {
        let (first, second) =
            (fake(Answer::Candidates(&[("weak", 0.2), ("sure", 0.7)])), fake(Answer::Candidates(&[("better", 1.0)])));
        assert!(ask(&[&first, &second]).is_ok_and(|labels| labels == ["weak", "sure"]));
        assert_eq!((first.asked(), second.asked()), (1, 0));
    }

    #[test]
    fn next_is_asked_while_nobody_is_sure_and_the_answers_of_all_are_given() {
        let about = fake(Answer::Candidates(&[("about", 0.69)]));
        let wrong = fake(Answer::Candidates(&[("wrong", 0.5)]));
        assert!(ask(&[&about, &wrong]).is_ok_and(|labels| labels == ["about", "wrong"]));
        assert!(ask(&[&wrong, &about]).is_ok_and(|labels| labels == ["wrong", "about"]));
    }

    #[test]
    fn next_is_asked_when_one_finds_nothing() {
        let (none, good) = (fake(Answer::Candidates(&[])), fake(Answer::Candidates(&[("good", 0.9)])));
        assert!(ask(&[&none, &good]).is_ok_and(|labels| labels == ["good"]));
    }

    #[test]
    fn what_all_found_is_given_when_nothing_is_acceptable() {
        let (one, two) = (fake(Answer::Candidates(&[("one", 0.1)])), fake(Answer::Candidates(&[("two", 0.3)])));
        assert!(ask(&[&one, &two]).is_ok_and(|labels| labels == ["one", "two"]));
    }

    #[test]
    fn failure_of_one_moves_on_to_the_next() {
        let good = fake(Answer::Candidates(&[("good", 0.9)]));
        assert!(ask(&[&fake(Answer::TimedOut), &fake(Answer::Refused), &good]).is_ok_and(|labels| labels == ["good"]));
    }

    #[test]
    fn an_acceptable_answer_is_better_than_an_error() {
        let about = fake(Answer::Candidates(&[("about", 0.4)]));
        assert!(ask(&[&about, &fake(Answer::TimedOut)]).is_ok_and(|labels| labels == ["about"]));
        assert!(ask(&[&fake(Answer::TimedOut), &about]).is_ok_and(|labels| labels == ["about"]));
    }

    #[test]
    fn nothing_found_is_not_certain_while_one_was_not_heard() {
        let weak = fake(Answer::Candidates(&[("weak", 0.1)]));
        assert!(matches!(ask(&[&fake(Answer::TimedOut), &weak]), Err(GeocodeError::TimedOut { .. })));
        assert!(matches!(ask(&[&weak, &fake(Answer::Refused)]), Err(GeocodeError::Refused { .. })));
    }

    #[test]
    fn nothing_found_is_certain_when_the_others_cannot_take_the_question() {
        assert!(ask(&[&fake(Answer::Invalid)]).is_ok_and(|labels| labels.is_empty()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_keeps_us_waiting_leaves_time_for_those_behind_it() {
        let slow = Arc::new(Fake::default().and("somewhere", Answer::Candidates(&[("late", 1.0)]), SECOND * 60));
        let sure = Arc::new(Fake::default().and("somewhere", Answer::Candidates(&[("sure", 1.0)]), SECOND));
        let chain = chain(&[&slow, &slow, &sure]).within(SECOND * 9);
        let start = Instant::now();
        let found = chain.geocode(&Query::text("somewhere")).await.unwrap();
        assert_eq!(found.into_iter().map(|candidate| candidate.label).collect::<Vec<_>>(), ["sure"]);
        assert_eq!(start.elapsed(), SECOND * 7);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_at_the_deadline_is_the_answer() {
        let about = fake(Answer::Candidates(&[("about", 0.5)]));
        let slow = Arc::new(Fake::default().and("somewhere", Answer::Candidates(&[("sure", 1.0)]), SECOND * 60));
        let chain = chain(&[&about, &slow, &slow]).within(SECOND * 9);
        let start = Instant::now();
        let found = chain.geocode(&Query::text("somewhere")).await.unwrap();
        assert_eq!(found.into_iter().map(|candidate| candidate.label).collect::<Vec<_>>(), ["about"]);
        assert_eq!(start.elapsed(), SECOND * 9);
    }
}

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::candidate::{Candidate, Confidence};
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// Geocoders asked one after the other, in the order of the configuration, until one gives an acceptable answer.
///
/// The first whose candidates reach [`Confidence::ACCEPTABLE`] answers alone. When none does:
/// - if one failed in passing, its error is the answer: the address may still be found later;
/// - else the answer is what all found together, which is nobody's idea of acceptable, or nothing.
///
/// An empty chain knows no address.
#[derive(Clone, Default)]
pub struct Chain {
    geocoders: Vec<Arc<dyn Geocoder>>,
}

impl Chain {
    /// A chain that asks `geocoders` in this order.
    #[must_use]
    pub fn new(geocoders: Vec<Arc<dyn Geocoder>>) -> Self {
        Self { geocoders }
    }

    async fn ask(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let mut unacceptable = Vec::new();
        let mut passing = None;
        for geocoder in &self.geocoders {
            match geocoder.geocode(query).await {
                Ok(found) if found.iter().any(|one| one.confidence >= Confidence::ACCEPTABLE) => return Ok(found),
                Ok(found) => unacceptable.extend(found),
                // Only the first is handed on, so the others are answered, and therefore logged, here.
                Err(error) if error.is_transient() && passing.is_none() => passing = Some(error),
                Err(error) if error.is_transient() => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "geocoder passed over")
                }
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "geocoder passed over"),
            }
        }
        passing.map_or(Ok(unacceptable), Err)
    }
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

    fn ask(fakes: &[&Arc<Fake>]) -> Result<Vec<String>, GeocodeError> {
        let chain = Chain::new(fakes.iter().map(|&fake| Arc::clone(fake) as Arc<dyn Geocoder>).collect());
        let answer = chain.geocode(&Query::text("somewhere")).now_or_never().unwrap();
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
    fn first_acceptable_answer_wins_and_nobody_after_it_is_asked() {
        let (first, second) =
            (fake(Answer::Candidates(&[("weak", 0.2), ("good", 0.4)])), fake(Answer::Candidates(&[("better", 1.0)])));
        assert!(ask(&[&first, &second]).is_ok_and(|labels| labels == ["weak", "good"]));
        assert_eq!((first.asked(), second.asked()), (1, 0));
    }

    #[test]
    fn next_is_asked_when_one_finds_nothing_or_nothing_acceptable() {
        let (none, weak) = (fake(Answer::Candidates(&[])), fake(Answer::Candidates(&[("weak", 0.39)])));
        let good = fake(Answer::Candidates(&[("good", 0.9)]));
        assert!(ask(&[&none, &weak, &good]).is_ok_and(|labels| labels == ["good"]));
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
    fn nothing_found_is_not_certain_while_one_failed_in_passing() {
        let weak = fake(Answer::Candidates(&[("weak", 0.1)]));
        assert!(matches!(ask(&[&fake(Answer::TimedOut), &weak]), Err(GeocodeError::TimedOut { .. })));
        assert!(matches!(ask(&[&weak, &fake(Answer::TimedOut)]), Err(GeocodeError::TimedOut { .. })));
    }

    #[test]
    fn nothing_found_is_certain_when_the_others_refuse_for_good() {
        assert!(ask(&[&fake(Answer::Refused)]).is_ok_and(|labels| labels.is_empty()));
    }
}

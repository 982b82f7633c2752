use futures_util::future::BoxFuture;
use routemate_metrics::{GEOCODER_DURATION, GEOCODER_QUESTIONS};
use tokio::time::Instant;

use crate::candidate::{Candidate, Confidence};
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// A geocoder whose questions are counted and timed under its name in the configuration.
#[derive(Debug)]
pub struct Measured<G> {
    name: &'static str,
    geocoder: G,
}

impl<G: Geocoder> Measured<G> {
    /// `geocoder`, called `name`.
    #[must_use]
    pub const fn new(name: &'static str, geocoder: G) -> Self {
        Self { name, geocoder }
    }

    async fn ask(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let mut asking = Asking { geocoder: self.name, begun: Instant::now(), outcome: "given_up" };
        let answer = self.geocoder.geocode(query).await;
        asking.outcome = outcome(&answer);
        answer
    }
}

/// The word for it in metrics.
fn outcome(answer: &Result<Vec<Candidate>, GeocodeError>) -> &'static str {
    let has = |candidates: &[Candidate], least| candidates.iter().any(|candidate| candidate.confidence >= least);
    match answer {
        Ok(candidates) if has(candidates, Confidence::SURE) => "sure",
        Ok(candidates) if has(candidates, Confidence::ACCEPTABLE) => "acceptable",
        Ok(_) => "not_found",
        Err(_) => "failed",
    }
}

impl<G: Geocoder> Geocoder for Measured<G> {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(self.ask(query))
    }
}

/// A question under way; counted when it ends, also where nobody waits for the answer any more.
struct Asking {
    geocoder: &'static str,
    begun: Instant,
    outcome: &'static str,
}

impl Drop for Asking {
    fn drop(&mut self) {
        GEOCODER_QUESTIONS.increment([self.geocoder, self.outcome]);
        GEOCODER_DURATION.record([self.geocoder], self.begun.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::candidate;

    #[test]
    fn the_best_candidate_decides_the_outcome() {
        let answered = |confidences: &[f64]| {
            outcome(&Ok(confidences.iter().map(|&confidence| candidate("x", confidence)).collect()))
        };
        assert_eq!(answered(&[0.3, 0.7]), "sure");
        assert_eq!(answered(&[0.69, 0.1]), "acceptable");
        assert_eq!((answered(&[0.39]), answered(&[])), ("not_found", "not_found"));
        assert_eq!(outcome(&Err(GeocodeError::unavailable("fake", "it is down"))), "failed");
    }
}

//! A geocoder for this crate's own tests: it knows what it was told, and how it was asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use routemate_units::LatLng;

use crate::{Candidate, Confidence, GeocodeError, Geocoder, MatchType, Query};

/// What the fake answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// Candidates by label and confidence.
    Candidates(&'static [(&'static str, f64)]),
    TimedOut,
    Refused,
    Invalid,
}

/// Answers what it was told to, after a time; knows no other address.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    answers: HashMap<String, (Answer, Duration)>,
    asked: AtomicUsize,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Fake {
    pub(crate) fn with(address: &str, answer: Answer) -> Self {
        Self::default().and(address, answer, Duration::ZERO)
    }

    pub(crate) fn and(mut self, address: &str, answer: Answer, after: Duration) -> Self {
        self.answers.insert(address.to_owned(), (answer, after));
        self
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::Relaxed)
    }
}

impl Geocoder for Fake {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_at_once.fetch_max(running, Ordering::Relaxed);
            let (answer, after) =
                self.answers.get(query.as_text()).copied().unwrap_or((Answer::Candidates(&[]), Duration::ZERO));
            if !after.is_zero() {
                tokio::time::sleep(after).await;
            }
            self.running.fetch_sub(1, Ordering::Relaxed);
            match answer {
                Answer::Candidates(candidates) => {
                    Ok(candidates.iter().map(|&(label, confidence)| candidate(label, confidence)).collect())
                }
                Answer::TimedOut => Err(GeocodeError::TimedOut { geocoder: "fake".into() }),
                Answer::Refused => Err(GeocodeError::refused("fake", "bad key")),
                Answer::Invalid => Err(GeocodeError::invalid("fake", "too long")),
            }
        })
    }
}

pub(crate) fn candidate(label: &str, confidence: f64) -> Candidate {
    Candidate {
        position: LatLng::new(60.17, 24.94).unwrap(),
        match_type: MatchType::Exact,
        confidence: Confidence::new(confidence).unwrap(),
        source: "fake".into(),
        label: label.to_owned(),
        access: None,
        attribution: "".into(),
    }
}

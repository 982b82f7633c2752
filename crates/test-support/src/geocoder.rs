use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, pending};
use routemate_geocoding::{Candidate, Confidence, GeocodeError, Geocoder, MatchType, Query};
use routemate_units::LatLng;
use tokio::sync::{Notify, Semaphore};

/// What is wrong with the geocoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be reached.
    Unavailable,
    /// It says that it needs too long.
    TimedOut,
    /// It turns us away until the operator changes something.
    Refused,
    /// It cannot make anything of the question.
    Invalid,
    /// It never answers at all.
    Hangs,
}

/// A geocoder that knows the addresses it was told; every other address is known not to exist.
#[derive(Debug, Default)]
pub struct FakeGeocoder {
    state: Mutex<State>,
    calls: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    known: HashMap<String, Candidate>,
    troubles: HashMap<String, Trouble>,
    outage: Option<Trouble>,
    holds: HashMap<String, Hold>,
}

/// Keeps questions for one address waiting until it is opened.
#[derive(Debug, Clone)]
pub struct Hold(Arc<(Notify, Semaphore)>);

impl Hold {
    /// Waits until somebody asks for the address.
    pub async fn reached(&self) {
        self.0.0.notified().await;
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.0.1.close();
    }

    async fn pass(&self) {
        self.0.0.notify_one();
        // Closing is what opens: there are no permits to get.
        let _closed = self.0.1.acquire().await;
    }
}

impl FakeGeocoder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Knows for sure where an address is.
    pub fn knows(&self, address: &str, position: LatLng) {
        self.guesses(address, position, 0.95);
    }

    /// Believes to know where an address is: surely from 0.7, approximately from 0.4, not at all below.
    pub fn guesses(&self, address: &str, position: LatLng, confidence: f64) {
        let candidate = Candidate {
            position,
            match_type: if confidence < 0.7 { MatchType::Street } else { MatchType::Exact },
            confidence: Confidence::new(confidence).expect("between 0 and 1"),
            source: "fake".into(),
            label: address.to_owned(),
            access: None,
            attribution: "".into(),
        };
        self.state().known.insert(normalized(address), candidate);
    }

    /// Knows for sure where an address is, and says that `source` told it.
    pub fn has_from(&self, source: &'static str, address: &str, position: LatLng) {
        self.knows(address, position);
        if let Some(candidate) = self.state().known.get_mut(&normalized(address)) {
            candidate.source = source.into();
        }
    }

    /// Is not sure of an address that it knows.
    pub fn doubts(&self, address: &str) {
        if let Some(candidate) = self.state().known.get_mut(&normalized(address)) {
            candidate.confidence = Confidence::new(0.2).expect("between 0 and 1");
        }
    }

    /// Has trouble with one address, until [`recovers`](Self::recovers).
    pub fn fails(&self, address: &str, trouble: Trouble) {
        self.state().troubles.insert(normalized(address), trouble);
    }

    /// Has trouble with every address, until [`recovers`](Self::recovers).
    pub fn breaks_down(&self, trouble: Trouble) {
        self.state().outage = Some(trouble);
    }

    /// All trouble is over.
    pub fn recovers(&self) {
        let mut state = self.state();
        state.outage = None;
        state.troubles.clear();
    }

    /// Keeps questions for an address waiting until the hold is opened.
    #[must_use]
    pub fn holds(&self, address: &str) -> Hold {
        let hold = Hold(Arc::new((Notify::new(), Semaphore::new(0))));
        self.state().holds.insert(normalized(address), hold.clone());
        hold
    }

    /// How many questions were asked.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

fn normalized(address: &str) -> String {
    Query::text(address).as_text().to_owned()
}

impl Geocoder for FakeGeocoder {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let hold = self.state().holds.get(query.as_text()).cloned();
            if let Some(hold) = hold {
                hold.pass().await;
            }
            let (trouble, candidate) = {
                let state = self.state();
                let trouble = state.outage.or(state.troubles.get(query.as_text()).copied());
                (trouble, state.known.get(query.as_text()).cloned())
            };
            match trouble {
                None => Ok(candidate.into_iter().collect()),
                Some(Trouble::Unavailable) => Err(GeocodeError::unavailable("fake", "made up")),
                Some(Trouble::TimedOut) => Err(GeocodeError::TimedOut { geocoder: "fake".into() }),
                Some(Trouble::Refused) => Err(GeocodeError::refused("fake", "made up")),
                Some(Trouble::Invalid) => Err(GeocodeError::invalid("fake", "made up")),
                Some(Trouble::Hangs) => pending().await,
            }
        })
    }
}

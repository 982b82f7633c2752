use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::MAPBOX;
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::query::Query;
use crate::remote::Shared;

/// How long the first question waits for others. All of an import come within a fraction of it.
const WINDOW: Duration = Duration::from_millis(10);
/// Questions of one request.
///
/// Source: Mapbox, "Geocoding API" v6, Batch geocoding.
const MOST: usize = 1_000;

type Answer = Result<Vec<Candidate>, GeocodeError>;

/// Questions that come at the same time, put together.
///
/// Who asks sees nothing of it: so chain, cache and single flight are the same for one question and for many. What has
/// been put together goes on when one who asked has gone.
pub(crate) struct Gathering {
    shared: Arc<Shared>,
    waiting: Arc<Mutex<Vec<Waiting>>>,
}

struct Waiting {
    query: Query,
    answer: oneshot::Sender<Answer>,
}

impl Gathering {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, waiting: Arc::default() }
    }

    pub(crate) async fn ask(&self, query: &Query) -> Answer {
        let (answer, receiver) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(Waiting { query: query.clone(), answer });
            waiting.len() == 1
        };
        if is_first {
            tokio::spawn(send(Arc::clone(&self.shared), Arc::clone(&self.waiting)));
        }
        receiver.await.unwrap_or_else(|_| Err(GeocodeError::unavailable(MAPBOX.name(), "the batch was given up")))
    }
}

async fn send(shared: Arc<Shared>, waiting: Arc<Mutex<Vec<Waiting>>>) {
    sleep(WINDOW).await;
    let mut gathered = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
    gathered.retain(|waiting| !waiting.answer.is_closed());
    let mut parts = Vec::new();
    while !gathered.is_empty() {
        let rest = gathered.split_off(gathered.len().min(MOST));
        parts.push(send_part(&shared, std::mem::replace(&mut gathered, rest)));
    }
    join_all(parts).await;
}

async fn send_part(shared: &Shared, part: Vec<Waiting>) {
    let (queries, senders): (Vec<Query>, Vec<_>) = part.into_iter().map(|one| (one.query, one.answer)).unzip();
    for (sender, answer) in senders.into_iter().zip(answers(shared, &queries).await) {
        // Who does not wait any more needs none.
        let _ = sender.send(answer);
    }
}

async fn answers(shared: &Shared, queries: &[Query]) -> Vec<Answer> {
    let one_by_one = || join_all(queries.iter().map(|query| shared.ask(query)));
    let Some(batch) = shared.service().batch().filter(|_| queries.len() > 1) else {
        return one_by_one().await;
    };
    match shared.ask_all(batch, queries).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        // One question that cannot be understood spoils the request for all others.
        Err(GeocodeError::Invalid { .. }) => one_by_one().await,
        Err(error) => queries.iter().map(|_| Err(error.clone())).collect(),
    }
}

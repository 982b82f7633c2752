use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use routemate_domain::RouteId;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Changes of one route, one after the other.
///
/// A change that takes long, because the order is computed again, would be overtaken by quick ones and begun anew until it is
/// given up. Other processes are not waited for: whoever writes a version that is no longer there begins anew.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<RouteId, Weak<AsyncMutex<()>>>>);

impl Turns {
    /// Waits for its turn, which lasts until the guard is dropped.
    pub(crate) async fn take(&self, route: RouteId) -> OwnedMutexGuard<()> {
        self.turn_of(route).lock_owned().await
    }

    fn turn_of(&self, route: RouteId) -> Arc<AsyncMutex<()>> {
        // Nothing in here panics half way.
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&route).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(route, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn one_route_has_one_turn_at_a_time_and_leaves_nothing_behind() {
        let turns = Turns::default();
        let [route, second, third] = [1, 2, 3].map(|number| RouteId::from_uuid(Uuid::from_u128(number)));
        let turn = turns.take(route).await;
        join_all([second, third].map(|other| turns.take(other))).await;
        let mut waiting = std::pin::pin!(turns.take(route));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(turn);
        drop(waiting.await);
        drop(turns.take(second).await);
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}

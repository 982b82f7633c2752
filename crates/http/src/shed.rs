//! Too many at once: who comes on top of them is told so before anything is done.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use routemate_app::ErrorKind;
use routemate_metrics::HTTP_SHED;
use routemate_units::Seconds;

use crate::health;
use crate::openapi::Surface;
use crate::respond::refuse_plainly;

const PAUSE: Seconds = Seconds::new(1);

/// How long a refusal is held back. Whoever asks again as soon as there is an answer, and there are such clients, would be
/// refused thousands of times a second, and who is at work would lack what that costs. 503 comes within 100 ms all the same.
pub(crate) const HELD_BACK: Duration = Duration::from_millis(40);

/// How often operators are told that requests are turned away.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Counts who is turned away, so that one line of the log tells of many: a server that has too much to do would spend its
/// time on its log.
#[derive(Debug, Default)]
pub(crate) struct TurnedAway(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    requests: u64,
    told_at: Option<Duration>,
}

impl TurnedAway {
    /// Counts one; gives how many have come since the log was last told, where it is time to tell it again.
    pub(crate) fn count(&self, now: Duration) -> Option<u64> {
        // Nothing in here panics half way.
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.requests += 1;
        if untold.told_at.is_some_and(|told_at| now.saturating_sub(told_at) < TOLD_EVERY) {
            return None;
        }
        untold.told_at = Some(now);
        Some(std::mem::take(&mut untold.requests))
    }
}

/// Who serves what, for what answers in their stead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surfaces(pub(crate) &'static [&'static Surface]);

/// Whether a path is asked for by who watches over the server, and answered however busy that is.
pub(crate) fn is_for_watchers(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// 503, as the surface has it that the request is for.
pub(crate) fn overloaded(req: &HttpRequest, surfaces: Surfaces) -> HttpResponse {
    HTTP_SHED.increment::<&'static str>([]);
    let pattern = req.match_pattern();
    let mut all = surfaces.0.iter().chain([&&health::SURFACE]);
    let serves = |surface: &&&Surface| surface.endpoints.iter().any(|one| Some(one.path) == pattern.as_deref());
    let refuse = all.find(serves).map_or(refuse_plainly as crate::endpoint::Refuse, |surface| surface.refuse);
    refuse(req, ErrorKind::Unavailable { retry_after: PAUSE }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_told_at_once_and_then_of_all_in_a_second() {
        let (turned_away, second) = (TurnedAway::default(), Duration::from_secs(1));
        assert_eq!(turned_away.count(second), Some(1));
        assert_eq!(turned_away.count(second), None);
        assert_eq!(turned_away.count(second * 2 - Duration::from_nanos(1)), None);
        assert_eq!(turned_away.count(second * 2), Some(3));
        assert_eq!(turned_away.count(second * 9), Some(1));
    }
}

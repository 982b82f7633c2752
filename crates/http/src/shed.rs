//! Too many at once: who comes on top of them is told so before anything is done.

use actix_web::{HttpRequest, HttpResponse};
use routemate_app::ErrorKind;
use routemate_metrics::HTTP_SHED;
use routemate_units::Seconds;

use crate::health;
use crate::openapi::Surface;
use crate::respond::refuse_plainly;

const PAUSE: Seconds = Seconds::new(1);

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

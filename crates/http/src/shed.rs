//! Too many at once: who comes on top of them is told so before anything is done.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::ErrorKind;
use routemate_metrics::HTTP_SHED;
use routemate_units::Seconds;

use crate::code::Code;
use crate::headers::wants_problem_json;
use crate::openapi::Surface;
use crate::problem::ProblemDetails;
use crate::rejection::Rejection;
use crate::respond::json;

const PAUSE: Seconds = Seconds::new(1);
const MESSAGE: &str = "Service temporarily unavailable";

/// Whether a path is asked for by who watches over the server, and answered however busy that is.
pub(crate) fn is_for_watchers(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// What a server serves, for who answers in the place of its handlers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surfaces(pub(crate) &'static [&'static Surface]);

/// 503, as the dialect has it whose path this is.
pub(crate) fn overloaded(req: &HttpRequest) -> HttpResponse {
    HTTP_SHED.increment::<&'static str>([]);
    let rejection = Rejection::from(ErrorKind::Unavailable { retry_after: PAUSE });
    let surfaces = req.app_data::<Data<Surfaces>>().map_or(&[][..], |surfaces| surfaces.0);
    let asked = surfaces.iter().find(|surface| surface.prefixes.iter().any(|prefix| is_below(req.path(), prefix)));
    if let Some(surface) = asked {
        return (surface.refuse)(req, rejection);
    }
    let mut response = if wants_problem_json(req) {
        ProblemDetails::new(Code::Unavailable, MESSAGE).with_retry_after(Some(PAUSE.get())).into_response()
    } else {
        json(
            StatusCode::SERVICE_UNAVAILABLE,
            &serde_json::json!({"error": MESSAGE, "retry_after_seconds": PAUSE.get()}),
        )
    };
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(PAUSE.get()));
    rejection.logged_with(response)
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

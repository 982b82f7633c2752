use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;

use crate::rejection::Rejection;
use crate::respond::get_or_head;

/// One method of one path: who answers it, and how it is described.
///
/// Surfaces are made of these and of nothing else, so that whatever is served is described: there is no way to register
/// a handler without saying what it does.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The method.
    pub verb: Verb,
    /// The whole path, parameters in braces: `/api/v1/jobs/{job_id}`.
    pub path: &'static str,
    /// Hands a route of that method to its handler: `|route| route.to(get_job)`.
    pub handler: fn(Route) -> Route,
    /// What the OpenAPI document says of it.
    pub describe: fn() -> Operation,
}

/// A method that endpoints have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `GET`, and `HEAD` with it.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

impl Verb {
    const fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn method(self) -> HttpMethod {
        match self {
            Self::Get => HttpMethod::Get,
            Self::Post => HttpMethod::Post,
            Self::Put => HttpMethod::Put,
            Self::Patch => HttpMethod::Patch,
            Self::Delete => HttpMethod::Delete,
        }
    }

    fn route(self) -> Route {
        match self {
            Self::Get => get_or_head(),
            Self::Post => web::post(),
            Self::Put => web::put(),
            Self::Patch => web::patch(),
            Self::Delete => web::delete(),
        }
    }
}

/// How a surface answers what none of its handlers sees.
pub type Refuse = fn(&HttpRequest, Rejection) -> HttpResponse;

/// Serves the endpoints below a prefix. Other methods and other paths there are answered by `refuse`.
///
/// Endpoints outside the prefix are left to another call.
pub fn mount(cfg: &mut ServiceConfig, prefix: &'static str, endpoints: &[Endpoint], refuse: Refuse) {
    let no_path = move |req: HttpRequest| async move { refuse(&req, Rejection::UnknownPath) };
    let scope = web::scope(prefix).default_service(web::to(no_path));
    cfg.service(resources(prefix, endpoints, refuse).into_iter().fold(scope, |scope, path| scope.service(path)));
}

/// One resource for each path below the prefix.
pub(crate) fn resources(prefix: &str, endpoints: &[Endpoint], refuse: Refuse) -> Vec<Resource> {
    let mut paths: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.path).collect();
    paths.dedup();
    let below = paths.into_iter().filter_map(|path| Some((path, path.strip_prefix(prefix)?)));
    below
        .map(|(path, rest)| {
            let here: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.path == path).collect();
            let allow = here.iter().map(|endpoint| endpoint.verb.allowed()).collect::<Vec<_>>().join(", ");
            let no_method = move |req: HttpRequest| {
                let allow = allow.clone();
                async move { refuse(&req, Rejection::MethodNotAllowed { allow: allow.into() }) }
            };
            let resource = web::resource(rest).default_service(web::to(no_method));
            here.iter().fold(resource, |resource, at| resource.route((at.handler)(at.verb.route())))
        })
        .collect()
}

//! The OpenAPI document of everything that is served, and the table of errors, both from the tables that serving uses.

mod answers;
mod errors;
pub mod patterns;

use std::fmt;

use actix_web::web::ServiceConfig;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, SecurityRequirement, Server,
};

pub use self::answers::{
    Said, about_any_call, about_bodies, about_callers, answers, header, idempotency_key, replayed, to_caller,
    with_request_id, with_schema,
};
pub use self::errors::errors_table;
use crate::endpoint::{Endpoint, Refuse};
use crate::health;
use crate::rejection::Rejection;

/// The name of the security scheme that every call with a token uses.
pub const BEARER: &str = "bearer";
/// The name of the security scheme by which a token can be asked for.
pub const BASIC: &str = "basic";
/// The name of the security scheme by which shops at Shopify sign.
pub const SHOPIFY: &str = "shopify";

/// What one dialect serves and how it describes that.
pub struct Surface {
    /// Its name in the document; every operation carries it as its tag.
    pub tag: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Everything it serves.
    pub endpoints: &'static [Endpoint],
    /// Registers the endpoints with their fallbacks.
    pub configure: fn(&mut ServiceConfig),
    /// Adds the schemas that its operations refer to.
    pub components: fn(ComponentsBuilder) -> ComponentsBuilder,
    /// Answers what none of its handlers sees: other paths, other methods, and what is too much.
    pub refuse: Refuse,
    /// How it answers a refusal; `None` for what never happens on it.
    pub says: Says,
}

/// How a surface answers a refusal.
pub type Says = fn(&Rejection) -> Option<Said>;

impl fmt::Debug for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surface").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// The OpenAPI 3.1 document of these surfaces and of what every server has.
///
/// Addresses in it are relative to the host that serves it. `public_url` matters only where it has a path, which a proxy
/// takes away before we see it.
#[must_use]
pub fn document(surfaces: &[&Surface], public_url: &str) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = answers::components(ComponentsBuilder::new())
        .security_scheme(BEARER, bearer())
        .security_scheme(BASIC, basic())
        .security_scheme(SHOPIFY, shopify());
    let mut tags = Vec::new();
    for surface in surfaces.iter().chain([&&health::SURFACE]) {
        components = (surface.components)(components);
        tags.push(TagBuilder::new().name(surface.tag).description(Some(surface.description)).build());
        for endpoint in surface.endpoints {
            let mut operation = (endpoint.describe)();
            operation.tags = Some(vec![surface.tag.to_owned()]);
            paths.add_path_operation(endpoint.path, vec![endpoint.verb.method()], operation);
        }
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("RouteMate")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(include_str!("openapi/description.md").trim_end()))
                .license(Some(
                    LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build(),
                )),
        )
        .servers(Some([Server::new(base_path(public_url))]))
        .tags(Some(tags))
        .components(Some(components.build()))
        .paths(paths)
        .build()
}

/// What calls with a token need.
#[must_use]
pub fn with_token() -> SecurityRequirement {
    SecurityRequirement::new::<_, [&str; 0], _>(BEARER, [])
}

fn bearer() -> SecurityScheme {
    let text = "An access token from `POST /v1/integration-token` or `POST /api/2024-07/authenticate`: `rm_at_` and 40 \
                hexadecimal digits, valid for an hour.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rm_at_…").description(Some(text));
    SecurityScheme::Http(scheme.build())
}

fn basic() -> SecurityScheme {
    let text = "Client id and client secret, form-encoded first (RFC 6749 §2.3.1): another way to ask for a token.";
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(text)).build())
}

fn shopify() -> SecurityScheme {
    let text = "A shop's signature of the body: HMAC-SHA256 with its secret, in base64.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-Shopify-Hmac-Sha256", text)))
}

/// The path of the public address: `/` or what a proxy puts before ours.
fn base_path(public_url: &str) -> String {
    let host_and_path = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let path = host_and_path.split_once('/').map_or("", |(_, path)| path.trim_end_matches('/'));
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_to_the_host() {
        for (url, base) in [
            ("http://127.0.0.1:8080", "/"),
            ("https://routes.example/", "/"),
            ("https://example.com/routes/", "/routes"),
            ("", "/"),
        ] {
            assert_eq!(base_path(url), base, "{url}");
        }
    }
}

//! What every HTTP surface of RouteMate shares: the server, request ids and logs, bodies and queries, who calls from
//! where, rate limit headers, health.
//!
//! For: everything that is the same whatever dialect is spoken. Not for: what a dialect's answers look like; each has its
//! own `error.rs` that turns a [`Rejection`] into its bodies. The main types are [`Context`], which every handler gets,
//! and [`server`], which binaries and tests both run.
//!
//! A handler checks the [transport](Context::check_transport), [authenticates](authenticate), [reads its
//! body](read_body), and calls one use case through [`Context::run`], never on the worker's own thread.

mod admit;
mod body;
mod code;
mod context;
mod cross_origin;
mod cursor;
mod endpoint;
mod headers;
mod health;
mod idempotency;
mod observe;
pub mod openapi;
mod peer;
mod problem;
mod query;
mod rejection;
mod respond;
mod server;
mod shed;
#[cfg(feature = "otlp")]
mod trace_context;

pub use admit::{Admitted, authenticate, authenticate_within};
pub use body::read_body;
pub use code::Code;
pub use context::{Context, HttpSettings, job_page_url};
pub use cursor::{open_cursor, seal_cursor};
pub use endpoint::{Endpoint, Refuse, Verb, mount};
pub use headers::{header_text, wants_problem_json};
pub use idempotency::{MAX_KEY, idempotency_key, mark_replayed};
pub use problem::{FieldProblem, ProblemDetails};
pub use query::Query;
pub use rejection::Rejection;
pub use respond::{ErrorText, allow, get_or_head, json, json_bytes, not_found_json};
pub use server::{ServerSettings, server};

//! What a request asks of its database, without everything else that makes it a request.
//!
//! For: `cargo xtask bench api`, which tells how much of what the database can do is left over HTTP. The statements are
//! those of the server to the letter and in the same transactions, because they are run by the same functions of
//! `routemate-persistence`, on the same pools and the same writer; a test compares what both have executed. What is stored
//! are copies, under new ids, of a job that was imported beforehand, so rows are as long as real ones. Not for: anything that
//! ships. What the repository does beside its statements, turning rows into the domain's types and back, is done here too.
//!
//! The main type is [`Replay`].

mod ids;
mod replay;
mod template;

pub use replay::{Replay, Request};
pub use template::{OPERATION, Template, TemplateError};

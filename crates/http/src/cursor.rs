//! Cursors of lists: where the next page begins, with the whole query that asked for the first.

use routemate_app::{Error, ErrorKind, Principal, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Context;

/// Seals where a list of this operation goes on into text for its caller alone.
///
/// # Errors
/// Those of the store.
pub async fn seal_cursor(
    ctx: &Context,
    who: &Principal,
    operation: &'static str,
    state: &impl Serialize,
) -> Result<String, Error> {
    let state = serde_json::to_string(state).map_err(Error::internal)?;
    let who = who.clone();
    ctx.run(move |app| async move { app.seal_cursor(&who, operation, &state).await }).await
}

/// Opens a cursor of this operation. `path` is what the caller calls it.
///
/// # Errors
/// [`ErrorKind::Invalid`] for one that was tampered with, is too old, or was given to another organisation or by another
/// operation.
pub async fn open_cursor<T: DeserializeOwned>(
    ctx: &Context,
    who: &Principal,
    operation: &'static str,
    (path, cursor): (&str, &str),
) -> Result<T, Error> {
    let (who, text) = (who.clone(), cursor.to_owned());
    let state = ctx.run(move |app| async move { app.open_cursor(&who, operation, &text).await }).await?;
    let state = state.and_then(|state| serde_json::from_str(&state).ok());
    let refused =
        || vec![Problem::new(path, "is not a cursor of this list, or no longer good; ask for its first page")];
    state.ok_or_else(|| ErrorKind::Invalid(refused()).into())
}

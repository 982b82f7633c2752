//! Imports that are sent, the history of what was answered, and the judge who reads it: what `bench crash` and
//! `bench servers` share.

pub(super) mod caller;
pub(super) mod finding;
pub(super) mod history;
pub(super) mod imports;
pub(super) mod inventory;
pub(super) mod judge;

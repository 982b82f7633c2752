//! Stops in and out of CSV files, as spreadsheets, shops and route planners write them.
//!
//! For: bytes to [`StopRequest`](routemate_domain::StopRequest)s and stops to bytes; guessing encoding, delimiter and what the
//! columns hold; naming every cell that is wrong with its line and column. Not for: storing anything, or HTTP. The way in is
//! [`read()`], which gives a [`StopFile`]; the way out is [`header`] and [`rows`].
//!
//! What is written reads back as it was, and what spreadsheets would run as a formula is kept from them.

mod columns;
mod dates;
mod delimiter;
mod encoding;
mod fault;
mod field;
mod header;
mod lists;
mod numbers;
mod options;
mod read;
mod row;
mod safe_cell;
mod synonyms;
mod times;
mod write;

pub use columns::{ChoiceFault, Column, ColumnChoice, Origin, Target, UnknownColumns};
pub use dates::DateOrder;
pub use delimiter::Delimiter;
pub use encoding::TextEncoding;
pub use fault::{Fault, Faults, MOST_FAULTS};
pub use field::{ATTRIBUTE, Exported, FIELDS, Field, FieldFacts, LEFT_OUT};
pub use options::{Misunderstood, Said};
pub use read::{Header, ReadOptions, ReadStop, StopFile, read};
pub use write::{ByteOrderMark, WriteOptions, header, rows};

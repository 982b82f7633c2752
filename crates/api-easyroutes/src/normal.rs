//! Codes of places and telephone numbers in their usual form, where it is clear what is meant. What is not clear stays as
//! it was sent: one odd number never refuses an import.

mod names;
mod phone;
mod place;

pub(crate) use self::phone::phone;
pub(crate) use self::place::{country_code, province_code};

//! From the wire's types to what the use cases take. Everything that is wrong is said at once.

mod stop;

pub(crate) use self::stop::{MAX_STOPS, stops_to_import};

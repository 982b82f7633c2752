//! From the wire's types to what the use cases take. Everything that is wrong is said at once.

mod route;
mod stop;

pub(crate) use self::route::{
    route_dispatch, route_driver, route_to_create, stop_ids, stop_items, stop_position, stops_to_add,
};
pub(crate) use self::stop::{MAX_STOPS, MAX_TEXT, stops_to_import};

use routemate_domain::{Driver, Itinerary};

/// A route as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteView {
    /// The route with its stops in order, removed ones left out.
    pub itinerary: Itinerary,
    /// Who drives it.
    pub driver: Option<Driver>,
}

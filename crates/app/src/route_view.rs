use routemate_domain::{Driver, Itinerary, Job};

/// A route as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteView {
    /// The route with its stops in order, removed ones left out.
    pub itinerary: Itinerary,
    /// Who drives it.
    pub driver: Option<Driver>,
}

/// A route as it stands, with all that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeRoute {
    /// The route with its stops in order, removed ones left out.
    pub itinerary: Itinerary,
    /// The job that was imported with it.
    pub job: Option<Job>,
    /// Who drives it.
    pub driver: Option<Driver>,
}

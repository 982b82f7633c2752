use routemate_domain::{AutoAdd, IntegrationId, Limits, OrganizationId, RouteEnds, ZoneName};
use routemate_units::VehicleKind;

/// Who calls: one integration of one organisation, with what its organisation allows.
///
/// Made by [`App::authenticate`](crate::App::authenticate) for each request, never kept: disabling acts at once.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The organisation, which every query filters by.
    pub organization_id: OrganizationId,
    /// The integration.
    pub integration_id: IntegrationId,
    /// How much it may ask for.
    pub limits: Limits,
    /// Where civil times are read when a job names no zone.
    pub timezone: ZoneName,
    /// What happens to drivers of other organisations.
    pub auto_add: AutoAdd,
    /// What its drivers drive.
    pub vehicle: VehicleKind,
    /// What holds the ends of the routes it imports.
    pub route_ends: RouteEnds,
}

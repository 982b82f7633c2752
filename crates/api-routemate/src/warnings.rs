//! What a client should know about an import, in the order in which things are done.

use routemate_app::{DriverResolution, ImportedJob};
use routemate_domain::{Location, Stop, TravelQuality};

use crate::dto::{Warning, WarningCode};
use crate::view::{kilometres, located_stops, minutes};

/// Codes and texts are part of the contract; clients match on the code.
pub(crate) fn warnings(imported: &ImportedJob) -> Vec<Warning> {
    let stops: Vec<_> = imported.view.itinerary.present_stops().collect();
    let mut warnings = Vec::new();
    warnings.extend(geocoded(&stops));
    warnings.extend(stops.iter().filter_map(|stop| approximate(stop)));
    warnings.extend(stops.iter().filter_map(|stop| failed(stop, imported.is_kept)));
    warnings.extend(route(imported));
    warnings.extend(stops.iter().filter_map(|stop| late(stop)));
    warnings.extend(driver(imported));
    warnings
}

fn geocoded(stops: &[&Stop]) -> Option<Warning> {
    let count = stops.iter().filter(|stop| matches!(stop.location, Location::Geocoded(_))).count();
    (count > 0).then(|| Warning {
        code: WarningCode::AddressGeocoded,
        message: format!("{count} stop(s) were geocoded from address text"),
    })
}

fn approximate(stop: &Stop) -> Option<Warning> {
    matches!(&stop.location, Location::Geocoded(geocoded) if geocoded.is_approximate).then(|| Warning {
        code: WarningCode::GeocodeApproximate,
        message: format!("Stop {} was located only approximately. Provide latitude/longitude instead.", name(stop)),
    })
}

fn failed(stop: &Stop, is_kept: bool) -> Option<Warning> {
    let more = match stop.location {
        Location::Supplied(_) | Location::Geocoded(_) | Location::Forgotten | Location::Anywhere => return None,
        Location::Searching if is_kept => " The search goes on in the background.",
        Location::Searching => " The search would go on in the background.",
        Location::NotFound { .. } => "",
    };
    Some(Warning {
        code: WarningCode::GeocodeFailed,
        message: format!(
            "Could not geocode the address of stop {}. Provide latitude/longitude instead.{more}",
            name(stop)
        ),
    })
}

fn route(imported: &ImportedJob) -> Vec<Warning> {
    if located_stops(&imported.view) < 2 {
        return vec![Warning {
            code: WarningCode::OptimizationSkipped,
            message: "Route not optimized: at least 2 stops with valid coordinates are needed".to_owned(),
        }];
    }
    let totals = &imported.view.itinerary.route.totals;
    let (km, min) = (kilometres(totals.distance.get()), minutes(totals.duration.get()));
    let mut warnings =
        vec![Warning { code: WarningCode::RouteOptimized, message: format!("Route optimized: {km:.1} km, {min} min") }];
    if totals.quality == TravelQuality::Estimated {
        warnings.push(Warning {
            code: WarningCode::RouteEstimated,
            message:
                "Distances and times are estimated from straight lines: no road network has answered for all stops"
                    .to_owned(),
        });
    }
    warnings
}

fn late(stop: &Stop) -> Option<Warning> {
    let lateness = stop.planned?.lateness.get();
    (lateness > 0).then(|| Warning {
        code: WarningCode::TimeWindowInfeasible,
        message: format!(
            "Stop {} cannot be served within its time window: {} min late",
            name(stop),
            lateness.div_ceil(60)
        ),
    })
}

fn driver(imported: &ImportedJob) -> Option<Warning> {
    let email = &imported.view.job.driver_email;
    let is_kept = imported.is_kept;
    let (code, message) = match imported.driver {
        DriverResolution::Member => return None,
        DriverResolution::AutoAdded => (
            WarningCode::DriverAutoAdded,
            match is_kept {
                true => format!("Driver {email} had a RouteMate account and was added to your organization"),
                false => format!("Driver {email} has a RouteMate account and would be added to your organization"),
            },
        ),
        DriverResolution::Invited => {
            let invited = if is_kept { "was" } else { "would be" };
            let message = format!("No RouteMate account found for {email}. An invitation {invited} created.");
            (WarningCode::DriverNotFound, message)
        }
        DriverResolution::Inactive => {
            let assigned = if is_kept { "was not" } else { "would not be" };
            let message = format!("Driver {email} is inactive in your organization. The job {assigned} assigned.");
            (WarningCode::DriverNotFound, message)
        }
    };
    Some(Warning { code, message })
}

fn name(stop: &Stop) -> &str {
    stop.external_id.as_ref().map_or("?", |id| id.as_str())
}

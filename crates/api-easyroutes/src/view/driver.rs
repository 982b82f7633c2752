use routemate_domain::{Driver, DriverStatus};

use super::text;
use crate::ids::Prefixed;
use crate::types;

/// A driver.
pub(crate) fn driver(driver: &Driver) -> types::Driver {
    types::Driver {
        id: driver.id.print(),
        first_name: text(driver.first_name.as_ref()),
        last_name: text(driver.last_name.as_ref()),
        phone: text(driver.phone.as_ref()),
        status: match driver.status {
            DriverStatus::Active => types::DriverStatus::Active,
            DriverStatus::Inactive => types::DriverStatus::Inactive,
            DriverStatus::Archived => types::DriverStatus::Archived,
        },
    }
}

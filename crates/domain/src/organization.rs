use routemate_units::VehicleKind;

use crate::id::OrganizationId;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::time::ZoneName;

/// A company that delivers: the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, which leads every key of what it owns.
    pub id: OrganizationId,
    /// What people call it.
    pub name: Text<255>,
    /// What it has subscribed to.
    pub plan: Plan,
    /// Requests a minute instead of the plan's; 0 is unlimited.
    pub requests_per_minute: Option<u32>,
    /// Stops an import instead of the plan's; 0 is unlimited.
    pub stops_per_import: Option<u32>,
    /// Where civil times without a zone are read.
    pub timezone: ZoneName,
    /// What happens when an import names a person who drives for somebody else.
    pub auto_add: AutoAdd,
    /// Whether its integrations may work.
    pub status: OrganizationStatus,
    /// What its drivers drive: routes are planned on the roads for it.
    pub vehicle: VehicleKind,
}

impl Organization {
    /// The limits in force: the plan's, or what was set for this organisation.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let plan = self.plan.limits();
        let unless_zero = |limit: u32| (limit > 0).then_some(limit);
        Limits {
            requests_per_minute: self.requests_per_minute.map_or(plan.requests_per_minute, unless_zero),
            stops_per_import: self.stops_per_import.map_or(plan.stops_per_import, unless_zero),
        }
    }

    /// Stops all of its integrations at once.
    ///
    /// # Errors
    /// [`Refusal`] where it is suspended already.
    pub fn suspend(self) -> Result<Self, Refusal> {
        match self.status {
            OrganizationStatus::Active => Ok(Self { status: OrganizationStatus::Suspended, ..self }),
            OrganizationStatus::Suspended => Err(self.status.refuse("suspend")),
        }
    }

    /// Lets its integrations work again.
    ///
    /// # Errors
    /// [`Refusal`] where it is active already.
    pub fn reactivate(self) -> Result<Self, Refusal> {
        match self.status {
            OrganizationStatus::Suspended => Ok(Self { status: OrganizationStatus::Active, ..self }),
            OrganizationStatus::Active => Err(self.status.refuse("reactivate")),
        }
    }
}

/// Whether an organisation's integrations may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationStatus {
    /// They may.
    Active,
    /// They are refused like disabled ones.
    Suspended,
}

impl OrganizationStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    const fn refuse(self, action: &'static str) -> Refusal {
        Refusal { noun: "an organisation", state: self.as_str(), action }
    }
}

/// What an organisation has subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// 60 requests a minute, 200 stops an import.
    Team,
    /// No limits of its own.
    Enterprise,
}

impl Plan {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }

    /// The limits that come with it.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Team => Limits { requests_per_minute: Some(60), stops_per_import: Some(200) },
            Self::Enterprise => Limits { requests_per_minute: None, stops_per_import: None },
        }
    }
}

/// How much an organisation may ask for; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in any rolling minute, for each integration.
    pub requests_per_minute: Option<u32>,
    /// Stops in one import.
    pub stops_per_import: Option<u32>,
}

/// What happens when an import names a person who has an account but does not drive for this organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoAdd {
    /// The person becomes a driver here at once.
    On,
    /// The person is invited like one without an account.
    Off,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(plan: Plan, requests_per_minute: Option<u32>) -> Organization {
        Organization {
            id: OrganizationId::from_uuid(uuid::Uuid::nil()),
            name: Text::parse("Acme").expect("a name"),
            plan,
            requests_per_minute,
            stops_per_import: None,
            timezone: ZoneName::utc(),
            auto_add: AutoAdd::On,
            status: OrganizationStatus::Active,
            vehicle: VehicleKind::Car,
        }
    }

    #[test]
    fn an_override_beats_the_plan_and_zero_is_unlimited() {
        assert_eq!(organization(Plan::Team, None).limits().requests_per_minute, Some(60));
        assert_eq!(organization(Plan::Team, Some(0)).limits().requests_per_minute, None);
        assert_eq!(organization(Plan::Enterprise, Some(7)).limits().requests_per_minute, Some(7));
        assert_eq!(organization(Plan::Team, Some(7)).limits().stops_per_import, Some(200));
    }

    #[test]
    fn a_suspended_organization_is_not_suspended_twice() {
        let suspended = organization(Plan::Team, None).suspend().expect("was active");
        let refusal = suspended.clone().suspend().expect_err("is suspended");
        assert_eq!(refusal.to_string(), "cannot suspend an organisation that is `suspended`");
        assert_eq!(suspended.reactivate().expect("was suspended").status, OrganizationStatus::Active);
    }
}

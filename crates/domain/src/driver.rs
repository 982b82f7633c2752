use crate::email::Email;
use crate::id::{DriverId, OrganizationId, UserId};
use crate::refusal::Refusal;
use crate::text::Text;

/// A person with an account, known by e-mail address and the same in every organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id that every organisation sees.
    pub id: UserId,
    /// The address, unique among users.
    pub email: Email,
}

/// One person's membership as a driver in one organisation, with the name and telephone number this organisation has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// The organisation driven for.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: DriverId,
    /// The person.
    pub user_id: UserId,
    /// Given name.
    pub first_name: Option<Text<255>>,
    /// Family name.
    pub last_name: Option<Text<255>>,
    /// Telephone number as given; need not be unique.
    pub phone: Option<Text<255>>,
    /// Whether routes may be assigned.
    pub status: DriverStatus,
}

/// Whether routes may be assigned to a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverStatus {
    /// They may.
    Active,
    /// Not at present.
    Inactive,
    /// No more; kept for the routes that were driven.
    Archived,
}

impl DriverStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Inactive, Self::Archived];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Archived => "archived",
        }
    }
}

impl Driver {
    /// Stops routes from being assigned for a while.
    ///
    /// # Errors
    /// [`Refusal`] unless the driver is active.
    pub fn deactivate(self) -> Result<Self, Refusal> {
        match self.status {
            DriverStatus::Active => Ok(Self { status: DriverStatus::Inactive, ..self }),
            DriverStatus::Inactive | DriverStatus::Archived => Err(self.refuse("deactivate")),
        }
    }

    /// Lets routes be assigned again.
    ///
    /// # Errors
    /// [`Refusal`] where the driver is active already.
    pub fn reactivate(self) -> Result<Self, Refusal> {
        match self.status {
            DriverStatus::Inactive | DriverStatus::Archived => Ok(Self { status: DriverStatus::Active, ..self }),
            DriverStatus::Active => Err(self.refuse("reactivate")),
        }
    }

    /// Puts the driver away for good.
    ///
    /// # Errors
    /// [`Refusal`] where the driver is archived already.
    pub fn archive(self) -> Result<Self, Refusal> {
        match self.status {
            DriverStatus::Active | DriverStatus::Inactive => Ok(Self { status: DriverStatus::Archived, ..self }),
            DriverStatus::Archived => Err(self.refuse("archive")),
        }
    }

    const fn refuse(&self, action: &'static str) -> Refusal {
        Refusal { noun: "a driver", state: self.status.as_str(), action }
    }
}

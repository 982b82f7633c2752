use jiff::Timestamp;

use crate::email::Email;
use crate::id::{InvitationId, OrganizationId};
use crate::refusal::Refusal;

/// An invitation to drive for an organisation; one for each organisation and address, however many jobs wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The organisation that invites.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: Email,
    /// How it stands.
    pub status: InvitationStatus,
}

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationStatus {
    /// Nobody has answered.
    Pending,
    /// The person has become a driver.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// Withdrawn.
    Revoked,
}

impl InvitationStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

impl Invitation {
    /// The invited person has become a driver.
    ///
    /// # Errors
    /// [`Refusal`] unless it is pending.
    pub fn accept(self, at: Timestamp) -> Result<Self, Refusal> {
        match self.status {
            InvitationStatus::Pending => Ok(Self { status: InvitationStatus::Accepted { at }, ..self }),
            InvitationStatus::Accepted { .. } | InvitationStatus::Revoked => Err(self.refuse("accept")),
        }
    }

    /// Withdraws it.
    ///
    /// # Errors
    /// [`Refusal`] unless it is pending.
    pub fn revoke(self) -> Result<Self, Refusal> {
        match self.status {
            InvitationStatus::Pending => Ok(Self { status: InvitationStatus::Revoked, ..self }),
            InvitationStatus::Accepted { .. } | InvitationStatus::Revoked => Err(self.refuse("revoke")),
        }
    }

    /// Invites again: another import named the same address.
    #[must_use]
    pub fn renew(self) -> Self {
        Self { status: InvitationStatus::Pending, ..self }
    }

    const fn refuse(&self, action: &'static str) -> Refusal {
        Refusal { noun: "an invitation", state: self.status.as_str(), action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_invitation_can_be_renewed_but_not_accepted_again() {
        let invitation = Invitation {
            organization_id: OrganizationId::from_uuid(uuid::Uuid::nil()),
            id: InvitationId::from_uuid(uuid::Uuid::nil()),
            email: Email::parse("ann@example.com").expect("an address"),
            status: InvitationStatus::Pending,
        };
        let accepted = invitation.accept(Timestamp::UNIX_EPOCH).expect("was pending");
        assert_eq!(accepted.clone().accept(Timestamp::UNIX_EPOCH).expect_err("was accepted").state, "accepted");
        assert_eq!(accepted.renew().status, InvitationStatus::Pending);
    }
}

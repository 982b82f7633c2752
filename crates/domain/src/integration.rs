use jiff::Timestamp;

use crate::id::{IntegrationId, OrganizationId};
use crate::refusal::Refusal;
use crate::route::RouteEnds;
use crate::text::Text;

/// A client of an organisation's own systems, with the digests of its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The owner.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: IntegrationId,
    /// What people call it.
    pub name: Text<255>,
    /// The public half of its credentials.
    pub client_id: String,
    /// SHA-256 of the secret in force.
    pub secret_sha256: [u8; 32],
    /// The secret before it, while both are valid.
    pub previous_secret: Option<PreviousSecret>,
    /// Whether it may work.
    pub status: IntegrationStatus,
    /// Counts revocations: a token carries the epoch it was issued in and dies with it.
    pub epoch: i32,
    /// What holds the ends of the routes it imports.
    pub route_ends: RouteEnds,
}

/// A rotated secret that is still accepted for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousSecret {
    /// SHA-256 of the secret.
    pub sha256: [u8; 32],
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// Whether an integration may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegrationStatus {
    /// It may.
    Enabled,
    /// Every call is refused, also with live tokens.
    Disabled,
}

impl IntegrationStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

impl Integration {
    /// Refuses all of its calls from now on.
    ///
    /// # Errors
    /// [`Refusal`] where it is disabled already.
    pub fn disable(self) -> Result<Self, Refusal> {
        match self.status {
            IntegrationStatus::Enabled => Ok(Self { status: IntegrationStatus::Disabled, ..self }),
            IntegrationStatus::Disabled => Err(self.refuse("disable")),
        }
    }

    /// Accepts its calls again, also with tokens from before.
    ///
    /// # Errors
    /// [`Refusal`] where it is enabled already.
    pub fn enable(self) -> Result<Self, Refusal> {
        match self.status {
            IntegrationStatus::Disabled => Ok(Self { status: IntegrationStatus::Enabled, ..self }),
            IntegrationStatus::Enabled => Err(self.refuse("enable")),
        }
    }

    /// Puts a new secret in force. The old one dies at once, or stays valid until `overlap_until`; one that was older
    /// still dies in any case. Tokens live on.
    #[must_use]
    pub fn rotate_secret(self, secret_sha256: [u8; 32], overlap_until: Option<Timestamp>) -> Self {
        let previous_secret = overlap_until.map(|expires_at| PreviousSecret { sha256: self.secret_sha256, expires_at });
        Self { secret_sha256, previous_secret, ..self }
    }

    /// Kills all of its tokens.
    #[must_use]
    pub fn revoke_tokens(self) -> Self {
        Self { epoch: self.epoch.wrapping_add(1), ..self }
    }

    /// The digests of the secrets that are valid at `now`.
    pub fn valid_secrets(&self, now: Timestamp) -> impl Iterator<Item = &[u8; 32]> {
        let previous = self.previous_secret.as_ref().filter(move |previous| now < previous.expires_at);
        std::iter::once(&self.secret_sha256).chain(previous.map(|previous| &previous.sha256))
    }

    const fn refuse(&self, action: &'static str) -> Refusal {
        Refusal { noun: "an integration", state: self.status.as_str(), action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integration() -> Integration {
        Integration {
            organization_id: OrganizationId::from_uuid(uuid::Uuid::nil()),
            id: IntegrationId::from_uuid(uuid::Uuid::nil()),
            name: Text::parse("Shop").expect("a name"),
            client_id: "rm_ci_1".to_owned(),
            secret_sha256: [1; 32],
            previous_secret: None,
            status: IntegrationStatus::Enabled,
            epoch: 0,
            route_ends: RouteEnds::Fixed,
        }
    }

    #[test]
    fn a_rotated_secret_dies_at_once_or_when_its_overlap_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let later = Timestamp::from_second(3600).expect("a time");
        let at_once = integration().rotate_secret([2; 32], None);
        assert_eq!(at_once.valid_secrets(now).collect::<Vec<_>>(), [&[2; 32]]);
        let overlapping = integration().rotate_secret([2; 32], Some(later));
        assert_eq!(overlapping.valid_secrets(now).collect::<Vec<_>>(), [&[2; 32], &[1; 32]]);
        assert_eq!(overlapping.valid_secrets(later).collect::<Vec<_>>(), [&[2; 32]]);
        let again = overlapping.rotate_secret([3; 32], Some(later));
        assert_eq!(again.valid_secrets(now).collect::<Vec<_>>(), [&[3; 32], &[2; 32]]);
    }

    #[test]
    fn enabling_what_is_enabled_is_refused() {
        assert_eq!(integration().enable().expect_err("is enabled").state, "enabled");
        assert!(integration().disable().and_then(Integration::enable).is_ok());
    }
}

use std::collections::HashMap;
use std::num::NonZeroUsize;

use routemate_domain::{FreeText, OrganizationId};
use routemate_geocoding::{Candidate, Confidence, Lookup, MatchType, Query, geocode_all, normalized};
use routemate_persistence::{AuditEntry, RememberedAddress, StoreError};
use routemate_units::LatLng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::Actor;
use crate::{App, Error, ErrorKind, Noun, Principal};

/// Puts an address where it is: the organisation's stops of that address are there from then on.
#[derive(Debug, Clone)]
pub struct RememberAddress {
    /// As it is written; case, marks and punctuation do not matter.
    pub address: FreeText,
    /// Where it is.
    pub position: LatLng,
}

/// The source of positions that somebody of the organisation has set.
const MEMORY: &str = "memory";

impl App {
    /// Looks up addresses: one answer for each, in their order, those of the organisation's memory first.
    ///
    /// Waits as long as an import does; what was not answered by then is [`Outcome::Unfinished`].
    ///
    /// # Errors
    /// Those of the store. What a geocoder fails in is part of the answers.
    ///
    /// [`Outcome::Unfinished`]: routemate_geocoding::Outcome::Unfinished
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn geocode(&self, who: &Principal, queries: &[Query]) -> Result<Vec<Lookup>, Error> {
        Ok(self.look_up(who.organization_id, queries).await?)
    }

    /// As [`geocode`](Self::geocode).
    pub(crate) async fn look_up(
        &self,
        organization: OrganizationId,
        queries: &[Query],
    ) -> Result<Vec<Lookup>, StoreError> {
        let digests: Vec<[u8; 32]> = queries.iter().map(|query| digest(query.as_text())).collect();
        let remembered = self.remembered(organization, &digests).await?;
        let is_asked = |digest: &[u8; 32]| !remembered.contains_key(digest);
        let asked: Vec<Query> = queries
            .iter()
            .zip(&digests)
            .filter(|(_, digest)| is_asked(digest))
            .map(|(query, _)| query.clone())
            .collect();
        let concurrency = NonZeroUsize::new(self.settings.geocoding_concurrency).unwrap_or(NonZeroUsize::MIN);
        let deadline = self.settings.geocoding_deadline;
        let mut found = geocode_all(&*self.geocoder, &asked, concurrency, deadline).await.into_iter();
        let answer =
            |digest| remembered.get(digest).map(|address| Lookup::known(candidate(address))).or_else(|| found.next());
        Ok(digests.iter().filter_map(answer).collect())
    }

    async fn remembered(
        &self,
        organization: OrganizationId,
        digests: &[[u8; 32]],
    ) -> Result<HashMap<[u8; 32], RememberedAddress>, StoreError> {
        if digests.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<RememberedAddress> = self
            .store
            .read(&(organization, digests), |tx, (organization, digests)| {
                Box::pin(async move { tx.organization(*organization).find_remembered_addresses(digests).await })
            })
            .await?;
        Ok(found.into_iter().map(|address| (address.address_sha256, address)).collect())
    }

    /// What the organisation remembers of an address.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where that is nothing.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_address(&self, who: &Principal, address: &str) -> Result<RememberedAddress, Error> {
        let found = self.remembered(who.organization_id, &[digest(address)]).await?;
        found.into_values().next().ok_or_else(|| ErrorKind::NotFound(Noun::Address).into())
    }

    /// Remembers where an address is, in place of what was remembered before.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn remember_address(
        &self,
        who: &Principal,
        command: RememberAddress,
    ) -> Result<RememberedAddress, Error> {
        let (now, actor) = (self.now(), Actor::Integration(who.integration_id));
        let id = self.new_uuid();
        let address = RememberedAddress {
            id,
            address_sha256: digest(command.address.as_str()),
            address: command.address.as_str().to_owned(),
            position: command.position,
            created_at: now,
            updated_at: now,
        };
        // Whose id it is in the end is known within the transaction; the entry itself is made before, as it may run twice.
        let audit = self.audit(actor, "address.remembered", "address", id);
        let plan = (who.organization_id, address, audit);
        let stored: Result<RememberedAddress, StoreError> = self
            .store
            .write(&plan, |tx, (organization, address, audit)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let stored = scope.remember_address(address).await?;
                    let subject = format!("address:{}", stored.id);
                    let audit = AuditEntry { subject, ..audit.clone() };
                    scope.insert_audit(&audit, address.updated_at).await?;
                    Ok(stored)
                })
            })
            .await;
        Ok(stored?)
    }

    /// Forgets where an address is: geocoders are asked again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the organisation remembers no such address.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_address(&self, who: &Principal, id: Uuid) -> Result<(), Error> {
        let audit = self.audit(Actor::Integration(who.integration_id), "address.forgotten", "address", id);
        let plan = (who.organization_id, id, audit, self.now());
        let is_forgotten: Result<bool, StoreError> = self
            .store
            .write(&plan, |tx, (organization, id, audit, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let is_forgotten = scope.forget_address(*id).await?;
                    if is_forgotten {
                        scope.insert_audit(audit, *now).await?;
                    }
                    Ok(is_forgotten)
                })
            })
            .await;
        if is_forgotten? { Ok(()) } else { Err(ErrorKind::NotFound(Noun::Address).into()) }
    }
}

fn digest(address: &str) -> [u8; 32] {
    Sha256::digest(normalized(address).as_bytes()).into()
}

fn candidate(address: &RememberedAddress) -> Candidate {
    Candidate {
        position: address.position,
        match_type: MatchType::Exact,
        confidence: Confidence::CERTAIN,
        source: MEMORY.into(),
        label: address.address.clone(),
        access: None,
        attribution: "".into(),
    }
}

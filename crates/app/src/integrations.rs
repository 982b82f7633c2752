use jiff::{SignedDuration, Timestamp};
use routemate_auth::{ClientId, ClientSecret};
use routemate_domain::{Integration, IntegrationId, IntegrationStatus, OrganizationId, Refusal, RouteEnds, Text};
use routemate_persistence::Tx;

use crate::audit::Actor;
use crate::{App, Error, ErrorKind, Noun};

/// Makes an integration.
#[derive(Debug, Clone)]
pub struct CreateIntegration {
    /// The organisation it belongs to.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: Text<255>,
}

/// Credentials with a new secret. It is shown now and never again.
#[derive(Debug)]
pub struct IssuedSecret {
    /// The public half.
    pub client_id: String,
    /// The secret half.
    pub client_secret: ClientSecret,
}

/// What an operator does to an integration.
struct Change<'a, F> {
    app: &'a App,
    client_id: &'a str,
    action: &'static str,
    change: F,
    now: Timestamp,
}

impl App {
    /// Makes an integration and its credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_integration(&self, command: CreateIntegration) -> Result<IssuedSecret, Error> {
        let (client_id, secret) = (ClientId::mint(&*self.entropy), ClientSecret::mint(&*self.entropy));
        let integration = Integration {
            organization_id: command.organization_id,
            id: IntegrationId::from_uuid(self.new_uuid()),
            name: command.name,
            client_id: client_id.as_str().to_owned(),
            secret_sha256: *secret.digest().as_bytes(),
            previous_secret: None,
            status: IntegrationStatus::Enabled,
            epoch: 0,
            route_ends: RouteEnds::Fixed,
        };
        let stored: Result<(), Error> = self
            .store
            .write(&(self, &integration, self.now()), |tx, (app, integration, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(integration.organization_id);
                    scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
                    scope.insert_integration(integration, *now).await?;
                    let audit = app.audit(Actor::Operator, "integration.created", "integration", integration.id);
                    Ok(scope.insert_audit(&audit, *now).await?)
                })
            })
            .await;
        stored?;
        Ok(IssuedSecret { client_id: integration.client_id, client_secret: secret })
    }

    /// Refuses every call of an integration from now on, in every process.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Refused`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn disable_integration(&self, client_id: &str) -> Result<(), Error> {
        self.change_integration(client_id, "integration.disabled", Integration::disable).await
    }

    /// Accepts the calls of an integration again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Refused`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn enable_integration(&self, client_id: &str) -> Result<(), Error> {
        self.change_integration(client_id, "integration.enabled", Integration::enable).await
    }

    /// Kills all access tokens of an integration.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revoke_tokens(&self, client_id: &str) -> Result<(), Error> {
        self.change_integration(client_id, "integration.tokens_revoked", |integration| Ok(integration.revoke_tokens()))
            .await
    }

    /// Says what holds the ends of the routes that an integration imports from now on.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or [`ErrorKind::Refused`] of ends beside the stops, which an import does not give.
    pub async fn set_route_ends(&self, client_id: &str, ends: RouteEnds) -> Result<(), Error> {
        self.change_integration(client_id, "integration.route_ends_set", move |integration| match ends {
            RouteEnds::Terminals => {
                Err(Refusal { noun: "a kind of route ends", state: "beside the stops", action: "import routes with" })
            }
            _ => Ok(Integration { route_ends: ends, ..integration }),
        })
        .await
    }

    /// Makes a new secret. The old one dies at once, or after `overlap`; tokens live on.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn rotate_secret(&self, client_id: &str, overlap: Option<SignedDuration>) -> Result<IssuedSecret, Error> {
        let secret = ClientSecret::mint(&*self.entropy);
        let digest = *secret.digest().as_bytes();
        let overlap_until = overlap.map(|overlap| self.now().checked_add(overlap).unwrap_or(Timestamp::MAX));
        self.change_integration(client_id, "integration.secret_rotated", move |integration| {
            Ok(integration.rotate_secret(digest, overlap_until))
        })
        .await?;
        Ok(IssuedSecret { client_id: client_id.to_owned(), client_secret: secret })
    }

    async fn change_integration(
        &self,
        client_id: &str,
        action: &'static str,
        change: impl Fn(Integration) -> Result<Integration, Refusal> + Send + Sync,
    ) -> Result<(), Error> {
        let change = Change { app: self, client_id, action, change, now: self.now() };
        self.store.write(&change, |tx, change| Box::pin(store_change(tx, change))).await
    }
}

async fn store_change<F>(tx: &mut Tx, change: &Change<'_, F>) -> Result<(), Error>
where
    F: Fn(Integration) -> Result<Integration, Refusal> + Send + Sync,
{
    let found = tx.system_find_client_id(change.client_id).await?;
    let (organization, id) = found.ok_or(ErrorKind::NotFound(Noun::Integration))?;
    let mut scope = tx.organization(organization);
    scope.lock_integration(id).await?;
    let integration = scope.find_integration(id).await?.ok_or(ErrorKind::NotFound(Noun::Integration))?;
    scope.update_integration(&(change.change)(integration)?, change.now).await?;
    let audit = change.app.audit(Actor::Operator, change.action, "integration", id);
    Ok(scope.insert_audit(&audit, change.now).await?)
}

//! Operators' commands. They work while a server runs on the same database.

use jiff::SignedDuration;
use routemate_api_native::job_link_url;
use routemate_app::{CreateIntegration, CreateOrganization, IssuedSecret};
use routemate_domain::{AutoAdd, JobId, OrganizationId, OrganizationStatus, Plan, ZoneName};
use serde_json::json;

use crate::Failure;
use crate::arguments::{parse, text};
use crate::cli::{CreateOrg, IntegrationCommand, JobCommand, OrgCommand, PlanName};
use crate::compose;
use crate::config::Config;
use crate::job_changes;
use crate::job_view;
use crate::lists;
use crate::output;

pub(crate) async fn migrate(config: &Config, as_json: bool) -> Result<(), Failure> {
    let product = compose::open_for_administration(config).await?;
    output::answer(&json!({ "applied": product.migrated }), as_json);
    Ok(product.store.close().await?)
}

pub(crate) async fn organization(config: &Config, command: OrgCommand) -> Result<(), Failure> {
    match command {
        OrgCommand::Create(create) => create_organization(config, create).await,
        OrgCommand::Set(set) => lists::set_organization(config, set).await,
        OrgCommand::List(page) => lists::organizations(config, page).await,
        OrgCommand::Show { id, json } => lists::organization(config, &id, json).await,
        OrgCommand::Suspend { id, json } => set_status(config, &id, OrganizationStatus::Suspended, json).await,
        OrgCommand::Reactivate { id, json } => set_status(config, &id, OrganizationStatus::Active, json).await,
    }
}

async fn create_organization(config: &Config, create: CreateOrg) -> Result<(), Failure> {
    let command = CreateOrganization {
        name: text("--name", create.name)?,
        plan: match create.plan {
            PlanName::Team => Plan::Team,
            PlanName::Enterprise => Plan::Enterprise,
        },
        requests_per_minute: create.rpm,
        stops_per_import: create.max_stops,
        timezone: ZoneName::parse(&create.timezone)
            .map_err(|error| format!("--timezone `{}` {error}", create.timezone))?,
        auto_add: if create.no_auto_add { AutoAdd::Off } else { AutoAdd::On },
        vehicle: create.profile.to_kind(),
    };
    let product = compose::open_for_administration(config).await?;
    let organization = product.app.create_organization(command).await?;
    let limits = organization.limits();
    let object = json!({
        "organization_id": organization.id.to_string(),
        "name": organization.name.as_str(),
        "plan": organization.plan.as_str(),
        "requests_per_minute": limits.requests_per_minute.unwrap_or_default(),
        "stops_per_import": limits.stops_per_import.unwrap_or_default(),
        "timezone": organization.timezone.as_str(),
        "profile": organization.vehicle.as_str(),
    });
    output::answer(&object, create.json);
    Ok(product.store.close().await?)
}

async fn set_status(config: &Config, id: &str, status: OrganizationStatus, as_json: bool) -> Result<(), Failure> {
    let organization: OrganizationId = parse("organisation id", id)?;
    let product = compose::open_for_administration(config).await?;
    product.app.set_organization_status(organization, status).await?;
    output::answer(&json!({ "organization_id": organization.to_string(), "status": status.as_str() }), as_json);
    Ok(product.store.close().await?)
}

pub(crate) async fn integration(config: &Config, command: IntegrationCommand) -> Result<(), Failure> {
    let command = match command {
        IntegrationCommand::List(list) => return lists::integrations(config, list).await,
        other => other,
    };
    let product = compose::open_for_administration(config).await?;
    let app = &product.app;
    match command {
        IntegrationCommand::Create { org, name, json } => {
            let organization_id = parse("--org", &org)?;
            let create = CreateIntegration { organization_id, name: text("--name", name)? };
            show_secret(&app.create_integration(create).await?, json);
        }
        IntegrationCommand::RotateSecret { client, overlap } => {
            let overlap = overlap.map(|hours| SignedDuration::from_hours(i64::from(hours)));
            show_secret(&app.rotate_secret(&client.client_id, overlap).await?, client.json);
        }
        IntegrationCommand::Disable(client) => {
            app.disable_integration(&client.client_id).await?;
            output::answer(&json!({ "client_id": client.client_id, "status": "disabled" }), client.json);
        }
        IntegrationCommand::Enable(client) => {
            app.enable_integration(&client.client_id).await?;
            output::answer(&json!({ "client_id": client.client_id, "status": "enabled" }), client.json);
        }
        IntegrationCommand::RevokeTokens(client) => {
            app.revoke_tokens(&client.client_id).await?;
            output::answer(&json!({ "client_id": client.client_id, "tokens": "revoked" }), client.json);
        }
        IntegrationCommand::RouteEnds { client, ends } => {
            let ends = job_changes::ends(ends);
            app.set_route_ends(&client.client_id, ends).await?;
            output::answer(&json!({ "client_id": client.client_id, "route_ends": ends.as_str() }), client.json);
        }
        // Answered above.
        IntegrationCommand::List(_) => {}
    }
    Ok(product.store.close().await?)
}

fn show_secret(issued: &IssuedSecret, as_json: bool) {
    let object = json!({ "client_id": issued.client_id, "client_secret": issued.client_secret.reveal() });
    output::answer(&object, as_json);
}

pub(crate) async fn job(config: &Config, command: JobCommand) -> Result<(), Failure> {
    let (id, hours, json) = match command {
        JobCommand::Link { id, hours, json } => (id, hours, json),
        JobCommand::List(list) => return job_view::list(config, list).await,
        JobCommand::Show { id, json } => return job_view::find(config, &id, json).await,
        JobCommand::Import(import) => return job_view::import(config, import).await,
        change => return job_changes::change(config, change).await,
    };
    let job: JobId = parse("job id", &id)?;
    let product = compose::open_for_administration(config).await?;
    let link = product.app.sign_job_link(job, SignedDuration::from_hours(i64::from(hours))).await?;
    let object = json!({
        "url": job_link_url(&config.public_url(config.listen), &link),
        "expires_at": link.expires_at.to_string(),
    });
    output::answer(&object, json);
    Ok(product.store.close().await?)
}

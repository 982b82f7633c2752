//! What operators look at, and the limits that they set. All of it works while a server runs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use routemate_app::{App, ChangeOrganization, OrganizationUsage, UsageQuery};
use routemate_domain::{AutoAdd, InvitationStatus, Organization, OrganizationId, Plan, ZoneName};
use routemate_persistence::{RequestError, UsageDay};
use serde_json::{Value, json};

use crate::Failure;
use crate::arguments::{parse, text};
use crate::cli::{InvitationCommand, ListOf, Page, PlanName, SetOrg, Switch, UsageArgs, VehicleName};
use crate::compose;
use crate::config::Config;
use crate::output;

pub(crate) async fn organizations(config: &Config, page: Page) -> Result<(), Failure> {
    let after = page.after.as_deref().map(|id| parse("--after", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    let found = product.app.organizations(after, one_more(&page)).await?;
    let entries = found.iter().map(organization_object).collect();
    let columns = ["organization_id", "name", "plan", "status", "requests_per_minute", "stops_per_import", "timezone"];
    show(&page, "organizations", entries, &columns, "organization_id");
    Ok(product.store.close().await?)
}

pub(crate) async fn organization(config: &Config, id: &str, as_json: bool) -> Result<(), Failure> {
    let id: OrganizationId = parse("organisation id", id)?;
    let product = compose::open_for_administration(config).await?;
    let organization = product.app.organization(id).await?;
    output::answer(&organization_object(&organization), as_json);
    Ok(product.store.close().await?)
}

pub(crate) async fn set_organization(config: &Config, set: SetOrg) -> Result<(), Failure> {
    let id: OrganizationId = parse("organisation id", &set.id)?;
    let zone =
        |zone: String| ZoneName::parse(&zone).map_err(|error| Failure::from(format!("--timezone `{zone}` {error}")));
    let change = ChangeOrganization {
        name: set.name.map(|name| text("--name", name)).transpose()?,
        plan: set.plan.map(|plan| match plan {
            PlanName::Team => Plan::Team,
            PlanName::Enterprise => Plan::Enterprise,
        }),
        requests_per_minute: set.rpm.map(|rpm| rpm.0),
        stops_per_import: set.max_stops.map(|stops| stops.0),
        timezone: set.timezone.map(zone).transpose()?,
        auto_add: set.auto_add.map(|switch| match switch {
            Switch::On => AutoAdd::On,
            Switch::Off => AutoAdd::Off,
        }),
        vehicle: set.profile.map(VehicleName::to_kind),
    };
    let product = compose::open_for_administration(config).await?;
    let organization = product.app.set_organization(id, change).await?;
    output::answer(&organization_object(&organization), set.json);
    Ok(product.store.close().await?)
}

pub(crate) async fn integrations(config: &Config, list: ListOf) -> Result<(), Failure> {
    let (organization, page) = (parse("--org", &list.org)?, list.page);
    let after = page.after.as_deref().map(|id| parse("--after", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    let found = product.app.integrations(organization, after, one_more(&page)).await?;
    let entry = |listed: &routemate_app::ListedIntegration| {
        json!({
            "integration_id": listed.integration.id.to_string(),
            "client_id": listed.integration.client_id,
            "name": listed.integration.name.as_str(),
            "status": listed.integration.status.as_str(),
            "route_ends": listed.integration.route_ends.as_str(),
            "last_used_at": listed.last_request_at.map(|at| at.to_string()),
        })
    };
    let columns = ["client_id", "name", "status", "route_ends", "last_used_at"];
    show(&page, "integrations", found.iter().map(entry).collect(), &columns, "integration_id");
    Ok(product.store.close().await?)
}

pub(crate) async fn drivers(config: &Config, list: ListOf) -> Result<(), Failure> {
    let (organization, page) = (parse("--org", &list.org)?, list.page);
    let after = page.after.as_deref().map(|id| parse("--after", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    let found = product.app.drivers(organization, after, one_more(&page)).await?;
    let entry = |listed: &routemate_persistence::ListedDriver| {
        let driver = &listed.driver;
        json!({
            "driver_id": driver.id.to_string(),
            "driver_user_id": driver.user_id.to_string(),
            "email": listed.email,
            "first_name": driver.first_name.as_ref().map(|name| name.as_str()),
            "last_name": driver.last_name.as_ref().map(|name| name.as_str()),
            "phone": driver.phone.as_ref().map(|phone| phone.as_str()),
            "status": driver.status.as_str(),
        })
    };
    let columns = ["driver_id", "email", "first_name", "last_name", "phone", "status"];
    show(&page, "drivers", found.iter().map(entry).collect(), &columns, "driver_id");
    Ok(product.store.close().await?)
}

pub(crate) async fn invitation(config: &Config, command: InvitationCommand) -> Result<(), Failure> {
    let InvitationCommand::List(list) = command;
    let (organization, page) = (parse("--org", &list.org)?, list.page);
    let after = page.after.as_deref().map(|id| parse("--after", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    let found = product.app.invitations(organization, after, one_more(&page)).await?;
    let entry = |invitation: &routemate_domain::Invitation| {
        let accepted_at = match invitation.status {
            InvitationStatus::Accepted { at } => Some(at.to_string()),
            InvitationStatus::Pending | InvitationStatus::Revoked => None,
        };
        json!({
            "invitation_id": invitation.id.to_string(),
            "email": invitation.email.as_str(),
            "status": invitation.status.as_str(),
            "accepted_at": accepted_at,
        })
    };
    let columns = ["invitation_id", "email", "status", "accepted_at"];
    show(&page, "invitations", found.iter().map(entry).collect(), &columns, "invitation_id");
    Ok(product.store.close().await?)
}

pub(crate) async fn usage(config: &Config, args: UsageArgs) -> Result<(), Failure> {
    let organization_id = args.org.as_deref().map(|id| parse("--org", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    let (days, errors) = (args.days, args.errors);
    let query = UsageQuery { organization_id, days, request_id: args.request_id.clone(), errors };
    let found = product.app.usage(query).await?;
    let names = integration_names(&product.app, &found).await?;
    if args.json {
        let object = found.iter().map(|usage| usage_object(usage, &names)).collect::<Vec<_>>();
        output::line(json!({ "days": days, "organizations": object }));
    } else {
        match &args.request_id {
            Some(id) if found.iter().all(|usage| usage.errors.is_empty()) => output::line(format_args!(
                "no request `{id}` is on record: those that were refused or failed are kept, for 30 days, and the latest \
                 1,000 of each integration"
            )),
            _ => print_usage(&found, &names),
        }
    }
    Ok(product.store.close().await?)
}

/// The page as it was asked for, and one entry more, which says that there are more.
fn one_more(page: &Page) -> i64 {
    i64::from(page.limit) + 1
}

/// Shows a page of what was asked for with one entry more than fits.
pub(crate) fn show(page: &Page, name: &str, mut entries: Vec<Value>, columns: &[&str], id: &str) {
    let has_more = entries.len() > usize::from(page.limit);
    entries.truncate(usize::from(page.limit));
    let last = entries.last().and_then(|entry| entry.get(id)).and_then(Value::as_str);
    let next = last.filter(|_| has_more).map(str::to_owned);
    output::list(&json!({ name: entries, "next": next }), name, columns, page.json);
    if let (Some(next), false) = (next, page.json) {
        output::line(format_args!("there are more: --after {next}"));
    }
}

fn organization_object(organization: &Organization) -> Value {
    let limits = organization.limits();
    json!({
        "organization_id": organization.id.to_string(),
        "name": organization.name.as_str(),
        "plan": organization.plan.as_str(),
        "status": organization.status.as_str(),
        "requests_per_minute": limits.requests_per_minute.unwrap_or_default(),
        "stops_per_import": limits.stops_per_import.unwrap_or_default(),
        "timezone": organization.timezone.as_str(),
        "auto_add": organization.auto_add == AutoAdd::On,
        "profile": organization.vehicle.as_str(),
    })
}

/// Names of integrations by id, those of all organisations that are shown.
async fn integration_names(app: &App, found: &[OrganizationUsage]) -> Result<BTreeMap<String, String>, Failure> {
    const MOST: i64 = 1_000;
    let mut names = BTreeMap::new();
    for usage in found {
        for listed in app.integrations(usage.organization.id, None, MOST).await? {
            names.insert(listed.integration.id.to_string(), listed.integration.client_id);
        }
    }
    Ok(names)
}

fn usage_object(usage: &OrganizationUsage, names: &BTreeMap<String, String>) -> Value {
    let sum = |count: fn(&UsageDay) -> i64| usage.days.iter().map(count).sum::<i64>();
    let last: Option<Timestamp> = usage.days.iter().map(|day| day.last_request_at).max();
    let day = |day: &UsageDay| {
        json!({
            "day": day.day.to_string(),
            "client_id": names.get(&day.integration_id.to_string()),
            "requests": day.requests,
            "refused": day.refused,
            "limited": day.limited,
            "failed": day.failed,
            "imports": day.imports,
            "imported_stops": day.imported_stops,
        })
    };
    json!({
        "organization_id": usage.organization.id.to_string(),
        "name": usage.organization.name.as_str(),
        "requests": sum(|day| day.requests),
        "refused": sum(|day| day.refused),
        "limited": sum(|day| day.limited),
        "failed": sum(|day| day.failed),
        "imports": sum(|day| day.imports),
        "imported_stops": sum(|day| day.imported_stops),
        "last_request_at": last.map(|at| at.to_string()),
        "by_day": usage.days.iter().map(day).collect::<Vec<_>>(),
        "recent_errors": usage.errors.iter().map(|error| error_object(error, names)).collect::<Vec<_>>(),
    })
}

fn error_object(error: &RequestError, names: &BTreeMap<String, String>) -> Value {
    json!({
        "at": error.at.to_string(),
        "request_id": error.request_id,
        "client_id": names.get(&error.integration_id.to_string()),
        "method": error.method,
        "route": error.route,
        "status": error.status,
        "error": error.error,
    })
}

fn print_usage(found: &[OrganizationUsage], names: &BTreeMap<String, String>) {
    let objects: Vec<Value> = found.iter().map(|usage| usage_object(usage, names)).collect();
    let columns = ["organization_id", "name", "requests", "refused", "limited", "failed", "imports", "imported_stops"];
    output::list(&json!({ "all": objects }), "all", &columns, false);
    let errors = |object: &Value| object.get("recent_errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let errors: Vec<Value> = objects.iter().flat_map(errors).collect();
    if !errors.is_empty() {
        output::line("");
        output::list(&json!({ "all": errors }), "all", &["at", "request_id", "status", "route", "error"], false);
    }
}

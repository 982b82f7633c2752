//! Commands about drivers. They work while a server runs.

use routemate_api_native::{changed_driver_json, driver_json};
use routemate_app::{CreateDriver, DriverChange};
use routemate_domain::{DriverId, Email, OrganizationId, Text};
use serde_json::json;

use crate::arguments::{parse, text};
use crate::cli::{DriverArgs, DriverCommand, DriverNames};
use crate::config::Config;
use crate::{Failure, compose, lists, output};

/// Runs one of them.
pub(crate) async fn run(config: &Config, command: DriverCommand) -> Result<(), Failure> {
    match command {
        DriverCommand::List(list) => lists::drivers(config, list).await,
        DriverCommand::Show(args) => show(config, args).await,
        DriverCommand::Create { org, email, names, json } => {
            let (first_name, last_name, phone) = read(names)?;
            let create = CreateDriver {
                organization_id: parse("--org", &org)?,
                email: Email::parse(&email).map_err(|error| format!("--email `{email}` {error}"))?,
                first_name,
                last_name,
                phone,
            };
            let product = compose::open_for_administration(config).await?;
            let created = product.app.create_driver(create).await?;
            let object = json!({
                "driver_id": created.driver.id.to_string(),
                "driver_user_id": created.driver.user_id.to_string(),
                "is_invitation_accepted": created.is_invitation_accepted,
                "jobs_assigned": created.jobs_assigned,
            });
            output::answer(&object, json);
            Ok(product.store.close().await?)
        }
        DriverCommand::Edit { driver, names } => {
            let (first_name, last_name, phone) = read(names)?;
            change(config, driver, DriverChange::Edit { first_name, last_name, phone }).await
        }
        DriverCommand::Deactivate(driver) => change(config, driver, DriverChange::Deactivate).await,
        DriverCommand::Reactivate(driver) => change(config, driver, DriverChange::Reactivate).await,
        DriverCommand::Archive(driver) => change(config, driver, DriverChange::Archive).await,
    }
}

async fn show(config: &Config, args: DriverArgs) -> Result<(), Failure> {
    let (organization, driver) = ids(&args)?;
    let product = compose::open_for_administration(config).await?;
    output::answer(&driver_json(&product.app.listed_driver(organization, driver).await?)?, args.json);
    Ok(product.store.close().await?)
}

/// Changes a driver, and says what becomes of the routes that are still to be driven.
async fn change(config: &Config, args: DriverArgs, change: DriverChange) -> Result<(), Failure> {
    let (organization, driver) = ids(&args)?;
    let product = compose::open_for_administration(config).await?;
    let changed = product.app.change_driver_by_operator(organization, driver, &change).await?;
    let mut object =
        driver_json(&routemate_app::ListedDriver { driver: changed.driver.clone(), email: changed.email.clone() })?;
    let told = changed_driver_json(&changed)?;
    if let Some(object) = object.as_object_mut() {
        for name in ["open_routes", "unassigned_routes"] {
            object.insert(name.to_owned(), told.get(name).cloned().unwrap_or_default());
        }
    }
    output::answer(&object, args.json);
    Ok(product.store.close().await?)
}

fn ids(args: &DriverArgs) -> Result<(OrganizationId, DriverId), Failure> {
    Ok((parse("--org", &args.org)?, parse("driver id", &args.driver_id)?))
}

type Names = (Option<Text<255>>, Option<Text<255>>, Option<Text<255>>);

fn read(names: DriverNames) -> Result<Names, Failure> {
    let name = |flag, value: Option<String>| value.map(|value| text(flag, value)).transpose();
    Ok((name("--first-name", names.first_name)?, name("--last-name", names.last_name)?, name("--phone", names.phone)?))
}

//! Commands that show routes, whichever door they came in by. They work while a server runs.

use routemate_api_native::{listed_route_json, route_json, sought_driver};
use routemate_app::RouteSearch;
use routemate_domain::{RouteId, RouteStatus};
use serde_json::{Value, json};

use crate::arguments::parse;
use crate::cli::{ListOf, RouteCommand, SearchArgs};
use crate::config::Config;
use crate::lists::show;
use crate::{Failure, compose, output};

/// Runs one of them.
pub(crate) async fn run(config: &Config, command: RouteCommand) -> Result<(), Failure> {
    match command {
        RouteCommand::List { list, search } => self::list(config, list, search).await,
        RouteCommand::Show { id, json } => {
            let id: RouteId = parse("route id", &id)?;
            let product = compose::open_for_administration(config).await?;
            let route = product.app.route_of_anybody(id).await?;
            let mut object = json!({ "organization_id": route.itinerary.route.organization_id.to_string() });
            if let (Some(object), Value::Object(route)) = (object.as_object_mut(), route_json(&route)?) {
                object.extend(route);
            }
            output::answer(&object, json);
            Ok(product.store.close().await?)
        }
    }
}

async fn list(config: &Config, list: ListOf, wanted: SearchArgs) -> Result<(), Failure> {
    let (organization, page) = (parse("--org", &list.org)?, list.page);
    let driver = wanted.driver.as_deref().map(|text| {
        sought_driver(text)
            .ok_or_else(|| format!("--driver `{text}` is no e-mail address, no driver's id and not `none`"))
    });
    let search = RouteSearch {
        statuses: RouteStatus::NAMES.into_iter().filter(|name| wanted.status.iter().any(|one| one == name)).collect(),
        driver: driver.transpose()?,
        date: wanted.date,
        text: wanted.text,
        jobs_of: None,
        include_archived: wanted.archived,
        before: page.after.as_deref().map(|id| parse("--after", id)).transpose()?,
    };
    let product = compose::open_for_administration(config).await?;
    let zone = product.app.organization(organization).await?.timezone;
    let found = product.app.search_routes(organization, &zone, &search, usize::from(page.limit) + 1).await?;
    let entries = found.iter().map(listed_route_json).collect::<Result<Vec<Value>, _>>()?;
    let columns =
        ["route_id", "name", "status", "scheduled_for", "stop_count", "ended_count", "not_found_count", "created_at"];
    show(&page, "routes", entries, &columns, "route_id");
    Ok(product.store.close().await?)
}

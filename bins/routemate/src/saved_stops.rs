//! Commands about stops that are kept to be used again and again. They work while a server runs, which looks for addresses.

use std::io::Read;

use routemate_api_native::{read_saved_stop, saved_stop_json};
use routemate_app::SaveStop;
use routemate_domain::{OrganizationId, SavedStop, SavedStopId};
use serde_json::{Value, json};

use crate::arguments::parse;
use crate::cli::{ListOf, SavedStopArgs, SavedStopCommand, SavedStopFields};
use crate::config::Config;
use crate::lists::show;
use crate::{Failure, compose, output};

/// Runs one of them.
pub(crate) async fn run(config: &Config, command: SavedStopCommand) -> Result<(), Failure> {
    match command {
        SavedStopCommand::List { list, text } => self::list(config, list, text).await,
        SavedStopCommand::Show(args) => {
            let (organization, id) = ids(&args)?;
            let product = compose::open_for_administration(config).await?;
            output::answer(&object(&product.app.saved_stop(organization, id).await?)?, args.json);
            Ok(product.store.close().await?)
        }
        SavedStopCommand::Create { org, fields, json } => {
            let (organization, command): (OrganizationId, _) = (parse("--org", &org)?, read(fields)?);
            let product = compose::open_for_administration(config).await?;
            let made = product.app.save_stop_by_operator(organization, &command).await?;
            output::answer(&object(&made)?, json);
            Ok(product.store.close().await?)
        }
        SavedStopCommand::Replace { stop: args, fields } => {
            let ((organization, id), command) = (ids(&args)?, read(fields)?);
            let product = compose::open_for_administration(config).await?;
            let changed = product.app.change_saved_stop_by_operator(organization, id, &command).await?;
            output::answer(&object(&changed)?, args.json);
            Ok(product.store.close().await?)
        }
        SavedStopCommand::Delete(args) => {
            let (organization, id) = ids(&args)?;
            let product = compose::open_for_administration(config).await?;
            product.app.delete_saved_stop_by_operator(organization, id).await?;
            output::answer(&json!({ "saved_stop_id": id.to_string(), "status": "deleted" }), args.json);
            Ok(product.store.close().await?)
        }
    }
}

async fn list(config: &Config, list: ListOf, text: Option<String>) -> Result<(), Failure> {
    let (organization, page) = (parse("--org", &list.org)?, list.page);
    let before = page.after.as_deref().map(|id| parse("--after", id)).transpose()?;
    let product = compose::open_for_administration(config).await?;
    // An organisation that is not there is no empty one.
    product.app.organization(organization).await?;
    let most = usize::from(page.limit) + 1;
    let found = product.app.saved_stops(organization, text.as_deref(), before, most).await?;
    let entries = found.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let columns = ["saved_stop_id", "name", "kind", "address", "location", "updated_at"];
    show(&page, "saved_stops", entries, &columns, "saved_stop_id");
    Ok(product.store.close().await?)
}

/// What a table can show: address and state of its place in a word each.
fn entry(stop: &SavedStop) -> Result<Value, Failure> {
    let mut entry = object(stop)?;
    let place = entry.pointer("/location/status").cloned().unwrap_or_default();
    if let Some(fields) = entry.as_object_mut() {
        fields.insert("address".to_owned(), stop.request.address.to_string().into());
        fields.insert("location".to_owned(), place);
    }
    Ok(entry)
}

fn object(stop: &SavedStop) -> Result<Value, Failure> {
    Ok(saved_stop_json(stop)?)
}

fn ids(args: &SavedStopArgs) -> Result<(OrganizationId, SavedStopId), Failure> {
    Ok((parse("--org", &args.org)?, parse("saved stop id", &args.id)?))
}

/// What is to be kept, by the rules of the endpoint.
fn read(fields: SavedStopFields) -> Result<SaveStop, Failure> {
    let body = match &fields.file {
        Some(file) if file.as_os_str() == "-" => {
            let mut body = Vec::new();
            std::io::stdin().read_to_end(&mut body)?;
            body
        }
        Some(file) => std::fs::read(file).map_err(|error| format!("`{}`: {error}", file.display()))?,
        None => json!({
            "name": fields.name,
            "address": fields.address,
            "latitude": fields.latitude,
            "longitude": fields.longitude,
            "contact": { "company": fields.company },
            "note": fields.note,
            "duration_minutes": fields.service_minutes,
        })
        .to_string()
        .into_bytes(),
    };
    read_saved_stop(&body).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        told.join("; ").into()
    })
}

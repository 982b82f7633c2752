//! Commands that change a job after it was imported. They plan as the server does: with its maps and geocoders.

use routemate_app::{RouteChange, StopOrder};
use routemate_domain::{Address, Email, FreeText, JobId, RouteEnds, StopId};
use routemate_units::LatLng;
use serde_json::json;

use crate::Failure;
use crate::admin::parse;
use crate::cli::{EndsName, JobArgs, JobCommand};
use crate::compose;
use crate::config::Config;
use crate::{lists, output};

/// Changes a job, and shows it as it stands then.
pub(crate) async fn change(config: &Config, command: JobCommand) -> Result<(), Failure> {
    let (job, change) = match command {
        JobCommand::Reoptimize(job) => (job, RouteChange::Reoptimize),
        JobCommand::Cancel(job) => (job, RouteChange::Cancel),
        JobCommand::Ends { job, ends } => (job, RouteChange::SetEnds(self::ends(ends))),
        JobCommand::Assign { job, email } => {
            let key = Email::parse(&email).map_err(|error| format!("--email `{email}` {error}"))?;
            (job, RouteChange::AssignPerson { email, key })
        }
        JobCommand::RemoveStop { job, stop } => {
            let stops = vec![parse::<StopId>("--stop", &stop)?];
            (job, RouteChange::RemoveStops { stops, order: StopOrder::Best })
        }
        JobCommand::Place { job, stop, address, latitude, longitude } => {
            (job, place(&stop, address, latitude.zip(longitude))?)
        }
        JobCommand::Delete(job) => return delete(config, job).await,
        // Answered elsewhere.
        JobCommand::List(_) | JobCommand::Show { .. } | JobCommand::Link { .. } => return Ok(()),
    };
    let id: JobId = parse("job id", &job.id)?;
    let product = compose::open(config).await?;
    let view = product.app.change_job_of_anybody(id, change).await?;
    lists::show_job(config, &view, job.json)?;
    Ok(product.store.close().await?)
}

fn place(stop: &str, address: Option<String>, pin: Option<(f64, f64)>) -> Result<RouteChange, Failure> {
    let address =
        address.map(|line| FreeText::parse(line).map_err(|error| format!("--address {error}"))).transpose()?;
    let position = pin.map(|(lat, lng)| LatLng::new(lat, lng)).transpose();
    let position = position.map_err(|error| format!("--latitude and --longitude: {error}"))?;
    Ok(RouteChange::CorrectStop {
        stop: parse("--stop", stop)?,
        address: address.map(|line| Address::one_line(line.as_str())),
        position,
        order: StopOrder::Best,
    })
}

async fn delete(config: &Config, job: JobArgs) -> Result<(), Failure> {
    let id: JobId = parse("job id", &job.id)?;
    let product = compose::open_for_administration(config).await?;
    product.app.delete_job_of_anybody(id).await?;
    output::answer(&json!({ "job_id": id.to_string(), "status": "deleted" }), job.json);
    Ok(product.store.close().await?)
}

/// The domain's word for a kind of ends.
pub(crate) const fn ends(name: EndsName) -> RouteEnds {
    match name {
        EndsName::Fixed => RouteEnds::Fixed,
        EndsName::OpenEnd => RouteEnds::OpenEnd,
        EndsName::RoundTrip => RouteEnds::RoundTrip,
    }
}

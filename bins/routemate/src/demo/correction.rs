//! A dispatcher corrects an address that nobody could find.

use serde_json::{Value, json};

use super::caller::{Caller, stops, text};
use super::{import, show_warnings};
use crate::Failure;
use crate::demo_stops::DemoAddress;
use crate::output::line;

/// Stops of the job.
pub(super) const STOPS: usize = 20;

/// The stop whose address is wrong: one that costs a detour.
const WRONG: usize = 15;

/// Imports a job with an address that does not exist, corrects it over the native API, and shows the plan before and after.
pub(super) async fn show(caller: &Caller, addresses: &[DemoAddress]) -> Result<(), Failure> {
    let mut stops = stops(addresses, 3001);
    let Some((wrong, right)) = stops.get_mut(WRONG).zip(addresses.get(WRONG)) else {
        return Ok(());
    };
    wrong["address"] = json!(right.misheard());
    let job = import(caller, ("HELSINKI-2", "Phone orders"), &stops).await?;
    line(format_args!(
        "9. A wrong address   POST /v1/integration-import: {} stops, {} addresses found, {} not found",
        job["stops_imported"], job["stops_geocoded"], job["stops_geocode_failed"],
    ));
    show_warnings(&job);

    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    let before = caller.get(&path).await?;
    show_plan("before", &before);
    let is_lost = |stop: &&Value| stop["location"]["status"] == "not_found";
    let Some(lost) = before["stops"].as_array().into_iter().flatten().find(is_lost) else {
        return Err("every address of the second job was found".into());
    };
    let place = format!("{path}/stops/{}/place", text(lost, "stop_id"));
    let after = caller.put(&place, &json!({ "address": right.line() })).await?;
    let (id, heard) = (text(lost, "external_stop_id"), text(&lost["address"], "line1"));
    line(format_args!("   {id} is not on the route: nobody knows `{heard}`"));
    line(format_args!("   PUT {place}: `{}`", right.line()));
    show_plan("after", &after);
    let is_it = |stop: &&Value| stop["stop_id"] == lost["stop_id"];
    if let Some(found) = after["stops"].as_array().into_iter().flatten().find(is_it) {
        let number = found["sort_order"].as_u64().unwrap_or_default() + 1;
        line(format_args!("   {id} is stop {number} of the route now\n"));
    }
    Ok(())
}

fn show_plan(when: &str, view: &Value) {
    let planned = view["stops"].as_array().into_iter().flatten().filter(|stop| stop["planned"].is_object()).count();
    let totals = &view["route"]["totals"];
    line(format_args!(
        "   {when}: {planned} of {} stops on the route, {} m, {} min driving",
        view["stop_count"],
        totals["distance_meters"],
        (totals["duration_seconds"].as_u64().unwrap_or_default() + 30) / 60,
    ));
}

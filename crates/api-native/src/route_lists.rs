//! `GET /api/v1/routes`: looking for routes, and at one of them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, ListedRoute, Noun, Problem, RouteSearch, SoughtDriver};
use routemate_domain::{Email, RouteId, RouteStatus};
use routemate_http::{Context, Query, Rejection, authenticate, json};
use serde::{Deserialize, Serialize};

use crate::paging::{Paged, asked_for, next_cursor, read_limit, read_text};
use crate::responses::shown;
use crate::route_view::{RoutesDto, listed_route, tag, whole_route};

/// What a cursor of the list belongs to.
const LIST: &str = "native.routes";
/// What is said of a driver where routes of nobody are looked for.
pub(crate) const NOBODY: &str = "none";

/// What the first page was asked for, and the last route shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    statuses: Vec<String>,
    driver: Option<String>,
    date: Option<jiff::civil::Date>,
    text: Option<String>,
    include_archived: bool,
    limit: usize,
    before: Option<String>,
}

/// A page of the organisation's routes, the latest made first.
pub(crate) async fn list(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let asked: Asked = asked_for(ctx, &who, LIST, &query, read_query).await?;
    let search = search(&asked).map_err(ErrorKind::Invalid)?;
    let search = RouteSearch { jobs_of: Some(who.integration_id), ..search };
    let (organization, zone, most) = (who.organization_id, who.timezone.clone(), asked.limit + 1);
    let found = ctx.run(move |app| async move { app.search_routes(organization, &zone, &search, most).await });
    let Paged { items, last } =
        Paged::cut(found.await?, asked.limit, |listed: &ListedRoute| listed.route.id.to_string());
    let next = last.map(|last| Asked { before: Some(last), ..asked });
    let next_cursor = next_cursor(ctx, &who, LIST, next).await?;
    let routes = items.iter().map(|listed| listed_route(listed, Some(who.integration_id))).collect();
    Ok(json(StatusCode::OK, &RoutesDto { routes, next_cursor }))
}

/// Tells everything that is known of a route.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let (id, organization) = (route_id(req)?, who.organization_id);
    let found = ctx.run(move |app| async move { app.whole_route(organization, id).await }).await?;
    let (job, driver) = (found.job.as_ref(), found.driver.as_ref());
    let body = whole_route(&found.itinerary, job, driver, Some(who.integration_id));
    Ok(shown(req, &tag(&found.itinerary, driver), &body))
}

/// The route that the path names.
pub(crate) fn route_id(req: &HttpRequest) -> Result<RouteId, ErrorKind> {
    let id = req.match_info().get("route_id").unwrap_or_default();
    id.parse().map_err(|_| ErrorKind::NotFound(Noun::Route))
}

fn read_query(query: &Query) -> Result<Asked, Vec<Problem>> {
    let mut problems = Vec::new();
    let given = |name| query.first(name).filter(|value| !value.is_empty());
    let date = given("date").and_then(|text| {
        text.parse().map_err(|_| problems.push(Problem::new("date", "must be a date, such as 2026-03-09"))).ok()
    });
    let include_archived = match given("include_archived") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            problems.push(Problem::new("include_archived", "must be true or false"));
            false
        }
    };
    let (text, limit) = (read_text(query, &mut problems), read_limit(query, &mut problems));
    let statuses = query.all("status").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let driver = given("driver").map(str::to_owned);
    let asked = Asked { statuses, driver, date, text, include_archived, limit, before: None };
    match search(&asked) {
        Ok(_) if problems.is_empty() => Ok(asked),
        Ok(_) => Err(problems),
        Err(more) => Err(problems.into_iter().chain(more).collect()),
    }
}

fn search(asked: &Asked) -> Result<RouteSearch, Vec<Problem>> {
    let mut problems = Vec::new();
    let named = |name: &String| RouteStatus::NAMES.into_iter().find(|status| status == name);
    let statuses: Vec<&'static str> = asked.statuses.iter().filter_map(named).collect();
    if statuses.len() < asked.statuses.len() {
        let names = RouteStatus::NAMES.join(", ");
        problems.push(Problem::new("status", format_args!("must be one of {names}")));
    }
    let driver = asked.driver.as_deref().and_then(|text| {
        let driver = sought_driver(text);
        if driver.is_none() {
            problems.push(Problem::new("driver", "must be an e-mail address, a driver's id, or none"));
        }
        driver
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(RouteSearch {
        statuses,
        driver,
        date: asked.date,
        text: asked.text.clone(),
        jobs_of: None,
        include_archived: asked.include_archived,
        before: asked.before.as_deref().and_then(|id| id.parse().ok()),
    })
}

/// Whose routes a text stands for: `none`, a driver's id or an e-mail address; `None` where it is nothing of that.
pub fn sought_driver(text: &str) -> Option<SoughtDriver> {
    if text == NOBODY {
        return Some(SoughtDriver::Nobody);
    }
    let id = text.parse().ok().map(SoughtDriver::Driver);
    id.or_else(|| Email::parse(text).ok().map(SoughtDriver::Person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_whole_or_all_that_is_wrong_with_it_is_told() {
        let query =
            "status=planned&status=started&driver=none&date=2026-03-09&text=A%20b&include_archived=true&limit=7";
        let asked = read_query(&Query::parse(query)).expect("a query");
        let search = search(&asked).expect("a search");
        assert_eq!((search.statuses, search.driver), (vec!["planned", "started"], Some(SoughtDriver::Nobody)));
        assert_eq!((search.include_archived, search.text.as_deref(), asked.limit), (true, Some("A b"), 7));
        let wrong = "date=x&include_archived=yes&limit=0&status=late&driver=nobody";
        let problems = read_query(&Query::parse(wrong)).expect_err("refused");
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["date", "include_archived", "limit", "status", "driver"]);
    }

    #[test]
    fn a_driver_is_named_by_address_or_id() {
        let id = "0190b6e2-0000-7000-8000-000000000005";
        assert!(matches!(sought_driver(id), Some(SoughtDriver::Driver(_))));
        assert!(matches!(sought_driver("Ann@example.com"), Some(SoughtDriver::Person(_))));
        assert_eq!((sought_driver("ann"), sought_driver("")), (None, None));
    }
}

//! The job page: one document without scripts, pictures or fonts from anywhere.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use routemate_app::JobView;
use routemate_domain::{Outcome, Route, Stop, StopStatus, TravelQuality};
use sha2::{Digest, Sha256};

use crate::sketch::sketch;

const STYLE: &str = include_str!("page.css");

/// Allows this page's own style and nothing else.
pub(crate) static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// What is shown to whoever may not see a job: the same whether there is one or not.
pub(crate) fn sign_in() -> String {
    message(
        "Sign in to see this page",
        "This page shows a delivery job to the people who work on it. If somebody sent you a link to it, the link may \
         have expired: ask for a new one.",
    )
}

/// A page that says one thing.
pub(crate) fn message(title: &str, text: &str) -> String {
    let body = html! {
        h1 { (title) }
        p { (text) }
    };
    document(title, &body).into_string()
}

/// The page of a job.
pub(crate) fn job(view: &JobView) -> String {
    let (job, route) = (&view.job, &view.itinerary.route);
    let stops: Vec<_> = view.itinerary.present_stops().collect();
    let day = route.departure_at.map(|at| day_of(at, route.timezone.zone())).or(job.scheduled_date);
    let body = html! {
        header {
            h1 { (job.title) }
            p { (badge(view.itinerary.job_status().as_str())) " " span.id { (job.external_job_id) } }
        }
        (facts(view, &stops, day))
        @if let Some(drawing) = sketch(&view.itinerary) { (drawing) }
        @if let Some(words) = &route.totals.attribution { p.note { (words) } }
        (table(&stops, route, day))
    };
    document(job.title.as_str(), &body).into_string()
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · RouteMate" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { "RouteMate" }
            }
        }
    }
}

fn facts(view: &JobView, stops: &[&Stop], day: Option<Date>) -> Markup {
    let route = &view.itinerary.route;
    let ended = stops.iter().filter(|stop| stop.status.is_terminal()).count();
    let is_estimated = route.totals.quality == TravelQuality::Estimated;
    html! {
        dl.facts {
            @if let Some(day) = day { (fact("Day", &day.strftime("%a %-d %b %Y").to_string())) }
            @if let Some(at) = route.departure_at { (fact("Departure", &clock_time(at, route, None))) }
            (fact("Driver", &driver(view)))
            (fact("Stops", &format!("{ended} of {} done", stops.len())))
            (fact("Distance", &distance(route.totals.distance.get())))
            (fact("Driving time", &duration(route.totals.duration.get())))
        }
        @if is_estimated { p.note { "Distances and times are estimated from straight lines." } }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn driver(view: &JobView) -> String {
    let email = &view.job.driver_email;
    match view.itinerary.route.driver_id {
        Some(_) => email.clone(),
        None => format!("{email} (not assigned yet)"),
    }
}

/// Roles are repeated because narrow screens show rows as blocks, which takes them away.
fn table(stops: &[&Stop], route: &Route, day: Option<Date>) -> Markup {
    html! {
        table role="table" {
            caption { "Stops in driving order. Times are in " (route.timezone.as_str()) "." }
            thead role="rowgroup" {
                tr role="row" {
                    @for name in ["No.", "Status", "Address", "For", "Leg", "Arrival"] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for (at, stop) in stops.iter().enumerate() { (row(at, stop, route, day)) }
            }
        }
    }
}

fn row(at: usize, stop: &Stop, route: &Route, day: Option<Date>) -> Markup {
    html! {
        tr role="row" {
            th.number role="rowheader" scope="row" { (at + 1) }
            td role="cell" data-label="Status" { (badge(stop.status.as_str())) (reason(stop)) }
            td.address role="cell" data-label="Address" {
                (stop.address)
                @if stop.location.position().is_none() { " " span.warn { "not located" } }
            }
            td role="cell" data-label="For" { (stop.contact.company) }
            td.figure role="cell" data-label="Leg" {
                @if let Some(leg) = stop.planned { @if at > 0 { (distance(leg.distance.get())) } }
            }
            td.figure role="cell" data-label="Arrival" { (arrival(stop, route, day)) }
        }
    }
}

fn reason(stop: &Stop) -> Markup {
    match &stop.status {
        StopStatus::Ended { outcome: Outcome::Failed { reason, .. }, .. } => {
            html! { " " span.reason { (reason.as_str().replace('_', " ")) } }
        }
        _ => html! {},
    }
}

fn arrival(stop: &Stop, route: &Route, day: Option<Date>) -> Markup {
    let Some(leg) = stop.planned else { return html! {} };
    html! {
        @if let Some(at) = leg.arrival { time datetime=(at) { (clock_time(at, route, day)) } }
        @if leg.lateness.get() > 0 { " " span.warn { (minutes(leg.lateness.get().div_ceil(60))) " late" } }
    }
}

fn badge(status: &str) -> Markup {
    html! { span class={ "badge " (status) } { (status.replace('_', " ")) } }
}

fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}

/// The time of day, with the date where it is another than `day`.
fn clock_time(at: Timestamp, route: &Route, day: Option<Date>) -> String {
    let local = at.to_zoned(route.timezone.zone().clone());
    let is_same_day = day.is_none_or(|day| day == local.date());
    local.strftime(if is_same_day { "%H:%M" } else { "%a %-d %b %H:%M" }).to_string()
}

fn distance(meters: u32) -> String {
    match meters {
        0..1000 => format!("{meters} m"),
        _ => format!("{:.1} km", f64::from(meters) / 1000.0),
    }
}

fn duration(seconds: u32) -> String {
    minutes(seconds.saturating_add(30) / 60)
}

fn minutes(minutes: u32) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use routemate_domain::{Address, AttemptedReason, Contact, Location, ProofOfDelivery, Text};

    use super::*;
    use crate::samples::{at, planned_at, stop, supplied, view};

    #[test]
    fn a_job_shows_its_stops_in_order_with_times_of_its_zone() {
        let contact = Contact { company: "Ravintola".to_owned(), ..Contact::default() };
        let failed = StopStatus::Ended {
            arrived_at: None,
            outcome: Outcome::Failed {
                at: at("2026-03-09T07:30:00Z"),
                reason: AttemptedReason::NotAvailable,
                note: None,
                proof: ProofOfDelivery::default(),
            },
        };
        let mut view = view(vec![
            Stop { planned: Some(planned_at("2026-03-09T06:00:00Z", 0)), contact, ..stop("A", supplied()) },
            Stop { planned: Some(planned_at("2026-03-09T07:05:00Z", 61)), status: failed, ..stop("B", supplied()) },
            Stop { planned: Some(planned_at("2026-03-09T22:05:00Z", 0)), ..stop("C", supplied()) },
            stop("D", Location::NotFound),
        ]);
        view.itinerary.route.departure_at = Some(at("2026-03-09T06:00:00Z"));
        let page = job(&view);
        for part in [
            "<h1>Morning</h1>",
            "<dt>Day</dt><dd>Mon 9 Mar 2026</dd>",
            "<dt>Departure</dt><dd>08:00</dd>",
            "<dt>Driver</dt><dd>Ann@example.com</dd>",
            "<dt>Stops</dt><dd>1 of 4 done</dd>",
            "<dt>Distance</dt><dd>12.4 km</dd>",
            "<dt>Driving time</dt><dd>25 min</dd>",
            "Ravintola",
            ">09:05</time> <span class=\"warn\">2 min late</span>",
            ">Tue 10 Mar 00:05</time>",
            "failed</span> <span class=\"reason\">not available</span>",
            "<span class=\"warn\">not located</span>",
            "Times are in Europe/Helsinki.",
            "<svg class=\"sketch\"",
            "</svg><p class=\"note\">© OpenStreetMap contributors</p>",
        ] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        let leg = "data-label=\"Leg\">";
        assert_eq!(page.matches(&format!("{leg}800 m")).count(), 2, "the first stop has no leg");
    }

    #[test]
    fn whatever_was_sent_is_escaped() {
        let evil = "<script>alert(\"x\")</script>";
        let contact = Contact { company: evil.to_owned(), ..Contact::default() };
        let mut view = view(vec![
            Stop { address: Address::one_line(evil), contact, ..stop("A", supplied()) },
            stop("B", supplied()),
        ]);
        view.job.title = Text::parse(evil).expect("a title");
        view.job.external_job_id = Text::parse(evil).expect("an id");
        evil.clone_into(&mut view.job.driver_email);
        let page = job(&view);
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;").count(), 6);
    }

    #[test]
    fn the_policy_allows_just_the_style_that_is_there() {
        let page = sign_in();
        let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
        let hash = STANDARD.encode(Sha256::digest(style));
        assert!(CONTENT_SECURITY_POLICY.contains(&format!("style-src 'sha256-{hash}'")));
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none';"));
        assert!(!page.contains("style=") && !page.contains("src=") && !page.contains("href="));
    }

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!([0, 999, 1000, 12_440].map(distance), ["0 m", "999 m", "1.0 km", "12.4 km"]);
        assert_eq!(
            [0, 30, 3_540, 3_600, 4_000].map(duration),
            ["0 min", "1 min", "59 min", "1 h 00 min", "1 h 07 min"]
        );
    }
}

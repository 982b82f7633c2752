//! `/api/v1/imported-stops`: what became of a stop that was handed in from outside, and what is odd about it.

use actix_web::{HttpRequest, HttpResponse};
use routemate_app::ImportedStopKey;
use routemate_domain::{ImportedStop, StopRequest, TaskTemplate, TaskTemplateKind};
use routemate_http::{Context, Rejection, authenticate};
use rust_iso3166::{from_alpha2, iso3166_2};
use serde::Serialize;
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::dto::{AddressDto, AttributeDto, ContactDto, ItemDto, LocationDto, PriorityDto};
use crate::openapi::schemas;
use crate::responses::shown;

/// A stop that was handed in from outside, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedStopDto<'a> {
    #[schema(format = "uuid")]
    imported_stop_id: String,
    #[schema(required)]
    client_stop_id: Option<&'a str>,
    /// `delivery`, `pickup` or `task`.
    #[schema(schema_with = schemas::stop_kind)]
    kind: &'static str,
    address: AddressDto<'a>,
    /// Where that is; `not_found` says what may have been meant.
    location: LocationDto<'a>,
    contact: ContactDto<'a>,
    #[schema(required)]
    note: Option<&'a str>,
    #[schema(required)]
    service_seconds: Option<u32>,
    /// When service may begin; none is any time, several are alternatives.
    windows: Vec<DayWindowDto>,
    #[schema(required, format = "date")]
    delivery_date: Option<String>,
    priority: PriorityDto,
    items: Vec<ItemDto<'a>>,
    #[schema(required)]
    order_name: Option<&'a str>,
    attributes: Vec<AttributeDto<'a>>,
    tags: Vec<&'a str>,
    tasks: Vec<TaskTemplateDto<'a>>,
    /// What was kept as it came because it reads as nothing known.
    oddities: Vec<OddityDto<'a>>,
    /// Counts changes.
    version: i64,
    #[schema(format = "date-time")]
    imported_at: String,
    #[schema(format = "date-time")]
    created_at: String,
}

/// Times of day by the clock on the wall; an absent bound is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayWindowDto {
    #[schema(required)]
    start: Option<String>,
    #[schema(required)]
    end: Option<String>,
}

/// Work that the driver will get.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskTemplateDto<'a> {
    title: &'a str,
    /// `checkboxes`, `radio_buttons`, `text`, `decimal` or `scanner`.
    #[schema(schema_with = schemas::task_kind)]
    kind: &'static str,
    /// The titles of what may be ticked; empty for inputs.
    items: Vec<&'a str>,
    is_required_to_complete: bool,
    is_required_to_fail: bool,
}

/// A field that was kept as it came.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OddityDto<'a> {
    /// Which one, such as `contact.phone`.
    field: &'static str,
    /// What it holds.
    value: &'a str,
    /// What it is not.
    message: &'static str,
}

/// Tells how an imported stop stands.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let key = key(req.match_info().get("imported_stop_id").unwrap_or_default());
    let stop = ctx.run(move |app| async move { app.imported_stop(&who, &key).await }).await?;
    let tag = format!("\"{}\"", stop.version);
    Ok(shown(req, &tag, &imported_stop(&stop)))
}

/// Our id, bare or as EasyRoutes writes it, or the client's.
fn key(text: &str) -> ImportedStopKey {
    match text.strip_prefix("ist-").unwrap_or(text).parse() {
        Ok(id) => ImportedStopKey::Either(id, text.to_owned()),
        Err(_) => ImportedStopKey::ClientStopId(text.to_owned()),
    }
}

fn imported_stop(stop: &ImportedStop) -> ImportedStopDto<'_> {
    let request = &stop.request;
    ImportedStopDto {
        imported_stop_id: stop.id.to_string(),
        client_stop_id: request.external_id.as_ref().map(|id| id.as_str()),
        kind: request.kind.as_str(),
        address: convert::address(&request.address),
        location: convert::location(&stop.location),
        contact: convert::contact(&request.contact),
        note: request.note.as_ref().map(|note| note.as_str()),
        service_seconds: request.service_time.map(|time| time.get()),
        windows: windows(request),
        delivery_date: request.delivery_date.map(|date| date.to_string()),
        priority: PriorityDto { value: request.priority.raw(), scale: request.priority.scale().as_str() },
        items: convert::items(&request.items),
        order_name: request.order_name.as_deref(),
        attributes: convert::attributes(&request.attributes),
        tags: request.tags.iter().map(String::as_str).collect(),
        tasks: request.tasks.iter().map(task).collect(),
        oddities: oddities(request),
        version: stop.version,
        imported_at: instant(stop.imported_at),
        created_at: instant(stop.created_at),
    }
}

pub(crate) fn windows(request: &StopRequest) -> Vec<DayWindowDto> {
    let windows = request.windows.iter();
    windows
        .map(|window| DayWindowDto {
            start: window.start().map(|time| time.to_string()),
            end: window.end().map(|time| time.to_string()),
        })
        .collect()
}

pub(crate) fn task(task: &TaskTemplate) -> TaskTemplateDto<'_> {
    let (kind, items) = match &task.kind {
        TaskTemplateKind::Checkboxes(items) => ("checkboxes", items.as_slice()),
        TaskTemplateKind::RadioButtons(items) => ("radio_buttons", items.as_slice()),
        TaskTemplateKind::Text => ("text", [].as_slice()),
        TaskTemplateKind::Decimal => ("decimal", [].as_slice()),
        TaskTemplateKind::Scanner => ("scanner", [].as_slice()),
    };
    TaskTemplateDto {
        title: &task.title,
        kind,
        items: items.iter().map(String::as_str).collect(),
        is_required_to_complete: task.is_required_to_complete,
        is_required_to_fail: task.is_required_to_fail,
    }
}

/// What does not have the form that everything does which was understood.
pub(crate) fn oddities(request: &StopRequest) -> Vec<OddityDto<'_>> {
    let (address, contact) = (&request.address, &request.contact);
    let fields = [
        ("contact.phone", contact.phone.as_str(), is_e164(&contact.phone), "is no telephone number in E.164"),
        ("contact.email", contact.email.as_str(), is_email(&contact.email), "is no e-mail address"),
        (
            "address.country_code",
            address.country_code.as_str(),
            is_country(&address.country_code),
            "is no code of ISO 3166-1",
        ),
        (
            "address.province_code",
            address.province_code.as_str(),
            is_province(&address.province_code, &address.country_code),
            "is no code of ISO 3166-2 of its country, without that",
        ),
    ];
    let odd = fields.into_iter().filter(|(_, value, is_known, _)| !value.is_empty() && !is_known);
    odd.map(|(field, value, _, message)| OddityDto { field, value, message }).collect()
}

/// A plus sign and up to 15 digits, the first of which is none of a prefix (ITU-T E.164, section 6).
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    routemate_domain::Email::parse(text).is_ok()
}

/// One that is assigned (ISO 3166-1 alpha-2), in capitals.
fn is_country(text: &str) -> bool {
    from_alpha2(text).is_some_and(|country| country.alpha2 == text)
}

/// A subdivision of its country; where that is none, whatever has the form of one.
fn is_province(text: &str, country: &str) -> bool {
    let has_form = (1..=3).contains(&text.len())
        && text.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    has_form && (!is_country(country) || iso3166_2::from_code(&format!("{country}-{text}")).is_some())
}

#[cfg(test)]
mod tests {
    use routemate_domain::{Address, Contact, ImportedStopId, Priority, StopKind};
    use uuid::Uuid;

    use super::*;

    fn request(contact: Contact, address: Address) -> StopRequest {
        StopRequest {
            external_id: None,
            kind: StopKind::Delivery,
            address,
            position: None,
            contact,
            note: None,
            service_time: None,
            windows: Vec::new(),
            delivery_date: None,
            priority: Priority::default(),
            items: Vec::new(),
            order_name: None,
            attributes: Vec::new(),
            tags: Vec::new(),
            tasks: Vec::new(),
        }
    }

    #[track_caller]
    fn check_odd(contact: Contact, address: Address, expected: &[&str]) {
        let request = request(contact, address);
        let odd: Vec<&str> = oddities(&request).iter().map(|oddity| oddity.field).collect();
        assert_eq!(odd, expected);
    }

    #[test]
    fn what_reads_as_nothing_known_is_told() {
        let contact = |phone: &str, email: &str| Contact {
            phone: phone.to_owned(),
            email: email.to_owned(),
            ..Contact::default()
        };
        let address = |country_code: &str, province_code: &str| Address {
            country_code: country_code.to_owned(),
            province_code: province_code.to_owned(),
            ..Address::default()
        };
        check_odd(Contact::default(), Address::default(), &[]);
        check_odd(contact("+14165551000", "a@example.com"), address("US", "NY"), &[]);
        check_odd(contact("", ""), address("FI", "18"), &[]);
        // What only looks like a code is none.
        for country in ["ZZ", "XX", "UK", "us", "USA"] {
            check_odd(contact("", ""), address(country, ""), &["address.country_code"]);
        }
        check_odd(contact("", ""), address("FI", "NY"), &["address.province_code"]);
        check_odd(contact("", ""), address("", "NY"), &[]);
        let all = ["contact.phone", "contact.email", "address.country_code", "address.province_code"];
        check_odd(contact("ask at the door", "aino"), address("Narnia", "somewhere"), &all);
        for phone in ["040 123", "+0401234567", "+1234567890123456", "+358 40 123 4567", "+", "+١٢٣٤٥٦٧"] {
            check_odd(contact(phone, ""), Address::default(), &["contact.phone"]);
        }
    }

    #[test]
    fn a_path_may_name_either_id() {
        let id = ImportedStopId::from_uuid(Uuid::from_u128(7));
        for text in [id.to_string(), format!("ist-{id}")] {
            assert_eq!(key(&text), ImportedStopKey::Either(id, text.clone()));
        }
        for text in ["mystopid-123", "ist-", "IST-x", ""] {
            assert_eq!(key(text), ImportedStopKey::ClientStopId(text.to_owned()));
        }
    }
}

//! `/api/v1/imported-stops.csv`: stops in and out as files that spreadsheets, shops and route planners write and read.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use routemate_app::{Error, ErrorKind, ImportStopFile, Principal, Problem, Replay, TakenStops};
use routemate_domain::ImportedStopId;
use routemate_http::{
    Code, Context, FieldProblem, ProblemDetails, Query, Rejection, authenticate, header_text, idempotency_key, json,
    json_bytes, read_body,
};
use routemate_stop_files::{ByteOrderMark, Delimiter, Faults, MOST_FAULTS, ReadOptions, Said, StopFile, WriteOptions};

use crate::stop_file_view::{SHOWN, stop_file_json};

const OPERATION: &str = "imported-stops.csv";

/// The most rows of a file that comes over HTTP: its bytes are limited too, but rows may be short.
pub(crate) const MOST_ROWS: u64 = 100_000;

/// Stops that are written at once.
const AT_ONCE: usize = 1_000;

/// The content type of what is exported.
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// Whether an import keeps anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// All of it.
    All,
    /// Nothing: the sender wants to see how the file reads.
    Nothing,
}

/// Takes in the stops of a file, all or none, or shows how it reads.
pub(crate) async fn import(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let query = req.query_string();
    let asked = read_query(&Query::parse(query), header_text(req.headers(), header::CONTENT_TYPE));
    let key = idempotency_key(req.headers(), OPERATION, &[query.as_bytes(), b"\n", &body].concat());
    let ((options, keeping), idempotency) = match (asked, key) {
        (Ok(asked), Ok(key)) => (asked, key),
        (asked, key) => {
            let problems = asked.err().into_iter().flatten().chain(key.err());
            return Err(ErrorKind::Invalid(problems.collect()).into());
        }
    };
    // Reading holds a thread for as long as the file is long.
    let file = web::block(move || routemate_stop_files::read(&body, &options, |_, _| {}));
    let file = file.await.map_err(Error::internal)?;
    match keeping {
        Keeping::Nothing => preview(ctx, who, file).await,
        Keeping::All if file.faults.is_empty() => take(ctx, who, file, idempotency).await,
        Keeping::All => Ok(refused(&file.faults)),
    }
}

async fn preview(ctx: &Context, who: Principal, file: StopFile) -> Result<HttpResponse, Rejection> {
    let answer = ctx.run(move |app| async move {
        let ids: Vec<_> = file.stops.iter().map(|stop| stop.request.external_id.as_ref()).collect();
        let taken = app.try_stop_file(who.organization_id, &ids).await?;
        Ok(stop_file_json(&file, taken, true))
    });
    Ok(json(StatusCode::OK, &answer.await?))
}

async fn take(
    ctx: &Context,
    who: Principal,
    mut file: StopFile,
    idempotency: Option<routemate_app::Idempotency>,
) -> Result<HttpResponse, Rejection> {
    let stops = std::mem::take(&mut file.stops);
    let (shown, requests) = (stops.iter().take(SHOWN).cloned().collect(), stops.into_iter().map(|stop| stop.request));
    file.stops = shown;
    let requests = requests.collect();
    // Text and numbers only: writing it cannot fail.
    let render = Arc::new(move |taken: &TakenStops| {
        serde_json::to_vec(&stop_file_json(&file, *taken, false)).unwrap_or_default()
    });
    let command = ImportStopFile { requests, idempotency, render };
    let answer = ctx.run(move |app| async move { app.import_stop_file(&who, command).await }).await?;
    let mut response = json_bytes(StatusCode::OK, answer.body);
    if answer.replay != Replay::No {
        let replayed = header::HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// A file that is wrong: nothing of it was taken in.
fn refused(faults: &Faults) -> HttpResponse {
    let problems: Vec<Problem> =
        faults.listed().iter().map(|fault| Problem::new(fault.place(), &fault.message)).collect();
    let errors = faults.listed().iter().map(|fault| FieldProblem {
        path: fault.place(),
        detail: fault.to_string(),
        line: fault.line,
        column: fault.column.clone(),
        value: fault.value.clone(),
    });
    let (count, listed) = (faults.count(), faults.listed().len());
    let detail = match count {
        1 => "The file has a fault; nothing was imported".to_owned(),
        count if listed < MOST_FAULTS => format!("The file has {count} faults; nothing was imported"),
        count => format!("The file has {count} faults, the first {listed} of which are listed; nothing was imported"),
    };
    let details = ProblemDetails::new(Code::ValidationError, detail).with_some_errors(errors.collect(), count);
    Rejection::from(ErrorKind::Invalid(problems)).logged_with(details.into_response())
}

fn read_query(query: &Query, content_type: Option<&str>) -> Result<(ReadOptions, Keeping), Vec<Problem>> {
    let given = |name| query.first(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let said = Said {
        delimiter: given("delimiter"),
        encoding: given("encoding").or_else(|| content_type.and_then(charset)),
        header: given("header"),
        map: query.all("map").map(str::to_owned).collect(),
        unknown_columns: given("unknown_columns"),
        date_order: given("date_order"),
    };
    let mut problems = Vec::new();
    if content_type.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/")) {
        problems.push(Problem::new("body", "must be the file itself, not a form that holds it"));
    }
    let keeping = match given("preview").as_deref() {
        None | Some("false") => Some(Keeping::All),
        Some("true") => Some(Keeping::Nothing),
        Some(_) => {
            problems.push(Problem::new("preview", "must be true or false"));
            None
        }
    };
    match (said.understood(), keeping) {
        (Ok(options), Some(keeping)) if problems.is_empty() => {
            Ok((ReadOptions { most_rows: MOST_ROWS, ..options }, keeping))
        }
        (understood, _) => {
            let wrong = understood.err().into_iter().flatten();
            Err(problems.into_iter().chain(wrong.map(|(name, message)| Problem::new(name, message))).collect())
        }
    }
}

/// `charset` of a content type.
fn charset(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Every imported stop, in the order they were made, as a file that can be imported again.
pub(crate) async fn export(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let options = write_options(&Query::parse(req.query_string())).map_err(ErrorKind::Invalid)?;
    // What goes wrong before the first byte is told; what goes wrong later ends the connection without an end of the file.
    let first = page(ctx, &who, None, options).await?;
    let ctx = ctx.clone();
    let begun = (Some(first), Some(Bytes::from(routemate_stop_files::header(options))));
    let pages = stream::try_unfold(begun, move |(page_behind, begin)| {
        let (ctx, who) = (ctx.clone(), who.clone());
        async move {
            let Some(Page { bytes, last }) = page_behind else { return Ok(None) };
            if let Some(begin) = begin {
                return Ok(Some((begin, (Some(Page { bytes, last }), None))));
            }
            let next = match last {
                Some(last) => Some(page(&ctx, &who, Some(last), options).await?),
                None => None,
            };
            Ok::<_, Error>(Some((bytes, (next, None))))
        }
    });
    let mut response = HttpResponse::Ok().streaming(Box::pin(pages));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, CSV),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"imported-stops.csv\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Lines of a file, and the last of their stops where more may follow.
struct Page {
    bytes: Bytes,
    last: Option<ImportedStopId>,
}

async fn page(
    ctx: &Context,
    who: &Principal,
    after: Option<ImportedStopId>,
    options: WriteOptions,
) -> Result<Page, Error> {
    let organization = who.organization_id;
    ctx.run(move |app| async move {
        let stops = app.export_stops(organization, after, AT_ONCE).await?;
        let last = stops.last().filter(|_| stops.len() == AT_ONCE).map(|stop| stop.id);
        Ok(Page { bytes: Bytes::from(routemate_stop_files::rows(&stops, options)), last })
    })
    .await
}

fn write_options(query: &Query) -> Result<WriteOptions, Vec<Problem>> {
    let mut problems = Vec::new();
    let given = |name| query.first(name).filter(|value| !value.is_empty());
    let delimiter = given("delimiter").map_or(Some(Delimiter::Comma), Delimiter::named);
    if delimiter.is_none() {
        problems.push(Problem::new("delimiter", "must be comma, semicolon, tab or bar"));
    }
    let mark = match given("byte_order_mark") {
        None | Some("false") => ByteOrderMark::Absent,
        Some("true") => ByteOrderMark::Present,
        Some(_) => {
            problems.push(Problem::new("byte_order_mark", "must be true or false"));
            ByteOrderMark::Absent
        }
    };
    match delimiter {
        Some(delimiter) if problems.is_empty() => Ok(WriteOptions { delimiter, mark }),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_with_a_query_is_told() {
        let asked = read_query(
            &Query::parse("preview=maybe&delimiter=%3A&map=x&encoding=morse"),
            Some("multipart/form-data; boundary=x"),
        );
        let problems = asked.expect_err("refused");
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["body", "preview", "delimiter", "encoding", "map"]);
        let problems = write_options(&Query::parse("delimiter=%3A&byte_order_mark=1")).expect_err("refused");
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn a_content_type_may_say_the_encoding() {
        let encoding = |query: &str, kind| {
            let (options, _) = read_query(&Query::parse(query), kind).expect("a query");
            options.encoding.map(|encoding| encoding.name())
        };
        assert_eq!(encoding("", Some("text/csv; header=present; Charset=\"ISO-8859-2\"")), Some("ISO-8859-2"));
        assert_eq!(encoding("encoding=utf-8", Some("text/csv; charset=ISO-8859-2")), Some("UTF-8"));
        assert_eq!((encoding("", Some("text/csv")), encoding("", None)), (None, None));
    }
}

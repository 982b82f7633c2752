//! Commands that read and write files of stops. They work while a server runs; its worker finds the addresses.

use std::fs::File;
use std::io::{ErrorKind, Read, Write, stdin, stdout};
use std::path::Path;

use routemate_api_native::stop_file_json;
use routemate_app::{App, TakenStops};
use routemate_domain::{ImportedStopId, OrganizationId, StopRequest};
use routemate_stop_files::{ByteOrderMark, Delimiter, Said, StopFile, WriteOptions};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::Failure;
use crate::arguments::parse;
use crate::cli::{ExportStops, ImportStops, StopsCommand};
use crate::compose;
use crate::config::Config;
use crate::output;
use crate::progress::Progress;

/// Stops that are read and written at once.
const AT_ONCE: usize = 1_000;

pub(crate) async fn run(config: &Config, command: StopsCommand) -> Result<(), Failure> {
    match command {
        StopsCommand::Import(args) => import(config, args).await,
        StopsCommand::Export(args) => export(config, args).await,
    }
}

async fn import(config: &Config, args: ImportStops) -> Result<(), Failure> {
    let said = Said {
        delimiter: args.delimiter,
        encoding: args.encoding,
        header: args.no_header.then(|| "absent".to_owned()),
        map: args.map,
        unknown_columns: args.keep_unknown.then(|| "attributes".to_owned()),
        date_order: args.date_order,
    };
    let options = said.understood().map_err(|wrong| {
        let wrong = wrong.iter().map(|(name, message)| format!("--{} {message}", name.replace('_', "-")));
        wrong.collect::<Vec<_>>().join("; ")
    })?;
    let bytes = contents(&args.file)?;
    let product = compose::open_for_administration(config).await?;
    let organization = organization(&product.app, args.org.as_deref()).await?;
    let reading = Progress::towards(Some(u64::try_from(bytes.len()).unwrap_or(u64::MAX)));
    reading.step("reading stops");
    // Bytes of the text, which are more than those of the file in some encodings.
    let mut file = routemate_stop_files::read(&bytes, &options, |read, total| {
        reading.set_total(total);
        reading.reach(read);
    });
    reading.end();
    drop(bytes);
    let is_wrong = !file.faults.is_empty();
    let taken = if args.preview || is_wrong {
        let ids: Vec<_> = file.stops.iter().map(|stop| stop.request.external_id.as_ref()).collect();
        product.app.try_stop_file(organization, &ids).await?
    } else {
        take(&product.app, organization, &mut file).await?
    };
    let object = stop_file_json(&file, taken, args.preview || is_wrong);
    if args.json {
        output::line(&object);
    } else {
        show(&file, taken, &object, args.preview);
    }
    product.store.close().await?;
    match file.faults.count() {
        0 => Ok(()),
        1 => Err("the file has a fault; nothing was imported".into()),
        count => Err(format!("the file has {count} faults; nothing was imported").into()),
    }
}

/// Takes the stops of a file in, all or none; the first of them stay to be shown.
async fn take(app: &App, organization: OrganizationId, file: &mut StopFile) -> Result<TakenStops, Failure> {
    let stops = std::mem::take(&mut file.stops);
    file.stops = stops.iter().take(10).cloned().collect();
    let requests: Vec<StopRequest> = stops.into_iter().map(|stop| stop.request).collect();
    let writing = Progress::counting(u64::try_from(requests.len()).unwrap_or(u64::MAX));
    writing.step("writing stops");
    let taken = app.import_stop_file_of(organization, requests, &|written| writing.reach(written)).await;
    writing.end();
    Ok(taken?)
}

fn contents(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => stdin().lock().read_to_end(&mut bytes),
        _ => File::open(file).and_then(|mut opened| opened.read_to_end(&mut bytes)),
    };
    read.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(bytes)
}

/// The organisation that is named, or the only one.
async fn organization(app: &App, named: Option<&str>) -> Result<OrganizationId, Failure> {
    if let Some(id) = named {
        let id = parse("--org", id)?;
        return Ok(app.organization(id).await?.id);
    }
    match app.organizations(None, 2).await?.as_slice() {
        [only] => Ok(only.id),
        [] => Err("there is no organisation yet: make one with `routemate org create`".into()),
        _ => Err("there are several organisations: say which with --org; `routemate org list` shows them".into()),
    }
}

fn show(file: &StopFile, taken: TakenStops, object: &Value, is_preview: bool) {
    let (encoding, delimiter) = (file.encoding.map(|encoding| encoding.name()), file.delimiter.map(Delimiter::name));
    if let (Some(encoding), Some(delimiter)) = (encoding, delimiter) {
        output::line(format_args!("{encoding}, {delimiter} between cells, {} rows", file.rows));
    }
    if !file.columns.is_empty() {
        output::line("");
        output::list(object, "columns", &["number", "name", "field"], false);
    }
    if is_preview && !file.stops.is_empty() {
        output::line("");
        output::list(
            &json!({ "stops": first_stops(object) }),
            "stops",
            &["line", "client_stop_id", "receiver", "address", "items"],
            false,
        );
    }
    for (name, title, count) in [
        ("overridden_rows", "rows are replaced by later rows of the same client_stop_id", file.replaced.count()),
        ("faults", "faults", file.faults.count()),
    ] {
        if count > 0 {
            output::line(format_args!("\n{count} {title}"));
            output::list(object, name, &["line", "column", "value", "message"], false);
        }
    }
    if file.faults.is_empty() {
        let (would, TakenStops { created, replaced }) = (if is_preview { "would be " } else { "" }, taken);
        output::line(format_args!("\n{created} stops {would}made, {replaced} {would}replaced"));
    }
}

/// What a table can hold of the first stops.
fn first_stops(object: &Value) -> Vec<Value> {
    let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let stops = object.get("first_stops").and_then(Value::as_array).cloned().unwrap_or_default();
    let row = |stop: &Value| {
        let receiver = ["/contact/first_name", "/contact/last_name", "/contact/company"].map(|path| text(stop, path));
        let receiver: Vec<_> = receiver.into_iter().filter(|part| !part.is_empty()).collect();
        let place = text(stop, "/address/text");
        let pin = || {
            format!(
                "{}, {}",
                stop.get("latitude").unwrap_or(&Value::Null),
                stop.get("longitude").unwrap_or(&Value::Null)
            )
        };
        json!({
            "line": stop.get("line"),
            "client_stop_id": stop.get("client_stop_id"),
            "receiver": receiver.join(" "),
            "address": if place.is_empty() { pin() } else { place },
            "items": stop.get("items").and_then(Value::as_array).map(Vec::len),
        })
    };
    stops.iter().map(row).collect()
}

async fn export(config: &Config, args: ExportStops) -> Result<(), Failure> {
    let delimiter = Delimiter::named(&args.delimiter)
        .ok_or_else(|| format!("--delimiter `{}` must be comma, semicolon, tab or bar", args.delimiter))?;
    let mark = if args.byte_order_mark { ByteOrderMark::Present } else { ByteOrderMark::Absent };
    let options = WriteOptions { delimiter, mark };
    let product = compose::open_for_administration(config).await?;
    let organization = organization(&product.app, args.org.as_deref()).await?;
    match &args.output {
        None => {
            // A reader who has seen enough (`| head`) is no failure.
            match write(&product.app, organization, options, &mut stdout().lock()).await {
                Err(failure) if is_closed(&failure) => {}
                written => drop(written?),
            }
        }
        Some(path) => {
            // Beside its place, so that what is there is a whole file.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let cannot = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
            let mut file = NamedTempFile::new_in(folder).map_err(cannot)?;
            let stops = write(&product.app, organization, options, file.as_file_mut()).await?;
            file.as_file().sync_all().map_err(cannot)?;
            file.persist(path).map_err(|error| cannot(error.error))?;
            output::answer(&json!({ "file": path.display().to_string(), "stops": stops }), args.json);
        }
    }
    Ok(product.store.close().await?)
}

fn is_closed(failure: &Failure) -> bool {
    failure.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Writes all stops; gives how many they are.
async fn write(
    app: &App,
    organization: OrganizationId,
    options: WriteOptions,
    out: &mut (impl Write + ?Sized),
) -> Result<u64, Failure> {
    out.write_all(&routemate_stop_files::header(options))?;
    let (mut last, mut written): (Option<ImportedStopId>, u64) = (None, 0);
    loop {
        let stops = app.export_stops(organization, last, AT_ONCE).await?;
        out.write_all(&routemate_stop_files::rows(&stops, options))?;
        written += u64::try_from(stops.len()).unwrap_or_default();
        last = stops.last().map(|stop| stop.id);
        if stops.len() < AT_ONCE {
            out.flush()?;
            return Ok(written);
        }
    }
}

//! Any bytes as a request: what must hold of what is read from them. The fuzz targets (`crates/api-routemate/fuzz`) and the
//! tests below run the same judges, so that they never rot.

use jiff::Timestamp;
use routemate_app::Problem;
use routemate_domain::{ImportedStop, ImportedStopId, OrganizationId, StopRequest};
use routemate_http::Query;
use routemate_stop_files::{ReadOptions, StopFile, WriteOptions};
use uuid::Uuid;

use crate::link::{job_link_url, read_link};
use crate::{addresses, geocode};

const MOST: u32 = 20;

/// A body of `POST /api/v1/geocode`: it holds questions, of each of which it is told what is wrong with it, or none at all.
pub fn judge_questions(bytes: &[u8]) {
    match geocode::questions(bytes, MOST) {
        Ok(questions) => {
            assert!((1..=MOST as usize).contains(&questions.len()));
            for (at, question) in questions.iter().enumerate() {
                assert!(question.id.is_null() || question.id.is_string() || question.id.is_number());
                match &question.query {
                    Ok(query) => assert!(!query.as_text().trim().is_empty(), "a question without words"),
                    Err(fault) => assert!(fault.starts_with(&format!("queries[{at}]")), "{fault}"),
                }
            }
        }
        Err(problems) => judge_problems(&problems),
    }
}

/// A body of `PUT /api/v1/addresses`: it names an address and a place that can be, or all that is wrong with it.
pub fn judge_address(bytes: &[u8]) {
    match addresses::command(bytes) {
        Ok(command) => {
            assert!(!command.address.as_str().trim().is_empty());
            assert_ne!((command.position.lat(), command.position.lng()), (0.0, 0.0));
        }
        Err(problems) => judge_problems(&problems),
    }
}

/// The first line is a job's id, the rest the query of its page: the link that is read is the one that was meant.
pub fn judge_link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (job, query) = text.split_once('\n').unwrap_or((&text, ""));
    let Some(link) = read_link(job, &Query::parse(query)) else {
        return;
    };
    let is_signature = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if link.signature.bytes().all(is_signature) {
        let written = job_link_url("https://routes.example", &link);
        let (path, query) = written.split_once('?').unwrap_or_default();
        let job = path.rsplit('/').next().unwrap_or_default();
        assert_eq!(read_link(job, &Query::parse(query)), Some(link), "{written}");
    }
}

/// A file of stops: it holds some, or it is said why not; what was read is written and read again as it was.
pub fn judge_stop_file(bytes: &[u8]) {
    let file = read_stops(bytes);
    assert!(!file.stops.is_empty() || !file.faults.is_empty());
    let stops: Vec<ImportedStop> = file.stops.iter().map(|stop| stored(&stop.request)).collect();
    let options = WriteOptions::default();
    let written = [routemate_stop_files::header(options), routemate_stop_files::rows(&stops, options)].concat();
    let again = read_stops(&written);
    let requests = |file: StopFile| file.stops.into_iter().map(|stop| stop.request).collect::<Vec<_>>();
    assert!(again.faults.is_empty() || stops.is_empty(), "{:?}", again.faults);
    assert_eq!(requests(again), requests(file));
}

fn read_stops(bytes: &[u8]) -> StopFile {
    routemate_stop_files::read(bytes, &ReadOptions::default(), |_, _| {})
}

fn stored(request: &StopRequest) -> ImportedStop {
    ImportedStop {
        organization_id: OrganizationId::from_uuid(Uuid::nil()),
        id: ImportedStopId::from_uuid(Uuid::nil()),
        location: request.location(),
        request: request.clone(),
        version: 1,
        imported_at: Timestamp::UNIX_EPOCH,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn judge_problems(problems: &[Problem]) {
    assert!(!problems.is_empty());
    assert!(problems.iter().all(|problem| !problem.path.is_empty() && !problem.message.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTIONS: &str = include_str!("../../api-routemate/fuzz/seeds/questions/whole.seed");
    const ADDRESS: &str = include_str!("../../api-routemate/fuzz/seeds/addresses/whole.seed");
    const STOPS: &str = include_str!("../../api-routemate/fuzz/seeds/stop_files/whole.seed");
    const LINK: &str = include_str!("../../api-routemate/fuzz/seeds/links/whole.seed");

    #[test]
    fn what_is_right_is_read() {
        let questions = geocode::questions(QUESTIONS.as_bytes(), MOST).expect("questions");
        assert!(questions.iter().all(|question| question.query.is_ok()), "{questions:?}");
        assert!(addresses::command(ADDRESS.as_bytes()).is_ok());
        let (job, query) = LINK.split_once('\n').expect("two lines");
        assert!(read_link(job, &Query::parse(query)).is_some());
        assert_eq!(read_stops(STOPS.as_bytes()).stops.len(), 2);
        judge_stop_file(STOPS.as_bytes());
        for (judge, text) in JUDGES {
            judge(text.as_bytes());
        }
    }

    type Judge = fn(&[u8]);
    const JUDGES: [(Judge, &str); 3] = [(judge_questions, QUESTIONS), (judge_address, ADDRESS), (judge_link, LINK)];

    #[test]
    fn files_of_stops_that_are_nearly_right_are_judged() {
        // One way to be wrong at each place: a file takes longer to read than a body.
        for (at, byte) in (0..STOPS.len()).zip(b"\"'=;,\n\r\t-0x\0\xff(:/".iter().cycle()) {
            let mut bytes = STOPS.as_bytes().to_vec();
            bytes[at] = *byte;
            judge_stop_file(&bytes);
            bytes.truncate(at);
            judge_stop_file(&bytes);
        }
    }

    #[test]
    fn whatever_is_nearly_right_is_judged() {
        for (judge, text) in JUDGES {
            for at in 0..text.len() {
                for byte in b"\"{}[],:0-e\\\0 \xff" {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[at] = *byte;
                    judge(&bytes);
                    bytes.remove(at);
                    judge(&bytes);
                    bytes.truncate(at);
                    judge(&bytes);
                }
            }
        }
    }
}

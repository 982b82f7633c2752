//! Reads a history and what is left in the end, and says what of it must not be.
//!
//! An import that was answered with 200 is there, once, whole, and every answer under its key is the same to the byte. One
//! that was not may be there or not, but a last call under its key makes it so. Nothing is there that nobody sent.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::caller::Answer;
use super::finding::Finding;
use super::history::{Call, Invocation, Outcome};
use super::imports::Import;
use super::inventory::{Inventory, StoredJob};

/// Says what was found, and where its history is.
pub(in crate::bench) fn tell(findings: &[Finding], folder: &Path) {
    const TOLD: usize = 20;
    for finding in findings.iter().take(TOLD) {
        eprintln!("bench: {finding}");
    }
    if findings.len() > TOLD {
        eprintln!("bench: and {} more", findings.len() - TOLD);
    }
    if !findings.is_empty() {
        eprintln!("bench: history and logs are in {}", folder.display());
    }
}

/// What a run must not have left behind.
pub(in crate::bench) fn judge(history: &[Invocation], found: &Inventory) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut imports: BTreeMap<Import, Vec<&Invocation>> = BTreeMap::new();
    for invocation in history {
        if let Outcome::Answered(at, answer) = &invocation.outcome
            && !is_expected(answer)
        {
            let answer = format!("{} {}", answer.status, answer.body);
            let (call, import, at) = (invocation.call, invocation.import, *at);
            // A job that is not known may not have been acknowledged; that is judged below.
            if !(call == Call::Status && answer.starts_with("404")) {
                findings.push(Finding::Unexpected { call, import, at, answer });
            }
        }
        if let Some(import) = invocation.import {
            imports.entry(import).or_default().push(invocation);
        }
    }
    let mut stored: BTreeMap<Import, Vec<&StoredJob>> = BTreeMap::new();
    for job in &found.jobs {
        match Import::parse(&job.external_id).filter(|import| imports.contains_key(import)) {
            Some(import) => stored.entry(import).or_default().push(job),
            None => findings.push(Finding::Unasked { external_id: job.external_id.clone() }),
        }
    }
    for (import, calls) in imports {
        let jobs = stored.remove(&import).unwrap_or_default();
        judge_answers(import, &calls, &jobs, &mut findings);
        judge_rows(import, &jobs, &mut findings);
    }
    let strays = found.strays.iter().filter(|(_, count)| **count > 0);
    findings.extend(strays.map(|(what, count)| Finding::Stray { what: what.clone(), count: *count }));
    findings.sort_by_key(Finding::rank);
    findings
}

/// Success, or "try later" with when.
fn is_expected(answer: &Answer) -> bool {
    answer.status == 200 || (answer.status == 503 && answer.retry_after.is_some())
}

fn judge_answers(import: Import, calls: &[&Invocation], jobs: &[&StoredJob], findings: &mut Vec<Finding>) {
    let is_import = |call: &&&Invocation| matches!(call.call, Call::Import | Call::LastImport);
    let mut acknowledged: Vec<(Duration, &Answer)> =
        calls.iter().filter(is_import).filter_map(|call| call.acknowledged()).collect();
    acknowledged.sort_by_key(|(at, _)| *at);
    let first = acknowledged.first().copied();
    let mut told: BTreeMap<String, Duration> = BTreeMap::new();
    for (at, answer) in &acknowledged {
        told.entry(answer.text("job_id").unwrap_or_default()).or_insert(*at);
    }
    for (job_id, at) in told {
        if !jobs.iter().any(|job| is_same_id(&job.job_id, &job_id)) {
            findings.push(Finding::Lost { import, job_id, at });
        }
    }
    if jobs.len() > 1 {
        findings.push(Finding::Doubled { import, job_ids: jobs.iter().map(|job| job.job_id.clone()).collect() });
    }
    let mut bodies = acknowledged.iter().map(|(_, answer)| answer.body.as_str());
    if let Some(one) = bodies.next()
        && let Some(other) = bodies.find(|body| *body != one)
    {
        findings.push(Finding::AnswersDiffer { import, one: one.to_owned(), other: other.to_owned() });
    }
    if let Some(last) = calls.iter().rfind(|call| call.call == Call::LastImport) {
        let before = first.is_some_and(|(at, _)| at < last.asked);
        match (&last.outcome, last.acknowledged()) {
            (_, Some((_, answer))) if before && !answer.is_replay => findings.push(Finding::DoneAgain { import }),
            (_, Some(_)) => {}
            (outcome, None) => {
                let outcome = match outcome {
                    Outcome::Answered(_, answer) => format!("{} {}", answer.status, answer.body),
                    Outcome::Lost(why) => why.clone(),
                };
                findings.push(Finding::KeyStuck { import, outcome });
            }
        }
    }
    let Some((first_at, _)) = first else { return };
    for call in calls.iter().filter(|call| call.call == Call::Status && call.asked > first_at) {
        let Outcome::Answered(at, answer) = &call.outcome else { continue };
        match answer.status {
            404 => findings.push(Finding::Forgotten { import, at: *at }),
            200 => judge_status(import, answer, jobs, findings),
            _ => {}
        }
    }
}

/// A status as against what was sent and what is there.
fn judge_status(import: Import, status: &Answer, jobs: &[&StoredJob], findings: &mut Vec<Finding>) {
    let job_id = status.text("job_id").unwrap_or_default();
    if let [job] = jobs
        && !is_same_id(&job.job_id, &job_id)
    {
        findings.push(Finding::Replaced { import, job_id });
    }
    let body: serde_json::Value = serde_json::from_str(&status.body).unwrap_or_default();
    let count = body.get("stop_count").and_then(serde_json::Value::as_u64);
    if count != Some(import.stops() as u64) {
        let what = format!("its status tells of {count:?} stops, {} were sent", import.stops());
        findings.push(Finding::HalfWritten { import, what });
    }
}

/// A job is there with everything that its transaction writes.
fn judge_rows(import: Import, jobs: &[&StoredJob], findings: &mut Vec<Finding>) {
    for job in jobs {
        let parts = [
            ("stops", job.stops, import.stops() as u64),
            ("places in the order", job.positions, import.stops() as u64),
            ("routes", job.routes, 1),
            ("answers under its key", job.answers, 1),
            ("events of its assignment", job.events, 1),
        ];
        let wrong = parts.iter().filter(|(_, there, wanted)| there != wanted);
        for (what, there, wanted) in wrong {
            let what = format!("{there} {what} where there are to be {wanted}");
            findings.push(Finding::HalfWritten { import, what });
        }
        if job.is_search_lost {
            let what = "a stop waits for its address and nobody looks for it".to_owned();
            findings.push(Finding::HalfWritten { import, what });
        }
    }
}

/// Ids as the wire and the database's inventory write them: with dashes and without.
fn is_same_id(one: &str, other: &str) -> bool {
    one.replace('-', "").eq_ignore_ascii_case(&other.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "0190a0b0-0000-7000-8000-000000000001";
    const OTHER: &str = "0190a0b0-0000-7000-8000-000000000002";

    fn answered(call: Call, import: u64, at_ms: u64, status: u16, is_replay: bool, body: String) -> Invocation {
        let retry_after = (status == 503).then_some(1);
        let answer = Answer { status, is_replay, retry_after, body };
        let outcome = Outcome::Answered(Duration::from_millis(at_ms + 1), answer);
        Invocation { call, import: Some(Import(import)), asked: Duration::from_millis(at_ms), outcome }
    }

    fn imported(job_id: &str) -> String {
        format!("{{\"job_id\":\"{job_id}\"}}")
    }

    fn lost(import: u64, at_ms: u64) -> Invocation {
        let outcome = Outcome::Lost("connection reset".to_owned());
        Invocation { call: Call::Import, import: Some(Import(import)), asked: Duration::from_millis(at_ms), outcome }
    }

    fn status(import: u64, at_ms: u64, job_id: &str, stops: usize) -> Invocation {
        let body = format!("{{\"job_id\":\"{job_id}\",\"stop_count\":{stops}}}");
        answered(Call::Status, import, at_ms, 200, false, body)
    }

    fn stored(import: u64, job_id: &str) -> StoredJob {
        let stops = Import(import).stops() as u64;
        StoredJob {
            external_id: Import(import).id(),
            job_id: job_id.replace('-', ""),
            stops,
            positions: stops,
            routes: 1,
            answers: 1,
            events: 1,
            is_search_lost: false,
        }
    }

    /// An import that was acknowledged, asked for, and sent a last time.
    fn well(import: u64) -> Vec<Invocation> {
        vec![
            answered(Call::Import, import, 10, 200, false, imported(JOB)),
            status(import, 20, JOB, Import(import).stops()),
            answered(Call::LastImport, import, 30, 200, true, imported(JOB)),
        ]
    }

    fn judged(history: &[Invocation], jobs: Vec<StoredJob>) -> Vec<Finding> {
        judge(history, &Inventory { jobs, strays: BTreeMap::new() })
    }

    #[test]
    fn nothing_is_found_where_nothing_is_wrong() {
        assert_eq!(judged(&well(3), vec![stored(3, JOB)]), []);
    }

    #[test]
    fn an_import_without_an_answer_may_be_there_or_not_until_it_is_sent_a_last_time() {
        let last = answered(Call::LastImport, 3, 30, 200, true, imported(JOB));
        assert_eq!(judged(&[lost(3, 10), last], vec![stored(3, JOB)]), []);
        let last = answered(Call::LastImport, 3, 30, 200, false, imported(JOB));
        assert_eq!(judged(&[lost(3, 10), last], vec![stored(3, JOB)]), []);
        let early = answered(Call::Status, 3, 5, 404, false, String::new());
        assert_eq!(judged(&[early, lost(3, 10)], Vec::new()), []);
    }

    #[test]
    fn an_acknowledged_import_that_is_gone_is_lost_and_named() {
        let findings = judged(&well(3)[..1], Vec::new());
        assert!(findings[0].to_string().starts_with("import J3: LOST"), "{findings:?}");
    }

    #[test]
    fn an_acknowledged_import_that_was_lost_and_sent_again_is_found_by_its_second_answer() {
        let mut history = well(3);
        history[2] = answered(Call::LastImport, 3, 30, 200, false, imported(OTHER));
        let findings = judged(&history, vec![stored(3, OTHER)]);
        assert!(findings.iter().any(|finding| matches!(finding, Finding::Lost { import: Import(3), .. })));
        assert!(findings.contains(&Finding::DoneAgain { import: Import(3) }));
        assert!(findings.iter().any(|finding| matches!(finding, Finding::AnswersDiffer { .. })));
    }

    #[test]
    fn a_job_that_was_unknown_after_its_answer_is_forgotten() {
        let mut history = well(3);
        history[1] = answered(Call::Status, 3, 20, 404, false, String::new());
        let at = Duration::from_millis(21);
        assert_eq!(judged(&history, vec![stored(3, JOB)]), [Finding::Forgotten { import: Import(3), at }]);
    }

    #[test]
    fn two_jobs_of_one_import_are_doubled() {
        let findings = judged(&well(3), vec![stored(3, JOB), stored(3, OTHER)]);
        assert!(matches!(&findings[..], [Finding::Doubled { import: Import(3), .. }]), "{findings:?}");
    }

    #[test]
    fn a_job_that_was_shown_and_is_another_one_in_the_end_was_replaced() {
        let mut history = well(3);
        history[1] = status(3, 20, OTHER, Import(3).stops());
        let replaced = Finding::Replaced { import: Import(3), job_id: OTHER.to_owned() };
        assert_eq!(judged(&history, vec![stored(3, JOB)]), [replaced]);
    }

    #[test]
    fn answers_that_differ_in_one_byte_are_found() {
        let mut history = well(3);
        history[2] = answered(Call::LastImport, 3, 30, 200, true, format!("{} ", imported(JOB)));
        let findings = judged(&history, vec![stored(3, JOB)]);
        assert!(matches!(&findings[..], [Finding::AnswersDiffer { .. }]), "{findings:?}");
    }

    #[test]
    fn each_part_that_is_missing_or_there_twice_makes_a_job_half_written() {
        let breakages: [fn(&mut StoredJob); 6] = [
            |job| job.stops -= 1,
            |job| job.positions -= 1,
            |job| job.routes = 0,
            |job| job.answers = 0,
            |job| job.events = 2,
            |job| job.is_search_lost = true,
        ];
        for breakage in breakages {
            let mut job = stored(3, JOB);
            breakage(&mut job);
            let findings = judged(&well(3), vec![job]);
            assert!(matches!(&findings[..], [Finding::HalfWritten { import: Import(3), .. }]), "{findings:?}");
        }
        let mut history = well(3);
        history[1] = status(3, 20, JOB, 1);
        let findings = judged(&history, vec![stored(3, JOB)]);
        assert!(matches!(&findings[..], [Finding::HalfWritten { .. }]), "{findings:?}");
    }

    #[test]
    fn a_key_that_nobody_can_have_back_is_stuck() {
        let last = answered(Call::LastImport, 3, 30, 503, false, String::new());
        let findings = judged(&[lost(3, 10), last], Vec::new());
        assert!(matches!(&findings[..], [Finding::KeyStuck { .. }]), "{findings:?}");
    }

    #[test]
    fn answers_are_success_or_try_later() {
        let fault = answered(Call::Import, 3, 10, 500, false, "{}".to_owned());
        let refused = answered(Call::Token, 3, 10, 401, false, "{}".to_owned());
        let later = answered(Call::Import, 3, 10, 503, false, "{}".to_owned());
        let findings = judged(&[fault, refused, later], Vec::new());
        let is_unexpected = |finding: &Finding| matches!(finding, Finding::Unexpected { .. });
        assert!(findings.len() == 2 && findings.iter().all(is_unexpected), "{findings:?}");
    }

    #[test]
    fn what_nobody_sent_and_what_belongs_to_nothing_is_found() {
        let strays = BTreeMap::from([("routes without a job".to_owned(), 2), ("others".to_owned(), 0)]);
        let findings = judge(&well(3), &Inventory { jobs: vec![stored(3, JOB), stored(4, OTHER)], strays });
        let stray = Finding::Stray { what: "routes without a job".to_owned(), count: 2 };
        assert_eq!(findings, [Finding::Unasked { external_id: "J4".to_owned() }, stray]);
    }
}

//! The table of errors as a page for people.

use std::fmt::Write;

use routemate_app::{ErrorKind, Noun, Problem, Unauthenticated};
use routemate_domain::Refusal;

use super::{Said, Surface, about_any_call, about_bodies, about_callers};
use crate::code::Code;
use crate::rejection::Rejection;

/// Every kind of refusal once.
fn every_kind() -> Vec<Rejection> {
    let mut kinds = about_any_call();
    kinds.extend(about_callers());
    kinds.extend(about_bodies());
    kinds.extend([
        ErrorKind::Invalid(vec![Problem::new("title", "is required")]).into(),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials).into(),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature).into(),
        ErrorKind::NotFound(Noun::Job).into(),
        ErrorKind::Refused(Refusal { noun: "a stop", state: "completed", action: "change" }).into(),
        ErrorKind::Changed(Noun::Job).into(),
        ErrorKind::KeyReused.into(),
        Rejection::UnknownPath,
        Rejection::MethodNotAllowed { allow: "POST".into() },
    ]);
    let driver = "0190b6e2-0000-7000-8000-000000000005".parse().ok();
    kinds.extend(driver.map(|driver| ErrorKind::DriverEmailTaken(driver).into()));
    let job = "e7ad097b-bc51-4d01-9b04-0e372d80613a".parse().ok();
    kinds.extend(job.map(|job| ErrorKind::ExternalJobIdTaken(job).into()));
    kinds
}

/// The table of error codes in Markdown: each with its status, its meaning, and what each surface says.
#[must_use]
pub fn errors_table(surfaces: &[&Surface]) -> String {
    let mut page = String::from("| code | status | meaning |\n|---|---|---|\n");
    for code in Code::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{}` | {} | {} |", code.as_str(), code.status().as_u16(), code.meaning());
    }
    for surface in surfaces {
        let _ = write!(page, "\n## {}\n\n| status | `error` or `detail` | code |\n|---|---|---|\n", surface.tag);
        let mut said: Vec<Said> = every_kind().iter().filter_map(surface.says).collect();
        said.sort_by(|one, other| (one.code, &one.message).cmp(&(other.code, &other.message)));
        said.dedup_by(|one, other| (one.code, &one.message) == (other.code, &other.message));
        for said in said {
            let _ = writeln!(page, "| {} | {} | `{}` |", said.code.status().as_u16(), said.message, said.code.as_str());
        }
    }
    page
}

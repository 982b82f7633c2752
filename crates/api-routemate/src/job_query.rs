use routemate_app::{ErrorKind, JobKey, Noun, Problem};
use routemate_domain::ExternalId;
use routemate_http::Query;

/// What else a job query shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expand {
    /// What is documented.
    Nothing,
    /// Everything that was said of each stop.
    Stops,
}

/// Reads a job query. Of a repeated key the first value counts, but `expand` adds up; an empty value is absent.
///
/// # Errors
/// [`ErrorKind::Invalid`], or [`ErrorKind::NotFound`] for ids that no job can have.
pub(crate) fn job_query(query: &Query) -> Result<(JobKey, Expand), ErrorKind> {
    let given = |name| query.first(name).filter(|value| !value.trim().is_empty());
    let (external_job_id, job_id) = (given("external_job_id"), given("job_id"));
    let mut problems = Vec::new();
    if external_job_id.is_none() && job_id.is_none() {
        problems.push(Problem::new("external_job_id", "or job_id is required"));
    }
    let expand = expand(query).map_err(|problem| problems.push(problem)).unwrap_or(Expand::Nothing);
    if !problems.is_empty() {
        return Err(ErrorKind::Invalid(problems));
    }
    let no_such_job = || ErrorKind::NotFound(Noun::Job);
    let job_id = job_id.map(|id| id.parse().map_err(|_| no_such_job())).transpose()?;
    let external_job_id = external_job_id.map(|id| ExternalId::parse(id).map_err(|_| no_such_job())).transpose()?;
    Ok((JobKey { job_id, external_job_id: external_job_id.map(ExternalId::into_string) }, expand))
}

fn expand(query: &Query) -> Result<Expand, Problem> {
    let mut expand = Expand::Nothing;
    let words = query.all("expand").flat_map(|value| value.split(',')).map(str::trim);
    for word in words.filter(|word| !word.is_empty()) {
        match word {
            "stops" => expand = Expand::Stops,
            _ => return Err(Problem::new("expand", "must be stops")),
        }
    }
    Ok(expand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_query(query: &str, expected: Result<(Option<&str>, bool, Expand), ErrorKind>) {
        let read =
            job_query(&Query::parse(query)).map(|(key, expand)| (key.external_job_id, key.job_id.is_some(), expand));
        assert_eq!(read, expected.map(|(id, has_id, expand)| (id.map(str::to_owned), has_id, expand)), "{query}");
    }

    #[test]
    fn job_queries_need_one_id_that_a_job_can_have() {
        let id = "job_id=e7ad097b-bc51-4d01-9b04-0e372d80613a";
        check_query("external_job_id=B%201", Ok((Some("B 1"), false, Expand::Nothing)));
        check_query(id, Ok((None, true, Expand::Nothing)));
        check_query(&format!("{id}&external_job_id=B&expand=stops"), Ok((Some("B"), true, Expand::Stops)));
        check_query("external_job_id=A&external_job_id=B", Ok((Some("A"), false, Expand::Nothing)));
        check_query("external_job_id=A&expand=&expand=stops,stops", Ok((Some("A"), false, Expand::Stops)));
        for query in ["job_id=7", "external_job_id=a%00b", "external_job_id=A&job_id=7"] {
            check_query(query, Err(ErrorKind::NotFound(Noun::Job)));
        }
        check_query(&format!("external_job_id={}", "x".repeat(256)), Err(ErrorKind::NotFound(Noun::Job)));
    }

    #[test]
    fn job_queries_say_everything_that_is_wrong() {
        for query in ["", "job_id=", "external_job_id=%20", "id=7"] {
            let Err(ErrorKind::Invalid(problems)) = job_query(&Query::parse(query)) else { panic!("must be refused") };
            assert_eq!(problems[0].to_string(), "external_job_id or job_id is required", "{query}");
        }
        let Err(ErrorKind::Invalid(problems)) = job_query(&Query::parse("expand=route")) else {
            panic!("must be refused")
        };
        assert_eq!(problems[1].to_string(), "expand must be stops");
    }
}

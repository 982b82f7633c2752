use jiff::Timestamp;
use routemate_app::SignedJobLink;
use routemate_domain::JobId;
use routemate_http::{Query, job_page_url};

/// The address of a job's page that opens without an account until the link expires.
///
/// Every part is made of letters, digits and hyphens, so that nothing needs escaping.
#[must_use]
pub fn job_link_url(public_url: &str, link: &SignedJobLink) -> String {
    format!(
        "{}?organization={}&expires={}&signature={}",
        job_page_url(public_url, link.job_id),
        link.organization_id,
        link.expires_at.as_second(),
        link.signature
    )
}

/// The link that a request follows; `None` where a part is missing or malformed. Whether it is genuine is not known yet.
pub(crate) fn read_link(job_id: &str, query: &Query) -> Option<SignedJobLink> {
    let job_id: JobId = job_id.parse().ok()?;
    let expires = query.first("expires")?.parse().ok()?;
    Some(SignedJobLink {
        organization_id: query.first("organization")?.parse().ok()?,
        job_id,
        expires_at: Timestamp::from_second(expires).ok()?,
        signature: query.first("signature")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use routemate_domain::OrganizationId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_link_reads_back() {
        let link = SignedJobLink {
            organization_id: OrganizationId::from_uuid(Uuid::from_u128(1)),
            job_id: JobId::from_uuid(Uuid::from_u128(3)),
            expires_at: Timestamp::from_second(1_773_045_000).expect("a time"),
            signature: "a-B_9".to_owned(),
        };
        let url = job_link_url("https://routes.example/", &link);
        assert_eq!(
            url,
            "https://routes.example/app/jobs/00000000-0000-0000-0000-000000000003\
             ?organization=00000000-0000-0000-0000-000000000001&expires=1773045000&signature=a-B_9"
        );
        let (path, query) = url.split_once('?').expect("a query");
        let id = path.rsplit('/').next().expect("an id");
        let read = read_link(id, &Query::parse(query)).expect("a link");
        assert_eq!(job_link_url("https://routes.example", &read), url);
    }

    #[test]
    fn a_link_that_lacks_something_is_none() {
        let id = "00000000-0000-0000-0000-000000000003";
        let organization = "organization=00000000-0000-0000-0000-000000000001";
        for query in [
            String::new(),
            format!("{organization}&expires=1"),
            format!("{organization}&expires=soon&signature=a"),
            format!("{organization}&expires=99999999999999&signature=a"),
            "organization=7&expires=1&signature=a".to_owned(),
        ] {
            assert!(read_link(id, &Query::parse(&query)).is_none(), "{query}");
        }
        assert!(read_link("7", &Query::parse(&format!("{organization}&expires=1&signature=a"))).is_none());
    }
}

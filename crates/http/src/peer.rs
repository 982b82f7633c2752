//! Who is at the other end, as far as that can be believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

use crate::context::Context;
use crate::rejection::Rejection;

impl Context {
    /// The client's address: the connection's, or, where that is a trusted proxy's, the rightmost of `X-Forwarded-For`
    /// that is not. What stands left of it is the client's own claim and is never believed.
    #[must_use]
    pub fn client_address(&self, req: &HttpRequest) -> IpAddr {
        client_address(peer(req), req.headers(), &self.settings().trusted_proxies)
    }

    /// Refuses plain HTTP where the operator said so.
    ///
    /// A trusted proxy's `X-Forwarded-Proto` says what the client spoke; calls from this machine are exempt, but not what
    /// a proxy on this machine passes on for somebody it does not name. Never redirects: the credentials would have been
    /// sent in the clear by then.
    ///
    /// # Errors
    /// [`Rejection::HttpsRequired`].
    pub fn check_transport(&self, req: &HttpRequest) -> Result<(), Rejection> {
        let settings = self.settings();
        let is_allowed = !settings.require_https
            || is_https(peer(req), req.headers(), &settings.trusted_proxies)
            || is_local(peer(req), req.headers(), &settings.trusted_proxies);
        if is_allowed { Ok(()) } else { Err(Rejection::HttpsRequired) }
    }
}

/// Connections without an address (Unix sockets, tests) are nobody's, and above all not this machine's.
fn peer(req: &HttpRequest) -> IpAddr {
    req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical())
}

fn is_trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|net| net.contains(&address))
}

fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for hop in from_the_right(headers, "x-forwarded-for") {
        if !is_trusted(client, proxies) {
            break;
        }
        match address_of(hop) {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

fn is_https(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> bool {
    is_trusted(peer, proxies)
        && from_the_right(headers, "x-forwarded-proto")
            .first()
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Whether the call began on this machine: straight from it, or through a proxy on it that names nobody else.
fn is_local(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> bool {
    let hops = from_the_right(headers, "x-forwarded-for");
    let is_forwarded = is_trusted(peer, proxies) && (!hops.is_empty() || headers.contains_key("x-forwarded-proto"));
    let is_named_local =
        || !hops.is_empty() && hops.iter().all(|hop| address_of(hop).is_some_and(|ip| ip.is_loopback()));
    peer.is_loopback() && (!is_forwarded || is_named_local())
}

/// The comma-separated values of all headers of this name, the nearest proxy's first. A value that is no text is empty
/// and leaves its neighbours as they are: the client's own claims stand in one line with what the proxy adds.
fn from_the_right<'h>(headers: &'h HeaderMap, name: &'static str) -> Vec<&'h str> {
    let values = headers.get_all(name).flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let mut values: Vec<_> = values.map(|value| str::from_utf8(value).unwrap_or_default().trim()).collect();
    values.reverse();
    values
}

/// Some proxies add the port: `192.0.2.1:1234`, `[2001:db8::1]:1234`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let headers = headers("x-forwarded-for", forwarded);
        let client = client_address(peer.parse().unwrap(), &headers, &proxies);
        assert_eq!(client.to_string(), expected);
    }

    #[test]
    fn strangers_cannot_say_who_they_are() {
        check("203.0.113.9", &["192.0.2.1"], "203.0.113.9");
        check("10.0.0.1", &[], "10.0.0.1");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        check("10.0.0.1", &["198.51.100.7, 192.0.2.1"], "192.0.2.1");
        check("10.0.0.1", &["198.51.100.7", "192.0.2.1, 10.0.0.2"], "192.0.2.1");
        check("::1", &["10.1.1.1, 10.0.0.2"], "10.1.1.1");
    }

    #[test]
    fn ports_and_mapped_addresses_are_understood_and_nonsense_ends_the_search() {
        check("10.0.0.1", &["192.0.2.1:4711"], "192.0.2.1");
        check("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1");
        check("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1");
        check("10.0.0.1", &["::ffff:192.0.2.1"], "192.0.2.1");
        check("10.0.0.1", &["192.0.2.1, unknown, 10.0.0.2"], "10.0.0.2");
    }

    #[test]
    fn a_client_cannot_make_the_proxys_word_unreadable() {
        check("10.0.0.1", &["\u{e9}, 192.0.2.1"], "192.0.2.1");
        check("10.0.0.1", &["\u{e9}", "192.0.2.1, 10.0.0.2"], "192.0.2.1");
        check_local("127.0.0.1", &["\u{e9}, 192.0.2.1"], &["http"], false);
        check_local("127.0.0.1", &["\u{e9}"], &[], false);
    }

    #[test]
    fn only_trusted_proxies_say_that_it_was_https() {
        let (proxy, stranger) = ("10.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let https = headers("x-forwarded-proto", &["HTTPS"]);
        assert!(is_https(proxy, &https, &proxies));
        assert!(!is_https(stranger, &https, &proxies));
        assert!(!is_https(proxy, &headers("x-forwarded-proto", &["https, http"]), &proxies));
        assert!(!is_https(proxy, &HeaderMap::new(), &proxies));
    }

    #[track_caller]
    fn check_local(peer: &str, forwarded_for: &[&str], forwarded_proto: &[&str], expected: bool) {
        let proxies = ["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let mut sent = headers("x-forwarded-for", forwarded_for);
        for (name, value) in &headers("x-forwarded-proto", forwarded_proto) {
            sent.append(name.clone(), value.clone());
        }
        assert_eq!(is_local(peer.parse().unwrap(), &sent, &proxies), expected);
    }

    #[test]
    fn only_calls_that_began_on_this_machine_are_local() {
        check_local("127.0.0.1", &[], &[], true);
        check_local("127.0.0.1", &["127.0.0.1"], &["http"], true);
        check_local("192.0.2.1", &[], &[], false);
        // A proxy that is not configured is not asked.
        check_local("::1", &["192.0.2.1"], &["http"], true);
    }

    #[test]
    fn a_proxy_on_this_machine_does_not_make_its_clients_local() {
        check_local("127.0.0.1", &["192.0.2.1"], &["http"], false);
        check_local("127.0.0.1", &[], &["http"], false);
        check_local("127.0.0.1", &["unknown"], &["http"], false);
        check_local("127.0.0.1", &["unknown"], &[], false);
        check_local("127.0.0.1", &["192.0.2.1, 127.0.0.1"], &["http"], false);
        check_local("10.0.0.1", &["127.0.0.1"], &["http"], false);
    }
}

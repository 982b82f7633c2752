//! Which addresses a client may connect to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// How far a client reaches.
///
/// A server whose URL an operator has written may be anywhere: a geocoder in the same rack is the rule, not an attack. A
/// server whose name we or a customer bring is on the public Internet or is not asked: otherwise a name that resolves to
/// an inner address (by a forged or rebound answer, by a customer's own zone) would carry keys and addresses to whatever
/// listens there, and its replies out. The check is made on what the name resolves to, for the connection that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any address.
    Anywhere,
    /// Public addresses only. Proxies of the environment may be anywhere: the operator has set them.
    Public,
}

/// A name, or an address itself, that leads to no public address.
#[derive(Debug, thiserror::Error)]
#[error("its name leads to a private address, which is for servers that the configuration names")]
pub(crate) struct PrivateAddress;

impl Reach {
    /// Refuses a host that is written as an address out of reach; names are looked at when they are resolved.
    pub(crate) fn check(self, url: &Url) -> Result<(), PrivateAddress> {
        let is_private = match (self, url.host()) {
            (Self::Anywhere, _) | (Self::Public, None) => false,
            (Self::Public, Some(host)) => match host.to_string().trim_matches(['[', ']']).parse() {
                Ok(address) => !is_public(address),
                Err(_) => false,
            },
        };
        if is_private { Err(PrivateAddress) } else { Ok(()) }
    }
}

/// Resolves names as the system does, and the host's own to public addresses only.
#[derive(Debug)]
pub(crate) struct PublicHost {
    pub(crate) host: String,
}

impl Resolve for PublicHost {
    fn resolve(&self, name: Name) -> Resolving {
        let is_host = name.as_str().eq_ignore_ascii_case(&self.host);
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            let kept = if is_host { public_only(found)? } else { found };
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

fn public_only(mut found: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    found.retain(|at| is_public(at.ip()));
    if found.is_empty() { Err(io::Error::other(PrivateAddress)) } else { Ok(found) }
}

/// Whether an address is one of the public Internet: neither loopback, private, link-local, shared, reserved, multicast
/// nor one of those in the clothes of IPv6.
///
/// Source: IANA's registries of special-purpose addresses for IPv4 and IPv6; RFC 6052 (NAT64), RFC 3056 (6to4).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!(
            address.octets(),
            // This network; shared by providers; protocol assignments; 6to4 relays; benchmarks; reserved and broadcast.
            [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [240..=255, ..]
        );
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        // Protocol assignments with Teredo; documentation.
        [0x2001, 0..=0x01ff | 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Global unicast is all that is left of use.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: bool) {
        assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for address in ["8.8.8.8", "172.15.255.255", "172.32.0.1", "100.128.0.1", "193.0.0.1", "223.255.255.255"] {
            check(address, true);
        }
        for address in ["2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
        {
            check(address, true);
        }
    }

    #[test]
    fn addresses_of_this_machine_and_its_network_are_not() {
        for address in ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.0.0.0"]
        {
            check(address, false);
        }
        for address in ["169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "203.0.113.9"] {
            check(address, false);
        }
        for address in
            ["::1", "::", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1"]
        {
            check(address, false);
        }
    }

    #[test]
    fn inner_addresses_in_the_clothes_of_ipv6_are_not() {
        for address in ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:c0a8:101::1"] {
            check(address, false);
        }
        check("::127.0.0.1", false);
    }

    #[test]
    fn of_what_a_name_resolves_to_the_public_part_is_kept() {
        let at = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
        assert_eq!(public_only(vec![at("10.0.0.1"), at("8.8.8.8"), at("::1")]).unwrap(), [at("8.8.8.8")]);
        assert!(public_only(vec![at("10.0.0.1")]).is_err());
        assert!(public_only(Vec::new()).is_err());
    }

    #[test]
    fn hosts_written_as_addresses_are_looked_at_before_they_are_asked() {
        let url = |text: &str| Url::parse(text).unwrap();
        for private in ["http://127.0.0.1:8080/", "http://[::1]/", "http://0x7f000001/", "http://[::ffff:10.0.0.1]/"] {
            assert!(Reach::Public.check(&url(private)).is_err(), "{private}");
            assert!(Reach::Anywhere.check(&url(private)).is_ok(), "{private}");
        }
        assert!(Reach::Public.check(&url("https://8.8.8.8/")).is_ok());
        assert!(Reach::Public.check(&url("https://localhost/")).is_ok());
    }
}

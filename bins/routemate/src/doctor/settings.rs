//! Settings that do nothing, or not what they seem to.

use std::net::IpAddr;

use super::Findings;
use crate::config::Config;

const CHECK: &str = "configuration";

/// `given` are the keys that were set, `unknown` the variables that look as if they set one.
pub(super) fn check(config: &Config, given: &[&'static str], unknown: &[String], findings: &mut Findings) {
    let before = findings.0.len();
    if !unknown.is_empty() {
        findings.warn(
            CHECK,
            format!("no setting has the name of {}", unknown.join(", ")),
            "look for the right name in docs/config.md",
        );
    }
    for (key, why) in without_effect(config, given) {
        findings.warn(CHECK, format!("`{key}` is set and has no effect: {why}"), format!("remove `{key}`, or {why}"));
    }
    public_url(config, findings);
    if findings.0.len() == before {
        findings.ok(CHECK, format!("{} settings are given, and all of them have an effect", given.len()));
    }
}

/// What was set in vain, and what is missing for it to matter.
fn without_effect(config: &Config, given: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let asks = |name: &str| config.roads.iter().any(|engine| engine == name);
    let asks_servers = ["osrm", "valhalla", "google"].into_iter().any(asks);
    let needs = |key: &str| match key {
        _ if key.starts_with("osrm_") => (!asks("osrm")).then_some("name `osrm` in `roads`"),
        _ if key.starts_with("valhalla_") => (!asks("valhalla")).then_some("name `valhalla` in `roads`"),
        _ if key.starts_with("google_routes_") => (!asks("google")).then_some("name `google` in `roads`"),
        "roads_deadline_ms" | "roads_imports" | "roads_concurrency" => {
            (!asks_servers).then_some("name a server in `roads`")
        }
        "roads_radius_m" | "roads_threads" => (!asks("embedded")).then_some("name `embedded` in `roads`"),
        "maps" => {
            let is_used = asks("embedded") || config.geocoders.iter().any(|name| name == "embedded");
            (!is_used).then_some("name `embedded` in `roads` or `geocoders`")
        }
        "postgres_connections" => {
            config.database_url().starts_with("sqlite://").then_some("let `database_url` name a PostgreSQL database")
        }
        "geocoding_deadline_ms" => config.geocoders.is_empty().then_some("name a geocoder in `geocoders`"),
        _ => None,
    };
    given.iter().filter_map(|&key| Some((key, needs(key)?))).collect()
}

fn public_url(config: &Config, findings: &mut Findings) {
    let is_local = |ip: IpAddr| ip.is_loopback();
    let listens_openly = !is_local(config.listen.ip());
    match &config.public_url {
        Some(url) if url.starts_with("http://") && !is_loopback_url(url) => findings.warn(
            CHECK,
            format!("`public_url` `{url}` is plain HTTP: tokens and secrets travel in the clear"),
            "put a proxy with TLS in front (docs/operating.md, TLS) and let `public_url` begin with https://",
        ),
        None if listens_openly => findings.warn(
            CHECK,
            format!(
                "the server listens on `{}` and has no `public_url`: links lead to {}, over plain HTTP",
                config.listen,
                config.public_url(config.listen)
            ),
            "set `public_url` to the address that the world knows the server by",
        ),
        Some(url) if url.starts_with("https://") && config.trusted_proxies.is_empty() => findings.warn(
            CHECK,
            "`public_url` is HTTPS, so a proxy is in front, and `trusted_proxies` is empty: limits by address take \
             all clients for one, and `require_https` would refuse what comes from elsewhere",
            "set `trusted_proxies` to the proxy's network, such as 127.0.0.1/32",
        ),
        _ => {}
    }
    if config.require_https && config.trusted_proxies.is_empty() {
        findings.warn(
            CHECK,
            "`require_https` is on and `trusted_proxies` is empty: every call from another machine is refused",
            "set `trusted_proxies` to the network of the proxy that ends TLS",
        );
    }
    if config.metrics_listen.is_some_and(|address| !is_local(address.ip())) {
        findings.warn(
            CHECK,
            "metrics are shown to everybody who can reach their port",
            "let `metrics_listen` be an address that only Prometheus reaches, or close the port to others",
        );
    }
}

/// Whether a URL leads to this machine from this machine only.
fn is_loopback_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(config: &Config, given: &[&'static str]) -> String {
        let mut findings = Findings::default();
        check(config, given, &[], &mut findings);
        findings.0.iter().map(|finding| format!("{} {}\n", finding.level.as_str(), finding.says)).collect()
    }

    #[track_caller]
    fn check_said(config: &Config, given: &[&'static str], expected: &str) {
        let said = said(config, given);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn settings_without_effect_are_named_and_others_are_not() {
        let config = Config::default();
        check_said(&config, &["osrm_url"], "`osrm_url` is set and has no effect");
        check_said(&config, &["valhalla_costing"], "`valhalla_costing` is set and has no effect");
        check_said(&config, &["google_routes_key"], "`google_routes_key` is set and has no effect");
        check_said(&config, &["roads_deadline_ms"], "`roads_deadline_ms` is set and has no effect");
        check_said(&config, &["postgres_connections"], "`postgres_connections` is set and has no effect");
        check_said(&config, &["listen", "maps"], "ok 2 settings are given");
        let osrm = Config { roads: vec!["osrm".to_owned()], ..Config::default() };
        check_said(&osrm, &["osrm_url", "roads_deadline_ms"], "ok 2 settings are given");
        check_said(&osrm, &["roads_radius_m"], "`roads_radius_m` is set and has no effect");
        let url = Some("postgres://h/db".to_owned());
        check_said(&Config { database_url: url, ..Config::default() }, &["postgres_connections"], "ok 1 settings");
    }

    #[test]
    fn plain_http_on_a_reachable_address_is_told() {
        let at = |url: &str| Config { public_url: Some(url.to_owned()), ..Config::default() };
        check_said(&at("http://routes.example"), &[], "is plain HTTP");
        check_said(&at("http://192.0.2.1:8080"), &[], "is plain HTTP");
        check_said(&at("http://127.0.0.1:8080/x"), &[], "ok 0 settings");
        check_said(&at("http://[::1]:8080"), &[], "ok 0 settings");
        check_said(&at("http://localhost"), &[], "ok 0 settings");
        let open = Config { listen: "0.0.0.0:8080".parse().unwrap(), ..Config::default() };
        check_said(&open, &[], "has no `public_url`");
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_told() {
        let https = Config { public_url: Some("https://routes.example".to_owned()), ..Config::default() };
        check_said(&https, &[], "`trusted_proxies` is empty");
        let trusted = Config { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..https };
        check_said(&trusted, &[], "ok 0 settings");
        let strict = Config { require_https: true, ..Config::default() };
        check_said(&strict, &[], "every call from another machine is refused");
    }
}

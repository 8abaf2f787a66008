//! `cnrp probe`: says what listens at the ports of CNRP.

use std::net::Ipv6Addr;

use clap::Args;

use super::terminal::{note, print};
use super::{Exit, run_to_end};
use crate::app::probe::{Finding, Found, Holder, Speech};
use crate::app::{self, Failure};
use crate::render::text::clean;

/// Arguments of `cnrp probe`.
#[derive(Debug, Clone, Args)]
pub struct ProbeArgs {
    /// The machine, by default this one: ports 1096 and 2757 are tried over TCP and UDP, or with a port
    /// that one over TCP
    #[arg(value_name = "HOST[:PORT]", default_value = "localhost", value_parser = target)]
    target: Target,
}

/// Whom to probe.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    host: String,
    port: Option<u16>,
}

/// Probes. A finding that speaks CNRP is what makes it a success.
pub(super) fn run(args: &ProbeArgs) -> Result<Exit, Failure> {
    let Target { host, port } = &args.target;
    let findings = match run_to_end(false, app::probe::probe(host, *port))? {
        // Where there is no such host, nothing speaks CNRP.
        Err(Failure::Service(why)) => {
            note(Some(&clean(&why)));
            return Ok(Exit::NothingFound);
        }
        found => found?,
    };
    print(&report(&findings))?;
    Ok(if findings.iter().any(Finding::is_cnrp) { Exit::Done } else { Exit::NothingFound })
}

/// Reads `HOST[:PORT]`; an address of IPv6 needs brackets only where a port follows.
fn target(text: &str) -> Result<Target, String> {
    const EXPECTED: &str =
        "expected HOST or HOST:PORT, such as names.example.com, 192.0.2.1:1096 or [::1]:1096";
    let (host, port) = match text.rsplit_once(':') {
        _ if text.parse::<Ipv6Addr>().is_ok() => (text, None),
        Some((host, port)) if !text.ends_with(']') => (host, Some(port.parse().map_err(|_| EXPECTED)?)),
        _ => (text, None),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_host = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/@[]".contains(c));
    if !is_host || port == Some(0) || (host.contains(':') && host.parse::<Ipv6Addr>().is_err()) {
        return Err(EXPECTED.to_owned());
    }
    Ok(Target { host: host.to_owned(), port })
}

/// A line for each port.
fn report(findings: &[Finding]) -> String {
    let addresses: Vec<_> = findings.iter().map(|finding| finding.address.to_string()).collect();
    let longest = addresses.iter().map(String::len).max().unwrap_or_default();
    let line = |(finding, address): (&Finding, &String)| {
        let transport = if finding.is_udp { "udp" } else { "tcp" };
        let holder = finding.holder.as_ref().map(held).unwrap_or_default();
        format!("{address:longest$}  {transport}  {}{holder}\n", clean(&found(finding)))
    };
    findings.iter().zip(&addresses).map(line).collect()
}

fn held(holder: &Holder) -> String {
    format!("; held by {} (process {})", clean(&holder.name), holder.pid)
}

fn found(finding: &Finding) -> String {
    match &finding.found {
        Found::Closed => "closed".to_owned(),
        Found::Filtered if finding.is_udp => "no answer: filtered, or not CNRP".to_owned(),
        Found::Filtered => "no answer: filtered".to_owned(),
        Found::Unreachable(why) => format!("unreachable: {why}"),
        Found::Open(speech) if finding.is_udp => spoken(speech, "UDP"),
        Found::Open(speech) => spoken(speech, "HTTP"),
        Found::Guarded(why) => format!("TLS, and no word inside it: {why}"),
        Found::Tls(speech) => match speech {
            Speech::Cnrp { .. } | Speech::Http { .. } => spoken(speech, "HTTPS"),
            inside => format!("TLS, and inside it {}", spoken(inside, "TLS")),
        },
    }
}

fn spoken(speech: &Speech, over: &str) -> String {
    match speech {
        Speech::Cnrp { service: Some(service), .. } => {
            let described = service.description.as_ref().map(|text| format!(" ({text})"));
            format!("CNRP over {over}: {}{}", service.uri, described.unwrap_or_default())
        }
        Speech::Cnrp { service: None, status } => {
            let status = status.map(|code| format!(": status {code}"));
            format!("CNRP over {over}{}", status.unwrap_or_default())
        }
        Speech::Http { status, server } => {
            let status = status.map(|status| format!("status {status}"));
            let known: Vec<_> = status.iter().chain(server).map(String::as_str).collect();
            format!("{over}, but no name service ({})", known.join(", "))
        }
        Speech::Tls => "TLS".to_owned(),
        Speech::Other(text) if clean(text).is_empty() => {
            "another protocol: bytes that are no text".to_owned()
        }
        Speech::Other(text) => format!("another protocol: {text}"),
        Speech::Silent => "something that says nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Service, StatusCode};

    #[test]
    fn a_target_is_a_host_and_maybe_a_port() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("names.example.com:80", "names.example.com", Some(80)),
            ("192.0.2.1", "192.0.2.1", None),
            ("::1", "::1", None),
            ("[::1]", "::1", None),
            ("[2001:db8::1]:1096", "2001:db8::1", Some(1096)),
        ] {
            assert_eq!(target(text), Ok(Target { host: host.to_owned(), port }), "{text}");
        }
        for wrong in
            ["", ":80", "a:b", "a:0", "a:99999", "a b", "http://a", "http://a:80", "me@a", "a:1:2", "[a"]
        {
            assert!(target(wrong).is_err_and(|error| error.contains("expected HOST")), "{wrong}");
        }
    }

    fn finding(is_udp: bool, found: Found, holder: Option<Holder>) -> Finding {
        Finding { address: "127.0.0.1:1096".parse().unwrap(), is_udp, found, holder }
    }

    #[test]
    fn a_report_says_what_each_port_is_in_a_line() {
        let service = Service {
            description: Some("Names\u{1b}[31m of\nExample".to_owned()),
            ..Service::named("urn:example:names")
        };
        let cnrp = Speech::Cnrp { service: Some(Arc::new(service)), status: None };
        let busy = Speech::Cnrp { service: None, status: Some(StatusCode::TOO_BUSY) };
        let http = Speech::Http { status: Some(405), server: Some("nginx".to_owned()) };
        let other = |text: &str| Speech::Other(text.to_owned());
        let holder = Some(Holder { name: "cn\u{7}rp".to_owned(), pid: 7 });
        let findings = [
            finding(false, Found::Open(cnrp.clone()), holder),
            finding(false, Found::Tls(cnrp), None),
            finding(true, Found::Open(busy), None),
            finding(false, Found::Open(http.clone()), None),
            finding(false, Found::Tls(http), None),
            finding(false, Found::Tls(other("220 mail\r\n")), None),
            finding(false, Found::Guarded("it wants a client certificate".to_owned()), None),
            finding(false, Found::Open(other("\u{1}\u{2}")), None),
            finding(false, Found::Open(Speech::Silent), None),
            finding(false, Found::Closed, None),
            finding(false, Found::Filtered, None),
            finding(true, Found::Filtered, None),
        ];
        let report = report(&findings);
        let lines: Vec<_> = report.lines().collect();
        assert_eq!(
            lines,
            [
                "127.0.0.1:1096  tcp  CNRP over HTTP: urn:example:names (Names[31m of Example); held by cnrp (process 7)",
                "127.0.0.1:1096  tcp  CNRP over HTTPS: urn:example:names (Names[31m of Example)",
                "127.0.0.1:1096  udp  CNRP over UDP: status 4.2.1",
                "127.0.0.1:1096  tcp  HTTP, but no name service (status 405, nginx)",
                "127.0.0.1:1096  tcp  HTTPS, but no name service (status 405, nginx)",
                "127.0.0.1:1096  tcp  TLS, and inside it another protocol: 220 mail",
                "127.0.0.1:1096  tcp  TLS, and no word inside it: it wants a client certificate",
                "127.0.0.1:1096  tcp  another protocol: bytes that are no text",
                "127.0.0.1:1096  tcp  something that says nothing",
                "127.0.0.1:1096  tcp  closed",
                "127.0.0.1:1096  tcp  no answer: filtered",
                "127.0.0.1:1096  udp  no answer: filtered, or not CNRP",
            ]
        );
    }
}

//! Where a service is reached, as people write it and as services say it of themselves.

use std::fmt;

use url::Url;

use crate::{
    model::{Service, is_same_uri},
    protocol::{
        go::{GoServer, GoUri},
        vocabulary as v,
    },
};

/// The registered port of a CNRP service over HTTP (RFC 3367 section 3.3).
const PORT: u16 = 1096;
/// The registered port that answers datagrams (D23).
const UDP_PORT: u16 = 2757;

/// The address of a service: an http or https URL, or `udp://HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an http, https or `cnrp` URL, `udp://HOST[:PORT]` (port 2757 unless given),
    /// `go://[HOST[:PORT]]`, or `HOST[:PORT]`. The last two and `cnrp` are HTTP on port 1096 unless
    /// they give another.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if GoUri::is_meant(text) {
            return match text.parse::<GoUri>() {
                Ok(GoUri::Server(server)) => Self::of_go(&server),
                Ok(_) => Err(format!("{text:?} is a question; a server alone was expected, go://HOST")),
                Err(refused) => Err(format!("{text:?} is no server: {refused}")),
            };
        }
        let read = match text.split_once("://") {
            Some((scheme, rest)) => spoken(&scheme.to_ascii_lowercase(), rest, text),
            None => bare(text, "http", PORT),
        };
        read.map(Self).ok_or_else(|| {
            format!(
                "{text:?} is no server: expected an http or https URL, udp://HOST[:PORT], go://HOST[:PORT], \
                 or HOST[:PORT]"
            )
        })
    }

    /// The server of a `go:` URI: HTTP, port 1096 unless given (RFC 3368 section 3.3.3).
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn of_go(server: &GoServer) -> Result<Self, String> {
        Self::parse(&server.to_string())
    }

    /// Where a service is reached that an answer names: at its first server for `dataset` that speaks
    /// HTTP, otherwise at its own URI if that does (D30). `None` if there is no such place.
    pub fn of_service(service: &Service, dataset: Option<&str>) -> Option<Self> {
        let serves = |server: &&crate::model::Server| {
            let mut datasets =
                server.properties.iter().filter(|property| property.is(v::DATASETURI)).peekable();
            dataset.is_none()
                || datasets.peek().is_none()
                || datasets.any(|one| dataset.is_some_and(|wanted| is_same_uri(&one.value, wanted)))
        };
        let servers = service.servers.iter().filter(serves).map(|server| server.uri.as_str());
        let mut places = servers.chain([service.uri.as_str()]);
        places.find_map(|uri| {
            let (scheme, rest) = uri.trim().split_once("://")?;
            let scheme = scheme.to_ascii_lowercase();
            // Datagrams are cut to their request, so a stranger is not asked by them.
            if scheme == "udp" { None } else { spoken(&scheme, rest, uri.trim()).map(Self) }
        })
    }

    /// The address as a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address as a request names it.
    pub fn uri(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is asked by datagrams.
    pub fn is_datagram(&self) -> bool {
        self.0.scheme() == "udp"
    }
}

/// An address by its scheme: `rest` is what follows `://` in `text`.
fn spoken(scheme: &str, rest: &str, text: &str) -> Option<Url> {
    match scheme {
        "http" | "https" => Url::parse(text)
            .ok()
            .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none()),
        "cnrp" => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let mut url = bare(host, "http", PORT)?;
            url.set_path(path);
            Some(url)
        }
        "udp" => bare(rest.strip_suffix('/').unwrap_or(rest), "udp", UDP_PORT),
        _ => None,
    }
}

/// Reads `HOST[:PORT]`; an IPv6 address needs no brackets where there is no port.
fn bare(text: &str, scheme: &str, port: u16) -> Option<Url> {
    // An address of IPv6 without brackets has colons that are no port.
    let host = match text.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => text.to_owned(),
    };
    // As http, whose hosts are checked; those of other schemes may be anything.
    let checked = Url::parse(&format!("http://{host}/")).ok()?;
    let is_bare = checked.path() == "/" && checked.query().is_none() && checked.fragment().is_none();
    if !is_bare || !checked.username().is_empty() || checked.password().is_some() {
        return None;
    }
    let given = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let mut url = Url::parse(&format!("{scheme}://{}/", checked.host()?)).ok()?;
    url.set_port(Some(given.unwrap_or(port))).ok()?;
    Some(url)
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;
    use crate::model::{Property, Server, Service};

    #[test]
    fn a_server_is_a_url_or_a_host_and_maybe_a_port() {
        for (written, meant) in [
            ("http://names.example/", "http://names.example/"),
            ("https://names.example:8443/cnrp", "https://names.example:8443/cnrp"),
            ("http://names.example", "http://names.example/"),
            ("names.example", "http://names.example:1096/"),
            ("names.example:80", "http://names.example/"),
            ("127.0.0.1:2757", "http://127.0.0.1:2757/"),
            ("::1", "http://[::1]:1096/"),
            ("[::1]:2757", "http://[::1]:2757/"),
            ("[::1]", "http://[::1]:1096/"),
            ("udp://names.example", "udp://names.example:2757/"),
            ("UDP://[::1]:99/", "udp://[::1]:99/"),
            ("cnrp://names.example:4321/x", "http://names.example:4321/x"),
            ("go://names.example", "http://names.example:1096/"),
            ("go://", "http://localhost:1096/"),
        ] {
            assert_eq!(Endpoint::parse(written).map(|endpoint| endpoint.to_string()), Ok(meant.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_was_expected() {
        for wrong in [
            "",
            "ftp://names.example/",
            "names.example/path",
            "a b",
            "user@host",
            "host:99999",
            "http://",
            "http://user:pw@host/",
            "http://:pw@host/",
            "udp://host/path",
            "udp://",
            "go:Boeing",
            "go://host?Boeing",
            "go://user@host",
        ] {
            assert!(
                Endpoint::parse(wrong)
                    .is_err_and(|error| error.contains("expected") || error.contains("no place")),
                "{wrong}"
            );
        }
    }

    fn service(uri: &str, servers: &[(&str, &str)]) -> Service {
        let servers = servers.iter().map(|(uri, dataset)| Server {
            uri: (*uri).to_owned(),
            properties: dataset
                .split_whitespace()
                .map(|uri| Property::new("dataseturi", "uri", uri))
                .collect(),
        });
        Service { servers: servers.collect(), ..Service::named(uri) }
    }

    fn reached(service: &Service, dataset: Option<&str>) -> Option<String> {
        Endpoint::of_service(service, dataset).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn d30_a_service_is_reached_at_its_first_server_that_we_can_speak_to() {
        let two = service(
            "urn:x",
            &[("smtp:a@b.example", ""), ("cnrp://one.example", ""), ("http://two.example/", "")],
        );
        assert_eq!(reached(&two, None).as_deref(), Some("http://one.example:1096/"));
        let none =
            service("https://names.example/cnrp", &[("mailto:a@b.example", ""), ("udp://x.example", "")]);
        assert_eq!(reached(&none, None).as_deref(), Some("https://names.example/cnrp"));
        assert_eq!(
            reached(&service("cnrp://names.example", &[]), None).as_deref(),
            Some("http://names.example:1096/")
        );
        for nowhere in ["urn:x", "mailto:a@b.example", "", "http://", "file:///etc/passwd"] {
            assert_eq!(reached(&service(nowhere, &[]), None), None, "{nowhere}");
        }
    }

    #[test]
    fn r12_a_server_of_other_datasets_is_passed_over() {
        let split = service("urn:x", &[("http://fr.example/", "urn:fr"), ("http://all.example/", "")]);
        assert_eq!(reached(&split, Some("urn:fr")).as_deref(), Some("http://fr.example/"));
        assert_eq!(reached(&split, Some("urn:en")).as_deref(), Some("http://all.example/"));
    }
}

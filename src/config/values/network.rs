//! Where things are: addresses, networks, hosts, URLs, URIs.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;
use url::Url;

use super::written::{Written, written};
use crate::model::sent_uri;

/// An address to listen on; port 0 is any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(pub SocketAddr);

impl Written for Address {
    const NAME: &'static str = "Address";
    const EXPECTED: &'static str = "an address with a port such as \"127.0.0.1:1096\" or \"[::1]:1096\"";
    const PATTERN: &'static str = "^([0-9.]+|\\[[0-9A-Fa-f:.%a-z]+\\]):[0-9]+$";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

written!(Address);

impl From<Address> for SocketAddr {
    fn from(address: Address) -> Self {
        address.0
    }
}

/// A network, or a lone address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Net(pub IpNet);

impl Written for Net {
    const NAME: &'static str = "Network";
    const EXPECTED: &'static str = "a network such as \"10.0.0.0/8\" or \"fd00::/8\"";
    const PATTERN: &'static str = "^[0-9A-Fa-f:.]+(/[0-9]+)?$";

    fn read(text: &str) -> Option<Self> {
        let lone = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(lone).map(Self)
    }
}

written!(Net);

impl From<Net> for IpNet {
    fn from(net: Net) -> Self {
        net.0
    }
}

/// A host name or address without a port, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(pub String);

impl Written for HostName {
    const NAME: &'static str = "Host";
    const EXPECTED: &'static str = "a host name without scheme and port, such as names.example.com";
    const PATTERN: &'static str = "^[^/:@\\s]+$|^[0-9A-Fa-f:.\\[\\]]+$";

    fn read(text: &str) -> Option<Self> {
        let lone = text.trim_start_matches('[').trim_end_matches(']');
        match lone.parse::<IpAddr>() {
            Ok(address) => Some(Self(address.to_string())),
            Err(_) if text.contains(':') => None,
            Err(_) => url::Host::parse(text).ok().map(|host| Self(host.to_string())),
        }
    }
}

written!(HostName);

impl From<HostName> for String {
    fn from(host: HostName) -> Self {
        host.0
    }
}

/// An http or https URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpUrl(pub Url);

impl Written for HttpUrl {
    const NAME: &'static str = "HttpUrl";
    const EXPECTED: &'static str = "an http or https URL such as \"http://127.0.0.1:8888\"";
    const PATTERN: &'static str = "^https?://[^/\\s]+\\S*$";

    fn read(text: &str) -> Option<Self> {
        let url = is_one_word(text).then(|| Url::parse(text).ok()).flatten()?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_http.then_some(Self(url))
    }
}

written!(HttpUrl);

/// An origin as browsers send it: scheme, host and port, `https://names.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(pub String);

impl Written for Origin {
    const NAME: &'static str = "Origin";
    const EXPECTED: &'static str = "an origin such as \"https://names.example.com\"";
    const PATTERN: &'static str = "^https?://[^/\\s]+/?$";

    fn read(text: &str) -> Option<Self> {
        let HttpUrl(url) = HttpUrl::read(text)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        (is_bare && url.username().is_empty()).then(|| Self(url.origin().ascii_serialization()))
    }
}

written!(Origin);

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

/// An absolute URI (R1), kept as written where that is one by RFC 3986.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri(pub String);

impl Written for Uri {
    const NAME: &'static str = "Uri";
    const EXPECTED: &'static str =
        "an absolute URI such as \"https://names.example.com/\" or \"urn:example:names\"";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9+.\\-]*:\\S+$";

    fn read(text: &str) -> Option<Self> {
        let url = is_one_word(text).then(|| Url::parse(text).ok()).flatten()?;
        let is_absolute = url.has_host() || !url.path().is_empty();
        is_absolute.then(|| Self(sent_uri(text, &url)))
    }
}

written!(Uri);

impl From<Uri> for String {
    fn from(uri: Uri) -> Self {
        uri.0
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether there is nothing that RFC 3986 would not let stand in a URI, and that the parser of
/// browsers' URLs forgives.
fn is_one_word(text: &str) -> bool {
    !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\' | '`'))
}

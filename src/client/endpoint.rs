//! Where a service is reached, as people write it.

use std::fmt;

use url::Url;

/// The registered port of a CNRP service (RFC 3367 section 3.3).
const PORT: u16 = 1096;

/// The address of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an http or https URL as it stands, or `HOST[:PORT]`, where the port is 1096 unless given.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("{text:?} is no server: expected an http or https URL, or HOST[:PORT]");
        let text = text.trim();
        if let Some((scheme, _)) = text.split_once("://") {
            let url = Url::parse(text).map_err(|_| expected())?;
            let is_spoken = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
            return if is_spoken && url.has_host() { Ok(Self(url)) } else { Err(expected()) };
        }
        // An address of IPv6 without brackets has colons that are no port.
        let host = match text.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => text.to_owned(),
        };
        let mut url = Url::parse(&format!("http://{host}/")).map_err(|_| expected())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        if !is_bare || !url.has_host() {
            return Err(expected());
        }
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        url.set_port(Some(port.unwrap_or(PORT))).map_err(|()| expected())?;
        Ok(Self(url))
    }

    /// The address as a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address as a request names it.
    pub fn uri(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

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
        ] {
            assert_eq!(Endpoint::parse(written).map(|endpoint| endpoint.to_string()), Ok(meant.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_was_expected() {
        for wrong in
            ["", "ftp://names.example/", "names.example/path", "a b", "user@host", "host:99999", "http://"]
        {
            assert!(Endpoint::parse(wrong).is_err_and(|error| error.contains("expected")), "{wrong}");
        }
    }
}

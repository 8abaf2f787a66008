//! Where a backend that speaks HTTP sends its requests, and what it makes of a row of the reply.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use url::{Host, Url};

use super::Setting;
use crate::{
    config::{Options, Problems, Secrets, values::Headers},
    model::{Clock, Exchange, Failure, Hit, Reason},
    upstream::{Bounds, HttpClient, Received, SystemHosts, USER_AGENT, is_public},
};

/// Most rows read of one reply; the best come first, and nobody pages further.
pub(super) const MOST_ROWS: usize = 1000;

/// The tops of names that only somebody's own network knows.
const OWN_NETWORKS: [&str; 3] = ["localhost", "local", "internal"];

/// A configured HTTP upstream.
pub(super) struct Endpoint {
    client: Box<dyn Exchange>,
    headers: HeaderMap,
    /// Says when a reply came.
    clock: Arc<dyn Clock>,
    /// For what is logged here; what is said passes through what is `discreet`.
    secrets: Secrets,
}

impl Endpoint {
    /// The upstream at `url`, asked with these `headers` beside our own, whose replies are no
    /// larger than `body` bytes.
    ///
    /// # Errors
    /// Where there can be no client for it.
    pub(super) fn new(
        options: &Options,
        setting: &Setting<'_>,
        url: &Url,
        headers: Headers,
        body: usize,
    ) -> Result<Self, Problems> {
        let bounds = Bounds { total: setting.timeout, body, ..Bounds::default() };
        let client = || {
            let client = HttpClient::new(url, bounds, USER_AGENT, Arc::new(SystemHosts))?;
            Ok(client.paying(setting.toll.clone()))
        };
        let client = (setting.lines.http(setting.name, client))
            .map_err(|failure| options.wrong("url", &failure.detail))?;
        let (clock, secrets) = (Arc::clone(&setting.clock), options.secrets(""));
        Ok(Self { client, headers: headers.0, clock, secrets })
    }

    /// What an upstream says, for a log of a backend's own.
    pub(super) fn hushed(&self, said: &str) -> String {
        self.secrets.taken_out_of(said)
    }

    /// Gets `url`, preferring the media types `accept`. Configured headers win over ours.
    ///
    /// # Errors
    /// Where no whole reply came.
    pub(super) async fn get(&self, url: &str, accept: &'static str) -> Result<Response<Bytes>, Failure> {
        let request = Request::get(url)
            .body(Bytes::new())
            .map_err(|error| Failure::new(Reason::Malformed, format!("the address to ask: {error}")))?;
        self.ask(request, accept).await
    }

    /// Sends `request`, which may be a POST, as [`Self::get`] does.
    ///
    /// # Errors
    /// Where no whole reply came.
    pub(super) async fn ask(
        &self,
        mut request: Request<Bytes>,
        accept: &'static str,
    ) -> Result<Response<Bytes>, Failure> {
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        // Some limiters take a request without it for a robot's. It names no language, as equal
        // requests are to get equal answers.
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("*"));
        self.send(request).await
    }

    /// Sends a request with the configured headers, which win over its own.
    ///
    /// # Errors
    /// Where no whole reply came.
    pub(super) async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        request.headers_mut().extend(self.headers.clone());
        let mut reply = self.client.exchange(request).await?;
        reply.extensions_mut().insert(Received(self.clock.wall()));
        Ok(reply)
    }
}

/// The hit of a row: a link, relative to `base` where it is not absolute, and what is said of it.
/// A row without a title is called by its address, not by the name asked, which would make it
/// look like a match. `None` where the link is none, or leads into somebody's own network: the web
/// knows of no page there, and a browser that followed it would act behind its user's firewall. Only
/// an engine that is there itself may lead to its own place; other such pages are for a static map.
pub(super) fn hit(base: &Url, title: String, link: &str, description: String) -> Option<Hit> {
    let link = link.trim();
    let url = if link.is_empty() { None } else { base.join(link).ok() }?;
    if is_private(&url) && url.origin() != base.origin() {
        return None;
    }
    let title = if title.trim().is_empty() { url.to_string() } else { title };
    Some(Hit::mention(title, url, description))
}

/// Whether an address says by itself that it is in somebody's own network: an IP address that is not
/// public, or a name that is never looked up in the DNS of the internet (RFC 6761, RFC 6762, and
/// `internal`, which ICANN keeps for this).
pub(super) fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(host)) => {
            let top = host.trim_end_matches('.').rsplit('.').next();
            top.is_some_and(|top| OWN_NETWORKS.contains(&top))
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_into_somebody_s_own_network_is_no_result_but_at_the_engine_s_own_place() {
        let base = Url::parse("http://10.0.0.5:8080/search?q=x").unwrap();
        let of = |link: &str| hit(&base, "x".to_owned(), link, String::new()).is_some();
        for link in [
            "http://127.0.0.1/",
            "http://0x7f.1/",
            "http://10.0.0.5/",
            "http://192.168.1.1/admin",
            "http://169.254.169.254/latest",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fd00::1]/",
            "http://localhost:9096/status",
            "http://a.localhost./",
            "http://printer.LOCAL/",
            "https://vault.internal/",
        ] {
            assert!(!of(link), "{link}");
        }
        for link in [
            "/wiki/x",
            "http://10.0.0.5:8080/x",
            "https://8.8.8.8/",
            "https://local.example/",
            "http://intranet/",
        ] {
            assert!(of(link), "{link}");
        }
    }
}

//! Where a backend that speaks HTTP sends its requests, and what it makes of a row of the reply.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use url::Url;

use super::Setting;
use crate::{
    config::{Options, Problems, Secrets, values::Headers},
    model::{Exchange, Failure, Hit, Reason},
    upstream::{Bounds, HttpClient, SystemHosts, USER_AGENT},
};

/// Most rows read of one reply; the best come first, and nobody pages further.
pub(super) const MOST_ROWS: usize = 1000;

/// A configured HTTP upstream.
pub(super) struct Endpoint {
    client: Box<dyn Exchange>,
    headers: HeaderMap,
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
        Ok(Self { client, headers: headers.0, secrets: options.secrets("") })
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
        self.client.exchange(request).await
    }
}

/// The hit of a row: a link, relative to `base` where it is not absolute, and what is said of it.
/// A row without a title is called by its address, not by the name asked, which would make it
/// look like a match. `None` where the link is none.
pub(super) fn hit(base: &Url, title: String, link: &str, description: String) -> Option<Hit> {
    let link = link.trim();
    let url = if link.is_empty() { None } else { base.join(link).ok() }?;
    let title = if title.trim().is_empty() { url.to_string() } else { title };
    Some(Hit::mention(title, url, description))
}

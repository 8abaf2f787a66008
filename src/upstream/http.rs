//! One HTTP request, one whole reply, within bounds of time, size and place.
//!
//! An upstream is configured by its address, and that scheme, host and port are the only ones
//! under which a private address is dialled. Redirects are followed here and not by the library,
//! as every hop has to be judged: it must not lead from https to http, into a private network or, but
//! where a referral is followed, to another site, and headers, which may hold a key, go no further than
//! the configured place.

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::{Host, Origin, Url};

use super::{
    failure::{Stage, classified},
    hosts::{Guide, HostLookup, Reach},
    roots::Roots,
};
use crate::model::{BoxFuture, Exchange, Failure, Reason, Toll, TraceContext, registrable_domain};

/// How we name ourselves to upstreams.
pub const USER_AGENT: &str = concat!("cnrp-gateway/", env!("CARGO_PKG_VERSION"));

/// Request headers that say nothing but what we can read, and may go to another place.
const HARMLESS: [HeaderName; 3] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::CONTENT_TYPE];

/// Which trace a request is a part of, for whom the configuration names.
const TRACEPARENT: &str = "traceparent";

/// How hosts begin that want to see a person first.
const ASKS_PEOPLE: [&str; 2] = ["consent.", "sorry."];

/// How long an idle connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(30);

/// The bounds of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// For a connection, the TLS handshake included.
    pub connect: Duration,
    /// For all of it, redirects included.
    pub total: Duration,
    /// Largest body, in bytes after decompression.
    pub body: usize,
    /// Most redirects followed.
    pub redirects: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(10),
            body: 2 * 1024 * 1024,
            redirects: 3,
        }
    }
}

/// A client for what the configuration or the command line names, and for the public internet.
pub struct HttpClient {
    /// Places that are named by scheme, host and port.
    homes: Vec<Origin>,
    /// Where else it may go.
    abroad: Reach,
    /// Whether redirects may lead to other sites.
    roams: bool,
    bounds: Bounds,
    user_agent: String,
    lookup: Arc<dyn HostLookup>,
    roots: Roots,
    /// For the named places, wherever they are.
    near: reqwest::Client,
    /// For other places. Made when a redirect first asks for it, as
    /// hardly any does and the trusted certificates are read anew for each client.
    far: OnceLock<Result<reqwest::Client, Failure>>,
    /// Whether a connection may have been kept since one last broke.
    has_kept: AtomicBool,
    toll: Option<Arc<dyn Toll>>,
}

impl HttpClient {
    /// A client for the upstream at `configured`, of which scheme, host and port count.
    ///
    /// # Errors
    /// Where `configured` is no http or https address, or `user_agent` is no header value.
    pub fn new(
        configured: &Url,
        bounds: Bounds,
        user_agent: &str,
        lookup: Arc<dyn HostLookup>,
    ) -> Result<Self, Failure> {
        Self::trusting(Roots::default(), configured, bounds, user_agent, lookup)
    }

    /// The same, which trusts `roots` beside the system's authorities.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn trusting(
        roots: Roots,
        configured: &Url,
        bounds: Bounds,
        user_agent: &str,
        lookup: Arc<dyn HostLookup>,
    ) -> Result<Self, Failure> {
        check_scheme(configured)?;
        let abroad = Reach::Public(Arc::default());
        Self::reaching(roots, vec![configured.origin()], abroad, bounds, user_agent, lookup)
    }

    /// A client for places that an answer named: public addresses, the places `named` in the
    /// configuration, by scheme, host and port, and whatever port of `addresses`, which are those of
    /// a server that the command line named.
    ///
    /// # Errors
    /// Where `user_agent` is no header value.
    pub fn for_referrals(
        named: &[Url],
        addresses: Vec<IpAddr>,
        bounds: Bounds,
        user_agent: &str,
        lookup: Arc<dyn HostLookup>,
    ) -> Result<Self, Failure> {
        let homes = named.iter().map(Url::origin).collect();
        let abroad = Reach::Public(addresses.into());
        let client = Self::reaching(Roots::default(), homes, abroad, bounds, user_agent, lookup)?;
        Ok(Self { roams: true, ..client })
    }

    fn reaching(
        roots: Roots,
        homes: Vec<Origin>,
        abroad: Reach,
        bounds: Bounds,
        user_agent: &str,
        lookup: Arc<dyn HostLookup>,
    ) -> Result<Self, Failure> {
        let near = client(bounds, user_agent, &roots, &lookup, &Reach::Anywhere)?;
        Ok(Self {
            homes,
            abroad,
            roams: false,
            bounds,
            user_agent: user_agent.to_owned(),
            lookup,
            roots,
            near,
            far: OnceLock::new(),
            has_kept: AtomicBool::new(false),
            toll: None,
        })
    }

    /// The same client, which pays for every request that it sends, if there is a toll.
    #[must_use]
    pub fn paying(self, toll: Option<Arc<dyn Toll>>) -> Self {
        Self { toll, ..self }
    }

    async fn follow(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let mut hop = Hop::of(request)?;
        let asked = hop.url.clone();
        for _ in 0..=self.bounds.redirects {
            let reply = self.send(&hop).await?;
            hop = match target(&hop.url, &reply)? {
                Some(url) if self.roams => hop.towards(url, reply.status()),
                Some(url) => {
                    check_site(&asked, &url)?;
                    hop.towards(url, reply.status())
                }
                None => return self.read(reply).await,
            };
        }
        Err(Failure::new(Reason::HttpError, format!("more than {} redirects", self.bounds.redirects)))
    }

    /// Sends a request, and once more if the connection broke before a word came and may have been
    /// one that was kept: the other side closes those when it likes, which shows only when they are
    /// used again (RFC 9112 section 9.3.1). What goes through here are questions, which may be
    /// asked twice. Each reply pays for one such repetition, so a server that always breaks off
    /// gets a request a question.
    async fn send(&self, hop: &Hop) -> Result<reqwest::Response, Failure> {
        match self.send_once(hop).await {
            Err(failure)
                if failure.reason == Reason::Reset && self.has_kept.swap(false, Ordering::Relaxed) =>
            {
                self.send_once(hop).await
            }
            sent => sent,
        }
    }

    async fn send_once(&self, hop: &Hop) -> Result<reqwest::Response, Failure> {
        let client = self.client_for(&hop.url)?;
        if let Some(toll) = &self.toll {
            toll.pay().await?;
        }
        let request = client.request(hop.method.clone(), hop.url.clone());
        let request = request.headers(hop.headers.clone()).body(hop.body.clone());
        let request = match TraceContext::current().filter(|_| self.homes.contains(&hop.url.origin())) {
            Some(context) => request.header(TRACEPARENT, context.onward()),
            None => request,
        };
        request.send().await.map_err(|error| classified(error, Stage::Request))
    }

    /// The client that may go to `url`. Addresses in the URL itself never pass the resolver, so
    /// they are judged here.
    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        if self.homes.contains(&url.origin()) {
            return Ok(&self.near);
        }
        let allowed = match url.host() {
            Some(Host::Ipv4(ip)) => self.abroad.has(ip.into()),
            Some(Host::Ipv6(ip)) => self.abroad.has(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if !allowed {
            return Err(Failure::new(Reason::Unsafe, "led to an address that is not public"));
        }
        let far = || client(self.bounds, &self.user_agent, &self.roots, &self.lookup, &self.abroad);
        self.far.get_or_init(far).as_ref().map_err(Clone::clone)
    }

    async fn read(&self, mut reply: reqwest::Response) -> Result<http::Response<Bytes>, Failure> {
        let too_large =
            || Failure::new(Reason::TooLarge, format!("the reply is over {} bytes", self.bounds.body));
        if reply.content_length().is_some_and(|length| length > self.bounds.body as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = reply.chunk().await.map_err(|error| classified(error, Stage::Body))? {
            if body.len() + chunk.len() > self.bounds.body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if may_be_kept(&reply) {
            self.has_kept.store(true, Ordering::Relaxed);
        }
        let mut whole = http::Response::new(body.freeze());
        *whole.status_mut() = reply.status();
        *whole.headers_mut() = std::mem::take(reply.headers_mut());
        Ok(whole)
    }
}

/// Whether the upstream lets the connection of this reply be kept (RFC 9112 section 9.3).
fn may_be_kept(reply: &reqwest::Response) -> bool {
    let closes = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    reply.version() >= http::Version::HTTP_11 && !reply.headers().get(header::CONNECTION).is_some_and(closes)
}

impl Exchange for HttpClient {
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async move {
            let whole = tokio::time::timeout(self.bounds.total, self.follow(request));
            whole.await.unwrap_or_else(|_| {
                let waited = format!("no whole reply within {} ms", self.bounds.total.as_millis());
                Err(Failure::new(Reason::TimedOut, waited))
            })
        })
    }
}

/// A request to one place.
struct Hop {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Hop {
    fn of(request: http::Request<Bytes>) -> Result<Self, Failure> {
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string()).map_err(|error| {
            Failure::new(Reason::Malformed, format!("the address of the request: {error}"))
        })?;
        check_scheme(&url)?;
        Ok(Self { method: head.method, url, headers: head.headers, body })
    }

    /// The same request to where it was sent on (RFC 9110 section 15.4).
    fn towards(mut self, url: Url, status: StatusCode) -> Self {
        let repeats = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        if !repeats && self.method != Method::HEAD {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(header::CONTENT_TYPE);
        }
        if url.origin() != self.url.origin() {
            let kept = HARMLESS.iter().filter_map(|name| Some((name.clone(), self.headers.remove(name)?)));
            self.headers = kept.collect();
        }
        self.url = url;
        self
    }
}

/// Where a reply sends us on; `None` where it is itself the reply.
fn target(from: &Url, reply: &reqwest::Response) -> Result<Option<Url>, Failure> {
    if !matches!(reply.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = reply.headers().get(header::LOCATION) else { return Ok(None) };
    let url = std::str::from_utf8(location.as_bytes()).ok().and_then(|text| from.join(text).ok());
    let url = url.ok_or_else(|| Failure::new(Reason::Malformed, "a redirect to what is no address"))?;
    check_scheme(&url)?;
    if from.scheme() == "https" && url.scheme() != "https" {
        return Err(Failure::new(Reason::Unsafe, "a redirect from https to http"));
    }
    Ok(Some(url))
}

/// Whether who was `asked` may send us to `url`: only within its site, as nobody named another. What leads
/// to where people show that they are some, or what they consent to, is the same as that page itself.
fn check_site(asked: &Url, url: &Url) -> Result<(), Failure> {
    let (from, to) = (asked.host_str().unwrap_or_default(), url.host_str().unwrap_or_default());
    if from == to {
        return Ok(());
    }
    if ASKS_PEOPLE.iter().any(|label| to.starts_with(label)) {
        return Err(Failure::new(Reason::Captcha, "a redirect to a page that wants to see a person"));
    }
    if registrable_domain(from).is_some_and(|site| registrable_domain(to) == Some(site)) {
        return Ok(());
    }
    Err(Failure::new(Reason::Unsafe, "a redirect to another site than was configured"))
}

fn check_scheme(url: &Url) -> Result<(), Failure> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(());
    }
    Err(Failure::new(Reason::Unsafe, format!("{}: is no http or https address", url.scheme())))
}

fn client(
    bounds: Bounds,
    user_agent: &str,
    roots: &Roots,
    lookup: &Arc<dyn HostLookup>,
    reach: &Reach,
) -> Result<reqwest::Client, Failure> {
    let no_client = |why: String| Failure::new(Reason::Tls, format!("no HTTP client: {why}"));
    let tls = roots.tls().map_err(|error| no_client(error.to_string()))?;
    let builder = || {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(user_agent)
            .connect_timeout(bounds.connect)
            .pool_idle_timeout(IDLE)
            .dns_resolver(Arc::new(Guide { lookup: Arc::clone(lookup), reach: reach.clone() }));
        match &tls {
            Some(tls) => builder.tls_backend_preconfigured(tls.clone()),
            None => builder,
        }
    };
    // A machine without any trusted certificate still speaks http; https then fails when used.
    let built = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    built.map_err(|error| no_client(error.without_url().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_within_the_site_that_was_configured() {
        let of = |asked: &str, to: &str| {
            let url = |text| Url::parse(text).unwrap();
            check_site(&url(asked), &url(to)).err().map(|failure| failure.reason)
        };
        let asked = "http://search.example.co.uk/api";
        for (to, reason) in [
            ("https://search.example.co.uk:8443/api", None),
            ("https://www.example.co.uk/", None),
            ("https://example.co.uk/", None),
            ("https://other.co.uk/", Some(Reason::Unsafe)),
            ("https://example.co.uk.evil.example/", Some(Reason::Unsafe)),
            ("https://192.0.2.1/", Some(Reason::Unsafe)),
            ("https://consent.example.co.uk/m?continue=x", Some(Reason::Captcha)),
            ("https://sorry.other.example/index", Some(Reason::Captcha)),
        ] {
            assert_eq!(of(asked, to), reason, "{to}");
        }
        assert_eq!(of("http://192.0.2.1/", "http://192.0.2.1:81/"), None);
        assert_eq!(of("http://searx/", "http://other/"), Some(Reason::Unsafe), "bare names are no site");
        assert_eq!(of("http://a.github.io/", "http://b.github.io/"), Some(Reason::Unsafe));
        assert_eq!(of("http://consent.example/", "https://consent.example/"), None, "it was configured");
    }
}

//! Where a resource is: the address as shown, the identity by which two addresses are the same
//! resource, and the site it belongs to.
//!
//! People and search engines write one page in many ways. The identity leaves out what does not
//! tell pages apart: the scheme (http or https), a leading `www.`, the default port, a trailing
//! slash, an anchor, parameters that only track, and the spelling of percent-encoding. It never
//! joins two registrable domains.

use std::{net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::uri::{escaped, sent_uri};

/// Schemes whose targets can run code, or read local files, in the browser that follows them (D28).
const RUNS_CODE: [&str; 9] =
    ["javascript", "data", "vbscript", "blob", "file", "filesystem", "view-source", "about", "jar"];

/// Schemes that a search may find: it finds pages and files, nothing that acts.
const FOUND_BY_SEARCH: [&str; 3] = ["http", "https", "ftp"];

/// Schemes of which browsers read an address that lacks its slashes, or has too many, as if it had two.
const HAS_TWO_SLASHES: [&str; 5] = ["http", "https", "ftp", "ws", "wss"];

/// Query parameters that say how a visitor came, never what is shown.
const TRACKING: [&str; 22] = [
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "wickedid",
    "srsltid",
    "_openstat",
];

/// Whose word an address is, the weightiest first: it decides which schemes are let through, and who
/// is first among those that assert a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vouched {
    /// The operator wrote it and allowed its scheme: shown as written where that is a URI, so it has to be
    /// written as it is followed.
    ByOperator,
    /// Another naming service says so: any scheme that can't run code.
    ByService,
    /// A work of reference that anybody may edit says so (Wikidata): its word for the name counts,
    /// its addresses are let through like those of a search.
    ByReference,
    /// A search found it: pages and files only.
    BySearch,
}

/// An absolute URI, safe to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUrl {
    shown: String,
    identity: String,
    site: String,
    host: String,
    depth: PageDepth,
    is_https: bool,
}

/// How deep in its host a page lies, the front first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageDepth {
    /// The root: no path, no query.
    Root,
    /// What a root leads to by itself: `/en`, `/de-de/`, `/index.html`.
    Front,
    /// Any other page.
    Deep,
}

impl PageDepth {
    fn of(url: &Url) -> Self {
        let path = url.path().trim_matches('/');
        if url.query().is_some_and(|query| query.split('&').any(|pair| !pair.is_empty() && !tracks(pair))) {
            return Self::Deep;
        }
        match path {
            "" => Self::Root,
            path if is_locale(path) || is_index(path) => Self::Front,
            _ => Self::Deep,
        }
    }
}

/// `en`, `de-de`, `pt_BR`: a language, a country, or both, as sites begin their paths with.
fn is_locale(path: &str) -> bool {
    let is_code = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    path.split(['-', '_', '/']).count() <= 2 && path.split(['-', '_', '/']).all(is_code)
}

fn is_index(path: &str) -> bool {
    matches!(path.split('.').next(), Some("index" | "default" | "home")) && !path.contains('/')
}

impl ResourceUrl {
    /// Reads an address; `None` where it is not absolute, or its scheme is not for this source (D28).
    pub fn parse(text: &str, vouched: Vouched) -> Option<Self> {
        let text = text.trim();
        let url = Url::parse(text).ok()?;
        if !is_let_through(&url, text, vouched) {
            return None;
        }
        let shown = match vouched {
            Vouched::ByOperator => sent_uri(text, &url),
            _ => escaped(url.as_str()),
        };
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        let site = site_of(&url, &host);
        Some(Self {
            identity: identity_of(&url, &host),
            depth: PageDepth::of(&url),
            is_https: url.scheme() == "https",
            shown,
            site,
            host,
        })
    }

    /// The address as it is answered.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> String {
        // What is shown reads as it is followed, so its scheme is what stands first.
        self.shown.split(':').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// Equal for two addresses exactly when they are taken for one resource.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The registrable domain by the public suffix list, private part included; for an address
    /// without one the host, and for a URI without a host the URI itself.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The host, in lower case and ASCII; empty for a URI without one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How deep in its host it lies.
    pub fn depth(&self) -> PageDepth {
        self.depth
    }

    /// The path, as it is compared: percent-encoding undone where it says nothing, no slash at the
    /// end; empty for the root. Of http and https addresses alone.
    pub fn path(&self) -> &str {
        let start = self.identity.find('/').unwrap_or(self.identity.len());
        let path = self.identity.get(start..).unwrap_or_default();
        path.split(['?', '#']).next().unwrap_or_default()
    }

    /// Whether it is an https address: of two spellings of one resource, the better to show.
    pub fn is_https(&self) -> bool {
        self.is_https
    }
}

/// Whether `scheme` can run code or read files where it is followed (D28).
pub fn is_unsafe_scheme(scheme: &str) -> bool {
    RUNS_CODE.iter().any(|unsafe_scheme| unsafe_scheme.eq_ignore_ascii_case(scheme))
}

/// Whether an address reads as it is followed. Browsers, and the parser of theirs that is used here,
/// pass over tabs, line ends and leading controls, and take a backslash for a slash: `java\tscript:`
/// is `javascript:` to them, and something harmless to whoever looks at its scheme.
fn is_plainly_written(text: &str, url: &Url) -> bool {
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return false;
    }
    let Some((_, behind)) = text.split_once(':') else { return false };
    let has_two_slashes = || behind.strip_prefix("//").is_some_and(|host| !host.starts_with('/'));
    !HAS_TWO_SLASHES.contains(&url.scheme()) || has_two_slashes()
}

fn is_let_through(url: &Url, text: &str, vouched: Vouched) -> bool {
    let misleads = !url.username().is_empty() || url.password().is_some();
    match vouched {
        Vouched::ByOperator => is_plainly_written(text, url),
        Vouched::ByService => !is_unsafe_scheme(url.scheme()) && !misleads,
        Vouched::ByReference | Vouched::BySearch => {
            FOUND_BY_SEARCH.contains(&url.scheme()) && url.has_host() && !misleads
        }
    }
}

/// The registrable domain of a host name; `None` for an IP address or a bare public suffix.
pub fn registrable_domain(host: &str) -> Option<&str> {
    if IpAddr::from_str(host.trim_matches(['[', ']'])).is_ok() {
        return None;
    }
    psl::domain_str(host)
}

fn site_of(url: &Url, host: &str) -> String {
    match url.host() {
        Some(Host::Domain(_)) => registrable_domain(host).unwrap_or(host).to_owned(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => host.to_owned(),
        None => registrable_domain(host).map_or_else(|| url.to_string(), str::to_owned),
    }
}

fn identity_of(url: &Url, host: &str) -> String {
    if !matches!(url.scheme(), "http" | "https") {
        return url.to_string();
    }
    let mut identity = without_www(host).to_owned();
    if let Some(port) = url.port() {
        identity.push_str(&format!(":{port}"));
    }
    push_decoded(&mut identity, url.path().trim_end_matches('/'));
    let mut separator = '?';
    for pair in url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !tracks(pair)) {
        identity.push(separator);
        push_decoded(&mut identity, pair);
        separator = '&';
    }
    if let Some(route) = url.fragment().filter(|anchor| anchor.starts_with(['/', '!'])) {
        // A page that draws itself by its anchor is another page under another anchor.
        identity.push('#');
        push_decoded(&mut identity, route);
    }
    identity
}

/// `www.` says nothing, however often, unless what is left would be a public suffix (`www.gov.uk`).
fn without_www(mut host: &str) -> &str {
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| registrable_domain(rest).is_some()) {
        host = rest;
    }
    host
}

fn tracks(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// Appends `text` with unreserved characters decoded and other escapes in upper case, so that
/// spellings that RFC 3986 section 6.2.2 calls equivalent are equal. A `%` that begins no escape is
/// escaped, so that none comes of it and what follows.
fn push_decoded(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let escape = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match escape {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                after.get(2..).unwrap_or_default()
            }
            None => {
                out.push_str("%25");
                after
            }
        };
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(text: &str) -> String {
        ResourceUrl::parse(text, Vouched::BySearch).unwrap().identity().to_owned()
    }

    #[test]
    fn spellings_of_one_page_are_one_resource() {
        let spellings = [
            "https://www.boeing.com/",
            "http://boeing.com",
            "HTTPS://WWW.Boeing.com:443",
            "http://boeing.com:80/?utm_source=z&gclid=1",
            "https://boeing.com./#top",
            "https://www.boeing.com?fbclid=abc",
        ];
        for spelling in spellings {
            assert_eq!(identity(spelling), "boeing.com", "{spelling}");
        }
        assert_eq!(
            identity("https://x.example/%7euser/%e2%82%ac/"),
            identity("http://x.example/~user/%E2%82%AC")
        );
        assert_eq!(
            identity("https://x.example/%%34A?q=%+4"),
            "x.example/%254A?q=%25+4",
            "no escape comes of it"
        );
        assert_eq!(identity("https://straße.example/"), identity("https://xn--strae-oqa.example"));
    }

    #[test]
    fn what_tells_pages_apart_is_kept() {
        let pages = [
            "https://x.example/",
            "https://x.example/a",
            "https://x.example/A",
            "https://x.example/?q=a",
            "https://x.example/?q=b&utm_source=c",
            "https://x.example:8443/",
            "https://y.x.example/",
            "https://x.example/#/route",
            "https://x.example/a%2Fb",
        ];
        let mut identities: Vec<_> = pages.iter().map(|page| identity(page)).collect();
        identities.sort();
        identities.dedup();
        assert_eq!(identities.len(), pages.len());
    }

    #[test]
    fn www_stays_where_it_is_the_site() {
        assert_ne!(identity("https://www.gov.uk/"), identity("https://gov.uk/"));
        assert_eq!(
            ResourceUrl::parse("https://www.gov.uk/", Vouched::BySearch).unwrap().site(),
            "www.gov.uk"
        );
    }

    #[test]
    fn a_site_is_the_registrable_domain() {
        for (text, site) in [
            ("https://news.bbc.co.uk/x", "bbc.co.uk"),
            ("http://192.0.2.7:81/", "192.0.2.7"),
            ("http://[2001:db8::1]/", "[2001:db8::1]"),
            ("http://intranet/", "intranet"),
            ("https://someone.github.io/", "someone.github.io"),
        ] {
            assert_eq!(ResourceUrl::parse(text, Vouched::BySearch).unwrap().site(), site);
        }
    }

    #[test]
    fn d28_what_can_run_code_is_let_through_for_the_operator_alone() {
        let hostile = [
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://x.example/1",
            "file:///etc/passwd",
            "view-source:https://x.example/",
        ];
        for text in hostile {
            assert_eq!(ResourceUrl::parse(text, Vouched::BySearch), None, "{text}");
            assert_eq!(ResourceUrl::parse(text, Vouched::ByService), None, "{text}");
            assert_eq!(ResourceUrl::parse(text, Vouched::ByReference), None, "{text}");
        }
        assert_eq!(ResourceUrl::parse("mailto:a@x.example", Vouched::ByReference), None);
        assert!(ResourceUrl::parse("javascript:alert(1)", Vouched::ByOperator).is_some());
    }

    #[test]
    fn r1_what_is_not_absolute_is_no_address() {
        for text in ["", "not a uri", "//x.example/", "/path", "x.example", "http://"] {
            assert_eq!(ResourceUrl::parse(text, Vouched::ByOperator), None, "{text}");
        }
    }

    #[test]
    fn d28_what_the_operator_wrote_is_shown_only_if_it_reads_as_it_is_followed() {
        for text in [
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "java\rscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "\u{0}data:text/html,x",
            "https:evil.example",
            "https:/evil.example/",
            "https:///evil.example/",
            "https:\\\\evil.example\\",
            "https://x.example\\@evil.example/",
            "https://x.example/a b",
            "https://x.example/a\u{a0}b",
            "https://x.example/\u{7f}",
        ] {
            assert_eq!(ResourceUrl::parse(text, Vouched::ByOperator), None, "{text:?}");
        }
        for text in
            [" https://x.example/ ", "HTTPS://x.example", "https://x.example//a", "file:///a", "urn:a:b"]
        {
            let url = ResourceUrl::parse(text, Vouched::ByOperator).unwrap();
            assert_eq!(url.shown(), text.trim());
        }
    }

    #[test]
    fn a_user_part_only_misleads() {
        assert_eq!(ResourceUrl::parse("https://boeing.com@evil.example/", Vouched::BySearch), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn identity_is_idempotent_and_keeps_the_site(
            host in "(www\\.)?[a-z]{1,8}(\\.[a-z]{1,6})?\\.(com|co\\.uk|org|jp|github\\.io)",
            path in "(/[a-zA-Z0-9%._~-]{0,6}){0,3}/?",
            query in "(\\?[a-z_]{1,8}=[a-z%0-9]{0,4}(&utm_x=1)?)?",
        ) {
            let text = format!("http://{host}{path}{query}");
            if let Some(once) = ResourceUrl::parse(&text, Vouched::BySearch) {
                let again = ResourceUrl::parse(&format!("https://{}", once.identity()), Vouched::BySearch);
                let again = again.expect("an identity is an address without its scheme");
                prop_assert_eq!(again.identity(), once.identity());
                prop_assert_eq!(again.site(), once.site());
            }
        }

        #[test]
        fn what_is_one_resource_is_of_one_site(
            first in "https?://(www\\.|[a-z]{1,3}\\.)?[ab]{1,2}\\.(com|co\\.uk|uk|github\\.io)[./?#]{0,3}[ab%./]{0,4}",
            second in "https?://(www\\.|[a-z]{1,3}\\.)?[ab]{1,2}\\.(com|co\\.uk|uk|github\\.io)[./?#]{0,3}[ab%./]{0,4}",
        ) {
            let read = |text: &str| ResourceUrl::parse(text, Vouched::BySearch);
            if let (Some(one), Some(other)) = (read(&first), read(&second)) {
                prop_assert!(one.identity() != other.identity() || one.site() == other.site());
            }
        }
    }
}

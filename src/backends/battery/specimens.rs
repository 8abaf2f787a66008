//! What the battery knows of each type: how it is configured, what its fixtures hold, and in which
//! ways of its own its upstream refuses.

use crate::model::Reason;

/// The key of every specimen that has one, as the file that its options name holds it.
pub(super) const KEY: &str = "k3y-of-the-tests";

/// A refusal: status, header lines, body; the reason it stands for, and the pause it asks for.
pub(super) type Refusal = (u16, &'static str, &'static str, Reason, Option<u64>);

/// A type of backend, and how it is tested.
pub(super) struct Specimen {
    pub(super) kind: &'static str,
    /// Its options, in which `URL` stands for the server.
    pub(super) options: &'static str,
    /// The ending of its fixtures.
    pub(super) format: &'static str,
    pub(super) media: &'static str,
    /// Requests that are answered from a fixture of their own, whatever the others get: what such a
    /// request contains, and the fixture's name, in which `*` is the name of the other one.
    pub(super) beside: Option<(&'static str, &'static str)>,
    /// The hits of the fixture `found`: name, address or its end, description.
    pub(super) found: &'static [(&'static str, &'static str, &'static str)],
    /// One row of many, in which `N` stands for its number, and what is around the rows.
    pub(super) row: &'static str,
    pub(super) around: [&'static str; 3],
    /// How many of many rows are kept.
    pub(super) most: usize,
    /// What nests without end.
    pub(super) nested: &'static str,
    /// What the hints fr-CA and CA add to its request; empty where it takes none.
    pub(super) hinted: &'static str,
    pub(super) refusals: &'static [Refusal],
}

impl Specimen {
    pub(super) fn has_key(&self) -> bool {
        self.options.contains("key.txt")
    }

    pub(super) fn is_json(&self) -> bool {
        self.format == "json"
    }
}

/// The parts that most have in common.
const PLAIN: Specimen = Specimen {
    kind: "",
    options: "",
    format: "json",
    media: "application/json",
    beside: None,
    found: &[SITE, PAGE],
    row: r#"{"url": "https://N.example/", "title": "T"}"#,
    around: [r#"{"results": ["#, ",", "]}"],
    most: 1000,
    nested: "[",
    hinted: "",
    refusals: &[],
};

const SITE: (&str, &str, &str) = ("Aeroworks", "https://www.aeroworks.example/", "Aircraft maker.");
const PAGE: (&str, &str, &str) = ("Aeroworks - Wiki", "https://en.wiki.example/Aeroworks", "");

pub(super) const SPECIMENS: [Specimen; 11] = [
    Specimen {
        kind: "searxng",
        options: "url: URL",
        found: &[("Aeroworks", "https://aeroworks.example/", "Aircraft maker."), SITE, PAGE],
        hinted: "language=fr-CA",
        refusals: &[
            (403, "Content-Type: text/html\r\n", "<html>Forbidden</html>", Reason::Unauthorised, None),
            (429, "", "Too Many Requests", Reason::RateLimited, None),
            (500, "", r#"{"error": "search error"}"#, Reason::HttpError, None),
            (200, "", r#"{"error": "search error"}"#, Reason::HttpError, None),
            (200, "", "{}", Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "json",
        options: "{url: 'URL/api?q={query}&hl={language}', results: '$.hits.items[*]', title: $.name, link: $.link, \
                  description: $.summary}",
        found: &[SITE, ("Aeroworks - Wiki", "/wiki/Aeroworks", "")],
        row: r#"{"link": "https://N.example/", "name": "T"}"#,
        around: [r#"{"hits": {"items": ["#, ",", "]}}"],
        nested: r#"{"a":"#,
        hinted: "hl=fr-CA",
        refusals: &[
            (200, "", "{}", Reason::Malformed, None),
            (200, "", "null", Reason::Malformed, None),
            (200, "", "[]", Reason::Malformed, None),
            (200, "", r#"{"error": {"message": "no such key"}}"#, Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "html",
        options: "{url: 'URL/search?q={query}', results: li.r, title: a, link: a@href, description: p}",
        format: "html",
        media: "text/html",
        found: &[SITE, ("Aeroworks - Wiki", "/wiki/Aeroworks", "")],
        row: "<li class=r><a href='https://N.example/'>T</a>",
        around: ["<ul>", "", "</ul>"],
        nested: "<div>",
        ..PLAIN
    },
    Specimen {
        kind: "brave",
        options: "{url: URL, key: {file: fixtures/upstream/key.txt}, count: 10, safe_search: 2}",
        found: &[SITE, ("Aeroworks", "https://www.aeroworks.example/about", "Aircraft maker & more."), PAGE],
        around: [r#"{"type": "search", "web": {"results": ["#, ",", "]}}"],
        hinted: "country=CA&search_lang=fr",
        refusals: &[
            (422, "", r#"{"error": {"code": "SUBSCRIPTION_TOKEN_INVALID"}}"#, Reason::Unauthorised, None),
            (
                422,
                "",
                r#"{"error": {"code": "VALIDATION", "meta": {"errors": [{"loc": ["header", "x-subscription-token"]}]}}}"#,
                Reason::Unauthorised,
                None,
            ),
            (422, "", r#"{"error": {"code": "VALIDATION", "meta": {}}}"#, Reason::HttpError, None),
            (404, "", r#"{"errors": [{"code": "SUBSCRIPTION_NOT_FOUND"}]}"#, Reason::Unauthorised, None),
            (
                429,
                "X-RateLimit-Reset: 1, 2558678\r\n",
                r#"{"type": "ErrorResponse", "error": {"code": "RATE_LIMITED"}}"#,
                Reason::RateLimited,
                Some(1),
            ),
            (
                429,
                "X-RateLimit-Reset: 1, 2558678\r\n",
                r#"{"type": "ErrorResponse", "errors": [{"code": "QUOTA_LIMITED"}]}"#,
                Reason::Quota,
                Some(2_558_678),
            ),
            (
                429,
                "Retry-After: 9\r\n",
                r#"{"error": {"code": "RATE_LIMITED"}}"#,
                Reason::RateLimited,
                Some(9),
            ),
            (200, "", r#"{"error": {"code": "QUOTA_LIMITED"}}"#, Reason::Quota, None),
            (200, "", r#"{"type": "news"}"#, Reason::Malformed, None),
            (200, "", r#"{"type": "search", "web": "x"}"#, Reason::Malformed, None),
            (200, "", r#"{"web": null}"#, Reason::Malformed, None),
            (200, "", "[]", Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "kagi",
        options: "{url: URL, key: {file: fixtures/upstream/key.txt}, count: 10, safe_search: 0}",
        around: [r#"{"data": {"search": ["#, ",", "]}}"],
        hinted: r#""filters":{"region":"ca"}"#,
        refusals: &[
            (401, "", r#"{"data": [], "error": [{"code": "auth.invalid"}]}"#, Reason::Unauthorised, None),
            (400, "", r#"{"data": [], "error": [{"code": "api.key_missing"}]}"#, Reason::Unauthorised, None),
            (
                403,
                "",
                r#"{"data": [], "error": [{"code": "account.insufficient_balance"}]}"#,
                Reason::Quota,
                None,
            ),
            (429, "", r#"{"data": [], "error": [{"code": "rate.limited"}]}"#, Reason::RateLimited, None),
            (200, "", r#"{"data": [], "error": [{"code": "rate.limited"}]}"#, Reason::RateLimited, None),
            (200, "", r#"{"data": [], "error": [{"code": "other"}]}"#, Reason::Malformed, None),
            (200, "", r#"{"data": {}, "error": [{"code": "other"}]}"#, Reason::Malformed, None),
            (500, "", r#"{"data": [], "error": [{"code": "internal.oops"}]}"#, Reason::HttpError, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "mojeek",
        options: "{url: URL, key: {file: fixtures/upstream/key.txt}, count: 10, safe_search: 1}",
        around: [r#"{"response": {"status": "OK", "results": ["#, ",", "]}}"],
        hinted: "lb=FR&lbb=10&rb=CA&rbb=10",
        refusals: &[
            (200, "", r#"{"response": {"status": "ERROR: Daily Limit Reached"}}"#, Reason::Quota, None),
            (403, "", r#"{"response": {"status": "ERROR: Daily Limit Reached"}}"#, Reason::Quota, None),
            (
                200,
                "Retry-After: 7\r\n",
                r#"{"response": {"status": "ERROR: Daily Limit Reached"}}"#,
                Reason::Quota,
                Some(7),
            ),
            (200, "", r#"{"response": {"status": "ERROR: Invalid API Key"}}"#, Reason::Unauthorised, None),
            (200, "", r#"{"response": {"status": "ERROR: Out of Cheese"}}"#, Reason::HttpError, None),
            (200, "", r#"{"response": {"status": "OK"}}"#, Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "marginalia",
        options: "{url: URL, key: {file: fixtures/upstream/key.txt}, count: 10, safe_search: 1}",
        refusals: &[
            (400, "", "Missing API-Key header", Reason::Unauthorised, None),
            (401, "", "", Reason::Unauthorised, None),
            (429, "", "QPM Limit Exceeded", Reason::RateLimited, None),
            (429, "", "Daily Limit Exceeded", Reason::Quota, None),
            (500, "", "Query Execution Failed", Reason::HttpError, None),
            (200, "", "{}", Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "duckduckgo",
        options: "url: URL",
        found: &[SITE],
        row: r#"{"FirstURL": "https://N.example/"}"#,
        around: [r#"{"Heading": "T", "Results": ["#, ",", "]}"],
        refusals: &[
            (
                202,
                "Content-Type: text/html\r\n",
                r#"<form id="challenge-form" action="//duckduckgo.com/anomaly.js?sv=html">"#,
                Reason::Captcha,
                None,
            ),
            (200, "", "[]", Reason::Malformed, None),
        ],
        ..PLAIN
    },
    Specimen {
        kind: "wikipedia",
        options: "{url: URL, contact: ops@names.example, languages: [en, fr], count: 4}",
        found: &[
            ("Aeroworks", "https://en.wiki.example/wiki/Aeroworks", "Aircraft maker."),
            ("Aeroworks (film)", "https://en.wiki.example/wiki/Aeroworks_(film)", ""),
        ],
        row: r#"{"fullurl": "https://N.example/", "title": "T"}"#,
        around: [r#"{"query": {"pages": ["#, ",", "]}}"],
        refusals: &WIKIMEDIA,
        ..PLAIN
    },
    Specimen {
        kind: "wikidata",
        options: "{url: URL, contact: ops@names.example}",
        beside: Some(("wbgetentities", "*-entities")),
        found: &[SITE, ("Aero Works Inc", "https://works.example/Aeroworks", "")],
        row: r#"{"id": "QN", "label": "T"}"#,
        around: [r#"{"search": ["#, ",", "]}"],
        most: 7,
        hinted: "language=fr&uselang=fr",
        refusals: &WIKIMEDIA,
        ..PLAIN
    },
    Specimen {
        kind: "opensearch",
        options: "url: URL/osd.xml",
        format: "xml",
        media: "application/rss+xml",
        beside: Some(("GET /osd.xml", "description")),
        found: &[SITE, ("Aeroworks - Wiki", "/wiki/Aeroworks", "")],
        row: "<item><link>https://N.example/</link><title>T</title></item>",
        around: ["<rss><channel>", "", "</channel></rss>"],
        nested: "<a>",
        hinted: "fr-ca",
        refusals: &[
            (
                200,
                "Content-Type: text/html\r\n",
                "<html><title>Welcome</title></html>",
                Reason::Malformed,
                None,
            ),
            (200, "Content-Type: text/html\r\n", "<html><p>Are you human?<br></html>", Reason::Captcha, None),
            (200, "Content-Type: text/html\r\n", "<html><p>Are you human?</p></html>", Reason::Captcha, None),
            (200, "", "{}", Reason::Malformed, None),
        ],
        ..PLAIN
    },
];

const WIKIMEDIA: [Refusal; 7] = [
    (403, "", "Please set a user-agent and respect our robot policy", Reason::Unauthorised, None),
    (429, "Retry-After: 18\r\n", "", Reason::RateLimited, Some(18)),
    (200, "", r#"{"error": {"code": "ratelimited", "info": "x"}}"#, Reason::RateLimited, None),
    (200, "Retry-After: 5\r\n", r#"{"error": {"code": "maxlag", "lag": 6.5}}"#, Reason::RateLimited, Some(5)),
    (200, "", r#"{"error": {"code": "internal_api_error", "info": "x"}}"#, Reason::HttpError, None),
    (200, "", "[]", Reason::Malformed, None),
    (200, "", r#"{"batchcomplete": true, "query": "x", "search": "x"}"#, Reason::Malformed, None),
];

//! One battery for every type of backend that speaks HTTP: what each must find, and how each must
//! fail, against a real server on loopback. A new type adds its replies under
//! `fixtures/upstream/` and a line to [`SPECIMENS`].

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Chain, REGISTRY, Setting};
use crate::{
    config::{Options, Problems},
    model::{
        Ask, Backend, Candidate, CommonName, Failure, LanguageRange, NameQuery, Preference, Reason, Reply,
        SystemClock, Vouched, prepare,
    },
    upstream::tests::{Act, Fixture},
};

const TIMEOUT: Duration = Duration::from_millis(600);

/// A type of backend, and how it is tested.
struct Specimen {
    kind: &'static str,
    /// Its options, in which `URL` stands for the server.
    options: &'static str,
    /// The ending of its fixtures.
    format: &'static str,
    media: &'static str,
    /// One row of many, in which `N` stands for its number, and what is around the rows.
    row: &'static str,
    around: [&'static str; 3],
    /// What nests without end.
    nested: &'static str,
}

const SPECIMENS: [Specimen; 3] = [
    Specimen {
        kind: "searxng",
        options: "url: URL",
        format: "json",
        media: "application/json",
        row: r#"{"url": "https://N.example/", "title": "T"}"#,
        around: [r#"{"results": ["#, ",", "]}"],
        nested: "[",
    },
    Specimen {
        kind: "json",
        options: "{url: 'URL/api?q={query}&hl={language}', results: '$.hits.items[*]', title: $.name, link: $.link, \
                  description: $.summary}",
        format: "json",
        media: "application/json",
        row: r#"{"link": "https://N.example/", "name": "T"}"#,
        around: [r#"{"hits": {"items": ["#, ",", "]}}"],
        nested: r#"{"a":"#,
    },
    Specimen {
        kind: "html",
        options: "{url: 'URL/search?q={query}', results: li.r, title: a, link: a@href, description: p}",
        format: "html",
        media: "text/html",
        row: "<li class=r><a href='https://N.example/'>T</a>",
        around: ["<ul>", "", "</ul>"],
        nested: "<div>",
    },
];

impl Specimen {
    fn build(&self, url: &str) -> Arc<dyn Backend> {
        build(self.kind, &self.options.replace("URL", url)).unwrap()
    }

    fn fixture(&self, name: &str) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/upstream").join(self.kind);
        std::fs::read(folder.join(format!("{name}.{}", self.format))).unwrap()
    }

    async fn ask(&self, act: Act) -> Result<Reply, Failure> {
        let server = Fixture::always(act).await;
        let asked = Instant::now();
        let reply = self.build(&server.url).ask(&query("Aeroworks")).await;
        assert!(asked.elapsed() < TIMEOUT * 3, "{}: {:?}", self.kind, asked.elapsed());
        reply
    }

    async fn read(&self, name: &str) -> Vec<Candidate> {
        let reply = self.ask(Act::ok(self.media, self.fixture(name))).await.unwrap();
        prepare(reply, &query("Aeroworks").name, Vouched::BySearch).candidates
    }
}

pub(super) fn build(kind: &str, yaml: &str) -> Result<Arc<dyn Backend>, Problems> {
    let setting = Setting {
        name: "tested",
        folder: Path::new("."),
        clock: Arc::new(SystemClock),
        timeout: TIMEOUT,
        seed: 1,
        chain: Chain::default(),
    };
    let registration = REGISTRY.iter().find(|registration| registration.kind == kind).unwrap();
    (registration.build)(&Options::from_yaml(yaml).unwrap(), &setting)
}

pub(super) fn query(name: &str) -> NameQuery {
    NameQuery::plain(CommonName::new(name).unwrap())
}

#[tokio::test]
async fn what_is_found_is_read_in_its_order() {
    for specimen in SPECIMENS {
        let found = specimen.read("found").await;
        let hits: Vec<_> = found.iter().map(|candidate| &candidate.hit).collect();
        let last = hits.last().unwrap();
        assert_eq!(hits[0].name, "Aeroworks", "{}", specimen.kind);
        assert_eq!(hits[0].description, "Aircraft maker.", "{}", specimen.kind);
        assert_eq!(
            (last.name.as_str(), last.description.as_str()),
            ("Aeroworks - Wiki", ""),
            "{}",
            specimen.kind
        );
        assert!(found[0].fit.host && found[0].fit.title);
        assert!(last.uri.ends_with("/Aeroworks"), "{}", last.uri);
    }
}

#[tokio::test]
async fn nothing_found_is_a_definite_answer() {
    for specimen in SPECIMENS {
        let reply = specimen.ask(Act::ok(specimen.media, specimen.fixture("empty"))).await;
        assert_eq!(reply, Ok(Reply::default()), "{}", specimen.kind);
    }
}

#[tokio::test]
async fn rows_that_make_no_sense_cost_themselves_alone() {
    for specimen in SPECIMENS {
        let uris: Vec<_> = specimen.read("odd").await.into_iter().map(|c| (c.hit.uri, c.hit.name)).collect();
        let kept = "https://kept.example/".to_owned();
        assert_eq!(
            uris,
            [(kept.clone(), kept)],
            "{}: without a title it is called by its address",
            specimen.kind
        );
    }
}

#[tokio::test]
async fn hostile_text_is_harmless_once_prepared() {
    for specimen in SPECIMENS {
        let kept = specimen.read("hostile").await;
        assert_eq!(kept.len(), 1, "{}", specimen.kind);
        assert!(kept[0].url.shown().starts_with("https://kept.example/"), "{}", kept[0].url.shown());
        let texts = format!("{}{}", kept[0].hit.name, kept[0].hit.description);
        assert!(texts.starts_with('F') && texts.contains("<b>&"), "{texts:?}");
        assert!(!texts.contains(['\0', '\u{8}', '\u{202e}', '\u{fffe}']), "{texts:?}");
    }
}

#[tokio::test]
async fn every_failure_has_its_reason() {
    let page = |status, text: &str| {
        Act::Reply(status, "Content-Type: text/html\r\n".to_owned(), format!("<html>{text}</html>").into())
    };
    let bare = |status| Act::Reply(status, String::new(), b"oops".to_vec());
    for specimen in SPECIMENS {
        for (act, reason) in [
            (Act::Reset, Reason::Reset),
            (Act::Truncate, Reason::Malformed),
            (Act::Garbage, Reason::Malformed),
            (Act::Hang, Reason::TimedOut),
            (Act::Drip, Reason::TimedOut),
            (Act::Flood, Reason::TooLarge),
            (Act::ok(specimen.media, specimen.nested.repeat(20_000)), Reason::Malformed),
            (Act::gzip(specimen.media, &vec![b' '; 10_000_000]), Reason::TooLarge),
            (Act::ok("application/octet-stream", vec![0xff; 3000]), Reason::Malformed),
            (page(200, "Please solve the captcha"), Reason::Captcha),
            (page(403, "captcha"), Reason::Captcha),
            (page(403, "forbidden"), Reason::Unauthorised),
            (bare(401), Reason::Unauthorised),
            (bare(402), Reason::Quota),
            (bare(404), Reason::HttpError),
            (bare(500), Reason::HttpError),
            (Act::redirect(302, "http://10.0.0.1/"), Reason::Unsafe),
        ] {
            let shown = format!("{}: {act:.40?}", specimen.kind);
            let failure = specimen.ask(act).await.expect_err(&shown);
            let too_deep =
                specimen.kind == "html" && failure.reason == Reason::TooLarge && reason == Reason::Malformed;
            assert!(failure.reason == reason || too_deep, "{shown:.100}: {failure}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_asks_for_a_pause_gets_it() {
    for specimen in SPECIMENS {
        let failure =
            specimen.ask(Act::Reply(429, "Retry-After: 60\r\n".to_owned(), Vec::new())).await.unwrap_err();
        assert_eq!(failure.reason, Reason::RateLimited);
        assert_eq!(failure.retry_after, Some(Duration::from_secs(60)), "{}", specimen.kind);
    }
}

#[tokio::test]
async fn html_in_place_of_json_is_no_answer() {
    for specimen in SPECIMENS.iter().filter(|specimen| specimen.format == "json") {
        let failure = specimen.ask(Act::ok("text/html", "<html>Welcome</html>")).await.unwrap_err();
        assert_eq!(failure.reason, Reason::Malformed, "{}", specimen.kind);
    }
}

#[tokio::test]
async fn five_thousand_results_are_cut() {
    for specimen in SPECIMENS {
        let [before, between, after] = specimen.around;
        let rows: Vec<_> = (0..5000).map(|n| specimen.row.replace('N', &n.to_string())).collect();
        let body = format!("{before}{}{after}", rows.join(between));
        let reply = specimen.ask(Act::ok(specimen.media, body)).await.unwrap();
        assert_eq!(reply.hits.len(), 1000, "{}", specimen.kind);
    }
}

#[tokio::test]
async fn a_wrong_charset_spoils_letters_and_not_the_answer() {
    for specimen in SPECIMENS {
        let body = String::from_utf8(specimen.fixture("found")).unwrap().replace("maker", "m\u{e9}ker");
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&body);
        for (media, text) in [
            (format!("{}; charset=iso-8859-1", specimen.media), "Aircraft m\u{e9}ker."),
            (format!("{}; charset=utf-8", specimen.media), "Aircraft m\u{fffd}ker."),
        ] {
            let reply = specimen.ask(Act::ok(&media, latin.clone())).await.unwrap();
            assert_eq!(reply.hits[0].description, text, "{}: {media}", specimen.kind);
        }
    }
}

#[tokio::test]
async fn the_name_is_sent_as_it_was_typed_and_remembered_as_it_is_meant() {
    for specimen in SPECIMENS {
        let server = Fixture::always(Act::ok(specimen.media, specimen.fixture("empty"))).await;
        let backend = specimen.build(&server.url);
        backend.ask(&query("AT&T  Inc")).await.unwrap();
        let line = server.heads()[0].lines().next().unwrap().to_owned();
        assert!(line.contains("q=AT%26T%20Inc") || line.contains("q=AT%26T+Inc"), "{line}");
        assert_eq!(backend.request(&query(" ALPHA ")), backend.request(&query("alpha")));
        assert_ne!(backend.request(&query("beta")), backend.request(&query("alpha")));
        assert!(matches!(backend.request(&query("alpha")), Ask::Request(_)));
    }
}

#[tokio::test]
async fn hints_that_are_not_sent_make_no_other_request() {
    let mut french = query("alpha");
    french.hints.languages = vec![Preference::Value(LanguageRange::parse("fr-CA").unwrap())];
    for specimen in SPECIMENS {
        let backend = specimen.build("http://127.0.0.1:1");
        let is_same = backend.request(&french) == backend.request(&query("alpha"));
        assert_eq!(is_same, specimen.kind == "html", "{}", specimen.kind);
    }
}

#[tokio::test]
async fn configured_headers_are_sent() {
    for specimen in SPECIMENS {
        let server = Fixture::always(Act::ok(specimen.media, specimen.fixture("empty"))).await;
        let options = specimen.options.replace("URL", &server.url);
        let options = match options.strip_suffix('}') {
            Some(open) => format!("{open}, headers: {{X-Who: us}}}}"),
            None => format!("{options}\nheaders: {{X-Who: us}}"),
        };
        build(specimen.kind, &options).unwrap().ask(&query("x")).await.unwrap();
        let head = server.heads()[0].to_lowercase();
        assert!(head.contains("x-who: us\r\n"), "{head}");
        assert!(head.contains("accept-language: *\r\n"), "{head}");
    }
}

#[test]
fn wrong_options_are_named() {
    for (kind, yaml, key, word) in [
        ("searxng", "url: not an address", "url", "http or https URL"),
        ("searxng", "url: 'ftp://x.example/'", "url", "ftp"),
        ("searxng", "{url: 'http://x.example/', safe_search: 3}", "safe_search", "0"),
        ("searxng", "{url: 'http://x.example/', headers: {'a b': c}}", "headers.a b", "name of a header"),
        ("json", "{url: 'http://x.example/', results: $, title: $.a, link: $.b}", "url", "{query}"),
        ("json", "{url: 'http://x/{query}', results: '$[', title: $.a, link: $.b}", "results", "RFC 9535"),
        ("json", "{url: 'http://x/{query}', results: $, title: name, link: $.b}", "title", "RFC 9535"),
        (
            "html",
            "{url: 'http://x/{query}', results: 'a:contains(b)', title: a, link: a}",
            "results",
            "contains",
        ),
    ] {
        let Err(Problems(problems)) = build(kind, yaml) else { panic!("{yaml} was taken") };
        assert_eq!(problems[0].key, key, "{yaml}");
        assert!(problems[0].message.contains(word), "{}", problems[0].message);
    }
}

#[test]
fn every_type_has_a_schema_that_knows_no_other_keys() {
    for registration in REGISTRY {
        let schema = (registration.schema)().to_value();
        assert_eq!(schema["additionalProperties"], false, "{}", registration.kind);
        for (key, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{}: {key}", registration.kind);
        }
    }
}

mod searxng {
    use super::*;

    async fn asked(url_path: &str, more: &str, name: &str) -> String {
        let server = Fixture::always(Act::ok("application/json", r#"{"results": []}"#)).await;
        let options = format!("url: {}{url_path}\n{more}", server.url);
        build("searxng", &options).unwrap().ask(&query(name)).await.unwrap();
        server.heads().first().and_then(|head| head.lines().next()).unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn the_address_may_have_a_path_and_a_slash() {
        for path in ["/sx", "/sx/"] {
            assert_eq!(asked(path, "", "Boeing").await, "GET /sx/search?format=json&q=Boeing HTTP/1.1");
        }
        assert_eq!(asked("", "", "Boeing").await, "GET /search?format=json&q=Boeing HTTP/1.1");
    }

    /// A limiter that is on refuses whoever does not.
    #[tokio::test]
    async fn html_is_accepted_too() {
        let server = Fixture::always(Act::ok("application/json", r#"{"results": []}"#)).await;
        build("searxng", &format!("url: {}", server.url)).unwrap().ask(&query("x")).await.unwrap();
        let head = server.heads()[0].to_lowercase();
        assert!(head.contains("accept: application/json, text/html;q=0.1\r\n"), "{head}");
        assert!(head.contains("accept-encoding: gzip"), "{head}");
    }

    #[tokio::test]
    async fn options_become_parameters() {
        let line = asked("", "categories: [general, it]\nsafe_search: 2", "x").await;
        assert!(line.contains("categories=general%2Cit") && line.contains("safesearch=2"), "{line}");
    }

    #[tokio::test]
    async fn its_own_syntax_is_taken_out_of_a_name() {
        for (name, sent) in [
            ("!!g Boeing", "q=g+Boeing"),
            (":fr Boeing <5", "q=fr+Boeing+5"),
            ("Yahoo!", "q=Yahoo%21"),
            ("! :", ""),
        ] {
            assert!(asked("", "", name).await.contains(sent), "{name}");
        }
        let backend = build("searxng", "url: http://127.0.0.1:1").unwrap();
        assert_eq!(backend.request(&query("!!")), Ask::Skip(Reason::NotAsked));
    }

    #[tokio::test]
    async fn silent_engines_make_an_empty_answer_doubtful() {
        let reply =
            SPECIMENS[0].ask(Act::ok("application/json", SPECIMENS[0].fixture("degraded"))).await.unwrap();
        assert!(reply.degraded && reply.hits.is_empty());
        assert!(
            !SPECIMENS[0]
                .ask(Act::ok("application/json", SPECIMENS[0].fixture("found")))
                .await
                .unwrap()
                .degraded
        );
    }

    #[tokio::test]
    async fn an_official_site_comes_first_and_an_error_is_none() {
        let found = SPECIMENS[0].read("found").await;
        assert_eq!(found[0].hit.uri, "https://aeroworks.example/");
        let failure = SPECIMENS[0].ask(Act::ok("application/json", r#"{"error": "search error"}"#)).await;
        assert_eq!(failure.unwrap_err().reason, Reason::HttpError);
    }

    #[tokio::test]
    async fn a_format_that_is_not_enabled_is_explained() {
        let page =
            Act::Reply(403, "Content-Type: text/html\r\n".to_owned(), b"<html>Forbidden</html>".to_vec());
        let failure = SPECIMENS[0].ask(page).await.unwrap_err();
        assert!(failure.detail.contains("search.formats"), "{failure}");
    }
}

//! One battery for every type of backend that speaks HTTP: what each must find, and how each must
//! fail, against a real server on loopback. A new type adds its replies under
//! `fixtures/upstream/` and an entry to [`SPECIMENS`].

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use self::specimens::{SPECIMENS, Specimen};
use super::{Chain, REGISTRY, Setting};
use crate::{
    config::{Options, Problems},
    model::{
        Ask, Backend, Candidate, Clock, CommonName, Failure, LanguageRange, NameQuery, Preference, Reason,
        Reply, prepare,
    },
    upstream::{
        Lines,
        tests::{Act, Fixture},
    },
};

mod adapters;
mod listing;
mod no_answers;
mod searxng;
mod secrecy;
mod specimens;

const TIMEOUT: Duration = Duration::from_millis(600);

/// How many times as long a reply may take at most: some ask twice, and many may be under way.
const PATIENCE: u32 = 5;

impl Specimen {
    fn build(&self, url: &str) -> Arc<dyn Backend> {
        build(self.kind, &self.options.replace("URL", url)).unwrap()
    }

    fn fixture(&self, name: &str) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/upstream").join(self.kind);
        std::fs::read(folder.join(format!("{name}.{}", self.format))).unwrap()
    }

    /// A server that acts as told, except on requests that have a fixture beside the one called `name`.
    async fn server(&self, act: Act, name: &str) -> Fixture {
        self.server_that(move || act.clone(), name).await
    }

    async fn server_that(&self, act: impl Fn() -> Act + Send + Sync + 'static, name: &str) -> Fixture {
        let beside = self.beside.map(|(sign, beside)| {
            let body = String::from_utf8(self.fixture(&beside.replace('*', name))).unwrap();
            (sign, body)
        });
        let media = self.media;
        Fixture::start(move |head| {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
            match &beside {
                Some((sign, body)) if head.contains(sign) => {
                    Act::ok(media, body.replace("URL", &format!("http://{host}")))
                }
                _ => act(),
            }
        })
        .await
    }

    async fn ask_with(&self, act: Act, beside: &str) -> Result<Reply, Failure> {
        let server = self.server(act, beside).await;
        let backend = self.build(&server.url);
        let asked = Instant::now();
        let reply = backend.ask(&query("Aeroworks")).await;
        assert!(asked.elapsed() < TIMEOUT * PATIENCE, "{}: {:?}", self.kind, asked.elapsed());
        reply
    }

    async fn ask(&self, act: Act) -> Result<Reply, Failure> {
        self.ask_with(act, "found").await
    }

    /// Asks one backend once for each act, none of which may lead to a second request.
    async fn ask_each(&self, acts: Vec<Act>) -> Vec<Result<Reply, Failure>> {
        let (count, acts) = (acts.len(), Mutex::new(acts.into_iter()));
        let server =
            self.server_that(move || acts.lock().unwrap().next().unwrap_or(Act::Close), "found").await;
        let backend = self.build(&server.url);
        let mut replies = Vec::new();
        for _ in 0..count {
            replies.push(backend.ask(&query("Aeroworks")).await);
        }
        replies
    }

    async fn read(&self, name: &str) -> Vec<Candidate> {
        let reply = self.ask_with(Act::ok(self.media, self.fixture(name)), name).await.unwrap();
        let vouched = self.build("http://127.0.0.1:1").vouched();
        prepare(reply, &query("Aeroworks").name, vouched).candidates
    }
}

/// A clock that stands at 08:49:00 GMT on 6 November 1994.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> tokio::time::Instant {
        tokio::time::Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_740)
    }
}

pub(super) fn build(kind: &str, yaml: &str) -> Result<Arc<dyn Backend>, Problems> {
    let setting = Setting {
        name: "tested",
        folder: Path::new("."),
        clock: Arc::new(Standing),
        lines: Lines::default(),
        timeout: TIMEOUT,
        toll: None,
        seed: 1,
        chain: Chain::default(),
    };
    let registration = REGISTRY.iter().find(|registration| registration.kind == kind).unwrap();
    registration.build(&Options::from_yaml(yaml).unwrap(), &setting)
}

pub(super) fn query(name: &str) -> NameQuery {
    NameQuery::plain(CommonName::new(name).unwrap())
}

#[tokio::test]
async fn what_is_found_is_read_in_its_order() {
    for specimen in SPECIMENS {
        let found = specimen.read("found").await;
        assert_eq!(found.len(), specimen.found.len(), "{}: {found:?}", specimen.kind);
        for (Candidate { hit, .. }, (name, uri, description)) in found.iter().zip(specimen.found) {
            assert_eq!(
                (hit.name.as_str(), hit.description.as_str()),
                (*name, *description),
                "{}",
                specimen.kind
            );
            let is_there = hit.uri == *uri || uri.starts_with('/') && hit.uri.ends_with(uri);
            assert!(is_there, "{}: {}", specimen.kind, hit.uri);
        }
        assert!(found[0].fit.host || found[0].fit.title);
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

/// The ways in which any upstream may fail.
fn failures(specimen: &Specimen) -> [(Act, Reason); 18] {
    let page = |status, text: &str| {
        Act::Reply(status, "Content-Type: text/html\r\n".to_owned(), format!("<html>{text}</html>").into())
    };
    let bare = |status| Act::Reply(status, String::new(), b"oops".to_vec());
    [
        (Act::Reset, Reason::Reset),
        (Act::Truncate, Reason::Malformed),
        (Act::Garbage, Reason::Malformed),
        (Act::Flood, Reason::TooLarge),
        (Act::ok(specimen.media, specimen.nested.repeat(20_000)), Reason::Malformed),
        (Act::gzip(specimen.media, &vec![b' '; 10_000_000]), Reason::TooLarge),
        (Act::ok("application/octet-stream", vec![0xff; 3000]), Reason::Malformed),
        (page(200, "Please solve the captcha"), Reason::Captcha),
        (page(200, "<title>Before you continue to Search</title>"), Reason::Captcha),
        (page(403, "captcha"), Reason::Captcha),
        (page(403, "forbidden"), Reason::Unauthorised),
        (bare(401), Reason::Unauthorised),
        (bare(402), Reason::Quota),
        (bare(404), Reason::HttpError),
        (bare(429), Reason::RateLimited),
        (bare(500), Reason::HttpError),
        (bare(503), Reason::HttpError),
        (Act::redirect(302, "http://10.0.0.1/"), Reason::Unsafe),
    ]
}

#[tokio::test]
async fn every_failure_has_its_reason() {
    for specimen in SPECIMENS {
        let (acts, reasons): (Vec<_>, Vec<_>) = failures(&specimen).into_iter().unzip();
        let shown: Vec<_> = acts.iter().map(|act| format!("{}: {act:.40?}", specimen.kind)).collect();
        for ((reply, reason), shown) in specimen.ask_each(acts).await.into_iter().zip(reasons).zip(shown) {
            let failure = reply.expect_err(&shown);
            let too_deep =
                specimen.kind == "html" && failure.reason == Reason::TooLarge && reason == Reason::Malformed;
            assert!(failure.reason == reason || too_deep, "{shown:.100}: {failure}");
        }
    }
}

/// The ways to never come to an end.
const ENDLESS: [Act; 2] = [Act::Hang, Act::Drip];

/// All at once, as each takes as long as it is waited for.
#[tokio::test]
async fn an_upstream_that_never_comes_to_an_end_is_left() {
    let each = SPECIMENS.iter().flat_map(|specimen| ENDLESS.map(|act| specimen.ask(act)));
    for failure in futures_util::future::join_all(each).await {
        assert_eq!(failure.unwrap_err().reason, Reason::TimedOut);
    }
}

#[tokio::test]
async fn each_upstream_refuses_in_its_own_words() {
    for specimen in SPECIMENS {
        let acts = specimen
            .refusals
            .iter()
            .map(|(status, headers, body, ..)| Act::Reply(*status, (*headers).to_owned(), (*body).into()));
        let replies = specimen.ask_each(acts.collect()).await;
        for (reply, (status, _, body, reason, pause)) in replies.into_iter().zip(specimen.refusals) {
            let failure = reply.expect_err(body);
            assert_eq!(failure.reason, *reason, "{}: {status} {body}: {failure}", specimen.kind);
            assert_eq!(failure.retry_after.map(|pause| pause.as_secs()), *pause, "{}: {body}", specimen.kind);
        }
    }
}

#[tokio::test]
async fn an_upstream_that_asks_for_a_pause_gets_it() {
    for specimen in SPECIMENS {
        for until in ["60", "Sun, 06 Nov 1994 08:50:00 GMT"] {
            let head = format!("Retry-After: {until}\r\n");
            let failure = specimen.ask(Act::Reply(429, head, Vec::new())).await.unwrap_err();
            assert_eq!(failure.reason, Reason::RateLimited);
            assert_eq!(failure.retry_after, Some(Duration::from_secs(60)), "{}: {until}", specimen.kind);
        }
    }
}

#[tokio::test]
async fn html_in_place_of_json_is_no_answer() {
    for specimen in SPECIMENS.iter().filter(|specimen| specimen.is_json()) {
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
        let reply = specimen.ask_with(Act::ok(specimen.media, body), "many").await.unwrap();
        assert_eq!(reply.hits.len(), specimen.most, "{}", specimen.kind);
    }
}

/// What a reply in windows-1252 says of itself, and what is read then.
const CHARSETS: [(&str, &str); 2] =
    [("iso-8859-1", "Aircraft m\u{e9}ker."), ("utf-8", "Aircraft m\u{fffd}ker.")];

#[tokio::test]
async fn a_wrong_charset_spoils_letters_and_not_the_answer() {
    for specimen in SPECIMENS {
        let body = String::from_utf8(specimen.fixture("found")).unwrap().replace("maker", "m\u{e9}ker");
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&body);
        for (charset, text) in CHARSETS {
            let media = format!("{}; charset={charset}", specimen.media);
            let reply = specimen.ask(Act::ok(&media, latin.clone())).await.unwrap();
            assert_eq!(reply.hits[0].description, text, "{}: {media}", specimen.kind);
        }
    }
}

#[tokio::test]
async fn the_name_is_sent_as_it_was_typed_and_remembered_as_it_is_meant() {
    for specimen in SPECIMENS {
        let server = specimen.server(Act::ok(specimen.media, specimen.fixture("empty")), "empty").await;
        let backend = specimen.build(&server.url);
        backend.ask(&query("AT&T  Inc")).await.unwrap();
        let request = server.heads().pop().unwrap();
        let forms = ["=AT%26T%20Inc", "=AT%26T+Inc", r#""query":"AT&T Inc""#];
        assert!(forms.iter().any(|form| request.contains(form)), "{request}");
        assert_eq!(backend.request(&query(" ALPHA ")), backend.request(&query("alpha")));
        assert_ne!(backend.request(&query("beta")), backend.request(&query("alpha")));
        assert!(matches!(backend.request(&query("alpha")), Ask::Request(_)));
    }
}

#[tokio::test]
async fn hints_that_are_not_sent_make_no_other_request() {
    let mut hinted = query("alpha");
    hinted.hints.languages = vec![Preference::Value(LanguageRange::parse("fr-CA").unwrap())];
    for specimen in SPECIMENS {
        let backend = specimen.build("http://127.0.0.1:1");
        let request = backend.request(&hinted);
        let is_same = request == backend.request(&query("alpha"));
        assert_eq!(is_same, specimen.hinted.is_empty(), "{}: {request:?}", specimen.kind);
        let Ask::Request(request) = request else { panic!("{}", specimen.kind) };
        assert!(request.contains(specimen.hinted), "{}: {request}", specimen.kind);
    }
}

#[tokio::test]
async fn configured_headers_are_sent() {
    for specimen in SPECIMENS {
        let server = specimen.server(Act::ok(specimen.media, specimen.fixture("empty")), "empty").await;
        let options = specimen.options.replace("URL", &server.url);
        let options = match options.strip_suffix('}') {
            Some(open) => format!("{open}, headers: {{X-Who: us}}}}"),
            None => format!("{options}\nheaders: {{X-Who: us}}"),
        };
        build(specimen.kind, &options).unwrap().ask(&query("x")).await.unwrap();
        let head = server.heads().pop().unwrap().to_lowercase();
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
        ("brave", "{key: {file: fixtures/upstream/key.txt}, count: 21}", "count", "1 to 20"),
        ("brave", "{key: k3y}", "key", "{env: NAME}"),
        ("kagi", "{key: {file: fixtures/upstream/key.txt}, scheme: basic}", "scheme", "bearer"),
        ("kagi", "{key: {file: fixtures/upstream/key.txt}, shceme: bot}", "shceme", "scheme"),
        ("kagi", "{key: {file: fixtures/upstream/key.txt}, count: 1025}", "count", "1 to 1024"),
        ("brave", "{}", "", "\"key\" is required"),
        ("wikipedia", "{contact: nobody}", "contact", "mail address"),
        ("wikipedia", "{contact: a@b.example, url: 'x{language}'}", "url", "http"),
        ("wikidata", "{contact: \"a@b.example\\nX-Y: z\"}", "contact", "mail address"),
        ("opensearch", "{url: 'ftp://x.example/'}", "url", "http"),
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

//! What single types do beyond what all of them do.

use super::*;
use crate::model::{Geography, Likeness, Property, Vouched};

/// The whole request that a type sends for a query, under more options.
async fn sent(kind: &str, more: &str, query: &NameQuery) -> String {
    let specimen = SPECIMENS.into_iter().find(|specimen| specimen.kind == kind).unwrap();
    let server = specimen.server(Act::ok(specimen.media, specimen.fixture("empty")), "empty").await;
    build(kind, &more.replace("URL", &server.url)).unwrap().ask(query).await.unwrap();
    server.heads().pop().unwrap()
}

fn line(request: &str) -> &str {
    request.lines().next().unwrap_or_default()
}

const KEYED: &str = "{url: URL, key: {file: fixtures/upstream/key.txt}}";

#[tokio::test]
async fn each_is_asked_at_its_own_place_with_its_key_where_it_wants_it() {
    let asked = |kind| async move { sent(kind, KEYED, &query("x")).await };
    let brave = asked("brave").await;
    assert_eq!(
        line(&brave),
        "GET /res/v1/web/search?text_decorations=false&result_filter=web%2Cinfobox&q=x&country=ALL HTTP/1.1"
    );
    assert!(brave.contains("x-subscription-token: k3y-of-the-tests\r\n"));
    let kagi = asked("kagi").await;
    assert_eq!(line(&kagi), "POST /api/v1/search HTTP/1.1");
    assert!(
        kagi.contains("authorization: Bearer k3y-of-the-tests\r\n") && kagi.ends_with("{\"query\":\"x\"}")
    );
    assert!(kagi.contains("content-type: application/json\r\n"));
    assert_eq!(line(&asked("mojeek").await), "GET /search?fmt=json&q=x&api_key=k3y-of-the-tests HTTP/1.1");
    let marginalia = asked("marginalia").await;
    assert_eq!(line(&marginalia), "GET /search?query=x HTTP/1.1");
    assert!(marginalia.contains("api-key: k3y-of-the-tests\r\n"));
    let duckduckgo = sent("duckduckgo", "url: URL", &query("!g x")).await;
    assert_eq!(
        line(&duckduckgo),
        "GET /?format=json&no_redirect=1&no_html=1&skip_disambig=1&t=cnrp-gateway&q=g+x HTTP/1.1"
    );
}

#[tokio::test]
async fn an_address_that_ends_in_the_path_of_the_interface_is_the_same() {
    let whole = "{url: URL/proxy/api/v1/search, key: {file: fixtures/upstream/key.txt}}";
    assert_eq!(line(&sent("kagi", whole, &query("x")).await), "POST /proxy/api/v1/search HTTP/1.1");
}

#[tokio::test]
async fn options_become_parameters_in_each_ones_words() {
    for (kind, words) in [
        ("brave", "&count=10&safesearch=strict&"),
        ("kagi", r#"{"query":"x","limit":10,"safe_search":false}"#),
        ("mojeek", "&t=10&safe=1&"),
        ("marginalia", "?count=10&nsfw=0&"),
        ("wikipedia", "&gpslimit=4&"),
    ] {
        let specimen = SPECIMENS.into_iter().find(|specimen| specimen.kind == kind).unwrap();
        let request = sent(kind, specimen.options, &query("x")).await;
        assert!(request.contains(words), "{request}");
    }
}

#[tokio::test]
async fn kagi_is_asked_as_its_help_pages_show_where_it_is_wanted() {
    let request =
        sent("kagi", "{url: URL, key: {file: fixtures/upstream/key.txt}, scheme: bot}", &query("x")).await;
    assert_eq!(line(&request), "GET /api/v1/search?q=x HTTP/1.1");
    assert!(request.contains("authorization: Bot k3y-of-the-tests\r\n"));
}

#[test]
fn brave_is_asked_in_its_own_spelling_of_languages_and_for_countries_it_has() {
    let backend =
        SPECIMENS.iter().find(|specimen| specimen.kind == "brave").unwrap().build("http://127.0.0.1:1");
    for (language, country, words) in [
        ("ja", "JP", "country=JP&search_lang=jp"),
        ("pt", "PT", "country=PT&search_lang=pt-pt"),
        ("pt-BR", "BR", "country=BR&search_lang=pt-br"),
        ("zh-TW", "TW", "country=TW&search_lang=zh-hant"),
        ("zh", "CN", "country=CN&search_lang=zh-hans"),
        ("en-GB", "GB", "country=GB&search_lang=en-gb"),
        ("tlh", "AQ", "country=ALL"),
    ] {
        let mut asked = query("x");
        asked.hints.languages = vec![Preference::Value(LanguageRange::parse(language).unwrap())];
        asked.hints.geographies = vec![Preference::Value(Geography::Country(country.to_owned()))];
        let Ask::Request(request) = backend.request(&asked) else { panic!("it asks") };
        assert!(request.ends_with(words), "{request}");
    }
    assert_eq!(backend.request(&query(&"x".repeat(401))), Ask::Skip(Reason::NotAsked));
    assert_eq!(backend.request(&query(&"x ".repeat(51))), Ask::Skip(Reason::NotAsked));
}

#[test]
fn what_a_client_may_hint_at_is_not_what_a_service_refuses() {
    let mut nowhere = query("x");
    nowhere.hints.languages = vec![Preference::Value(LanguageRange::parse("tlh").unwrap())];
    nowhere.hints.geographies = vec![Preference::Value(Geography::Country("ZZ".to_owned()))];
    for kind in ["brave", "kagi", "wikipedia", "wikidata"] {
        let specimen = SPECIMENS.iter().find(|specimen| specimen.kind == kind).unwrap();
        let backend = specimen.build("http://127.0.0.1:1");
        assert_eq!(backend.request(&nowhere), backend.request(&query("x")), "{kind}");
    }
    for kind in ["wikipedia", "wikidata"] {
        let specimen = SPECIMENS.iter().find(|specimen| specimen.kind == kind).unwrap();
        let long = query(&"x".repeat(251));
        assert_eq!(specimen.build("http://127.0.0.1:1").request(&long), Ask::Skip(Reason::NotAsked));
    }
}

#[tokio::test]
async fn marginalia_results_carry_their_licence() {
    let marginalia = SPECIMENS.iter().find(|specimen| specimen.kind == "marginalia").unwrap();
    let hits = marginalia.ask(Act::ok("application/json", marginalia.fixture("found"))).await.unwrap().hits;
    let licence = [Property::new("x-license", "freeform", "CC-BY-NC-SA 4.0")];
    assert!(hits.iter().all(|hit| hit.properties == licence));
}

#[tokio::test]
async fn wikimedia_is_told_who_asks() {
    for kind in ["wikipedia", "wikidata"] {
        let request = sent(kind, "{url: URL, contact: ops@names.example}", &query("x")).await;
        let agent = request.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap();
        assert!(agent.starts_with("cnrp-gateway/") && agent.ends_with(" (ops@names.example)"), "{agent}");
    }
}

#[tokio::test]
async fn wikipedia_asks_the_edition_of_the_first_hinted_language_that_it_has() {
    let mut asked = query("x");
    let hinted = ["tlh", "fr-CA", "en"];
    asked.hints.languages = hinted.map(|tag| Preference::Value(LanguageRange::parse(tag).unwrap())).to_vec();
    let options = "{url: 'URL/{language}', contact: ops@names.example, languages: [en, de, fr]}";
    let backend = build("wikipedia", &options.replace("URL", "https://wiki.example")).unwrap();
    let Ask::Request(request) = backend.request(&asked) else { panic!("it asks") };
    assert!(request.starts_with("https://wiki.example/fr/w/api.php?"), "{request}");
    let Ask::Request(request) = backend.request(&query("x")) else { panic!("it asks") };
    assert!(request.starts_with("https://wiki.example/en/w/api.php?"), "{request}");
    let french = build("wikipedia", "{contact: ops@names.example, languages: fr}").unwrap();
    let Ask::Request(request) = french.request(&query("x")) else { panic!("it asks") };
    assert!(request.starts_with("https://fr.wikipedia.org/w/api.php?"), "{request}");
}

#[tokio::test]
async fn a_page_of_wikipedia_is_called_by_the_name_that_leads_to_it() {
    let wikipedia = SPECIMENS.iter().find(|specimen| specimen.kind == "wikipedia").unwrap();
    let server = wikipedia.server(Act::ok("application/json", wikipedia.fixture("found")), "found").await;
    let hits = wikipedia.build(&server.url).ask(&query("aero works inc")).await.unwrap().hits;
    assert_eq!(hits[0].name, "Aero Works Inc");
    assert_eq!(hits[0].properties, [Property::new("language", "rfc1766", "en")]);
    assert_eq!(hits.len(), 1, "beside it, pages that do not have the name are hardly meant");
    let hits = wikipedia.build(&server.url).ask(&query("aero")).await.unwrap().hits;
    let names: Vec<_> = hits.iter().map(|hit| hit.name.as_str()).collect();
    assert_eq!(names, ["Aeroworks", "Aeroworks 7", "Aeroworks (film)"]);
}

#[tokio::test]
async fn wikidata_asserts_what_has_exactly_the_name_and_mentions_what_begins_with_it() {
    let wikidata = SPECIMENS.iter().find(|specimen| specimen.kind == "wikidata").unwrap();
    assert_eq!(wikidata.build("http://127.0.0.1:1").vouched(), Vouched::ByReference);
    let server = wikidata.server(Act::ok("application/json", wikidata.fixture("found")), "found").await;
    let backend = wikidata.build(&server.url);
    let likeness = |reply: Reply| reply.hits.iter().map(|hit| hit.likeness).collect::<Vec<_>>();
    assert_eq!(likeness(backend.ask(&query("aero-works")).await.unwrap()), [Likeness::Same; 2]);
    let heads = server.heads();
    assert!(
        heads[1].contains("ids=Q900001%7CQ900002%7CQ900003 "),
        "the item that only begins so: {}",
        heads[1]
    );
    assert_eq!(likeness(backend.ask(&query("aero")).await.unwrap()), [Likeness::Mention; 2]);
}

#[tokio::test]
async fn a_failure_of_the_second_call_is_one() {
    let server = Fixture::start(|head| match head.contains("wbgetentities") {
        true => Act::ok("application/json", r#"{"error": {"code": "no-such-entity"}}"#),
        false => Act::ok("application/json", r#"{"search": [{"id": "Q1", "label": "x"}]}"#),
    })
    .await;
    let backend =
        build("wikidata", &format!("{{url: '{}', contact: ops@names.example}}", server.url)).unwrap();
    assert_eq!(backend.ask(&query("x")).await.unwrap_err().reason, Reason::HttpError);
}

mod opensearch {
    use std::time::SystemTime;

    use super::*;
    use crate::model::Clock;

    /// A clock that tests step.
    struct Stepped(Mutex<tokio::time::Instant>);

    impl Clock for Stepped {
        fn now(&self) -> tokio::time::Instant {
            *self.0.lock().unwrap()
        }

        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
    }

    fn requests(server: &Fixture, path: &str) -> usize {
        server.heads().iter().filter(|head| head.starts_with(&format!("GET {path}"))).count()
    }

    #[tokio::test]
    async fn a_description_is_fetched_once_and_again_when_it_is_old_and_an_old_one_serves_on() {
        let specimen = SPECIMENS.iter().find(|specimen| specimen.kind == "opensearch").unwrap();
        let description = String::from_utf8(specimen.fixture("description")).unwrap();
        let found = specimen.fixture("found");
        let is_broken = Arc::new(Mutex::new(false));
        let broken = Arc::clone(&is_broken);
        let server = Fixture::start(move |head| {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
            match (head.starts_with("GET /osd.xml"), *broken.lock().unwrap()) {
                (true, false) => Act::ok("text/xml", description.replace("URL", &format!("http://{host}"))),
                (true, true) => Act::Reply(500, String::new(), Vec::new()),
                (false, _) => Act::ok("application/rss+xml", found.clone()),
            }
        })
        .await;
        let clock = Arc::new(Stepped(Mutex::new(tokio::time::Instant::now())));
        let setting = Setting {
            name: "tested",
            folder: Path::new("."),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            lines: Lines::default(),
            timeout: TIMEOUT,
            toll: None,
            seed: 1,
            chain: Chain::default(),
        };
        let registration = REGISTRY.iter().find(|registration| registration.kind == "opensearch").unwrap();
        let options = Options::from_yaml(&format!("{{url: '{}/osd.xml', refresh: 1h}}", server.url)).unwrap();
        let Ok(backend) = registration.build(&options, &setting) else { panic!("it is right") };
        let step = |seconds| *clock.0.lock().unwrap() += Duration::from_secs(seconds);
        let steps =
            [(0, false, 1), (3599, false, 1), (1, false, 2), (3600, true, 3), (59, true, 3), (1, true, 4)];
        for (seconds, fails, fetched) in steps {
            step(seconds);
            *is_broken.lock().unwrap() = fails;
            assert_eq!(backend.ask(&query("x")).await.unwrap().hits.len(), 2);
            assert_eq!(requests(&server, "/osd.xml"), fetched);
        }
        assert_eq!(requests(&server, "/find?q=x&n=&hl=&p=1 "), steps.len());
    }

    #[tokio::test]
    async fn a_site_whose_description_is_missing_or_leads_elsewhere_is_not_asked() {
        let osd = |url: &str| {
            format!(
                "<OpenSearchDescription><Url type='application/rss+xml' template='{url}'/></OpenSearchDescription>"
            )
        };
        for (act, reason) in [
            (Act::Reply(404, String::new(), Vec::new()), Reason::HttpError),
            (Act::ok("text/html", "<html>captcha"), Reason::Captcha),
            (Act::ok("text/html", "<html><body>Are you a robot?</body></html>"), Reason::Captcha),
            (Act::ok("text/xml", "<rss/>"), Reason::Malformed),
            (Act::ok("text/xml", osd("http://10.0.0.1/?q={searchTerms}")), Reason::Unsafe),
            (Act::Hang, Reason::TimedOut),
        ] {
            let server = Fixture::always(act).await;
            let backend = build("opensearch", &format!("url: {}/osd.xml", server.url)).unwrap();
            let failure = backend.ask(&query("x")).await.unwrap_err();
            assert_eq!(failure.reason, reason, "{failure}");
            assert!(failure.detail.starts_with("its description: "), "{failure}");
            assert_eq!(server.heads().len(), 1);
        }
    }
}

#[test]
fn what_there_is_no_type_for_is_explained() {
    for (kind, word) in [("google", "1 January 2027"), ("bing", "11 August 2025")] {
        assert!(super::super::unserved(kind).unwrap().contains(word));
        assert!(!REGISTRY.iter().any(|known| known.kind == kind));
    }
    assert_eq!(super::super::unserved("altavista"), None);
}

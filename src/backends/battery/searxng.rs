//! What SearXNG does beyond what all types do.

use super::*;
use crate::model::{Confidence, Geography};

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
async fn a_country_makes_a_language_that_of_a_region() {
    let backend = build("searxng", "url: http://127.0.0.1:1").unwrap();
    for (language, country, sent) in [
        ("fr", "CA", "&language=fr-CA"),
        ("fr-CH", "CA", "&language=fr-CH"),
        ("", "CA", ""),
        ("fr", "", "&language=fr"),
    ] {
        let mut asked = query("x");
        asked.hints.languages = LanguageRange::parse(language).map(Preference::Value).into_iter().collect();
        let place = (!country.is_empty()).then(|| Geography::read("iso3166-1", country));
        asked.hints.geographies = place.map(Preference::Value).into_iter().collect();
        let request = format!("http://127.0.0.1:1/search?format=json&q=x{sent}");
        assert_eq!(backend.request(&asked), Ask::Request(request), "{language} {country}");
    }
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
async fn a_likelier_spelling_is_asked_for_where_nothing_is_found_and_believed_as_little() {
    let server = Fixture::start(|head| {
        let body = match head.contains("q=Boeing") {
            true => r#"{"results": [{"url": "https://www.boeing.com/", "title": "Boeing"}]}"#,
            false => r#"{"results": [], "corrections": ["Boeing", "x"]}"#,
        };
        Act::ok("application/json", body)
    })
    .await;
    let backend = build("searxng", &format!("url: {}", server.url)).unwrap();
    let hits = backend.ask(&query("Boieng")).await.unwrap().hits;
    assert_eq!((hits[0].uri.as_str(), hits[0].ceiling), ("https://www.boeing.com/", Some(Confidence::Low)));
    // The same name in another spelling is no correction, and a finding needs none.
    backend.ask(&query("BOEING")).await.unwrap();
    assert_eq!(server.heads().len(), 3);
}

#[tokio::test]
async fn an_instance_whose_engines_are_silent_does_not_say_that_there_is_no_such_name() {
    let failure =
        SPECIMENS[0].ask(Act::ok("application/json", SPECIMENS[0].fixture("degraded"))).await.unwrap_err();
    assert_eq!(failure.reason, Reason::TimedOut);
    assert!(failure.detail.contains("bing (Suspended: CAPTCHA)"), "{failure}");
    for (silent, reason) in [
        (r#"[["google", "Suspended: CAPTCHA"]]"#, Reason::Captcha),
        (r#"[["google", "CAPTCHA"], ["bing", "Suspended: too many requests"]]"#, Reason::RateLimited),
        (r#"[["bing", "HTTP timeout"]]"#, Reason::TimedOut),
        (r#"[["bing", "Suspended: access denied"]]"#, Reason::HttpError),
        (r#"[["bing", "unerwarteter Absturz"]]"#, Reason::HttpError),
        ("[7]", Reason::HttpError),
    ] {
        let body = format!(r#"{{"results": [], "unresponsive_engines": {silent}}}"#);
        let failure = SPECIMENS[0].ask(Act::ok("application/json", body)).await.unwrap_err();
        assert_eq!(failure.reason, reason, "{silent}");
    }
}

#[tokio::test]
async fn silent_engines_do_not_spoil_what_the_others_found() {
    let found = SPECIMENS[0].ask(Act::ok("application/json", SPECIMENS[0].fixture("found"))).await;
    assert_eq!(found.unwrap().hits.len(), SPECIMENS[0].found.len());
    let answered = r#"{"results": [], "unresponsive_engines": []}"#;
    assert_eq!(SPECIMENS[0].ask(Act::ok("application/json", answered)).await, Ok(Reply::default()));
}

#[tokio::test]
async fn an_official_site_comes_first_and_an_error_is_none() {
    let found = SPECIMENS[0].read("found").await;
    assert_eq!(found[0].hit.uri, "https://aeroworks.example/");
    let failure = SPECIMENS[0].ask(Act::ok("application/json", r#"{"error": "search error"}"#)).await;
    assert_eq!(failure.unwrap_err().reason, Reason::HttpError);
}

/// Its own limiter says so in a 429; a proxy before it may do so in whatever it sends.
#[tokio::test]
async fn when_to_come_again_is_heard_whatever_it_comes_with() {
    for (status, kind, body, reason) in [
        (200, "application/json", r#"{"error": "too busy"}"#, Reason::HttpError),
        (
            200,
            "application/json",
            r#"{"results": [], "unresponsive_engines": [["bing", "Suspended: too many requests"]]}"#,
            Reason::RateLimited,
        ),
        (200, "text/html", "<html><h1>Too Many Requests</h1>", Reason::RateLimited),
        (429, "text/html", "<html><h1>Too Many Requests</h1>", Reason::RateLimited),
        (429, "text/plain", "Too Many Requests", Reason::RateLimited),
        (503, "text/html", "<html>captcha</html>", Reason::Captcha),
    ] {
        let head = format!("Content-Type: {kind}\r\nRetry-After: 77\r\n");
        let failure = SPECIMENS[0].ask(Act::Reply(status, head, body.into())).await.unwrap_err();
        let pause = Some(Duration::from_secs(77));
        assert_eq!((failure.reason, failure.retry_after), (reason, pause), "{status} {body}");
    }
}

#[tokio::test]
async fn a_format_that_is_not_enabled_is_explained() {
    let page = Act::Reply(403, "Content-Type: text/html\r\n".to_owned(), b"<html>Forbidden</html>".to_vec());
    let failure = SPECIMENS[0].ask(page).await.unwrap_err();
    assert!(failure.detail.contains("search.formats"), "{failure}");
}

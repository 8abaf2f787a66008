//! Pages for people, and what browsers ask for by themselves.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::{Gateway, json};

const NAMES: &str = r#"
service: {uri: "urn:test:names", description: "Names <of> Test"}
backends:
- name: handbook
  type: static
  names:
  - {name: Boeing, uri: "https://www.boeing.com/", description: "<script>alert(1)</script> & \u202eaircraft"}
  - {name: Imitation, uri: "https://аррӏе.com/"}
- {name: gone, type: searxng, url: "http://127.0.0.1:1"}
"#;

/// Status, content type and text of a page, asked for as a browser asks.
async fn page(gateway: &Gateway, path: &str, language: &str) -> (u16, String, String) {
    let headers = [("accept", "text/html,*/*;q=0.8"), ("accept-language", language)];
    let reply = gateway.get_with(path, &headers).await;
    let kind = reply.headers()["content-type"].to_str().unwrap().to_owned();
    (reply.status().as_u16(), kind, reply.text().await.unwrap())
}

#[tokio::test]
async fn a_name_in_the_box_is_answered_with_what_it_means_and_why() {
    let gateway = Gateway::start(NAMES);
    let (status, kind, text) = page(&gateway, "/?q=boeing", "en").await;
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
    for shown in [
        r#"<a href="https://www.boeing.com/" rel="noreferrer" dir="auto">Boeing</a>"#,
        "<bdi>www.boeing.com</bdi>",
        "exact name in handbook",
        "Did not answer: gone (refused).",
        "&#60;script&#62;alert(1)&#60;/script&#62; &#38; aircraft",
        "Names &#60;of&#62; Test",
    ] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
    assert!(text.matches("<script").count() == 1 && !text.contains('\u{202e}'), "{text}");
    let (_, _, imitation) = page(&gateway, "/?q=imitation", "en").await;
    assert!(imitation.contains("<bdi>xn--80ak6aa92e.com</bdi>"), "{imitation}");
}

#[tokio::test]
async fn many_results_are_many_pages() {
    let names: String =
        (1..=25).map(|at| format!("  - {{name: Many, uri: \"https://{at}.example/\"}}\n")).collect();
    let gateway = Gateway::start(&format!("backends:\n- type: static\n  names:\n{names}"));
    for (path, results, next) in [
        ("/?q=many&language=fr", 10, Some("/?q=many&#38;language=fr&#38;start=11&#38;length=10")),
        ("/?q=many&start=11", 10, Some("/?q=many&#38;start=21&#38;length=10")),
        ("/?q=many&start=21", 5, None),
        ("/?q=many&start=16", 10, None),
    ] {
        let (_, _, text) = page(&gateway, path, "en").await;
        assert_eq!(text.matches("<h2>").count(), results, "{path}");
        match next {
            Some(next) => {
                assert!(text.contains(&format!("<a href=\"{next}\" rel=\"next\">")), "{path}: {text}");
            }
            None => assert!(!text.contains("rel=\"next\""), "{path}: {text}"),
        }
    }
    let (_, _, text) = page(&gateway, "/?q=many&start=26", "en").await;
    assert!(text.contains("There are no more results."), "{text}");
}

#[tokio::test]
async fn what_was_asked_is_shown_without_what_would_turn_the_page() {
    let gateway = Gateway::start(NAMES);
    for path in ["/?q=%E2%80%AEabc%20def", "/?q=%E2%80%AEabc&q=x", "/?q=a%00b%E2%81%A6"] {
        let (_, _, text) = page(&gateway, path, "en").await;
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\0']), "{path}: {text}");
    }
}

#[tokio::test]
async fn readers_are_spoken_to_in_their_language() {
    let gateway = Gateway::start(NAMES);
    for (language, tag, said) in [
        ("de-CH, en;q=0.5", r#"lang="de" dir="ltr""#, "Unter „zzqqx“ ist nichts bekannt."),
        ("fr", r#"lang="fr" dir="ltr""#, "Rien n’est connu sous le nom « zzqqx »."),
        ("ja", r#"lang="ja" dir="ltr""#, "「zzqqx」は見つかりませんでした。"),
        ("ar", r#"lang="ar" dir="rtl""#, "لا يُعرف شيء باسم «zzqqx»."),
        ("tlh", r#"lang="en" dir="ltr""#, "Nothing is known as “zzqqx”."),
    ] {
        let (status, _, text) = page(&gateway, "/?q=zzqqx", language).await;
        assert_eq!(status, 200);
        assert!(text.contains(tag) && text.contains(said), "{language}: {text}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_a_page_for_people_and_a_problem_for_programs() {
    let gateway = Gateway::start(NAMES);
    let long = format!("/?q={}", "x".repeat(2000));
    for (path, status, said) in [
        ("/nowhere", 404, "There is no such page."),
        (long.as_str(), 400, "A name has 1 to 1024 characters."),
        ("/resolve", 400, "neither q nor id is given"),
        ("/?q=a&q=b", 400, "q is given twice"),
    ] {
        let (told, kind, text) = page(&gateway, path, "en").await;
        assert_eq!((told, kind.as_str()), (status, "text/html; charset=utf-8"), "{path}");
        assert!(text.contains(said) && text.contains("<form"), "{path}: {text}");
        let reply = gateway.get("http", path).await;
        assert_eq!(reply.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn where_every_source_failed_the_page_says_which_and_why() {
    let gateway = Gateway::start("backends: [{name: dead, type: searxng, url: \"http://127.0.0.1:1\"}]\n");
    let (status, _, text) = page(&gateway, "/?q=x", "de").await;
    assert_eq!(status, 503);
    let said = r#"<p class="detail"><bdi lang="en">no source answered (dead: refused)</bdi></p>"#;
    assert!(text.contains(said), "{text}");
}

#[tokio::test]
async fn a_browser_is_held_to_what_the_page_is_for() {
    let gateway = Gateway::start(NAMES);
    for path in ["/", "/?q=boeing", "/about", "/assets/style.css", "/assets/suggest.js", "/assets/icon.svg"] {
        let reply = gateway.get("http", path).await;
        assert_eq!(reply.status(), 200, "{path}");
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        let tag = header("etag");
        let again = gateway.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(again.bytes().await.unwrap().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn all_of_a_page_is_small() {
    let gateway = Gateway::start(NAMES);
    let mut bytes = 0;
    for path in ["/?q=boeing", "/assets/style.css", "/assets/suggest.js", "/assets/icon.svg"] {
        bytes += gateway.get("http", path).await.bytes().await.unwrap().len();
    }
    assert!(bytes < 30_000, "{bytes} bytes");
}

#[tokio::test]
async fn a_browser_is_told_where_to_search_and_a_program_what_there_is() {
    let gateway = Gateway::start(NAMES);
    let reply = gateway.get("http", "/opensearch.xml").await;
    assert_eq!(reply.headers()["content-type"], "application/opensearchdescription+xml");
    let base = gateway.url("http");
    let text = reply.text().await.unwrap();
    assert!(text.contains(&format!(r#"template="{base}/?q={{searchTerms}}""#)), "{text}");

    let service = json(gateway.get("http", "/service").await).await;
    assert_eq!(service["uri"], "urn:test:names");
    assert_eq!(service["ttl_seconds"], 43_200);
    let openapi = json(gateway.get("http", "/openapi.json").await).await;
    assert_eq!(openapi["openapi"], "3.1.0");
    for path in openapi["paths"].as_object().unwrap().keys() {
        let reply = gateway.get("http", path).await;
        assert_ne!(reply.status(), 404, "{path}");
    }
    let about = gateway.get("http", "/about").await.text().await.unwrap();
    assert!(about.contains("urn:test:names") && about.contains("handbook"), "{about}");
}

/// What tidy has against a page; it is older than two attributes that the standard has.
fn faults(html: &str) -> String {
    let mut tidy = Command::new("tidy")
        .args(["-quiet", "-errors", "-utf8", "--show-info", "yes", "--warn-proprietary-attributes", "no"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Debian: tidy");
    tidy.stdin.take().unwrap().write_all(html.as_bytes()).unwrap();
    String::from_utf8(tidy.wait_with_output().unwrap().stderr).unwrap()
}

#[tokio::test]
async fn every_page_is_html_that_tidy_would_leave_as_it_is() {
    let gateway = Gateway::start(NAMES);
    for language in ["en", "ar", "ja"] {
        for path in ["/", "/?q=boeing", "/?q=zzqqx", "/about", "/nowhere"] {
            let (_, _, text) = page(&gateway, path, language).await;
            assert_eq!(faults(&text), "", "{path} in {language}: {text}");
        }
    }
    let operator = gateway.get("admin", "/").await.text().await.unwrap();
    assert_eq!(faults(&operator), "", "{operator}");
    assert!(faults("<p><b>a</p>").contains("missing </b>"), "tidy judges");
}

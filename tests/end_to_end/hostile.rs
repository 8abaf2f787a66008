//! Texts, addresses and hosts that mean harm, through everything that a browser reads of us:
//! `fixtures/hostile` has one a line, as JSON strings, so that those nobody can see can be read.

use std::{collections::BTreeSet, sync::Arc};

use quick_xml::{Reader, events::Event};
use scraper::Html;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Gateway, Upstream, json, searxng};

const HTML: (&str, &str) = ("accept", "text/html");

fn lines(name: &str) -> Vec<String> {
    let path = format!("{}/fixtures/hostile/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Every element of a page with each of its attributes: what a text that gets out adds to.
fn shape(html: &str) -> BTreeSet<String> {
    let page = Html::parse_document(html);
    let elements = page.tree.values().filter_map(|node| node.as_element());
    elements
        .flat_map(|element| {
            let attributes = element.attrs().map(|(name, _)| format!("{} {name}", element.name()));
            std::iter::once(element.name().to_owned()).chain(attributes).collect::<Vec<_>>()
        })
        .collect()
}

/// Fails if the page holds what none of ours holds, an invisible character, or a link that runs something.
fn assert_harmless(html: &str, known: &BTreeSet<String>, what: &str) {
    let strange: Vec<_> = shape(html).difference(known).cloned().collect();
    assert!(strange.is_empty(), "{what:?} brought {strange:?} into the page: {html}");
    assert_eq!(html.matches("<script").count(), 1, "{what:?}: {html}");
    assert_eq!(unshowable(html), None, "{what:?}: {html}");
    let page = Html::parse_document(html);
    for link in page.tree.values().filter_map(|node| node.as_element()?.attr("href")) {
        let led = link.starts_with('/') && !link.starts_with("//");
        assert!(
            led || link.starts_with("https://") || link.starts_with("http://"),
            "{what:?}: a link to {link}"
        );
    }
}

/// The first character that a reader can't see and that no page of ours has use for.
fn unshowable(text: &str) -> Option<char> {
    let is_bidi = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    let is_tag = |c: char| matches!(c, '\u{e0000}'..='\u{e007f}' | '\u{feff}' | '\u{fffe}');
    text.chars().find(|&c| c.is_control() && c != '\n' || is_bidi(c) || is_tag(c))
}

async fn page(gateway: &Gateway, path: &str) -> String {
    let reply = gateway.get_with(path, &[HTML]).await;
    assert_eq!(reply.headers()["x-content-type-options"], "nosniff", "{path}");
    reply.text().await.unwrap()
}

/// What pages of harmless texts are made of.
async fn known(gateway: &Gateway) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for path in ["/", "/?q=0", "/about", "/nowhere", "/?q=none"] {
        known.extend(shape(&page(gateway, path).await));
    }
    known
}

/// A gateway whose engine answers the question `n` with the result `n` of a list, and others with a harmless one.
async fn answering(results: Vec<(String, String, String)>) -> Gateway {
    let results = Arc::new(results);
    let engine = Upstream::start(move |line| {
        let asked = line.split("q=").nth(1).unwrap_or_default();
        let number: String = asked.chars().take_while(char::is_ascii_digit).collect();
        match number.parse::<usize>().ok().and_then(|number| results.get(number)) {
            Some((url, title, content)) => searxng(&[(url, title, content)]),
            None => searxng(&[]),
        }
    })
    .await;
    Gateway::start(&format!("backends: [{{type: searxng, url: \"{}\"}}]\n", engine.url()))
}

fn harmless() -> (String, String, String) {
    ("https://0.example/".into(), "A title".into(), "A description".into())
}

#[tokio::test]
async fn no_text_of_a_visitor_gets_out_of_its_place() {
    let gateway = answering(vec![harmless()]).await;
    let known = known(&gateway).await;
    let visitor = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let texts = lines("texts");
    assert!(texts.len() >= 40);
    for text in texts {
        let query = encoded(&text);
        for path in [
            format!("/?q={query}"),
            format!("/?q={query}&language={query}"),
            format!("/resolve?q={query}&q="),
        ] {
            assert_harmless(&page(&gateway, &path).await, &known, &text);
        }
        for path in [format!("/resolve?q={query}"), format!("/suggest?q={query}")] {
            let reply = gateway.get("http", &path).await;
            let kind = reply.headers()["content-type"].to_str().unwrap().to_owned();
            assert!(kind.ends_with("json"), "{text:?}: {kind}");
            json(reply).await;
        }
        let reply = visitor.get(format!("{}/go/{query}", gateway.url("http"))).send().await.unwrap();
        assert!(reply.headers().get("set-cookie").is_none(), "{text:?}");
        if reply.status() != 400 {
            let to = reply.headers()["location"].to_str().unwrap();
            assert!(reply.status() == 303 && to.starts_with("/?q="), "{text:?} leads to {to}");
        }
    }
}

#[tokio::test]
async fn no_text_of_a_source_gets_out_of_its_place() {
    let texts = lines("texts");
    let hostile = texts.iter().enumerate();
    let hostile = hostile.map(|(at, text)| (format!("https://{at}.example/"), text.clone(), text.clone()));
    let gateway = answering(std::iter::once(harmless()).chain(hostile).collect()).await;
    let known = known(&gateway).await;
    let mut shown = 0;
    for (at, text) in texts.iter().enumerate() {
        let html = page(&gateway, &format!("/?q={}", at + 1)).await;
        shown += html.matches("<h2>").count();
        assert_harmless(&html, &known, text);
        let told = json(gateway.get("http", &format!("/resolve?q={}", at + 1)).await).await;
        for result in told["results"].as_array().unwrap() {
            let said = result.as_object().unwrap().values().filter_map(Value::as_str);
            assert!(said.into_iter().all(|said| unshowable(said).is_none()), "{text:?}: {result}");
        }
    }
    assert!(shown * 10 > texts.len() * 8, "only {shown} of {} were shown", texts.len());
}

#[tokio::test]
async fn no_address_of_a_source_is_a_link_that_runs_something_or_hides_its_host() {
    let addresses = lines("addresses");
    let hostile = addresses.iter().map(|address| (address.clone(), "A title".into(), "A description".into()));
    let gateway = answering(std::iter::once(harmless()).chain(hostile).collect()).await;
    let known = known(&gateway).await;
    for (at, address) in addresses.iter().enumerate() {
        let html = page(&gateway, &format!("/?q={}", at + 1)).await;
        assert_harmless(&html, &known, address);
        assert!(!html.contains("аррӏе") && !html.contains("<bdi>good.example</bdi>"), "{address:?}: {html}");
    }
}

/// The elements of a document, in order.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) | Event::Empty(start) => found.push(start.name().as_ref().to_owned()),
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[tokio::test]
async fn no_name_of_the_service_gets_out_of_what_browsers_are_told() {
    let described = async |description: &str| {
        // Escaped, for YAML lets some characters stand in no other way.
        let written: String = description.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let gateway = Gateway::start(&format!("service: {{description: \"{written}\"}}\nbackends: []\n"));
        let xml = gateway.get("http", "/opensearch.xml").await.text().await.unwrap();
        let service = gateway.get("http", "/service").await.text().await.unwrap();
        (xml, page(&gateway, "/").await, service)
    };
    let (plain, home, _) = described("Names").await;
    for text in [
        "</title><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "]]>&e;<!--",
        "{{7*7}}{name}",
        "a\u{7}b\u{202e}c\u{0} \u{fffe}<x>",
        "\u{0}\u{200b}",
        "",
    ] {
        let (xml, html, service) = described(text).await;
        assert_eq!(elements(&xml), elements(&plain), "{text:?}: {xml}");
        assert_eq!((unshowable(&xml), unshowable(&service)), (None, None), "{text:?}: {xml} {service}");
        assert!(!xml.contains("<ShortName></ShortName>") && !html.contains("<title></title>"), "{text:?}");
        assert_harmless(&html, &shape(&home), text);
    }
}

/// What an operator copied from elsewhere, unseen characters included.
const COPIED: &str = r#"
backends:
- type: static
  names:
  - {name: "bidi \u202Eevil", uri: "https://1.example/", description: "\u202E\u2066 rtl \u0007 bell"}
  - {name: bidi idn, uri: "https://例え.テスト/パス"}
  - {name: bidi turned, uri: "https://x.example/a\u202Eb"}
  - {name: bidi quoted, uri: "https://y.example/?a=\"><script>"}
  - {name: bidi escaped, uri: "https://z.example/%zz"}
  - {name: bidi kept, uri: "HTTPS://K.example//a%7e?b[]=1"}
"#;

#[tokio::test]
async fn r1_static_names_are_told_without_what_cannot_be_seen_and_lead_to_uris() {
    let gateway = Gateway::start(COPIED);
    let suggested = json(gateway.get("http", "/suggest?q=bidi").await).await;
    let mut uris: Vec<String> = serde_json::from_value(suggested[3].clone()).unwrap();
    let said: Vec<String> = [1, 2]
        .iter()
        .flat_map(|&column| suggested[column].as_array().unwrap().clone())
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    assert!(said.iter().all(|text| unshowable(text).is_none()), "{said:?}");
    assert!(said.contains(&"bidi evil".to_owned()) && said.contains(&"rtl bell".to_owned()), "{said:?}");
    uris.sort();
    let expected = [
        "HTTPS://K.example//a%7e?b[]=1",
        "https://1.example/",
        "https://x.example/a%E2%80%AEb",
        "https://xn--r8jz45g.xn--zckzah/%E3%83%91%E3%82%B9",
        "https://y.example/?a=%22%3E%3Cscript%3E",
        "https://z.example/%25zz",
    ];
    assert_eq!(uris, expected);
    for name in ["bidi%20idn", "bidi%20turned", "bidi%20quoted", "bidi%20escaped", "bidi%20kept"] {
        let told = json(gateway.get("http", &format!("/resolve?q={name}")).await).await;
        let uri = told["results"][0]["uri"].as_str().unwrap();
        assert!(expected.contains(&uri), "{uri}");
    }
}

/// The status of an answer to this head.
async fn status(gateway: &Gateway, kind: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(gateway.address(kind)).await.unwrap();
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).await.unwrap();
    String::from_utf8_lossy(&told).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn no_page_that_took_a_name_for_this_machine_is_answered() {
    const PATHS: [&str; 8] =
        ["/", "/?q=0", "/go/0", "/resolve?q=0", "/suggest?q=0", "/opensearch.xml", "/about", "/service"];
    let gateway = answering(vec![harmless()]).await;
    for host in lines("hosts") {
        for path in PATHS {
            let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
            let told = status(&gateway, "http", &head).await;
            assert!(told == "421" || told == "400", "{host} {path}: {told}");
        }
        for path in ["/status", "/metrics"] {
            let told = status(&gateway, "admin", &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n")).await;
            assert!(told == "421" || told == "400", "{host} {path}: {told}");
        }
        let ours = gateway.address("http");
        let head =
            format!("POST / HTTP/1.1\r\nHost: {ours}\r\nOrigin: http://{host}\r\nContent-Length: 0\r\n");
        assert_eq!(status(&gateway, "http", &head).await, "403", "{host}");
        let ours = gateway.address("admin");
        let head = format!(
            "POST /resume/x HTTP/1.1\r\nHost: {ours}\r\nOrigin: http://{host}\r\nContent-Length: 0\r\n"
        );
        assert_eq!(status(&gateway, "admin", &head).await, "403", "{host}");
    }
}

//! `GET /suggest`: names while they are typed.

use crate::support::{Gateway, Upstream, document, json, searxng};

const NAMES: &str = r#"
limits: {trusted_proxies: ["127.0.0.1/32"]}
backends:
- name: n
  type: static
  allow_schemes: [javascript]
  names:
  - {name: Boeing, aliases: [The Boeing Company], uri: "https://www.boeing.com/", description: Aircraft}
  - {name: 東京大学, aliases: [University of Tokyo], uri: "https://www.u-tokyo.ac.jp/"}
  - {name: Tokyo Gas, uri: "https://www.tokyo-gas.co.jp/"}
  - {name: Tokyo Script, uri: "javascript:run()"}
  - {name: Société Générale, uri: "https://www.societegenerale.com/"}
"#;

/// The names and addresses suggested.
async fn suggested(gateway: &Gateway, query: &str) -> (Vec<String>, Vec<String>) {
    let reply = gateway.get("http", &format!("/suggest?{query}")).await;
    assert_eq!(reply.status(), 200, "{query}");
    assert_eq!(reply.headers()["content-type"], "application/x-suggestions+json");
    let body = json(reply).await;
    let texts = |at: usize| -> Vec<String> { serde_json::from_value(body[at].clone()).unwrap() };
    assert_eq!(texts(1).len(), texts(2).len());
    (texts(1), texts(3))
}

#[tokio::test]
async fn names_are_suggested_while_they_are_typed() {
    let gateway = Gateway::start(NAMES);
    for (query, names) in [
        ("q=boe", &["Boeing"][..]),
        ("q=the+b", &["The Boeing Company"]),
        ("q=boie", &["Boeing"]),
        ("q=tokyo", &["University of Tokyo", "Tokyo Gas"]),
        ("q=tokyo&limit=1", &["University of Tokyo"]),
        ("q=tokyo+univ", &["University of Tokyo"]),
        ("q=%E5%A4%A7%E5%AD%A6", &["東京大学"]),
        ("q=societe", &["Société Générale"]),
        ("q=zzz", &[]),
    ] {
        assert_eq!(suggested(&gateway, query).await.0, names, "{query}");
    }
    let body = json(gateway.get("http", "/suggest?q=BOE").await).await;
    assert_eq!(body, serde_json::json!(["BOE", ["Boeing"], ["Aircraft"], ["https://www.boeing.com/"]]));
    for wrong in ["", "?q=", "?q=+", "?q=a&limit=0", &format!("?q={}", "a".repeat(1025))] {
        let reply = gateway.get("http", &format!("/suggest{wrong}")).await;
        assert_eq!(reply.status(), 400, "{wrong}");
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
    }
}

/// Over the cached path as well as the first time: each of the clients posts the same bytes.
#[tokio::test]
async fn a_name_that_five_clients_have_asked_is_suggested_and_no_sooner() {
    let engine = Upstream::start(|_| {
        searxng(&[("https://www.zorptech.com/", "Zorptech", ""), ("https://x.example/", "X", "")])
    })
    .await;
    let config = format!("{NAMES}- {{name: s, type: searxng, url: \"{}\"}}\n", engine.url());
    let gateway = Gateway::start(&config);
    let question = document("<query><commonname>ZorpTech</commonname></query>");
    for client in [1, 2, 2, 2, 3, 4, 1] {
        let from = format!("192.0.2.{client}");
        let reply = gateway.send_with("x-forwarded-for", &from, question.clone().into_bytes()).await;
        assert_eq!(reply.status(), 200);
        assert_eq!(suggested(&gateway, "q=zorp").await.0, [""; 0], "client {client}");
    }
    gateway.send_with("x-forwarded-for", "192.0.2.5", question.into_bytes()).await;
    let (names, uris) = suggested(&gateway, "q=zorp").await;
    assert_eq!((names, uris), (vec!["Zorptech".to_owned()], vec!["https://www.zorptech.com/".to_owned()]));
}

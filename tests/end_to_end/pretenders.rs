//! Engines that list hosts which pretend to be what is asked for: their agreement makes none of them
//! believed, and none is gone to.

use serde_json::json as value;

use crate::support::{Gateway, Reply, Upstream, json, searxng};

/// Where somebody else waits for who looks for Netflix or PayPal.
const PRETENDERS: [(&str, &str); 10] = [
    ("Netflix", "https://www.netflix.com.evil.example/"),
    ("Netflix", "https://netflix.com-login.example/"),
    ("Netflix", "https://netf1ix.com/"),
    ("PayPal", "https://secure-paypal.example/"),
    ("PayPal", "https://paypa1.com/"),
    // Cyrillic letters: all of them, and some among Latin ones.
    ("Apple", "https://xn--80ak6aa92e.com/"),
    ("Apple", "https://xn--pple-43d.com/"),
    // An accent.
    ("PayPal", "https://xn--pypal-rqa.com/"),
    ("Zzcorp", "https://zzcorp.com.evil.example/"),
    ("Zzcorp", "https://zzcorp-verify.example/"),
];

/// Two engines of different families that agree on `uri`.
async fn agreeing(name: &str, uri: &'static str) -> [Upstream; 2] {
    let title = format!("{name} | Sign in");
    let row = value!([{"url": uri, "title": title}]).to_string();
    let one = Upstream::start(move |_| searxng(&[(uri, &title, "")])).await;
    [one, Upstream::start(move |_| Reply::Json(row.clone())).await]
}

fn gateway([one, other]: &[Upstream; 2], names: &str) -> Gateway {
    Gateway::start(&format!(
        "service: {{uri: \"urn:test:gateway\"}}\nbackends:\n  - {{name: one, type: searxng, url: \"{}\"}}\n  \
         - {{name: other, type: json, url: \"{}/?q={{query}}\", results: \"$[*]\", title: $.title, link: $.url}}\n{names}",
        one.url(),
        other.url(),
    ))
}

#[tokio::test]
async fn a_host_that_pretends_to_be_another_is_never_believed() {
    for (name, uri) in PRETENDERS {
        let engines = agreeing(name, uri).await;
        let gateway = gateway(&engines, "");
        let answer = json(gateway.get("http", &format!("/resolve?q={name}")).await).await;
        let first = &answer["results"][0];
        assert_eq!(
            (&first["confidence"], answer["results"].as_array().map(Vec::len)),
            (&value!("low"), Some(1)),
            "{uri}"
        );
        let gone = gateway.get("http", &format!("/go/{name}")).await;
        assert!(!gone.status().is_redirection(), "{uri}: {}", gone.status());
    }
}

#[tokio::test]
async fn the_site_that_is_meant_is_believed_and_so_is_what_the_operator_asserts() {
    let engines = agreeing("PayPal", "https://www.paypal.com/").await;
    let answer = json(gateway(&engines, "").get("http", "/resolve?q=PayPal").await).await;
    assert_eq!(answer["results"][0]["confidence"], "high");
    let uri = "https://secure-paypal.example/";
    let engines = agreeing("PayPal", uri).await;
    let names = format!("  - {{name: own, type: static, names: [{{name: PayPal, uri: \"{uri}\"}}]}}\n");
    let answer = json(gateway(&engines, &names).get("http", "/resolve?q=PayPal").await).await;
    assert_eq!(
        (&answer["results"][0]["uri"], &answer["results"][0]["confidence"]),
        (&value!(uri), &value!("high"))
    );
}

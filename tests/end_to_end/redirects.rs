//! `/go/NAME`, site rules and an own list of popular domains, as a browser and an operator meet them.

use crate::support::{Gateway, Upstream, json, run_with, searxng};

/// Names of the operator, beside an engine that answers whatever it is asked.
fn config(engine: &Upstream, more: &str) -> String {
    format!(
        r#"
{more}
backends:
  - type: static
    names:
      - {{name: Boeing, uri: "https://www.boeing.com/"}}
      - {{name: Two, uri: "https://one.example/"}}
      - {{name: Two, uri: "https://two.example/"}}
      - {{name: Mail, uri: "mailto:us@names.example"}}
  - {{type: searxng, url: "{}"}}
"#,
        engine.url()
    )
}

/// What a visitor is told who does not follow: status, and where to.
async fn gone(gateway: &Gateway, path: &str) -> (u16, String) {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let reply = browser.get(format!("{}{path}", gateway.url("http"))).send().await.unwrap();
    let header = |name: &str| {
        reply.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    if reply.status().is_redirection() {
        assert_eq!(
            (header("cache-control"), header("referrer-policy")),
            ("no-store".into(), "no-referrer".into())
        );
    }
    (reply.status().as_u16(), header("location"))
}

#[tokio::test]
async fn a_name_that_is_certain_leads_there_and_any_other_to_the_results() {
    let engine = Upstream::start(|_| {
        searxng(&[("https://www.acme.com/", "Acme", ""), ("https://evil.example/", "Acme", "")])
    })
    .await;
    let gateway = Gateway::start(&config(&engine, ""));
    for path in ["/go/Boeing", "/go/boeing/", "/go/B%6Feing"] {
        assert_eq!(gone(&gateway, path).await, (302, "https://www.boeing.com/".to_owned()), "{path}");
    }
    assert!(engine.calls().is_empty(), "what the operator wrote needs nobody else");
    for (path, to) in [
        ("/go/Two", "/?q=Two"),
        ("/go/Mail", "/?q=Mail"),
        ("/go/boieng", "/?q=boieng"),
        ("/go/acme", "/?q=acme"),
        ("/go/%2F%2Fevil.example%2F", "/?q=%2F%2Fevil%2Eexample%2F"),
        ("/go/https%3A%2F%2Fevil.example", "/?q=https%3A%2F%2Fevil%2Eexample"),
        ("/go/a%0D%0ASet-Cookie:x", "/?q=a%20Set%2DCookie%3Ax"),
    ] {
        assert_eq!(gone(&gateway, path).await, (303, to.to_owned()), "{path}");
    }
    for (path, status) in [("/go/", 400), ("/go/%ff", 400), ("/go/a/b", 303), ("/go", 404)] {
        assert_eq!(gone(&gateway, path).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn rules_for_sites_decide_over_what_is_found() {
    let engine = Upstream::start(|_| {
        searxng(&[
            ("https://spam.example/", "Acme", ""),
            ("https://acme.example/", "Acme", ""),
            ("https://acme.org/about", "Acme", ""),
        ])
    })
    .await;
    let rules = r#"
sites:
  - {host: spam.example, drop: true}
  - {host: acme.org, path: /about, name: ACME, pin: true}
"#;
    let gateway = Gateway::start(&config(&engine, rules));
    let answer = json(gateway.get("http", "/resolve?q=acme").await).await;
    let told: Vec<_> = answer["results"].as_array().unwrap().iter().map(|one| one["uri"].clone()).collect();
    assert_eq!(told, ["https://acme.org/about", "https://acme.example/"]);
    assert_eq!(answer["results"][0]["confidence"], "high");
    assert_eq!(gone(&gateway, "/go/acme").await, (302, "https://acme.org/about".to_owned()));
}

#[test]
fn a_list_of_popular_domains_that_is_wrong_is_told_with_its_line() {
    for (popularity, said) in [
        ("popularity: missing.csv", "gateway.yaml:1:13: popularity: "),
        ("popularity: gateway.yaml", "gateway.yaml: line 1: expected a header with a column `domain`"),
    ] {
        let (code, _, told) = run_with(popularity, &["check"]);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains(said), "{told}");
    }
}

//! The operator's page, in a browser.

use super::chromium::{Chromium, Look};
use crate::support::{Gateway, Reply, Upstream};

#[tokio::test]
async fn the_operator_sees_why_a_backend_is_not_asked_and_lets_it_be_asked_again() {
    let engine = Upstream::start(|_| Reply::Http(429, "Retry-After: 600\r\n", Vec::new())).await;
    let gateway =
        Gateway::start(&format!("backends: [{{name: engine, type: searxng, url: \"{}\"}}]", engine.url()));
    gateway.get("http", "/resolve?q=boeing").await;
    std::fs::write(gateway.folder.path().join("gateway.yaml"), "backend: []").expect("a configuration");
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 422);
    // Without script: the page has none.
    Chromium::with(false, async |browser| {
        browser.look(Look { width: 320, ..Look::PLAIN }).await;
        browser.open(&gateway.url("admin")).await;
        let said = browser.value("return document.body.innerText").await;
        assert!(said.as_str().unwrap().contains("suspended: rate-limited, until 20"), "{said}");
        let said = said.as_str().unwrap();
        assert!(said.contains("rejected, so what is in force is not what the file says"), "{said}");
        assert!(said.contains("unknown key") && said.contains("gateway.yaml:1: backend:"), "{said}");
        assert!(said.contains("in use of 56 MiB, entries: "), "{said}");
        assert!(said.contains("1 missing; 0 % wanted no call"), "{said}");
        assert!(browser.value("return document.documentElement.scrollWidth").await.as_u64().unwrap() <= 320);
        browser.keep_picture("operator").await;
        browser.find("form button").await.click().await.expect("a click");
        browser.wait("document.querySelector('main .well') && !document.querySelector('form')").await;
        assert_eq!(browser.address().await, format!("{}/", gateway.url("admin")));
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    })
    .await;
}

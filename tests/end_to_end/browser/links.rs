//! The button by which a browser hands links such as `web+go:Boeing` over.

use serde_json::json;

use super::chromium::{Chromium, Look};
use crate::support::Gateway;

const STATUS: &str = "document.querySelector('#links [role=status]').textContent";

#[tokio::test]
async fn a_button_has_the_browser_open_links_here_where_it_can() {
    let gateway = Gateway::start("backends: []");
    let about = format!("{}/about", gateway.url("http"));
    Chromium::with(true, async |browser| {
        browser.look(Look::PLAIN).await;
        browser.open(&about).await;
        browser.find("#links button").await.click().await.expect("it is there");
        browser.wait(&format!("{STATUS} !== ''")).await;
        browser.keep_picture("links").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "the browser takes it");

        browser.open(&about).await;
        browser.value("navigator.registerProtocolHandler = (...told) => { window.told = told; }").await;
        browser.find("#links button").await.click().await.expect("it is there");
        let told = browser.value("return window.told").await;
        assert_eq!(told, json!(["web+go", format!("{}/go/%s", gateway.url("http"))]));

        browser.open(&about).await;
        browser.value("navigator.registerProtocolHandler = () => { throw new Error('no'); }").await;
        browser.find("#links button").await.click().await.expect("it is there");
        browser.wait("document.getElementById('links').hidden").await;
        assert_eq!(browser.value(&format!("return {STATUS}")).await, "");

        browser.run_first("Object.defineProperty(window, 'isSecureContext', { value: false })").await;
        browser.open(&about).await;
        browser.wait("document.readyState === 'complete'").await;
        assert_eq!(
            browser.value("return [isSecureContext, document.getElementById('links').hidden]").await,
            json!([false, true])
        );
    })
    .await;
}

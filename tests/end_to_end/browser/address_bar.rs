//! The gateway as the search engine of a browser: what is typed into its address bar arrives.

use std::time::Duration;

use serde_json::json;

use super::{
    chromium::{pictures, turn},
    destination,
    firefox::{Context, DOWN, ENTER, Firefox},
    names,
    screen::Screen,
};
use crate::support::{Gateway, Upstream};

/// How often a person would try: a suggestion may come later than the key that chooses it.
const TRIES: usize = 6;

/// Fails unless the destination is asked for this path, sooner or later, after one of these attempts.
async fn assert_arrives(target: &Upstream, path: &str, attempt: impl Fn()) {
    let line = format!("GET {path} ");
    for _ in 0..TRIES {
        attempt();
        for _ in 0..60 {
            if target.calls().iter().any(|call| call.starts_with(&line)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    panic!("{path} was not asked for: {:?}", target.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_into_the_address_bar_arrives() {
    let _turn = turn().await;
    let (target, linked) = (destination().await, destination().await);
    let gateway = Gateway::start(&names(&target.url()));
    // Another one, for else a browser that searched for the link would arrive as well.
    let for_links = Gateway::start(&names(&linked.url()));
    let ours = gateway.url("http");
    let managed = json!({
        "DefaultSearchProviderEnabled": true,
        "DefaultSearchProviderName": "Names",
        "DefaultSearchProviderKeyword": "go",
        "DefaultSearchProviderSearchURL": format!("{ours}/go/{{searchTerms}}"),
        "DefaultSearchProviderSuggestURL": format!("{ours}/suggest?q={{searchTerms}}"),
        "SearchSuggestEnabled": true,
    });
    let handler =
        json!({"default": true, "protocol": "web+go", "url": format!("{}/go/%s", for_links.url("http"))});
    let screen = Screen::with_policies(&managed, &json!({"RegisteredProtocolHandlers": [handler]}));
    assert_arrives(&target, "/bordeaux", || {
        screen.type_address("bordeaux");
        screen.press("Return");
    })
    .await;
    // Three letters are no name: what arrives was chosen among the suggestions under them.
    assert_arrives(&target, "/bosporus", || {
        screen.type_address("bos");
        std::thread::sleep(Duration::from_millis(700));
        screen.keep_picture(&pictures().join("address-bar.png"));
        screen.press("Down");
        screen.press("Return");
    })
    .await;
    assert_arrives(&linked, "/boeing", || {
        screen.type_address("web+go:boeing");
        screen.press("Return");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_into_firefox_arrives_from_its_address_bar_and_from_the_page() {
    const BOX: &str = "document.getElementById('q')";
    const ADDRESS_BAR: &str = "gURLBar.inputField";
    let _turn = turn().await;
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    let ours = gateway.url("http");
    let mut firefox = Firefox::with_policies(&json!({
        "SearchEngines": {
            "Add": [{
                "Name": "Names",
                "Alias": "go",
                "URLTemplate": format!("{ours}/go/{{searchTerms}}"),
                "SuggestURLTemplate": format!("{ours}/suggest?q={{searchTerms}}"),
            }],
            "Default": "Names",
        },
        "SearchSuggestEnabled": true,
    }));

    firefox.turn_to(Context::Content);
    firefox.open(&ours);
    firefox.type_into(BOX, "bo");
    firefox.wait("document.querySelectorAll('[role=option]').length >= 3");
    firefox.type_into(BOX, DOWN);
    firefox.wait("document.getElementById('q').value === 'Boeing'");
    firefox.keep_picture(&pictures().join("firefox-suggestions.png"));
    firefox.type_into(BOX, ENTER);
    firefox.wait("document.querySelector('.results a')");
    firefox.click("document.querySelector('.results a')");
    firefox.wait("document.title === 'Arrived'");
    assert_eq!(firefox.value("return location.pathname"), "/boeing");

    firefox.turn_to(Context::Chrome);
    // A click marks what stands there, so that it is typed over.
    firefox.click(ADDRESS_BAR);
    firefox.type_into(ADDRESS_BAR, "bos");
    firefox.wait(
        "[...document.querySelectorAll('.urlbarView-row')].some(row => row.innerText.includes('Bosporus'))",
    );
    // Its stripes say that a program types, as here it does.
    firefox.value("document.documentElement.removeAttribute('remotecontrol')");
    firefox.keep_picture(&pictures().join("firefox-address-bar.png"));
    firefox.type_into(ADDRESS_BAR, &format!("porus{ENTER}"));
    assert_arrives(&target, "/bosporus", || ()).await;
}

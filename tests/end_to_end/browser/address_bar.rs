//! The gateway as the search engine of a browser: what is typed into its address bar arrives.

use std::time::Duration;

use serde_json::json;

use super::{
    chromium::{pictures, turn},
    destination, names,
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

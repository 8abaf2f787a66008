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

/// Whether the destination was asked for this path within a moment.
async fn is_reached(target: &Upstream, path: &str) -> bool {
    for _ in 0..60 {
        if target.calls().iter().any(|line| line.starts_with(&format!("GET {path} "))) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn what_is_typed_into_the_address_bar_arrives() {
    let _turn = turn().await;
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    let ours = gateway.url("http");
    let screen = Screen::with_policy(&json!({
        "DefaultSearchProviderEnabled": true,
        "DefaultSearchProviderName": "Names",
        "DefaultSearchProviderKeyword": "go",
        "DefaultSearchProviderSearchURL": format!("{ours}/go/{{searchTerms}}"),
        "DefaultSearchProviderSuggestURL": format!("{ours}/suggest?q={{searchTerms}}"),
        "SearchSuggestEnabled": true,
    }));
    let mut arrived = false;
    for _ in 0..TRIES {
        screen.type_address("bordeaux");
        screen.press("Return");
        arrived = is_reached(&target, "/bordeaux").await;
        if arrived {
            break;
        }
    }
    assert!(arrived, "the name that was typed: {:?}", target.calls());
    // Three letters are no name: what arrives was chosen among the suggestions under them.
    arrived = false;
    for _ in 0..TRIES {
        screen.type_address("bos");
        tokio::time::sleep(Duration::from_millis(700)).await;
        screen.keep_picture(&pictures().join("address-bar.png"));
        screen.press("Down");
        screen.press("Return");
        arrived = is_reached(&target, "/bosporus").await;
        if arrived {
            break;
        }
    }
    assert!(arrived, "the suggestion that was chosen: {:?}", target.calls());
}

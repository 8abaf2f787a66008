//! What axe-core has against the pages: nothing, in any state, in light and dark, from left and right.
//! `scripts/axe` fetches it.

use std::fs;

use serde_json::Value;

use super::{
    chromium::{Chromium, Look},
    destination, names,
};
use crate::support::Gateway;

const STATES: [&str; 8] = [
    "/",
    "/?q=Boeing",
    "/?q=Boing",
    "/?q=%D8%AC%D8%A7%D9%85%D8%B9%D8%A9+%D8%A7%D9%84%D9%82%D8%A7%D9%87%D8%B1%D8%A9",
    "/?q=zzqqx",
    "/?q=Boeing&start=40",
    "/about",
    "/nowhere",
];

const LOOKS: [Look; 3] = [
    Look::PLAIN,
    Look { scheme: "dark", language: "ar", ..Look::PLAIN },
    Look { scheme: "dark", width: 320, language: "ja", ..Look::PLAIN },
];

fn axe() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/axe-core/axe.min.js");
    fs::read_to_string(path).expect("axe-core: scripts/axe fetches it")
}

/// What axe says of the page that is open: each a rule and the elements that break it.
async fn violations(browser: &Chromium, axe: &str) -> Vec<String> {
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1]; axe.run().then(found => done([found.passes.length, \
         ...found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary)\
         .join('; '))]), error => done([0, String(error)]))"
    );
    let Value::Array(mut told) = browser.later(&script).await else { panic!("a list") };
    let passed = told.remove(0).as_u64().unwrap();
    assert!(passed >= 10, "axe looked at little: {passed} rules");
    told.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page() {
    let axe = axe();
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    let away = Gateway::start("backends: [{name: gone, type: searxng, url: \"http://127.0.0.1:1\"}]");
    let mut pages: Vec<String> = STATES.iter().map(|path| format!("{}{path}", gateway.url("http"))).collect();
    pages.extend(["/?q=Boeing", "/about"].map(|path| format!("{}{path}", away.url("http"))));
    pages.push(gateway.url("admin"));
    let mut found = Vec::new();
    Chromium::with(true, async |browser| {
        for look in LOOKS {
            browser.look(look).await;
            for page in &pages {
                browser.open(page).await;
                found.extend(
                    violations(browser, &axe).await.iter().map(|one| format!("{page} {look:?}: {one}")),
                );
            }
            browser.open(&gateway.url("http")).await;
            browser.type_name("bo").await;
            browser.wait("document.querySelector('[role=option]')").await;
            found.extend(violations(browser, &axe).await.iter().map(|one| format!("names {look:?}: {one}")));
        }
    })
    .await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

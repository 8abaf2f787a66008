//! Names files: read again when they change, and the old content kept while the new is wrong.

use std::time::{Duration, Instant};

use crate::support::Gateway;

const CONFIG: &str = "backends: [{name: n, type: static, files: [names.csv]}]";

/// Asks until the answer is `expected`; a changed file has five seconds to take effect.
async fn comes_to(gateway: &Gateway, name: &str, expected: &[&str]) {
    let started = Instant::now();
    loop {
        let uris = gateway.ask(name, &[]).await.uris();
        if uris == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{name}: {uris:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_changed_file_takes_effect_and_a_broken_one_does_not() {
    let gateway =
        Gateway::start_with(CONFIG, &[("names.csv", "name,uri\nAcme Widgets,https://one.example/\n")]);
    let path = gateway.folder.path().join("names.csv");
    comes_to(&gateway, "acme widgets", &["https://one.example/"]).await;

    std::fs::write(&path, "name,uri\nAcme Widgets,https://two.example/\n").unwrap();
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    std::fs::write(&path, "name,uri\nAcme Widgets,no address at all\n").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    // Replaced by rename, as editors and ConfigMaps do it.
    let other = gateway.folder.path().join("other.csv");
    std::fs::write(&other, "url,name,mood\nhttps://three.example/,Acme Widgets,fine\n").unwrap();
    std::fs::rename(&other, &path).unwrap();
    comes_to(&gateway, "acme widgets", &["https://three.example/"]).await;
}

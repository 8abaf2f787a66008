//! A record of names found by DNS, which draws its probes by chance, and of the operator's own names.

use super::*;
use crate::{
    resolver::{Terms, arrange},
    upstream::tests::{DnsServer, zone},
};

const BOEING: &str = "93.184.216.34";

async fn dns() -> DnsServer {
    let com = [("boeing", BOEING), ("www.boeing", BOEING)];
    // Anything at all is found under net, so nothing is.
    DnsServer::start(vec![zone("com", 300, &com), zone("net", 300, &[("*", BOEING)])]).await
}

fn order(account: &Account) -> Vec<&str> {
    account.results.iter().map(|result| result.uri.as_str()).collect()
}

#[tokio::test]
async fn a_record_of_dns_decides_the_same_when_the_servers_are_gone() {
    let server = dns().await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    let text = format!(
        "backends:\n  - {{type: dns, servers: [\"{}\"], tlds: [com, net, org]}}\n  \
         - {{type: static, names: [{{name: Boeing, uri: \"https://x.example/boeing\"}}]}}\n",
        server.address
    );
    fs::write(&config, text).unwrap();
    let name = CommonName::new("boeing").unwrap();
    let explained = explain(Some(&config), &name, &[]).await.unwrap();
    assert_eq!(order(&explained.account), ["https://x.example/boeing", "https://www.boeing.com/"]);
    drop(server);
    fs::remove_file(&config).unwrap();
    let file = folder.path().join("record.json");
    fs::write(&file, explained.record.text()).unwrap();
    let again = replay(&file).await.unwrap();
    assert_eq!(
        serde_json::to_value(&again.account.results).unwrap(),
        serde_json::to_value(&explained.account.results).unwrap()
    );
    assert_eq!(again.record, explained.record, "a replayed record is the same record");
}

#[tokio::test]
async fn what_is_shown_is_what_decides() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    let names: Vec<_> = (0..9).map(|n| format!("{{name: Fido, uri: \"https://{n}.example/\"}}")).collect();
    fs::write(&config, format!("backends: [{{type: static, names: [{}]}}]\n", names.join(", "))).unwrap();
    let name = CommonName::new("fido").unwrap();
    let account = explain(Some(&config), &name, &[]).await.unwrap().account;
    let terms: Vec<Terms<'_>> = account.results.iter().rev().map(|one| one.terms.clone()).collect();
    let arranged = arrange(terms, |terms| terms);
    let shown: Vec<_> = account.results.iter().map(|one| &one.terms.identity).collect();
    assert_eq!(arranged.iter().map(|terms| &terms.identity).collect::<Vec<_>>(), shown);
    let deciders: Vec<_> = account.results.iter().filter_map(|one| one.before_next_by.as_deref()).collect();
    assert_eq!(deciders, ["votes"; 8], "the operator's own order");
}

#[tokio::test]
async fn a_name_that_is_too_long_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    fs::write(&config, "limits: {name_length: 3}\n").unwrap();
    let refused = explain(Some(&config), &CommonName::new("four").unwrap(), &[]).await.err().unwrap();
    assert_eq!(refused.to_string(), "the name is longer than limits.name_length");
}

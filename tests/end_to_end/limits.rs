//! What the gateway bears and how it shows: overload, and metrics that no client can swell.

use std::{collections::BTreeSet, time::Duration};

use crate::support::{Gateway, Reply, Upstream, document};

const STATIC: &str =
    "  - {name: own, type: static, names: [{name: Boeing, uri: \"https://www.boeing.com/\"}]}\n";

#[tokio::test]
async fn with_all_places_taken_static_names_are_still_answered() {
    let slow = Upstream::start(|_| Reply::Hang).await;
    let gateway = Gateway::start(&format!(
        "limits: {{in_flight: 1}}\nbackends:\n{STATIC}  - {{name: searx, type: searxng, url: \"{}\"}}\n",
        slow.url()
    ));
    let waiting = gateway.ask("who is it", &[]);
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let known = gateway.ask("Boeing", &[]).await;
        assert_eq!(
            (known.uris(), known.codes()),
            (vec!["https://www.boeing.com/".to_owned()], vec!["3.2.0".to_owned()])
        );
        assert_eq!(gateway.get("http", "/resolve?q=Boeing").await.status(), 200);
        let unknown = document("<query><commonname>somebody else</commonname></query>");
        let refused = gateway.send(unknown.into_bytes()).await;
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        assert!(refused.text().await.unwrap().contains("4.2.1"));
    };
    let (waited, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(waited.codes(), ["3.2.0", "2.1.0"], "the one that came first is answered in the end");
    assert_eq!(slow.calls().len(), 1, "nothing was asked for those that found no place");
}

#[tokio::test]
async fn with_few_descriptors_who_asks_is_answered_however_many_idle() {
    let gateway = Gateway::start_with_descriptors(&format!("backends:\n{STATIC}"), 40);
    let mut idle = Vec::new();
    for kind in ["admin", "http", "admin", "http"] {
        for _ in 0..60 {
            // Connecting succeeds as long as the system's queue has room.
            idle.push(tokio::net::TcpStream::connect(gateway.address(kind)).await.expect("a connection"));
        }
        for _ in 0..20 {
            assert_eq!(gateway.ask("Boeing", &[]).await.first_uri(), "https://www.boeing.com/");
        }
    }
    assert!(metrics(&gateway).await.contains("cnrp_build_info"));
    assert_eq!(gateway.stop("-TERM"), Some(0));
}

#[tokio::test]
async fn with_descriptors_used_up_who_asks_is_answered_and_the_shortage_is_counted() {
    let gateway = Gateway::start(&format!("backends:\n{STATIC}"));
    // Beneath what it counted on at its start.
    gateway.limit_descriptors(40);
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(tokio::net::TcpStream::connect(gateway.address("http")).await.expect("a connection"));
    }
    for _ in 0..20 {
        assert_eq!(gateway.ask("Boeing", &[]).await.first_uri(), "https://www.boeing.com/");
    }
    drop(idle);
    let text = metrics_once_there_is_room(&gateway).await;
    let count = text.lines().find_map(|line| {
        line.strip_prefix("cnrp_connections_refused_total{reason=\"descriptors\"} ")?.parse::<u64>().ok()
    });
    assert!(count.is_some_and(|count| (1..5000).contains(&count)), "{text}");
}

/// The metrics of a gateway that may still refuse whoever comes, as it has not seen yet that others went.
async fn metrics_once_there_is_room(gateway: &Gateway) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..250 {
        let asked = client.get(format!("{}/metrics", gateway.url("admin"))).send().await;
        if let Ok(reply) = asked {
            return reply.text().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no descriptor is free five seconds after the others went");
}

/// The metrics of a gateway that has one of each kind of series.
async fn metered() -> Gateway {
    let found = Upstream::start(|_| crate::support::searxng(&[("https://x.example/", "x", "")])).await;
    let backend = format!("  - {{name: searx, type: searxng, url: \"{}\", rate: 1000/d}}\n", found.url());
    // Nothing listens there.
    let others = "cache: {shared: \"redis://127.0.0.1:1/0\"}\ntrace: {otlp: \"http://127.0.0.1:1\"}\n";
    Gateway::start(&format!("{others}limits: {{per_client: {{exempt: []}}}}\nbackends:\n{STATIC}{backend}"))
}

async fn metrics(gateway: &Gateway) -> String {
    gateway.get("admin", "/metrics").await.text().await.unwrap()
}

#[tokio::test]
async fn the_table_of_metrics_is_what_there_is() {
    let text = metrics(&metered().await).await;
    let typed = |line: &str| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        let help = format!("# HELP {name} ");
        assert!(text.contains(&help), "{name} has no help");
        Some((name.to_owned(), kind.to_owned(), labels(&text, name)))
    };
    let there: BTreeSet<_> = text.lines().filter_map(typed).collect();
    let described: BTreeSet<_> = include_str!("../../docs/operations.md").lines().filter_map(row).collect();
    assert_eq!(described, there, "docs/operations.md describes each metric, and no other");
    assert!(there.iter().all(|(name, kind, _)| (kind == "counter") == name.ends_with("_total")), "{there:?}");
}

/// Name, kind and labels of a row of the table.
fn row(line: &str) -> Option<(String, String, BTreeSet<String>)> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [_, name, kind, labels, _, _] = cells.as_slice() else { return None };
    let name = name.trim_matches('`');
    let labels =
        labels.split(", ").filter(|label| !label.is_empty()).map(|label| label.trim_matches('`').to_owned());
    name.starts_with("cnrp_").then(|| (name.to_owned(), (*kind).to_owned(), labels.collect()))
}

/// The labels that samples of this metric have, but for those that make a histogram.
fn labels(metrics: &str, name: &str) -> BTreeSet<String> {
    let of_it = |line: &&str| {
        let rest = line.strip_prefix(name).unwrap_or_default();
        ["{", "_bucket{", "_sum{", "_count{"].iter().any(|start| rest.starts_with(start))
    };
    let pairs =
        metrics.lines().filter(of_it).filter_map(|line| line.split_once('{')).flat_map(|(_, rest)| {
            rest.split("\",").filter_map(|pair| pair.split_once("=\"")).map(|(label, _)| label.to_owned())
        });
    pairs.filter(|label| label != "le").collect()
}

#[tokio::test]
async fn nothing_that_clients_send_makes_a_series() {
    let gateway = metered().await;
    gateway.ask("Boeing", &[]).await;
    let series = |text: String| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| line.rsplit_once(' ').expect("a value").0.to_owned()).collect()
    };
    let before = series(metrics(&gateway).await);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for i in 0..40 {
        let host = format!("host{i}.example");
        let ask = document(&format!(
            "<query><commonname>strange {i} &quot;}} 1&#10;x</commonname>\
             <property name=\"x-{i}\" type=\"x-t{i}\">v</property></query>"
        ));
        gateway.send_with("host", &host, ask.into_bytes()).await;
        gateway.get_with(&format!("/resolve?q=n{i}&hint{i}=x"), &[("x-forwarded-for", &host)]).await;
        let method = reqwest::Method::from_bytes(format!("STRANGE{i}").as_bytes()).unwrap();
        let strange = client.request(method, format!("{}/p{i}", gateway.url("http")));
        strange.header("user-agent", host).send().await.expect("a reply");
    }
    let after = series(metrics(&gateway).await);
    assert_eq!(after, before);
    assert!(after.len() < 300, "{}", after.len());
}

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::*;
use crate::{
    backends::static_names::Map,
    config::Options,
    model::{BoxFuture, Exchange, Failure, Reason},
};

fn map(files: &[(&str, &str)]) -> Vec<Vec<Statement>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let named: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    let options = Options::from_yaml(&format!("files: [{}]", named.join(", "))).unwrap();
    let mut layers = Map::read(&options, folder.path()).unwrap().layers;
    for statement in layers.iter_mut().flatten() {
        statement.place.file = Path::new(statement.place.file.file_name().unwrap()).into();
    }
    layers
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let now = Moment::beginning("2026-11-25").unwrap();
    examine(&[map(files)], now).iter().map(ToString::to_string).collect()
}

#[test]
fn names_in_order_give_no_finding() {
    let csv = "name,uri,aliases,valid_until\nAcme,https://acme.example/,Acme Inc,2026-11-25\n\
               東京タワー,https://tower.example/,,\nwiki,https://w.example/{rest},,\n";
    assert_eq!(found(&[("n.csv", csv), ("m.csv", "name,uri\nacme,https://other.example/\n")]), [""; 0]);
}

#[test]
fn names_that_are_the_same_are_found() {
    let csv = "name,uri,aliases\nAcme,urn:a:1,\nacme!,urn:a:1,\nÁcme,urn:a:2,\n\
               Boeing,urn:b:1,ACME|Boeing|Jumbo\nAirbus,urn:a:3,jumbo\n";
    assert_eq!(
        found(&[("n.csv", csv)]),
        [
            "n.csv:3: warning: \"acme!\" says again what line 2 says of the same name",
            "n.csv:4: note: \"Ácme\" leads elsewhere as well: line 2 has the same name",
            "n.csv:5: warning: the alias \"ACME\" of \"Boeing\" is the name of line 2",
            "n.csv:5: note: the alias \"Boeing\" of \"Boeing\" is a name it has already",
            "n.csv:6: warning: the alias \"jumbo\" of \"Airbus\" is one of line 5 as well",
        ]
    );
}

#[test]
fn what_has_ended_and_parameters_that_are_none_are_found() {
    let csv = "name,uri,valid_until,owner\nFair,urn:x:fair,2026-11-24,ann\nFeast,urn:x:feast,2026-11-23T10:00:00Z,\n\
               s,https://s.example/?q=%s,,\nt,https://t.example/{rest}/{path},,\n";
    assert_eq!(
        found(&[("n.csv", csv)]),
        [
            "n.csv:2: warning: \"Fair\" has ended: it was valid until 2026-11-25T00:00:00Z; its owner is ann",
            "n.csv:3: warning: \"Feast\" has ended: it was valid until 2026-11-23T10:00:00Z",
            "n.csv:4: warning: the address of \"s\" holds %s, which is no parameter; expected {rest} or {query}",
            "n.csv:5: warning: the address of \"t\" holds {path}, which is no parameter; expected {rest} or {query}",
        ]
    );
}

#[test]
fn looks_that_deceive_are_found_in_every_layer() {
    let base = "name,uri\nPaypal,https://www.paypal.com/\nSecure,https://x.example/\n";
    let over = "name,uri\nP\u{430}ypal,https://p\u{430}ypal.com/\nPlain,http://x.example/y\n";
    assert_eq!(
        found(&[("base.csv", base), ("over.csv", over)]),
        [
            "over.csv:2: warning: \"P\u{430}ypal\" is written in several scripts: p\u{430}ypal",
            "over.csv:2: warning: \"P\u{430}ypal\" looks like \"Paypal\" of base.csv:2",
            "over.csv:2: warning: the host p\u{430}ypal.com is written in several scripts",
            "over.csv:2: warning: the host p\u{430}ypal.com looks like paypal.com of base.csv:2",
            "over.csv:3: note: \"Plain\" leads to x.example by http, which is reached by https elsewhere",
        ]
    );
}

#[test]
fn aliases_are_looked_for_in_other_layers_and_maps_as_far_as_they_stand() {
    let one = "name,uri,aliases\nBoeing,urn:b:1,BA|Jumbo|Old\nGone,urn:g:1,Fleet\n";
    let two = "name,uri,aliases,disabled\nBritish Airways,urn:ba:1,BA|Boeing|Hidden,\nOld,urn:o:1,,\n\
               Gone,urn:g:2,,\nFleet A,urn:f:1,Fleet,\nHidden,,,true\n";
    let expected = |file: &str| {
        [
            format!("two.csv:2: warning: the alias \"BA\" of \"British Airways\" is one of {file}:2 as well"),
            format!(
                "two.csv:2: warning: the alias \"Boeing\" of \"British Airways\" is the name of {file}:2"
            ),
        ]
    };
    assert_eq!(found(&[("one.csv", one), ("two.csv", two)]), expected("one.csv"));
    let now = Moment::beginning("2026-11-25").unwrap();
    let one = "name,uri,aliases\nBoeing,https://boeing.example/,BA\n";
    let three = "name,uri\n\u{412}\u{43e}\u{435}ing,http://boeing.example/y\n";
    let maps = [map(&[("one.csv", one)]), map(&[("two.csv", two)]), map(&[("three.csv", three)])];
    let found: Vec<_> = examine(&maps, now).iter().map(ToString::to_string).collect();
    assert_eq!(found[..2], expected("one.csv"));
    assert!(
        found[2].starts_with("three.csv:2: warning: ") && found[2].contains("several scripts"),
        "{found:?}"
    );
    assert!(found[3].ends_with("looks like \"Boeing\" of one.csv:2"), "{found:?}");
    assert!(found[4].contains("leads to boeing.example by http"), "{found:?}");
}

#[test]
fn a_file_that_two_maps_read_is_looked_at_once() {
    let csv = "name,uri,aliases\nAcme,urn:a:1,Anvils\nBoeing,urn:b:1,Jumbo|Acme\nFair,urn:f:1,Jumbo\n";
    let one = map(&[("n.csv", csv)]);
    let now = Moment::beginning("2026-11-25").unwrap();
    let once = examine(std::slice::from_ref(&one), now);
    assert_eq!(once.len(), 2);
    assert_eq!(examine(&[one.clone(), one], now), once);
}

/// A network that answers by path, and keeps who was asked when.
#[derive(Default)]
struct Network(Arc<Mutex<Vec<(String, Duration)>>>, Option<Instant>);

impl Exchange for Network {
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let since = self.1.map_or(Duration::ZERO, |start| start.elapsed());
        self.0.lock().unwrap().push((format!("{} {}", request.method(), request.uri()), since));
        Box::pin(async move {
            let status: u16 = match request.uri().path().trim_matches('/') {
                "nowhere" => return Err(Failure::new(Reason::Unreachable, "no such host")),
                path => path.parse().unwrap_or(200),
            };
            Ok(http::Response::builder().status(status).body(Bytes::new()).unwrap())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn targets_are_asked_one_after_the_other_and_what_is_gone_is_found() {
    let csv = "name,uri\nA,https://a.example/\nB,https://a.example/404\nC,https://a.example/403\n\
               D,https://b.example/nowhere\nE,https://b.example/nowhere\nF,mailto:f@b.example\n\
               G,https://b.example/go/{rest}\n";
    let layers = map(&[("n.csv", csv)]);
    let network = Network(Arc::default(), Some(Instant::now()));
    let found = reach(targets(&layers), &network).await;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "n.csv:3: warning: \"B\" leads to https://a.example/404, which answers 404",
            "n.csv:5: warning: \"D\" leads to https://b.example/nowhere, which can't be reached: unreachable: no such host",
            "n.csv:6: warning: \"E\" leads to https://b.example/nowhere, which can't be reached: unreachable: no such host",
        ]
    );
    let asked = network.0.lock().unwrap();
    assert_eq!(asked.len(), 5, "each address once: {asked:?}");
    for host in ["a.example", "b.example"] {
        let times: Vec<_> = asked.iter().filter(|(what, _)| what.contains(host)).map(|(_, at)| *at).collect();
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(1)), "{times:?}");
    }
    assert!(asked.iter().all(|(what, _)| what.starts_with("HEAD https://")), "{asked:?}");
}

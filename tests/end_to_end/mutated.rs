//! Ten thousand mangled requests, sent to the real program over connections that are kept: each is
//! answered in time with a valid document, and a good part of them is understood.

#[path = "../../src/protocol/tests/dice.rs"]
mod dice;
#[path = "../../src/protocol/tests/mutator.rs"]
mod mutator;

use std::{collections::HashSet, time::Duration};

use crate::{
    matching::NAMES,
    support::{Gateway, MEDIA_TYPE, assert_valid},
};

const ROUNDS: usize = 10_000;
/// Connections, each with one request at a time.
const CLIENTS: usize = 16;

/// What one connection was answered.
#[derive(Default)]
struct Heard {
    understood: usize,
    refused: usize,
    documents: HashSet<Vec<u8>>,
}

async fn converse(url: String, requests: Vec<Vec<u8>>) -> Heard {
    let one_connection = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1).build().unwrap();
    let mut heard = Heard::default();
    for request in requests {
        let shown = String::from_utf8_lossy(&request).into_owned();
        let sent = one_connection.post(&url).header("content-type", MEDIA_TYPE).body(request);
        let reply = sent.timeout(Duration::from_secs(10)).send().await.unwrap_or_else(|error| {
            panic!("no answer ({error}) to:\n{shown}");
        });
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["content-type"]),
            (200, &MEDIA_TYPE.parse().unwrap())
        );
        let document = reply.bytes().await.expect("a whole body").to_vec();
        let text = String::from_utf8_lossy(&document);
        if text.contains("<service") {
            heard.understood += 1;
        } else {
            assert!(text.contains("<status code=\"4.1.0\">"), "{text}\nto:\n{shown}");
            heard.refused += 1;
        }
        heard.documents.insert(document);
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_ten_thousand_mutated_requests_are_answered_by_valid_documents() {
    let gateway = Gateway::start(NAMES);
    let mut dice = dice::Dice(3367);
    let mut shares = vec![Vec::new(); CLIENTS];
    for round in 0..ROUNDS {
        shares[round % CLIENTS].push(mutator::mangled(&mut dice, round));
    }
    let conversations = shares.into_iter().map(|share| tokio::spawn(converse(gateway.url("http"), share)));
    let mut heard = Heard::default();
    for conversation in futures_util::future::join_all(conversations).await {
        let more = conversation.expect("a conversation that went well");
        heard.understood += more.understood;
        heard.refused += more.refused;
        heard.documents.extend(more.documents);
    }
    let Heard { understood, refused, documents } = heard;
    println!("{understood} of {ROUNDS} understood, {refused} refused, {} different answers", documents.len());
    assert_eq!(understood + refused, ROUNDS);
    assert!(understood >= ROUNDS / 3, "only {understood} understood");
    assert!(refused >= ROUNDS / 5, "only {refused} refused: the mutations are too kind");
    assert_valid(&documents.into_iter().collect::<Vec<_>>());
    assert_eq!(gateway.stop("-TERM"), Some(0), "and it still stops as it should");
}

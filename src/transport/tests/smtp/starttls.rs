//! STARTTLS over real sockets: who goes on inside TLS, and who is not let in by it.

use std::time::Instant;

use super::*;
use crate::transport::tests::https::{Secured, handshake};

async fn start(relay: &Relay) -> Secured {
    let smtp = rules(relay);
    Secured::start(|settings| settings.smtp = Some(smtp), None).await
}

/// Sends `begun`, in the clear, and reads until a line begins with the code that is waited for.
async fn begin(secured: &Secured, begun: &str, code: &str) -> Wire {
    let mut wire = Wire::to(secured.running.smtp.unwrap()).await;
    wire.send(begun).await;
    while !codes(&wire.unread).ends_with(code) {
        wire.more().await.expect("it goes on");
    }
    wire
}

const READY: &str = "220 250 220";
const ASKED: &str = "EHLO a\r\nSTARTTLS\r\n";

#[tokio::test]
async fn r23_a_question_is_answered_inside_tls() {
    let relay = Relay::start(Mood::Taking).await;
    let secured = start(&relay).await;
    let wire = begin(&secured, ASKED, READY).await;
    let stream = handshake(&secured, wire.stream).await.unwrap();
    assert_eq!(said(stream, HONEST.as_bytes()).await, "250 250 250 354 250 221");
    assert_eq!(relay.taken().len(), 1);
    // In the clear it is answered as well: whose network it is decides.
    assert_eq!(secured.running.said(HONEST.as_bytes()).await, ANSWERED);
}

#[tokio::test]
async fn r23_what_was_said_in_the_clear_is_forgotten() {
    let relay = Relay::start(Mood::Taking).await;
    let secured = start(&relay).await;
    let evil = HONEST.replace("alice", "evil");
    for injected in [
        "EHLO evil\r\n".to_owned(),
        "EHLO evil\r\nMAIL FROM:<evil@example.com>\r\n".into(),
        "MAIL FROM:<evil@example.com>\r\nRCPT TO:<cnrp@names.example.com>\r\nDATA\r\n".into(),
        evil.clone(),
        evil.repeat(5),
    ] {
        // In one packet with STARTTLS, so that it is read together with that.
        let begun = format!("EHLO a\r\nMAIL FROM:<evil@example.com>\r\nSTARTTLS\r\n{injected}");
        let wire = begin(&secured, &begun, "220 250 250 220").await;
        let stream = handshake(&secured, wire.stream).await.unwrap();
        let within = "MAIL FROM:<alice@example.com>\r\nSTARTTLS\r\nEHLO a\r\nSTARTTLS\r\nQUIT\r\n";
        assert_eq!(said(stream, within.as_bytes()).await, "503 503 250 503 221", "{injected:?}");
    }
    assert_eq!(relay.taken(), [""; 0]);
}

#[tokio::test]
async fn r23_garbage_for_a_handshake_ends_it() {
    let relay = Relay::start(Mood::Taking).await;
    let secured = start(&relay).await;
    let evil = HONEST.replace("alice", "evil");
    let garbage: [&[u8]; 6] = [
        evil.as_bytes(),
        b"\0",
        b"\x16\x03\x01\xff\xff",
        b"\x16\x03\x01\0\x05\x01\0\0\x01\0",
        b"\x17\x03\x03\0\x05hello",
        &[0xff; 70_000],
    ];
    for wire_bytes in garbage {
        let mut wire = begin(&secured, ASKED, READY).await;
        let before = wire.unread.len();
        // It may be closed on before all of it is sent.
        let _ = wire.stream.write_all(wire_bytes).await;
        let _ = wire.stream.shutdown().await;
        while wire.more().await.is_some() {}
        let told = &wire.unread[before..];
        // An alert at most (RFC 8446 section 6): nothing is said in the clear.
        assert!(told.is_empty() || told[0] == 21, "{}", told.escape_ascii());
        assert_eq!(secured.running.said(HONEST.as_bytes()).await, ANSWERED);
    }
    assert!(!relay.taken().iter().any(|message| message.contains("evil")));
}

#[tokio::test]
async fn r23_a_handshake_of_mail_that_stalls_is_ended() {
    let relay = Relay::start(Mood::Taking).await;
    let secured = start(&relay).await;
    for begun in ["", "\u{16}", "\u{16}\u{3}\u{1}\0\u{40}"] {
        let mut wire = begin(&secured, ASKED, READY).await;
        let began = Instant::now();
        wire.send(begun).await;
        while wire.more().await.is_some() {}
        assert!((400..2000).contains(&began.elapsed().as_millis()), "{begun:?}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn r23_mail_is_shown_the_renewed_certificate() {
    let relay = Relay::start(Mood::Taking).await;
    let secured = start(&relay).await;
    let mut shown = Vec::new();
    for _ in 0..3 {
        let wire = begin(&secured, ASKED, READY).await;
        let stream = handshake(&secured, wire.stream).await.unwrap();
        shown.push(stream.get_ref().1.peer_certificates().unwrap()[0].clone());
        secured.renew();
    }
    shown.dedup();
    assert_eq!(shown.len(), 3);
}

#[tokio::test]
async fn draining_ends_handshakes_of_mail() {
    let relay = Relay::start(Mood::Taking).await;
    let smtp = SmtpSettings { patience: Duration::from_secs(20), ..rules(&relay) };
    let secured = Secured::start(|settings| settings.smtp = Some(smtp), None).await;
    let mut wire = begin(&secured, ASKED, READY).await;
    secured.running.stop.cancel();
    while wire.more().await.is_some() {}
    tokio::time::timeout(Duration::from_secs(2), secured.running.serving).await.unwrap().unwrap();
}

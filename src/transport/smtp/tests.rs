//! Conversations without a socket: what is said to what, and that nothing is too strange.

use std::fs;

use super::session::{Delivery, Rules, Security, Session, Step};
use crate::model::{MailAddress, MailPattern};
use bytes::BytesMut;

fn rules() -> Rules {
    Rules {
        mailbox: MailAddress::parse("cnrp@names.example.com").unwrap(),
        allow: vec![MailPattern::parse("*@example.com").unwrap()],
        longest: 1000,
    }
}

/// What a conversation came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Came {
    /// The code of each reply; 0 for a delivery.
    codes: Vec<u16>,
    delivered: Vec<Delivery>,
    is_over: bool,
}

/// The whole of a conversation whose bytes come in pieces of `piece`; one more step than there
/// are bytes would be a loop.
fn talk(wire: &[u8], piece: usize) -> Came {
    talk_as(Security::Unavailable, wire, piece)
}

fn talk_as(security: Security, wire: &[u8], piece: usize) -> Came {
    let rules = rules();
    let mut session = Session::new(&rules, security);
    let mut came = Came::default();
    let mut input = BytesMut::new();
    let mut steps = 0;
    for bytes in wire.chunks(piece) {
        input.extend_from_slice(bytes);
        while let Some(step) = session.next(&mut input) {
            steps += 1;
            assert!(steps <= wire.len(), "steps without bytes");
            take(step, &mut came);
        }
        assert!(came.is_over || input.len() <= 1024 + piece, "bytes are heaped up");
    }
    came
}

fn take(step: Step, came: &mut Came) {
    assert!(!came.is_over, "something was said after the end");
    let mut say = |reply: &str| {
        assert!(reply.ends_with("\r\n") && reply.is_ascii(), "{reply:?}");
        came.codes.push(reply.lines().last().unwrap().get(..3).unwrap().parse().unwrap());
    };
    match step {
        Step::Say(reply) => say(&reply),
        Step::Close(reply) => {
            say(reply);
            came.is_over = true;
        }
        Step::StartTls(reply) => {
            say(reply);
            came.is_over = true;
        }
        Step::Deliver(delivery) => {
            assert!(delivery.message.len() <= rules().longest);
            came.codes.push(0);
            came.delivered.push(delivery);
        }
    }
}

fn codes(wire: &str) -> String {
    codes_as(Security::Unavailable, wire)
}

fn codes_as(security: Security, wire: &str) -> String {
    let whole = talk_as(security, wire.as_bytes(), WHOLE);
    assert_eq!(talk_as(security, wire.as_bytes(), 1), whole, "{wire:?} byte by byte");
    whole.codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" ")
}

/// Longer than any conversation here.
const WHOLE: usize = 1 << 20;

const TO_US: &str = "RCPT TO:<cnrp@names.example.com>\r\n";
const MAIL: &str = "MAIL FROM:<alice@example.com>\r\n";

#[test]
fn r21_a_message_for_the_mailbox_is_delivered() {
    let wire = format!("EHLO host\r\n{MAIL}{TO_US}DATA\r\nSubject: x\r\n\r\n..hi\r\n.\r\nQUIT\r\n");
    assert_eq!(codes(&wire), "250 250 250 354 0 221");
    let came = talk(wire.as_bytes(), 7);
    let [delivery] = came.delivered.as_slice() else { panic!("{came:?}") };
    assert_eq!(delivery.sender.as_ref().unwrap().as_str(), "alice@example.com");
    assert_eq!(delivery.message, b"Subject: x\r\n\r\n.hi\r\n");
}

#[test]
fn one_conversation_may_bring_several_messages() {
    let message = format!("{MAIL}{TO_US}DATA\r\n.\r\n");
    assert_eq!(codes(&format!("HELO host\r\n{message}{message}")), "250 250 250 354 0 250 250 354 0");
}

#[test]
fn a_bounce_has_no_sender() {
    let came = talk(format!("EHLO a\r\nMAIL FROM:<>\r\n{TO_US}DATA\r\n.\r\n").as_bytes(), 3);
    assert_eq!(came.delivered, [Delivery { sender: None, message: Vec::new() }]);
}

#[test]
fn commands_have_an_order() {
    for (wire, expected) in [
        (MAIL.to_owned(), "503"),
        ("DATA\r\n".into(), "503"),
        (format!("EHLO a\r\n{TO_US}"), "250 503"),
        (format!("EHLO a\r\n{MAIL}{MAIL}"), "250 250 503"),
        (format!("EHLO a\r\n{MAIL}DATA\r\n"), "250 250 554"),
        (format!("EHLO a\r\n{MAIL}RSET\r\n{TO_US}"), "250 250 250 503"),
        (format!("EHLO a\r\n{MAIL}EHLO b\r\n{TO_US}"), "250 250 250 503"),
        (format!("RSET\r\n{MAIL}"), "250 503"),
        (format!("EHLO a\r\n{MAIL}{TO_US}{TO_US}DATA\r\n"), "250 250 250 452 354"),
        ("QUIT\r\nNOOP\r\n".into(), "221"),
    ] {
        assert_eq!(codes(&wire), expected, "{wire:?}");
    }
}

#[test]
fn only_the_mailbox_is_reached_and_only_by_those_allowed() {
    for (line, expected) in [
        ("RCPT TO:<CNRP@Names.Example.com>", "250"),
        ("RCPT TO:<postmaster>", "550"),
        ("RCPT TO:<cnrp@example.com>", "550"),
        ("RCPT TO:<cnrp@names.example.com@example.com>", "501"),
        ("RCPT TO:<\"cnrp\"@names.example.com>", "250"),
        ("RCPT TO:<@a:cnrp@names.example.com>", "250"),
        ("RCPT TO:<>", "550"),
        ("RCPT TO:cnrp@names.example.com", "501"),
    ] {
        assert_eq!(codes(&format!("EHLO a\r\n{MAIL}{line}\r\n")), format!("250 250 {expected}"), "{line}");
    }
    for (line, expected) in [
        ("MAIL FROM:<alice@example.com> SIZE=1000 BODY=8BITMIME", "250"),
        ("MAIL FROM:<alice@example.com> SIZE=1001", "552"),
        ("MAIL FROM:<alice@example.com> BODY=BINARYMIME", "555"),
        ("MAIL FROM:<alice@example.com> SMTPUTF8", "555"),
        ("MAIL FROM:<alice@example.com> NONSENSE=1", "555"),
        ("MAIL FROM:<alice@example.org>", "550"),
        ("MAIL FROM:<alice@example.com.example.org>", "550"),
        ("MAIL FROM:<\"a b\"@example.com>", "553"),
        ("MAIL FROM:alice@example.com", "501"),
        ("MAIL FROM:<alice>", "501"),
    ] {
        assert_eq!(codes(&format!("EHLO a\r\n{line}\r\n")), format!("250 {expected}"), "{line}");
    }
}

#[test]
fn r23_starttls_ends_what_is_said_in_the_clear() {
    for (wire, expected) in [
        ("EHLO a\r\nSTARTTLS\r\n".to_owned(), "250 220"),
        ("HELO a\r\nstarttls  \r\n".into(), "250 220"),
        // What a stranger put behind it is not obeyed.
        (format!("EHLO a\r\nSTARTTLS\r\nEHLO a\r\n{MAIL}{TO_US}DATA\r\n.\r\n"), "250 220"),
        (format!("EHLO a\r\n{MAIL}STARTTLS\r\n"), "250 250 220"),
        ("STARTTLS\r\n".into(), "503"),
        ("EHLO a\r\nSTARTTLS now\r\nSTARTTLS\r\n".into(), "250 501 220"),
        ("EHLO a\r\nSTARTTLS\nEHLO a\r\n".into(), "250 500"),
        ("EHLO a\r\nSTARTTLSX\r\nXSTARTTLS\r\n".into(), "250 500 500"),
    ] {
        assert_eq!(codes_as(Security::Offered, &wire), expected, "{wire:?}");
    }
    let twice = "EHLO a\r\nSTARTTLS\r\nSTARTTLS x\r\nNOOP\r\n";
    assert_eq!(codes_as(Security::Established, twice), "250 503 503 250");
    assert_eq!(codes_as(Security::Unavailable, twice), "250 502 502 250");
    assert_eq!(codes_as(Security::Established, MAIL), "503", "the client says hello again");
}

#[test]
fn r23_starttls_is_offered_where_it_can_be_taken_up() {
    let rules = rules();
    for (security, offered, greeted) in [
        (Security::Unavailable, false, true),
        (Security::Offered, true, true),
        (Security::Established, false, false),
    ] {
        let mut session = Session::new(&rules, security);
        assert_eq!(session.greeting() == "220 names.example.com ESMTP CNRP\r\n", greeted, "{security:?}");
        assert_eq!(session.greeting().is_empty(), !greeted);
        let Some(Step::Say(reply)) = session.next(&mut BytesMut::from("EHLO a\r\n")) else { panic!() };
        assert_eq!(reply.contains("\r\n250-STARTTLS\r\n"), offered, "{security:?}");
        assert!(reply.lines().last().unwrap().starts_with("250 "), "{reply}");
    }
}

#[test]
fn nobody_is_told_who_is_behind_an_address() {
    for line in
        ["VRFY cnrp", "EXPN cnrp", "AUTH PLAIN AAAA", "BDAT 5 LAST", "STARTTLS", "ETRN x", "HELP", "LHLO a"]
    {
        assert_eq!(codes(&format!("EHLO a\r\n{line}\r\n")), "250 502", "{line}");
    }
    for line in ["", "GET / HTTP/1.1", "MAILFROM:<a@b>", "X", "   "] {
        assert_eq!(codes(&format!("{line}\r\n")), "500", "{line:?}");
    }
}

#[test]
fn patience_with_commands_has_an_end() {
    assert!(codes(&"NOOP\r\n".repeat(200)).ends_with("250 421"));
    assert_eq!(talk("NOOP\r\n".repeat(200).as_bytes(), 9).codes.len(), 101);
    assert_eq!(codes(&"X\r\n".repeat(9)), "500 500 500 500 500 421");
    assert_eq!(codes(&format!("NOOP {}\r\n", "x".repeat(1100))), "500");
    assert_eq!(codes("NOOP\nNOOP\r\n"), "500");
    assert_eq!(codes("NOOP \rQUIT\r\n"), "500");
    assert_eq!(codes("NOOP \u{e9}\r\nNOOP \0\r\nQUIT\r\n"), "500 500 221");
}

/// Each file of `fixtures/smtp` in pieces of several sizes, cut short, and with bytes changed.
#[test]
fn no_conversation_is_too_strange() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/smtp");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let wire = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        let whole = talk(&wire, WHOLE);
        assert!([1, 2, 3, 64].iter().all(|piece| talk(&wire, *piece) == whole));
        for at in 0..wire.len() {
            talk(&wire[..at], 5);
            let mut mutated = wire.clone();
            mutated[at] = b"\0\r\n. <>:@\xff"[at % 10];
            talk(&mutated, 64);
        }
    }
    assert!(files >= 5, "only {files} conversations");
}

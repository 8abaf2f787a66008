//! Two hundred conversations that no honest mail server would hold, each followed by an honest one.

use super::*;

/// A conversation, and the codes that are said to it; `None` where any will do.
struct Case {
    name: String,
    wire: Vec<u8>,
    expected: Option<String>,
}

fn case(name: impl Into<String>, wire: impl Into<Vec<u8>>, expected: &str) -> Case {
    Case { name: name.into(), wire: wire.into(), expected: Some(expected.to_owned()) }
}

const MAIL: &str = "MAIL FROM:<alice@example.com>\r\n";
const RCPT: &str = "RCPT TO:<cnrp@names.example.com>\r\n";

fn in_data(rest: &str) -> String {
    format!("EHLO a\r\n{MAIL}{RCPT}DATA\r\n{rest}")
}

/// Every way to end a message that some server takes for one, before every second message.
fn smuggling() -> Vec<Case> {
    let ends = [
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\r\n.\r\r\n",
        "\r\r\n.\r\r\n",
        "\n\n.\r\n",
        "\r\n\r.\r\n",
        "\n.\r",
        "\r\n.\x0b\n",
    ];
    let second = [
        format!("MAIL FROM:<evil@example.com>\r\n{RCPT}DATA\r\nevil\r\n.\r\n"),
        format!("RSET\r\nMAIL FROM:<>\r\n{RCPT}DATA\r\n.\r\nQUIT\r\n"),
        "QUIT\r\n".to_owned(),
        "\r\n.\r\n".to_owned(),
        "VRFY cnrp\n.\nEXPN cnrp\r\n.\r\n".to_owned(),
        "x".repeat(100_000),
    ];
    let all = ends.iter().flat_map(|end| second.iter().map(move |second| (end, second)));
    all.map(|(end, second)| {
        let short: String = second.chars().take(20).collect();
        let wire = in_data(&format!("Subject: x\r\n\r\nhello{end}{second}"));
        case(format!("smuggling {end:?} {short:?}"), wire, "220 250 250 250 354 550")
    })
    .collect()
}

fn lengths() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [1025, 2048, 65_536, 1_000_000] {
        for verb in ["NOOP ", "EHLO ", "MAIL FROM:<", "\0", "RCPT TO:<cnrp@"] {
            let wire = format!("{verb}{}\r\nQUIT\r\n", "x".repeat(length));
            cases.push(case(format!("{length} of {verb}"), wire, "220 500"));
        }
    }
    for count in [101, 1000, 20_000] {
        let said = format!("220 {}421", "250 ".repeat(100));
        cases.push(case(format!("{count} NOOP"), "NOOP\r\n".repeat(count), &said));
        cases.push(case(format!("{count} RSET"), "RSET\r\n".repeat(count), &said));
        cases.push(case(format!("{count} X"), "X\r\n".repeat(count), "220 500 500 500 500 500 421"));
    }
    let big = in_data(&format!("{}.\r\nQUIT\r\n", format!("{}\r\n", "x".repeat(998)).repeat(10_000)));
    cases.push(case("10 MB of lines", big, "220 250 250 250 354 552 221"));
    let big = in_data(&format!("{}\r\n.\r\nQUIT\r\n", "x".repeat(10_000_000)));
    cases.push(case("10 MB of one line", big, "220 250 250 250 354 552 221"));
    cases
}

fn commands() -> Vec<Case> {
    let lines = [
        ("VRFY cnrp", "502"),
        ("EXPN cnrp", "502"),
        ("BDAT 10 LAST", "502"),
        ("AUTH PLAIN AAAA", "502"),
        ("STARTTLS", "502"),
        ("STARTTLS now", "502"),
        ("ETRN x", "502"),
        ("HELP", "502"),
        ("LHLO a", "502"),
        ("BURL imap://x", "502"),
        ("GET / HTTP/1.1", "500"),
        ("POST / HTTP/1.1", "500"),
        ("\u{1b}[2J", "500"),
        ("HELO \u{e9}", "500"),
        ("", "500"),
        ("DATA", "503"),
        ("RCPT TO:<cnrp@names.example.com>", "503"),
        ("EHLO", "501"),
        ("MAIL", "501"),
        ("MAIL FROM:", "501"),
        ("MAIL FROM:<", "501"),
        ("MAIL FROM:<a", "501"),
        ("MAIL FROM:<a@b>", "550"),
        ("MAIL FROM:<mallory@example.org>", "550"),
        ("MAIL FROM:<alice@example.com> SIZE=99999999999999999999999999", "552"),
        ("MAIL FROM:<alice@example.com> SIZE=x", "501"),
        ("MAIL FROM:<alice@example.com> BODY=BINARYMIME", "555"),
        ("MAIL FROM:<alice@example.com> SMTPUTF8", "555"),
        ("MAIL FROM:<alice@example.com> REQUIRETLS", "555"),
        ("MAIL FROM:<alice@example.com> RET=HDRS ENVID=x", "555"),
    ];
    let single = lines.iter().map(|(line, code)| {
        let wire = format!("EHLO a\r\n{line}\r\nQUIT\r\n");
        case(format!("command {line}"), wire, &format!("220 250 {code} 221"))
    });
    let recipients = [
        "RCPT TO:<root@names.example.com>",
        "RCPT TO:<postmaster>",
        "RCPT TO:<>",
        "RCPT TO:<cnrp@names.example.org>",
        "RCPT TO:<cnrp%example.org@names.example.com>",
        "RCPT TO:<cnrp@[127.0.0.1]>",
        "RCPT TO:<|/bin/sh@names.example.com>",
        "RCPT TO:<../cnrp@names.example.com>",
    ];
    let wrong = recipients.iter().map(|line| {
        let wire = format!("EHLO a\r\n{MAIL}{line}\r\nDATA\r\nQUIT\r\n");
        Case { name: (*line).to_owned(), wire: wire.into(), expected: None }
    });
    single.chain(wrong).collect()
}

fn orders() -> Vec<Case> {
    let honest = format!("{MAIL}{RCPT}DATA\r\n\r\nhello\r\n.\r\n");
    vec![
        case("two recipients", format!("EHLO a\r\n{MAIL}{RCPT}{RCPT}QUIT\r\n"), "220 250 250 250 452 221"),
        case(
            "a second recipient elsewhere",
            format!("EHLO a\r\n{MAIL}{RCPT}RCPT TO:<bob@example.com>\r\nQUIT\r\n"),
            "220 250 250 250 452 221",
        ),
        case("two senders", format!("EHLO a\r\n{MAIL}{MAIL}QUIT\r\n"), "220 250 250 503 221"),
        case("no hello", format!("{MAIL}QUIT\r\n"), "220 503 221"),
        case("DATA without a recipient", format!("EHLO a\r\n{MAIL}DATA\r\nQUIT\r\n"), "220 250 250 554 221"),
        case(
            "a message that was not asked for",
            format!(
                "EHLO a\r\n{MAIL}DATA\r\nFrom: a\r\nTo: b\r\nSubject: c\r\n\r\nhi\r\nhi\r\n.\r\n{honest}"
            ),
            "220 250 250 554 500 500 500 500 421",
        ),
        case("LF alone", "EHLO a\nQUIT\n", "220 500"),
        case("CR alone", "EHLO a\rQUIT\r", "220"),
        case("CR within a line", "EHLO a\rMAIL FROM:<alice@example.com>\r\nQUIT\r\n", "220 500"),
        case(
            "a null sender",
            format!("EHLO a\r\n{}QUIT\r\n", honest.replace("alice@example.com", "")),
            "220 250 250 250 354 250 221",
        ),
        case("nothing", "", "220"),
        case("talk after the end", "QUIT\r\nEHLO a\r\n", "220 221"),
        case("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), "220"),
    ]
}

/// The first bytes of an honest conversation.
fn broken_off() -> Vec<Case> {
    let end = HONEST.find("\r\n.\r\n").unwrap();
    let lengths = (0..end).step_by(end / 25);
    lengths
        .map(|length| Case {
            name: format!("broken off at {length}"),
            wire: HONEST.as_bytes()[..length].into(),
            expected: None,
        })
        .collect()
}

/// Bytes that follow from `seed` (xorshift).
fn garbage() -> Vec<Case> {
    let bytes = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let length = 1 << (seed % 16);
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect::<Vec<u8>>()
    };
    let bare =
        (0..40).map(|seed| Case { name: format!("garbage {seed}"), wire: bytes(seed), expected: None });
    let within = (0..20).map(|seed| {
        let wire = [in_data("").as_bytes(), &bytes(seed), b"\r\n.\r\n"].concat();
        Case { name: format!("garbage {seed} as a message"), wire, expected: None }
    });
    bare.chain(within).collect()
}

#[tokio::test]
async fn two_hundred_hostile_conversations_change_nothing() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |smtp| smtp.patience = Duration::from_secs(5)).await;
    let cases: Vec<Case> = [smuggling(), lengths(), commands(), orders(), broken_off(), garbage()]
        .into_iter()
        .flatten()
        .collect();
    assert!(cases.len() >= 200, "only {} conversations", cases.len());
    for case in &cases {
        let said = running.said(&case.wire).await;
        match &case.expected {
            Some(expected) => assert_eq!(&said, expected, "{}", case.name),
            None => assert!(said.starts_with("220"), "{}: {said}", case.name),
        }
        let before = relay.taken().len();
        assert_eq!(running.said(HONEST.as_bytes()).await, ANSWERED, "after {}", case.name);
        let taken = relay.taken();
        assert_eq!(taken.len(), before + 1, "after {}", case.name);
        assert!(taken[before].contains("<cnrp>honest</cnrp>"), "after {}", case.name);
        // Nobody but the sender was ever written to.
        assert!(!taken.iter().any(|message| message.contains("evil")), "{}", case.name);
    }
    println!("{} hostile conversations, each followed by an honest one", cases.len());
}

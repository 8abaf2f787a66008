//! Messages as mail clients write them, each with what is read of it; and messages that no client
//! would write.

use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    path::Path,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use mail_parser::MessageParser;

use super::*;
use crate::model::{BoxFuture, Service};

/// Answers with what it was asked. A document with `results` is not understood.
struct Echo;

impl Door for Echo {
    fn answer<'a>(
        &'a self,
        document: &'a [u8],
        context: &'a Context,
    ) -> BoxFuture<'a, crate::gateway::Reply> {
        Box::pin(async move {
            let trimmed = if context.trimmed { "trimmed " } else { "" };
            let text = format!("{:?} {trimmed}{}", context.charset, document.escape_ascii());
            let understood = protocol::decode_request(document, context.charset.as_deref(), 1024).is_ok();
            crate::gateway::Reply { document: text.into(), understood }
        })
    }

    fn resolve<'a>(&'a self, _: &'a crate::model::Question, _: &'a Context) -> BoxFuture<'a, Answer> {
        Box::pin(async { Answer::default() })
    }

    fn certain<'a>(
        &'a self,
        _: &'a crate::model::CommonName,
        _: &'a Context,
    ) -> BoxFuture<'a, Option<url::Url>> {
        Box::pin(async { None })
    }

    fn service(&self) -> Arc<Service> {
        Arc::new(Service::default())
    }
}

async fn answered(message: &[u8]) -> Result<Reply, Silence> {
    let incoming = Incoming { message, sender: None, peer: Ipv4Addr::LOCALHOST.into() };
    let desk = Desk { mailbox: None, allow: None, request_size: 1024, door: &Echo };
    answer(incoming, desk, Stamp { at: UNIX_EPOCH + Duration::from_secs(1), unique: 1 }).await
}

/// What the reply says, a line each; or why there is none.
async fn told(message: &[u8]) -> String {
    let reply = match answered(message).await {
        Ok(reply) => reply,
        Err(silence) => return format!("no answer: {silence}\n"),
    };
    let message = MessageParser::new().parse(&reply.message).unwrap();
    let id = |value: &mail_parser::HeaderValue<'_>| {
        value.as_text_list().map_or(String::new(), |ids| ids.join(" "))
    };
    let body = String::from_utf8_lossy(message.parts[0].contents()).replace("\r\n", "\n");
    format!(
        "to: {}\nfrom: {}\nsubject: {}\nin reply to: {}\nreferences: {}\nbody: {}\n",
        reply.to,
        message.from().unwrap().first().unwrap().address().unwrap(),
        message.subject().unwrap(),
        id(message.in_reply_to()),
        id(message.references()),
        body.trim_end(),
    )
}

fn corpus() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let messages = files.filter(|path| path.extension().is_some_and(|ext| ext == "eml"));
    messages.map(|path| (path.to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

/// Each message of `fixtures/mail` has what is read of it beside it. Its lines end as in a file;
/// on a wire they end with CR and LF, and the same must come of it.
#[tokio::test]
async fn r21_the_document_is_found_wherever_a_mail_client_puts_it() {
    let messages = corpus();
    let mut differ = String::new();
    for (path, message) in &messages {
        let expected = fs::read_to_string(Path::new(path).with_extension("txt")).unwrap_or_default();
        let found = told(message).await;
        if found != expected {
            differ.push_str(&format!("=== {path}\n{found}"));
        }
        let wire = message.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(b"\r\n".as_slice());
        assert_eq!(told(&wire).await.replace("\\r\\n", "\\n"), found, "{path} with CR and LF");
    }
    assert!(differ.is_empty(), "found, and not what was expected:\n{differ}");
    assert!(messages.len() >= 20, "only {} messages were tried", messages.len());
}

/// Every message cut short at every place, and with every byte of its headers changed.
#[tokio::test]
async fn no_message_is_too_broken() {
    for (path, message) in corpus() {
        for length in 0..message.len() {
            let _ = answered(&message[..length]).await;
        }
        for at in 0..message.len().min(600) {
            let mut mutated = message.clone();
            mutated[at] = b"\0\n\r:;=\"<>\xff"[at % 10];
            if let Ok(reply) = answered(&mutated).await {
                assert_is_one_message(&reply, &path);
            }
        }
    }
}

/// Whatever stood in the question, the headers of the reply are ours alone.
fn assert_is_one_message(reply: &Reply, path: &str) {
    let text = String::from_utf8_lossy(&reply.message);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    let names: Vec<_> =
        names.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{path}: {head}")).0).collect();
    let ours = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];
    assert!(names.iter().all(|name| ours.contains(name)), "{path}: {head}");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{path}");
}

#[tokio::test]
async fn d23_an_answer_is_met_with_silence_however_it_is_spelt() {
    let head = b"From: a@b\nDelivered-To: c@d\nContent-Type: application/cnrp+xml\n\n";
    let wide: Vec<u8> = "\u{feff}<cnrp><results/></cnrp>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for document in [
        b"<cnrp><results/></cnrp>".as_slice(),
        b"<CNRP><RESULTS/></CNRP>",
        b"<x:cnrp xmlns:x='urn:x'><x:results/></x:cnrp>",
        b"<cnrp><results",
        b"<RESULTS/>",
        &wide,
    ] {
        let reply = answered(&[head, document].concat()).await;
        assert_eq!(reply.err(), Some(Silence::Answer), "{}", document.escape_ascii());
    }
    for document in ["<cnrp/>", "<cnrp><other/></cnrp>", "hello"] {
        assert!(answered(&[head, document.as_bytes()].concat()).await.is_ok(), "{document}");
    }
}

#[tokio::test]
async fn nesting_and_parts_have_an_end() {
    let head = "From: a@b\nDelivered-To: c@d\n";
    let deep = format!("{head}{}<cnrp/>", "Content-Type: message/rfc822\n\n".repeat(5_000));
    assert!(told(deep.as_bytes()).await.contains("no CNRP document"));
    let multipart =
        |level: usize| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    let deep: String = (0..1000).map(multipart).collect();
    assert!(told(format!("{head}{deep}\n<cnrp/>").as_bytes()).await.contains("no CNRP document"));
    let wide = "--b\n\nhello\n".repeat(10_000);
    let wide = format!("{head}Content-Type: multipart/mixed; boundary=b\n\n{wide}--b\n\n<cnrp/>\n--b--\n");
    assert!(told(wide.as_bytes()).await.contains("no CNRP document"));
}

#[tokio::test]
async fn only_those_allowed_are_answered() {
    let allow = [MailPattern::parse("*@example.com").unwrap()];
    let desk = Desk { mailbox: None, allow: Some(&allow), request_size: 1024, door: &Echo };
    let stamp = Stamp { at: UNIX_EPOCH, unique: 1 };
    for (from, expected) in [
        ("From: alice@example.com", Ok("alice@example.com")),
        ("From: mallory@example.org", Err(Silence::Stranger)),
        // The reply would go to the return path, so that is who asks.
        ("Return-Path: <mallory@example.org>\nFrom: alice@example.com", Err(Silence::Stranger)),
    ] {
        let message = format!("{from}\nDelivered-To: c@d\n\n<cnrp/>");
        let incoming =
            Incoming { message: message.as_bytes(), sender: None, peer: Ipv4Addr::LOCALHOST.into() };
        let reply = answer(incoming, desk, stamp).await;
        let to = reply.as_ref().map(|reply| reply.to.as_str()).map_err(|silence| *silence);
        assert_eq!(to, expected, "{from}");
    }
}

#[tokio::test]
async fn a_document_that_is_too_long_is_told() {
    let message = format!("From: a@b\nDelivered-To: c@d\n\n<cnrp>{}</cnrp>", "x".repeat(1024));
    assert!(told(message.as_bytes()).await.contains("more than 1024 bytes"));
    let message = format!("From: a@b\nDelivered-To: c@d\n\n{}", "x".repeat(longest(1024)));
    assert!(told(message.as_bytes()).await.contains("the message has more than"));
}

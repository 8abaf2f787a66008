//! The message that carries an answer.

use std::{borrow::Cow, time::UNIX_EPOCH};

use mail_builder::{
    MessageBuilder,
    headers::{address::Address, message_id::MessageId, raw::Raw},
    mime::MimePart,
};

use super::{Reply, Stamp, letter::Letter};

/// The longest line that may be sent as it is (RFC 5322 section 2.1.1).
const LONGEST_LINE: usize = 998;

/// Writes the reply that brings `document` to whoever wrote the letter.
pub(super) fn write(letter: &Letter, document: &[u8], stamp: Stamp) -> Reply {
    let seconds = stamp.at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let id = format!("{seconds:x}.{:016x}@{}", stamp.unique, letter.mailbox.domain());
    let mut builder = MessageBuilder::new()
        .from(address(&letter.mailbox.to_string()))
        .to(address(&letter.originator.to_string()))
        .subject(letter.subject.clone())
        .date(i64::try_from(seconds).unwrap_or_default())
        .message_id(id)
        .header("Auto-Submitted", Raw::new("auto-replied"));
    if let Some(id) = &letter.id {
        let references = letter.references.iter().chain([id]).cloned();
        builder = builder
            .header("In-Reply-To", MessageId::new(id.clone()))
            .header("References", MessageId::new_list(references));
    }
    let mut message = Vec::new();
    builder.body(part(document)).serialize(&mut message);
    Reply { to: letter.originator.clone(), message }
}

fn address(text: &str) -> Address<'static> {
    Address::new_address(None::<&str>, text.to_owned())
}

/// The document, readable where it may travel as it is, in base64 where not. Without a charset
/// (R3).
fn part(document: &[u8]) -> MimePart<'static> {
    let kind = "application/cnrp+xml";
    let is_short = document.split(|byte| *byte == b'\n').all(|line| line.len() <= LONGEST_LINE);
    if document.is_ascii() && is_short {
        MimePart::new(kind, crlf(document).into_owned()).transfer_encoding("7bit")
    } else {
        MimePart::new(kind, document.to_vec())
    }
}

/// With a CR before each LF, and one line end at the end.
fn crlf(document: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = Vec::with_capacity(document.len() + 64);
    for line in document.trim_ascii_end().split(|byte| *byte == b'\n') {
        lines.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        lines.extend_from_slice(b"\r\n");
    }
    Cow::Owned(lines)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::MailAddress;

    fn written(document: &[u8]) -> String {
        let address = |text| MailAddress::parse(text).unwrap();
        let letter = Letter {
            originator: address("alice@example.com"),
            mailbox: address("cnrp@names.example.com"),
            subject: "Re: Boeing".into(),
            id: Some("2@example.com".into()),
            references: vec!["1@example.com".into()],
        };
        let stamp = Stamp { at: UNIX_EPOCH + Duration::from_secs(1_790_000_000), unique: 7 };
        String::from_utf8(write(&letter, document, stamp).message).unwrap()
    }

    #[test]
    fn r21_the_answer_goes_back_as_a_document_in_a_message() {
        assert_eq!(
            written(b"<?xml version=\"1.0\"?>\n<cnrp/>"),
            "From: <cnrp@names.example.com>\r\n\
             To: <alice@example.com>\r\n\
             Subject: Re: Boeing\r\n\
             Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n\
             Message-ID: <6ab13b80.0000000000000007@names.example.com>\r\n\
             Auto-Submitted: auto-replied\r\n\
             In-Reply-To: <2@example.com>\r\n\
             References: <1@example.com> <2@example.com>\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: application/cnrp+xml\r\n\
             Content-Transfer-Encoding: 7bit\r\n\
             \r\n\
             <?xml version=\"1.0\"?>\r\n<cnrp/>\r\n"
        );
    }

    #[test]
    fn what_may_not_travel_as_it_is_goes_in_base64() {
        for document in ["<cnrp>東京</cnrp>".to_owned(), format!("<cnrp>{}</cnrp>", "x".repeat(999))] {
            let message = written(document.as_bytes());
            assert!(message.contains("Content-Transfer-Encoding: base64\r\n"), "{message}");
            assert!(message.is_ascii() && message.lines().all(|line| line.len() <= 78), "{message}");
        }
    }
}

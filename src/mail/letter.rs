//! What the headers of a message say: who wants the answer, and whether it may have one.

use mail_parser::HeaderValue;

use super::{Silence, entity::Entity};
use crate::model::MailAddress;

/// A message that is to be answered, without what it asks.
#[derive(Debug)]
pub(super) struct Letter {
    /// Who gets the answer.
    pub(super) originator: MailAddress,
    /// Who gives it.
    pub(super) mailbox: MailAddress,
    pub(super) subject: String,
    /// Its `Message-ID`, without brackets.
    pub(super) id: Option<String>,
    /// The messages that led to it, the oldest first.
    pub(super) references: Vec<String>,
}

/// The most messages that a reply refers to; the youngest are kept. A reader needs few to find
/// the place in the thread.
const MOST_REFERENCES: usize = 20;

/// The longest identifier of a message: a line holds no more (RFC 5322 section 2.1.1).
const LONGEST_ID: usize = 900;

/// The most characters of a subject that are kept.
const LONGEST_SUBJECT: usize = 200;

impl Letter {
    /// Reads a message. `sender` and `mailbox` are known to whoever carried it, or else looked
    /// for in the message.
    ///
    /// # Errors
    /// The reason why it gets no answer.
    pub(super) fn read(
        message: &[u8],
        sender: Option<&MailAddress>,
        mailbox: Option<&MailAddress>,
    ) -> Result<Self, Silence> {
        let headers = Entity::read(message);
        automatic(&headers).map_or(Ok(()), Err)?;
        let originator = sender.cloned().or_else(|| originator(&headers)).ok_or(Silence::NoOriginator)?;
        let mailbox = mailbox.cloned().or_else(|| addressee(&headers)).ok_or(Silence::NoMailbox)?;
        if originator.is(&mailbox) {
            return Err(Silence::FromOurselves);
        }
        if is_no_person(originator.local()) {
            return Err(Silence::NoPerson);
        }
        let id = ids(&headers, "Message-ID").pop();
        let references = references(&headers);
        Ok(Self { originator, mailbox, subject: subject(&headers), id, references })
    }
}

/// Whether a program sent this of itself, or to many (RFC 3834 section 2, RFC 2919).
fn automatic(headers: &Entity<'_>) -> Option<Silence> {
    let word = |name| headers.text(name).map(|text| first_word(text).to_ascii_lowercase());
    if word("Auto-Submitted").is_some_and(|word| word != "no") {
        return Some(Silence::Automatic);
    }
    // What became of a message (RFC 6522), be it without the headers that would say so.
    if headers.kind() == "multipart/report" {
        return Some(Silence::Automatic);
    }
    if headers.header("List-Id").is_some() {
        return Some(Silence::List);
    }
    let precedence = word("Precedence")?;
    matches!(precedence.as_str(), "bulk" | "junk" | "list").then_some(Silence::Bulk)
}

/// Names of mailboxes that only programs write from, or that nobody reads.
const PROGRAMS: [&str; 11] = [
    "mailer-daemon",
    "mailer",
    "listserv",
    "majordomo",
    "mailman",
    "bounce",
    "bounces",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
];

/// How the return paths of mailing lists begin and end.
const BEFORE_A_LIST: [&str; 3] = ["owner-", "bounce-", "bounces-"];
const BEHIND_A_LIST: [&str; 6] = ["-request", "-owner", "-bounce", "-bounces", "-noreply", "-no-reply"];

/// Whether mail to this mailbox reaches a program rather than a person (RFC 3834 section 2): an
/// answer might be answered, or be counted against a member of a list.
fn is_no_person(local: &str) -> bool {
    let local = local.to_ascii_lowercase();
    // Behind a plus stands whom the message was for (`list-bounces+alice=example.com`).
    let name = local.split('+').next().unwrap_or_default();
    PROGRAMS.contains(&name)
        || BEFORE_A_LIST.iter().any(|start| name.starts_with(start))
        || BEHIND_A_LIST.iter().any(|end| name.ends_with(end))
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '(')).next().unwrap_or_default()
}

/// The envelope sender as the last to carry the message wrote it, or else the first author. A
/// null return path is no reason to look further: it says that nobody wants an answer.
fn originator(headers: &Entity<'_>) -> Option<MailAddress> {
    match headers.values("Return-Path").next() {
        Some(path) => bracketed(path.as_text()?),
        None => first_of(headers.header("From")?),
    }
}

/// The mailbox that a message was delivered to, where a mail server wrote that into it.
pub fn delivered_to(message: &[u8]) -> Option<MailAddress> {
    addressee(&Entity::read(message))
}

/// Whom the message was delivered to, as the mail server wrote that delivered it. `To` is not asked: its
/// author may have named anybody there, and whom he names would seem to answer.
fn addressee(headers: &Entity<'_>) -> Option<MailAddress> {
    // Who adds a header adds it on top, so the first of either is the last that was written.
    let delivered = headers.any_of(["X-Original-To", "Delivered-To"]).next()?;
    bracketed(delivered.as_text()?)
}

fn bracketed(text: &str) -> Option<MailAddress> {
    let text = text.trim();
    let inner = text.strip_prefix('<').and_then(|rest| rest.split('>').next());
    MailAddress::parse(inner.unwrap_or(text).trim())
}

fn first_of(value: &HeaderValue<'_>) -> Option<MailAddress> {
    MailAddress::parse(value.as_address()?.first()?.address()?)
}

/// `Re:` and the subject.
fn subject(headers: &Entity<'_>) -> String {
    let words: Vec<&str> = headers.text("Subject").unwrap_or_default().split_whitespace().collect();
    let subject: String = words.join(" ").chars().filter(|c| !c.is_control()).take(LONGEST_SUBJECT).collect();
    let is_reply = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    match subject.as_str() {
        "" => "Re: CNRP".to_owned(),
        _ if is_reply => subject,
        _ => format!("Re: {subject}"),
    }
}

/// What the reply refers to beside the message itself (RFC 5322 section 3.6.4).
fn references(headers: &Entity<'_>) -> Vec<String> {
    let mut references = ids(headers, "References");
    if references.is_empty() {
        references = ids(headers, "In-Reply-To");
        references.truncate(1);
    }
    let surplus = references.len().saturating_sub(MOST_REFERENCES);
    references.split_off(surplus)
}

/// The identifiers in a header. One that has anything that could end it early is left out.
fn ids(headers: &Entity<'_>, name: &'static str) -> Vec<String> {
    let Some(ids) = headers.header(name).and_then(HeaderValue::as_text_list) else { return Vec::new() };
    let is_id = |id: &str| {
        (1..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
    };
    ids.iter().filter(|id| is_id(id)).map(|id| id.clone().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &str) -> Result<Letter, Silence> {
        Letter::read(format!("{headers}\r\n\r\n").as_bytes(), None, None)
    }

    const FROM_TO: &str = "From: Alice <alice@example.com>\r\nDelivered-To: cnrp@names.example.com";

    #[test]
    fn mail_that_is_itself_automatic_gets_no_answer() {
        for (headers, expected) in [
            ("Auto-Submitted: auto-replied", Silence::Automatic),
            ("auto-submitted: Auto-Generated; type=x", Silence::Automatic),
            ("Auto-Submitted:", Silence::Automatic),
            ("List-Id: Names <names.example.com>", Silence::List),
            ("Content-Type: Multipart/Report; boundary=x", Silence::Automatic),
            ("List-Id:", Silence::List),
            ("Precedence: Bulk", Silence::Bulk),
            ("Precedence: junk", Silence::Bulk),
            ("Precedence: list", Silence::Bulk),
            ("Return-Path: <>", Silence::NoOriginator),
            ("Return-Path:", Silence::NoOriginator),
            ("Return-Path: <MAILER-DAEMON>", Silence::NoOriginator),
        ] {
            let read = read(&format!("{headers}\r\n{FROM_TO}"));
            assert_eq!(read.map(|letter| letter.originator).unwrap_err(), expected, "{headers}");
        }
        for headers in ["Auto-Submitted: no", "Auto-Submitted: NO (a person)", "Precedence: first-class"] {
            assert!(read(&format!("{headers}\r\n{FROM_TO}")).is_ok(), "{headers}");
        }
    }

    #[test]
    fn programs_and_lists_get_no_answer() {
        let read_from = |local: &str| {
            let message = format!("Return-Path: <{local}@example.com>\r\n{FROM_TO}");
            read(&message).map(|letter| letter.originator.local().to_owned())
        };
        for local in [
            "MAILER-DAEMON",
            "owner-names",
            "names-request",
            "Names-Owner",
            "names-bounces",
            "names-bounces+alice=example.org",
            "bounces+7",
            "bounce-7-alice",
            "noreply",
            "shop-no-reply",
            "listserv",
        ] {
            assert_eq!(read_from(local).unwrap_err(), Silence::NoPerson, "{local}");
        }
        for local in ["alice", "owner", "request", "bouncer", "alice+owner-names", "requests", "cowner-a"] {
            assert_eq!(read_from(local).unwrap(), local);
        }
    }

    #[test]
    fn r21_the_originator_is_the_envelope_sender_or_else_the_author() {
        let letter = read(FROM_TO).unwrap();
        assert_eq!(letter.originator.as_str(), "alice@example.com");
        assert_eq!(letter.mailbox.as_str(), "cnrp@names.example.com");
        let letter =
            read(&format!("Return-Path: <alice+7@example.com>\r\nReturn-Path: <>\r\n{FROM_TO}")).unwrap();
        assert_eq!(letter.originator.as_str(), "alice+7@example.com");
        let known = MailAddress::parse("envelope@example.com").unwrap();
        let letter = Letter::read(format!("{FROM_TO}\r\n\r\n").as_bytes(), Some(&known), Some(&known));
        assert_eq!(letter.unwrap_err(), Silence::FromOurselves);
        assert_eq!(read("Subject: x").unwrap_err(), Silence::NoOriginator);
        assert_eq!(read("From: a@b").unwrap_err(), Silence::NoMailbox);
        assert_eq!(
            read("From: a@b\r\nTo: boss@example.com").unwrap_err(),
            Silence::NoMailbox,
            "To is anybody's"
        );
        let letter = read(&format!("X-Original-To: second@names.example.com\r\n{FROM_TO}")).unwrap();
        assert_eq!(letter.mailbox.as_str(), "second@names.example.com");
    }

    #[test]
    fn of_what_mail_servers_wrote_the_topmost_counts_as_a_question_may_bring_its_own() {
        let forged = "Delivered-To: cnrp@names.example.com\r\nX-Original-To: boss@example.com\r\nFrom: a@b";
        assert_eq!(read(forged).unwrap().mailbox.as_str(), "cnrp@names.example.com");
        let delivered = delivered_to(format!("{forged}\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(delivered.as_str(), "cnrp@names.example.com");
    }

    #[test]
    fn a_subject_gets_re_once() {
        let subject = |text: &str| read(&format!("Subject: {text}\r\n{FROM_TO}")).unwrap().subject;
        assert_eq!(subject("Where is Boeing?"), "Re: Where is Boeing?");
        assert_eq!(subject("RE: again"), "RE: again");
        assert_eq!(subject("=?iso-8859-1?Q?caf=E9?="), "Re: café");
        assert_eq!(subject(""), "Re: CNRP");
        assert_eq!(subject(&"x".repeat(900)).len(), 204);
    }

    #[test]
    fn a_reply_refers_to_what_led_to_it() {
        let references = |headers: &str| read(&format!("{headers}\r\n{FROM_TO}")).unwrap().references;
        assert_eq!(references("References: <a@b>\r\n <c@d>\r\nIn-Reply-To: <e@f>"), ["a@b", "c@d"]);
        assert_eq!(references("In-Reply-To: <e@f>"), ["e@f"]);
        let many: String = (0..100).map(|n| format!(" <{n}@x>")).collect();
        assert_eq!(references(&format!("References:{many}")).first().unwrap(), "80@x");
    }
}

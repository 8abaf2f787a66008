//! CNRP by mail (RFC 3367 section 7.2, R21): a message in, the message that answers it out.
//!
//! [`answer`] is all there is to it, for the listener as for the filter `cnrp mail`; who carries
//! messages, and by which protocol, is not known here. A message passes four steps. `entity` takes
//! headers and body apart and undoes what was done to the bytes for the journey. `letter` reads
//! off the headers who wants the answer, and whether it may have one: mail that a program sent of
//! itself gets none, or two programs would answer each other for ever (RFC 3834). `question` finds
//! the document among the parts. Behind the door, `reply` writes what came of it.
//!
//! Everything is bounded: see [`longest`], and the limits in `question` and `reply`.

mod entity;
mod letter;
mod question;
mod reply;

#[cfg(test)]
mod tests;

use std::{fmt, net::IpAddr, time::SystemTime};

use bytes::Bytes;

use crate::{
    gateway::{Context, Door, Transport},
    model::{Answer, MailAddress, MailPattern, Status, StatusCode, Via},
    protocol,
};

use letter::Letter;
pub use letter::delivered_to;
use question::Question;

/// A message that came in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The whole of it, headers and body, with line ends of either kind.
    pub message: &'a [u8],
    /// The envelope sender, where whoever carried it told. Otherwise it is looked for in the
    /// message: in `Return-Path`, where the last to carry it wrote it, or else in `From`.
    pub sender: Option<&'a MailAddress>,
    /// Who brought it.
    pub peer: IpAddr,
}

/// Where mail is answered.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The mailbox that answers come from. Without one it is the address that the message was
    /// delivered to, as a mail server wrote it into the message (`X-Original-To`, `Delivered-To`).
    pub mailbox: Option<&'a MailAddress>,
    /// Whose questions are answered; `None` for everybody's.
    pub allow: Option<&'a [MailPattern]>,
    /// The longest document, in bytes.
    pub request_size: usize,
    pub door: &'a dyn Door,
}

/// What sets one reply apart from all others.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// When it is written.
    pub at: SystemTime,
    /// A number that no other reply of that second has.
    pub unique: u64,
}

/// A reply, to be sent with a null return path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The originator of the question.
    pub to: MailAddress,
    /// The message, with line ends of CR and LF.
    pub message: Vec<u8>,
}

/// Why a message gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It has no originator to whom anything could be sent: a bounce has a null return path.
    NoOriginator,
    /// A program sent it of itself (`Auto-Submitted`, RFC 3834).
    Automatic,
    /// Its originator is a mail system, a list, or nobody (RFC 3834 section 2).
    NoPerson,
    /// Its originator is none of those who may ask.
    Stranger,
    /// It came through a mailing list (`List-Id`).
    List,
    /// It went to many (`Precedence: bulk`, `junk` or `list`).
    Bulk,
    /// It is from the mailbox that it would be answered from.
    FromOurselves,
    /// It holds an answer, not a question.
    Answer,
    /// No mail server wrote to which mailbox it was delivered, and no other is known to answer from.
    NoMailbox,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoOriginator => "it has no originator",
            Self::Automatic => "a program sent it of itself",
            Self::NoPerson => "its originator is a mail system, a list, or nobody",
            Self::Stranger => "its originator may not ask here",
            Self::List => "it came through a mailing list",
            Self::Bulk => "it went to many",
            Self::FromOurselves => "it came from the mailbox that answers",
            Self::Answer => "it holds an answer, not a question",
            Self::NoMailbox => {
                "it does not say to which mailbox it was delivered (Delivered-To), and no other is known"
            }
        })
    }
}

/// The longest message that a document of `request_size` bytes may come in: quoted-printable
/// makes three bytes of one, and beside it there are headers and what a mail client adds. Of a
/// longer one its beginning is enough to be told so.
pub const fn longest(request_size: usize) -> usize {
    request_size.saturating_mul(3).saturating_add(256 * 1024)
}

/// Answers a message. A message without a document, or with one that is too long, is answered
/// with the status that says so (D13).
///
/// # Errors
/// The reason why this message deserves no answer.
pub async fn answer(incoming: Incoming<'_>, desk: Desk<'_>, stamp: Stamp) -> Result<Reply, Silence> {
    let letter = Letter::read(incoming.message, incoming.sender, desk.mailbox)?;
    let may_ask = |pattern: &MailPattern| pattern.holds(&letter.originator);
    if desk.allow.is_some_and(|allow| !allow.iter().any(may_ask)) {
        return Err(Silence::Stranger);
    }
    let document = match question::find(incoming.message, desk.request_size) {
        Ok(question) => ask(question, incoming.peer, desk.door).await?,
        Err(missing) => fatal(missing.to_string()),
    };
    Ok(reply::write(&letter, &document, stamp))
}

async fn ask(question: Question<'_>, client: IpAddr, door: &dyn Door) -> Result<Bytes, Silence> {
    let Question { document, charset, trimmed } = question;
    let context = Context { transport: Transport::Smtp, client, charset, trimmed, via: Via::default() };
    let reply = door.answer(&document, &context).await;
    // Another service's answer is not understood, and telling it so would be answered in turn.
    let is_answer =
        || contains(&document, b"<results") || protocol::is_answer(&document, context.charset.as_deref());
    if !reply.understood && is_answer() {
        return Err(Silence::Answer);
    }
    Ok(reply.document)
}

fn contains(document: &[u8], word: &[u8]) -> bool {
    document.windows(word.len()).any(|window| window == word)
}

fn fatal(message: String) -> Bytes {
    let status = Status::new(StatusCode::NOT_INTERPRETABLE, message);
    protocol::encode_answer(&Answer::fatal(status), true).into()
}

//! One conversation of SMTP (RFC 5321) without its socket: bytes in, what to say and what to
//! deliver out. So it can be tested and fuzzed as a function.
//!
//! It takes mail for one mailbox from few senders, so it knows few commands. What it does not
//! forgive is anything that another server could read otherwise: lines end with CR and LF, and
//! data with a dot on such a line, or the conversation is over. That is what smuggling a second
//! message inside a first one lives on.
//!
//! STARTTLS (RFC 3207) ends a session: what was said before it in the clear, anybody between may
//! have said, so nothing of it goes over into the one that begins inside TLS.

use std::borrow::Cow;

use bytes::BytesMut;
use smtp_proto::{Error, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MailFrom, RcptTo, Request};

use super::data::{Data, Progress};
use crate::model::{MailAddress, MailPattern};

/// Whose mail is taken, and how much of it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The one recipient.
    pub mailbox: MailAddress,
    /// Envelope senders that are heard.
    pub allow: Vec<MailPattern>,
    /// The most bytes of a message.
    pub longest: usize,
}

/// Whether a conversation is held inside TLS, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// There is no certificate, so there is no STARTTLS.
    Unavailable,
    /// STARTTLS is offered.
    Offered,
    /// It is held inside TLS.
    Established,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Say this.
    Say(Cow<'static, str>),
    /// Say this and hang up.
    Close(&'static str),
    /// Say this, throw away all that was read beyond it, and shake hands. This session is over;
    /// another one begins inside TLS.
    StartTls(&'static str),
    /// Deliver this, and then say what became of it.
    Deliver(Delivery),
}

/// A message that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The envelope sender; `None` for the null one of a bounce.
    pub sender: Option<MailAddress>,
    pub message: Vec<u8>,
}

/// The longest command, its line end included: twice what RFC 5321 section 4.5.3.1.4 asks for, so
/// that parameters have room.
const LONGEST_COMMAND: usize = 1024;

/// The most commands of one conversation: some thirty questions.
const MOST_COMMANDS: usize = 100;

/// The most commands that make no sense. A browser that was made to post here is sent away within
/// its own headers.
const MOST_MISTAKES: usize = 5;

/// A command without parameters (RFC 3207 section 4).
const STARTTLS: &str = "STARTTLS";

/// One conversation, or what of it comes before STARTTLS.
pub struct Session<'r> {
    rules: &'r Rules,
    security: Security,
    stage: Stage,
    commands: usize,
    mistakes: usize,
}

/// How far it has come.
enum Stage {
    /// Nobody has said hello.
    Strange,
    Greeted,
    Sender(Option<MailAddress>),
    Recipient(Option<MailAddress>),
    Data(Option<MailAddress>, Data),
    Over,
}

impl<'r> Session<'r> {
    /// A conversation that begins.
    pub fn new(rules: &'r Rules, security: Security) -> Self {
        Self { rules, security, stage: Stage::Strange, commands: 0, mistakes: 0 }
    }

    /// What is said first: inside TLS nothing, since the client begins again (RFC 3207 section 4.2).
    pub fn greeting(&self) -> String {
        match self.security {
            Security::Established => String::new(),
            _ => format!("220 {} ESMTP CNRP\r\n", self.rules.mailbox.domain()),
        }
    }

    /// Whether a message is being sent.
    pub fn is_in_data(&self) -> bool {
        matches!(self.stage, Stage::Data(..))
    }

    /// Takes from `input` what one step needs. `None` if that is not there yet.
    pub fn next(&mut self, input: &mut BytesMut) -> Option<Step> {
        let step = match &mut self.stage {
            Stage::Data(_, data) => {
                let progress = data.take(input)?;
                self.end_data(progress)
            }
            Stage::Over => return None,
            _ => self.command(input)?,
        };
        if matches!(step, Step::Close(_) | Step::StartTls(_)) {
            self.stage = Stage::Over;
        }
        Some(step)
    }

    fn end_data(&mut self, progress: Progress) -> Step {
        let Stage::Data(sender, data) = std::mem::replace(&mut self.stage, Stage::Greeted) else {
            return Step::Close("421 4.3.0 lost the thread\r\n");
        };
        match progress {
            Progress::Whole => Step::Deliver(Delivery { sender, message: data.into_message() }),
            Progress::TooLong => say("552 5.3.4 the message is too long\r\n"),
            Progress::BareLineEnd => Step::Close("550 5.6.0 lines of a message end with CR and LF\r\n"),
        }
    }

    fn command(&mut self, input: &mut BytesMut) -> Option<Step> {
        let Some(end) = input.iter().take(LONGEST_COMMAND).position(|byte| *byte == b'\n') else {
            let is_long = input.len() >= LONGEST_COMMAND;
            return is_long.then_some(Step::Close("500 5.5.6 the line is too long\r\n"));
        };
        let line = input.split_to(end + 1);
        self.commands += 1;
        if self.commands > MOST_COMMANDS {
            return Some(Step::Close("421 4.7.0 that is enough for one conversation\r\n"));
        }
        let Some(text) = line.strip_suffix(b"\r\n").filter(|text| !text.contains(&b'\r')) else {
            return Some(Step::Close("500 5.5.2 lines end with CR and LF\r\n"));
        };
        if text.iter().any(|byte| !(0x20..0x7f).contains(byte)) {
            return Some(self.mistake("500 5.5.2 commands are printable ASCII\r\n".into()));
        }
        Some(match Request::parse(&mut line.iter()) {
            // The parser skips what follows it.
            Ok(Request::StartTls) => self.start_tls(text.trim_ascii_end().len() > STARTTLS.len()),
            Ok(request) => self.obey(request),
            Err(error) => self.mistake(complaint(&error)),
        })
    }

    fn obey(&mut self, request: Request<Cow<'_, str>>) -> Step {
        match request {
            Request::Ehlo { .. } => self.hello(true),
            Request::Helo { .. } => self.hello(false),
            Request::Mail { from } => self.mail(&from),
            Request::Rcpt { to } => self.rcpt(&to),
            Request::Data => self.data(),
            Request::Rset => {
                if !matches!(self.stage, Stage::Strange) {
                    self.stage = Stage::Greeted;
                }
                say("250 2.0.0 as if nothing had been said\r\n")
            }
            Request::Noop { .. } => say("250 2.0.0 yes\r\n"),
            Request::Quit => Step::Close("221 2.0.0 goodbye\r\n"),
            // Who is behind an address is nobody's business (RFC 5321 section 7.3).
            Request::Vrfy { .. } | Request::Expn { .. } => {
                self.mistake("502 5.5.1 addresses are not told; send to the mailbox\r\n".into())
            }
            _ => self.unknown(),
        }
    }

    fn unknown(&mut self) -> Step {
        self.mistake("502 5.5.1 this command is not known here\r\n".into())
    }

    fn hello(&mut self, is_extended: bool) -> Step {
        self.stage = Stage::Greeted;
        let name = self.rules.mailbox.domain();
        if !is_extended {
            return Step::Say(format!("250 {name}\r\n").into());
        }
        let tls = if self.security == Security::Offered { "250-STARTTLS\r\n" } else { "" };
        let size = self.rules.longest;
        Step::Say(
            format!(
                "250-{name}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n{tls}250 SIZE {size}\r\n"
            )
            .into(),
        )
    }

    fn start_tls(&mut self, has_parameters: bool) -> Step {
        match (self.security, &self.stage) {
            (Security::Unavailable, _) => self.unknown(),
            (Security::Established, _) => self.mistake("503 5.5.1 this is inside TLS already\r\n".into()),
            (Security::Offered, _) if has_parameters => {
                self.mistake("501 5.5.4 expected STARTTLS alone\r\n".into())
            }
            (Security::Offered, Stage::Strange) => self.mistake("503 5.5.1 say EHLO first\r\n".into()),
            (Security::Offered, _) => Step::StartTls("220 2.0.0 shake hands\r\n"),
        }
    }

    fn mail(&mut self, from: &MailFrom<Cow<'_, str>>) -> Step {
        match self.stage {
            Stage::Greeted => {}
            Stage::Strange => return self.mistake("503 5.5.1 say EHLO first\r\n".into()),
            _ => return self.mistake("503 5.5.1 there is a sender already\r\n".into()),
        }
        if from.flags & !(MAIL_BODY_7BIT | MAIL_BODY_8BITMIME) != 0 {
            return self.mistake("555 5.5.4 expected no parameters but SIZE and BODY\r\n".into());
        }
        if from.size > self.rules.longest {
            return say("552 5.3.4 the message is too long\r\n");
        }
        let sender = MailAddress::parse(&from.address);
        match &sender {
            None if !from.address.is_empty() => {
                return say("553 5.1.7 expected an address in ASCII, without quotes\r\n");
            }
            Some(sender) if !self.rules.allow.iter().any(|pattern| pattern.holds(sender)) => {
                return say("550 5.7.1 this sender may not ask here\r\n");
            }
            _ => {}
        }
        self.stage = Stage::Sender(sender);
        say("250 2.1.0 go on\r\n")
    }

    fn rcpt(&mut self, to: &RcptTo<Cow<'_, str>>) -> Step {
        let sender = match &mut self.stage {
            Stage::Sender(sender) => sender,
            Stage::Recipient(_) => return say("452 4.5.3 one recipient is enough\r\n"),
            _ => return self.mistake("503 5.5.1 say MAIL first\r\n".into()),
        };
        if !MailAddress::parse(&to.address).is_some_and(|address| address.is(&self.rules.mailbox)) {
            return say("550 5.1.1 there is no such mailbox\r\n");
        }
        self.stage = Stage::Recipient(sender.take());
        say("250 2.1.5 go on\r\n")
    }

    fn data(&mut self) -> Step {
        match &mut self.stage {
            Stage::Recipient(sender) => {
                self.stage = Stage::Data(sender.take(), Data::up_to(self.rules.longest));
                say("354 end with a dot on a line of its own\r\n")
            }
            Stage::Sender(_) => self.mistake("554 5.5.1 there is no recipient\r\n".into()),
            _ => self.mistake("503 5.5.1 say MAIL and RCPT first\r\n".into()),
        }
    }

    fn mistake(&mut self, reply: Cow<'static, str>) -> Step {
        self.mistakes += 1;
        if self.mistakes > MOST_MISTAKES {
            return Step::Close("421 4.7.0 that made no sense too often\r\n");
        }
        Step::Say(reply)
    }
}

fn say(reply: &'static str) -> Step {
    Step::Say(reply.into())
}

/// What is said to a command that can't be read.
fn complaint(error: &Error) -> Cow<'static, str> {
    match error {
        Error::InvalidSenderAddress => "501 5.1.7 this is no address of a sender\r\n".into(),
        Error::InvalidRecipientAddress => "501 5.1.3 this is no address of a recipient\r\n".into(),
        Error::SyntaxError { syntax } => format!("501 5.5.4 expected {syntax}\r\n").into(),
        Error::InvalidParameter { param } => format!("501 5.5.4 {param} has no such value\r\n").into(),
        Error::UnsupportedParameter { .. } => "555 5.5.4 expected no parameters but SIZE and BODY\r\n".into(),
        _ => "500 5.5.1 this command is not known here\r\n".into(),
    }
}

//! `cnrp mail`: answers a message that a mail server pipes in (RFC 3367 section 7.2).

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;

use super::terminal::{note, notes, print_bytes, remark};
use super::{Exit, run_to_end};
use crate::app::{self, Failure};
use crate::mail::Silence;
use crate::model::MailAddress;

/// Arguments of `cnrp mail`.
#[derive(Debug, Clone, Args)]
pub struct MailArgs {
    /// The mailbox that answers come from; by default that of listen.smtp, or else the one that a mail
    /// server wrote into the message (Delivered-To, X-Original-To)
    #[arg(long, value_name = "ADDRESS", value_parser = mailbox)]
    mailbox: Option<MailAddress>,

    /// The configuration to answer with; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Reads a message, and writes the one that answers it, with the line ends of this system. Nothing
/// is written where the message deserves no answer, and stderr is told why.
pub(super) fn run(args: &MailArgs) -> Result<Exit, Failure> {
    let mut loaded = app::load(args.config.as_deref())?;
    notes(&loaded.warnings());
    note(loaded.join_state().as_deref());
    let message = read(io::stdin().lock(), app::longest_mail(&loaded))
        .map_err(|error| Failure::Service(format!("the message could not be read: {error}")))?;
    let reply = run_to_end(false, app::answer_mail(loaded, &message, args.mailbox.as_ref()))?;
    match reply {
        Ok(reply) => print_bytes(&without_cr(reply))
            .map_err(|error| Failure::Service(format!("the answer could not be written: {error}")))?,
        // Every message would get none: that is for the operator to mend, and the mail server to keep.
        Err(silence @ Silence::NoMailbox) => {
            return Err(Failure::Usage(format!("no answer: {silence}; expected --mailbox or listen.smtp")));
        }
        Err(silence) => remark(&format!("no answer: {silence}\n")),
    }
    Ok(Exit::Done)
}

fn mailbox(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse(text).ok_or_else(|| "expected an address such as cnrp@names.example.com".into())
}

/// The message, or one byte more of it than there may be. The rest is read all the same: a mail
/// server that can't write it all may take that for a failure.
fn read(mut input: impl Read, longest: usize) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let limit = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    input.by_ref().take(limit).read_to_end(&mut message)?;
    io::copy(&mut input, &mut io::sink())?;
    Ok(message)
}

fn without_cr(mut message: Vec<u8>) -> Vec<u8> {
    message.retain(|byte| *byte != b'\r');
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_of_a_message_than_shows_that_it_is_too_long() {
        let mut rest = &b"1234567"[..];
        assert_eq!(read(&mut rest, 5).unwrap(), b"123456");
        assert!(rest.is_empty(), "it was read to its end");
    }
}

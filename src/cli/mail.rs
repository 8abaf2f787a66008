//! `cnrp mail`: answers a message that a mail server pipes in (RFC 3367 section 7.2).

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;

use super::terminal::print_bytes;
use super::{Exit, runtime};
use crate::app::{self, Failure};
use crate::model::MailAddress;

/// Arguments of `cnrp mail`.
#[derive(Debug, Clone, Args)]
pub struct MailArgs {
    /// The mailbox that answers come from; by default that of listen.smtp, or else the one that the
    /// message was sent to
    #[arg(long, value_name = "ADDRESS", value_parser = mailbox)]
    mailbox: Option<MailAddress>,

    /// The configuration to answer with; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Reads a message, and writes the one that answers it, with the line ends of this system. Nothing
/// is written where the message deserves no answer.
pub(super) fn run(args: &MailArgs) -> Result<Exit, Failure> {
    let loaded = app::load(args.config.as_deref())?;
    let message = read(io::stdin().lock(), app::longest_mail(&loaded))?;
    let reply = runtime(false)?.block_on(app::answer_mail(loaded, &message, args.mailbox.as_ref()));
    if let Some(reply) = reply {
        print_bytes(&without_cr(reply))
            .map_err(|error| Failure::Service(format!("the answer could not be written: {error}")))?;
    }
    Ok(Exit::Done)
}

fn mailbox(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse(text).ok_or_else(|| "expected an address such as cnrp@names.example.com".into())
}

fn read(input: impl Read, longest: usize) -> Result<Vec<u8>, Failure> {
    let mut message = Vec::new();
    let limit = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    input
        .take(limit)
        .read_to_end(&mut message)
        .map_err(|error| Failure::Service(format!("the message could not be read: {error}")))?;
    if message.len() > longest {
        return Err(Failure::Service(format!("the message has more than {longest} bytes")));
    }
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
    fn a_message_is_read_up_to_its_limit() {
        assert_eq!(read(&b"12345"[..], 5).unwrap(), b"12345");
        assert_eq!(read(&b"123456"[..], 5).unwrap_err().to_string(), "the message has more than 5 bytes");
    }
}

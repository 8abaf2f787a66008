//! Mailboxes, and patterns of whose mail is taken.

use super::written::{Written, written};
use crate::model::{MailAddress, MailPattern};

/// An address of mail, `cnrp@names.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox(pub MailAddress);

impl Written for Mailbox {
    const NAME: &'static str = "Mailbox";
    const EXPECTED: &'static str = "an address of mail such as \"cnrp@names.example.com\"";
    const PATTERN: &'static str = "^[^@\\s<>]+@[^@\\s<>]+$";

    fn read(text: &str) -> Option<Self> {
        MailAddress::parse(text).map(Self)
    }
}

written!(Mailbox);

impl From<Mailbox> for MailAddress {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.0
    }
}

/// Addresses of mail, in which `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Senders(pub MailPattern);

impl Written for Senders {
    const NAME: &'static str = "Senders";
    const EXPECTED: &'static str = "a pattern of addresses of mail such as \"*@example.com\"";
    const PATTERN: &'static str = "^(\\*|[^@\\s<>]+@[^@\\s<>]+)$";

    fn read(text: &str) -> Option<Self> {
        MailPattern::parse(text).map(Self)
    }
}

written!(Senders);

impl From<Senders> for MailPattern {
    fn from(senders: Senders) -> Self {
        senders.0
    }
}

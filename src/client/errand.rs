//! An errand: a question on its way to one service, and what its answer is for.

use bytes::Bytes;

use super::Endpoint;
use crate::{
    model::{Answer, Question, Referral},
    protocol,
};

/// A question sent as a datagram is filled up to this, as its answer may be no longer (D23).
const DATAGRAM: usize = 1200;

/// One question to be sent to one place.
#[derive(Debug, Clone)]
pub struct Errand {
    pub to: Endpoint,
    pub question: Question,
    /// How many referrals lead here; 0 is the service asked first.
    pub hop: usize,
    /// Whether it goes to the very place that whoever asks has named.
    pub is_named: bool,
    pub(super) purpose: Purpose,
    /// The datasets in the question.
    pub(super) datasets: Vec<String>,
    /// Whether all of the range is wanted, in however many parts it comes.
    pub(super) is_counted: bool,
    /// The parts that have come.
    pub(super) held: Option<Box<Answer>>,
}

/// What an errand is for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// The first service's answer.
    First,
    /// The whole of it, as a datagram held a part only (D23).
    Whole(Box<Cut>),
    /// How many results it has before the range, as it has none in it.
    Before(Box<Answer>),
    /// What lies behind a referral.
    Referral(Box<Referral>),
}

/// An answer that was cut, and where else the whole may be had.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub answer: Answer,
    pub others: Vec<Endpoint>,
}

impl Errand {
    /// The document to send.
    pub fn document(&self) -> Bytes {
        let document = protocol::encode_question(&self.question);
        if self.to.is_datagram() { padded(document).into() } else { document.into() }
    }
}

/// A document as a datagram carries it: filled up with spaces, which mean nothing after it.
pub(super) fn padded(mut document: Vec<u8>) -> Vec<u8> {
    document.resize(document.len().max(DATAGRAM), b' ');
    document
}

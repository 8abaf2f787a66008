//! An inquiry: one question, asked of a service and, by its referrals, of others.
//!
//! It is a state machine without I/O. [`Inquiry::errands`] says what is to be sent where;
//! [`Inquiry::take`] is told what came back; when there are no more errands, [`Inquiry::finish`]
//! gives the answer. So any transport can carry it, and it can be tested, and fuzzed, by value.
//!
//! It always ends: a referral is followed at most [`MOST_HOPS`] deep, at most [`MOST_ASKED`]
//! questions are sent, and no service is asked twice for one dataset (R17).

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::{
    Endpoint, Error,
    gathered::{Gathered, drop_unusable, referral_to},
    visited::Visited,
};
use crate::{
    model::{Answer, Failure, Property, Question, Reason, Referral, Service, Target},
    protocol::{self, vocabulary as v},
};

/// How far from the first service a referral is followed.
pub const MOST_HOPS: usize = 4;
/// The most questions that one inquiry sends: a service that refers to a thousand others is no reason
/// to ask them all.
pub const MOST_ASKED: usize = 16;
/// The most referrals of one answer that are looked at; nobody means more.
const MOST_REFERRALS: usize = 1000;
/// A question sent as a datagram is filled up to this, as its answer may be no longer (D23).
const DATAGRAM: usize = 1200;

/// What becomes of referrals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referrals {
    /// They are part of the answer.
    Leave,
    /// The services that they name are asked as well.
    Follow,
}

/// One question to be sent to one place.
#[derive(Debug, Clone)]
pub struct Errand {
    pub to: Endpoint,
    pub question: Question,
    /// How many referrals lead here; 0 is the service asked first.
    pub hop: usize,
    /// What led here, if something did.
    referral: Option<Referral>,
    /// The datasets in the question.
    datasets: Vec<String>,
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

/// The state of an inquiry.
#[derive(Debug)]
pub struct Inquiry {
    question: Question,
    referrals: Referrals,
    visited: Visited,
    /// Where services say that they are reached, by serviceuri, as an answer may name a service
    /// again without that. Whoever says it first is believed.
    reached: HashMap<String, Arc<Service>>,
    ready: Vec<Errand>,
    sent: usize,
    gathered: Gathered,
    failure: Option<Error>,
}

impl Inquiry {
    /// An inquiry that begins by asking the service at `first`.
    pub fn at(first: Endpoint, question: Question, referrals: Referrals) -> Self {
        let mut inquiry = Self::new(question, referrals);
        let datasets = datasets_of(&inquiry.question);
        inquiry.mark(first.uri(), &datasets);
        let question = inquiry.question.clone();
        inquiry.ready.push(Errand { to: first, question, hop: 0, referral: None, datasets });
        inquiry
    }

    /// An inquiry whose first service has answered already: it only has referrals to follow.
    pub fn from_answer(answer: Answer, question: Question, referrals: Referrals) -> Self {
        let mut inquiry = Self::new(question, referrals);
        let datasets = datasets_of(&inquiry.question);
        inquiry.first_answered(answer, &datasets, None);
        inquiry
    }

    fn new(question: Question, referrals: Referrals) -> Self {
        Self {
            question,
            referrals,
            visited: Visited::default(),
            reached: HashMap::new(),
            ready: Vec::new(),
            sent: 0,
            gathered: Gathered::default(),
            failure: None,
        }
    }

    /// The errands that can be run now, side by side. None, once all that were given out are
    /// answered: the inquiry is over.
    pub fn errands(&mut self) -> Vec<Errand> {
        let errands = std::mem::take(&mut self.ready);
        self.sent += errands.len();
        errands
    }

    /// Takes what came of an errand.
    pub fn take(&mut self, errand: &Errand, mut reply: Result<Answer, Error>) {
        reply.iter_mut().for_each(drop_unusable);
        match (&errand.referral, reply) {
            (None, Ok(answer)) => self.first_answered(answer, &errand.datasets, Some(&errand.to)),
            (None, Err(error)) => self.failure = Some(error),
            (Some(referral), Ok(mut answer)) => {
                let referrals = std::mem::take(&mut answer.referrals);
                self.learn(&answer, &errand.datasets, Some(&errand.to), errand.hop);
                self.gathered.followed(referral, answer);
                self.consider(referrals, errand.hop);
            }
            (Some(referral), Err(error)) => self.gathered.failed(referral, &error),
        }
    }

    /// The answer: the first service's, with what the others added.
    ///
    /// # Errors
    /// The first service gave none.
    pub fn finish(self) -> Result<Answer, Error> {
        let silent = || Error::Unreached(Failure::new(Reason::TimedOut, "it was never asked"));
        let failure = self.failure;
        let most = protocol::read_properties(&self.question.properties).range.length;
        self.gathered.answer(most).ok_or_else(|| failure.unwrap_or_else(silent))
    }

    fn first_answered(&mut self, mut answer: Answer, asked: &[String], at: Option<&Endpoint>) {
        let referrals = std::mem::take(&mut answer.referrals);
        self.learn(&answer, asked, at, 0);
        self.gathered.first(answer);
        self.consider(referrals, 0);
    }

    /// Learns from an answer what has been visited, and where services are reached. What the service
    /// did not look at (3.1.4) is asked for by itself.
    fn learn(&mut self, answer: &Answer, asked: &[String], at: Option<&Endpoint>, hop: usize) {
        let Some(service) = &answer.service else { return };
        let named = answer.results.iter().map(|result| &result.service);
        for known in named.chain([service]).filter(|known| !known.servers.is_empty()) {
            self.reached.entry(known.uri.clone()).or_insert_with(|| Arc::clone(known));
        }
        let unseen = self.visited.learn(&service.uri, asked, answer);
        let Some(at) = at.filter(|_| self.referrals == Referrals::Follow) else { return };
        for dataset in unseen {
            self.visited.mark(&service.uri, Some(dataset));
            if self.may_send() {
                self.send(at.clone(), referral_to(service, dataset), hop);
            }
        }
    }

    /// Decides about each referral of an answer from `hop` referrals away.
    fn consider(&mut self, referrals: Vec<Referral>, hop: usize) {
        // An id means something to the service that gave it, and to no other.
        let follows = self.referrals == Referrals::Follow && matches!(self.question.target, Target::Name(_));
        for referral in referrals.into_iter().take(MOST_REFERRALS) {
            let dataset = referral.dataset.as_deref();
            if follows && self.visited.contains(&referral.service.uri, dataset) {
                continue;
            }
            match self.place_of(&referral).filter(|_| follows && hop < MOST_HOPS && self.may_send()) {
                Some(to) => {
                    // The same question in the same place has the same answer, whatever it is called.
                    let is_asked = self.visited.contains(to.uri(), dataset);
                    self.visited.mark(&referral.service.uri, dataset);
                    self.visited.mark(to.uri(), dataset);
                    if !is_asked {
                        self.send(to, referral, hop + 1);
                    }
                }
                None => self.gathered.left(referral),
            }
        }
    }

    fn may_send(&self) -> bool {
        self.sent + self.ready.len() < MOST_ASKED
    }

    fn send(&mut self, to: Endpoint, referral: Referral, hop: usize) {
        let others = self.question.properties.iter().filter(|property| !property.is(v::DATASETURI));
        let dataset = referral.dataset.as_ref().map(|uri| Property::new(v::DATASETURI, v::URI, uri));
        let properties = others.cloned().chain(dataset).collect();
        let question = Question { target: self.question.target.clone(), properties };
        let datasets = referral.dataset.iter().cloned().collect();
        self.ready.push(Errand { to, question, hop, referral: Some(referral), datasets });
    }

    fn place_of(&self, referral: &Referral) -> Option<Endpoint> {
        let dataset = referral.dataset.as_deref();
        let known = self.reached.get(&referral.service.uri).filter(|_| referral.service.servers.is_empty());
        Endpoint::of_service(known.unwrap_or(&referral.service), dataset)
    }

    fn mark(&mut self, service: &str, datasets: &[String]) {
        if datasets.is_empty() {
            self.visited.mark(service, None);
        }
        for dataset in datasets {
            self.visited.mark(service, Some(dataset));
        }
    }
}

/// The dataseturis in a question, in order. `*` names none: it is the default dataset.
fn datasets_of(question: &Question) -> Vec<String> {
    let named = question.properties.iter().filter(|property| property.is(v::DATASETURI));
    named.map(|property| property.value.trim().to_owned()).filter(|uri| uri != v::ANY).collect()
}

#[cfg(test)]
mod tests;

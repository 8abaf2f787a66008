//! An inquiry: one question, asked of a service and, by its referrals, of others.
//!
//! It is a state machine without I/O. [`Inquiry::errands`] says what is to be sent where;
//! [`Inquiry::take`] is told what came back; when there are no more errands, [`Inquiry::finish`]
//! gives the answer. So any transport can carry it, and it can be tested, and fuzzed, by value.
//!
//! It always ends: a referral is followed at most [`MOST_HOPS`] deep, at most [`MOST_ASKED`]
//! questions are sent and [`MOST_PARTS`] for the rest of long lists, and no service is asked twice
//! for one dataset (R17).

use std::{collections::HashMap, sync::Arc};

use super::{
    Endpoint, Error,
    errand::{Cut, Errand, Purpose},
    gathered::{Gathered, drop_unusable, referral_to},
    parts,
    reasons::why_not,
    visited::Visited,
    whole,
    window::{Window, before_range},
};
use crate::{
    model::{
        Answer, Failure, Property, Question, Reason, Referral, ResultItem, Service, Status, StatusCode,
        Target, normal_uri,
    },
    protocol::vocabulary as v,
};

/// How far from the first service a referral is followed.
pub const MOST_HOPS: usize = 4;
/// The most questions that one inquiry sends: a service that refers to a thousand others is no reason
/// to ask them all.
pub const MOST_ASKED: usize = 16;
/// The most further parts of lists that one inquiry asks for.
const MOST_PARTS: usize = 16;
/// The most referrals of one answer that are looked at; nobody means more.
const MOST_REFERRALS: usize = 1000;
/// What becomes of referrals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referrals {
    /// They are part of the answer.
    Leave,
    /// The services that they name are asked as well.
    Follow,
}

/// The state of an inquiry.
#[derive(Debug)]
pub struct Inquiry {
    question: Question,
    window: Window,
    /// The place that whoever asks has named, if an answer is not in hand already.
    named: Option<Endpoint>,
    referrals: Referrals,
    visited: Visited,
    /// Where services say that they are reached, by serviceuri, as an answer may name a service
    /// again without that. Whoever says it first is believed.
    reached: HashMap<String, Arc<Service>>,
    ready: Vec<Errand>,
    sent: usize,
    /// How many of those asked for a further part of a list.
    parts: usize,
    /// Whether all of the range is wanted from each service.
    in_parts: bool,
    gathered: Gathered,
    failure: Option<Error>,
}

impl Inquiry {
    /// An inquiry that begins by asking the service at `first`.
    pub fn at(first: Endpoint, question: Question, referrals: Referrals) -> Self {
        let mut inquiry = Self { named: Some(first.clone()), ..Self::new(question, referrals) };
        inquiry.mark(first.uri(), &datasets_of(&inquiry.question));
        inquiry.ask_first(first, inquiry.question.clone(), Purpose::First);
        inquiry
    }

    /// An inquiry whose first service has answered already: it only has referrals to follow. `before` are
    /// its results before the range (see [`before_range`]), where it has none in it.
    pub fn from_answer(
        answer: Answer,
        before: Vec<ResultItem>,
        question: Question,
        referrals: Referrals,
    ) -> Self {
        let mut inquiry = Self::new(question, referrals);
        if inquiry.window.is_past(answer.results.len()) {
            inquiry.begin_after(before);
        }
        inquiry.first_answered(answer, None);
        inquiry
    }

    /// The same inquiry, which wants all of its range from each service, however few results that one gives
    /// at once.
    pub fn in_parts(mut self) -> Self {
        self.ready.iter_mut().for_each(|errand| errand.is_counted = true);
        Self { in_parts: true, ..self }
    }

    fn new(question: Question, referrals: Referrals) -> Self {
        Self {
            window: Window::of(&question),
            named: None,
            question,
            referrals,
            visited: Visited::default(),
            reached: HashMap::new(),
            ready: Vec::new(),
            sent: 0,
            parts: 0,
            in_parts: false,
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
    pub fn take(&mut self, errand: &Errand, reply: Result<Answer, Error>) {
        // Before anything is dropped here: that was no lack of room, and a second answer would have it too.
        let is_cut = errand.to.is_datagram() && reply.as_ref().is_ok_and(whole::is_cut);
        let Some(mut reply) = self.read_on(errand, reply) else { return };
        reply.iter_mut().for_each(drop_unusable);
        match (&errand.purpose, reply) {
            (Purpose::First, Ok(answer)) if is_cut => {
                let others = whole::places(&errand.to, &answer);
                self.ask_for_the_whole(Cut { answer, others }, &errand.to);
            }
            (Purpose::First, Ok(answer)) => self.consider_before(answer, &errand.to),
            (Purpose::Whole(_), Ok(answer)) if answer.failure().is_none() => {
                self.consider_before(answer, &errand.to);
            }
            (Purpose::Whole(cut), reply) => self.whole_failed((**cut).clone(), &errand.to, reply),
            (Purpose::Before(answer), Ok(before)) if before.failure().is_none() => {
                self.begin_after(before.results);
                self.first_answered((**answer).clone(), Some(&errand.to));
            }
            (Purpose::Before(answer), reply) => self.before_failed((**answer).clone(), reply),
            (Purpose::Referral(referral), Ok(mut answer)) => {
                let referrals = std::mem::take(&mut answer.referrals);
                self.learn(&answer, &errand.datasets, Some(&errand.to), errand.hop);
                self.gathered.followed(referral, answer);
                self.consider(referrals, errand.hop);
            }
            (Purpose::Referral(referral), Err(error)) => self.gathered.failed(referral, error),
            (Purpose::First, Err(error)) => self.failure = Some(error),
        }
    }

    /// The answer: the first service's, with what the others added.
    ///
    /// # Errors
    /// The first service gave none.
    pub fn finish(self) -> Result<Answer, Error> {
        let silent = || Error::Unreached(Failure::new(Reason::TimedOut, "it was never asked"));
        let failure = self.failure;
        self.gathered.answer(self.window).ok_or_else(|| failure.unwrap_or_else(silent))
    }

    /// What came of an errand with all its parts; `None` where a further one is asked for.
    fn read_on(&mut self, errand: &Errand, reply: Result<Answer, Error>) -> Option<Result<Answer, Error>> {
        let held = errand.held.as_deref().cloned();
        let part = match (reply, held.is_some()) {
            (Ok(part), _) if errand.is_counted && part.failure().is_none() => part,
            (reply, true) => return Some(cut_short(errand, held.unwrap_or_default(), &why_not(reply))),
            (reply, false) => return Some(reply),
        };
        let (all, next) = parts::joined(held, part, &errand.question);
        let Some(question) = next else { return Some(Ok(all)) };
        if self.parts >= MOST_PARTS {
            let why = Failure::new(Reason::TooLarge, "it has more results than are asked for");
            return Some(cut_short(errand, all, &why));
        }
        self.parts += 1;
        self.push(Errand { question, held: Some(Box::new(all)), ..errand.clone() });
        None
    }

    fn ask_first(&mut self, to: Endpoint, question: Question, purpose: Purpose) {
        let datasets = datasets_of(&question);
        let is_counted = self.in_parts || matches!(purpose, Purpose::Before(_));
        let errand =
            Errand { to, question, hop: 0, is_named: false, purpose, datasets, is_counted, held: None };
        self.push(errand);
    }

    fn push(&mut self, errand: Errand) {
        let is_named = errand.hop == 0 && self.named.as_ref() == Some(&errand.to);
        self.ready.push(Errand { is_named, ..errand });
    }

    /// Asks for what did not fit into a datagram at the next place where it may be had. Where it is nowhere
    /// to be had, what fitted is the answer.
    fn ask_for_the_whole(&mut self, mut cut: Cut, at: &Endpoint) {
        if cut.others.is_empty() {
            return self.first_answered(cut.answer, Some(at));
        }
        let next = cut.others.remove(0);
        self.ask_first(next, self.question.clone(), Purpose::Whole(Box::new(cut)));
    }

    fn whole_failed(&mut self, mut cut: Cut, at: &Endpoint, reply: Result<Answer, Error>) {
        cut.answer.statuses.push(whole::not_had(at, reply));
        self.ask_for_the_whole(cut, at);
    }

    /// Asks the first service how many results it has before the range if it has none in it and others
    /// will be asked, whose results follow.
    fn consider_before(&mut self, answer: Answer, at: &Endpoint) {
        let is_open =
            self.follows() && !answer.referrals.is_empty() && self.window.is_past(answer.results.len());
        match before_range(&self.question, 0).filter(|_| is_open) {
            Some(before) => self.ask_first(at.clone(), before, Purpose::Before(Box::new(answer))),
            None => self.first_answered(answer, Some(at)),
        }
    }

    /// Where the first service does not say how many results it has before the range, nobody knows which of the
    /// others' lie in it: its answer stands alone, and its referrals stay.
    fn before_failed(&mut self, mut answer: Answer, reply: Result<Answer, Error>) {
        let why = why_not(reply);
        let message = format!("{why}; so it is not known where the range begins among the others' results");
        answer.statuses.push(Status::new(StatusCode::INCOMPLETE, message));
        std::mem::take(&mut answer.referrals).into_iter().for_each(|referral| self.gathered.left(referral));
        self.gathered.first(answer);
    }

    fn begin_after(&mut self, before: Vec<ResultItem>) {
        self.window.begins_after(before.len());
        self.gathered.before(before);
    }

    fn first_answered(&mut self, mut answer: Answer, at: Option<&Endpoint>) {
        let asked = datasets_of(&self.question);
        let referrals = std::mem::take(&mut answer.referrals);
        self.learn(&answer, &asked, at, 0);
        self.gathered.first(answer);
        self.consider(referrals, 0);
    }

    /// Whether referrals are followed. An id means something to the service that gave it, and to no other.
    fn follows(&self) -> bool {
        self.referrals == Referrals::Follow && matches!(self.question.target, Target::Name(_))
    }

    /// Learns from an answer what has been visited, and where services are reached. What the service
    /// did not look at (3.1.4) is asked for by itself.
    fn learn(&mut self, answer: &Answer, asked: &[String], at: Option<&Endpoint>, hop: usize) {
        let Some(service) = &answer.service else { return };
        let named = answer.results.iter().map(|result| &result.service);
        for known in named.chain([service]).filter(|known| !known.servers.is_empty()) {
            self.reached.entry(normal_uri(&known.uri).into_owned()).or_insert_with(|| Arc::clone(known));
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
        let follows = self.follows();
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
        self.sent + self.ready.len() < MOST_ASKED + self.parts
    }

    fn send(&mut self, to: Endpoint, referral: Referral, hop: usize) {
        let ranged = self.window.properties_for_others(&self.question.properties);
        let others = ranged.into_iter().filter(|property| !property.is(v::DATASETURI));
        let dataset = referral.dataset.as_ref().map(|uri| Property::new(v::DATASETURI, v::URI, uri));
        let properties = others.chain(dataset).collect();
        let question = Question { target: self.question.target.clone(), properties };
        let datasets = referral.dataset.iter().cloned().collect();
        let purpose = Purpose::Referral(Box::new(referral));
        let is_counted = self.in_parts || self.window.is_late();
        self.push(Errand { to, question, hop, is_named: false, purpose, datasets, is_counted, held: None });
    }

    fn place_of(&self, referral: &Referral) -> Option<Endpoint> {
        let dataset = referral.dataset.as_deref();
        let known = self
            .reached
            .get(&*normal_uri(&referral.service.uri))
            .filter(|_| referral.service.servers.is_empty());
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

/// What comes of an errand of which a part could not be had. Where others' results are to be counted behind
/// it, a part is of no use.
fn cut_short(errand: &Errand, held: Answer, why: &Failure) -> Result<Answer, Error> {
    match errand.purpose {
        Purpose::Before(_) => Err(why.clone().into()),
        _ => Ok(parts::cut_short(held, why)),
    }
}

/// The dataseturis in a question, in order.
fn datasets_of(question: &Question) -> Vec<String> {
    let named = question.properties.iter().filter(|property| property.is(v::DATASETURI));
    named.map(|property| property.value.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;

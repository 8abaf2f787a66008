//! Several services' answers, made one: the first service answers, and its results come first.

use std::{collections::HashSet, sync::Arc};

use super::Error;
use crate::model::{Answer, Referral, Service, Status, StatusCode};

/// What the services asked so far have said.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What the first service said; nothing until it has.
    first: Option<Answer>,
    /// What referrals led to, in the order in which they were followed.
    followed: Vec<Answer>,
    /// Referrals that were not followed, or in vain.
    left: Vec<Referral>,
    /// Why some were in vain.
    remarks: Vec<Status>,
}

impl Gathered {
    /// Takes the first service's answer; its referrals are for the caller.
    pub(super) fn first(&mut self, answer: Answer) {
        self.first = Some(answer);
    }

    /// Takes the answer of a service that a referral led to; one that says only that it failed is
    /// no answer.
    pub(super) fn followed(&mut self, referral: &Referral, mut answer: Answer) {
        let Some(service) = answer.service.clone() else {
            let why = answer
                .statuses
                .first()
                .map_or_else(String::new, |status| format!("{} {:.200}", status.code, status.message));
            return self.in_vain(referral, why.trim());
        };
        answer.statuses.retain(|status| status.code != StatusCode::NOTHING_MATCHED);
        for status in &mut answer.statuses {
            status.about.get_or_insert_with(|| Arc::clone(&service));
        }
        self.followed.push(answer);
    }

    /// Takes note of a referral that could not be followed.
    pub(super) fn failed(&mut self, referral: &Referral, error: &Error) {
        self.in_vain(referral, &error.to_string());
    }

    fn in_vain(&mut self, referral: &Referral, why: &str) {
        self.remarks.push(Status::about(
            StatusCode::REFERRAL_SERVER_UNAVAILABLE,
            why,
            Arc::clone(&referral.service),
        ));
        self.left(referral.clone());
    }

    /// Keeps a referral for whoever reads the answer.
    pub(super) fn left(&mut self, referral: Referral) {
        if !self.left.contains(&referral) {
            self.left.push(referral);
        }
    }

    /// The one answer; `None` if the first service never answered.
    pub(super) fn answer(self) -> Option<Answer> {
        let mut answer = self.first?;
        // A fatal answer is one lone status (D2).
        if answer.service.is_none() {
            return Some(answer);
        }
        answer.referrals = self.left;
        for other in self.followed {
            answer.results.extend(other.results);
            answer.statuses.extend(other.statuses);
        }
        answer.statuses.extend(self.remarks);
        tidy(&mut answer);
        Some(answer)
    }
}

/// A resource that one service gave twice, by itself and through another, is one result; one without
/// an absolute URI is none (R1); scores fall down the whole list; "nothing matched" is said only where
/// nothing did.
fn tidy(answer: &mut Answer) {
    let given = answer.results.len();
    answer.results.retain(|result| is_absolute(&result.uri));
    let dropped = given - answer.results.len();
    if dropped > 0 {
        let message = format!("results without an absolute URI were dropped: {dropped}");
        answer.statuses.push(Status::new(StatusCode::INCOMPLETE, message));
    }
    let mut seen: HashSet<(String, String)> = HashSet::new();
    answer.results.retain(|result| seen.insert((result.service.uri.clone(), result.uri.clone())));
    for (place, result) in answer.results.iter_mut().enumerate() {
        result.score = 1.0 / f64::from(u32::try_from(place + 1).unwrap_or(u32::MAX));
    }
    if !answer.results.is_empty() || !answer.referrals.is_empty() {
        answer.statuses.retain(|status| status.code != StatusCode::NOTHING_MATCHED);
    } else if !answer.statuses.iter().any(|status| status.code == StatusCode::NOTHING_MATCHED) {
        answer.statuses.push(Status::new(StatusCode::NOTHING_MATCHED, "nothing matched"));
    }
}

/// Whether a URI begins with a scheme (RFC 3986 section 3.1). More is not asked: the RFC's own example
/// has `http://host:port/bla`.
fn is_absolute(uri: &str) -> bool {
    uri.trim().split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// A service as a referral names it, for errands that no referral began.
pub(super) fn referral_to(service: &Arc<Service>, dataset: &str) -> Referral {
    Referral { service: Arc::clone(service), dataset: Some(dataset.to_owned()) }
}

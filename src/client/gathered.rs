//! Several services' answers, made one: the first service answers, and its results come first.

use std::{collections::HashSet, sync::Arc};

use super::{Error, reasons::refusal, window::Window};
use crate::model::{
    Answer, Failure, Reason, Referral, ResultItem, Service, Status, StatusCode, is_unsafe_scheme, normal_uri,
};

/// What the services asked so far have said.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What the first service said; nothing until it has.
    first: Option<Answer>,
    /// Its results before the range, where there are none in it.
    before: Vec<ResultItem>,
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

    /// Takes the first service's results before the range; what others say of those is said already.
    pub(super) fn before(&mut self, results: Vec<ResultItem>) {
        self.before = results;
    }

    /// Takes the answer of a service that a referral led to; one that says only that it failed is
    /// no answer.
    pub(super) fn followed(&mut self, referral: &Referral, mut answer: Answer) {
        if let Some(status) = answer.failure() {
            return self.in_vain(referral, &refusal(status));
        }
        let service = answer.service.clone().unwrap_or_else(|| Arc::clone(&referral.service));
        answer.statuses.retain(|status| status.code != StatusCode::NOTHING_MATCHED);
        for status in &mut answer.statuses {
            status.about.get_or_insert_with(|| Arc::clone(&service));
        }
        self.followed.push(answer);
    }

    /// Takes note of a referral that could not be followed.
    pub(super) fn failed(&mut self, referral: &Referral, error: Error) {
        self.in_vain(referral, &error.into());
    }

    fn in_vain(&mut self, referral: &Referral, why: &Failure) {
        self.remarks.push(Status::about(
            StatusCode::REFERRAL_SERVER_UNAVAILABLE,
            why.to_string(),
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

    /// The one answer; `None` if the first service never answered. Its results come before the others',
    /// and of all together are those within the range that was asked for.
    pub(super) fn answer(self, window: Window) -> Option<Answer> {
        let mut answer = self.first?;
        let is_merged = !self.followed.is_empty();
        answer.referrals = self.left;
        let mut others = Vec::new();
        for other in self.followed {
            others.extend(other.results);
            answer.statuses.extend(other.statuses);
        }
        answer.statuses.extend(self.remarks);
        let mut seen = HashSet::new();
        let mut is_new = |result: &ResultItem| seen.insert(identity(result));
        let before = self.before.iter().filter(|result| is_new(result)).count();
        answer.results.retain(&mut is_new);
        others.retain(&mut is_new);
        if is_merged {
            let all = before + others.len();
            window.cut_own(&mut answer.results);
            window.cut(answer.results.len(), &mut others);
            answer.results.append(&mut others);
            if answer.results.is_empty()
                && let Some(missed) = window.missed(all)
            {
                answer.statuses.retain(|status| status.code != StatusCode::NOTHING_MATCHED);
                // Where something is missing, nobody knows how many there are.
                if !answer.is_incomplete() {
                    answer.statuses.push(missed);
                }
            }
        }
        tidy(&mut answer);
        Some(answer)
    }
}

/// Drops of another service's results those without an absolute URI (R1) and those whose URI can run
/// code (D28), and says so.
pub(super) fn drop_unusable(answer: &mut Answer) {
    let can_run_code = |uri: &str| scheme(uri).is_some_and(is_unsafe_scheme);
    drop_where(answer, |uri| scheme(uri).is_none(), Reason::Malformed, "results without an absolute URI");
    drop_where(answer, can_run_code, Reason::Unsafe, "results whose URI can run code");
}

/// Scores fall down the whole list; "nothing matched" is said only where nothing did, nobody failed, and the answer
/// is whole: of one that was cut nobody knows what it would have held, and a lone status says itself what it is.
fn tidy(answer: &mut Answer) {
    for (place, result) in answer.results.iter_mut().enumerate() {
        result.score = 1.0 / f64::from(u32::try_from(place + 1).unwrap_or(u32::MAX));
    }
    if !answer.results.is_empty() || !answer.referrals.is_empty() {
        answer.statuses.retain(|status| status.code != StatusCode::NOTHING_MATCHED);
    } else if (answer.service.is_some() || answer.statuses.is_empty())
        && answer.failure().is_none()
        && !answer.is_incomplete()
        && !answer.says(StatusCode::NOTHING_MATCHED)
    {
        answer.statuses.push(Status::new(StatusCode::NOTHING_MATCHED, "nothing matched"));
    }
}

/// Drops the results whose URI is so, and says how many `what` there were.
fn drop_where(answer: &mut Answer, is_so: impl Fn(&str) -> bool, reason: Reason, what: &str) {
    let given = answer.results.len();
    answer.results.retain(|result| !is_so(&result.uri));
    let dropped = given - answer.results.len();
    if dropped > 0 {
        let message = format!("{reason}: {what} were dropped: {dropped}");
        answer.statuses.push(Status::new(StatusCode::INCOMPLETE, message));
    }
}

/// What tells two results apart: who gives them, and where they lead.
pub(super) fn identity(result: &ResultItem) -> (String, String) {
    (normal_uri(&result.service.uri).into_owned(), result.uri.clone())
}

/// The scheme of an absolute URI (RFC 3986 section 3.1). More is not asked: the RFC's own example has
/// `http://host:port/bla`.
fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.trim().split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// A service as a referral names it, for errands that no referral began.
pub(super) fn referral_to(service: &Arc<Service>, dataset: &str) -> Referral {
    Referral { service: Arc::clone(service), dataset: Some(dataset.to_owned()) }
}

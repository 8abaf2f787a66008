//! Writing down what is said, without what is secret in it.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::{
    said::{Answered, Asked, Body, REDACTED, Said},
    spellings::spellings,
};
use crate::model::Clock;

/// Everything that was said so far.
pub struct Recorder {
    /// What is written down nowhere, the longest first, so that one within another leaves nothing.
    secrets: Vec<String>,
    clock: Arc<dyn Clock>,
    said: Mutex<Vec<(Said, Instant)>>,
}

impl Recorder {
    /// A recorder that has heard nothing yet. In place of each of the `secrets`, however it is spelt
    /// and whoever says it, there stands [`REDACTED`].
    pub fn new(secrets: &[String], clock: Arc<dyn Clock>) -> Self {
        let mut secrets: Vec<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self { secrets, clock, said: Mutex::default() }
    }

    /// What was said, in the order in which it was asked. What is still unanswered then stays so.
    pub fn take(&self) -> Vec<Said> {
        mem::take(&mut *self.said()).into_iter().map(|(said, _)| said).collect()
    }

    pub(super) fn begin(&self, backend: &str, asked: &Asked) -> usize {
        let asked = self.redacted_question(asked);
        let said = Said { backend: backend.to_owned(), asked, answer: None, took_ms: 0 };
        let mut all = self.said();
        all.push((said, self.clock.now()));
        all.len() - 1
    }

    pub(super) fn end(&self, place: usize, answer: Answered) {
        let answer = self.redacted_answer(answer);
        let now = self.clock.now();
        if let Some((said, began)) = self.said().get_mut(place) {
            said.answer = Some(answer);
            said.took_ms = u64::try_from((now - *began).as_millis()).unwrap_or(u64::MAX);
        }
    }

    fn said(&self) -> MutexGuard<'_, Vec<(Said, Instant)>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn redacted_question(&self, asked: &Asked) -> Asked {
        match asked {
            Asked::Http { method, url, body } => Asked::Http {
                method: method.clone(),
                url: self.redacted(url),
                body: body.as_ref().map(|body| self.redacted_body(body)),
            },
            Asked::Addresses(host) => Asked::Addresses(host.clone()),
            Asked::NameServers(domain) => Asked::NameServers(domain.clone()),
        }
    }

    fn redacted_answer(&self, answer: Answered) -> Answered {
        match answer {
            Answered::Http { status, headers, body } => Answered::Http {
                status,
                headers: headers.into_iter().map(|(name, value)| (name, self.redacted(&value))).collect(),
                body: self.redacted_body(&body),
            },
            Answered::Failed { reason, detail, retry_after_s } => {
                Answered::Failed { reason, detail: self.redacted(&detail), retry_after_s }
            }
            other => other,
        }
    }

    fn redacted(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
    }

    /// Of bytes that are no text nothing is kept where a secret stands among them: what is around it
    /// could not be read either way.
    fn redacted_body(&self, body: &Body) -> Body {
        match body {
            Body::Text(text) => Body::Text(self.redacted(text)),
            Body::Bytes { .. } => {
                let bytes = body.bytes();
                let holds =
                    |secret: &String| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                if self.secrets.iter().any(holds) { Body::Text(REDACTED.to_owned()) } else { body.clone() }
            }
        }
    }
}

//! Writing down what is said, without what is secret in it.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::time::Instant;

use super::said::{Answered, Asked, Body, REDACTED, Said};
use crate::{config::Secrets, model::Clock};

/// Everything that was said so far.
pub struct Recorder {
    /// What is written down nowhere.
    secrets: Secrets,
    clock: Arc<dyn Clock>,
    said: Mutex<Vec<(Said, Instant)>>,
}

impl Recorder {
    /// A recorder that has heard nothing yet. In place of each of the `secrets`, however it is spelt
    /// and whoever says it, there stands [`REDACTED`].
    pub fn new(secrets: &[String], clock: Arc<dyn Clock>) -> Self {
        Self { secrets: Secrets::new(secrets), clock, said: Mutex::default() }
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
        self.secrets.taken_out_of(text)
    }

    /// Of bytes that are no text nothing is kept where a secret stands among them: what is around it
    /// could not be read either way.
    fn redacted_body(&self, body: &Body) -> Body {
        match body {
            Body::Text(text) => Body::Text(self.redacted_text(text)),
            Body::Bytes { .. } if self.secrets.are_among(&body.bytes()) => Body::Text(REDACTED.to_owned()),
            Body::Bytes { .. } => body.clone(),
        }
    }

    /// Of JSON the values: were a key of it taken for a secret that is the same word, nobody could
    /// read the record.
    fn redacted_text(&self, text: &str) -> String {
        let is_document = |document: &Value| document.is_object() || document.is_array();
        match serde_json::from_str(text).ok().filter(is_document) {
            Some(document) if self.secrets.are_in(text) => self.redacted_value(document).to_string(),
            // What is spelt in a way that only a reader of JSON sees.
            Some(document) if text.contains("\\u") => {
                let redacted = self.redacted_value(document.clone());
                if redacted == document { text.to_owned() } else { redacted.to_string() }
            }
            Some(_) => text.to_owned(),
            None => self.redacted(text),
        }
    }

    fn redacted_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redacted(&text)),
            Value::Number(number) if self.secrets.are_in(&number.to_string()) => REDACTED.into(),
            Value::Array(items) => items.into_iter().map(|item| self.redacted_value(item)).collect(),
            Value::Object(fields) => {
                let telling = self.secrets.unlike_words();
                let field =
                    |(key, value): (String, Value)| (telling.taken_out_of(&key), self.redacted_value(value));
                Value::Object(fields.into_iter().map(field).collect())
            }
            other => other,
        }
    }
}

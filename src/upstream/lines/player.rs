//! Saying again what was written down, and nothing else.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::said::{Answered, Asked, Body, REDACTED, Said};
use crate::model::{Failure, Reason};

/// The longest that a replayed answer is waited for: a record may say anything.
const LONGEST: Duration = Duration::from_secs(60);

/// What was written down, to be said again.
pub struct Player {
    said: Vec<Said>,
    /// Backends that were not called then, as a limit or a pause forbade it.
    refused: Vec<(String, Failure)>,
    heard: Mutex<Heard>,
}

#[derive(Default)]
struct Heard {
    /// Which of what was said has been asked for.
    places: Vec<usize>,
    /// What was asked for and had never been said, in words.
    unknown: Vec<String>,
}

impl Player {
    /// A player of what was said. Whatever a backend asks that was `refused` fails as it did then.
    pub fn new(said: Vec<Said>, refused: Vec<(String, Failure)>) -> Self {
        Self { said, refused, heard: Mutex::default() }
    }

    /// What was asked for and is not in the record: then it was made by a program that asks other
    /// things, and what is decided from it is not what was decided then.
    pub fn unknown(&self) -> Vec<String> {
        self.heard().unknown.clone()
    }

    /// The answer that `backend` got to `asked`, after the time it took; where none had come, none
    /// comes. A question that was asked several times gets its answers in their order.
    pub(super) async fn answer(&self, backend: &str, asked: &Asked) -> Result<Answered, Failure> {
        if let Some((_, failure)) = self.refused.iter().find(|(refused, _)| refused == backend) {
            return Err(failure.clone());
        }
        let Some(said) = self.find(backend, asked) else {
            self.heard().unknown.push(format!("{backend} asks {}", in_words(asked)));
            return Err(unknown());
        };
        let Some(answer) = &said.answer else { return std::future::pending().await };
        if said.took_ms > 0 {
            tokio::time::sleep(Duration::from_millis(said.took_ms).min(LONGEST)).await;
        }
        Ok(answer.clone())
    }

    fn find(&self, backend: &str, asked: &Asked) -> Option<&Said> {
        let mut heard = self.heard();
        let fits = |said: &Said| said.backend == backend && is_asked(&said.asked, asked);
        let fitting = || self.said.iter().enumerate().filter(|(_, said)| fits(said));
        let (place, said) =
            fitting().find(|(place, _)| !heard.places.contains(place)).or_else(|| fitting().next_back())?;
        heard.places.push(place);
        Some(said)
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn unknown() -> Failure {
    Failure::new(Reason::Unreachable, "the record does not hold this request")
}

/// Whether what was written down is what is asked now. What the record does not tell may have been
/// anything.
fn is_asked(written: &Asked, asked: &Asked) -> bool {
    match (written, asked) {
        (
            Asked::Http { method: one, url: written, body: before },
            Asked::Http { method: other, url, body },
        ) => {
            let is_same_body = match (before, body) {
                (Some(Body::Text(before)), Some(Body::Text(body))) => is_same(before, body),
                (before, body) => before == body,
            };
            one == other && is_same_body && is_same(written, url)
        }
        (written, asked) => written == asked,
    }
}

/// Whether a text was written down as this, [`REDACTED`] being in the place of any other text.
fn is_same(written: &str, text: &str) -> bool {
    let Some((head, hidden)) = written.split_once(REDACTED) else { return written == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let (middle, tail) =
        hidden.rsplit_once(REDACTED).map_or((None, hidden), |(middle, tail)| (Some(middle), tail));
    for part in middle.into_iter().flat_map(|middle| middle.split(REDACTED)) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(tail)
}

fn in_words(asked: &Asked) -> String {
    match asked {
        Asked::Http { method, url, .. } => format!("{method} {url}"),
        Asked::Addresses(host) => format!("the addresses of {host}"),
        Asked::NameServers(domain) => format!("the name servers of {domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn what_was_hidden_may_have_been_anything() {
        for (written, text) in [
            ("/REDACTED?q=x", "/search?q=x"),
            ("/REDACTED?q=REDACTED&k=REDACTED", "/REDACTED?q=search&k=REDACTED"),
            ("/q?k=REDACTED", "/q?k=REDACTED"),
        ] {
            assert!(is_same(written, text), "{written} {text}");
        }
        for (written, text) in [
            ("/REDACTED?q=x", "/search?q=y"),
            ("/q?k=REDACTED&l=REDACTED", "/q?k=x"),
            ("/search", "/REDACTED"),
        ] {
            assert!(!is_same(written, text), "{written} {text}");
        }
    }
}

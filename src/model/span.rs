//! Spans: the parts of a trace that are told of, each with its time, within another one. What a span is
//! noted of is for whoever runs the gateway; of what people ask a name stands there only where the log
//! may have it.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use tokio::time::Instant;

use super::Clock;

/// A part of a trace that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub trace: u128,
    pub id: u64,
    /// The span within which it was done: of ours, or of whoever asked; `None` where the trace begins.
    pub parent: Option<u64>,
    /// What was done, in words that don't depend on what was asked.
    pub name: Cow<'static, str>,
    pub kind: SpanKind,
    pub began: SystemTime,
    pub ended: SystemTime,
    pub notes: Vec<(&'static str, Note)>,
    /// What went wrong, where something did.
    pub failure: Option<String>,
}

/// On which side of a conversation a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work of our own.
    Internal,
    /// We were asked.
    Server,
    /// We asked somebody else.
    Client,
}

/// What is noted of a span.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    Text(Cow<'static, str>),
    Number(i64),
    Yes(bool),
    Texts(Vec<String>),
}

impl Note {
    /// A count, as far as it can be told.
    pub fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<&'static str> for Note {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Note {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// Where spans go once they are over.
pub trait SpanSink: Send + Sync {
    /// Takes one. Called on the way of a request, so it neither waits nor fails: what there is no room
    /// for is lost.
    fn take(&self, span: Span);
}

/// Who is told of spans, and of which.
#[derive(Clone)]
pub struct Recorder {
    pub sink: Arc<dyn SpanSink>,
    /// How many of the traces that begin with us are told of, from 0 to 1. Of one that began elsewhere
    /// it is decided there.
    pub share: f64,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("share", &self.share).finish_non_exhaustive()
    }
}

/// What is noted of a span while it is being done, by all who do it.
pub(super) type Notes = Arc<Mutex<Vec<(&'static str, Note)>>>;

/// A span that is being done. It is over when this is dropped: so also where its task is thrown away
/// half-way, as when a client goes. Where nobody is told of it, it costs nothing.
#[must_use]
pub struct OpenSpan(Option<Box<Begun>>);

struct Begun {
    /// Its end and notes are those of its beginning still.
    span: Span,
    at: Instant,
    notes: Notes,
    recorder: Recorder,
}

impl OpenSpan {
    /// One of which nobody is told.
    pub(super) fn untold() -> Self {
        Self(None)
    }

    pub(super) fn begin(span: Span, notes: Notes, recorder: Recorder) -> Self {
        let at = recorder.clock.now();
        Self(Some(Box::new(Begun { span, at, notes, recorder })))
    }

    /// Notes something of it.
    pub fn note(&self, key: &'static str, note: impl FnOnce() -> Note) {
        if let Some(begun) = &self.0 {
            begun.notes.lock().unwrap_or_else(PoisonError::into_inner).push((key, note()));
        }
    }

    /// It did not come to what it was meant to.
    pub fn fail(&mut self, why: impl FnOnce() -> String) {
        if let Some(begun) = &mut self.0 {
            begun.span.failure = Some(why());
        }
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        let Some(begun) = self.0.take() else { return };
        let Begun { mut span, at, notes, recorder } = *begun;
        // By the clock that nobody puts back.
        span.ended = span.began + recorder.clock.now().saturating_duration_since(at);
        span.notes = std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner));
        recorder.sink.take(span);
    }
}

//! The line that the log has of a question, and what is noted of its span. What people ask is theirs: a
//! name stands there where the operator wants names; in the log as well where so many have asked it that
//! it tells of nobody.

use std::time::Duration;

use crate::model::{Answer, CommonName, Note, Question, Target, TraceContext};

/// Tells of a question that was answered anew. With `names` at the level of info; else at that of debug,
/// and with a name only if `is_common`.
pub(super) fn tell(
    question: &Question,
    answer: &Answer,
    took: Duration,
    names: bool,
    is_common: impl FnOnce(&CommonName) -> bool,
) {
    if names {
        let line = Line::new(question, answer, took, |_| true);
        let Line { asked, request_id, trace_id, results, took_ms } = line;
        tracing::info!(asked, results, took_ms, request_id, trace_id, "answered");
    } else if tracing::enabled!(tracing::Level::DEBUG) {
        let line = Line::new(question, answer, took, |name| name.is_some_and(is_common));
        let Line { asked, request_id, trace_id, results, took_ms } = line;
        tracing::debug!(asked, results, took_ms, request_id, trace_id, "answered");
    }
}

/// Notes of the request's span what was asked; see [`note_asked`].
pub(super) fn note_question(question: &Question, names: bool) {
    match &question.target {
        Target::Name(name) => note_asked("name", name.shown(), names),
        // It has a name in it.
        Target::Id(id) => note_asked("id", id, names),
    }
}

/// Notes of the request's span what kind of question it was, and what was `asked` only if `names`.
pub(super) fn note_asked(kind: &'static str, asked: &str, names: bool) {
    TraceContext::note("cnrp.query", || kind.into());
    if names {
        TraceContext::note("cnrp.asked", || asked.to_owned().into());
    }
}

/// Notes of the request's span what was answered.
pub(super) fn note_answer(answer: &Answer) {
    TraceContext::note("cnrp.results", || Note::count(answer.results.len()));
    let codes = || answer.statuses.iter().map(|status| status.code.to_string()).collect();
    TraceContext::note("cnrp.status", || Note::Texts(codes()));
}

struct Line<'a> {
    /// The name or the id, which has a name in it, where it may be told.
    asked: Option<&'a str>,
    request_id: Option<String>,
    trace_id: Option<String>,
    results: usize,
    took_ms: u64,
}

impl<'a> Line<'a> {
    fn new(
        question: &'a Question,
        answer: &Answer,
        took: Duration,
        may_be_told: impl FnOnce(Option<&CommonName>) -> bool,
    ) -> Self {
        let asked = match &question.target {
            Target::Name(name) => may_be_told(Some(name)).then_some(name.shown()),
            Target::Id(id) => may_be_told(None).then_some(id.as_str()),
        };
        let (request_id, trace_id) =
            TraceContext::current().map(|context| (context.request_id(), context.trace_id())).unzip();
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self { asked, request_id, trace_id, results: answer.results.len(), took_ms }
    }
}

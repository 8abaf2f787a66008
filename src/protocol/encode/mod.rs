//! Writing: answers for clients, questions for other services.
//!
//! Every document is valid against the DTD by construction, whatever the strings hold: elements
//! come in the DTD's order, what it requires is always there, references lead to ids that were
//! given, and text is escaped or dropped character by character. All of it is UTF-8 (R3).

mod answer;
mod listing;
mod within;
mod writer;

pub use within::encode_within;

use self::{answer::AnswerWriter, listing::Listing, writer::Writer};
use super::vocabulary as v;
use crate::model::{Answer, Question, Target};

/// Room for what every answer has, and for one resource, in bytes: most answers are written without
/// growing the buffer.
const ROOM_FOR_FRAME: usize = 640;
const ROOM_FOR_RESULT: usize = 520;

/// Writes an answer: the service that answers, then the services that something refers to (D19),
/// then results, referrals and statuses. A dataset that a result names is added to its service if
/// that does not declare it. An answer without a service is one lone status (D2).
///
/// `with_doctype` is false only where every byte counts (D23).
pub fn encode_answer(answer: &Answer, with_doctype: bool) -> Vec<u8> {
    let mut writer = Writer::with_capacity(ROOM_FOR_FRAME + answer.results.len() * ROOM_FOR_RESULT);
    writer.prolog(with_doctype);
    writer.raw("<cnrp>\n<results>");
    match &answer.service {
        Some(own) => AnswerWriter::new(&mut writer, Listing::of(own, answer)).write(answer),
        None => {
            if let Some(status) = answer.statuses.first() {
                answer::status(&mut writer, status, None);
            }
        }
    }
    writer.raw("</results>\n</cnrp>\n");
    writer.finish()
}

/// Writes a question. The DTD allows no properties beside an id, so none are written there.
pub fn encode_question(question: &Question) -> Vec<u8> {
    let mut writer = Writer::with_capacity(ROOM_FOR_FRAME);
    writer.prolog(true);
    writer.raw("<cnrp>\n<query>");
    match &question.target {
        Target::Id(id) => writer.element("id", id),
        Target::Name(name) => {
            writer.element("commonname", name.shown());
            for property in &question.properties {
                question_property(&mut writer, property);
            }
        }
    }
    writer.raw("</query>\n</cnrp>\n");
    writer.finish()
}

/// Writes a servicequery.
pub fn encode_servicequery() -> Vec<u8> {
    let mut writer = Writer::with_capacity(ROOM_FOR_FRAME);
    writer.prolog(true);
    writer.raw("<cnrp>\n<servicequery/>\n</cnrp>\n");
    writer.finish()
}

/// Freeform is the DTD's default and stays unsaid, so that a value sent without a type arrives
/// without one (D25).
fn question_property(writer: &mut Writer, property: &crate::model::Property) {
    if !property.kind.is_empty() && !property.kind.eq_ignore_ascii_case(v::FREEFORM) {
        return writer.property(property);
    }
    writer.raw("<property");
    writer.attribute("name", v::canonical(&property.name));
    writer.raw(">");
    writer.text(&property.value);
    writer.raw("</property>");
}

#[cfg(test)]
mod tests;

//! Text: an answer as a person reads it in a terminal.
//!
//! What was found and what was remarked on the way are two texts, because they belong on two
//! streams: `cnrp resolve Boeing | head -2` is to show a result, not a remark. Strangers wrote
//! most of the words, so everything is [`clean()`]ed before it is shown.

mod clean;
mod service;
mod wrap;

pub use clean::clean;
pub use service::service;

use std::sync::Arc;

use crate::model::{Answer, Confidence, Property, Referral, ResultItem, Service, Status, StatusCode};
use wrap::wrap;

/// The property that carries the confidence, which has a place of its own here (D20).
const CONFIDENCE: &str = "x-confidence";

/// The most lines of a description; what is longer ends in an ellipsis.
const DESCRIPTION_LINES: usize = 3;

/// What the text is written on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Columns; `None` wraps and shortens nothing, for a reader that is a program.
    pub width: Option<usize>,
    /// Whether ANSI colours are understood.
    pub colour: bool,
}

impl Page {
    fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_owned() }
    }
}

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy)]
enum Style {
    Name,
    Address,
    Sure,
    Likely,
    Faint,
    Warning,
}

impl Style {
    /// The parameters of ANSI's Select Graphic Rendition (ECMA-48 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Name => "1",
            Self::Address => "36",
            Self::Sure => "32",
            Self::Likely => "33",
            Self::Faint => "2",
            Self::Warning => "1;33",
        }
    }
}

/// What was found: the results, numbered, and where more may be known. Empty if there is nothing.
pub fn results(answer: &Answer, page: Page) -> String {
    let digits = answer.results.len().to_string().len();
    let blocks = answer.results.iter().enumerate().map(|(index, item)| {
        let number = format!("{:>digits$}. ", index + 1);
        result(item, answer.service.as_ref(), &number, page)
    });
    let mut blocks: Vec<String> = blocks.collect();
    if !answer.referrals.is_empty() {
        blocks.push(referrals(&answer.referrals, page));
    }
    blocks.join("\n")
}

/// One result: its name, its address, and below them what else is known of it.
fn result(item: &ResultItem, own: Option<&Arc<Service>>, number: &str, page: Page) -> String {
    let indent = " ".repeat(number.len());
    let name = page.paint(Style::Name, &clean(&item.commonname));
    let mut lines = vec![format!("{number}{name} {}", confidence(item.confidence, page))];
    lines.push(format!("{indent}{}", page.paint(Style::Address, &clean(&item.uri))));
    let columns = page.width.map(|width| width.saturating_sub(number.len()));
    let description = wrap(&clean(&item.description), columns, DESCRIPTION_LINES);
    lines.extend(description.into_iter().map(|line| format!("{indent}{line}")));
    let faint = [properties(&item.properties), origin(item, own)];
    for text in faint.into_iter().filter(|text| !text.is_empty()) {
        let wrapped = wrap(&text, columns, DESCRIPTION_LINES);
        lines.extend(wrapped.into_iter().map(|line| format!("{indent}{}", page.paint(Style::Faint, &line))));
    }
    lines.join("\n") + "\n"
}

fn confidence(level: Confidence, page: Page) -> String {
    let style = match level {
        Confidence::High => Style::Sure,
        Confidence::Medium => Style::Likely,
        Confidence::Low => Style::Faint,
    };
    page.paint(style, &format!("({} confidence)", level.word()))
}

/// `geography US, language en-US`; the values of one property stand together.
fn properties(properties: &[Property]) -> String {
    let mut shown: Vec<(String, Vec<String>)> = Vec::new();
    for property in properties.iter().filter(|property| !property.is(CONFIDENCE)) {
        let name = clean(&property.name).to_ascii_lowercase();
        match shown.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(clean(&property.value)),
            None => shown.push((name, vec![clean(&property.value)])),
        }
    }
    let phrases = shown.into_iter().map(|(name, values)| format!("{name} {}", values.join(" or ")));
    phrases.collect::<Vec<_>>().join(", ")
}

/// Where a result comes from, if that is not the service that answers.
fn origin(item: &ResultItem, own: Option<&Arc<Service>>) -> String {
    let service = own.is_none_or(|own| own.uri != item.service.uri).then_some(item.service.uri.as_str());
    match (service, item.dataset.as_deref()) {
        (Some(service), Some(dataset)) => format!("from {}, dataset {}", clean(service), clean(dataset)),
        (Some(service), None) => format!("from {}", clean(service)),
        (None, Some(dataset)) => format!("from dataset {}", clean(dataset)),
        (None, None) => String::new(),
    }
}

fn referrals(referrals: &[Referral], page: Page) -> String {
    let mut lines = vec!["More may be known to:".to_owned()];
    for referral in referrals {
        let address = page.paint(Style::Address, &clean(&referral.service.uri));
        let dataset = referral.dataset.as_ref().map(|uri| format!(" (dataset {})", clean(uri)));
        lines.push(format!("   {address}{}", dataset.unwrap_or_default()));
    }
    lines.join("\n") + "\n"
}

/// What was remarked: a line for each status. Empty if there was nothing to remark.
pub fn remarks(answer: &Answer, page: Page) -> String {
    answer.statuses.iter().map(|status| remark(status, page)).collect()
}

fn remark(status: &Status, page: Page) -> String {
    let style = if status.code.class >= 3 { Style::Warning } else { Style::Faint };
    let heading = page.paint(style, words(status.code));
    let message = clean(&status.message);
    let separator = if message.is_empty() { "" } else { ": " };
    let about = status.about.as_ref().map(|service| format!(", about {}", clean(&service.uri)));
    let source = page.paint(Style::Faint, &format!("[{}{}]", status.code, about.unwrap_or_default()));
    format!("{heading}{separator}{message} {source}\n")
}

/// A status code in words (RFC 3367 appendix B); an unlisted one by its class.
fn words(code: StatusCode) -> &'static str {
    match (code.class, code.subject, code.detail) {
        (2, 1, 0) => "nothing found",
        (3, 1, 1) => "properties ignored",
        (3, 1, 2) => "query repaired",
        (3, 1, 3..=5) => "dataset ignored",
        (3, 2, _) => "incomplete",
        (4, 1, 0) => "not understood",
        (4, 2, 0) => "too complex",
        (4, 2, 1) => "busy, try again later",
        (4, 2, 2) => "in maintenance",
        (4, 2, 3) => "the service failed",
        (1 | 2, _, _) => "note",
        (3, _, _) => "incomplete",
        _ => "failed",
    }
}

#[cfg(test)]
mod tests;

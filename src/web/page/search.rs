//! The page with the box, and the results for the name in it.

use askama::Template;
use http::StatusCode;

use super::{Reader, Words, host, html, why, words::filled};
use crate::{
    model::{Answer, Confidence, ResultItem, Status, StatusCode as Code, showable},
    web::Page,
};

/// A question that the page answers.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The name as it was typed.
    pub name: &'a str,
    /// Which result comes first, from 1.
    pub first: usize,
    /// Most results of one page. The answer has one more where there are more.
    pub length: usize,
    /// The query part of the URL of the next page.
    pub next: &'a str,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    service: &'a str,
    words: &'a Words,
    asked: &'a str,
    autofocus: bool,
    heading: String,
    notice: Option<Notice<'a>>,
    first: usize,
    results: Vec<Row<'a>>,
    next: Option<String>,
    elsewhere: Vec<&'a str>,
    unanswered: Option<String>,
}

struct Notice<'a> {
    what: String,
    advice: &'a str,
    /// What a program is told of it; empty where that is nothing more.
    detail: &'a str,
}

struct Row<'a> {
    name: &'a str,
    link: Option<&'a str>,
    host: String,
    description: &'a str,
    confidence: &'static str,
    sureness: &'a str,
    why: String,
}

/// The page with nothing asked yet.
pub fn home(reader: &Reader<'_>) -> Page {
    html(StatusCode::OK, &search(reader, ""))
}

/// The page with the answer to what was asked.
pub fn results(reader: &Reader<'_>, asked: Asked<'_>, answer: &Answer) -> Page {
    let words = reader.words;
    let name = showable(asked.name);
    let mut page = search(reader, &name);
    page.heading = filled(&words.results_for, "name", &name);
    page.first = asked.first;
    page.results = answer.results.iter().take(asked.length).map(|item| row(item, words)).collect();
    page.next = (answer.results.len() > asked.length).then(|| format!("/?{}", asked.next));
    page.elsewhere = answer.referrals.iter().map(|referral| referral.service.uri.as_str()).collect();
    page.unanswered = unanswered(&answer.statuses, words);
    let mut status = StatusCode::OK;
    if answer.service.is_none() {
        status = StatusCode::SERVICE_UNAVAILABLE;
        let detail = answer.statuses.first().map_or("", |status| status.message.as_str());
        page.notice = Some(Notice { what: words.failed.clone(), advice: &words.failed_advice, detail });
    } else if answer.results.is_empty() && asked.first > 1 {
        page.notice = Some(Notice { what: words.no_more.clone(), advice: &words.no_page_advice, detail: "" });
    } else if answer.results.is_empty() {
        let what = filled(&words.nothing, "name", &name);
        page.notice = Some(Notice { what, advice: &words.nothing_advice, detail: "" });
    }
    html(status, &page)
}

fn search<'a>(reader: &Reader<'a>, asked: &'a str) -> Search<'a> {
    Search {
        service: reader.service,
        words: reader.words,
        asked,
        // With results on the page the keyboard starts among them.
        autofocus: asked.is_empty(),
        heading: String::new(),
        notice: None,
        first: 1,
        results: Vec::new(),
        next: None,
        elsewhere: Vec::new(),
        unanswered: None,
    }
}

fn row<'a>(item: &'a ResultItem, words: &'a Words) -> Row<'a> {
    Row {
        name: &item.commonname,
        link: is_followed(&item.uri).then_some(item.uri.as_str()),
        host: host::shown(&item.uri),
        description: &item.description,
        confidence: item.confidence.word(),
        sureness: match item.confidence {
            Confidence::High => &words.high,
            Confidence::Medium => &words.medium,
            Confidence::Low => &words.low,
        },
        why: item.why.as_ref().map(|why| why::sentence(why, words)).unwrap_or_default(),
    }
}

/// Whether a browser may be led there. Whatever an operator allows to be answered, a page of ours
/// runs no code and opens no file.
fn is_followed(uri: &str) -> bool {
    const FOLLOWED: [&str; 5] = ["http", "https", "ftp", "mailto", "tel"];
    uri.split_once(':').is_some_and(|(scheme, _)| FOLLOWED.iter().any(|one| scheme.eq_ignore_ascii_case(one)))
}

/// Which sources an answer lacks.
fn unanswered(statuses: &[Status], words: &Words) -> Option<String> {
    let lacking = statuses
        .iter()
        .filter(|status| status.code == Code::INCOMPLETE || status.code == Code::REFERRAL_SERVER_UNAVAILABLE);
    // "searx: timed-out", as the statuses say it, is "searx (timed-out)" in a sentence.
    let told: Vec<String> = lacking
        .map(|status| match status.message.split_once(": ") {
            Some((source, reason)) => format!("{source} ({reason})"),
            None => status.message.clone(),
        })
        .collect();
    (!told.is_empty()).then(|| filled(&words.unanswered, "sources", &words.list(&told)))
}

//! What the service is: its sources and how they are, its datasets, where it is reached.

use std::time::SystemTime;

use askama::Template;
use http::StatusCode;

use super::{Reader, Words, html, words::filled};
use crate::{
    gateway::SourceHealth,
    model::{Service, rfc3339, unix_seconds},
    web::Page,
};

#[derive(Template)]
#[template(path = "about.html")]
struct About<'a> {
    service: &'a str,
    words: &'a Words,
    asked: &'a str,
    autofocus: bool,
    uri: &'a str,
    servers: Vec<&'a str>,
    limits: String,
    sources: Vec<Row<'a>>,
    datasets: Vec<&'a str>,
}

struct Row<'a> {
    name: &'a str,
    kind: &'a str,
    class: &'static str,
    health: String,
}

/// The page about `service`, whose sources are so; a name has `name_length` characters, an answer
/// `results`.
pub fn page(
    reader: &Reader<'_>,
    service: &Service,
    sources: &[SourceHealth],
    (name_length, results): (usize, usize),
) -> Page {
    let words = reader.words;
    let limits = filled(&words.limits_are, "name", &name_length.to_string());
    let about = About {
        service: reader.service,
        words,
        asked: "",
        autofocus: false,
        uri: &service.uri,
        servers: service.servers.iter().map(|server| server.uri.as_str()).collect(),
        limits: filled(&limits, "results", &results.to_string()),
        sources: sources.iter().map(|source| row(source, words)).collect(),
        datasets: service.datasets.iter().filter_map(|dataset| dataset.uri.as_deref()).collect(),
    };
    html(StatusCode::OK, &about)
}

fn row<'a>(source: &'a SourceHealth, words: &Words) -> Row<'a> {
    let (class, health) = match (&source.pause, source.failing) {
        (None, None) => ("well", words.well.clone()),
        (None, Some(reason)) => ("ill", filled(&words.failing, "reason", reason.word())),
        (Some((reason, until)), _) => {
            let paused = filled(&words.paused, "until", &moment(*until));
            ("ill", filled(&paused, "reason", reason.word()))
        }
    };
    Row { name: &source.name, kind: &source.kind, class, health }
}

/// Day, hour and minute, UTC: what is spent of a month may be back weeks from now.
fn moment(at: SystemTime) -> String {
    let written = rfc3339(unix_seconds(at));
    match written.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
        None => written,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{super::words::LANGUAGES, *};
    use crate::model::Reason;

    #[test]
    fn the_page_says_which_sources_there_are_and_how_they_are() {
        let reader = Reader { service: "Names", words: &LANGUAGES[0] };
        let until = UNIX_EPOCH + Duration::from_secs(86_400 + 3_661);
        let health = |name: &str, pause, failing| {
            let (name, kind) = (name.into(), "brave".into());
            SourceHealth { name, kind, pause, failing }
        };
        let sources = [
            health("one", None, None),
            health("two", Some((Reason::Captcha, until)), Some(Reason::Captcha)),
            health("three", None, Some(Reason::Refused)),
        ];
        let page = page(&reader, &Service::named("urn:example:names"), &sources, (1024, 100));
        let text = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(text.contains("urn:example:names"), "{text}");
        assert!(text.contains("paused until 1970-01-02 01:01 UTC: captcha"), "{text}");
        assert!(text.contains(r#"<td class="ill">gave no answer when last asked: refused</td>"#), "{text}");
        assert_eq!(text.matches(r#"<td class="well">answers</td>"#).count(), 1, "{text}");
        assert!(text.contains("Names of up to 1024 characters; 100 results at a time."), "{text}");
    }
}

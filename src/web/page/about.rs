//! What the service is: its sources and how they are, its datasets, where it is reached.

use std::time::{SystemTime, UNIX_EPOCH};

use askama::Template;
use http::StatusCode;

use super::{Reader, Words, html, words::filled};
use crate::{gateway::SourceHealth, model::Service, web::Page};

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
            let paused = filled(&words.paused, "until", &time_of_day(*until));
            ("ill", filled(&paused, "reason", reason.word()))
        }
    };
    Row { name: &source.name, kind: &source.kind, class, health }
}

/// Hour and minute, UTC: a pause is over within the day.
fn time_of_day(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02} UTC", seconds / 3600 % 24, seconds / 60 % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        assert!(text.contains("paused until 01:01 UTC: captcha"), "{text}");
        assert!(text.contains(r#"<td class="ill">gave no answer when last asked: refused</td>"#), "{text}");
        assert_eq!(text.matches(r#"<td class="well">answers</td>"#).count(), 1, "{text}");
        assert!(text.contains("Names of up to 1024 characters; 100 results at a time."), "{text}");
    }
}

//! A page for a request that came to nothing, with the box to try another.

use askama::Template;
use http::StatusCode;

use super::{Reader, html, words::filled};
use crate::{model::showable, web::Page};

#[derive(Template)]
#[template(path = "trouble.html")]
struct Trouble<'a> {
    service: &'a str,
    words: &'a super::Words,
    asked: &'a str,
    autofocus: bool,
    status: StatusCode,
    what: &'a str,
    advice: &'a str,
    detail: &'a str,
}

/// What a problem says of itself.
pub fn detail(problem: &Page) -> String {
    let body: Option<serde_json::Value> = serde_json::from_slice(problem.body()).ok();
    body.and_then(|body| Some(body.get("detail")?.as_str()?.to_owned())).unwrap_or_default()
}

/// What a failed request is told: the status decides the sentence, `detail` is the problem as a
/// program is told of it. `asked` is left in the box to be mended; a name has `most` characters.
pub fn page(reader: &Reader<'_>, status: StatusCode, detail: &str, asked: &str, most: usize) -> Page {
    let words = reader.words;
    let asked = showable(asked);
    let (what, advice) = match status {
        StatusCode::NOT_FOUND => (&words.no_page, words.no_page_advice.clone()),
        StatusCode::METHOD_NOT_ALLOWED => (&words.no_method, words.no_method_advice.clone()),
        StatusCode::TOO_MANY_REQUESTS => (&words.busy, words.busy_advice.clone()),
        StatusCode::SERVICE_UNAVAILABLE => (&words.failed, words.failed_advice.clone()),
        _ => (&words.refused, filled(&words.refused_advice, "count", &most.to_string())),
    };
    let template = Trouble {
        service: reader.service,
        words,
        asked: &asked,
        autofocus: true,
        status,
        what,
        advice: &advice,
        detail,
    };
    html(status, &template)
}

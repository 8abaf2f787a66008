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
        StatusCode::MISDIRECTED_REQUEST => (&words.no_host, words.no_host_advice.clone()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::words::LANGUAGES;

    #[test]
    fn the_advice_is_for_what_went_wrong() {
        let reader = Reader { service: "Names", words: &LANGUAGES[0] };
        for (status, advice) in [
            (StatusCode::NOT_FOUND, "There is no such page."),
            (StatusCode::METHOD_NOT_ALLOWED, "That can’t be done here."),
            (StatusCode::MISDIRECTED_REQUEST, "the service doesn’t answer under it."),
            (StatusCode::TOO_MANY_REQUESTS, "Too many questions at once."),
            (StatusCode::SERVICE_UNAVAILABLE, "No source could be asked just now."),
            (StatusCode::BAD_REQUEST, "A name has 1 to 77 characters."),
        ] {
            let page = page(&reader, status, "as a program is told", "asked", 77);
            let text = String::from_utf8(page.body().to_vec()).unwrap();
            assert!(text.contains(advice) && text.contains("as a program is told"), "{status}: {text}");
        }
    }
}

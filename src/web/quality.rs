//! How much a client wishes for one of the things it takes: the quality of an element of `Accept`
//! and its kin (RFC 9110 section 12.4.2).

use http::{HeaderMap, header};

/// The quality among the parameters of an element, in thousandths; 1000 where none is given.
pub fn quality_of<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let quality = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let Some(quality) = quality else { return 1000 };
    let thousandths = quality.parse::<f32>().map_or(1000.0, |quality| quality.clamp(0.0, 1.0) * 1000.0);
    // Between 0 and 1000 by the line above.
    thousandths as u16
}

/// Whether it is a person's browser that asks: it names HTML among what it takes, and wishes for JSON
/// no more than for that.
pub fn wants_page(headers: &HeaderMap) -> bool {
    page_and_data(headers).is_some_and(|(page, data)| page >= data)
}

/// Whether it wishes for HTML more than for JSON, where JSON is what is expected.
pub fn wants_page_rather(headers: &HeaderMap) -> bool {
    page_and_data(headers).is_some_and(|(page, data)| page > data)
}

/// The qualities of HTML and of JSON; `None` unless HTML is named and taken.
fn page_and_data(headers: &HeaderMap) -> Option<(u16, u16)> {
    let (exactness, page) = wish(headers, "text", "html")?;
    let data = ["json", "problem+json"].map(|kind| wish(headers, "application", kind));
    let data = data.into_iter().flatten().map(|(_, quality)| quality).max();
    (exactness == Exactness::Whole && page > 0).then_some((page, data.unwrap_or(0)))
}

/// How much of a media type a range of `Accept` names; what names more counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    Nothing,
    Kind,
    Whole,
}

/// The quality of `kind/sort`, by the range that names it most exactly; `None` where none holds it.
fn wish(headers: &HeaderMap, kind: &str, sort: &str) -> Option<(Exactness, u16)> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let wishes = lines.flat_map(|line| line.split(',')).filter_map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let (of, named) = parts.next()?.split_once('/')?;
        let exactness = match (of, named) {
            ("*", "*") => Exactness::Nothing,
            (of, "*") if of.eq_ignore_ascii_case(kind) => Exactness::Kind,
            (of, named) if of.eq_ignore_ascii_case(kind) && named.eq_ignore_ascii_case(sort) => {
                Exactness::Whole
            }
            _ => return None,
        };
        Some((exactness, quality_of(parts)))
    });
    wishes.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_who_wishes_for_it_more_than_for_json() {
        for (accept, is_wished, is_wished_rather) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true, true),
            ("Text/HTML", true, true),
            ("application/json;q=0.9, text/html", true, true),
            ("text/html, application/json", true, false),
            ("text/html, */*", true, false),
            ("application/json, text/html;q=0.5", false, false),
            ("application/problem+json, text/html;q=0.9", false, false),
            ("application/*, text/html;q=0.9", false, false),
            ("application/json;q=0.1, application/problem+json;q=0.1, text/html;q=0.5, */*", true, true),
            ("text/html;q=0, */*", false, false),
            ("text/*, */*;q=0.1", false, false),
            ("*/*", false, false),
            ("", false, false),
        ] {
            let headers = [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect();
            assert_eq!(
                (wants_page(&headers), wants_page_rather(&headers)),
                (is_wished, is_wished_rather),
                "{accept}"
            );
        }
        assert!(!wants_page(&HeaderMap::new()));
    }
}

//! Which language a reader gets: the one of ours that `Accept-Language` likes best.

use http::{HeaderMap, header};

use super::words::{LANGUAGES, Words};
use crate::web::quality::quality_of;

/// What to say to who sent these headers (RFC 9110 section 12.5.4). Who accepts none of our
/// languages gets the first: a page that can't be read is better than none.
pub fn language(headers: &HeaderMap) -> Option<&'static Words> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut wishes: Vec<(u16, &str)> = lines.flat_map(|line| line.split(',')).map(wish).collect();
    // Stable, so that of equals the first stays in front.
    wishes.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    let accepted = wishes.iter().filter(|(quality, _)| *quality > 0);
    accepted.filter_map(|(_, range)| known(range)).next().or_else(|| LANGUAGES.first())
}

/// One element: how much it is wished, in thousandths, and the language.
fn wish(element: &str) -> (u16, &str) {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    (quality_of(parts), range)
}

/// Ours for a range such as `de-AT`; its first part decides.
fn known(range: &str) -> Option<&'static Words> {
    let primary = range.split('-').next().unwrap_or_default();
    LANGUAGES.iter().find(|words| words.tag.eq_ignore_ascii_case(primary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(accept: &str) -> String {
        let headers = [(header::ACCEPT_LANGUAGE, accept.parse().unwrap())].into_iter().collect();
        language(&headers).unwrap().tag.clone()
    }

    #[test]
    fn the_language_liked_best_is_spoken() {
        for (accept, spoken) in [
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("tlh, ja;q=0.4, fr;q=0.7", "fr"),
            ("en;q=0.2, AR-eg;q=0.3", "ar"),
            ("de;q=0, *", "en"),
            ("de;q=nonsense", "de"),
            ("", "en"),
            ("xx", "en"),
        ] {
            assert_eq!(tag(accept), spoken, "{accept}");
        }
        assert_eq!(language(&HeaderMap::new()).unwrap().tag, "en");
    }
}

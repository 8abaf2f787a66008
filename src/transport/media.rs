//! Media types of documents: which a request may have, and which its answer gets (D16).

use http::{HeaderMap, HeaderValue, header};

use crate::web::quality::quality_of;

/// A media type that a CNRP document may travel under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Cnrp,
    Application,
    Text,
}

impl Media {
    /// In the order in which they are preferred.
    const ALL: [Self; 3] = [Self::Cnrp, Self::Application, Self::Text];

    /// The name as it is sent; without charset, as RFC 3367 section 7.1 asks (R3).
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cnrp => "application/cnrp+xml",
            Self::Application => "application/xml",
            Self::Text => "text/xml",
        }
    }
}

/// The charset that the media type of a request names, where there is one (D33).
///
/// # Errors
/// The media type is not one of a CNRP document.
pub(super) fn charset(headers: &HeaderMap) -> Result<Option<String>, UnsupportedMedia> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    if value.as_bytes() == Media::Cnrp.name().as_bytes() {
        return Ok(None);
    }
    let text = value.to_str().map_err(|_| UnsupportedMedia)?;
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    if !kind.is_empty() && !Media::ALL.iter().any(|media| media.name().eq_ignore_ascii_case(kind)) {
        return Err(UnsupportedMedia);
    }
    Ok(parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    }))
}

/// A media type that is not one of a CNRP document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnsupportedMedia;

/// The media type of the answer: our own, unless the client accepts only another that a CNRP
/// document may have. `None` if it accepts none of them.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    if lines.peek().is_none_or(|line| line.as_bytes() == Media::Cnrp.name().as_bytes()) {
        return Some(Media::Cnrp);
    }
    let ranges: Vec<_> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(range)
        .collect();
    if ranges.is_empty() {
        // Nothing that could be read as a wish.
        return Some(Media::Cnrp);
    }
    if quality(&ranges, Media::Cnrp) > 0 {
        return Some(Media::Cnrp);
    }
    let others = [Media::Application, Media::Text].into_iter().filter(|media| quality(&ranges, *media) > 0);
    // Of equals `rev` lets the first win, as `max_by_key` keeps the last.
    others.rev().max_by_key(|media| quality(&ranges, *media))
}

/// A media range and its quality in thousandths.
fn range(element: &str) -> Option<(&str, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    Some((range, quality_of(parts)))
}

/// How welcome `media` is: by the most specific range that it falls under.
fn quality(ranges: &[(&str, u16)], media: Media) -> u16 {
    let name = media.name();
    let family = name.split('/').next().unwrap_or_default();
    let specificity = |range: &str| match range.split_once('/') {
        Some(("*", "*")) => 1,
        Some((kind, "*")) if kind.eq_ignore_ascii_case(family) => 2,
        _ if range.eq_ignore_ascii_case(name) => 3,
        _ => 0,
    };
    let fitting = ranges.iter().filter(|(range, _)| specificity(range) > 0);
    fitting.max_by_key(|(range, _)| specificity(range)).map_or(0, |(_, quality)| *quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        [(http::HeaderName::from_static(name), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn d16_the_answer_is_our_own_type_unless_only_another_is_accepted() {
        assert_eq!(accepted(&HeaderMap::new()), Some(Media::Cnrp));
        for (accept, expected) in [
            ("application/cnrp+xml", Some(Media::Cnrp)),
            ("*/*", Some(Media::Cnrp)),
            ("text/xml, application/*;q=0.1", Some(Media::Cnrp)),
            ("text/html, text/xml;q=0.5, */*;q=0.1", Some(Media::Cnrp)),
            ("application/xml, text/xml", Some(Media::Application)),
            ("application/xml;q=0.4, Text/XML;q=0.5", Some(Media::Text)),
            ("text/*", Some(Media::Text)),
            ("application/cnrp+xml;q=0, */*", Some(Media::Application)),
            ("application/cnrp+xml; q=0", None),
            ("*/*;q=0.000", None),
            ("image/png", None),
            ("text/html, application/json", None),
            ("", Some(Media::Cnrp)),
            ("nonsense", Some(Media::Cnrp)),
        ] {
            assert_eq!(accepted(&headers("accept", accept)), expected, "{accept}");
        }
    }

    #[test]
    fn d16_legacy_types_and_none_are_understood() {
        assert_eq!(charset(&HeaderMap::new()), Ok(None));
        for (kind, expected) in [
            ("application/cnrp+xml", Ok(None)),
            ("", Ok(None)),
            ("Application/XML; charset=utf-8", Ok(Some("utf-8"))),
            ("text/xml;x=y; Charset = \"ISO-8859-1\"", Ok(Some("ISO-8859-1"))),
            ("text/xml; charset=", Ok(None)),
            ("image/png", Err(UnsupportedMedia)),
            ("application/x-www-form-urlencoded", Err(UnsupportedMedia)),
            ("text/xmlx", Err(UnsupportedMedia)),
        ] {
            let expected = expected.map(|charset| charset.map(str::to_owned));
            assert_eq!(charset(&headers("content-type", kind)), expected, "{kind}");
        }
    }
}

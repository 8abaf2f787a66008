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

/// Whether it is a person's browser that asks: it names HTML among what it takes.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let mut elements = lines.flat_map(|line| line.split(','));
    elements.any(|element| {
        let mut parts = element.split(';').map(str::trim);
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html")) && quality_of(parts) > 0
    })
}

//! How much a client wishes for one of the things it takes: the quality of an element of `Accept`
//! and its kin (RFC 9110 section 12.4.2).

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

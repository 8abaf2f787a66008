//! Which language codes there are, as far as a client's slip can be told: the two-letter codes are
//! a closed list, so `sp-MX`, in the text's own example, is none (D10). Three-letter codes number
//! thousands and their form alone is checked.

use crate::model::LanguageRange;

/// Two-letter language subtags of the IANA registry, deprecated ones included.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co \
    cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr \
    ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw \
    ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj \
    om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta \
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Reads a language tag or range; `None` if it is not well-formed or no registered language.
pub(super) fn read(value: &str) -> Option<LanguageRange> {
    let range = LanguageRange::parse(value)?;
    let primary = range.primary();
    let is_known = match primary.len() {
        // `x-...` and the grandfathered `i-...`.
        1 | 3 => true,
        2 => TWO_LETTERS.split_ascii_whitespace().any(|code| code == primary),
        // Longer ones are reserved, and none is registered.
        _ => false,
    };
    is_known.then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d10_a_language_is_well_formed_and_registered() {
        for known in ["en", "en-US", "fr-CA", "zh-Hant-TW", "EN-us", "yue", "x-mine", "i-klingon"] {
            assert!(read(known).is_some(), "{known}");
        }
        for unknown in ["sp-MX", "no such language", "", "en_US", "french", "1", "*-US"] {
            assert!(read(unknown).is_none(), "{unknown}");
        }
    }
}

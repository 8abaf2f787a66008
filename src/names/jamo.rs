//! Hangul as it is typed: a syllable is two to four letters of the keyboard, so a slip of the
//! finger changes a letter and not a syllable.

const FIRST_SYLLABLE: u32 = 0xac00;
const SYLLABLES: u32 = 11_172;
/// Syllables that begin with one consonant, and with one consonant and vowel.
const OF_LEAD: u32 = 588;
const OF_VOWEL: u32 = 28;

const LEADS: [&str; 19] = [
    "ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ", "ㅌ",
    "ㅍ", "ㅎ",
];
const VOWELS: [&str; 21] = [
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ", "ㅜㅓ", "ㅜㅔ",
    "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
];
const TAILS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
    "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

/// The letters that a key with Hangul is typed with; `None` for a key without Hangul. No key of a
/// name holds these letters, which the normaliser turns into syllables, so the two never meet.
pub(super) fn typed(key: &str) -> Option<String> {
    if !key.chars().any(|c| letters(c).is_some()) {
        return None;
    }
    let mut typed = String::with_capacity(key.len() * 3);
    for c in key.chars() {
        match letters(c) {
            Some(letters) => typed.extend(letters),
            None => typed.push(c),
        }
    }
    Some(typed)
}

/// Whether this is a letter of [`typed`] Hangul.
pub(super) fn is_letter(c: char) -> bool {
    matches!(c, '\u{3131}'..='\u{3163}')
}

/// The letters of a syllable, or of a part that was typed without the rest of its syllable.
fn letters(c: char) -> Option<[&'static str; 3]> {
    let part = |table: &[&'static str], first: u32| at(table, u32::from(c).checked_sub(first)?);
    match c {
        '\u{1100}'..='\u{1112}' => Some([part(&LEADS, 0x1100)?, "", ""]),
        '\u{1161}'..='\u{1175}' => Some([part(&VOWELS, 0x1161)?, "", ""]),
        '\u{11a8}'..='\u{11c2}' => Some([part(&TAILS, 0x11a7)?, "", ""]),
        _ => {
            let number = u32::from(c).checked_sub(FIRST_SYLLABLE).filter(|number| *number < SYLLABLES)?;
            let vowel = at(&VOWELS, number % OF_LEAD / OF_VOWEL)?;
            Some([at(&LEADS, number / OF_LEAD)?, vowel, at(&TAILS, number % OF_VOWEL)?])
        }
    }
}

fn at(table: &[&'static str], place: u32) -> Option<&'static str> {
    table.get(usize::try_from(place).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CommonName;

    #[test]
    fn syllables_are_typed_letter_by_letter() {
        for (key, letters) in [
            ("삼성전자", "ㅅㅏㅁㅅㅓㅇㅈㅓㄴㅈㅏ"),
            ("과학", "ㄱㅗㅏㅎㅏㄱ"),
            ("값힣가", "ㄱㅏㅂㅅㅎㅣㅎㄱㅏ"),
            ("lg전자", "lgㅈㅓㄴㅈㅏ"),
        ] {
            assert_eq!(typed(key).as_deref(), Some(letters));
        }
        assert_eq!(typed("boeing"), None);
        assert_eq!(typed("東京"), None);
    }

    #[test]
    fn an_unfinished_syllable_is_typed_as_well() {
        let key = |text| CommonName::new(text).unwrap().key().to_owned();
        assert_eq!(typed(&key("삼ㅅ")).as_deref(), Some("ㅅㅏㅁㅅ"));
        assert_eq!(typed(&key("삼서ㅇ")).as_deref(), Some("ㅅㅏㅁㅅㅓㅇ"));
        assert!(!key("ㅅㅏㅁ삼").chars().any(is_letter));
    }
}

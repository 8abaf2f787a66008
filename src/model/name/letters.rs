//! From the folded form to the key: how a name is written no longer shows, only its letters do.
//!
//! A diacritic is left out where people leave it out when they type, which is in Latin, Greek and
//! Cyrillic, and where a script writes its vowels only for learners, as Hebrew and Arabic do.
//! Elsewhere a mark is a letter: without them か and が, or the vowels of Hindi and Thai, would be
//! the same.

use icu_normalizer::{
    ComposingNormalizer, ComposingNormalizerBorrowed, DecomposingNormalizer, DecomposingNormalizerBorrowed,
};
use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed,
    props::{GeneralCategory, Script as ScriptOfUnicode},
};

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizer::new_nfd();
const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const SCRIPT: CodePointMapDataBorrowed<'static, ScriptOfUnicode> = CodePointMapData::new();

/// A script, as far as typing goes: the three that Japanese mixes are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script(ScriptOfUnicode);

impl Script {
    /// The Latin script.
    pub const LATIN: Self = Self(ScriptOfUnicode::Latin);
    /// Chinese characters, and the Japanese syllables written among them.
    pub const HAN: Self = Self(ScriptOfUnicode::Han);

    /// The script of a letter; `None` for what belongs to no script, such as digits.
    pub fn of(letter: char) -> Option<Self> {
        if letter.is_ascii() {
            return letter.is_ascii_alphabetic().then_some(Self::LATIN);
        }
        match SCRIPT.get(letter) {
            ScriptOfUnicode::Common | ScriptOfUnicode::Inherited | ScriptOfUnicode::Unknown => None,
            ScriptOfUnicode::Hiragana | ScriptOfUnicode::Katakana => Some(Self::HAN),
            script => Some(Self(script)),
        }
    }

    /// Whether a slip of the finger changes one letter of a word in this script. Where a character
    /// is a word or a syllable another one makes another name.
    pub fn is_typed_by_letter(self) -> bool {
        let whole = [
            ScriptOfUnicode::Han,
            ScriptOfUnicode::Hangul,
            ScriptOfUnicode::Bopomofo,
            ScriptOfUnicode::Yi,
            ScriptOfUnicode::Ethiopic,
        ];
        !whole.contains(&self.0)
    }

    /// Whether words stand together in this script, so that one may begin at any character. Korean
    /// has spaces, and leaves them out of names.
    pub fn is_written_without_spaces(self) -> bool {
        let together = [
            ScriptOfUnicode::Han,
            ScriptOfUnicode::Hangul,
            ScriptOfUnicode::Bopomofo,
            ScriptOfUnicode::Yi,
            ScriptOfUnicode::Thai,
            ScriptOfUnicode::Lao,
            ScriptOfUnicode::Khmer,
            ScriptOfUnicode::Myanmar,
            ScriptOfUnicode::Tibetan,
        ];
        together.contains(&self.0)
    }
}

/// The letters and digits of a folded name, without diacritics; the name as it stands where it has
/// none (without its spaces, marks on either side of one would come together and change places).
pub(super) fn key(folded: &str) -> String {
    let key = bare_key(folded);
    if key.is_empty() { folded.to_owned() } else { key }
}

/// The letters and digits of a folded text, without diacritics; empty where it has none.
pub(super) fn bare_key(folded: &str) -> String {
    if folded.is_ascii() {
        return folded.chars().filter(char::is_ascii_alphanumeric).collect();
    }
    // A letter that was written for another may bring up what is left out, and a mark may
    // compose anew: the second pass makes the key its own key.
    bare(&bare(folded))
}

fn bare(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    let mut base = ' ';
    for c in NFD.normalize(text).chars() {
        if is_mark(c) {
            if is_letter_on(c, base) {
                letters.push(c);
            }
        } else if c.is_alphanumeric() && !is_apostrophe(c) {
            push_plain(c, &mut letters);
            base = c;
        } else {
            base = ' ';
        }
    }
    NFC.normalize(&letters).into_owned()
}

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            CATEGORY.get(c),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        )
}

/// Whether a mark on this base is part of the letter rather than a diacritic.
fn is_letter_on(mark: char, base: char) -> bool {
    let encloses = CATEGORY.get(mark) == GeneralCategory::EnclosingMark;
    let is_general = SCRIPT.get(mark) == ScriptOfUnicode::Inherited;
    match SCRIPT.get(base) {
        ScriptOfUnicode::Latin
        | ScriptOfUnicode::Greek
        | ScriptOfUnicode::Cyrillic
        | ScriptOfUnicode::Hebrew => false,
        // Hamza stands on its bearer as a letter of its own, but on alef nobody types it.
        ScriptOfUnicode::Arabic => mark == '\u{654}' && base != '\u{627}',
        ScriptOfUnicode::Hiragana | ScriptOfUnicode::Katakana => true,
        // Digits and signs with something around them (keycaps).
        ScriptOfUnicode::Common => false,
        _ => !(encloses || is_general && matches!(mark, '\u{300}'..='\u{36f}')),
    }
}

/// Letters by their category that people write for, or as, an apostrophe (Hawaiʻi), and the Arabic
/// stroke that only stretches a word.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\u{2b9}'..='\u{2df}' | '\u{640}')
}

/// Appends a letter as it is typed where the keyboard has no such letter. These have no
/// decomposition, so taking off marks leaves them.
fn push_plain(c: char, letters: &mut String) {
    match c {
        'ø' => letters.push('o'),
        'ł' => letters.push('l'),
        'đ' | 'ð' => letters.push('d'),
        'ħ' => letters.push('h'),
        'ı' => letters.push('i'),
        'ŧ' => letters.push('t'),
        'ŋ' => letters.push('n'),
        'æ' => letters.push_str("ae"),
        'œ' => letters.push_str("oe"),
        'þ' => letters.push_str("th"),
        // Alef with wasla, which everyday Arabic writes as a plain alef.
        '\u{671}' => letters.push('\u{627}'),
        _ => letters.push(c),
    }
}

/// The folded name with ä, ö, ü, å and ø as the two letters that German and the Nordic languages allow.
pub(super) fn spelt_out(folded: &str) -> Option<String> {
    let is_written_in_two = |c: char| matches!(c, 'ä' | 'ö' | 'ü' | 'å' | 'ø');
    if folded.is_ascii() || !folded.contains(is_written_in_two) {
        return None;
    }
    let mut text = String::with_capacity(folded.len());
    for c in folded.chars() {
        match c {
            'ä' => text.push_str("ae"),
            'ö' | 'ø' => text.push_str("oe"),
            'ü' => text.push_str("ue"),
            'å' => text.push_str("aa"),
            _ => text.push(c),
        }
    }
    Some(text)
}

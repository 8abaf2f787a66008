//! The words of a name that it may be found by before it is typed in full: those further in than
//! its beginning, which the table of names knows. "Tokyo" finds the "University of Tokyo".
//!
//! Scripts that don't part words with spaces have a word wherever a character stands: 大学 is one
//! in 東京大学. There the next [`WINDOW`] characters are taken for a word.

use std::collections::BTreeSet;

use super::{jamo, legal_forms as words};
use crate::model::{CommonName, Script};

/// Characters of a word in a script without spaces: enough that few names share them, and few enough
/// that a table of all of them stays small. What is typed beyond is compared with the names found.
pub(super) const WINDOW: usize = 3;

/// Fewest letters of a word in other scripts: a single letter means nothing further in.
pub(super) const FEWEST: usize = 2;

/// Most words and windows of a name; longer names are sentences.
const MOST: usize = 64;

/// Adds the keys of the words of a name that stand further in.
pub(super) fn words(name: &CommonName, found: &mut BTreeSet<String>) {
    let before = found.len();
    for (at, word) in split(name.folded()).iter().enumerate() {
        if is_unspaced(word) {
            // The beginning of the name is no inner word, but the rest of its first word is.
            found.extend(windows(word).skip(usize::from(at == 0)));
        } else if at > 0 && !is_untelling(word) && word.chars().nth(FEWEST - 1).is_some() {
            found.insert(word.clone());
        }
        if found.len() - before >= MOST {
            return;
        }
    }
}

/// The keys of the words of a folded name. Hyphens and slashes part words, apostrophes don't.
pub(super) fn split(folded: &str) -> Vec<String> {
    let words = folded.split(is_gap).map(CommonName::key_of_part);
    words.filter(|word| !word.is_empty()).collect()
}

fn is_gap(c: char) -> bool {
    c.is_whitespace()
        || (c.is_ascii_punctuation() && c != '\'')
        || matches!(c, '\u{b7}' | '\u{ab}' | '\u{bb}' | '\u{30fb}' | '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
        || matches!(c, '\u{2010}'..='\u{2015}' | '\u{201c}'..='\u{201f}' | '\u{2022}'..='\u{2027}')
}

/// Whether a word is left out: so many names have it that it tells none from another.
pub(super) fn is_untelling(word: &str) -> bool {
    words::is_small(word) || words::is_connective(word) || words::is_form_after(word)
}

/// Whether a word is in a script that does not part words with spaces.
pub(super) fn is_unspaced(word: &str) -> bool {
    !word.is_ascii() && word.chars().any(is_unspaced_letter)
}

fn is_unspaced_letter(letter: char) -> bool {
    Script::of(letter).is_some_and(Script::is_written_without_spaces)
}

/// The beginning of a word, and what stands from each character without spaces on; nothing of a
/// legal form that is written together with the name.
fn windows(word: &str) -> impl Iterator<Item = String> {
    let bare = if words::is_attached_form(word) { "" } else { words::without_attached(word).unwrap_or(word) };
    let starts = bare.char_indices().filter(|(at, letter)| *at == 0 || is_unspaced_letter(*letter));
    starts.filter_map(|(at, _)| bare.get(at..).map(window))
}

/// The first characters, as they are typed.
pub(super) fn window(word: &str) -> String {
    let window: String = word.chars().take(WINDOW).collect();
    jamo::typed(&window).unwrap_or(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        words(&CommonName::new(name).unwrap(), &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn words_further_in_are_those_that_tell_names_apart() {
        assert_eq!(of("University of Tokyo"), ["tokyo"]);
        assert_eq!(of("Rolls-Royce Holdings plc"), ["holdings", "royce"]);
        assert_eq!(of("École Polytechnique Fédérale"), ["federale", "polytechnique"]);
        assert_eq!(of("Plan B"), [""; 0]);
        assert_eq!(of("McDonald's"), [""; 0]);
    }

    #[test]
    fn without_spaces_every_character_begins_a_word() {
        assert_eq!(of("東京大学"), ["京大学", "大学", "学"]);
        assert_eq!(of("株式会社 ソニー"), ["ソニー", "ニー"]);
        assert_eq!(of("日本NTTデータ"), ["タ", "データ", "本nt"]);
        assert_eq!(of("삼성전자"), ["ㅅㅓㅇㅈㅓㄴㅈㅏ", "ㅈㅏ", "ㅈㅓㄴㅈㅏ"]);
    }
}

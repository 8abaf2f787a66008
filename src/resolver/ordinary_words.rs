//! Ordinary words: a query made of dictionary words alone is mostly no name, whatever domain
//! somebody registered for it.
//!
//! The list is the lower-case part of SCOWL's small American English list (see NOTICE), with "a", "I",
//! contractions and words of the net that are younger than it, sorted by bytes and searched where it
//! lies in the program: it costs no memory and no time at start.

use std::borrow::Cow;

use super::sorted_lines;
use crate::model::CommonName;

const WORDS: &str = include_str!("ordinary_words.txt");

/// Legal forms that are words of the dictionary and end hardly a phrase that is no name. `company` is not
/// among them: an "insurance company" is any of them. `inc`, `ltd` and the like are no words.
const LEGAL_FORMS: [&str; 3] = ["corporation", "incorporated", "limited"];

/// Whether every word of `name` is in the dictionary, as it stands in a sentence, and it does not end in a
/// legal form, as only names do. An exclamation mark is no part of a sentence here: names have it
/// ("Jeopardy!").
pub(super) fn is_ordinary(name: &CommonName) -> bool {
    name.words().all(|word| is_word(&plain(word))) && !has_legal_form(name)
}

fn has_legal_form(name: &CommonName) -> bool {
    let is_form = |word: &str| LEGAL_FORMS.contains(&word);
    name.words().last().is_some_and(is_form) && name.words().any(|word| !is_form(word) && word != "the")
}

/// A word without the punctuation of a sentence, its apostrophe the one that the list has.
fn plain(word: &str) -> Cow<'_, str> {
    let bare = word.trim_end_matches([',', '.', ';', ':', '?']);
    if bare.is_ascii() { bare.into() } else { bare.replace(['\u{2019}', '\u{2bc}'], "'").into() }
}

fn is_word(word: &str) -> bool {
    sorted_lines::find(WORDS, word, |line| line).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_the_list_is_sorted() {
        let lines: Vec<_> = WORDS.lines().collect();
        assert!(lines.len() > 30_000);
        assert!(lines.is_sorted());
        assert!(lines.iter().all(|word| is_word(word)));
    }

    #[test]
    fn a_name_with_a_legal_form_is_not_ordinary() {
        let ordinary = |name| is_ordinary(&CommonName::new(name).unwrap());
        for name in
            ["Quest Diagnostics Incorporated", "pigeon corporation", "Iron Mountain Inc", "BLUE STAR LIMITED"]
        {
            assert!(!ordinary(name), "{name}");
        }
        for words in
            ["insurance company", "limited", "the corporation", "limited edition", "corporation limited"]
        {
            assert!(ordinary(words), "{words}");
        }
    }

    #[test]
    fn what_people_say_is_ordinary() {
        for said in [
            "how to tie a tie",
            "Once upon a time",
            "I love you",
            "don't worry",
            "don\u{2019}t worry, be happy",
            "what's the time?",
            "online email login",
            "download",
        ] {
            assert!(is_ordinary(&CommonName::new(said).unwrap()), "{said}");
        }
    }

    #[test]
    fn names_are_not_ordinary() {
        let ordinary = |name| is_ordinary(&CommonName::new(name).unwrap());
        assert!(ordinary("table") && ordinary("Yellow  Submarine") && ordinary("the"));
        assert!(
            !ordinary("Boeing")
                && !ordinary("yellow boeing")
                && !ordinary("東京")
                && !ordinary("zz")
                && !ordinary("x")
                && !ordinary("yahoo!")
                && !ordinary("?")
                && !ordinary("!")
        );
    }
}

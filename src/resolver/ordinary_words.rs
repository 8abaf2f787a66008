//! Ordinary words: a query made of dictionary words alone is mostly no name, whatever domain
//! somebody registered for it.
//!
//! The list is the lower-case part of SCOWL's small American English list (see NOTICE), sorted by
//! bytes and searched where it lies in the program: it costs no memory and no time at start.

use crate::model::CommonName;

const WORDS: &str = include_str!("ordinary_words.txt");

/// Whether every word of `name` is in the dictionary.
pub(super) fn is_ordinary(name: &CommonName) -> bool {
    name.words().all(is_word)
}

/// Binary search over the lines of the list, by byte offset.
fn is_word(word: &str) -> bool {
    let (mut low, mut high) = (0, WORDS.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let Some((start, line)) = line_at(middle) else { return false };
        match line.cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// The line that holds the byte at `offset`, and where it starts.
fn line_at(offset: usize) -> Option<(usize, &'static str)> {
    let start = WORDS.get(..offset)?.rfind('\n').map_or(0, |newline| newline + 1);
    Some((start, WORDS.get(start..)?.lines().next()?))
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
    fn names_are_not_ordinary() {
        let ordinary = |name| is_ordinary(&CommonName::new(name).unwrap());
        assert!(ordinary("table") && ordinary("Yellow  Submarine") && ordinary("the"));
        assert!(
            !ordinary("Boeing")
                && !ordinary("yellow boeing")
                && !ordinary("東京")
                && !ordinary("zz")
                && !ordinary("!")
        );
    }
}

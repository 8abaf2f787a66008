//! A sketch of an entry's words: some bits for each, so that most entries that lack a word of a
//! question are told without reading their records. A missing bit is a certain "no"; a bit that is there
//! may be another word's.
//!
//! Lists of the table of words hold the sketch of each entry ([`mod@super::format`]). For "dadra dr" up to
//! fifty entries with the first word would be read otherwise, to find the two with the other.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{inner, jamo};

/// A sketch; only the bits that a sealed word has room for ([`super::meaning::seal`]) are used.
pub(super) type Sketch = u64;

/// The sketch of an entry of which nothing is known: it may have any word.
pub(super) const ANY: Sketch = Sketch::MAX;

/// How many bits there are, and where they begin in a word.
const BITS: u64 = 47;
const FIRST: u64 = 17;

/// Most letters of a beginning that has a bit; what is typed of a last word is mostly no longer.
const BEGINNING: usize = 3;

/// What a bit stands for, as a seed of its hash: a whole word, or a beginning of so many letters.
const WHOLE: usize = 0;

/// The bits of a name's words, of which `folded` is the folded form.
pub(super) fn of_name(folded: &str) -> Sketch {
    inner::split(folded).iter().fold(0, |all, word| all | of_word(word))
}

/// The bits that the sketch of an entry has if a name of it has these complete words, and one that begins
/// with `last`. Words of scripts without spaces may stand inside others, so they have none.
pub(super) fn of_question(complete: &[String], last: &str) -> Sketch {
    let spaced = complete.iter().filter(|word| !inner::is_unspaced(word));
    let of_last = if inner::is_unspaced(last) { 0 } else { of_beginnings(last) };
    spaced.fold(of_last, |all, word| all | of_word(word))
}

/// Whether an entry may have all that is asked for.
pub(super) fn may_have(entry: Sketch, asked: Sketch) -> bool {
    entry & asked == asked
}

fn of_word(word: &str) -> Sketch {
    bit(word, WHOLE) | of_beginnings(word)
}

/// The bits of the beginnings of a word, by the letters that it is typed with.
fn of_beginnings(word: &str) -> Sketch {
    let typed = jamo::typed(word);
    let word = typed.as_deref().unwrap_or(word);
    let ends = word.char_indices().map(|(at, letter)| at + letter.len_utf8()).take(BEGINNING);
    let beginnings = ends.filter_map(|end| word.get(..end));
    (1..).zip(beginnings).fold(0, |all, (letters, beginning)| all | bit(beginning, letters))
}

fn bit(text: &str, kind: usize) -> Sketch {
    1 << (FIRST + xxh3_64_with_seed(text.as_bytes(), kind as u64) % BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::CommonName,
        names::{
            meaning::{seal, unseal},
            typed::Typed,
        },
    };

    #[test]
    fn most_names_that_lack_a_word_are_told() {
        let names: Vec<String> = (0..1000).map(|n| format!("Dadra {n:03}x Works")).collect();
        let asked = of_question(&["dadra".to_owned()], "77");
        let may_have = names.iter().filter(|name| may_have(of_name(&name.to_lowercase()), asked)).count();
        assert!((10..400).contains(&may_have), "ten have it, and {may_have} may");
    }

    #[test]
    fn a_sealed_word_has_room_for_all_bits() {
        let sketch = (0..1000).fold(0, |all, n| all | bit(&n.to_string(), WHOLE));
        assert_eq!(sketch.count_ones(), 47);
        assert_eq!(unseal(seal(sketch, 5), 5), Some(sketch));
    }

    proptest! {
        #[test]
        fn nothing_is_passed_over_that_has_the_words(
            name in "([ab]{1,2}[ .'&-]?|[Aéｂß京삼성]|the ){1,6}",
            typed in "([ab]{1,2} ?|é|京|성|the ){1,3}",
        ) {
            let (Some(name), Some(typed)) = (CommonName::new(&name), CommonName::new(&typed)) else {
                return Ok(());
            };
            let typed = Typed::read(&typed);
            if typed.is_within(&name) {
                prop_assert!(may_have(of_name(name.folded()), of_question(&typed.complete, &typed.last)));
            }
        }
    }
}

//! Names of several words, told by which words they have: in another order ("Airlines United"),
//! with one missing ("Bank Permata" for the "Bank Permata Syariah") or one too many.
//!
//! A phrase is a set of words, its order and its legal form left out. It is looked up by a hash of
//! the words, and so is each phrase with one word less, which finds a missing word; the same of the
//! question finds one too many. At least two words are shared, and a number is never left out: it
//! makes another name.

use std::collections::BTreeSet;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    forms::{self, Written},
    meaning::{Meaning, NO_SLIPS, Slot},
};
use crate::model::CommonName;

/// Fewest words that are shared.
const FEWEST: usize = 2;
/// Most words of a phrase: longer ones are sentences.
const MOST: usize = 8;

/// How the words of a question differ from those of a name, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Differs {
    /// The same words in another order.
    Order,
    /// The question lacks a word of the name.
    Missing,
    /// The question has a word too many.
    Extra,
}

/// Whether a hash is of a whole phrase, or of one that lacks a word.
#[derive(Clone, Copy)]
enum Kept {
    All = 0,
    AllButOne = 1,
}

/// The hashes under which a name is kept.
pub(super) fn known(name: &CommonName) -> BTreeSet<u64> {
    let Some(words) = words(name) else { return BTreeSet::new() };
    let shorter = shorter(&words).map(|words| hash(&words, Kept::AllButOne));
    shorter.chain([hash(&words, Kept::All)]).collect()
}

/// The hashes under which a question's names may be kept.
pub(super) fn asked(name: &CommonName) -> Vec<(Differs, u64)> {
    let Some(words) = words(name) else { return Vec::new() };
    let same = [(Differs::Order, hash(&words, Kept::All)), (Differs::Missing, hash(&words, Kept::AllButOne))];
    let longer: BTreeSet<u64> = shorter(&words).map(|words| hash(&words, Kept::All)).collect();
    same.into_iter().chain(longer.into_iter().map(|hash| (Differs::Extra, hash))).collect()
}

/// The unsealed word of an entry that has a phrase.
pub(super) fn to_bits(place: u64) -> u64 {
    Meaning { entry: place, written: Written::Loose, slips_from: NO_SLIPS }.to_bits()
}

/// The entry of an unsealed word.
pub(super) fn place(bits: u64) -> Option<u64> {
    match Slot::from_bits(bits)? {
        Slot::One(meaning) => Some(meaning.entry),
        Slot::Many(_) => None,
    }
}

/// The words in order of the alphabet; `None` for a name of one word, or of very many.
fn words(name: &CommonName) -> Option<Vec<String>> {
    // A space is what parts words; most names of one word need no closer look.
    if !name.folded().contains(|c: char| !c.is_alphanumeric()) {
        return None;
    }
    let mut words = forms::telling_words(name);
    words.sort_unstable();
    (FEWEST..=MOST).contains(&words.len()).then_some(words)
}

/// The phrases with one word less.
fn shorter(words: &[String]) -> impl Iterator<Item = Vec<&String>> {
    let may_lack = |word: &String| words.len() > FEWEST && word.chars().any(char::is_alphabetic);
    let lacks = words.iter().enumerate().filter(move |(_, word)| may_lack(word));
    lacks.map(|(lacks, _)| words.iter().enumerate().filter(|(at, _)| *at != lacks).map(|(_, w)| w).collect())
}

fn hash<T: AsRef<str>>(words: &[T], kept: Kept) -> u64 {
    let joined = words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ");
    xxh3_64_with_seed(joined.as_bytes(), kept as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(question: &str, name: &str) -> Option<Differs> {
        let (question, name) = (CommonName::new(question).unwrap(), CommonName::new(name).unwrap());
        let known = known(&name);
        asked(&question).into_iter().find(|(_, hash)| known.contains(hash)).map(|(differs, _)| differs)
    }

    #[test]
    fn words_may_be_turned_lacking_or_too_many() {
        for (question, name, expected) in [
            ("Airlines United", "United Airlines", Some(Differs::Order)),
            ("america bank", "Bank of America Corp.", Some(Differs::Order)),
            ("Bank Permata", "Bank Permata Syariah", Some(Differs::Missing)),
            ("european research council executive", "European Research Council", Some(Differs::Extra)),
            ("Boeing", "Boeing Aircraft", None),
            ("Boeing Aircraft", "Boeing", None),
            ("united states lines", "United Kingdom Lines", None),
            ("Studio Canal Plus", "Studio Canal Plus 3", None),
            ("東京大学", "大学東京", None),
        ] {
            assert_eq!(differs(question, name), expected, "{question} and {name}");
        }
    }
}

//! Walks over the transducer, to every key one edit away.
//!
//! The crate's own Levenshtein automaton builds a table for each question; at one edit it is
//! quicker to go along the question once and try every edit at every step.

use fst::raw::{CompiledAddr, Fst, Node};

/// Longest question walked, in letters; the work grows with it, and longer ones are no names.
pub(super) const LONGEST: usize = 120;

pub(super) type Keys = Fst<Vec<u8>>;

/// A place in the transducer, with the output gathered on the way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub output: u64,
    pub address: CompiledAddr,
}

/// Where edits are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// At the first letter: it takes as long as everywhere else together, for nearly all ways out of
    /// the root go on for a while.
    First,
    /// Anywhere behind it.
    Behind,
}

/// Every key that is one edit (a letter left out, put in, or replaced, or two swapped) from
/// `question`, with the number of its group. A key may come more than once.
pub(super) fn one_edit(keys: &Keys, question: &str, place: Where) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    if question.chars().count() > LONGEST {
        return found;
    }
    let mut here = root(keys);
    let mut letters = question.chars();
    loop {
        let rest = letters.as_str();
        let is_first = rest.len() == question.len();
        if is_first == (place == Where::First) {
            Edits { keys, question, rest }.at(here, &mut found);
        }
        if is_first && place == Where::First {
            return found;
        }
        let Some(letter) = letters.next() else { return found };
        let Some(next) = step(keys, here, letter) else { return found };
        here = next;
    }
}

/// The edits at one place of a question.
struct Edits<'a> {
    keys: &'a Keys,
    question: &'a str,
    /// The question from that place on.
    rest: &'a str,
}

impl Edits<'_> {
    /// Tries every edit right here; everything before is as typed, everything after must be.
    fn at(&self, here: Place, found: &mut Vec<(String, u64)>) {
        let (typed, tail) = split(self.rest);
        let (other, tail_of_other) = split(tail);
        if typed.is_some() {
            self.try_path(here.output, self.keys.node(here.address), [None, None], tail, found);
        }
        if let (Some(one), Some(other)) = (typed, other)
            && let Some(swapped) = step(self.keys, here, other).and_then(|place| step(self.keys, place, one))
        {
            let node = self.keys.node(swapped.address);
            self.try_path(swapped.output, node, [Some(other), Some(one)], tail_of_other, found);
        }
        touch(self.keys, self.keys.node(here.address));
        let mut each = |letter: char, place: Place| {
            // Nearly all ways end right there, so the node is read once for both.
            let node = self.keys.node(place.address);
            self.try_path(place.output, node, [Some(letter), None], self.rest, found);
            if typed.is_some_and(|typed| typed != letter) {
                self.try_path(place.output, node, [Some(letter), None], tail, found);
            }
        };
        each_step(self.keys, here, [0; 4], 0, self.question.is_ascii(), &mut each);
    }

    /// Follows the tail from a node, and keeps the key if there is one.
    fn try_path(
        &self,
        output: u64,
        node: Node<'_>,
        changed: [Option<char>; 2],
        tail: &str,
        found: &mut Vec<(String, u64)>,
    ) {
        if let Some(number) = finish(self.keys, output, node, tail) {
            let before = self.question.strip_suffix(self.rest).unwrap_or_default();
            let changed = changed.into_iter().flatten();
            found.push((before.chars().chain(changed).chain(tail.chars()).collect(), number));
        }
    }
}

/// Reads a byte of each node that a node leads to. Of ten million names they lie far apart, and the
/// processor fetches all of them at a time here; in the walk it waits for each before the next.
fn touch(keys: &Keys, node: Node<'_>) {
    let bytes = keys.as_bytes();
    let addresses = (0..node.len()).map(|way| node.transition_addr(way));
    let touched = addresses.fold(0, |all, address| all ^ bytes.get(address).copied().unwrap_or_default());
    // What was read is of no use, and would not be read but for this.
    std::hint::black_box(touched);
}

/// The first letter and the rest.
pub(super) fn split(text: &str) -> (Option<char>, &str) {
    let mut letters = text.chars();
    (letters.next(), letters.as_str())
}

pub(super) fn root(keys: &Keys) -> Place {
    Place { output: 0, address: keys.root().addr() }
}

/// Follows one letter.
pub(super) fn step(keys: &Keys, from: Place, letter: char) -> Option<Place> {
    let mut buffer = [0; 4];
    letter.encode_utf8(&mut buffer).bytes().try_fold(from, |place, byte| byte_step(keys, place, byte))
}

fn byte_step(keys: &Keys, from: Place, byte: u8) -> Option<Place> {
    let node = keys.node(from.address);
    let transition = node.transition(node.find_input(byte)?);
    Some(Place { output: from.output + transition.out.value(), address: transition.addr })
}

/// Follows the rest of a key; the number of its group if there is one.
fn finish<'a>(keys: &'a Keys, mut output: u64, mut node: Node<'a>, tail: &str) -> Option<u64> {
    for byte in tail.bytes() {
        let transition = node.transition(node.find_input(byte)?);
        output += transition.out.value();
        node = keys.node(transition.addr);
    }
    node.is_final().then(|| output + node.final_output().value())
}

/// Gives every letter that goes on from here, and where it leads. A question in ASCII has no use
/// for letters of other scripts. `bytes` are those of a letter that is begun, `count` of them.
pub(super) fn each_step(
    keys: &Keys,
    from: Place,
    bytes: [u8; 4],
    count: usize,
    ascii_alone: bool,
    each: &mut impl FnMut(char, Place),
) {
    for transition in keys.node(from.address).transitions() {
        if ascii_alone && !transition.inp.is_ascii() {
            continue;
        }
        let next = Place { output: from.output + transition.out.value(), address: transition.addr };
        let mut bytes = bytes;
        let Some(byte) = bytes.get_mut(count) else { return };
        *byte = transition.inp;
        let letter = bytes.get(..=count).and_then(|bytes| std::str::from_utf8(bytes).ok());
        match letter.and_then(|letter| letter.chars().next()) {
            Some(letter) => each(letter, next),
            None => each_step(keys, next, bytes, count + 1, ascii_alone, each),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn keys(names: &BTreeSet<String>) -> Keys {
        Fst::from_iter_map(names.iter().zip(0..)).unwrap()
    }

    /// The definition, spelt out: slow and plain.
    fn is_one_edit(one: &str, other: &str) -> bool {
        let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
        let without = |of: &[char], at: usize| [&of[..at], &of[at + 1..]].concat();
        match a.len().abs_diff(b.len()) {
            0 => {
                let differ: Vec<usize> = (0..a.len()).filter(|at| a[*at] != b[*at]).collect();
                match differ[..] {
                    [_] => true,
                    [x, y] => y == x + 1 && a[x] == b[y] && a[y] == b[x],
                    _ => false,
                }
            }
            1 if a.len() > b.len() => (0..a.len()).any(|at| without(&a, at) == b),
            1 => (0..b.len()).any(|at| without(&b, at) == a),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_the_definition_says(
            names in prop::collection::btree_set("[abäж東]{1,5}", 1..40),
            question in "[abäж東]{1,5}",
        ) {
            let keys = keys(&names);
            let found = [Where::First, Where::Behind].into_iter().flat_map(|place| one_edit(&keys, &question, place));
            let found: BTreeSet<String> = found.map(|(key, _)| key).collect();
            let is_ascii = question.is_ascii();
            let expected: BTreeSet<String> = names
                .iter()
                .filter(|name| is_one_edit(name, &question) && (!is_ascii || name.is_ascii()))
                .cloned()
                .collect();
            // Replacing a letter by itself is no edit, but a swap of two equal ones is found.
            let found = found.into_iter().filter(|name| *name != question).collect::<BTreeSet<_>>();
            prop_assert_eq!(found, expected);
        }
    }
}

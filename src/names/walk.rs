//! Walks over the transducer: to every key one edit away, and to the best known below a prefix.
//!
//! The crate's own Levenshtein automaton builds a table for each question; at one edit it is
//! quicker to go along the question once and try every edit at every step.

use std::{cmp::Reverse, collections::BinaryHeap};

use fst::raw::{CompiledAddr, Fst};

/// Longest question walked, in letters; the work grows with it, and longer ones are no names.
const LONGEST: usize = 120;

type Keys = Fst<Vec<u8>>;

/// A place in the transducer, with the output gathered on the way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    output: u64,
    address: CompiledAddr,
}

/// Every key that is one edit (a letter left out, put in, or replaced, or two swapped) from
/// `question`, with the number of its group. A key may come more than once.
pub(super) fn one_edit(keys: &Keys, question: &str) -> Vec<(String, u64)> {
    let letters: Vec<char> = question.chars().collect();
    let mut found = Vec::new();
    if letters.len() > LONGEST {
        return found;
    }
    let mut here = root(keys);
    let mut before = String::with_capacity(question.len() + 4);
    let mut rest = letters.as_slice();
    loop {
        edits_at(keys, here, &before, rest, &mut found);
        let Some((letter, after)) = rest.split_first() else { return found };
        let Some(next) = step(keys, here, *letter) else { return found };
        before.push(*letter);
        here = next;
        rest = after;
    }
}

/// Tries every edit right here; everything before is as typed, everything after must be.
fn edits_at(keys: &Keys, here: Place, before: &str, rest: &[char], found: &mut Vec<(String, u64)>) {
    let mut try_path = |from: Place, changed: &[char], tail: &[char]| {
        if let Some(number) = finish(keys, from, tail) {
            found.push((
                before.chars().chain(changed.iter().copied()).chain(tail.iter().copied()).collect(),
                number,
            ));
        }
    };
    if let [_, tail @ ..] = rest {
        try_path(here, &[], tail);
    }
    if let [one, other, tail @ ..] = rest
        && let Some(swapped) = step(keys, here, *other).and_then(|place| step(keys, place, *one))
    {
        try_path(swapped, &[*other, *one], tail);
    }
    let is_ascii = before.is_ascii() && rest.iter().all(char::is_ascii);
    for (letter, place) in steps(keys, here, is_ascii) {
        try_path(place, &[letter], rest);
        if let [typed, tail @ ..] = rest
            && *typed != letter
        {
            try_path(place, &[letter], tail);
        }
    }
}

/// The numbers of the groups whose key begins with `prefix`, smallest first. They are found as they
/// are asked for.
pub(super) fn best_below<'a>(keys: &'a Keys, prefix: &str) -> impl Iterator<Item = u64> + use<'a> {
    let start = prefix.chars().try_fold(root(keys), |place, letter| step(keys, place, letter));
    // The output on the way to a place is the smallest number below it, so the smallest place
    // is always the next to look at. `None` marks a key that ends.
    let mut open: BinaryHeap<Reverse<(u64, Option<CompiledAddr>)>> =
        start.map(|place| Reverse((place.output, Some(place.address)))).into_iter().collect();
    std::iter::from_fn(move || {
        loop {
            let Reverse((output, address)) = open.pop()?;
            let Some(address) = address else { return Some(output) };
            let node = keys.node(address);
            if node.is_final() {
                open.push(Reverse((output + node.final_output().value(), None)));
            }
            for transition in node.transitions() {
                open.push(Reverse((output + transition.out.value(), Some(transition.addr))));
            }
        }
    })
}

fn root(keys: &Keys) -> Place {
    Place { output: 0, address: keys.root().addr() }
}

/// Follows one letter.
fn step(keys: &Keys, from: Place, letter: char) -> Option<Place> {
    let mut buffer = [0; 4];
    letter.encode_utf8(&mut buffer).bytes().try_fold(from, |place, byte| byte_step(keys, place, byte))
}

fn byte_step(keys: &Keys, from: Place, byte: u8) -> Option<Place> {
    let node = keys.node(from.address);
    let transition = node.transition(node.find_input(byte)?);
    Some(Place { output: from.output + transition.out.value(), address: transition.addr })
}

/// Follows the rest of a key; the number of its group if there is one.
fn finish(keys: &Keys, from: Place, tail: &[char]) -> Option<u64> {
    let end = tail.iter().try_fold(from, |place, letter| step(keys, place, *letter))?;
    let node = keys.node(end.address);
    node.is_final().then(|| end.output + node.final_output().value())
}

/// Every letter that goes on from here, and where it leads. A question in ASCII has no use for
/// letters of other scripts.
fn steps(keys: &Keys, from: Place, ascii_alone: bool) -> Vec<(char, Place)> {
    let mut found = Vec::new();
    let mut open = vec![(from, Vec::with_capacity(4))];
    while let Some((place, bytes)) = open.pop() {
        for transition in keys.node(place.address).transitions() {
            if ascii_alone && !transition.inp.is_ascii() {
                continue;
            }
            let next = Place { output: place.output + transition.out.value(), address: transition.addr };
            let mut bytes: Vec<u8> = bytes.clone();
            bytes.push(transition.inp);
            match std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
                Some(letter) => found.push((letter, next)),
                None if bytes.len() < 4 => open.push((next, bytes)),
                None => {}
            }
        }
    }
    found
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
            let found: BTreeSet<String> = one_edit(&keys(&names), &question).into_iter().map(|f| f.0).collect();
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

        #[test]
        fn the_best_below_a_prefix_come_in_order(
            names in prop::collection::btree_map("[ab東]{1,5}", 0_u64..1000, 1..40),
            prefix in "[ab東]{0,2}",
            limit in 0_usize..8,
        ) {
            let keys = Fst::from_iter_map(names.iter().map(|(key, number)| (key, *number))).unwrap();
            let mut expected: Vec<u64> =
                names.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, number)| *number).collect();
            expected.sort_unstable();
            expected.truncate(limit);
            prop_assert_eq!(best_below(&keys, &prefix).take(limit).collect::<Vec<_>>(), expected);
        }
    }
}

//! Walks over the transducer below the beginning of a key: to the best known keys that go on from
//! there, also if one letter of the beginning slipped.

use std::{cmp::Reverse, collections::BinaryHeap};

use fst::raw::CompiledAddr;

use super::{
    slip,
    walk::{Keys, LONGEST, Place, each_step, root, split, step},
};

/// A way on: the smallest number of a group there, and where it goes. `None` marks a key that ends.
type Way = (u64, Option<CompiledAddr>);

/// The numbers of the groups below some places, smallest first. They are found as they are asked
/// for: the output on the way to a place is the smallest number below it, so the smallest place is
/// always the next to look at, and its number is known before anybody goes there.
pub(super) struct Below<'a> {
    keys: &'a Keys,
    open: BinaryHeap<Reverse<Way>>,
    /// Whether the smallest number was given, and the way to it is still to be gone.
    is_given: bool,
}

/// The groups whose key goes on from any of these places, none of which is the root: its output is no
/// group's.
pub(super) fn below(keys: &Keys, starts: impl IntoIterator<Item = Place>) -> Below<'_> {
    let open = starts.into_iter().map(|place| Reverse((place.output, Some(place.address)))).collect();
    Below { keys, open, is_given: false }
}

impl Below<'_> {
    /// What the next number is at least; `None` if there is certainly none.
    pub(super) fn at_least(&self) -> Option<u64> {
        self.open.peek().map(|Reverse((number, _))| *number)
    }

    /// Goes the way to the smallest number, and opens all that leave it. Of ten million names most of it
    /// is memory that the processor has to wait for, so this is put off until somebody wants more.
    fn go(&mut self) {
        let Some(Reverse((number, mut next))) = self.open.pop() else { return };
        while let Some(address) = next.take() {
            let node = self.keys.node(address);
            let end = node.is_final().then(|| node.final_output().value());
            self.open.extend(end.filter(|more| *more > 0).map(|more| Reverse((number + more, None))));
            for transition in node.transitions() {
                let more = transition.out.value();
                if more == 0 && end != Some(0) && next.is_none() {
                    next = Some(transition.addr);
                } else {
                    self.open.push(Reverse((number + more, Some(transition.addr))));
                }
            }
        }
    }
}

impl Iterator for Below<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if std::mem::replace(&mut self.is_given, true) {
            self.go();
        }
        self.at_least()
    }
}

/// Where a beginning leads; `None` if no key begins so.
pub(super) fn place(keys: &Keys, beginning: &str) -> Option<Place> {
    beginning.chars().try_fold(root(keys), |place, letter| step(keys, place, letter))
}

/// Where the beginnings lead that are one slip away from this one. The first letter is as typed:
/// another one is seen at once, and would lead to every corner of the map.
pub(super) fn slipped(keys: &Keys, beginning: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let (Some(first), mut rest) = split(beginning) else { return found };
    if beginning.chars().count() > LONGEST {
        return found;
    }
    let mut here = step(keys, root(keys), first);
    let mut before = first;
    while let Some(place) = here {
        let (Some(typed), tail) = split(rest) else { break };
        slipped_at(keys, place, (before, typed), tail, &mut found);
        here = step(keys, place, typed);
        (before, rest) = (typed, tail);
    }
    found
}

/// Every slip right here: everything before is as typed, everything after must be.
fn slipped_at(keys: &Keys, here: Place, (before, typed): (char, char), tail: &str, found: &mut Vec<Place>) {
    let mut follow = |from: Place, rest: &str| {
        found.extend(rest.chars().try_fold(from, |place, letter| step(keys, place, letter)));
    };
    let are_exchangeable = slip::are_exchangeable;
    if are_exchangeable(typed, before) {
        // A letter too many.
        follow(here, tail);
    }
    if let (Some(other), rest) = split(tail)
        && other != typed
        && are_exchangeable(other, typed)
        && let Some(swapped) = step(keys, here, other).and_then(|place| step(keys, place, typed))
    {
        follow(swapped, rest);
    }
    each_step(keys, here, [0; 4], 0, typed.is_ascii(), &mut |letter, place| {
        if letter != typed && are_exchangeable(letter, typed) {
            follow(place, tail);
            if let Some(left_out) = step(keys, place, typed) {
                follow(left_out, tail);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fst::raw::Fst;
    use proptest::prelude::*;

    use super::*;

    fn keys(names: &BTreeMap<String, u64>) -> Keys {
        Fst::from_iter_map(names.iter().map(|(key, number)| (key, *number))).unwrap()
    }

    #[test]
    fn a_slip_of_a_beginning_is_any_but_the_first_letter_s() {
        let names = ["boeing", "boxing", "voeing", "baeing", "boeng", "東京大学"].map(str::to_owned);
        let keys = keys(&names.into_iter().zip(0..).collect());
        let begun = |typed: &str| {
            let mut found: Vec<u64> = below(&keys, slipped(&keys, typed)).collect();
            found.dedup();
            found
        };
        assert_eq!(begun("boei"), [0, 1, 3, 4], "boei, boxi, baei and boe");
        assert_eq!(begun("boie"), [0, 4], "boei and boe");
        assert_eq!(begun("boeiing"), [0]);
        assert_eq!(begun("bo3in"), [0; 0], "a digit is no slip");
        assert_eq!(begun("東京小"), [0; 0]);
    }

    proptest! {
        #[test]
        fn the_best_below_a_prefix_come_in_order(
            names in prop::collection::btree_map("[ab東]{1,5}", 0_u64..1000, 1..40),
            prefix in "[ab東]{1,2}",
            limit in 0_usize..8,
        ) {
            let keys = keys(&names);
            let mut expected: Vec<u64> =
                names.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, number)| *number).collect();
            expected.sort_unstable();
            expected.truncate(limit);
            prop_assert_eq!(below(&keys, place(&keys, &prefix)).take(limit).collect::<Vec<_>>(), expected);
        }
    }
}

//! What the transducer gives for a key, in one number: its only meaning, or that it has several.
//!
//! From the highest bit down: 40 bits for the place of the record of the best known entry that the
//! key may mean; 3 for how much of the name it leaves out and 3 for where slips are believed
//! ([`Meaning`]), or, where there are several, 6 that count such keys of one entry; 1 that says that
//! there are several; 1 that says that the key is a name, and not initials or a label alone. Those
//! are many, and neither slips nor beginnings are looked for in them.
//!
//! So a smaller value is a better known name, and the smallest value below any prefix is read off
//! the way there. Most keys have one meaning, and nothing more must be read to know it.

use super::{forms::Written, meaning::Meaning};

const IS_NAME: u64 = 1;
const HAS_SEVERAL: u64 = 2;
const SLIPS: u32 = 2;
const WRITTEN: u32 = 5;
const PLACE: u32 = 8;

/// The value of a key that means this alone.
pub(super) fn of_one(meaning: Meaning, is_name: bool) -> u64 {
    let Meaning { entry, written, slips_from } = meaning;
    let meaning = (entry << PLACE) | ((written as u64) << WRITTEN) | (u64::from(slips_from & 7) << SLIPS);
    meaning | u64::from(is_name)
}

/// Gives the values of keys that have several meanings, each another one.
#[derive(Default)]
pub(super) struct Several {
    /// The smallest that may be given, without the lowest bits.
    next: u64,
}

impl Several {
    /// The value of the next key, in order of the best known entry of each. An entry that is the best
    /// known of more than 64 runs into the bytes of its own record, which hold no other one.
    pub(super) fn value(&mut self, first: u64, is_name: bool) -> u64 {
        let counted = self.next.max(first << (PLACE - SLIPS));
        self.next = counted + 1;
        (counted << SLIPS) | HAS_SEVERAL | u64::from(is_name)
    }
}

/// The place of the best known entry that the key may mean, or a byte of that entry's record.
pub(super) fn place(value: u64) -> u64 {
    value >> PLACE
}

/// Whether the key is a name.
pub(super) fn is_name(value: u64) -> bool {
    value & IS_NAME != 0
}

/// Whether the key has several meanings.
pub(super) fn has_several(value: u64) -> bool {
    value & HAS_SEVERAL != 0
}

/// The only meaning of a key that has one; `None` if no key has this value.
pub(super) fn meaning(value: u64) -> Option<Meaning> {
    let written = usize::try_from((value >> WRITTEN) & 7).ok()?;
    let slips_from = u8::try_from((value >> SLIPS) & 7).ok()?;
    Some(Meaning { entry: value >> PLACE, written: *Written::ALL.get(written)?, slips_from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::meaning::{FARTHEST, NO_SLIPS};

    #[test]
    fn a_value_says_what_was_written_and_keeps_the_order() {
        let mut last = 0;
        for entry in [0, 1, 77_777, FARTHEST] {
            for written in Written::ALL {
                for slips_from in [0, 4, NO_SLIPS] {
                    let only = Meaning { entry, written, slips_from };
                    let value = of_one(only, true);
                    assert_eq!(meaning(value), Some(only));
                    assert!(is_name(value) && !has_several(value) && !is_name(of_one(only, false)));
                    assert!(value > last, "{only:?}");
                    last = value;
                }
            }
        }
        assert_eq!(meaning(7 << WRITTEN), None);
    }

    #[test]
    fn each_key_of_several_meanings_has_a_value_of_its_own_in_order_of_fame() {
        let mut several = Several::default();
        let firsts = [0, 0, 20, 20].into_iter().chain([40; 100]).chain([60, FARTHEST]);
        let values: Vec<_> = firsts.map(|first| several.value(first, first % 40 == 0)).collect();
        assert!(
            values.is_sorted_by(|one, next| one < next) && values.iter().all(|value| has_several(*value))
        );
        assert!(is_name(values[0]) && !is_name(values[2]));
        let places: Vec<_> = values.iter().map(|value| value >> PLACE).collect();
        assert_eq!([places[1], places[3], places[4], places[103], places[104]], [0, 20, 40, 41, 60]);
    }
}

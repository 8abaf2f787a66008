//! The table of keys: for each key, the entries it may mean, in one transducer and one list.
//!
//! The transducer maps a key to the number of its group. Groups are numbered by the order of
//! their first entry, so a smaller number is a better known name, and the smallest number below
//! any prefix is read off the way there: that is what makes [`super::NameIndex::prefix`] cheap.

use fst::raw::{Builder, Fst};

use super::forms::Written;

/// [`Meaning::slips_from`] of a key in which no slip is believed.
pub(super) const NO_SLIPS: u8 = u8::MAX;

/// One meaning of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    /// The place of the entry in the source.
    pub entry: u32,
    pub written: Written,
    /// After how many letters of the key slips are believed; [`NO_SLIPS`] for none at all.
    pub slips_from: u8,
}

/// Keys and what they mean.
pub(super) struct Table {
    keys: Fst<Vec<u8>>,
    /// Where in `meanings` each group ends; it begins where the one before ends.
    ends: Vec<u32>,
    meanings: Vec<Meaning>,
}

impl Table {
    /// Builds the table; of several meanings that differ only in how much is left out, the one
    /// that leaves out least is kept.
    pub(super) fn build(mut pairs: Vec<(Box<str>, Meaning)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup_by(|later, earlier| later.1.entry == earlier.1.entry && later.0 == earlier.0);
        let groups: Vec<&[(Box<str>, Meaning)]> = pairs.chunk_by(|one, other| one.0 == other.0).collect();
        let mut by_fame: Vec<usize> = (0..groups.len()).collect();
        by_fame
            .sort_by_key(|place| groups.get(*place).and_then(|group| group.first()).map(|pair| pair.1.entry));
        let mut numbers = vec![0; groups.len()];
        let mut ends = Vec::with_capacity(groups.len());
        let mut meanings = Vec::with_capacity(pairs.len());
        for (number, place) in (0_u64..).zip(by_fame) {
            meanings.extend(groups.get(place).into_iter().flat_map(|group| group.iter().map(|pair| pair.1)));
            ends.push(u32::try_from(meanings.len()).unwrap_or(u32::MAX));
            if let Some(slot) = numbers.get_mut(place) {
                *slot = number;
            }
        }
        let keys = groups.iter().filter_map(|group| group.first()).map(|pair| &*pair.0);
        Self { keys: transducer(keys.zip(numbers)), ends, meanings }
    }

    /// What a key means, in the order of the source; nothing for an unknown key.
    pub(super) fn get(&self, key: &str) -> &[Meaning] {
        self.keys.get(key.as_bytes()).map_or(&[], |number| self.group(number.value()))
    }

    /// The meanings of the group that the transducer gave the number of.
    pub(super) fn group(&self, number: u64) -> &[Meaning] {
        let end_of = |place: usize| self.ends.get(place).map_or(0, |end| usize::try_from(*end).unwrap_or(0));
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let start = place.checked_sub(1).map_or(0, end_of);
        self.meanings.get(start..end_of(place)).unwrap_or_default()
    }

    /// The transducer, to be walked.
    pub(super) fn keys(&self) -> &Fst<Vec<u8>> {
        &self.keys
    }
}

/// The transducer over sorted, unique keys. Writing to memory doesn't fail and the order is
/// given, so there is no error that a caller could act on.
fn transducer<'a>(numbered: impl Iterator<Item = (&'a str, u64)>) -> Fst<Vec<u8>> {
    let mut builder = Builder::memory();
    for (key, number) in numbered {
        let inserted = builder.insert(key, number);
        debug_assert!(inserted.is_ok(), "{key} is out of order");
    }
    builder.into_fst()
}

//! Groups: what one key means. They are gathered from the sorted keys of all entries, and each gets
//! its slot: its only meaning, or where the list of its meanings is. The writer of the table makes
//! values of the slots ([`super::value`]).

use std::{collections::BTreeSet, io, io::Write};

use super::{
    build::{Ambiguous, Summary},
    forms::Written,
    meaning::{Meaning, Slot, seal},
    sort::{Sorted, Sorter},
    table,
    tape::{Scratch, Tape},
};

/// Most meanings of a key that leave out equally much of their names: as many as an answer holds
/// beside the entries of exactly the name.
const MOST_ALIKE: usize = 50;

/// Most entries of exactly one name. Nobody tells more of them apart, and to read them all would
/// take longer than an answer may.
pub(super) const MOST_SAME: usize = 1_000;

/// Most ambiguous names that are told of: the first few show what to look for.
const MOST_EXAMPLES: usize = 20;

/// Bytes after the key of an item: a zero, which no key holds, so that keys sort as they do by
/// themselves; the word of the meaning; what more is known of the entry.
const TAIL: usize = 17;

/// What more is known of the entry of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// A hash of its address, and whether the key is that of its name, see [`address`].
    Address,
    /// The sketch of its words, which the lists hold too.
    Sketch,
}

/// What is known of an entry by a key: a hash of its address, and whether the key is that of its name and not
/// one of an alias or a form. Of equal addresses one bit less tells as much.
pub(super) fn address(hash: u64, is_own_name: bool) -> u64 {
    (hash & !1) | u64::from(is_own_name)
}

/// A key, what it means and what more is known of that, as an item to be sorted.
pub(super) fn item(key: &str, meaning: Meaning, more: u64) -> Vec<u8> {
    let mut item = Vec::with_capacity(key.len() + TAIL);
    item.extend_from_slice(key.as_bytes());
    item.push(0);
    item.extend(meaning.to_bits().to_be_bytes());
    item.extend(more.to_be_bytes());
    item
}

/// Two numbers that were sorted as one item.
pub(super) fn pair(item: &[u8]) -> io::Result<(u64, u64)> {
    let number = |bytes: &[u8]| Some(u64::from_be_bytes(bytes.try_into().ok()?));
    let split = item.split_at_checked(8).and_then(|(one, other)| Some((number(one)?, number(other)?)));
    split.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A number with the mark that says whether the key is a name, or nothing but initials and labels.
pub(super) fn marked(number: u64, is_name: bool) -> u64 {
    number * 2 + u64::from(is_name)
}

/// The number and the mark.
pub(super) fn unmarked(number: u64) -> (u64, bool) {
    (number / 2, number % 2 == 1)
}

/// A slot that was sorted by its first entry: that, the marked ordinal, the word.
pub(super) fn slot(item: &[u8]) -> io::Result<(u64, u64, u64)> {
    let ((first, ordinal), (_, word)) =
        (pair(item.get(..16).unwrap_or_default())?, pair(item.get(8..).unwrap_or_default())?);
    Ok((first, ordinal, word))
}

/// Groups being gathered.
pub(super) struct Groups {
    /// The slots, to be sorted by their first entry: that, the marked ordinal of the key, the word.
    pub slots: Sorter,
    /// The same words, to be sorted by the hash of their key: that and the word.
    pub hashed: Sorter,
    /// The keys in order.
    pub keys: Tape,
    pub summary: Summary,
    more: More,
    ordinal: u64,
    /// How many words of lists are written.
    listed: u64,
}

/// One group as it is gathered.
#[derive(Default)]
struct Group {
    key: Vec<u8>,
    meanings: Vec<Meaning>,
    /// What more is known of the entry of each.
    more: Vec<u64>,
    alike: [usize; Written::ALL.len()],
    /// The addresses of the entries of exactly this name.
    addresses: BTreeSet<u64>,
}

impl Groups {
    pub(super) fn new(scratch: &Scratch, memory: usize, more: More) -> Self {
        Self {
            slots: Sorter::new(scratch, memory),
            hashed: Sorter::new(scratch, memory),
            keys: Tape::new(scratch),
            summary: Summary::default(),
            more,
            ordinal: 0,
            listed: 0,
        }
    }

    /// Gathers the groups of all items, and writes their lists.
    pub(super) fn gather(&mut self, mut items: Sorted, lists: &mut impl Write) -> io::Result<()> {
        let mut item = Vec::new();
        let mut group = Group::default();
        while items.next(&mut item)? {
            let (key, tail) = item.split_at(item.len().saturating_sub(TAIL));
            let (word, more) = pair(tail.get(1..).unwrap_or_default())?;
            if key != group.key {
                self.close(&group, lists)?;
                group.start(key);
            }
            if let Some(Slot::One(meaning)) = Slot::from_bits(word) {
                self.summary.repeated += u64::from(group.add(meaning, more));
            }
        }
        self.close(&group, lists)
    }

    fn close(&mut self, group: &Group, lists: &mut impl Write) -> io::Result<()> {
        let Some(first) = group.meanings.first() else { return Ok(()) };
        let slot = match group.meanings.as_slice() {
            [only] => Slot::One(*only),
            _ => Slot::Many(self.list(group, lists)?),
        };
        let is_name = group.meanings.iter().any(|meaning| meaning.written < Written::Initials);
        let ordinal = marked(self.ordinal, is_name);
        let item = [first.entry, ordinal, slot.to_bits()].map(u64::to_be_bytes).concat();
        self.slots.push(&item)?;
        self.hashed.push(&[table::hash(&group.key), slot.to_bits()].map(u64::to_be_bytes).concat())?;
        self.keys.write(&group.key)?;
        self.ordinal += 1;
        self.summary.keys += 1;
        if group.addresses.len() > 1 {
            self.summary.ambiguous += 1;
            if self.summary.examples.len() < MOST_EXAMPLES {
                let name = String::from_utf8_lossy(&group.key).into_owned();
                self.summary.examples.push(Ambiguous { name, addresses: group.addresses.len() });
            }
        }
        Ok(())
    }

    /// Writes a list: how many there are, each, and the sketches. Gives where it begins, in words.
    fn list(&mut self, group: &Group, lists: &mut impl Write) -> io::Result<u64> {
        let start = self.listed;
        let count = Slot::Many(group.meanings.len() as u64).to_bits();
        let meanings = group.meanings.iter().map(|meaning| meaning.to_bits());
        let sketches = group.more.iter().copied().filter(|_| self.more == More::Sketch);
        for word in std::iter::once(count).chain(meanings).chain(sketches) {
            lists.write_all(&seal(word, self.listed))?;
            self.listed += 1;
        }
        Ok(start)
    }
}

impl Group {
    fn start(&mut self, key: &[u8]) {
        *self = Self::default();
        self.key.extend_from_slice(key);
    }

    /// Adds a meaning; those of one entry come one after the other, the one that leaves out least
    /// first. Says whether it is an entry's own name, and an earlier one has name and address.
    fn add(&mut self, meaning: Meaning, more: u64) -> bool {
        if self.meanings.last().is_some_and(|last| last.entry == meaning.entry) {
            return false;
        }
        let is_whole = meaning.written == Written::Whole;
        let (hash, is_own_name) = (more & !1, more & 1 == 1);
        let mut is_repeated = || is_whole && !self.addresses.insert(hash) && is_own_name;
        if let Some(alike) = self.alike.get_mut(meaning.written as usize) {
            *alike += 1;
            if *alike > if is_whole { MOST_SAME } else { MOST_ALIKE } {
                return is_repeated();
            }
        }
        let is_repeated = is_repeated();
        self.meanings.push(meaning);
        self.more.push(more);
        is_repeated
    }
}

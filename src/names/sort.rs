//! Sorting more than memory holds: byte strings are gathered up to a bound, sorted and written to a
//! tape; the tapes are merged while they are read. What fits is sorted where it is.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    io,
};

use super::tape::{Scratch, Tape, TapeReader};

/// Most tapes at a time, each with its buffer and file; more are merged into one.
const MOST_TAPES: usize = 128;

/// Byte strings to be sorted.
pub(super) struct Sorter {
    scratch: Scratch,
    /// Most bytes gathered before a tape is written.
    bound: usize,
    gathered: Gathered,
    tapes: Vec<TapeReader>,
}

impl Sorter {
    /// A sorter that takes some `memory` bytes, and puts what is more where `scratch` says.
    pub(super) fn new(scratch: &Scratch, memory: usize) -> Self {
        let bound = scratch.bound(memory);
        Self { scratch: scratch.clone(), bound, gathered: Gathered::default(), tapes: Vec::new() }
    }

    pub(super) fn push(&mut self, item: &[u8]) -> io::Result<()> {
        if self.gathered.bytes() + item.len() > self.bound {
            self.spill()?;
        }
        self.gathered.push(item);
        Ok(())
    }

    /// Everything in order of its bytes.
    pub(super) fn sorted(mut self) -> io::Result<Sorted> {
        if self.tapes.is_empty() {
            self.gathered.sort();
            return Ok(Sorted::Here { gathered: self.gathered, next: 0 });
        }
        self.spill()?;
        Ok(Sorted::Tapes(Merge::new(self.tapes)?))
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.tapes.len() >= MOST_TAPES {
            let mut merge = Merge::new(std::mem::take(&mut self.tapes))?;
            let mut tape = Tape::new(&self.scratch);
            let mut item = Vec::new();
            while merge.next(&mut item)? {
                tape.write(&item)?;
            }
            self.tapes.push(tape.rewound()?);
        }
        self.gathered.sort();
        let mut tape = Tape::new(&self.scratch);
        for place in &self.gathered.order {
            tape.write(self.gathered.item(*place))?;
        }
        self.tapes.push(tape.rewound()?);
        self.gathered.clear();
        Ok(())
    }
}

/// Sorted byte strings, read one by one.
pub(super) enum Sorted {
    Here { gathered: Gathered, next: usize },
    Tapes(Merge),
}

impl Sorted {
    /// Puts the next item into `item`; `false` at the end.
    pub(super) fn next(&mut self, item: &mut Vec<u8>) -> io::Result<bool> {
        match self {
            Self::Tapes(merge) => merge.next(item),
            Self::Here { gathered, next } => {
                let Some(place) = gathered.order.get(*next) else { return Ok(false) };
                item.clear();
                item.extend_from_slice(gathered.item(*place));
                *next += 1;
                Ok(true)
            }
        }
    }
}

/// Where an item stands among all bytes, and its first eight bytes, which mostly decide.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    from: usize,
    length: u32,
}

/// Items in memory.
#[derive(Default)]
pub(super) struct Gathered {
    bytes: Vec<u8>,
    order: Vec<Place>,
}

impl Gathered {
    fn bytes(&self) -> usize {
        self.bytes.len() + self.order.len() * size_of::<Place>()
    }

    fn push(&mut self, item: &[u8]) {
        let mut start = [0; 8];
        start.iter_mut().zip(item).for_each(|(to, from)| *to = *from);
        let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
        self.order.push(Place { start: u64::from_be_bytes(start), from: self.bytes.len(), length });
        self.bytes.extend_from_slice(item);
    }

    fn item(&self, place: Place) -> &[u8] {
        let length = usize::try_from(place.length).unwrap_or(usize::MAX);
        self.bytes.get(place.from..place.from.saturating_add(length)).unwrap_or_default()
    }

    fn sort(&mut self) {
        let mut order = std::mem::take(&mut self.order);
        order.sort_unstable_by(|a, b| a.start.cmp(&b.start).then_with(|| self.item(*a).cmp(self.item(*b))));
        self.order = order;
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.order.clear();
    }
}

/// Tapes that are merged: the next item of each, the smallest on top.
pub(super) struct Merge {
    tapes: Vec<TapeReader>,
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merge {
    fn new(mut tapes: Vec<TapeReader>) -> io::Result<Self> {
        let mut heads = BinaryHeap::with_capacity(tapes.len());
        for (number, tape) in tapes.iter_mut().enumerate() {
            let mut item = Vec::new();
            if tape.next(&mut item)? {
                heads.push(Reverse((item, number)));
            }
        }
        Ok(Self { tapes, heads })
    }

    fn next(&mut self, item: &mut Vec<u8>) -> io::Result<bool> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(false) };
        let Reverse((top, number)) = &mut *head;
        std::mem::swap(item, top);
        let more = match self.tapes.get_mut(*number) {
            Some(tape) => tape.next(top)?,
            None => false,
        };
        if !more {
            PeekMut::pop(head);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(items: &[Vec<u8>], scratch: &Scratch, memory: usize) -> Vec<Vec<u8>> {
        let mut sorter = Sorter::new(scratch, memory);
        items.iter().for_each(|item| sorter.push(item).unwrap());
        let mut sorted = sorter.sorted().unwrap();
        let (mut found, mut item) = (Vec::new(), Vec::new());
        while sorted.next(&mut item).unwrap() {
            found.push(item.clone());
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn whatever_fits_into_memory_the_order_is_the_same(
            items in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![0_u8, 1, 97, 255]), 0..12), 0..300),
            memory in prop::sample::select(vec![1_usize, 200, 2_000]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut expected = items.clone();
            expected.sort();
            // One byte of memory makes a tape of each item, so that tapes are merged on the way.
            prop_assert_eq!(&sorted(&items, &Scratch::folder(folder.path()), memory), &expected);
            prop_assert_eq!(&sorted(&items, &Scratch::default(), memory), &expected);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}

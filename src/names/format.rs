//! The file: a header, and the parts that it tells of.
//!
//! | part | holds |
//! |---|---|
//! | records | the entries, best known first, each with its checksum ([`super::record`]) |
//! | phrases | rows ([`super::rows`]): of each set of words the hash and a meaning |
//! | lists | of each key that means several entries, a count, the meanings, and sketches, a word each |
//! | several | rows: of each such key the hash of its value and where its list is |
//! | slots | rows: of each key its hash and what it means, or where its list is ([`super::meaning`]) |
//! | keys | the transducer from a key to its value ([`super::value`]) |
//!
//! Lists, several, slots and keys are a table, and there are two: of names, and of the words further in that
//! names are suggested by ([`super::inner`]). The keys of both stand at the end. Only lists of words have
//! sketches, one for each meaning ([`super::sketch`]).
//!
//! Rows are two parts, the rows and their marks. Records, lists and rows are read where they are
//! needed, each word and record with its own checksum. Keys and marks are held in memory: the
//! checksum of the keys is in the header, each mark has its own.

use xxhash_rust::xxh3::xxh3_64;

use super::error::IndexError;

/// The number of this format. It counts how keys are made as well: an index whose keys are made
/// by other rules would miss names.
pub(super) const FORMAT: u32 = 5;

const MAGIC: [u8; 8] = *b"CNRPidx\n";

/// Bytes of the header.
pub(super) const HEADER: usize = 320;

/// The part of the header that its own checksum is of.
const CHECKED: usize = HEADER - 8;

/// Where a part begins and how long it is, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub start: u64,
    pub length: u64,
}

impl Extent {
    pub(super) fn end(self) -> u64 {
        self.start.saturating_add(self.length)
    }
}

/// Where rows and their marks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RowsParts {
    pub rows: Extent,
    pub marks: Extent,
}

/// Where the parts of a table are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TableParts {
    pub lists: Extent,
    pub several: RowsParts,
    pub slots: RowsParts,
    pub keys: Extent,
    pub keys_checksum: u64,
}

/// What the header says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub entries: u64,
    pub records: Extent,
    pub phrases: RowsParts,
    /// The keys of words, which stand before those of names.
    pub words: TableParts,
    /// The keys of names, which stand last.
    pub names: TableParts,
}

impl Header {
    /// The header's bytes: magic, format, the numbers, some reserved bytes, the checksum.
    pub(super) fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend(MAGIC);
        bytes.extend(u64::from(FORMAT).to_le_bytes());
        for number in self.numbers() {
            bytes.extend(number.to_le_bytes());
        }
        bytes.resize(CHECKED, 0);
        bytes.extend(xxh3_64(&bytes).to_le_bytes());
        bytes.try_into().unwrap_or([0; HEADER])
    }

    /// Reads the header of a file of `length` bytes.
    pub(super) fn read(bytes: &[u8], length: u64) -> Result<Self, IndexError> {
        let numbers: Vec<u64> = bytes.chunks_exact(8).filter_map(number).collect();
        let [magic, format, numbers @ .., checksum] = numbers.as_slice() else {
            return Err(IndexError::Foreign);
        };
        if magic.to_le_bytes() != MAGIC {
            return Err(IndexError::Foreign);
        }
        if *format != u64::from(FORMAT) {
            let found = u32::try_from(*format).unwrap_or(u32::MAX);
            return Err(IndexError::Version { found, expected: FORMAT });
        }
        if bytes.len() != HEADER || bytes.get(..CHECKED).map(xxh3_64) != Some(*checksum) {
            return Err(IndexError::Damaged { part: "bytes of the header", at: 0 });
        }
        let header = Self::of(numbers).ok_or(IndexError::Foreign)?;
        if header.names.keys.end() != length {
            return Err(IndexError::Length { found: length, expected: header.names.keys.end() });
        }
        Ok(header)
    }

    fn numbers(self) -> Vec<u64> {
        let Self { entries, records, phrases, words, names } = self;
        let of_table = |table: TableParts| {
            let TableParts { lists, several, slots, keys, .. } = table;
            [lists, several.rows, several.marks, slots.rows, slots.marks, keys]
        };
        let parts = [records, phrases.rows, phrases.marks].into_iter();
        let parts = parts.chain(of_table(words)).chain(of_table(names));
        let extents = parts.flat_map(|part| [part.start, part.length]);
        [entries, words.keys_checksum, names.keys_checksum].into_iter().chain(extents).collect()
    }

    fn of(numbers: &[u64]) -> Option<Self> {
        let [entries, of_words, of_names, extents @ ..] = numbers else { return None };
        let mut extents = extents.chunks_exact(2).filter_map(|pair| match *pair {
            [start, length] => Some(Extent { start, length }),
            _ => None,
        });
        let mut next = || extents.next();
        let records = next()?;
        let phrases = RowsParts { rows: next()?, marks: next()? };
        let mut table = |keys_checksum| {
            let lists = next()?;
            let [several, slots] = [(next()?, next()?), (next()?, next()?)];
            let [several, slots] = [several, slots].map(|(rows, marks)| RowsParts { rows, marks });
            Some(TableParts { lists, several, slots, keys: next()?, keys_checksum })
        };
        let (words, names) = (table(*of_words)?, table(*of_names)?);
        Some(Self { entries: *entries, records, phrases, words, names })
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_was_written() {
        let extent = |start, length| Extent { start, length };
        let table = |start, keys| TableParts {
            lists: extent(start, 0),
            several: RowsParts { rows: extent(start, 8), marks: extent(start + 8, 8) },
            slots: RowsParts { rows: extent(start + 1, 8), marks: extent(start + 9, 8) },
            keys,
            keys_checksum: u64::MAX - start,
        };
        let header = Header {
            entries: 7,
            records: extent(256, 5),
            phrases: RowsParts { rows: extent(261, 16), marks: extent(277, 8) },
            words: table(213, extent(229, 40)),
            names: table(221, extent(269, 100)),
        };
        let bytes = header.to_bytes();
        assert_eq!(Header::read(&bytes, 369).unwrap(), header);
        let error = Header::read(&bytes, 368).unwrap_err().to_string();
        assert_eq!(error, "has 368 bytes; expected 369: it was cut short or written over");
    }

    #[test]
    fn what_is_no_header_is_refused_with_its_reason() {
        let good = Header::default().to_bytes();
        let error = |bytes: &[u8]| Header::read(bytes, 0).unwrap_err().to_string();
        assert!(error(b"name,uri\n").contains("is no index of names"));
        assert!(error(&[]).contains("is no index of names"));
        let mut older = good;
        older[8] = 1;
        assert!(error(&older).contains("has format 1; expected format 5"));
        for at in 16..HEADER {
            let mut damaged = good;
            damaged[at] ^= 4;
            assert!(error(&damaged).contains("is damaged"), "byte {at}");
        }
    }
}

//! The file: a header, and the parts that it tells of.
//!
//! | part | holds |
//! |---|---|
//! | records | the entries, best known first, each with its checksum ([`super::record`]) |
//! | lists | of each key that means several entries, a count and the meanings, a word each |
//! | slots | of each group of meanings, by its number, its only meaning or where its list is |
//! | phrases | of each set of words, in order of its hash, the hash and a meaning |
//! | keys | the transducer from a key to the number of its group |
//!
//! Records, lists, slots and phrases are read where they are needed, each word and record with its
//! own checksum; the keys are held in memory, so their checksum is in the header.

use xxhash_rust::xxh3::xxh3_64;

use super::error::IndexError;

/// The number of this format. It counts how keys are made as well: an index whose keys are made
/// by other rules would miss names.
pub(super) const FORMAT: u32 = 2;

const MAGIC: [u8; 8] = *b"CNRPidx\n";

/// Bytes of the header.
pub(super) const HEADER: usize = 128;

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

/// What the header says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub entries: u64,
    pub records: Extent,
    pub lists: Extent,
    pub slots: Extent,
    pub phrases: Extent,
    pub keys: Extent,
    pub keys_checksum: u64,
}

impl Header {
    /// The header's bytes: magic, format, eight reserved bytes, the numbers, the checksum.
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
        if header.keys.end() != length {
            return Err(IndexError::Length { found: length, expected: header.keys.end() });
        }
        Ok(header)
    }

    fn numbers(self) -> Vec<u64> {
        let parts = [self.records, self.lists, self.slots, self.phrases, self.keys];
        let extents = parts.into_iter().flat_map(|part| [part.start, part.length]);
        [self.entries, self.keys_checksum].into_iter().chain(extents).collect()
    }

    fn of(numbers: &[u64]) -> Option<Self> {
        let [entries, keys_checksum, extents @ ..] = numbers else { return None };
        let mut extents = extents.chunks_exact(2).map(|pair| match *pair {
            [start, length] => Extent { start, length },
            _ => Extent::default(),
        });
        Some(Self {
            entries: *entries,
            keys_checksum: *keys_checksum,
            records: extents.next()?,
            lists: extents.next()?,
            slots: extents.next()?,
            phrases: extents.next()?,
            keys: extents.next()?,
        })
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
        let header = Header {
            entries: 7,
            keys_checksum: u64::MAX,
            records: extent(128, 5),
            lists: extent(133, 0),
            slots: extent(133, 8),
            phrases: extent(141, 16),
            keys: extent(157, 100),
        };
        let bytes = header.to_bytes();
        assert_eq!(Header::read(&bytes, 257).unwrap(), header);
        let error = Header::read(&bytes, 256).unwrap_err().to_string();
        assert_eq!(error, "has 256 bytes; expected 257: it was cut short or written over");
    }

    #[test]
    fn what_is_no_header_is_refused_with_its_reason() {
        let good = Header::default().to_bytes();
        let error = |bytes: &[u8]| Header::read(bytes, 0).unwrap_err().to_string();
        assert!(error(b"name,uri\n").contains("is no index of names"));
        assert!(error(&[]).contains("is no index of names"));
        let mut newer = good;
        newer[8] = 3;
        assert!(error(&newer).contains("has format 3; expected format 2"));
        for at in 16..HEADER {
            let mut damaged = good;
            damaged[at] ^= 4;
            assert!(error(&damaged).contains("is damaged"), "byte {at}");
        }
    }
}

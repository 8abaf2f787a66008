//! An entry as it stands in an index: its length, its checksum, and its texts one after the other.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Entry, Life, Moment};
use crate::model::Property;

/// Bytes before the texts: the length and the checksum.
pub(super) const HEAD: usize = 8;

/// Texts that most entries have and that are written as their number in this list. It may only
/// ever grow at its end: the numbers stand in files.
const USUAL: [&str; 8] =
    ["", "language", "geography", "category", "freeform", "rfc1766", "iso3166-1", "iso3166-2"];

/// Writes the entry to where nothing is yet. `at` is where the record will stand.
pub(super) fn write(entry: &Entry, at: u64, into: &mut Vec<u8>) {
    // No field is left out silently: a new one does not compile until it is written and read.
    let Entry { name, aliases, uri, plain, description, properties, life, owner, note } = entry;
    into.clear();
    into.extend([0; HEAD]);
    for text in [name, uri, description] {
        write_text(text, into);
    }
    write_number(aliases.len(), into);
    aliases.iter().for_each(|alias| write_text(alias, into));
    write_number(properties.len(), into);
    for Property { name, kind, value } in properties {
        [name, kind, value].into_iter().for_each(|text| write_text(text, into));
    }
    // Most entries have none of these, and then nothing stands for them.
    let moment = |moment: Option<Moment>| moment.map(|Moment(second)| second.to_string()).unwrap_or_default();
    let further = [plain, owner, note, &moment(life.from), &moment(life.until)];
    if further.iter().any(|text| !text.is_empty()) {
        further.into_iter().for_each(|text| write_text(text, into));
    }
    let body = into.get(HEAD..).unwrap_or_default();
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let head = [length.to_le_bytes(), checksum(body, at).to_le_bytes()].concat();
    into.iter_mut().zip(head).for_each(|(to, from)| *to = from);
}

/// The length of the texts, and their checksum.
pub(super) fn read_head(head: [u8; HEAD]) -> (usize, u32) {
    let [a, b, c, d, rest @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]);
    (usize::try_from(length).unwrap_or(usize::MAX), u32::from_le_bytes(rest))
}

/// Whether these are the texts of the record at `at`.
pub(super) fn checksum(body: &[u8], at: u64) -> u32 {
    u32::try_from(xxh3_64_with_seed(body, at) >> 32).unwrap_or_default()
}

/// Reads the texts; `None` where they are not an entry.
pub(super) fn read(body: &[u8]) -> Option<Entry> {
    let mut rest = body;
    let [name, uri, description] = [read_text(&mut rest)?, read_text(&mut rest)?, read_text(&mut rest)?];
    let aliases = many(&mut rest, read_text)?;
    let properties = many(&mut rest, |rest| {
        Some(Property { name: read_text(rest)?, kind: read_text(rest)?, value: read_text(rest)? })
    })?;
    let entry = Entry { name, aliases, uri, description, properties, ..Entry::default() };
    if rest.is_empty() {
        return Some(entry);
    }
    let [plain, owner, note] = [read_text(&mut rest)?, read_text(&mut rest)?, read_text(&mut rest)?];
    let life = Life { from: read_moment(&mut rest)?, until: read_moment(&mut rest)? };
    rest.is_empty().then_some(Entry { plain, owner, note, life, ..entry })
}

/// Reads the names alone, the first one first; `None` where the texts are not an entry.
pub(super) fn read_names(body: &[u8]) -> Option<Vec<&str>> {
    let mut rest = body;
    let [name, _uri, _description] = [read_str(&mut rest)?, read_str(&mut rest)?, read_str(&mut rest)?];
    let mut names = many(&mut rest, read_str)?;
    names.insert(0, name);
    Some(names)
}

fn read_moment(rest: &mut &[u8]) -> Option<Option<Moment>> {
    let text = read_text(rest)?;
    if text.is_empty() { Some(None) } else { text.parse().ok().map(|second| Some(Moment(second))) }
}

fn many<'a, T>(rest: &mut &'a [u8], one: impl Fn(&mut &'a [u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = read_number(rest)?;
    // Each takes a byte at least, so a wrong count does not reserve more than there is.
    let mut found = Vec::with_capacity(count.min(rest.len()));
    for _ in 0..count {
        found.push(one(rest)?);
    }
    Some(found)
}

/// An even number is twice a length, an odd one stands for a usual text.
fn write_text(text: &str, into: &mut Vec<u8>) {
    match USUAL.iter().position(|usual| *usual == text) {
        Some(number) => write_number(2 * number + 1, into),
        None => {
            write_number(2 * text.len(), into);
            into.extend_from_slice(text.as_bytes());
        }
    }
}

fn read_text(rest: &mut &[u8]) -> Option<String> {
    read_str(rest).map(str::to_owned)
}

fn read_str<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let number = read_number(rest)?;
    if number % 2 == 1 {
        return USUAL.get(number / 2).copied();
    }
    let (text, after) = rest.split_at_checked(number / 2)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_number(mut number: usize, into: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        into.push(if number > 0 { low | 0x80 } else { low });
        if number == 0 {
            return;
        }
    }
}

fn read_number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> impl Strategy<Value = Entry> {
        let text = || "\\PC{0,20}|language|[a-z]{300}";
        let property =
            [text(), text(), text()].prop_map(|[name, kind, value]| Property { name, kind, value });
        let names = ([text(), text(), text()], prop::collection::vec(text(), 0..4));
        let moment = || prop::option::of(any::<i64>().prop_map(Moment));
        let further = ([text(), text(), text()], moment(), moment());
        let further = prop::option::of(further).prop_map(Option::unwrap_or_default);
        (names, prop::collection::vec(property, 0..4), further).prop_map(
            |(([name, uri, description], aliases), properties, ([plain, owner, note], from, until))| {
                let life = Life { from, until };
                Entry { name, aliases, uri, plain, description, properties, life, owner, note }
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(entry in entry(), at in 0_u64..1 << 40) {
            let mut record = Vec::new();
            write(&entry, at, &mut record);
            let (length, check) = read_head(record[..HEAD].try_into().unwrap());
            prop_assert_eq!(length, record.len() - HEAD);
            prop_assert_eq!(check, checksum(&record[HEAD..], at));
            let names = entry.names().map(String::as_str).collect();
            prop_assert_eq!(read_names(&record[HEAD..]), Some(names));
            prop_assert_eq!(read(&record[HEAD..]), Some(entry));
        }

        #[test]
        fn bytes_that_are_no_entry_are_told(bytes in prop::collection::vec(0_u8.., 0..60)) {
            let _ = read(&bytes);
        }
    }
}

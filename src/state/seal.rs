//! The form of a file: a line that says which version it is and how it must read, then the content.
//!
//! `cnrp-state 1 GENERATION LENGTH CHECKSUM`, the checksum being the XXH3 of generation, length and
//! content. An operator can read the content with `tail -n +2`.

use xxhash_rust::xxh3::Xxh3;

/// The name of the form and its version.
const FORM: &str = "cnrp-state 1";

/// The file of `content` as the `generation`th version of a record.
pub(super) fn seal(generation: u64, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let checksum = checksum(generation, content);
    let mut file = format!("{FORM} {generation} {length} {checksum:016x}\n").into_bytes();
    file.extend_from_slice(content);
    file
}

/// Generation and content of a file; `None` where a single bit of it is not as it was written.
pub(super) fn unseal(file: &[u8]) -> Option<(u64, Vec<u8>)> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    let (line, content) = file.split_at_checked(end)?;
    let content = content.get(1..)?;
    let line = std::str::from_utf8(line).ok()?.strip_prefix(FORM)?;
    let generation = line.split_whitespace().next()?.parse().ok()?;
    // Written anew, it has to come out the same: so nothing in the line is left to chance.
    (seal(generation, content) == file).then(|| (generation, content.to_owned()))
}

fn checksum(generation: u64, content: &[u8]) -> u64 {
    let mut sum = Xxh3::new();
    sum.update(&generation.to_le_bytes());
    sum.update(&content.len().to_le_bytes());
    sum.update(content);
    sum.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_cut_off_or_changed_is_seen() {
        let file = seal(7, b"{\"spent\":3}\n");
        assert_eq!(unseal(&file), Some((7, b"{\"spent\":3}\n".to_vec())));
        for length in 0..file.len() {
            assert_eq!(unseal(&file[..length]), None, "cut to {length}");
        }
        for at in 0..file.len() * 8 {
            let mut changed = file.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert_eq!(unseal(&changed), None, "bit {at}");
        }
        assert_eq!(unseal(&[file.clone(), file].concat()), None);
    }
}

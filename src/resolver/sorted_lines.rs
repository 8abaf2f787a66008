//! Looking a line up in a sorted text where it lies in the program: it costs no memory, and no time at
//! start.

use std::cmp::Ordering;

/// The line of `text` whose key is `wanted`. The lines are sorted by their keys' bytes.
pub(super) fn find(text: &'static str, wanted: &str, key: fn(&str) -> &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let (start, line) = line_at(text, low + (high - low) / 2)?;
        match key(line).cmp(wanted) {
            Ordering::Equal => return Some(line),
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// The line that holds the byte at `offset`, and where it starts.
fn line_at(text: &'static str, offset: usize) -> Option<(usize, &'static str)> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |newline| newline + 1);
    Some((start, text.get(start..)?.lines().next()?))
}

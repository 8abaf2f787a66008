//! Which characters may stand where (XML 1.0, fifth edition, productions 2 to 4a).

use super::Fault;

/// White space as XML has it; other spaces are text.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether XML 1.0 can carry this character (D17).
pub(crate) fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Refuses a text that holds a character that XML 1.0 can't carry, written in place.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    if text.starts_with('\u{feff}') {
        return Err(Fault::new(0, "a second byte order mark"));
    }
    // Nearly every document is clean, and bytes are looked through faster than characters.
    let is_suspect = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xef;
    if !text.bytes().any(is_suspect) {
        return Ok(());
    }
    match text.char_indices().find(|(_, c)| !is_allowed(*c)) {
        Some((at, c)) => Err(Fault::new(at, format!("U+{:04X}, which XML 1.0 can't carry", u32::from(c)))),
        None => Ok(()),
    }
}

pub(super) fn is_name_start(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' | ':' => true,
        _ if c.is_ascii() => false,
        '\u{d7}' | '\u{f7}' => false,
        '\u{c0}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}' => true,
        _ => false,
    }
}

pub(super) fn is_name_char(c: char) -> bool {
    let more =
        matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}');
    more || is_name_start(c)
}

/// Whether `text` is an XML name, whole.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

//! Lines that fit their columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: &str = "…";

/// Breaks a text between words into at most `most` lines of `columns`; the last ends in an
/// ellipsis if something is left over. A word longer than a line stands alone on one, whole, as
/// a broken address is no address. Without `columns`, and for an empty text, nothing is broken.
pub(super) fn wrap(text: &str, columns: Option<usize>, most: usize) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let Some(columns) = columns else { return vec![text.to_owned()] };
    let mut lines = vec![String::new()];
    for piece in pieces(text) {
        let full = lines.last().is_some_and(|line| !fits(line, piece, columns));
        if full && lines.len() == most {
            return ended(lines, columns);
        }
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            // The space before a word that begins a line is the line break.
            line.push_str(if line.is_empty() { piece.trim_start() } else { piece });
        }
    }
    lines
}

/// Whether the line takes the piece; an empty one takes anything.
fn fits(line: &str, piece: &str, columns: usize) -> bool {
    line.is_empty() || line.width() + piece.width() <= columns
}

/// What a line may be broken between: words with the space before them, and single wide
/// characters, as Chinese and Japanese have no spaces.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let end = if is_wide(first) { chars.next() } else { chars.find(|(_, c)| *c == ' ' || is_wide(*c)) };
        let (piece, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(piece)
    })
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

/// The lines with an ellipsis after the last, which gives way for it.
fn ended(mut lines: Vec<String>, columns: usize) -> Vec<String> {
    if let Some(line) = lines.last_mut() {
        while line.width() + 1 > columns && line.contains(' ') {
            line.truncate(line.rfind(' ').unwrap_or_default());
        }
        line.push_str(ELLIPSIS);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three four", Some(9), 5), ["one two", "three", "four"]);
        assert_eq!(wrap("one two three four", None, 1), ["one two three four"]);
        assert!(wrap("", Some(9), 5).is_empty());
    }

    #[test]
    fn what_is_too_much_ends_in_an_ellipsis() {
        assert_eq!(wrap("one two three four", Some(8), 2), ["one two", "three…"]);
        assert_eq!(wrap("aaaa bbbb cccc dddd", Some(9), 1), ["aaaa…"]);
    }

    #[test]
    fn a_long_word_stays_whole() {
        assert_eq!(
            wrap("see https://example.com/x/y/z now", Some(10), 5),
            ["see", "https://example.com/x/y/z", "now"]
        );
    }

    #[test]
    fn wide_characters_count_twice_and_break_anywhere() {
        assert_eq!(wrap("東京大学の本", Some(8), 5), ["東京大学", "の本"]);
        assert_eq!(wrap("UT 東京大学", Some(8), 5), ["UT 東京", "大学"]);
    }
}

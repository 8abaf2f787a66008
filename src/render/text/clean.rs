//! Words of strangers, made fit for a terminal.

/// The text without what could steer a terminal or deceive its reader, in one line.
///
/// Control characters (C0, DEL, C1) could move the cursor, change the title or answer for the
/// user; the bidirectional overrides and isolates could show an address backwards. White space
/// of any kind, line breaks included, becomes a single space.
pub fn clean(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let safe: String = spaced.filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    safe.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Characters that show nothing and change how others are read. The joiners U+200C and U+200D
/// stay: Persian, Indic scripts and emoji are spelt with them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_steers_a_terminal_is_removed() {
        assert_eq!(clean("\u{1b}[2J\u{1b}]0;title\u{7}Boeing"), "[2J]0;titleBoeing");
        assert_eq!(clean("a\u{9b}31mb\u{7f}\u{8}c\0"), "a31mbc");
        assert_eq!(clean("\u{202e}gnieoB\u{202c}\u{2066}x\u{2069}"), "gnieoBx");
        assert_eq!(clean("tag\u{e0041}ged"), "tagged");
    }

    #[test]
    fn white_space_becomes_one_space() {
        assert_eq!(clean("  two\r\n\tlines\u{2028}and\u{a0}more \n"), "two lines and more");
        assert_eq!(clean(" \n"), "");
    }

    #[test]
    fn every_script_is_left_alone() {
        for text in ["東京大学", "Société Générale", "می\u{200c}خواهم", "👩\u{200d}🚀", "e\u{301}"]
        {
            assert_eq!(clean(text), text);
        }
    }
}

//! Addresses of mail, and patterns of them: `cnrp@names.example.com`, `*@example.com`.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// An address of mail, `local@domain`, as RFC 5321 section 4.1.2 writes it without quotes. Only
/// ASCII: what needs SMTPUTF8 or quotes is no address to us, so that nothing in one can end a
/// header line or a command early.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailAddress {
    text: String,
    at: usize,
}

/// The longest address (RFC 5321 section 4.5.3.1.3, without the angle brackets), and the longest
/// part before the `@`.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// What may stand before the `@` of a mailbox and not in that of a `mailto:` URI.
const IN_LOCAL_PART: &AsciiSet = &CONTROLS
    .add(b'%')
    .add(b'&')
    .add(b'/')
    .add(b'?')
    .add(b'#')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl MailAddress {
    /// Reads an address, without angle brackets; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let is_short = text.len() <= LONGEST && local.len() <= LONGEST_LOCAL;
        (is_short && is_local(local) && is_domain(domain))
            .then(|| Self { text: text.to_owned(), at: local.len() })
    }

    /// The whole of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What stands behind the `@`: a host name, or an address in brackets.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// The URI of the mailbox (RFC 6068 section 2).
    pub fn uri(&self) -> String {
        format!("mailto:{}@{}", utf8_percent_encode(self.local(), IN_LOCAL_PART), self.domain())
    }

    /// Whether both are the same mailbox. Only the owner of a domain knows whether case matters
    /// before the `@`; nobody lets it.
    pub fn is(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    local.split('.').all(is_atom)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(address) => {
            !address.is_empty()
                && address.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(&byte))
        }
        None => domain.split('.').all(is_label),
    }
}

/// Addresses of mail, in which `*` stands for any run of characters: `*@example.com`, or `*` for
/// everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailPattern(String);

impl MailPattern {
    /// Reads a pattern; `None` if no address could be like it.
    pub fn parse(text: &str) -> Option<Self> {
        // Any pattern is like some address if it is one itself once its stars are letters.
        let specimen = text.replace('*', "a");
        let is_pattern = text.len() <= LONGEST && (text == "*" || MailAddress::parse(&specimen).is_some());
        is_pattern.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Whether the address is one of those meant.
    pub fn holds(&self, address: &MailAddress) -> bool {
        let address = address.as_str().to_ascii_lowercase();
        let mut pieces = self.0.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = address.strip_prefix(first) else { return false };
        let pieces: Vec<&str> = pieces.collect();
        let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
        for piece in middle {
            // The first place where it stands leaves the most for those behind it.
            let Some((_, after)) = rest.split_once(piece) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_nothing_that_could_end_a_line_or_a_command() {
        for good in
            ["a@b", "cnrp@names.example.com", "a.b+c=d@[127.0.0.1]", "x@[IPv6:::1]", "o'neil@a-b.example"]
        {
            assert_eq!(MailAddress::parse(good).map(|address| address.to_string()), Some(good.to_owned()));
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b c",
            "a@b>",
            "<a@b>",
            "a..b@c",
            ".a@b",
            "a@b..c",
            "a@-b",
            "a@b@c d",
            "\"a b\"@c",
            "a@b\r\nRCPT TO:<c@d>",
            "é@b",
            "a@é",
            "a@[]",
            "a,b@c",
            "a:b@c",
        ] {
            assert_eq!(MailAddress::parse(bad), None, "{bad:?}");
        }
        assert_eq!(MailAddress::parse(&format!("{}@b", "a".repeat(65))), None);
    }

    #[test]
    fn the_parts_are_those_about_the_at() {
        let address = MailAddress::parse("cnrp@names.example.com").unwrap();
        assert_eq!((address.local(), address.domain()), ("cnrp", "names.example.com"));
        assert!(address.is(&MailAddress::parse("CNRP@Names.Example.com").unwrap()));
    }

    #[test]
    fn r21_a_mailbox_is_a_uri() {
        let uri = |text| MailAddress::parse(text).unwrap().uri();
        assert_eq!(uri("cnrp@names.example.com"), "mailto:cnrp@names.example.com");
        assert_eq!(uri("a?b/c%d+e@names.example.com"), "mailto:a%3Fb%2Fc%25d+e@names.example.com");
    }

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        let holds = |pattern: &str, address: &str| {
            MailPattern::parse(pattern).unwrap().holds(&MailAddress::parse(address).unwrap())
        };
        for (pattern, address) in [
            ("*", "a@b"),
            ("*@example.com", "Alice@Example.COM"),
            ("alice@example.com", "alice@example.com"),
            ("*@*.example.com", "a@b.example.com"),
            ("list-*@example.*", "list-1@example.org"),
        ] {
            assert!(holds(pattern, address), "{pattern} {address}");
        }
        for (pattern, address) in [
            ("*@example.com", "a@example.com.evil.example"),
            ("*@example.com", "a@sub.example.com"),
            ("alice@example.com", "malice@example.com"),
            ("*@*.example.com", "a@example.com"),
            ("a*a@b", "a@b"),
        ] {
            assert!(!holds(pattern, address), "{pattern} {address}");
        }
        for bad in ["", "example.com", "@example.com", "*@exa mple.com", "**@", "*@"] {
            assert_eq!(MailPattern::parse(bad), None, "{bad}");
        }
    }
}

//! Addresses with parameters: `https://jira.example/browse/{rest}` takes what follows the name, as in
//! "jira ABC-1" or `/go/jira/ABC-1`.
//!
//! What follows is a stranger's text. `{rest}` is it as a path, whose slashes stay; `{query}` is it
//! as one piece. Either is escaped for where it stands, stands nowhere but in path, query and
//! fragment, and never climbs out of the path it stands in: whatever is asked, the host is the one
//! that the operator wrote.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::Entry;
use crate::model::CommonName;

/// The parameters that an address may hold.
pub const PARAMETERS: [&str; 2] = [REST, QUERY];

const REST: &str = "{rest}";
const QUERY: &str = "{query}";

/// Everything but the unreserved characters of RFC 3986.
const PIECE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same of a path, which keeps its slashes.
const PATH: &AsciiSet = &PIECE.remove(b'/');

/// Most ways to divide a name into a name and its parameter that are tried: names are short.
const MOST_DIVISIONS: usize = 8;

/// Whether an address takes a parameter.
pub fn takes_parameter(uri: &str) -> bool {
    PARAMETERS.iter().any(|parameter| uri.contains(parameter))
}

/// Whether the parameters of an address stand where they may.
///
/// # Errors
/// What is wrong, and what was expected.
pub fn check(uri: &str) -> Result<(), String> {
    let place = |probe: &str| {
        let url = Url::parse(&filled(uri, |_| probe.to_owned())).ok()?;
        url.has_host().then(|| place_of(&url))
    };
    let one = place("a");
    if one.is_some() && one == place("b") {
        return Ok(());
    }
    let message = "a parameter may not decide where an address leads; \
                   expected it in the path, query or fragment behind a host";
    Err(message.to_owned())
}

/// Where the entry leads for what follows its name, which may be nothing; `None` where no address
/// comes of it that the operator can have meant.
pub fn expand(entry: &Entry, follows: &str) -> Option<String> {
    if !takes_parameter(&entry.uri) {
        return follows.is_empty().then(|| entry.uri.clone());
    }
    if follows.is_empty() && !entry.plain.is_empty() {
        return Some(entry.plain.clone());
    }
    let expanded = filled(&entry.uri, |is_path| {
        let kept = if is_path { PATH } else { PIECE };
        utf8_percent_encode(follows, kept).to_string()
    });
    let path = expanded.split(['?', '#']).next().unwrap_or_default();
    let climbs = path.split('/').any(|segment| matches!(segment, "." | ".."));
    let meant = Url::parse(&filled(&entry.uri, |_| "a".to_owned())).ok()?;
    let is_there = Url::parse(&expanded).is_ok_and(|url| place_of(&url) == place_of(&meant));
    (is_there && !climbs).then_some(expanded)
}

/// The name divided into one that may take a parameter and what follows it, the longest name first:
/// "jira/ABC-1", "jira ABC-1".
pub fn divisions(name: &CommonName) -> impl Iterator<Item = (CommonName, &str)> {
    let shown = name.shown();
    let places: Vec<_> = shown.match_indices([' ', '/']).take(MOST_DIVISIONS).collect();
    places.into_iter().rev().filter_map(move |(at, mark)| {
        let (name, follows) = (shown.get(..at)?, shown.get(at + mark.len()..)?.trim());
        // A name does not end in punctuation alone: "jira .." is no jira.
        let ends_in_a_word = name.rsplit([' ', '/']).next()?.contains(char::is_alphanumeric);
        let name = CommonName::new(name)?;
        (ends_in_a_word && !follows.is_empty()).then_some((name, follows))
    })
}

/// The address with its parameters replaced by what `value` gives: for `{rest}` in the path, and
/// for all others.
fn filled(uri: &str, value: impl Fn(bool) -> String) -> String {
    let path_ends = uri.find(['?', '#']).unwrap_or(uri.len());
    let (path, behind) = uri.split_at_checked(path_ends).unwrap_or((uri, ""));
    let piece = value(false);
    let path = path.replace(REST, &value(true)).replace(QUERY, &piece);
    // What was put in is escaped, so that no brace in it is taken for a parameter.
    path + &behind.replace(REST, &piece).replace(QUERY, &piece)
}

/// What decides where an address leads: scheme, who, host and port.
fn place_of(url: &Url) -> (String, String, Option<String>, Option<String>, Option<u16>) {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (scheme, user) = (url.scheme().to_owned(), url.username().to_owned());
    (scheme, user, owned(url.password()), owned(url.host_str()), url.port())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(uri: &str, plain: &str) -> Entry {
        Entry { uri: uri.to_owned(), plain: plain.to_owned(), ..Entry::default() }
    }

    fn expanded(uri: &str, follows: &str) -> Option<String> {
        expand(&entry(uri, ""), follows)
    }

    #[test]
    fn what_follows_is_escaped_for_where_it_stands() {
        for (uri, follows, expected) in [
            ("https://jira.example/browse/{rest}", "ABC-1", "https://jira.example/browse/ABC-1"),
            ("https://x.example/{rest}", "a b/ü?#%2e", "https://x.example/a%20b/%C3%BC%3F%23%252e"),
            ("https://x.example/{query}/x", "a/b", "https://x.example/a%2Fb/x"),
            ("https://x.example/?q={query}&n=1", "a&b=c d+e", "https://x.example/?q=a%26b%3Dc%20d%2Be&n=1"),
            ("https://x.example/?q={rest}", "a/b", "https://x.example/?q=a%2Fb"),
            ("https://x.example/#/{query}", "a#b", "https://x.example/#/a%23b"),
            ("https://x.example/{rest}", "//evil.example", "https://x.example///evil.example"),
            ("https://x.example/{rest}?r={query}", "{query}", "https://x.example/%7Bquery%7D?r=%7Bquery%7D"),
            ("https://x.example/?q={query}", "..", "https://x.example/?q=.."),
        ] {
            assert_eq!(expanded(uri, follows).as_deref(), Some(expected), "{uri} {follows}");
        }
        for (uri, follows) in [
            ("https://x.example/a/{rest}", "../b"),
            ("https://x.example/a/{rest}", "b/.."),
            ("https://x.example/a/{query}", "."),
            ("https://x.example/a/.{query}", "."),
            ("https://x.example/", "takes nothing"),
        ] {
            assert_eq!(expanded(uri, follows), None, "{uri} {follows}");
        }
    }

    #[test]
    fn a_name_alone_leads_where_plain_says() {
        assert_eq!(expanded("https://x.example/a/{rest}", "").as_deref(), Some("https://x.example/a/"));
        let search = entry("https://x.example/?q={query}", "https://x.example/");
        assert_eq!(expand(&search, "").as_deref(), Some("https://x.example/"));
        assert_eq!(expanded("https://x.example/", "").as_deref(), Some("https://x.example/"));
    }

    #[test]
    fn a_parameter_that_would_choose_the_host_is_refused() {
        for uri in [
            "https://{rest}/",
            "https://{query}.example/",
            "https://x.example{rest}",
            "https://x.example:{rest}/",
            "https://{rest}@x.example/",
            "https://a:{rest}@x.example/",
            "{rest}://x.example/",
            "https:{rest}",
            "https:///{rest}",
            "https:\\\\{rest}",
            "mailto:{rest}@x.example",
        ] {
            assert!(check(uri).is_err(), "{uri}");
        }
        for uri in ["https://x.example/{rest}", "https://x.example?q={query}", "app://x.example/#{rest}"] {
            assert_eq!(check(uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn a_name_is_divided_where_words_and_paths_are() {
        let name = CommonName::new("jira ABC-1/x y").unwrap();
        let found: Vec<_> =
            divisions(&name).map(|(name, rest)| format!("{} | {rest}", name.shown())).collect();
        assert_eq!(found, ["jira ABC-1/x | y", "jira ABC-1 | x y", "jira | ABC-1/x y"]);
        assert_eq!(divisions(&CommonName::new("/x").unwrap()).count(), 0);
        assert!(divisions(&CommonName::new(&"a ".repeat(500)).unwrap()).count() <= MOST_DIVISIONS);
    }

    proptest! {
        #[test]
        fn whatever_follows_the_host_stays(follows in "\\PC{0,12}|[./\\\\@:?#%&a]{0,8}") {
            for uri in ["https://x.example/a/{rest}", "https://x.example/{query}/b?c={rest}#{query}"] {
                if let Some(expanded) = expanded(uri, &follows) {
                    let url = Url::parse(&expanded).unwrap();
                    prop_assert_eq!(url.host_str(), Some("x.example"));
                    prop_assert!(!uri.contains("/a/") || url.path().starts_with("/a/"), "{}", url);
                }
            }
        }
    }
}

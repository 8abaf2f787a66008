//! Hosts that wear another's domain: `www.netflix.com.evil.example` and `secure-paypal.example` use honest
//! letters, and belong to whoever owns their end.
//!
//! Only two ways are seen, as nearly every host has words of others in it: a whole domain in front of the
//! host's own, and a single word beside nothing but words that one enters a password after.

use crate::model::ResourceUrl;

/// Words that stand beside a name in the hosts of who wants passwords. What else may stand there, as
/// `apple-pie`, is nobody's imitation.
const ENTRANCES: [&str; 20] = [
    "account",
    "accounts",
    "auth",
    "billing",
    "confirm",
    "login",
    "logon",
    "password",
    "recovery",
    "secure",
    "security",
    "signin",
    "sso",
    "support",
    "unlock",
    "update",
    "validate",
    "verification",
    "verify",
    "wallet",
];

/// Ends of domains that say nothing in the middle of a host, the first of them those of most names.
const ENDS: [&str; 3] = ["com", "org", "net"];

/// Shortest word, in characters, that is taken for somebody's name.
const SHORTEST: usize = 4;

/// The domains of others that a host wears, or seems to; mostly none.
pub fn worn_by(url: &ResourceUrl) -> Vec<String> {
    let below = url.host().strip_suffix(url.site()).unwrap_or_default().trim_end_matches('.');
    let below = below.strip_prefix("www.").unwrap_or(below);
    let mut worn = in_front(below);
    if let Some(name) = beside_an_entrance(below, url.site()) {
        worn.extend(ENDS.map(|end| format!("{name}.{end}")));
    }
    worn
}

/// The domains among the labels before the host's own: of those that begin with the same label the longer,
/// as `boots.co` is not meant by `boots.co.uk`.
fn in_front(below: &str) -> Vec<String> {
    let labels: Vec<&str> = below.split('.').collect();
    let longest = |start: usize| {
        let rows = [3, 2].map(|length| labels.get(start..start + length).map(|row| row.join(".")));
        rows.into_iter().flatten().find(|domain| is_domain(domain))
    };
    (0..labels.len()).filter_map(longest).collect()
}

/// Whether a text is a label before a suffix that there is.
fn is_domain(text: &str) -> bool {
    let known = psl::suffix(text.as_bytes()).filter(psl::Suffix::is_known);
    known.is_some_and(|suffix| {
        let label = text.len().checked_sub(suffix.as_bytes().len() + 1).and_then(|end| text.get(..end));
        label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
    })
}

/// The only word of a host, its suffix put aside, that is neither an entrance nor an end, where there is
/// an entrance and the word is not the host's own domain: nobody wears what is theirs.
fn beside_an_entrance<'a>(below: &'a str, site: &'a str) -> Option<&'a str> {
    let own = site.split('.').next().unwrap_or_default();
    let words = || below.split(['.', '-']).chain(own.split('-')).filter(|word| !word.is_empty());
    if !words().any(|word| ENTRANCES.contains(&word)) {
        return None;
    }
    let mut others = words().filter(|word| !ENTRANCES.contains(word) && !ENDS.contains(word));
    let name = others.next().filter(|name| *name != own && name.chars().count() >= SHORTEST)?;
    others.next().is_none().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vouched;

    fn worn(host: &str) -> String {
        let url = ResourceUrl::parse(&format!("https://{host}/"), Vouched::BySearch).unwrap();
        worn_by(&url).join(" ")
    }

    #[test]
    fn a_whole_domain_before_another_is_worn() {
        assert_eq!(worn("www.netflix.com.evil.example"), "netflix.com");
        assert_eq!(worn("a.boots.co.uk.evil.example"), "boots.co.uk");
        for honest in ["www.amazon.com.br", "news.bbc.co.uk", "de.wikipedia.org", "a.b.example.com"] {
            assert_eq!(worn(honest), "", "{honest}");
        }
    }

    #[test]
    fn a_word_beside_an_entrance_is_worn_unless_it_is_the_domain_itself() {
        let paypal = "paypal.com paypal.org paypal.net";
        for host in [
            "secure-paypal.example",
            "paypal-login.example",
            "paypal.com-verify.example",
            "www.paypal.login.example",
            "login.paypal-secure.example",
        ] {
            assert_eq!(worn(host), paypal, "{host}");
        }
        for honest in [
            "login.paypal.com",
            "paypal.support",
            "login.gov",
            "secure.example",
            "my-account.example",
            "apple-pie.example",
            "signin.apple-pie.example",
            "update.example",
        ] {
            assert_eq!(worn(honest), "", "{honest}");
        }
    }
}

//! Hosts that look like what they are not (UTS 39): labels that mix scripts, and labels that read like
//! the name asked, or like a well-known domain, in other letters; and hosts that wear one of these in front
//! of a domain of their own. Phishing lives on them, so nothing but a naming source's word makes one of
//! them more than a mention.

mod worn;

use std::borrow::Cow;

use serde::Serialize;
use unicode_security::RestrictionLevelDetection as _;

pub use worn::worn_by;

use super::popularity::Popularity;
use crate::model::{CommonName, ResourceUrl};

/// What a host pretends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lookalike {
    /// A label mixes scripts that no language writes together (UTS 39 section 5.2, past "highly
    /// restrictive").
    MixedScripts,
    /// A label reads like the name asked and is another, or the host wears a domain of that name.
    OfTheName,
    /// It reads like a well-known domain and is another, or wears one.
    OfPopular,
}

/// What the host of `url` pretends when `name` is asked for; `None` for an honest one. Looks closely
/// only at hosts that have letters by which one can pretend.
pub(super) fn lookalike(url: &ResourceUrl, name: &CommonName, popularity: &Popularity) -> Option<Lookalike> {
    wearing(url, name, popularity).or_else(|| pretending(url, name, popularity))
}

/// What a host pretends by wearing another's domain. A site that is well known itself may.
fn wearing(url: &ResourceUrl, name: &CommonName, popularity: &Popularity) -> Option<Lookalike> {
    let worn = worn_by(url);
    if worn.is_empty() || popularity.of(url.site()) > 0.0 {
        return None;
    }
    let is_the_name = |domain: &String| {
        let label = domain.split('.').next().and_then(CommonName::new);
        label.is_some_and(|label| label.key() == name.key())
    };
    if worn.iter().any(is_the_name) {
        return Some(Lookalike::OfTheName);
    }
    worn.iter().any(|domain| popularity.of(domain) > 0.0).then_some(Lookalike::OfPopular)
}

/// What a host pretends by its letters.
fn pretending(url: &ResourceUrl, name: &CommonName, popularity: &Popularity) -> Option<Lookalike> {
    let host = url.host();
    let is_international = host.contains("xn--");
    if !is_international && !can_mislead(host) {
        return None;
    }
    if is_international {
        let shown = shown(host);
        if shown.split('.').any(mixes_scripts) {
            return Some(Lookalike::MixedScripts);
        }
        return of_name_or_popular(url, &shown, name, popularity);
    }
    of_name_or_popular(url, host, name, popularity)
}

fn of_name_or_popular(
    url: &ResourceUrl,
    shown: &str,
    name: &CommonName,
    popularity: &Popularity,
) -> Option<Lookalike> {
    if shown.split('.').any(|label| reads_like(label, name)) {
        return Some(Lookalike::OfTheName);
    }
    popularity.is_imitated_by(url.site()).then_some(Lookalike::OfPopular)
}

/// What a text looks like: two texts that look alike have the same skeleton (UTS 39 section 4), case
/// put aside, as host names have none.
pub(super) fn skeleton(domain: &str) -> String {
    let shown = shown(domain);
    if shown.is_ascii() {
        return ascii_skeleton(&shown);
    }
    unicode_security::skeleton(&shown).collect::<String>().to_lowercase()
}

/// The same for ASCII, for which the table has three lines.
fn ascii_skeleton(text: &str) -> String {
    text.to_ascii_lowercase().replace('0', "o").replace('1', "l").replace('m', "rn")
}

/// A domain in letters.
fn shown(domain: &str) -> Cow<'_, str> {
    if domain.contains("xn--") { idna::domain_to_unicode(domain).0.into() } else { domain.into() }
}

/// A domain in letters, as one types it who leaves accents out; `None` where it has none. Skeletons keep
/// them, and a reader overlooks them.
pub(super) fn without_accents(domain: &str) -> Option<String> {
    let shown = shown(domain);
    let typed =
        |c: char| if c.is_ascii() { c.into() } else { CommonName::key_of_part(c.encode_utf8(&mut [0; 4])) };
    let bare: String = shown.chars().map(typed).collect();
    (bare != shown).then_some(bare)
}

/// Whether an ASCII host or label has letters or digits that are read for others.
fn can_mislead(host: &str) -> bool {
    host.contains(['0', '1']) || host.contains("rn")
}

fn mixes_scripts(label: &str) -> bool {
    use unicode_security::RestrictionLevel as Level;
    // What the profile of identifiers leaves out is judged by the table of IDNA, not here.
    matches!(label.detect_restriction_level(), Level::ModeratelyRestrictive | Level::MinimallyRestrictive)
}

/// Whether a label reads like the name and, letter by letter, is not the name. A label of honest letters
/// misleads nobody: `com` is not "Corn".
fn reads_like(label: &str, name: &CommonName) -> bool {
    if label.is_ascii() && !can_mislead(label) {
        return false;
    }
    let Some(own) = CommonName::new(label) else { return false };
    own.key() != name.key() && skeleton(own.key()) == skeleton(name.key())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vouched;

    fn of(name: &str, uri: &str) -> Option<Lookalike> {
        let url = ResourceUrl::parse(uri, Vouched::BySearch).unwrap();
        lookalike(&url, &CommonName::new(name).unwrap(), &Popularity::default())
    }

    #[test]
    fn the_short_way_for_ascii_gives_what_the_table_gives() {
        let every: String = ('a'..='z').chain('0'..='9').chain(['-', '.']).collect();
        let by_table = unicode_security::skeleton(&every).collect::<String>().to_lowercase();
        assert_eq!(skeleton(&every), by_table);
    }

    #[test]
    fn hosts_that_pretend_are_seen() {
        for (name, uri, seen) in [
            ("PayPal", "https://p\u{430}ypal.example/", Some(Lookalike::MixedScripts)),
            ("Cope", "https://\u{441}\u{43e}\u{440}\u{435}.example/", Some(Lookalike::OfTheName)),
            ("Anything", "https://\u{430}\u{440}\u{440}\u{4cf}\u{435}.com/", Some(Lookalike::OfPopular)),
            ("Anything", "https://www.paypa1.com/", Some(Lookalike::OfPopular)),
            ("PayPal", "https://www.paypa1.com/", Some(Lookalike::OfTheName)),
            ("PayPal", "https://pàypal.com/", Some(Lookalike::OfPopular)),
            ("PayPal", "https://paypaĺ.com/", Some(Lookalike::OfPopular)),
            ("PayPal", "https://login.paypał.com/", Some(Lookalike::OfPopular)),
            ("PayPal", "https://pàypa1.com/", Some(Lookalike::OfTheName)),
            ("Google", "https://goógle.com/", Some(Lookalike::OfPopular)),
            ("Google", "https://gơogle.com/", Some(Lookalike::OfPopular)),
            ("Microsoft", "https://mícrosoft.com/", Some(Lookalike::OfPopular)),
            ("Amazon", "https://amazón.com/", Some(Lookalike::OfPopular)),
            ("eBay", "https://ebáy.com/", Some(Lookalike::OfPopular)),
            ("Nestlé", "https://nestlé.com/", Some(Lookalike::OfPopular)),
            ("Nordea", "https://n0rdea.fi/", Some(Lookalike::OfTheName)),
            ("zzcorp", "https://zzc0rp.com/", Some(Lookalike::OfTheName)),
            ("Hill & Moss", "https://shop.hi1l-rnoss.example/", Some(Lookalike::OfTheName)),
            ("Netflix", "https://www.netflix.com.evil.example/", Some(Lookalike::OfTheName)),
            ("Films", "https://www.netflix.com.evil.example/", Some(Lookalike::OfPopular)),
            ("Netflix", "https://netflix.com-login.example/", Some(Lookalike::OfTheName)),
            ("Anything", "https://secure-paypal.example/", Some(Lookalike::OfPopular)),
            ("zzcorp", "https://zzcorp-login.example/", Some(Lookalike::OfTheName)),
        ] {
            assert_eq!(of(name, uri), seen, "{uri}");
        }
    }

    #[test]
    fn honest_hosts_are_left_alone() {
        for (name, uri) in [
            ("PayPal", "https://www.paypal.com/"),
            ("Citroën", "https://www.citroën.example/"),
            ("Citroën", "https://citroën.fr/"),
            ("Citroen", "https://citroën.fr/"),
            ("Munchen", "https://münchen.de/"),
            ("Muenchen", "https://münchen.de/"),
            ("Ёлка", "https://ёлка.рф/"),
            ("がす", "https://がす.example/"),
            ("東京タワー", "https://東京タワー.example/"),
            ("163", "https://www.163.com/"),
            ("Booking", "https://booking1.example/"),
            ("Corn", "https://corn.example.com/"),
            ("Com", "https://corner.example/"),
            ("O2", "https://o2.example/"),
            ("1000 Bulbs", "https://www.1000bulbs.com/"),
            ("Modem", "https://www.modem.example/"),
            ("Modern Barn", "https://modern-barn.example/"),
            ("Nordea", "https://n0rdea-banking.example/"),
            ("zzcorp", "https://login.zzcorp.example/"),
            ("zzcorp", "https://zzcorp.support/"),
            ("Outlook", "https://login.microsoftonline.com/"),
            ("Anything", "https://secure-zzcorp.example/"),
            ("Anything", "https://zzcorp.com.evil.example/"),
        ] {
            assert_eq!(of(name, uri), None, "{uri}");
        }
    }
}

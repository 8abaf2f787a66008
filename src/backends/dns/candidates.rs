//! The domains that a name may well have: "Toys R Us" is toysrus.com or toys-r-us.com.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};

use super::country;
use crate::model::{Hints, registrable_domain};

/// Most domains looked up for one name, each with and without `www.`: a name of many words under
/// many suffixes must not become a flood of queries.
pub(super) const MOST_DOMAINS: usize = 12;

/// The longest label and the longest name of DNS, in octets (RFC 1035 section 2.3.4); `www.` is
/// left room for.
const LONGEST_LABEL: usize = 63;
const LONGEST_DOMAIN: usize = 249;

/// Words at the end of a name that say what kind of body it is, and that few put in their domain.
const LEGAL: &[&str] = &[
    "ab",
    "ag",
    "aktiengesellschaft",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "ev",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "nv",
    "oy",
    "oyj",
    "plc",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
    "the",
];

/// Articles at the beginning of a name that few put in their domain.
const ARTICLES: &[&str] = &["the"];

/// Letters that are no other letter with a mark, and how they are written without them.
const LETTERS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ı', "i"),
];

/// The German way to write without umlauts.
const UMLAUTS: &[(char, &str)] = &[('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('ß', "ss")];

/// The domains to look up for a name, likeliest first, in the form of DNS: lower case, IDNA, no
/// dot at the end. The suffixes of the hinted country come before the configured ones. Empty
/// where no domain can be made of the name.
pub(super) fn domains(name: &str, hints: &Hints, tlds: &[String]) -> Vec<String> {
    if let Some(host) = as_host(name) {
        return vec![host];
    }
    let country = hints.country();
    let national = country.as_deref().map(country::suffixes).unwrap_or_default();
    let suffixes: Vec<&str> =
        national.iter().map(String::as_str).chain(tlds.iter().map(String::as_str)).collect();
    let mut found: Vec<String> = Vec::new();
    for label in labels(name) {
        for suffix in &suffixes {
            let domain = format!("{label}.{suffix}");
            if domain.len() <= LONGEST_DOMAIN && !found.contains(&domain) && found.len() < MOST_DOMAINS {
                found.push(domain);
            }
        }
    }
    found
}

/// The host name that a name is itself: `Boeing.com`, or an address of the web.
fn as_host(name: &str) -> Option<String> {
    let bare = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
    if !bare.contains('.') || bare.contains(char::is_whitespace) {
        return None;
    }
    let host = idna::domain_to_ascii_strict(bare).ok().filter(|host| host.len() <= LONGEST_DOMAIN)?;
    let known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let without_www = host.strip_prefix("www.").filter(|rest| registrable_domain(rest).is_some());
    let host = without_www.map_or(host.clone(), str::to_owned);
    (known && registrable_domain(&host).is_some()).then_some(host)
}

/// The labels that the name may have, closest first.
fn labels(name: &str) -> Vec<String> {
    let name = ComposingNormalizerBorrowed::new_nfkc().normalize(name).to_lowercase();
    let mut found: Vec<String> = Vec::new();
    for words in phrasings(&name) {
        for plain in [without_marks(&words), replaced(&words, UMLAUTS), words] {
            for joint in ["", "-"] {
                let label = ascii(&plain.join(joint));
                found.extend(label.filter(|label| !found.contains(label)));
            }
        }
    }
    found
}

/// The words of a name as it is, without its "&", and without what says only what kind of body
/// it is.
fn phrasings(name: &str) -> Vec<Vec<String>> {
    let spelled = words(&name.replace(['&', '+'], " and "));
    let mut all = vec![spelled.clone(), words(&name.replace(['&', '+'], " "))];
    let mut core = spelled.as_slice();
    while let [before @ .., last] = core {
        if before.is_empty() || !LEGAL.contains(&last.as_str()) {
            break;
        }
        core = before;
    }
    match core {
        [first, rest @ ..] if !rest.is_empty() && ARTICLES.contains(&first.as_str()) => core = rest,
        _ => {}
    }
    // "and" is left over from "Smith & Co".
    match core {
        [before @ .., last] if !before.is_empty() && last == "and" => core = before,
        _ => {}
    }
    all.push(core.to_vec());
    all
}

/// Words of letters and digits. Dots and apostrophes stand within a word, other marks between two.
fn words(name: &str) -> Vec<String> {
    let joined: String = name.chars().filter(|c| !matches!(c, '.' | '\'' | '’' | '‘' | '`' | '´')).collect();
    let is_mark = |c| GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c));
    let words = joined.split(|c: char| !c.is_alphanumeric() && !is_mark(c));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The words without diacritics. Only Latin letters lose them: elsewhere a mark makes a letter.
fn without_marks(words: &[String]) -> Vec<String> {
    let plain = |word: &String| {
        let is_latin =
            |c: char| matches!(c, '\0'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}');
        if !word.chars().all(is_latin) {
            return word.clone();
        }
        let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(word);
        decomposed.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).collect()
    };
    replaced(&words.iter().map(plain).collect::<Vec<_>>(), LETTERS)
}

fn replaced(words: &[String], table: &[(char, &str)]) -> Vec<String> {
    let replace = |word: &String| {
        word.chars().fold(String::new(), |mut out, c| {
            match table.iter().find(|(letter, _)| *letter == c) {
                Some((_, plain)) => out.push_str(plain),
                None => out.push(c),
            }
            out
        })
    };
    words.iter().map(replace).collect()
}

/// A label in the form of DNS. A single letter is nobody's name.
fn ascii(label: &str) -> Option<String> {
    let label = idna::domain_to_ascii_strict(label).ok()?;
    ((2..=LONGEST_LABEL).contains(&label.len()) && !label.contains('.')).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Geography, Preference};

    fn of(name: &str) -> Vec<String> {
        domains(name, &Hints::default(), &["com".to_owned()])
    }

    #[test]
    fn a_name_becomes_the_labels_that_it_may_have() {
        for (name, expected) in [
            ("Boeing", "boeing.com"),
            ("Toys R Us", "toysrus.com toys-r-us.com"),
            ("Coca-Cola", "cocacola.com coca-cola.com"),
            ("McDonald's", "mcdonalds.com"),
            ("AT&T", "atandt.com at-and-t.com att.com at-t.com"),
            ("Citroën", "citroen.com xn--citron-tva.com"),
            ("Müller", "muller.com mueller.com xn--mller-kva.com"),
            ("Straße", "strasse.com xn--strae-oqa.com"),
            ("Ørsted", "orsted.com xn--rsted-uua.com"),
            ("The Boeing Company", "theboeingcompany.com the-boeing-company.com boeing.com"),
            ("Acme Inc.", "acmeinc.com acme-inc.com acme.com"),
            ("東京大学", "xn--1lq68wkwbj6u.com"),
            ("Ｂｏｅｉｎｇ", "boeing.com"),
            ("3M", "3m.com"),
        ] {
            assert_eq!(of(name), expected.split(' ').collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_a_host_stays_as_it_is() {
        assert_eq!(of("Booking.com"), ["booking.com"]);
        assert_eq!(of("www.gov.uk"), ["www.gov.uk"]);
        assert_eq!(of("https://www.boeing.com/about"), ["boeing.com"]);
        assert_eq!(of("node.js"), ["nodejs.com"]);
        assert_eq!(of("printer.local"), ["printerlocal.com"]);
    }

    #[test]
    fn what_makes_no_domain_is_not_asked() {
        let long = "x".repeat(64);
        for name in ["!!!", "x", "☃", "&", ".", "https://", long.as_str()] {
            assert!(!of(name).iter().any(|domain| domain != "and.com" && domain != "https.com"), "{name}");
        }
    }

    #[test]
    fn the_suffixes_of_a_hinted_country_come_first() {
        let hints = Hints {
            geographies: vec![Preference::Value(Geography::Country("GB".to_owned()))],
            ..Hints::default()
        };
        let found = domains("Boots", &hints, &["com".to_owned(), "org".to_owned()]);
        assert_eq!(found, ["boots.co.uk", "boots.uk", "boots.com", "boots.org"]);
    }

    #[test]
    fn there_are_never_many() {
        let name = "a very long & quite unlikely näme of the firm inc";
        let tlds: Vec<String> = ["com", "org", "net", "io", "dev"].map(str::to_owned).to_vec();
        assert_eq!(domains(name, &Hints::default(), &tlds).len(), MOST_DOMAINS);
        assert!(domains(&"word ".repeat(200), &Hints::default(), &tlds).is_empty());
    }
}

//! How well a resource fits the name asked, as far as its own address and title tell.
//!
//! A host that is the name is the strongest sign there is without anybody's word for it. A title
//! that begins with the name is weaker: pages about a thing have it as well as the thing's own. In
//! between lies the host that is akin to the name: `store.steampowered.com`, titled "Welcome to
//! Steam", or `ibm.com` for "International Business Machines".

use serde::{Deserialize, Serialize};

use super::{
    CommonName, PageDepth, ResourceUrl,
    forms::{self, Written},
};

/// Shortest label or name, in characters, that may be part of the other and count as akin: shorter
/// ones are part of everything.
pub(crate) const SHORTEST_PART: usize = 3;

/// Shortest and longest name, in characters of its key, that may be taken for a slip of another: of short
/// ones everything is, and nobody compares long ones in a hurry.
const SLIPS: std::ops::RangeInclusive<usize> = 5..=64;

/// How far a title is read for a slip, in bytes: as far as the longest name in the widest letters.
const LONGEST_BEGINNING: usize = 4 * 65;

/// Fewest initials that say something: two letters are too many things' initials.
pub(crate) const FEWEST_INITIALS: usize = 3;

/// A name and what it is called without anybody thinking it another: "Chegg" for "Chegg, Inc.",
/// "Hail University" for "University of Hail".
pub(super) struct Called<'a> {
    name: &'a CommonName,
    keys: Vec<String>,
}

impl<'a> Called<'a> {
    pub(super) fn of(name: &'a CommonName) -> Self {
        let forms = forms::forms(name).into_iter().filter(|(_, written)| *written <= Written::Formless);
        Self { name, keys: forms.map(|(key, _)| key).collect() }
    }

    /// Whether a key is one of its own but for one slip of the finger: a letter missing, too many, another,
    /// or two exchanged.
    fn is_slip_of(&self, key: &str) -> bool {
        let length = key.chars().count();
        let is_slip = |own: &String| {
            let own_length = own.chars().count();
            SLIPS.contains(&own_length)
                && own_length.abs_diff(length) <= 1
                && strsim::osa_distance(own, key) == 1
        };
        self.keys.iter().any(is_slip)
    }

    fn is(&self, text: &str) -> bool {
        CommonName::new(text).is_some_and(|text| self.keys.iter().any(|key| key == text.key()))
    }
}

/// How the resource itself fits the name asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Its host's label, or the whole host, is the name.
    pub host: bool,
    /// Its host's label and the name are part of each other and its title has the name, or the
    /// label is the name's initials.
    pub kin: bool,
    /// Its title begins with the name, at the end of a word; or it is the front page of a host and
    /// its title ends with the name, as "Home - Boeing" does.
    pub title: bool,
    /// It is the front page of a host, and its host's label, or what its title begins with, is one slip
    /// away from the name: who typed the name may have meant it.
    pub slip: bool,
}

impl Fit {
    /// Judges a page by its address and its title.
    pub(super) fn of(url: &ResourceUrl, title: &str, called: &Called<'_>) -> Self {
        let words = words_of(title);
        let labels = Labels::of(url);
        let is_front = url.depth() < PageDepth::Deep;
        let host = labels.are(called);
        Self {
            host,
            kin: !host && labels.are_akin_to(called, &words),
            title: begins_with(&words, title, called) || is_front && ends(&words, called),
            slip: is_front && !host && (labels.is_slip_of(called) || begins_with_slip(&words, called)),
        }
    }

    /// Whether the host is the name or akin to it: the resource speaks for what the name means,
    /// rather than of it.
    pub fn is_own(self) -> bool {
        self.host || self.kin
    }
}

/// The parts of a host that may be a name.
struct Labels {
    /// Of the site: `toysrus` of www.toysrus.com.
    site: String,
    /// The whole host without `www.`, as people read it.
    host: String,
}

impl Labels {
    fn of(url: &ResourceUrl) -> Self {
        let host = url.host().strip_prefix("www.").unwrap_or(url.host());
        let site = readable(url.site());
        let site = site.split('.').next().unwrap_or_default().to_owned();
        Self { site: if host.is_empty() { String::new() } else { site }, host: readable(host) }
    }

    fn are(&self, called: &Called<'_>) -> bool {
        called.is(&self.site) || called.is(&self.host)
    }

    fn is_slip_of(&self, called: &Called<'_>) -> bool {
        called.is_slip_of(&CommonName::key_of_part(&self.site.to_lowercase()))
    }

    fn are_akin_to(&self, called: &Called<'_>, title: &[String]) -> bool {
        let label = CommonName::key_of_part(&self.site.to_lowercase());
        let is_part = |key: &String| {
            let is_long = label.chars().count().min(key.chars().count()) >= SHORTEST_PART;
            is_long && (key.contains(&label) || label.contains(key.as_str()))
        };
        is_initials(&label, called.name) || called.keys.iter().any(is_part) && has_words(title, called)
    }
}

fn readable(host: &str) -> String {
    if host.contains("xn--") { idna::domain_to_unicode(host).0 } else { host.to_owned() }
}

fn is_initials(label: &str, name: &CommonName) -> bool {
    let words = || name.folded().split(|c: char| !c.is_alphanumeric());
    let initials: String = words().filter_map(|word| word.chars().next()).collect();
    initials.chars().count() >= FEWEST_INITIALS && initials == label
}

/// The keys of a title's words.
fn words_of(title: &str) -> Vec<String> {
    let Some(title) = CommonName::new(title) else { return Vec::new() };
    let words = title.folded().split(|c: char| !c.is_alphanumeric());
    words.map(CommonName::key_of_part).filter(|word| !word.is_empty()).collect()
}

/// Whether the title has the name in it, whole words in a row.
fn has_words(title: &[String], called: &Called<'_>) -> bool {
    (0..title.len()).any(|start| title.get(start..).is_some_and(|rest| begins(rest, called)))
}

/// Whether the title is the name, or goes on after it with something that is not part of a word:
/// "Boeing: The Boeing Company" for "boeing", and not "Boeings".
fn begins_with(words: &[String], title: &str, called: &Called<'_>) -> bool {
    begins(words, called) || called.is(title)
}

/// Word by word, so that the name ends where a word ends whatever the punctuation.
fn begins(words: &[String], called: &Called<'_>) -> bool {
    called.keys.iter().any(|key| is_eaten(key, words.iter(), |left, word| left.strip_prefix(word)))
}

/// Whether the first words of the title are one slip away from the name.
fn begins_with_slip(words: &[String], called: &Called<'_>) -> bool {
    let mut begun = String::new();
    for word in words {
        begun.push_str(word);
        if begun.len() > LONGEST_BEGINNING {
            return false;
        }
        if called.is_slip_of(&begun) {
            return true;
        }
    }
    false
}

/// Whether the last words of the title are the name.
fn ends(words: &[String], called: &Called<'_>) -> bool {
    called.keys.iter().any(|key| is_eaten(key, words.iter().rev(), |left, word| left.strip_suffix(word)))
}

/// Whether `eat` takes the words off the key, one after the other, until nothing is left of it.
fn is_eaten<'a>(
    key: &'a str,
    words: impl Iterator<Item = &'a String>,
    eat: impl Fn(&'a str, &'a str) -> Option<&'a str>,
) -> bool {
    let mut left = key;
    for word in words {
        match eat(left, word) {
            Some("") => return true,
            Some(rest) => left = rest,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vouched;

    fn fit(name: &str, title: &str, uri: &str) -> Fit {
        let url = ResourceUrl::parse(uri, Vouched::BySearch).unwrap();
        Fit::of(&url, title, &Called::of(&CommonName::new(name).unwrap()))
    }

    #[test]
    fn a_host_fits_when_its_label_or_all_of_it_is_the_name() {
        assert!(fit("Toys R Us", "x", "https://www.toysrus.com/").host);
        assert!(fit("booking.com", "x", "https://www.booking.com/hotels").host);
        assert!(fit("Citroën", "x", "https://www.xn--citron-tva.fr/").host);
        assert!(!fit("Boeing", "x", "https://boeing.evil.example/").host);
        assert!(!fit("Boeing", "x", "https://boeings.com/").host);
    }

    #[test]
    fn a_title_fits_when_it_begins_with_the_name() {
        for title in ["Boeing", "BOEING: The Boeing Company", "Boeing - Wikipedia", "boeing | Home"] {
            assert!(fit("Boeing", title, "https://x.example/").title, "{title}");
        }
        for title in ["Boeings", "The Boeing Company", "Airbus", ""] {
            assert!(!fit("Boeing", title, "https://x.example/").title, "{title}");
        }
        assert!(fit("toys r us", "Toys\"R\"Us, the toy shop", "https://x.example/").title);
    }

    #[test]
    fn a_legal_form_and_the_order_of_an_institution_make_no_other_name() {
        let chegg = fit("Chegg, Inc.", "Chegg | Study help", "https://www.chegg.com/");
        assert!(chegg.host && chegg.title);
        assert!(fit("University of Hail", "Hail University - Home", "https://uoh.example/").title);
        assert!(!fit("Apple Bank", "Apple", "https://www.apple.com/").title);
    }

    #[test]
    fn a_front_page_may_say_the_name_last() {
        for (title, uri, fits) in [
            ("Home - Toys R Us", "https://x.example/", true),
            ("Welcome to Toys \"R\" Us", "https://x.example/en-gb/", true),
            ("Jobs at Toys R Us", "https://x.example/jobs/1", false),
            ("Tin toys r us", "https://x.example/", true),
            ("Stoys r us", "https://x.example/", false),
        ] {
            assert_eq!(fit("Toys R Us", title, uri).title, fits, "{title}");
        }
    }

    #[test]
    fn a_host_is_akin_when_it_and_the_name_are_parts_of_each_other_and_the_title_says_the_name() {
        assert!(fit("Steam", "Welcome to Steam", "https://store.steampowered.com/").kin);
        assert!(fit("Apple Pay", "Set up Apple Pay", "https://www.apple.com/apple-pay/").kin);
        assert!(!fit("Apple Bank", "Apple", "https://www.apple.com/").kin);
        assert!(!fit("Steam", "Steamy pictures", "https://steamypictures.example/").kin);
        assert!(!fit("Boeing", "Boeing | LinkedIn", "https://www.linkedin.com/company/boeing").kin);
    }

    #[test]
    fn a_front_page_is_a_slip_away_by_its_host_or_its_title() {
        for (name, title, uri, slip) in [
            ("MetLifee, Inc.", "Insurance", "https://www.metlife.com/", true),
            ("Udrruga igranje", "Udruga igranje: home", "https://igranje.example/", true),
            ("Strykker", "Stryker", "https://www.stryker.com/about", false),
            ("Stryker", "Stryker", "https://www.stryker.com/", false),
            ("Strykker", "Strike", "https://strike.example/", false),
            ("Visq", "Visa", "https://www.visa.com/", false),
        ] {
            assert_eq!(fit(name, title, uri).slip, slip, "{name}");
        }
    }

    #[test]
    fn a_host_is_akin_when_it_is_the_initials() {
        assert!(fit("International Business Machines", "x", "https://www.ibm.com/").kin);
        assert!(!fit("Acme Tools", "x", "https://www.at.example/").kin);
    }
}

//! From what a backend says to what can be merged and ranked.
//!
//! A reply is prepared once, when it arrives: texts cleaned, addresses made canonical, the fit to
//! the name judged, properties parsed. Every later answer shares the result.

use std::{cell::LazyCell, time::Duration};

use super::{
    CommonName, Fit, Geography, Hit, LanguageRange, Likeness, Property, Referral, Reply, ResourceUrl, Status,
    Vouched, fit::Called,
};

/// Longest name or title kept, in characters. Titles of real pages stay below.
const NAME_LIMIT: usize = 300;
/// Longest description kept, in characters.
const DESCRIPTION_LIMIT: usize = 1000;
/// Most hits kept of one reply: no client pages further, and a hostile source must not fill memory.
const HIT_LIMIT: usize = 1000;

/// A prepared hit: safe to show, and ready to be merged and ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The hit, its texts cleaned.
    pub hit: Hit,
    pub url: ResourceUrl,
    pub fit: Fit,
    pub facets: Facets,
}

/// What a resource is about, parsed once so that hints compare quickly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Lower-case language tags.
    pub languages: Vec<LanguageRange>,
    pub places: Vec<Geography>,
    /// Lower-case categories.
    pub categories: Vec<String>,
}

/// A reply, prepared once and shared by every answer it goes into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prepared {
    pub candidates: Vec<Candidate>,
    pub referrals: Vec<Referral>,
    /// How long the source says that this is good; `None` if it does not say.
    pub ttl: Option<Duration>,
    /// The source itself was incomplete: true for this moment, not worth remembering long.
    pub degraded: bool,
    /// What the source says of its own answer, that it is incomplete or old.
    pub remarks: Vec<Status>,
}

impl Prepared {
    /// Whether the source definitely knows nothing of the name.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.referrals.is_empty()
    }

    /// The reply that it was made of, as far as it was kept. Preparing that gives the same again.
    pub fn reply(&self) -> Reply {
        let Self { candidates, referrals, ttl, degraded, remarks } = self.clone();
        let hits = candidates.into_iter().map(|candidate| candidate.hit).collect();
        Reply { hits, referrals, ttl, degraded, remarks }
    }
}

/// Cleans a reply to `name` and judges each hit; what is unsafe or no absolute URI is dropped.
pub fn prepare(mut reply: Reply, name: &CommonName, vouched: Vouched) -> Prepared {
    let hits = std::mem::take(&mut reply.hits).into_iter().take(HIT_LIMIT);
    // Static names are prepared for every query and never judged by their addresses.
    let called = LazyCell::new(|| Called::of(name));
    let fit = |url: &ResourceUrl, title: &str| Fit::of(url, title, &called);
    let candidates = hits.filter_map(|hit| Candidate::judged(hit, name, vouched, fit)).collect();
    let Reply { referrals, ttl, degraded, remarks, .. } = reply;
    Prepared { candidates, referrals, ttl, degraded, remarks }
}

impl Candidate {
    /// Prepares one hit; `None` if its address is not one to answer with.
    pub fn new(hit: Hit, name: &CommonName, vouched: Vouched) -> Option<Self> {
        Self::judged(hit, name, vouched, |url, title| Fit::of(url, title, &Called::of(name)))
    }

    /// A hit that was prepared before, and how it fits the name that it was asked for.
    pub fn again(hit: Hit, fit: Fit, vouched: Vouched) -> Option<Self> {
        let url = ResourceUrl::parse(&hit.uri, vouched)?;
        Some(Self { fit, facets: Facets::of(&hit.properties), url, hit })
    }

    fn judged(
        mut hit: Hit,
        name: &CommonName,
        vouched: Vouched,
        fit: impl FnOnce(&ResourceUrl, &str) -> Fit,
    ) -> Option<Self> {
        let url = ResourceUrl::parse(&hit.uri, vouched)?;
        clean(&mut hit.name, NAME_LIMIT);
        clean(&mut hit.description, DESCRIPTION_LIMIT);
        // Nobody can follow a link that shows nothing.
        if CommonName::new(&hit.name).is_none() {
            hit.name = name.shown().to_owned();
        }
        let fit = match vouched {
            // What a naming source says of the name is better than anything read off the page.
            Vouched::ByOperator => Fit { title: hit.likeness <= Likeness::Initials, ..Fit::default() },
            _ => fit(&url, &hit.name),
        };
        Some(Self { fit, facets: Facets::of(&hit.properties), url, hit })
    }
}

impl Facets {
    /// Reads the facets out of a resource's properties.
    pub fn of(properties: &[Property]) -> Self {
        let mut facets = Self::default();
        for property in properties {
            if property.is("language") {
                facets.languages.extend(LanguageRange::parse(&property.value));
            } else if property.is("geography") {
                facets.places.push(Geography::read(&property.kind, &property.value));
            } else if property.is("category") {
                facets.categories.push(property.value.to_lowercase());
            }
        }
        facets
    }
}

/// Characters that no answer carries: those XML 1.0 can't (D17), other controls, the marks and overrides
/// of direction by which a title could dress up as another, and tags, which nobody sees and some programs
/// read. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are spelt with them.
fn is_unshowable(c: char) -> bool {
    let directs = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let is_unseen = matches!(c, '\u{2066}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || directs || is_unseen || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// A text of somebody else's as it may be shown on one line.
pub fn showable(text: &str) -> String {
    let mut text = text.to_owned();
    clean(&mut text, NAME_LIMIT);
    text
}

/// The same of a description, of which more is kept; empty where nothing of it can be seen.
pub fn showable_description(text: &str) -> String {
    let mut text = text.to_owned();
    clean(&mut text, DESCRIPTION_LIMIT);
    if CommonName::new(&text).is_none() {
        text.clear();
    }
    text
}

/// Takes out what can't be shown, collapses white space, and cuts at `limit` characters. A clean
/// text, which nearly all are, is not copied.
fn clean(text: &mut String, limit: usize) {
    let is_clean = text.len() <= limit
        && !text.contains(is_unshowable)
        && !text.contains("  ")
        && text.trim().len() == text.len();
    if is_clean {
        return;
    }
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let shown: String = spaced.filter(|c| !is_unshowable(*c)).collect();
    let words = shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    *text = words.chars().take(limit).collect::<String>().trim_end().to_owned();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, title: &str, uri: &str) -> Option<Candidate> {
        Candidate::new(Hit::mention(title, uri, ""), &CommonName::new(name).unwrap(), Vouched::BySearch)
    }

    #[test]
    fn d17_texts_are_cleaned() {
        let hit = candidate("f", "F\u{0}\u{8}<b>& \n  x\u{202e}", "https://x.example/").unwrap().hit;
        assert_eq!(hit.name, "F<b>& x");
        let long = candidate("f", &"ä".repeat(5000), "https://x.example/").unwrap().hit;
        assert_eq!(long.name.chars().count(), NAME_LIMIT);
    }

    #[test]
    fn a_result_without_a_title_takes_the_name_asked() {
        for unseen in [" \u{0} ", "\u{200b}\u{200b}", "\u{200f}\u{2060}\u{e0041}", "\u{200d}"] {
            let named = candidate("Acme", unseen, "https://x.example/").unwrap().hit.name;
            assert_eq!(named, "Acme", "{unseen:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_taken_out_and_what_scripts_are_spelt_with_is_left() {
        let unseen =
            "a\u{61c}\u{200e}\u{200f}\u{202a} \u{202e} \u{2066}\u{2069}\u{206a}\u{206f}\u{e0001}\u{e007f}b";
        assert_eq!(showable(unseen), "a b");
        assert_eq!(showable_description(unseen), "a b");
        assert_eq!(showable_description("\u{200b}\u{202e}"), "");
        for text in ["می\u{200c}خواهم", "👩\u{200d}🚀", "e\u{301}"] {
            assert_eq!(showable(text), text);
        }
    }

    #[test]
    fn a_hostile_reply_is_cut() {
        let hits = (0..5000).map(|i| Hit::mention("x", format!("https://x.example/{i}"), "")).collect();
        let prepared = prepare(Reply::of(hits), &CommonName::new("x").unwrap(), Vouched::BySearch);
        assert_eq!(prepared.candidates.len(), HIT_LIMIT);
    }
}

//! Why a result stands where it does, in a few words that a person can check.

use super::words::{Words, filled};
use crate::model::{Likeness, Tier, Why};

/// "exact name in handbook", "DNS and brave agree".
pub(super) fn sentence(why: &Why, words: &Words) -> String {
    let pattern = match (why.tier, why.likeness) {
        (Tier::Corroborated, _) => &words.agree,
        (_, Likeness::Same) => &words.exact,
        (_, Likeness::Form) => &words.form,
        (_, Likeness::Initials) => &words.initials,
        (_, Likeness::Slip) => &words.slip,
        (_, Likeness::Words) => &words.words,
        (Tier::Asserted | Tier::OneWitness, Likeness::Mention) => &words.fits,
        (Tier::Slip | Tier::Mention, Likeness::Mention) => &words.mention,
    };
    filled(pattern, "sources", &words.list(&why.sources))
}

#[cfg(test)]
mod tests {
    use super::{super::words::LANGUAGES, *};

    #[test]
    fn a_reason_names_the_evidence_and_who_gives_it() {
        let english = &LANGUAGES[0];
        let said = |tier, likeness, sources: &[&str]| {
            let sources = sources.iter().map(ToString::to_string).collect();
            sentence(&Why { tier, likeness, sources }, english)
        };
        assert_eq!(said(Tier::Asserted, Likeness::Same, &["handbook"]), "exact name in handbook");
        assert_eq!(said(Tier::Corroborated, Likeness::Mention, &["dns", "brave"]), "dns and brave agree");
        assert_eq!(said(Tier::Slip, Likeness::Slip, &["handbook"]), "one slip from a name in handbook");
        assert_eq!(said(Tier::OneWitness, Likeness::Mention, &["dns"]), "found by dns");
        assert_eq!(said(Tier::Mention, Likeness::Mention, &["brave"]), "mentioned by brave");
    }
}

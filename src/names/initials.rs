//! Short names: the initials of a long one, and the label of an address that abbreviates it.

use std::collections::BTreeSet;

use super::legal_forms as words;
use crate::model::{CommonName, Script, registrable_domain};

/// Fewest initials that are a name by themselves.
const FEWEST: usize = 2;
/// Most: longer ones are nobody's short name.
const MOST: usize = 10;

/// The initials that a name may be called by: of all its words, of all but the small ones, and of
/// both without its legal form.
pub(super) fn initials(name: &CommonName) -> BTreeSet<String> {
    let words = split(name.folded());
    let formless = match words.iter().rposition(|word| !words::is_form_after(word)) {
        Some(last) => words.get(..=last).unwrap_or_default(),
        None => &[],
    };
    [words.as_slice(), formless]
        .into_iter()
        .flat_map(|words| [of_all(words), of_great(words)])
        .flatten()
        .collect()
}

/// Every word of its own, parts of hyphenated ones too.
fn split(folded: &str) -> Vec<String> {
    let is_gap = |c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’');
    folded.split(is_gap).map(CommonName::key_of_part).filter(|word| !word.is_empty()).collect()
}

fn of_all(words: &[String]) -> Option<String> {
    joined(words.iter())
}

fn of_great(words: &[String]) -> Option<String> {
    joined(words.iter().filter(|word| !words::is_small(word)))
}

fn joined<'a>(words: impl Iterator<Item = &'a String>) -> Option<String> {
    let initials: String = words.filter_map(|word| word.chars().next()).collect();
    let is_spelt = |c| Script::of(c).is_none_or(Script::is_typed_by_letter);
    let count = initials.chars().count();
    ((FEWEST..=MOST).contains(&count) && initials.chars().all(is_spelt)).then_some(initials)
}

/// The label of the registrable domain, where it is short for the name: `uky` of uky.edu for the
/// University of Kentucky. `None` for an address without one, or one that says something else.
pub(super) fn label(uri: &str, name: &CommonName) -> Option<String> {
    let host = url::Url::parse(uri).ok()?.host_str()?.to_owned();
    let label = registrable_domain(&host)?.split('.').next()?.replace('-', "");
    abbreviates(&label, name.key()).then_some(label)
}

/// Whether the letters of `label` stand in `key` in that order.
fn abbreviates(label: &str, key: &str) -> bool {
    let mut rest = key.chars();
    label.len() >= FEWEST && label.chars().all(|letter| rest.any(|c| c == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> CommonName {
        CommonName::new(text).unwrap()
    }

    #[test]
    fn initials_are_taken_with_and_without_small_words_and_legal_form() {
        let of = |text| initials(&name(text)).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(of("International Business Machines"), "ibm");
        assert_eq!(of("Bank of America Corp."), "ba bac boa boac");
        assert_eq!(of("Procter & Gamble Co."), "pg pgc");
        assert_eq!(of("Micro-Star International"), "msi");
        assert_eq!(of("Boeing"), "");
        assert_eq!(of("東京 大学"), "");
        assert_eq!(of("Российские железные дороги"), "ржд");
    }

    #[test]
    fn a_label_counts_where_it_abbreviates_the_name() {
        let of = |uri, text| label(uri, &name(text));
        assert_eq!(of("https://www.uky.edu/", "University of Kentucky").as_deref(), Some("uky"));
        assert_eq!(
            of("https://www.nhtsa.gov/", "National Highway Traffic Safety Administration").as_deref(),
            Some("nhtsa")
        );
        assert_eq!(of("https://www.alphabet.com/", "Google"), None);
        assert_eq!(of("mailto:a@b.example", "Boeing"), None);
        assert_eq!(of("https://192.0.2.1/", "Boeing"), None);
    }
}

//! From a name as typed to its folded form: how it was typed no longer shows.

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint};

const CASE: CaseMapperBorrowed<'static> = CaseMapper::new();
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfkc();
const INVISIBLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// Each round of folding can bring up what the next one folds (`İ` folds to i and a dot, a
/// compatibility character may hide a capital); no known text needs more than three.
const MOST_ROUNDS: usize = 4;

/// Marks that say who owns a name and are no part of it. NFKC would make letters of some (`TM`).
const OWNERSHIP: [char; 4] = ['\u{2120}', '\u{2122}', '\u{ae}', '\u{a9}'];

/// NFKC, full case fold, invisible characters out, one space between words.
pub(super) fn fold(shown: &str) -> String {
    if shown.is_ascii() {
        return spaced(&shown.to_ascii_lowercase()).into_owned();
    }
    let bare: String = shown.chars().filter(|c| !OWNERSHIP.contains(c)).collect();
    let is_ownership_alone = bare.trim().is_empty();
    let mut folded = spaced(if is_ownership_alone { shown } else { &bare }).into_owned();
    for _ in 0..MOST_ROUNDS {
        let next = round(&folded);
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

fn round(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !INVISIBLE.contains(*c)).collect();
    let lower = CASE.fold_string(&visible);
    spaced(&NFKC.normalize(&lower)).into_owned()
}

/// Control characters are taken for white space: neither is part of a word.
fn spaced(text: &str) -> Cow<'_, str> {
    let is_gap = |c: char| c.is_whitespace() || c.is_control();
    if !text.contains(|c: char| c != ' ' && is_gap(c)) && !text.contains("  ") && text.trim() == text {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

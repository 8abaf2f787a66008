//! Every key that means an entry: its names as they stand and in all their forms, what they are
//! typed with in Hangul, their initials, the label of the address.

use super::{
    Entry,
    forms::{self, Written},
    initials, jamo,
    meaning::{Meaning, NO_SLIPS},
    slip,
};
use crate::model::CommonName;

/// The keys of the entry whose record is at `place`, each with what it means.
pub(super) fn keys(entry: &Entry, place: u64) -> Vec<(String, Meaning)> {
    let mut found = Vec::with_capacity(8);
    let mut add = |key: String, written, slips_from| {
        found.push((key, Meaning { entry: place, written, slips_from }));
    };
    for name in entry.names().filter_map(|name| CommonName::new(name)) {
        let forms = forms::forms(&name);
        let typed = typed(&forms);
        for forms in [forms, typed] {
            let core = short_core(&forms);
            for (key, written) in forms {
                let slips_from = slips_from(&key, core.as_deref());
                add(key, written, slips_from);
            }
        }
        for key in initials::initials(&name) {
            add(key, Written::Initials, NO_SLIPS);
        }
        if let Some(label) = initials::label(&entry.uri, &name) {
            add(label, Written::Label, NO_SLIPS);
        }
    }
    found
}

/// The forms in which slips are looked for, as they are typed in Hangul; nothing without Hangul.
fn typed(forms: &[(String, Written)]) -> Vec<(String, Written)> {
    let forms = forms.iter().filter(|(_, written)| *written <= Written::Formless);
    forms.filter_map(|(key, written)| Some((jamo::typed(key)?, *written))).collect()
}

/// The key of a name without its form, where that is too short for slips: "BMW AG" is as short a
/// name as BMW.
fn short_core(forms: &[(String, Written)]) -> Option<String> {
    let formless = forms.iter().filter(|(_, written)| *written <= Written::Formless).map(|(key, _)| key);
    formless.min_by_key(|key| key.len()).filter(|key| !slip::is_long_enough(key.chars())).cloned()
}

/// Slips are believed anywhere in a long name, and in the form of a short one.
fn slips_from(key: &str, core: Option<&str>) -> u8 {
    match core {
        None => 0,
        Some(core) if key.starts_with(core) => u8::try_from(core.chars().count()).unwrap_or(NO_SLIPS),
        Some(_) => NO_SLIPS,
    }
}

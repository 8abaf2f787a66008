//! What somebody has typed of a name so far, and whether a name goes on from there.

use std::borrow::Cow;

use super::{
    forms::{self, Written},
    inner, jamo, slip,
};
use crate::model::CommonName;

/// Fewest letters in which a slip is believed: with fewer, half the map is one slip away.
const SLIPS_FROM: usize = 4;

/// The beginning of a name, or words of it of which the last may not be complete.
pub(super) struct Typed {
    /// Everything, as one key; Hangul by the letters it is typed with.
    pub key: String,
    /// The words that are complete and tell names apart.
    pub complete: Vec<String>,
    /// The last word, which may go on.
    pub last: String,
    /// The same by the letters it is typed with.
    last_as_typed: String,
    /// How many letters there are.
    letters: usize,
}

impl Typed {
    pub(super) fn read(typed: &CommonName) -> Self {
        let mut complete = inner::split(typed.folded());
        let last = complete.pop().unwrap_or_default();
        complete.retain(|word| !inner::is_untelling(word));
        let key = as_typed(typed.key()).into_owned();
        let last_as_typed = as_typed(&last).into_owned();
        Self { letters: typed.key().chars().count(), complete, last, last_as_typed, key }
    }

    /// Whether a slip may have been made.
    pub(super) fn may_have_slipped(&self) -> bool {
        self.letters >= SLIPS_FROM
    }

    /// The beginning of the last word under which inner words are kept; `None` where it is too short
    /// to mean anything further in.
    pub(super) fn inner(&self) -> Option<String> {
        if inner::is_unspaced(&self.last) {
            return Some(inner::window(&self.last));
        }
        let is_enough = self.last.chars().nth(inner::FEWEST - 1).is_some();
        is_enough.then(|| self.last.clone())
    }

    /// Whether more was typed than [`Typed::inner`] says, so that names found by that need a closer
    /// look.
    pub(super) fn is_more(&self) -> bool {
        !self.complete.is_empty()
            || inner::is_unspaced(&self.last) && self.last.chars().count() > inner::WINDOW
    }

    /// Whether a name begins so, or one of its forms.
    pub(super) fn begins(&self, name: &CommonName) -> bool {
        let mut forms = forms::forms(name).into_iter().filter(|(_, written)| *written <= Written::Formless);
        forms.any(|(key, _)| as_typed(&key).starts_with(&self.key))
    }

    /// Whether a name has all of the words, in any order.
    pub(super) fn is_within(&self, name: &CommonName) -> bool {
        let words = inner::split(name.folded());
        let has = |word: &String| {
            words.contains(word) || inner::is_unspaced(word) && words.iter().any(|known| known.contains(word))
        };
        self.complete.iter().all(has) && self.has_last(&words)
    }

    /// The same of a name as it stands in a record, most of which lack a word.
    pub(super) fn is_within_text(&self, name: &str) -> bool {
        if name.is_ascii() {
            return self.is_within_ascii(name);
        }
        CommonName::new(name).is_some_and(|name| self.is_within(&name))
    }

    /// The same of a name in ASCII, the words of which are compared where they stand: a name is looked
    /// at ten times as quickly as it is normalised.
    fn is_within_ascii(&self, name: &str) -> bool {
        let words = || name.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'');
        let has = |known: &String| words().any(|word| letters(word).eq(known.bytes()));
        let has_last = || {
            words().any(|word| {
                let mut letters = letters(word);
                self.last.bytes().all(|letter| letters.next() == Some(letter))
            })
        };
        self.complete.iter().all(has) && has_last()
    }

    fn has_last(&self, words: &[String]) -> bool {
        let last = &self.last_as_typed;
        let is_unspaced = inner::is_unspaced(&self.last);
        words
            .iter()
            .map(|word| as_typed(word))
            .any(|word| if is_unspaced { word.contains(last) } else { word.starts_with(last) })
    }

    /// Whether a name goes on from what was meant if one letter slipped.
    pub(super) fn nearly_begins(&self, name: &CommonName) -> bool {
        let key = as_typed(name.key());
        let typed = self.key.chars().count();
        let beginning = |length: usize| key.chars().take(length).collect::<String>();
        [typed.saturating_sub(1), typed, typed + 1]
            .into_iter()
            .any(|length| slip::any_slip(&self.key, &beginning(length)).is_some())
    }
}

/// The key of a word in ASCII, letter by letter.
fn letters(word: &str) -> impl Iterator<Item = u8> {
    word.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

fn as_typed(key: &str) -> Cow<'_, str> {
    jamo::typed(key).map_or(Cow::Borrowed(key), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_quick_look_passes_over_nothing_that_the_closer_look_takes(
            name in "([ab]{1,2}[ .'&-]?|[Aéｂß京]|the ){1,6}",
            typed in "([ab]{1,2} ?|é|京|the ){1,3}",
        ) {
            let (Some(known), Some(typed)) = (CommonName::new(&name), CommonName::new(&typed)) else {
                return Ok(());
            };
            let typed = Typed::read(&typed);
            prop_assert_eq!(typed.is_within_text(&name), typed.is_within(&known));
        }
    }
}

//! Signs that make another name where they end one: C, C++ and C# are three, though punctuation is not
//! compared and all of them are kept under one key.

use crate::{
    model::{CommonName, Likeness},
    names::Match,
};

const SIGNS: [char; 2] = ['+', '#'];

/// Lowers a match whose names end in other signs than the name asked: where that is a word and has none,
/// as people leave them out, to another form of the name; otherwise to a slip, which nobody is led by.
/// A lone letter is a name of its own: nobody who asks for C is to be led to C++.
pub(super) fn judge(found: &mut Match, asked: &CommonName) {
    if found.likeness != Likeness::Same {
        return;
    }
    let wanted = signs(asked);
    let mut is_called = false;
    for name in found.entry.names().filter_map(|name| CommonName::new(name)) {
        if name.key() == asked.key() {
            if signs(&name) == wanted {
                return;
            }
            is_called = true;
        }
    }
    if is_called {
        let is_left_out = wanted.is_empty() && asked.folded().chars().nth(1).is_some();
        found.likeness = if is_left_out { Likeness::Form } else { Likeness::Slip };
    }
}

/// The signs right behind the last letter.
fn signs(name: &CommonName) -> &str {
    let bare = name.folded().trim_end_matches(SIGNS);
    let signs = name.folded().get(bare.len()..).unwrap_or_default();
    if bare.ends_with(char::is_alphanumeric) { signs } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Entry;

    fn judged(name: &str, aliases: &[&str], asked: &str) -> Likeness {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        let entry = Entry { name: name.to_owned(), aliases, ..Entry::default() };
        let mut found = Match { entry, likeness: Likeness::Same };
        judge(&mut found, &CommonName::new(asked).unwrap());
        found.likeness
    }

    #[test]
    fn c_and_c_plus_plus_and_c_sharp_are_three_names() {
        for (name, aliases, asked, expected) in [
            ("C++", &[][..], "c++", Likeness::Same),
            ("C++", &[], "C#", Likeness::Slip),
            ("C", &[], "C#", Likeness::Slip),
            ("C++", &[], "C", Likeness::Slip),
            ("F#", &[], "f", Likeness::Slip),
            ("A+", &[], "A", Likeness::Slip),
            ("C++", &["C"], "C", Likeness::Same),
            ("C++", &["cpp"], "cpp", Likeness::Same),
            ("C#", &[], "C\u{ff03}", Likeness::Same),
            ("Notepad++", &[], "notepad", Likeness::Form),
            ("wiki", &[], "wiki ++", Likeness::Same),
            ("Yahoo!", &[], "yahoo", Likeness::Same),
        ] {
            assert_eq!(judged(name, aliases, asked), expected, "{name} for {asked}");
        }
    }
}

//! Slips of the finger: which single edits a person makes by mistake, and which make another name.

use super::jamo;
use crate::model::Script;

/// Fewest letters of a name for which a slip is believed: one letter more or less turns a short
/// name into another (BMW, BMV).
const SHORTEST: usize = 5;

/// The rows of a keyboard; each is shifted half a key against the one above.
type Keyboard = [&'static str; 4];

/// The keyboards of the scripts that are typed by letter. Letters have no diacritics here, so й and
/// ё have no key of their own; what Korean shifts for is on the key of the plain letter.
const KEYBOARDS: [Keyboard; 5] = [
    ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"],
    ["1234567890", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"],
    ["1234567890", ";ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"],
    ["1234567890", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ"],
    ["1234567890", "ㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ"],
];

/// A slip, likeliest first. A slip of the first letter is seen while typing, so it comes last
/// whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slip {
    /// Two letters swapped: boieng.
    Swapped,
    /// A letter typed twice: boeeing.
    Doubled,
    /// A letter left out: boing.
    LeftOut,
    /// The key beside the right one: boeimg.
    Neighbour,
    /// A letter too many, another than its neighbours.
    PutIn,
    /// Another letter.
    Replaced,
    /// Any of them in the first letter.
    First,
}

/// What slip makes `known` into `typed`; `None` if they are equal, further apart, or if no slip
/// does that: a digit makes another name, and so does a letter of another script.
pub(super) fn slip(typed: &str, known: &str) -> Option<Slip> {
    if is_long_enough(known.chars()) { any_slip(typed, known) } else { None }
}

/// The same, however short the name is.
pub(super) fn any_slip(typed: &str, known: &str) -> Option<Slip> {
    let (typed, known): (Vec<char>, Vec<char>) = (typed.chars().collect(), known.chars().collect());
    let same = typed.iter().zip(&known).take_while(|(a, b)| a == b).count();
    let kind = match kind(typed.get(same..)?, known.get(same..)?, &typed, &known)? {
        // The letter before the extra one is its twin.
        Slip::PutIn if same > 0 && typed.get(same - 1) == typed.get(same) => Slip::Doubled,
        kind => kind,
    };
    Some(if same == 0 { Slip::First } else { kind })
}

/// After how many letters the two first differ.
pub(super) fn place(typed: &str, known: &str) -> usize {
    typed.chars().zip(known.chars()).take_while(|(a, b)| a == b).count()
}

/// Whether a name has enough letters for a slip to be believed.
pub(super) fn is_long_enough(mut letters: impl Iterator<Item = char>) -> bool {
    letters.nth(SHORTEST - 1).is_some()
}

/// Judges the parts from the first difference on.
fn kind(typed: &[char], known: &[char], all_typed: &[char], all_known: &[char]) -> Option<Slip> {
    match (typed, known) {
        ([a, b, rest @ ..], [c, d, tail @ ..]) if a == d && b == c && rest == tail => {
            (are_exchangeable(*a, *b)).then_some(Slip::Swapped)
        }
        ([a, rest @ ..], [b, tail @ ..]) if rest == tail => {
            let kind = if are_neighbours(*a, *b) { Slip::Neighbour } else { Slip::Replaced };
            are_exchangeable(*a, *b).then_some(kind)
        }
        ([extra, rest @ ..], tail) if rest == tail => fits(*extra, all_known).then_some(Slip::PutIn),
        (rest, [missing, tail @ ..]) if rest == tail => fits(*missing, all_typed).then_some(Slip::LeftOut),
        _ => None,
    }
}

/// Whether one may be typed for the other: letters of one script that is typed by letters. Hangul
/// is compared as it is typed; its syllables are words.
pub(super) fn are_exchangeable(one: char, other: char) -> bool {
    if jamo::is_letter(one) {
        return jamo::is_letter(other);
    }
    let script = Script::of(one);
    script.is_some_and(Script::is_typed_by_letter) && script == Script::of(other)
}

/// Whether a letter may be lost in, or slip into, a name of these letters: it is of a script that
/// the name is written in.
fn fits(letter: char, name: &[char]) -> bool {
    name.iter().any(|other| are_exchangeable(letter, *other))
}

fn are_neighbours(one: char, other: char) -> bool {
    KEYBOARDS.iter().any(|keyboard| are_neighbours_on(keyboard, one, other))
}

fn are_neighbours_on(keyboard: &Keyboard, one: char, other: char) -> bool {
    let place = |letter: char| {
        let mut rows = keyboard.iter().enumerate();
        rows.find_map(|(row, keys)| Some((row, keys.chars().position(|key| key == letter)?)))
    };
    let (Some((row, column)), Some((other_row, other_column))) = (place(one), place(other)) else {
        return false;
    };
    match other_row.cmp(&row) {
        std::cmp::Ordering::Equal => column.abs_diff(other_column) == 1,
        // Half a key to the right in the row below: `s` lies under `w` and `e`.
        std::cmp::Ordering::Greater => {
            other_row == row + 1 && (other_column == column || other_column + 1 == column)
        }
        std::cmp::Ordering::Less => {
            row == other_row + 1 && (column == other_column || column + 1 == other_column)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_apart() {
        for (typed, expected) in [
            ("boieng", Some(Slip::Swapped)),
            ("boeeing", Some(Slip::Doubled)),
            ("boing", Some(Slip::LeftOut)),
            ("boein", Some(Slip::LeftOut)),
            ("boeimg", Some(Slip::Neighbour)),
            ("boeking", Some(Slip::PutIn)),
            ("boeinp", Some(Slip::Replaced)),
            ("voeing", Some(Slip::First)),
            ("oeing", Some(Slip::First)),
            ("obeing", Some(Slip::First)),
            ("boeing", None),
            ("boeeeing", None),
            ("boe1ng", None),
            ("boeing7", None),
            ("bоeing", None),
            ("boоeing", None),
        ] {
            assert_eq!(slip(typed, "boeing"), expected, "{typed}");
        }
    }

    #[test]
    fn a_short_name_has_no_slips_and_neither_has_one_of_whole_words() {
        assert_eq!(slip("bmv", "bmw"), None);
        assert_eq!(slip("ebaay", "ebay"), None);
        assert_eq!(slip("gmal", "gmail"), Some(Slip::LeftOut));
        assert_eq!(slip("東京大学部", "東京大学院"), None);
        assert_eq!(slip("channel5", "channel4"), None);
        assert_eq!(slip("яндкес", "яндекс"), Some(Slip::Swapped));
        assert_eq!(slip("яндекч", "яндекс"), Some(Slip::Neighbour));
        assert_eq!(slip("삼섬전자", "삼성전자"), None, "a syllable is no letter");
        assert_eq!(slip("ㅅㅏㅁㅅㅓㅁㅈㅓㄴㅈㅏ", "ㅅㅏㅁㅅㅓㅇㅈㅓㄴㅈㅏ"), Some(Slip::Replaced));
    }

    #[test]
    fn neighbours_are_those_of_the_keyboard() {
        let near =
            ["as", "sw", "se", "sz", "sx", "gb", "op", "ук", "пе", "ми", "ερ", "αζ", "ㅗㅓ", "ㅅㅎ", "ㅆㄲ"];
        for (one, other) in near.map(|pair| (pair.chars().next().unwrap(), pair.chars().last().unwrap())) {
            assert!(are_neighbours(one, other) && are_neighbours(other, one), "{one}{other}");
        }
        for (one, other) in [('a', 'd'), ('s', 'r'), ('q', 's'), ('p', 'q')] {
            assert!(!are_neighbours(one, other) && !are_neighbours(other, one), "{one}{other}");
        }
    }
}

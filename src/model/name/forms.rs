//! The forms of a name: what else it is called without anybody thinking it another name.
//!
//! The same rules read the names of a map, the name asked, and the titles of pages, so either may
//! have the legal form, the article or the sign that the other lacks.

use super::{CommonName, legal_forms as words};

/// How much of a name a key leaves out, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Written {
    /// Nothing.
    Whole,
    /// Legal form, leading "the", the sign `&`, the order of "University of X".
    Formless,
    /// Also words such as "group", articles of other languages, `.com`.
    Loose,
    /// All but the initials.
    Initials,
    /// The label of its address, which abbreviates it.
    Label,
}

impl Written {
    /// All of them, by their numbers.
    pub(crate) const ALL: [Self; 5] = [Self::Whole, Self::Formless, Self::Loose, Self::Initials, Self::Label];
}

/// Endings of addresses that names carry and people leave out.
const ENDINGS: [&str; 3] = [".com", ".net", ".org"];

/// Most words of a name that are looked at. Real names have up to twenty.
const MOST_WORDS: usize = 32;

/// The keys of every form of a name, the name as it stands first.
pub(crate) fn forms(name: &CommonName) -> Vec<(String, Written)> {
    let mut found = vec![(name.key().to_owned(), Written::Whole)];
    let spelt_out = name.spelt_out();
    found.extend(spelt_out.iter().map(|name| (name.key().to_owned(), Written::Whole)));
    reduced(name, &mut found);
    spelt_out.iter().for_each(|name| reduced(name, &mut found));
    found
}

/// The keys of the forms that leave something out, and of none that is there already.
pub(crate) fn reduced(name: &CommonName, found: &mut Vec<(String, Written)>) {
    let folded = name.folded();
    let whole = split(folded);
    let formless = without_forms(&whole);
    add_joined(&whole, Written::Formless, found);
    add_joined(formless, Written::Formless, found);
    add_attached(formless, found);
    add_shortened(&whole, found);
    let mut loose = formless;
    while let Some(looser) = without_loose(loose) {
        loose = without_forms(looser);
        add_joined(loose, Written::Loose, found);
    }
    if let Some(plain) = ENDINGS.iter().find_map(|ending| folded.strip_suffix(ending)) {
        add(CommonName::key_of_part(plain), Written::Loose, found);
    }
}

/// The keys of the words of a folded name, `&` a word of its own.
fn split(folded: &str) -> Vec<String> {
    let is_gap =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '/' | '|' | '・');
    let slashed = folded.contains("/s");
    let apart = folded.replace('&', " & ");
    // `A/S` and `K/S` are one word; any other slash parts two.
    let apart = if slashed { apart.replace("a/s", "as").replace("k/s", "ks") } else { apart };
    let keys = apart.split(is_gap).filter(|word| !word.is_empty()).map(|word| match word {
        "&" | "+" => "&".to_owned(),
        word => CommonName::key_of_part(word),
    });
    keys.filter(|key| !key.is_empty()).take(MOST_WORDS).collect()
}

/// The words that tell a name from others: without its legal form and the small words between.
pub(crate) fn telling_words(name: &CommonName) -> Vec<String> {
    let words = split(name.folded());
    let is_between = |word: &String| words::is_connective(word) || words::is_small(word);
    let telling = without_forms(&words).iter().filter(|word| *word != "&" && !is_between(word));
    telling.cloned().collect()
}

/// Without what says what kind of body it is; never without its last word.
fn without_forms(words: &[String]) -> &[String] {
    let mut words = shortened(words).last().unwrap_or(words);
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && words::is_form_before(first)
    {
        words = rest;
    }
    words
}

/// The words without the last word of the form, without the last two, and so on.
fn shortened(words: &[String]) -> impl Iterator<Item = &[String]> {
    let mut has_fallen = false;
    std::iter::successors(Some(words), move |words| {
        let (last, rest) = words.split_last()?;
        let falls = words::is_form_after(last) || (has_fallen && words::is_form_within(last));
        has_fallen = true;
        (falls && rest.iter().any(|word| !words::is_connective(word) && word != "the")).then_some(rest)
    })
    .skip(1)
}

/// Without one word that a name may lack in speech; `None` if there is none.
fn without_loose(words: &[String]) -> Option<&[String]> {
    match words {
        [first, rest @ ..] if !rest.is_empty() && words::is_loose_before(first) => Some(rest),
        [rest @ .., last] if !rest.is_empty() && words::is_loose_after(last) => Some(rest),
        _ => None,
    }
}

/// Adds each step on the way to the name without its form, all its other words kept: where the
/// words run together ("TheAES", "EliLillyand") only this finds the half that was left out.
fn add_shortened(words: &[String], found: &mut Vec<(String, Written)>) {
    for words in shortened(words) {
        add(words.iter().filter(|word| *word != "&").map(String::as_str).collect(), Written::Formless, found);
    }
}

/// Adds the words as one key: connectives left out, `&` spelt, and in the other order where
/// institutions have two.
fn add_joined(parts: &[String], written: Written, found: &mut Vec<(String, Written)>) {
    if let [only] = parts
        && (words::is_form_after(only) || words::is_form_before(only) || words::is_loose_after(only))
    {
        // "The Company" is not said "the".
        return;
    }
    add(joined(parts), written, found);
    if parts.iter().any(|word| word == "&") {
        for and in words::SPELT_AND {
            let spelt = parts.iter().map(|word| if word == "&" { *and } else { word.as_str() });
            add(spelt.collect(), written, found);
        }
    }
    if let Some(turned) = turned(parts) {
        add(joined(&turned), written, found);
    }
}

/// The words as one, without connectives between them: the first of "Y Combinator" is none.
fn joined(parts: &[String]) -> String {
    let last = parts.len().saturating_sub(1);
    let is_between = |at: usize| at > 0 && at < last;
    let kept = parts
        .iter()
        .enumerate()
        .filter(|(at, word)| *word != "&" && !(is_between(*at) && words::is_connective(word)));
    kept.map(|(_, word)| word.as_str()).collect()
}

/// "University of X" as "X University"; `None` for other names.
fn turned(parts: &[String]) -> Option<Vec<String>> {
    let (noun, rest) = parts.split_first()?;
    let rest = match rest {
        [of, rest @ ..] if of == "of" && words::is_of_noun(noun) => rest,
        rest if words::is_plain_noun(noun) => {
            let first = rest.iter().position(|word| !words::is_preposition(word))?;
            rest.get(first..)?
        }
        _ => return None,
    };
    let rest = match rest {
        [the, rest @ ..] if the == "the" => rest,
        rest => rest,
    };
    if rest.is_empty() {
        return None;
    }
    Some(rest.iter().chain([noun]).cloned().collect())
}

/// Forms written together with the name, at either end or both: 株式会社.
fn add_attached(words: &[String], found: &mut Vec<(String, Written)>) {
    let whole: String = words.concat();
    let mut rest = whole.as_str();
    while let Some(shorter) = words::without_attached(rest) {
        rest = shorter;
    }
    add(rest.to_owned(), Written::Formless, found);
}

fn add(key: String, written: Written, found: &mut Vec<(String, Written)>) {
    if !key.is_empty() && !found.iter().any(|(known, _)| *known == key) {
        found.push((key, written));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(one: &str, other: &str) -> bool {
        let forms = |name: &str| forms(&CommonName::new(name).unwrap());
        let (one, other) = (forms(one), forms(other));
        one.iter().any(|(key, written)| {
            other.iter().any(|(k, w)| k == key && (*written < Written::Loose || *w < Written::Loose))
        })
    }

    #[test]
    fn a_name_is_the_same_with_and_without_its_form() {
        for (one, other) in [
            ("Boeing", "The Boeing Company"),
            ("Boeing Company (The)", "boeing"),
            ("Gosun Holding Co.,Ltd.", "Gosun Holding"),
            ("Procter & Gamble Co.", "procter and gamble"),
            ("Procter & Gamble", "ProcterandGamble"),
            ("Ernst & Young", "Ernst und Young"),
            ("Zoo & Co.", "Zoo"),
            ("Müller GmbH & Co. KG", "mueller"),
            ("Alfa Laval AB (publ)", "AlfaLaval"),
            ("Ambu A/S", "Ambu"),
            ("Grupo Bimbo, S.A.B. de C.V.", "Grupo Bimbo"),
            ("Solanki Sp. z o.o.", "Solanki"),
            ("Brembo S.p.A.", "brembo"),
            ("株式会社日立製作所", "日立製作所"),
            ("トヨタ自動車株式会社", "トヨタ自動車"),
            ("腾讯控股有限公司", "腾讯控股"),
            ("ООО Яндекс", "яндекс"),
            ("삼성전자 주식회사", "삼성전자"),
            ("PT Astra International Tbk", "Astra International"),
            ("University of Sendai", "Sendai University"),
            ("The University of the Philippines", "Philippines University"),
            ("Universität Hamburg", "Hamburg Universität"),
            ("Universidad de Chile", "Chile Universidad"),
            ("Town of Greenville", "Greenville Town"),
            ("Auto Trader Group plc", "AutoTrader"),
            ("Booking.com", "Booking"),
            ("Le Monde", "monde"),
            ("㈱日立製作所", "日立製作所"),
            ("PTT Public Company Limited", "PTT"),
            ("PT Bank Permata Tbk", "PTBankPermata"),
            ("Eli Lilly and Company", "EliLillyand"),
            ("บริษัท ปตท. จำกัด (มหาชน)", "ปตท"),
        ] {
            assert!(meet(one, other) && meet(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn what_tells_names_apart_is_kept() {
        for (one, other) in [
            ("Smith Group", "Smith Holdings"),
            ("Smith Group", "Smith International"),
            ("The Company", "The"),
            ("Bank of China", "China Bank"),
            ("Group AG", "AG"),
            ("Y Combinator", "Combinator"),
            ("Going Public", "Going"),
            ("Johnson & Johnson", "Johnson"),
            ("株式会社", "会社"),
        ] {
            assert!(!meet(one, other), "{one} and {other}");
        }
    }
}

//! Words of a name that say what kind of body it is and not which one.
//!
//! Words are compared by their keys: `S.p.A.` is `spa`, `Sp. z o.o.` is `sp`, `z`, `oo`, each of
//! which falls by itself from the end of a name. The lists are set as paragraphs rather than a word
//! a line, so that they can be looked over.

/// Legal forms at the end of a name, by their keys.
#[rustfmt::skip]
const AFTER: &[&str] = &[
    // English, and the article of "Boeing Company (The)"
    "the", "inc", "incorporated", "corp", "corporation", "co", "company", "companies", "ltd", "limited", "llc",
    "llp", "lp", "lllp", "plc", "pllc", "pty", "pte", "pvt", "cic", "pc", "na", "publ",
    // German, Dutch, Nordic, Baltic
    "ag", "gmbh", "mbh", "ggmbh", "kg", "kgaa", "ohg", "ug", "ev", "eg", "se", "gbr", "ek", "nv", "bv",
    "aktiengesellschaft", "kommanditgesellschaft", "haftung", "vennootschap", "aktiebolag", "aktieselskab",
    "aksjeselskap", "osakeyhtio", "vof", "ab", "asa", "as", "aps", "ks", "hf", "ehf", "oy", "oyj", "abp", "ou", "uab", "sia",
    // Romance
    "sa", "sas", "sasu", "sarl", "sarlu", "eurl", "sca", "scs", "snc", "sc", "cie", "spa", "srl", "srls",
    "anonyme", "anonima", "azioni", "sapa", "slu", "sl", "sau", "scrl", "sprl", "ltda", "lda", "eireli", "cv", "sab", "sapi", "saa",
    "sac", "esp",
    // Central and Eastern European
    "zoo", "oo", "spz", "sro", "kft", "zrt", "nyrt", "bt", "doo", "dd", "ad", "ead", "ood", "eood", "jsc",
    "pjsc", "ojsc", "cjsc", "oao", "ooo", "zao", "pao", "pat", "ооо", "оао", "ао", "пао", "зао", "тов",
    "ат", "пат", "прат", "оод", "еоод", "ад", "еад", "дд", "доо",
    // Turkish, Greek, Israeli
    "anonim", "sirketi", "ao", "ae", "αε", "επε", "ιχε",
    // Japanese and Korean, from signs such as ㈱
    "株", "有", "주",
    // Asian, in Latin letters
    "kaisha", "kk", "gk", "bhd", "sdn", "berhad", "tbk", "persero", "jsb",
];

/// What belongs to the form only where the form goes on after it: "Public" Company Limited, S.A.B.
/// "de" C.V., "and" Company.
#[rustfmt::skip]
const WITHIN: &[&str] = &[
    "public", "private", "de", "sp", "z", "the", "&", "+", "and", "und", "et", "y", "og",
    "gesellschaft", "mit", "beschrankter", "beschraenkter", "naamloze", "besloten", "societe", "sociedad", "societa",
    "per", "kabushiki",
];

/// What may stand in front: articles and legal forms.
#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "the", "株", "有", "주", "ab", "pt", "uab", "sia", "ооо", "оао", "ао", "пао", "зао", "тов", "ат", "пат",
    "прат", "ooo", "oao", "pao",
];

/// Forms that are written together with the name.
#[rustfmt::skip]
const ATTACHED: &[&str] = &[
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "公益社団法人", "一般財団法人", "公益財団法人", "社団法人", "財団法人",
    "独立行政法人", "国立大学法人", "公立大学法人", "学校法人", "医療法人", "社会福祉法人", "特定非営利活動法人", "股份有限公司", "有限责任公司", "有限責任公司",
    "集团有限公司", "集團有限公司", "有限公司", "公司", "주식회사", "유한회사", "재단법인", "사단법인", "학교법인", "บริษัท", "จ\u{e4d}ากัด",
    "มหาชน",
];

/// Words that a name may lack in speech although they tell one body from another, so they
/// fall on one side only: "Bosch" finds the "Bosch Group", but the "Smith Group" is no "Smith Bank".
#[rustfmt::skip]
const LOOSE_AFTER: &[&str] = &[
    "group", "groupe", "gruppe", "gruppo", "grupo", "holding", "holdings", "international", "global",
    "worldwide", "集团", "集團", "グループ", "ホールディングス",
];

/// Articles that names in other languages are said with or without.
const LOOSE_BEFORE: &[&str] =
    &["le", "la", "les", "el", "los", "las", "der", "die", "das", "il", "gli", "het"];

/// Words between names that are written as a sign or left out.
#[rustfmt::skip]
const CONNECTIVES: &[&str] = &[
    "&", "+", "and", "und", "et", "y", "og", "och", "и",
];

/// How `&` is said, where it is written out and the words run together.
pub(crate) const SPELT_AND: &[&str] = &["and", "und", "et", "y"];

/// Words that initials leave out.
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "the", "of", "and", "for", "in", "on", "at", "to", "a", "an", "de", "del", "des", "du", "la", "le",
    "les", "el", "los", "las", "y", "e", "et", "di", "da", "do", "dos", "das", "della", "dei", "degli",
    "und", "der", "die", "fur", "von", "zu", "van", "voor", "het", "en", "og", "i", "och", "av", "af",
    "для", "и", "в",
];

/// Nouns of institutions that English names put first with "of" or last.
#[rustfmt::skip]
const OF_NOUNS: &[&str] = &[
    "university", "college", "institute", "academy", "school", "museum", "city", "town", "village",
    "county", "township", "borough", "state", "province", "port", "diocese",
];

/// The same in languages that put them first with a preposition of their own or none.
#[rustfmt::skip]
const PLAIN_NOUNS: &[&str] = &[
    "universitat", "universitaet", "universite", "universidad", "universidade", "universita",
    "universitatea", "universiteit", "universitetet", "universitet", "uniwersytet", "univerzita",
    "univerzitet", "yliopisto", "hochschule", "fachhochschule", "stadt", "gemeinde", "gemeente", "ville",
    "ayuntamiento", "comune", "kommune", "instituto", "institut", "istituto", "academia", "akademie",
    "университет", "институт", "академия",
];

/// What may follow a noun of [`PLAIN_NOUNS`] before the name itself.
#[rustfmt::skip]
const PREPOSITIONS: &[&str] = &[
    "of", "de", "du", "des", "di", "da", "do", "del", "della", "degli", "studi", "zu", "van", "von",
    "fur", "i", "din",
];

pub(crate) fn is_form_after(word: &str) -> bool {
    AFTER.contains(&word)
}

pub(crate) fn is_form_within(word: &str) -> bool {
    WITHIN.contains(&word)
}

pub(crate) fn is_form_before(word: &str) -> bool {
    BEFORE.contains(&word)
}

pub(crate) fn is_loose_after(word: &str) -> bool {
    LOOSE_AFTER.contains(&word)
}

pub(crate) fn is_loose_before(word: &str) -> bool {
    LOOSE_BEFORE.contains(&word)
}

pub(crate) fn is_connective(word: &str) -> bool {
    CONNECTIVES.contains(&word)
}

pub(crate) fn is_small(word: &str) -> bool {
    SMALL.contains(&word)
}

pub(crate) fn is_of_noun(word: &str) -> bool {
    OF_NOUNS.contains(&word)
}

pub(crate) fn is_plain_noun(word: &str) -> bool {
    PLAIN_NOUNS.contains(&word)
}

pub(crate) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(&word)
}

pub(crate) fn is_attached_form(word: &str) -> bool {
    ATTACHED.contains(&word)
}

/// Takes an attached form off either end of a word; `None` if there is none, or nothing is left.
pub(crate) fn without_attached(word: &str) -> Option<&str> {
    if word.is_ascii() {
        return None;
    }
    let off = |form: &&str| word.strip_prefix(*form).or_else(|| word.strip_suffix(*form));
    ATTACHED.iter().find_map(off).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CommonName;

    #[test]
    fn every_word_is_written_as_keys_are() {
        let lists = [
            AFTER,
            BEFORE,
            ATTACHED,
            LOOSE_AFTER,
            LOOSE_BEFORE,
            SPELT_AND,
            SMALL,
            OF_NOUNS,
            PLAIN_NOUNS,
            PREPOSITIONS,
        ];
        for word in lists.into_iter().flatten() {
            assert_eq!(CommonName::new(word).unwrap().key(), *word);
        }
    }
}

//! What the pages say, in each language they speak: one file a language, in `page/strings`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The sentences of one language. `{name}` and the like stand for what is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[rustfmt::skip]
pub struct Words {
    /// The language, as `lang` and `Accept-Language` write it.
    pub tag: String,
    /// `ltr` or `rtl`.
    pub direction: String,
    pub tagline: String,
    pub label: String,
    pub placeholder: String,
    pub find: String,
    /// `{name}`.
    pub results_for: String,
    /// `{name}`.
    pub nothing: String,
    pub nothing_advice: String,
    pub failed: String,
    pub failed_advice: String,
    pub refused: String,
    /// `{count}`.
    pub refused_advice: String,
    pub busy: String,
    pub busy_advice: String,
    pub high: String,
    pub medium: String,
    pub low: String,
    /// `{sources}`, as all down to `mention`.
    pub exact: String,
    pub form: String,
    pub initials: String,
    pub slip: String,
    pub words: String,
    pub agree: String,
    pub fits: String,
    pub mention: String,
    /// Between the parts of a list.
    pub comma: String,
    /// Before the last part of a list.
    pub and: String,
    /// `{sources}`.
    pub unanswered: String,
    pub elsewhere: String,
    pub no_more: String,
    pub more: String,
    pub more_pages: String,
    pub about: String,
    pub service: String,
    pub servers: String,
    pub limits: String,
    /// `{name}` and `{results}`, how many.
    pub limits_are: String,
    pub sources: String,
    pub source: String,
    pub kind: String,
    pub health: String,
    pub well: String,
    /// `{reason}`.
    pub failing: String,
    /// `{until}` and `{reason}`.
    pub paused: String,
    pub datasets: String,
    pub browser: String,
    pub browser_advice: String,
    pub links: String,
    pub links_asked: String,
    pub no_page: String,
    pub no_page_advice: String,
    pub no_method: String,
    pub no_method_advice: String,
    pub no_host: String,
    pub no_host_advice: String,
}

/// Every language, the one to fall back on first.
pub(super) static LANGUAGES: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let files = [
        include_str!("strings/en.json"),
        include_str!("strings/de.json"),
        include_str!("strings/fr.json"),
        include_str!("strings/ja.json"),
        include_str!("strings/ar.json"),
    ];
    files.into_iter().filter_map(|file| serde_json::from_str(file).ok()).collect()
});

impl Words {
    /// The parts as a list that a person reads: "a, b and c".
    pub fn list(&self, parts: &[impl AsRef<str>]) -> String {
        let Some((last, others)) = parts.split_last() else { return String::new() };
        if others.is_empty() {
            return last.as_ref().to_owned();
        }
        let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
        format!("{}{}{}", others.join(&self.comma), self.and, last.as_ref())
    }
}

/// `sentence` with `value` where it says `{key}`.
pub(super) fn filled(sentence: &str, key: &str, value: &str) -> String {
    sentence.replace(&format!("{{{key}}}"), value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn file(tag: &str) -> Value {
        let path = format!("{}/src/web/page/strings/{tag}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// `{name}` and the like in a sentence.
    fn blanks(sentence: &str) -> BTreeSet<&str> {
        let opened = sentence.split('{').skip(1);
        opened.filter_map(|rest| rest.split_once('}')).map(|(blank, _)| blank).collect()
    }

    #[test]
    fn every_language_says_everything_and_leaves_the_same_blanks() {
        assert_eq!(LANGUAGES.len(), 5, "a file that cannot be read is left out");
        let english = file("en");
        for words in LANGUAGES.iter() {
            let other = file(&words.tag);
            for (key, sentence) in english.as_object().unwrap() {
                let said = other[key].as_str().unwrap_or_else(|| panic!("{} lacks {key}", words.tag));
                assert!(!said.is_empty(), "{}: {key}", words.tag);
                assert_eq!(blanks(said), blanks(sentence.as_str().unwrap()), "{}: {key}", words.tag);
            }
        }
    }

    #[test]
    fn a_list_is_one_that_a_person_reads() {
        let english = &LANGUAGES[0];
        assert_eq!(english.list(&["DNS"]), "DNS");
        assert_eq!(english.list(&["DNS", "brave"]), "DNS and brave");
        assert_eq!(english.list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(english.list(&[""; 0]), "");
        let japanese = LANGUAGES.iter().find(|words| words.tag == "ja").unwrap();
        assert_eq!(japanese.list(&["a", "b", "c"]), "a、bとc");
    }
}

//! Plan: which sources this query is for. Pure, and the same for the same question and
//! configuration.

use crate::model::{Ask, Backend, CommonName, Hints, LanguageRange, NameQuery, Preference, Reason};

/// Queries that a source is for; an empty condition holds for every query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Hinted language, matched by its primary subtag. A query that hints none fits.
    pub languages: Vec<LanguageRange>,
    /// Hinted category, lower case. A query that hints none does not fit.
    pub categories: Vec<String>,
    pub min_words: usize,
    /// 0: no upper bound.
    pub max_words: usize,
}

impl When {
    /// Whether the query fits every condition.
    pub fn fits(&self, query: &NameQuery) -> bool {
        self.fits_length(&query.name) && self.fits_language(&query.hints) && self.fits_category(&query.hints)
    }

    fn fits_length(&self, name: &CommonName) -> bool {
        if self.min_words == 0 && self.max_words == 0 {
            return true;
        }
        let words = name.words().count();
        words >= self.min_words && (self.max_words == 0 || words <= self.max_words)
    }

    fn fits_language(&self, hints: &Hints) -> bool {
        let wanted = |preference: &Preference<LanguageRange>| match preference {
            Preference::Any => true,
            Preference::Value(range) => self.languages.iter().any(|own| own.primary() == range.primary()),
        };
        self.languages.is_empty() || hints.languages.is_empty() || hints.languages.iter().any(wanted)
    }

    fn fits_category(&self, hints: &Hints) -> bool {
        let wanted = |preference: &Preference<crate::model::Category>| match preference {
            Preference::Any => true,
            Preference::Value(category) => self.categories.contains(&category.value),
        };
        self.categories.is_empty() || hints.categories.iter().any(wanted)
    }
}

/// What one source is asked, or why it is not.
pub fn plan(backend: &dyn Backend, dataset: Option<&str>, when: &When, query: &NameQuery) -> Ask {
    let is_wanted = query.datasets.is_empty()
        || dataset.is_some_and(|dataset| query.datasets.iter().any(|wanted| wanted == dataset));
    // An id names the one source that gave it, and is for it whatever it says.
    if query.entry.is_none() && (!is_wanted || !when.fits(query)) {
        return Ask::Skip(Reason::NotAsked);
    }
    backend.request(query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Category;

    fn query(name: &str) -> NameQuery {
        NameQuery::plain(CommonName::new(name).unwrap())
    }

    #[test]
    fn length_is_counted_in_words() {
        let two_or_three = When { min_words: 2, max_words: 3, ..When::default() };
        let fits = |name| two_or_three.fits(&query(name));
        assert!(!fits("one") && fits("one two") && fits("one two three") && !fits("one two three four"));
    }

    #[test]
    fn a_language_condition_holds_for_who_hints_none() {
        let english = When { languages: vec![LanguageRange::parse("en").unwrap()], ..When::default() };
        let mut asked = query("x");
        assert!(english.fits(&asked));
        asked.hints.languages = vec![Preference::Value(LanguageRange::parse("fr-FR").unwrap())];
        assert!(!english.fits(&asked));
        asked.hints.languages.push(Preference::Value(LanguageRange::parse("en-US").unwrap()));
        assert!(english.fits(&asked));
    }

    #[test]
    fn a_category_condition_wants_the_hint() {
        let weather = When { categories: vec!["weather".to_owned()], ..When::default() };
        let mut asked = query("x");
        assert!(!weather.fits(&asked));
        let category = Category { kind: "freeform".to_owned(), value: "weather".to_owned() };
        asked.hints.categories = vec![Preference::Value(category)];
        assert!(weather.fits(&asked));
    }
}

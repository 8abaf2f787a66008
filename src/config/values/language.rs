//! Language tags.

use super::written::{Written, written};
use crate::model::LanguageRange;

/// A language tag of RFC 5646, `en` or `pt-BR` (D10).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Language(pub LanguageRange);

impl Written for Language {
    const NAME: &'static str = "Language";
    const EXPECTED: &'static str = "a language tag such as en or pt-BR";
    const PATTERN: &'static str = "^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$";

    fn read(text: &str) -> Option<Self> {
        LanguageRange::parse(text).map(Self)
    }
}

written!(Language);

impl From<Language> for LanguageRange {
    fn from(language: Language) -> Self {
        language.0
    }
}

//! The template of an address (OpenSearch 1.1, draft 6, "OpenSearch URL template syntax").

use encoding_rs::Encoding;
use percent_encoding::{percent_encode, utf8_percent_encode};
use url::Url;

use super::super::template::RESERVED;

/// Results asked for where the template insists on a number.
const COUNT: u32 = 10;

/// An address with places for the name and what else is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
    setting: Setting,
}

/// What the description says beside the template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Setting {
    /// The encoding of the name.
    pub(super) encoding: &'static Encoding,
    /// The number of the first result, and of the first page.
    pub(super) index_offset: i64,
    pub(super) page_offset: i64,
}

/// What an address is made for.
pub(super) struct Filling<'a> {
    pub(super) name: &'a str,
    pub(super) language: Option<&'a str>,
    pub(super) count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Place { parameter: Parameter, is_optional: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter {
    SearchTerms,
    Count,
    StartIndex,
    StartPage,
    Language,
    InputEncoding,
    OutputEncoding,
    /// Of an extension, which may only stand where it is optional.
    Other,
}

/// Names are compared as they are.
const PARAMETERS: [(&str, Parameter); 7] = [
    ("searchTerms", Parameter::SearchTerms),
    ("count", Parameter::Count),
    ("startIndex", Parameter::StartIndex),
    ("startPage", Parameter::StartPage),
    ("language", Parameter::Language),
    ("inputEncoding", Parameter::InputEncoding),
    ("outputEncoding", Parameter::OutputEncoding),
];

impl Template {
    /// Reads a template; `None` where it has no place for the name, or insists on what we don't know.
    pub(super) fn parse(text: &str, setting: Setting) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) = after.split_once('}')?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(place(word)?);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let names_it = |part: &Part| matches!(part, Part::Place { parameter: Parameter::SearchTerms, .. });
        parts.iter().any(names_it).then_some(Self { parts, setting })
    }

    /// The address; `None` where it is none, or the name has letters that the encoding lacks.
    pub(super) fn fill(&self, filling: &Filling<'_>) -> Option<Url> {
        let mut address = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => address.push_str(text),
                Part::Place { parameter: Parameter::SearchTerms, .. } => {
                    let (bytes, _, lacks_letters) = self.setting.encoding.encode(filling.name);
                    // As a segment of a path, however encoded, these mean another folder.
                    let leaves = matches!(filling.name, "." | "..") && !address.contains('?');
                    if lacks_letters || leaves {
                        return None;
                    }
                    address.extend(percent_encode(&bytes, RESERVED));
                }
                Part::Place { parameter, is_optional } => {
                    let value = self.value(*parameter, *is_optional, filling);
                    address.extend(utf8_percent_encode(&value, RESERVED));
                }
            }
        }
        Url::parse(&address).ok()
    }

    /// The value of a parameter other than the name. An optional one of which nothing is known is
    /// empty; another has its default.
    fn value(&self, parameter: Parameter, is_optional: bool, filling: &Filling<'_>) -> String {
        match parameter {
            Parameter::Count => match filling.count {
                Some(count) => count.to_string(),
                None if is_optional => String::new(),
                None => COUNT.to_string(),
            },
            Parameter::StartIndex => self.setting.index_offset.to_string(),
            Parameter::StartPage => self.setting.page_offset.to_string(),
            Parameter::Language => match filling.language {
                Some(language) => language.to_owned(),
                None if is_optional => String::new(),
                None => "*".to_owned(),
            },
            Parameter::InputEncoding => self.setting.encoding.name().to_owned(),
            Parameter::OutputEncoding => "UTF-8".to_owned(),
            Parameter::SearchTerms | Parameter::Other => String::new(),
        }
    }
}

fn place(word: &str) -> Option<Part> {
    let (name, is_optional) = word.strip_suffix('?').map_or((word, false), |name| (name, true));
    let known = PARAMETERS.iter().find(|(known, _)| *known == name).map(|(_, parameter)| *parameter);
    match known {
        Some(parameter) => Some(Part::Place { parameter, is_optional }),
        None => is_optional.then_some(Part::Place { parameter: Parameter::Other, is_optional }),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, UTF_8, WINDOWS_1252};

    use super::*;

    fn filled(template: &str, encoding: &'static Encoding, filling: &Filling<'_>) -> Option<String> {
        let setting = Setting { encoding, index_offset: 1, page_offset: 0 };
        Template::parse(template, setting)?.fill(filling).map(String::from)
    }

    fn named(name: &str) -> Filling<'_> {
        Filling { name, language: None, count: None }
    }

    #[test]
    fn every_parameter_of_the_core_has_its_value() {
        let template = "https://s.example/?q={searchTerms}&n={count}&i={startIndex}&p={startPage?}&l={language}\
                        &ie={inputEncoding}&oe={outputEncoding?}";
        let all = Filling { name: "a b&c", language: Some("fr-ca"), count: Some(5) };
        assert_eq!(
            filled(template, UTF_8, &all).unwrap(),
            "https://s.example/?q=a%20b%26c&n=5&i=1&p=0&l=fr-ca&ie=UTF-8&oe=UTF-8"
        );
        assert!(filled(template, UTF_8, &named("x")).unwrap().contains("n=10&i=1&p=0&l=%2A&"));
    }

    #[test]
    fn what_is_optional_and_unknown_is_empty_and_what_is_needed_and_unknown_is_no_template() {
        let filled = |template| filled(template, UTF_8, &named("x"));
        assert_eq!(
            filled("https://s.example/?q={searchTerms}&n={count?}&l={language?}&g={geo:box?}").unwrap(),
            "https://s.example/?q=x&n=&l=&g="
        );
        for useless in
            ["https://s.example/?q={searchTerms}&g={geo:box}", "https://s.example/?q={SearchTerms}", "x{"]
        {
            assert_eq!(filled(useless), None, "{useless}");
        }
    }

    #[test]
    fn a_name_is_written_in_the_encoding_of_the_site() {
        let template = "https://s.example/{searchTerms}";
        assert_eq!(filled(template, SHIFT_JIS, &named("東京")).unwrap(), "https://s.example/%93%8C%8B%9E");
        assert_eq!(filled(template, WINDOWS_1252, &named("東京")), None);
        assert_eq!(filled(template, UTF_8, &named("..")), None);
    }
}

//! The properties of a query, read: hints in order of preference, the datasets and the part of the
//! results wanted. What can't be used is ignored and said so (R4, R8).

use super::{languages, range, repairs::shown, vocabulary as v};
use crate::model::{Category, Geography, Hints, Preference, Property, Range, Status, StatusCode};

/// Most properties of one query that count, beside its datasets. A person's hints are a handful.
const MOST: usize = 64;

/// What a query's properties ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `sent` holds the hints understood, as the client wrote them: those are worth passing on to
    /// another service. What we did not understand is left out, as it could mean anything there,
    /// and would make one question many.
    pub hints: Hints,
    /// The dataseturis asked for, each once; empty is the default dataset, which `*` among them stands for
    /// as well.
    pub datasets: Vec<String>,
    pub range: Range,
    /// A status 3.1.1 for each property that was ignored.
    pub statuses: Vec<Status>,
}

/// Reads the properties of a query. Names and types count in any case (D7); a type that is not
/// known for the property, a value that is not of its type and an unknown property are ignored.
pub fn read_properties(properties: &[Property]) -> Asked {
    let mut reading = Reading::default();
    let mut hints = 0_usize;
    for property in properties {
        // Any number of datasets may be asked for, so that 3.1.4 is never true of us; the size of the request
        // bounds them.
        if !property.is(v::DATASETURI) {
            hints += 1;
            if hints > MOST {
                continue;
            }
        }
        if let Err(why) = reading.property(property) {
            let Property { name, kind, value } = property;
            let (name, kind, value) = (shown(name), shown(kind), shown(value));
            let message = format!("{name} \"{value}\", type {kind}, was ignored: {why}");
            reading.asked.statuses.push(ignored(message));
        }
    }
    let beyond = hints.saturating_sub(MOST);
    if beyond > 0 {
        let message = format!("{beyond} properties were ignored: a query has at most {MOST}");
        reading.asked.statuses.push(ignored(message));
    }
    reading.asked
}

fn ignored(message: String) -> Status {
    Status::new(StatusCode::PROPERTIES_IGNORED, message)
}

/// Why a property is ignored.
type Why = &'static str;

const UNKNOWN_TYPE: Why = "this type is not known for it";

#[derive(Default)]
struct Reading {
    asked: Asked,
    has_range: bool,
}

impl Reading {
    fn property(&mut self, property: &Property) -> Result<(), Why> {
        let value = property.value.trim();
        if value.is_empty() {
            return Err("it has no value");
        }
        let kind = property.kind.trim();
        let kind = v::canonical_type(if kind.is_empty() { v::FREEFORM } else { kind });
        match v::canonical(property.name.trim()) {
            v::LANGUAGE => self.language(kind, value)?,
            v::GEOGRAPHY => self.asked.hints.geographies.push(preference(value, || geography(kind, value))?),
            v::CATEGORY => self.asked.hints.categories.push(preference(value, || category(kind, value))?),
            v::RANGE => return self.range(kind, value),
            v::DATASETURI => return self.dataset(kind, value),
            _ => return Err("it is not known here"),
        }
        self.asked.hints.sent.push(property.clone());
        Ok(())
    }

    /// Free text that is no code may be the name of a language: it matches nothing here, and the services
    /// that are asked as well may know it.
    fn language(&mut self, kind: &str, value: &str) -> Result<(), Why> {
        match preference(value, || language(kind, value)) {
            Ok(language) => self.asked.hints.languages.push(language),
            Err(_) if kind == v::FREEFORM => {}
            Err(why) => return Err(why),
        }
        Ok(())
    }

    fn range(&mut self, kind: &str, value: &str) -> Result<(), Why> {
        if !matches!(kind, v::START_LENGTH | v::RANGE | v::FREEFORM) {
            return Err(UNKNOWN_TYPE);
        }
        if self.has_range {
            return Err("a query has one range");
        }
        if value != v::ANY {
            let malformed = "a range is START-LENGTH, two numbers from 1 up";
            self.asked.range = range::read(value).ok_or(malformed)?;
        }
        self.has_range = true;
        Ok(())
    }

    fn dataset(&mut self, kind: &str, value: &str) -> Result<(), Why> {
        if !matches!(kind, v::URI | v::FREEFORM) {
            return Err(UNKNOWN_TYPE);
        }
        if value != v::ANY && !is_absolute(value) {
            return Err("a dataset is named by an absolute URI");
        }
        if !self.asked.datasets.iter().any(|known| known == value) {
            self.asked.datasets.push(value.to_owned());
        }
        Ok(())
    }
}

/// `*` is any value (section 4.2.1.1), of whatever type.
fn preference<T>(value: &str, read: impl FnOnce() -> Result<T, Why>) -> Result<Preference<T>, Why> {
    if value == v::ANY { Ok(Preference::Any) } else { read().map(Preference::Value) }
}

fn language(kind: &str, value: &str) -> Result<crate::model::LanguageRange, Why> {
    match kind {
        v::RFC1766 | v::FREEFORM => languages::read(value).ok_or("it is no language of RFC 1766"),
        _ => Err(UNKNOWN_TYPE),
    }
}

fn geography(kind: &str, value: &str) -> Result<Geography, Why> {
    let place = Geography::read(kind, value);
    let is_code = !matches!(place, Geography::Other { .. });
    match kind {
        v::FREEFORM | v::POSTALCODE => Ok(place),
        v::ISO3166_1 if is_code => Ok(place),
        v::ISO3166_2 if is_code => Ok(place),
        v::LAT_LONG if is_lat_long(value) => Ok(place),
        v::ISO3166_1 => Err("it is no country code of ISO 3166-1, such as US"),
        v::ISO3166_2 => Err("it is no region code of ISO 3166-2, such as US-CA"),
        v::LAT_LONG => Err("it is no latitude and longitude in decimal degrees"),
        _ => Err(UNKNOWN_TYPE),
    }
}

fn category(kind: &str, value: &str) -> Result<Category, Why> {
    let is_naics = (2..=6).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        v::NAICS if !is_naics => Err("a code of NAICS has two to six digits"),
        v::FREEFORM | v::NAICS => Ok(Category { kind: kind.to_owned(), value: value.to_lowercase() }),
        _ => Err(UNKNOWN_TYPE),
    }
}

/// Two numbers of degrees, apart by a comma, a semicolon, a slash or white space (appendix A.2).
fn is_lat_long(value: &str) -> bool {
    let is_between = |c: char| matches!(c, ',' | ';' | '/') || c.is_whitespace();
    let mut parts = value.split(is_between).filter(|part| !part.is_empty());
    let mut within = |most: f64| {
        let degrees = parts.next().and_then(|part| part.parse::<f64>().ok());
        degrees.is_some_and(|degrees| degrees.abs() <= most)
    };
    within(90.0) && within(180.0) && parts.next().is_none()
}

/// Whether `value` is an absolute URI: a scheme, a colon, and something after it, without spaces (R1).
fn is_absolute(value: &str) -> bool {
    value.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests;

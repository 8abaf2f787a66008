//! A map of properties as an operator writes it: a value, a list, or a value with its type.

use std::fmt;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::model::{FREEFORM, Geography, LanguageRange, Property};

/// The properties of one resource, in the order written.
#[derive(Debug, Default)]
pub(super) struct Properties(pub Vec<Property>);

/// A property with the type that its value has by itself (D9): a country code is `iso3166-1`, a
/// language tag `rfc1766`, anything else free text.
pub(super) fn plain(name: &str, value: &str) -> Property {
    let value = value.trim();
    let kind = if name.eq_ignore_ascii_case("geography") {
        match Geography::read(FREEFORM, value) {
            Geography::Country(_) => "iso3166-1",
            Geography::Region(_) => "iso3166-2",
            Geography::Other { .. } => FREEFORM,
        }
    } else if name.eq_ignore_ascii_case("language") && LanguageRange::parse(value).is_some() {
        "rfc1766"
    } else {
        FREEFORM
    };
    Property::new(name, kind, value)
}

/// What may stand for one property.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(super) enum Value {
    /// A value, whose type shows.
    Plain(String),
    /// A value of the given type.
    Typed(Typed),
    /// Several values, the most important first.
    List(Vec<Value>),
}

/// A value with its type, such as `{type: naics, value: "3364"}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

impl Value {
    /// Adds the property or properties of this name.
    pub(super) fn add_to(self, name: &str, properties: &mut Vec<Property>) {
        match self {
            Self::Plain(value) if value.trim().is_empty() => {}
            Self::Plain(value) => properties.push(plain(name, &value)),
            Self::Typed(Typed { kind, value }) => properties.push(Property::new(name, kind, value.trim())),
            Self::List(values) => values.into_iter().for_each(|value| value.add_to(name, properties)),
        }
    }

    /// The text or texts, types left out.
    pub(super) fn texts(self) -> Vec<String> {
        match self {
            Self::Plain(value) | Self::Typed(Typed { value, .. }) => vec![value],
            Self::List(values) => values.into_iter().flat_map(Self::texts).collect(),
        }
    }
}

/// By hand rather than untagged, so that a mistake inside keeps its place in the file.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list of values, or {type: T, value: V}")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Plain(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::List(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Typed::deserialize(MapAccessDeserializer::new(map)).map(Value::Typed)
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of properties, such as {language: en-US, geography: US}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::default();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            value.add_to(&name, &mut properties.0);
        }
        Ok(properties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<(String, String, String)> {
        let properties: Properties = serde_json::from_str(json).unwrap();
        properties.0.into_iter().map(|p| (p.name, p.kind, p.value)).collect()
    }

    #[test]
    fn d9_a_plain_value_gets_the_type_that_it_shows() {
        let found = read(
            r#"{"geography": ["US", "us-ca", "near the sea"], "language": ["en-US", "no such"],
                "category": "weather", "zip": 94043, "naics": {"type": "naics", "value": "3364"}}"#,
        );
        let kinds: Vec<_> = found.iter().map(|(_, kind, value)| (kind.as_str(), value.as_str())).collect();
        let expected = [
            ("iso3166-1", "US"),
            ("iso3166-2", "us-ca"),
            ("freeform", "near the sea"),
            ("rfc1766", "en-US"),
            ("freeform", "no such"),
            ("freeform", "weather"),
            ("freeform", "94043"),
            ("naics", "3364"),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn norway_is_a_country() {
        let properties: Properties = serde_saphyr::from_str_with_options(
            "{geography: NO, language: no}",
            serde_saphyr::options! { strict_booleans: true },
        )
        .unwrap();
        assert_eq!(properties.0.len(), 2);
        assert_eq!((properties.0[0].kind.as_str(), properties.0[0].value.as_str()), ("iso3166-1", "NO"));
        assert_eq!((properties.0[1].kind.as_str(), properties.0[1].value.as_str()), ("rfc1766", "no"));
    }
}

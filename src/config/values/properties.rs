//! Properties of names and services, with the type that each value has (D9).

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::model::{Geography, LanguageRange, Property, vocabulary as v};

/// Properties by name. A value is text, `{type: T, value: V}`, or a list of these:
/// `{language: en-US, category: [weather, {type: naics, value: "519"}]}`. Names and types that are
/// not registered begin with `x-` (R6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(pub Vec<Property>);

/// One property of a list: `{name: category, type: freeform, value: companies}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyEntry {
    /// What is described: `language`, `geography`, `category`, or a name that begins with `x-`
    pub name: String,
    /// How the value is to be read; without it, the type that the value has by its form
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The value
    pub value: String,
}

/// A property of a list, checked.
#[derive(Debug, Deserialize)]
#[serde(try_from = "PropertyEntry")]
pub(in super::super) struct ListedProperty(Property);

impl TryFrom<PropertyEntry> for ListedProperty {
    type Error = String;

    fn try_from(entry: PropertyEntry) -> Result<Self, String> {
        Property::try_from(entry).map(Self)
    }
}

impl From<ListedProperty> for Property {
    fn from(listed: ListedProperty) -> Self {
        listed.0
    }
}

impl TryFrom<PropertyEntry> for Property {
    type Error = String;

    /// # Errors
    /// What is wrong with one that is not registered (R6).
    fn try_from(entry: PropertyEntry) -> Result<Self, String> {
        let (name, value) = (entry.name.trim(), entry.value.trim());
        let kind = entry.kind.as_deref().unwrap_or_else(|| kind_of(name, value)).trim();
        match v::unregistered(name, kind) {
            Some(problem) => Err(problem),
            None => Ok(Self::new(name, kind, value)),
        }
    }
}

/// The type of a value whose type was not said (D9).
fn kind_of(name: &str, value: &str) -> &'static str {
    match v::canonical(name) {
        v::LANGUAGE if LanguageRange::parse(value).is_some() => v::RFC1766,
        v::GEOGRAPHY => match Geography::read(v::FREEFORM, value) {
            Geography::Country(_) => v::ISO3166_1,
            Geography::Region(_) => v::ISO3166_2,
            Geography::Other { .. } => v::FREEFORM,
        },
        v::DATASETURI => v::URI,
        v::RANGE => v::RANGE,
        _ => v::FREEFORM,
    }
}

/// The value or values of one property, the most important first.
pub struct Values(Vec<TypedValue>);

/// A value, and its type where it was said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedValue {
    #[serde(rename = "type")]
    kind: Option<String>,
    value: String,
}

impl Values {
    /// One value of no type; none where it is blank.
    pub fn plain(value: &str) -> Self {
        let value = TypedValue { kind: None, value: value.to_owned() };
        Self(if value.value.trim().is_empty() { Vec::new() } else { vec![value] })
    }

    /// They as properties of that name.
    ///
    /// # Errors
    /// What is wrong with one that is not registered (R6).
    pub fn named(self, name: &str) -> Result<Vec<Property>, String> {
        let entries = self.0.into_iter().map(|TypedValue { kind, value }| {
            Property::try_from(PropertyEntry { name: name.to_owned(), kind, value })
        });
        entries.collect()
    }

    /// The texts, their types left out.
    pub fn texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|value| value.value)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

/// By hand rather than untagged, so that a mistake inside keeps its place in the file.
struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, {type: T, value: V} or a list of these")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Values, E> {
        Ok(Values::plain(text))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Values, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Values, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Values, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Values, E> {
        self.visit_str(&format!("{value:?}"))
    }

    fn visit_unit<E: Error>(self) -> Result<Values, E> {
        Ok(Values(Vec::new()))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Values, S::Error> {
        let mut values = Vec::new();
        while let Some(Values(more)) = list.next_element()? {
            values.extend(more);
        }
        Ok(Values(values))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Values, M::Error> {
        let value = TypedValue::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Values(vec![value]))
    }
}

/// Reads the values of the property of that name, so that what is wrong with one has its place.
struct Of<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Of<'_> {
    type Value = Vec<Property>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Values::deserialize(deserializer)?.named(self.0).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Properties;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of property names to values")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Properties, M::Error> {
                let mut properties = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    properties.extend(map.next_value_seed(Of(&name))?);
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

impl JsonSchema for Properties {
    fn schema_name() -> Cow<'static, str> {
        "Properties".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let value = json_schema!({
            "anyOf": [
                { "type": ["string", "number", "boolean"] },
                {
                    "type": "object",
                    "properties": { "type": { "type": "string" }, "value": { "type": ["string", "number"] } },
                    "required": ["value"],
                    "additionalProperties": false
                }
            ]
        });
        json_schema!({
            "type": "object",
            "description": "Properties by name: text, {type: T, value: V} or a list of these",
            "additionalProperties": { "anyOf": [value, { "type": "array", "items": value }] }
        })
    }
}

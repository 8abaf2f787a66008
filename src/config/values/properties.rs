//! Properties of names and services, with the type that each value has (D9).

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::model::{FREEFORM, Geography, LanguageRange, Property};

/// Properties by name. A value is text, `{type: T, value: V}`, or a list of these:
/// `{language: en-US, category: [weather, {type: naics, value: "519"}]}`.
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

impl From<PropertyEntry> for Property {
    fn from(entry: PropertyEntry) -> Self {
        let kind = entry.kind.unwrap_or_else(|| kind_of(&entry.name, &entry.value).to_owned());
        Self::new(entry.name, kind, entry.value)
    }
}

/// The type of a value whose type was not said (D9).
fn kind_of(name: &str, value: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "language" if LanguageRange::parse(value).is_some() => "rfc1766",
        "geography" => match Geography::read(FREEFORM, value) {
            Geography::Country(_) => "iso3166-1",
            Geography::Region(_) => "iso3166-2",
            Geography::Other { .. } => FREEFORM,
        },
        _ => FREEFORM,
    }
}

/// The value or values of one property.
struct Values(Vec<TypedValue>);

/// A value, and its type where it was said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedValue {
    #[serde(rename = "type")]
    kind: Option<String>,
    value: String,
}

/// A [`TypedValue`] as it may be written.
struct AnyValue(TypedValue);

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = TypedValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, {type: T, value: V} or a list of these")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TypedValue, E> {
        Ok(TypedValue { kind: None, value: text.to_owned() })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<TypedValue, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<TypedValue, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<TypedValue, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<TypedValue, E> {
        self.visit_str(&format!("{value:?}"))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<TypedValue, M::Error> {
        TypedValue::deserialize(MapAccessDeserializer::new(map))
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Vec<TypedValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ValueVisitor.expecting(f)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let mut values = Vec::new();
        while let Some(AnyValue(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        ValueVisitor.visit_str(text).map(|value| vec![value])
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        ValueVisitor.visit_bool(value).map(|value| vec![value])
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        ValueVisitor.visit_i64(value).map(|value| vec![value])
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        ValueVisitor.visit_u64(value).map(|value| vec![value])
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        ValueVisitor.visit_f64(value).map(|value| vec![value])
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        ValueVisitor.visit_map(map).map(|value| vec![value])
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
                while let Some((name, Values(values))) = map.next_entry::<String, Values>()? {
                    let named = values.into_iter().map(|TypedValue { kind, value }| {
                        Property::from(PropertyEntry { name: name.clone(), kind, value })
                    });
                    properties.extend(named);
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

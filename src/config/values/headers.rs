//! HTTP headers that an upstream wants.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use super::secret::{Revealed, Secret};

/// The name by which the deserializer knows the type.
pub(in super::super) const TEXT_OR_SECRET: &str = "TextOrSecret";

/// The value of a header: text, `{env: NAME}` or `{file: PATH}`. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    /// The text itself, for the request that needs it and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(TEXT_OR_SECRET, Revealed)?;
        match http::HeaderValue::from_str(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(D::Error::custom("expected text without control characters")),
        }
    }
}

impl JsonSchema for HeaderText {
    fn schema_name() -> Cow<'static, str> {
        "HeaderText".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let secret = generator.subschema_for::<Secret>();
        json_schema!({ "anyOf": [{ "type": "string" }, secret] })
    }
}

/// Headers by name, in lower case; each is a valid header of HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub BTreeMap<String, HeaderText>);

/// The name of a header.
struct HeaderName(String);

impl<'de> Deserialize<'de> for HeaderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match http::HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => Ok(Self(name.as_str().to_owned())),
            Err(_) => Err(D::Error::custom("expected the name of a header, such as accept-language")),
        }
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of header names to values")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Headers, M::Error> {
                let mut headers = BTreeMap::new();
                while let Some((HeaderName(name), text)) = map.next_entry()? {
                    headers.insert(name, text);
                }
                Ok(Headers(headers))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

impl JsonSchema for Headers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let text = generator.subschema_for::<HeaderText>();
        json_schema!({ "type": "object", "additionalProperties": text })
    }
}

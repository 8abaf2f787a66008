//! HTTP headers that an upstream wants.

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use super::secret::{Revealed, Secret};

/// The name by which the deserializer knows the type.
pub(in super::super) const TEXT_OR_SECRET: &str = "TextOrSecret";

/// The value of a header: text, `{env: NAME}` or `{file: PATH}`. `Debug` does not show it.
struct HeaderText(HeaderValue);

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(TEXT_OR_SECRET, Revealed)?;
        match sensitive(&text) {
            Some(value) => Ok(Self(value)),
            None => Err(D::Error::custom("expected text of ASCII without control characters")),
        }
    }
}

/// A value that `Debug` does not show, and that HTTP/2 does not compress.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
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

/// Headers by name; each is a valid header of HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub HeaderMap);

impl Headers {
    /// Whether `place` stands in any of the values.
    pub fn have(&self, place: &str) -> bool {
        self.0.values().any(|value| value.to_str().is_ok_and(|text| text.contains(place)))
    }

    /// The same headers with `secret` wherever `place` stands; `None` where that makes no header.
    pub fn filled(&self, place: &str, secret: &Secret) -> Option<Self> {
        let filled = self.0.iter().map(|(name, value)| {
            Some((name.clone(), sensitive(&value.to_str().ok()?.replace(place, secret.expose()))?))
        });
        filled.collect::<Option<_>>().map(Self)
    }
}

/// What HTTP itself says with a header of a request: where it ends, and how the connection goes on. Another
/// value is a request that nobody can read.
const OF_HTTP: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The name of a header that may be set.
struct Name(HeaderName);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) if OF_HTTP.contains(&name) => Err(D::Error::custom(format!(
                "HTTP itself needs {name}; expected the name of another header"
            ))),
            Ok(name) => Ok(Self(name)),
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
                let mut headers = HeaderMap::new();
                while let Some((Name(name), HeaderText(value))) = map.next_entry()? {
                    headers.insert(name, value);
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

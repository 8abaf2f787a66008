//! Values that are written as one piece of text.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{Schema, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use super::OneOrMany;

/// A value that is read from text.
pub trait Written: Sized {
    /// Its name in the JSON Schema.
    const NAME: &'static str;
    /// What is expected, with an example: `a duration such as 250ms, 2s, 10m, 12h or 7d`.
    const EXPECTED: &'static str;
    /// A regular expression that every such text matches, for editors.
    const PATTERN: &'static str;

    /// Reads the text; `None` if it is no such value.
    fn read(text: &str) -> Option<Self>;
}

/// Reads a [`Written`] value: the body of its `Deserialize`.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: Written>(deserializer: D) -> Result<T, D::Error> {
    struct Reader<T>(PhantomData<T>);

    impl<T: Written> Visitor<'_> for Reader<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::EXPECTED)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::read(text.trim()).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_str(Reader(PhantomData))
}

/// The JSON Schema of a [`Written`] value.
pub(super) fn schema<T: Written>() -> Schema {
    json_schema!({ "type": "string", "description": sentence(T::EXPECTED), "pattern": T::PATTERN })
}

fn sentence(phrase: &str) -> Cow<'_, str> {
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_uppercase(), letters.as_str()).into(),
        None => phrase.into(),
    }
}

/// Makes a [`Written`] type readable from YAML and known to the JSON Schema.
macro_rules! written {
    ($type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::config::values::written::deserialize(deserializer)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                <Self as $crate::config::values::Written>::NAME.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::config::values::written::schema::<Self>()
            }
        }
    };
}
pub(super) use written;

/// Reads a value written as `W` into what the program works with.
pub(in super::super) fn converted<'de, D, W, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    W: Deserialize<'de> + Into<T>,
{
    W::deserialize(deserializer).map(Into::into)
}

/// Reads one or a list of values written as `W` into what the program works with.
pub(in super::super) fn converted_some<'de, D, W, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    W: Deserialize<'de> + Into<T>,
{
    Ok(OneOrMany::<W>::deserialize(deserializer)?.0.into_iter().map(Into::into).collect())
}

/// Reads a list of values written as `W` into what the program works with.
pub(in super::super) fn converted_list<'de, D, W, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    W: Deserialize<'de> + Into<T>,
{
    Ok(Vec::<W>::deserialize(deserializer)?.into_iter().map(Into::into).collect())
}

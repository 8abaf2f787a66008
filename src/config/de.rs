//! The serde deserializer over a tree.
//!
//! It knows what a type expects, so it can say so, and where each value stands. Three things
//! differ from other formats: a key whose value is nothing counts as not written, a struct's
//! unknown keys are reported without ending the reading, and three newtypes are read in a way of
//! their own ([`OneOrMany`], secrets and header texts).
//!
//! Types that buffer (`untagged`, `flatten`, internal tags) lose the places inside them.
//!
//! [`OneOrMany`]: super::values::OneOrMany

use serde::de::{
    DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::StrDeserializer,
};

use super::{
    halt::Halt,
    read::{Pass, child},
    tree::{Entry, Node, Value},
    values::{ONE_OR_MANY, SECRET, TEXT_OR_SECRET, secret},
};

/// Reads one value.
#[derive(Clone)]
pub(super) struct ValueReader<'a> {
    pass: &'a Pass<'a>,
    path: String,
    node: &'a Node,
}

impl<'a> ValueReader<'a> {
    /// Reads `node`, which stands at `path`.
    pub(super) fn new(pass: &'a Pass<'a>, path: String, node: &'a Node) -> Self {
        Self { pass, path, node }
    }

    /// Runs `visit`, and places whatever goes wrong in it here.
    fn here<T>(&self, visit: impl FnOnce() -> Result<T, Halt>) -> Result<T, Halt> {
        visit().map_err(|halt| halt.at(&self.path, self.node))
    }

    fn whole(&self, least: i128, most: i128) -> Result<i128, Halt> {
        let read = self.node.plain().and_then(|text| text.parse().ok());
        let fits = read.filter(|number| (least..=most).contains(number));
        fits.ok_or_else(|| self.wrong(format_args!("a whole number from {least} to {most}")))
    }

    fn wrong(&self, expected: impl std::fmt::Display) -> Halt {
        Halt::expected(expected).at(&self.path, self.node)
    }

    fn items<'v, V: Visitor<'v>>(self, items: &'a [Node], visitor: V) -> Result<V::Value, Halt> {
        let elements = items.iter().enumerate().map(|(at, node)| (format!("{}[{at}]", self.path), node));
        let left: Vec<_> = elements.filter(|(path, _)| !self.pass.leaves_out(path)).collect();
        self.here(|| visitor.visit_seq(Elements { pass: self.pass, left: left.into_iter() }))
    }

    fn keys<'v, V: Visitor<'v>>(self, entries: Vec<&'a Entry>, visitor: V) -> Result<V::Value, Halt> {
        let keys = Keys { reader: &self, left: entries.into_iter(), current: None };
        self.here(|| visitor.visit_map(keys))
    }

    fn is_left_out(&self, entry: &Entry) -> bool {
        self.pass.leaves_out(&child(&self.path, &entry.key))
    }
}

/// Whole numbers of one width each.
macro_rules! whole_numbers {
    ($($method:ident, $visit:ident, $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
            let number = self.whole(i128::from(<$type>::MIN), i128::from(<$type>::MAX))?;
            let number = <$type>::try_from(number).unwrap_or_default();
            self.here(|| visitor.$visit(number))
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueReader<'_> {
    type Error = Halt;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        match &self.node.value {
            Value::List(items) => self.items(items, visitor),
            Value::Mapping(_) => self.deserialize_map(visitor),
            Value::Scalar { .. } if self.node.is_null() => self.here(|| visitor.visit_unit()),
            Value::Scalar { text, is_plain } => self.here(|| match Meaning::of(text, *is_plain) {
                Meaning::Bool(is) => visitor.visit_bool(is),
                Meaning::Whole(number) => visitor.visit_i64(number),
                Meaning::Fraction(number) => visitor.visit_f64(number),
                Meaning::Text => visitor.visit_str(text),
            }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        match self.node.plain().map(|text| Meaning::of(text, true)) {
            Some(Meaning::Bool(is)) => self.here(|| visitor.visit_bool(is)),
            _ => Err(self.wrong("true or false")),
        }
    }

    whole_numbers! {
        deserialize_i8, visit_i8, i8;
        deserialize_i16, visit_i16, i16;
        deserialize_i32, visit_i32, i32;
        deserialize_i64, visit_i64, i64;
        deserialize_u8, visit_u8, u8;
        deserialize_u16, visit_u16, u16;
        deserialize_u32, visit_u32, u32;
        deserialize_u64, visit_u64, u64;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        let number = self.node.plain().and_then(|text| text.parse::<f64>().ok());
        match number.filter(|number| number.is_finite()) {
            Some(number) => self.here(|| visitor.visit_f64(number)),
            None => Err(self.wrong("a number")),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        self.deserialize_str(visitor)
    }

    /// Every scalar is text to who asks for text: `no`, `365` and `7-Eleven` are names.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        match self.node.text() {
            Some(text) => self.here(|| visitor.visit_str(text)),
            None => {
                let expected: &dyn serde::de::Expected = &visitor;
                let expected = expected.to_string();
                Err(self.wrong(if expected == "a string" { "text" } else { &expected }))
            }
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Halt> {
        let is_list = matches!(self.node.value, Value::List(_));
        match (name, self.node.text()) {
            (ONE_OR_MANY, _) if !is_list => visitor.visit_newtype_struct(OnlyOne(self)),
            (TEXT_OR_SECRET, Some(text)) => visitor.visit_str(text),
            (SECRET | TEXT_OR_SECRET, _) => self.here(|| {
                let revealed = secret::reveal(self.node, self.pass.source);
                visitor.visit_string(revealed.map_err(serde::de::Error::custom)?)
            }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        match &self.node.value {
            Value::List(items) => self.items(items, visitor),
            _ => Err(self.wrong("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Halt> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Halt> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        let Value::Mapping(entries) = &self.node.value else { return Err(self.wrong("a mapping")) };
        let entries = entries.iter().filter(|entry| !self.is_left_out(entry)).collect();
        self.keys(entries, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Halt> {
        let Value::Mapping(entries) = &self.node.value else {
            return Err(
                self.wrong(format_args!("a mapping with keys of {}", self.pass.keys(&self.path, fields)))
            );
        };
        let known = entries.iter().filter(|entry| self.pass.knows(&self.path, entry, fields));
        let written = known.filter(|entry| !entry.node.is_null() && !self.is_left_out(entry)).collect();
        self.keys(written, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Halt> {
        match self.node.text() {
            Some(text) => self.here(|| visitor.visit_enum(text.into_deserializer())),
            None => Err(self.wrong(format_args!("one of {}", variants.join(", ")))),
        }
    }

    serde::forward_to_deserialize_any! { bytes byte_buf unit unit_struct ignored_any }
}

/// What an unquoted scalar is to who takes anything. A number whose spelling would be lost
/// (`007`, `1.50`) is text.
pub(super) enum Meaning {
    Bool(bool),
    Whole(i64),
    Fraction(f64),
    Text,
}

impl Meaning {
    /// What the text of a scalar is.
    pub(super) fn of(text: &str, is_plain: bool) -> Self {
        if !is_plain {
            return Self::Text;
        }
        let whole = text.parse().ok().filter(|number: &i64| number.to_string() == text);
        let fraction = text.parse().ok().filter(|number: &f64| format!("{number:?}") == text);
        match (text, whole, fraction) {
            ("true" | "True" | "TRUE", ..) => Self::Bool(true),
            ("false" | "False" | "FALSE", ..) => Self::Bool(false),
            (_, Some(number), _) => Self::Whole(number),
            (_, None, Some(number)) if number.is_finite() => Self::Fraction(number),
            _ => Self::Text,
        }
    }
}

/// The values of a list.
struct Elements<'a> {
    pass: &'a Pass<'a>,
    left: std::vec::IntoIter<(String, &'a Node)>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Halt;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Halt> {
        let Some((path, node)) = self.left.next() else { return Ok(None) };
        let reader = ValueReader::new(self.pass, path, node);
        reader.here(|| seed.deserialize(reader.clone())).map(Some)
    }
}

/// The keys and values of a mapping.
struct Keys<'r, 'a> {
    reader: &'r ValueReader<'a>,
    left: std::vec::IntoIter<&'a Entry>,
    current: Option<&'a Entry>,
}

impl<'de> MapAccess<'de> for Keys<'_, '_> {
    type Error = Halt;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Halt> {
        self.current = self.left.next();
        let Some(entry) = self.current else { return Ok(None) };
        let key: StrDeserializer<'_, Halt> = entry.key.as_str().into_deserializer();
        // A key's own mistake stands where the key does, and shows the key.
        let shown =
            Node { place: entry.place, value: Value::Scalar { text: entry.key.clone(), is_plain: false } };
        seed.deserialize(key).map(Some).map_err(|halt| halt.at(&child(&self.reader.path, &entry.key), &shown))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Halt> {
        let Some(entry) = self.current else { return Err(self.reader.wrong("a key before its value")) };
        let path = child(&self.reader.path, &entry.key);
        let reader = ValueReader::new(self.reader.pass, path, &entry.node);
        reader.here(|| seed.deserialize(reader.clone()))
    }
}

/// One value that stands for a list of one.
struct OnlyOne<'a>(ValueReader<'a>);

impl<'de> Deserializer<'de> for OnlyOne<'_> {
    type Error = Halt;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Halt> {
        let ValueReader { pass, path, node } = self.0;
        visitor.visit_seq(Elements { pass, left: vec![(path, node)].into_iter() })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

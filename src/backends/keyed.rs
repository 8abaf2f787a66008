//! The options that search engines with a key have in common: `brave`, `kagi`, `marginalia` and `mojeek`.

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;

use super::safe_search::SafeSearch;
use crate::config::values::{Headers, HttpUrl, Secret};

/// Options of a search engine with a key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyed {
    /// Where it is; left out: its usual place.
    pub(super) url: Option<HttpUrl>,
    /// Further request headers.
    #[serde(default)]
    pub(super) headers: Headers,
    /// The key of its interface.
    pub(super) key: Secret,
    /// Results to ask for; left out: as many as it gives by itself.
    #[schemars(range(min = 1))]
    pub(super) count: Option<u32>,
    /// 0 none, 1 moderate, 2 strict, where it knows only on and off 1 and 2 are on; left out: as it does by
    /// itself.
    pub(super) safe_search: Option<SafeSearch>,
}

/// The schema of these options for an engine of which `most` results may be asked for.
pub(super) fn schema(most: u32) -> Schema {
    let mut schema = schema_for!(Keyed);
    if let Some(count) = schema.pointer_mut("/properties/count").and_then(serde_json::Value::as_object_mut) {
        count.insert("maximum".to_owned(), most.into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_says_how_many_results_there_are_at_most() {
        let count = schema(20).to_value()["properties"]["count"].clone();
        assert_eq!((&count["minimum"], &count["maximum"]), (&1.into(), &20.into()));
    }
}

//! The JSON Schema says yes and no where the reader does.

use std::{fs, path::Path};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::super::{
    Options,
    backend::COMMON,
    schema,
    values::{OneOrMany, Secret, Span},
};

/// Options of a type
#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct EngineOptions {
    /// Where it is
    url: String,
    key: Option<Secret>,
    pause: Option<Span>,
    pages: Option<OneOrMany<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct PlainOptions {
    fuzzy: Option<bool>,
}

fn whole() -> Value {
    schema(&[
        ("engine", schemars::schema_for!(EngineOptions)),
        ("plain", schemars::schema_for!(PlainOptions)),
    ])
}

fn is_valid(text: &str) -> bool {
    let document: Value = Options::from_yaml(text).unwrap().read().unwrap();
    jsonschema::validator_for(&whole()).unwrap().is_valid(&document)
}

#[test]
fn what_the_reader_takes_is_valid() {
    assert!(is_valid(""));
    assert!(is_valid("web: false\nlimits: {deadline: 2s, per_client: {rate: 5/s, burst: 1}}\n"));
    assert!(is_valid(
        "web: {enabled: true}\nservice: {uri: \"urn:a:b\", properties: [{name: x-a, value: b}]}\n"
    ));
    assert!(is_valid(
        "backends:\n  - {type: plain, fuzzy: true}\n  - {name: a, type: engine, url: x, key: {env: KEY}, \
         pause: 5s, pages: one, rate: [1/s, 100/d], dataset: {uri: \"urn:a:b\"}, when: {languages: en}}\n"
    ));
}

#[test]
fn what_the_reader_refuses_is_not() {
    assert!(!is_valid("listn: {}\n"));
    assert!(!is_valid("limits: {deadlin: 2s}\n"));
    assert!(!is_valid("limits: {deadline: soon}\n"));
    assert!(!is_valid("limits: {results: 0}\n"));
    assert!(!is_valid("log: {format: xml}\n"));
    assert!(!is_valid("backends: [{type: nosuch}]\n"));
    assert!(!is_valid("backends: [{type: plain, url: x}]\n"));
    assert!(!is_valid("backends: [{type: engine}]\n"));
    assert!(!is_valid("backends: [{type: engine, url: x, timout: 5s}]\n"));
    assert!(!is_valid("backends: [{type: engine, url: x, key: open}]\n"));
}

/// Their backends are those of the types that exist, which is for the floor above to check.
#[test]
fn the_settings_of_every_example_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let validator = jsonschema::validator_for(&whole()).unwrap();
    for name in ["default", "minimal", "full", "go-links", "metasearch"] {
        let text = fs::read_to_string(folder.join(name).with_extension("yaml")).unwrap();
        let mut document: Value = Options::from_yaml(&text).unwrap().read().unwrap();
        document.as_object_mut().unwrap().remove("backends").unwrap();
        validator.validate(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn keys_are_described() {
    let schema = whole();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$defs"]["Limits"]["properties"]["results"]["default"], 100);
    let described = &schema["$defs"]["backend-engine"]["properties"];
    assert_eq!(described["url"]["description"], "Where it is");
    assert_eq!(described["concurrency"]["description"], "The most calls at a time");
}

/// The keys that a type's options can't be called are those that every backend has.
#[test]
fn common_keys_are_all_known() {
    let schema = whole();
    let properties = schema["$defs"]["backend-plain"]["properties"].as_object().unwrap();
    let common: Vec<_> = properties.keys().filter(|key| *key != "fuzzy").collect();
    assert_eq!(common, COMMON);
}

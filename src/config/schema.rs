//! The JSON Schema of the configuration, for editors and for whoever writes configurations by
//! program. Each `type` of backend has the options of its own.

use schemars::{Schema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{backend::Common, settings::Settings};

/// The schema of a whole file, draft 2020-12. `backends` are the types that exist, each with the
/// schema of its own options as `schemars::schema_for!` makes it.
pub fn schema(backends: &[(&str, Schema)]) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let common = generator.subschema_for::<Common>().to_value();
    let mut root = generator.into_root_schema_for::<Settings>().to_value();
    let common = take_definition(&mut root, &common);
    let mut kinds = Vec::new();
    for (kind, options) in backends {
        let name = format!("backend-{kind}");
        let own = below(options.as_value(), &format!("#/$defs/{name}/$defs/"));
        set(&mut root, &["$defs", &name], merged(kind, &common, own));
        kinds.push(json!({ "$ref": format!("#/$defs/{name}") }));
    }
    let list = json!({
        "type": "array",
        "description": "Where names are looked up; in the order in which equal results are preferred",
        "items": { "oneOf": kinds }
    });
    set(&mut root, &["properties", "backends"], list);
    // The short form that stands for {enabled: true} and {enabled: false}.
    let web = json!({ "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/Web" }] });
    set(&mut root, &["properties", "web"], web);
    spell_out_shared(&mut root);
    root
}

/// `cache.shared` may be the address alone.
fn spell_out_shared(root: &mut Value) {
    let address = root.pointer("/$defs/Shared/properties/url").cloned().unwrap_or_default();
    let shared = json!({ "anyOf": [address, { "$ref": "#/$defs/Shared" }, { "type": "null" }] });
    set(root, &["$defs", "Cache", "properties", "shared"], shared);
}

/// Takes the definition that `reference` refers to out of the root.
fn take_definition(root: &mut Value, reference: &Value) -> Value {
    let name = reference.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let definitions = root.get_mut("$defs").and_then(Value::as_object_mut);
    name.zip(definitions).and_then(|(name, definitions)| definitions.remove(name)).unwrap_or(Value::Null)
}

/// The keys of every backend and those of one type, as one closed object.
fn merged(kind: &str, common: &Value, own: Value) -> Value {
    let mut merged = own;
    let object =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut properties = object(common, "properties");
    properties.extend(object(&merged, "properties"));
    properties.insert("type".to_owned(), json!({ "const": kind }));
    let mut required = merged.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    required.push(json!("type"));
    set(&mut merged, &["properties"], Value::Object(properties));
    set(&mut merged, &["required"], Value::Array(required));
    set(&mut merged, &["additionalProperties"], Value::Bool(false));
    set(&mut merged, &["type"], json!("object"));
    merged
}

/// A schema that was made as a root, as it stands further in: its references lead to `definitions`.
fn below(schema: &Value, definitions: &str) -> Value {
    match schema {
        Value::Object(object) => {
            let inner = object.iter().filter(|(key, _)| key.as_str() != "$schema");
            Value::Object(
                inner.map(|(key, value)| (key.clone(), redirected(key, value, definitions))).collect(),
            )
        }
        Value::Array(list) => list.iter().map(|value| below(value, definitions)).collect(),
        other => other.clone(),
    }
}

fn redirected(key: &str, value: &Value, definitions: &str) -> Value {
    match (key, value) {
        ("$ref", Value::String(path)) => json!(path.replacen("#/$defs/", definitions, 1)),
        _ => below(value, definitions),
    }
}

/// Puts a value at the path, making the objects on the way.
fn set(value: &mut Value, path: &[&str], new: Value) {
    let Some((first, rest)) = path.split_first() else {
        *value = new;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    if let Some(object) = value.as_object_mut() {
        set(object.entry(*first).or_insert(Value::Null), rest, new);
    }
}

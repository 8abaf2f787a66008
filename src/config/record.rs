//! A configuration as a record of one question keeps it: what decides an answer, and no secret.

use std::path::Path;

use serde_json::{Map, Number, Value as Json};
use url::Url;

use super::{
    Backend, Config, Problems,
    backend::COMMON,
    de::Meaning,
    examine_from,
    tree::{Entry, Node, Source, Value},
    values::secret,
};

/// What stands in the place of a secret. No encoding of addresses changes it.
pub const REDACTED: &str = "REDACTED";

/// The keys outside `backends` that decide answers.
const DECIDING: [&str; 5] = ["service", "limits", "cache", "matching", "sites"];

/// A header's value shorter than this is hardly a secret, and would be found in every text.
const SHORTEST_VALUE: usize = 8;

/// Parameters of an address that are mostly secrets, however the operator came to write them there.
const TELLING: [&str; 14] = [
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "appid",
    "app_id",
    "auth",
    "key",
    "password",
    "secret",
    "sig",
    "signature",
    "subscription-key",
    "token",
];

impl Config {
    /// What decides answers, as a configuration of its own, in JSON. Secrets stay where they are
    /// named, and what was written in their place is [`REDACTED`]. Of a backend for which `is_memory`
    /// holds only the keys of every backend are kept.
    pub fn record(&self, is_memory: impl Fn(&Backend) -> bool) -> Json {
        let secrets = self.secrets();
        let kept = self.settings.node().entries().iter().filter(|entry| DECIDING.contains(&&*entry.key));
        let mut record: Map<_, _> =
            kept.map(|entry| (entry.key.clone(), plain(&entry.node, &secrets))).collect();
        let backends = self.backends.iter().map(|backend| {
            // No limit of then may refuse what is only said again.
            let is_kept = |entry: &&Entry| {
                !matches!(&*entry.key, "rate" | "zone")
                    && (!is_memory(backend) || COMMON.contains(&&*entry.key))
            };
            let entries = backend.written().entries().iter().filter(is_kept);
            Json::Object(entries.map(|entry| (entry.key.clone(), entry_of(entry, &secrets))).collect())
        });
        record.insert("backends".to_owned(), backends.collect());
        Json::Object(record)
    }

    /// Every secret that the configuration names or that is written in it, for whoever takes them out
    /// of a text: those of `{env: NAME}` and `{file: PATH}`, values of headers, passwords and keys in
    /// addresses.
    pub fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        for backend in &self.backends {
            collect(backend.written(), self.settings.source(), &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads a configuration out of a record; `file` is the record, which messages name. Every secret is
/// [`REDACTED`].
///
/// # Errors
/// Every mistake in it.
pub fn recorded(record: &Json, file: &Path) -> Result<Config, Problems> {
    let source = Source { file: file.into(), is_record: true };
    match examine_from(&record.to_string(), source) {
        (config, problems) if problems.is_empty() => Ok(config),
        (_, problems) => Err(problems),
    }
}

/// A key's value as it is kept; of headers, which may be as good as passwords, only the names.
fn entry_of(entry: &Entry, secrets: &[String]) -> Json {
    if entry.key == "headers" {
        let names = entry.node.entries().iter().map(|header| (header.key.clone(), REDACTED.into()));
        return Json::Object(names.collect());
    }
    plain(&entry.node, secrets)
}

fn plain(node: &Node, secrets: &[String]) -> Json {
    match &node.value {
        Value::List(items) => items.iter().map(|item| plain(item, secrets)).collect(),
        Value::Mapping(entries) => {
            let pairs = entries.iter().map(|entry| (entry.key.clone(), entry_of(entry, secrets)));
            Json::Object(pairs.collect())
        }
        Value::Scalar { .. } if node.is_null() => Json::Null,
        Value::Scalar { text, is_plain } => match Meaning::of(text, *is_plain) {
            Meaning::Bool(is) => Json::Bool(is),
            Meaning::Whole(number) => Json::Number(number.into()),
            Meaning::Fraction(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
            Meaning::Text => number(text, *is_plain).unwrap_or_else(|| Json::String(redacted(text, secrets))),
        },
    }
}

/// A number in a spelling that JSON has not, such as 1.50; no other text of digits.
fn number(text: &str, is_plain: bool) -> Option<Json> {
    let is_padded = text.starts_with('0') && !text.starts_with("0.");
    let number = text.parse().ok().filter(|_| is_plain && !is_padded)?;
    Number::from_f64(number).map(Json::Number)
}

fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTED))
}

fn collect(node: &Node, source: &Source, found: &mut Vec<String>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| collect(item, source, found)),
        Value::Mapping(entries) if is_secret(entries) => found.extend(secret::reveal(node, source)),
        Value::Mapping(entries) => {
            for entry in entries {
                if entry.key == "headers" {
                    let texts = entry.node.entries().iter().filter_map(|header| header.node.text());
                    found.extend(texts.filter(|text| text.len() >= SHORTEST_VALUE).map(str::to_owned));
                }
                collect(&entry.node, source, found);
            }
        }
        Value::Scalar { text, .. } => found.extend(in_address(text)),
    }
}

/// Whether a mapping is `{env: NAME}` or `{file: PATH}`.
fn is_secret(entries: &[Entry]) -> bool {
    matches!(entries, [entry] if matches!(entry.key.as_str(), "env" | "file") && entry.node.text().is_some())
}

/// The secrets in an address: its password, and the values of parameters that are called like one.
fn in_address(text: &str) -> Vec<String> {
    let Some(url) = text.contains("://").then(|| Url::parse(text).ok()).flatten() else { return Vec::new() };
    let is_telling = |name: &str| TELLING.iter().any(|telling| name.eq_ignore_ascii_case(telling));
    let parameters = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let values = parameters.filter(|(name, value)| is_telling(name) && !value.contains('{'));
    let values = values.map(|(_, value)| value).chain(url.password());
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    const WRITTEN: &str = r#"
service: {uri: "urn:example:names"}
limits: {deadline: 1s, results: 20}
log: {names: true}
backends:
  - name: names
    type: static
    weight: 10
    names: [{name: Boeing, uri: "https://www.boeing.com/"}]
  - name: brave
    type: brave
    key: {file: KEY}
    when: {max_words: 6}
  - type: json
    url: "https://me:open-sesame@engine.example/q?apikey=s3cret&q={query}&k={key}"
    headers: {X-Key: "Bearer abracadabra", Accept-Language: en}
    weight: 1.50
"#;

    fn config(folder: &Path) -> Config {
        std::fs::write(folder.join("key"), "hunter2\n").unwrap();
        parse(&WRITTEN.replace("KEY", "key"), &folder.join("gateway.yaml")).unwrap_or_else(|p| panic!("{p}"))
    }

    #[test]
    fn a_record_keeps_what_decides_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let record = config.record(|backend| backend.kind == "static");
        assert_eq!(
            record,
            serde_json::json!({
                "service": {"uri": "urn:example:names"},
                "limits": {"deadline": "1s", "results": 20},
                "backends": [
                    {"name": "names", "type": "static", "weight": 10},
                    {"name": "brave", "type": "brave", "key": {"file": "key"}, "when": {"max_words": 6}},
                    {
                        "type": "json",
                        "url": "https://me:REDACTED@engine.example/q?apikey=REDACTED&q={query}&k={key}",
                        "headers": {"X-Key": "REDACTED", "Accept-Language": "REDACTED"},
                        "weight": 1.5
                    }
                ]
            })
        );
        assert_eq!(config.secrets(), ["Bearer abracadabra", "hunter2", "open-sesame", "s3cret"]);
    }

    #[test]
    fn a_record_is_read_as_what_it_was_written_of() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let read = recorded(&config.record(|_| false), "record.json".as_ref()).unwrap();
        assert_eq!((&read.limits, &read.matching), (&config.limits, &config.matching));
        let kept = |config: &Config| -> Vec<_> {
            let of = |backend: &Backend| (backend.name.clone(), backend.weight, backend.when.clone());
            config.backends.iter().map(of).collect()
        };
        assert_eq!(kept(&read), kept(&config));
        assert_eq!(recorded(&read.record(|_| false), "again".as_ref()).unwrap().backends.len(), 3);
    }
}

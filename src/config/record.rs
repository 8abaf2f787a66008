//! A configuration as a record of one question keeps it: what decides an answer, and no secret.

use std::path::Path;

use serde_json::{Map, Number, Value as Json};
use url::Url;

use super::{
    Backend, Config, Problems,
    backend::COMMON,
    de::Meaning,
    examine_from,
    secrets::{Secrets, is_word},
    tree::{Entry, Node, Place, Source, Value},
    values::secret,
};

/// What stands in the place of a secret. No encoding of addresses changes it.
pub const REDACTED: &str = "REDACTED";

/// The keys outside `backends` that decide answers.
const DECIDING: [&str; 5] = ["service", "limits", "cache", "matching", "sites"];

/// A header's value shorter than this is hardly a secret, and would be found in every text.
const SHORTEST_VALUE: usize = 8;

/// Headers that everybody may know, and whose values stand in many a text.
const PUBLIC_HEADERS: [&str; 8] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-type",
    "origin",
    "referer",
    "user-agent",
];

/// Keys that a service gives to everybody, by its type.
const PUBLIC_KEYS: [(&str, &str); 1] = [("marginalia", "public")];

/// Keys of a backend that name files, none of which a record needs: what they say is in it.
const OF_FILES: [&str; 2] = ["files", "index"];

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
        let secrets = Secrets::new(&self.secrets()).unlike_words();
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
        // What other gateways were told decides nothing here: it is set aside before the question.
        if let Some(Json::Object(cache)) = record.get_mut("cache") {
            cache.retain(|key, _| key != "shared");
        }
        Json::Object(record)
    }

    /// Every secret that the configuration names or that is written in it, for whoever takes them out
    /// of a text: those of `{env: NAME}` and `{file: PATH}`, values of headers, passwords and keys in
    /// addresses.
    pub fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        for backend in &self.backends {
            found.extend(secrets_in(backend.written(), self.settings.source(), &backend.kind));
        }
        let trace = self.settings.node().get("trace").and_then(|trace| trace.get("headers"));
        let headers = trace.iter().flat_map(|headers| headers.entries());
        found.extend(headers.flat_map(|header| in_header(header, self.settings.source())));
        let password = self.cache.shared.as_ref().and_then(|shared| shared.password.as_ref());
        found.extend(password.map(|password| password.expose().to_owned()));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads a configuration out of a record; `file` is the record, which messages name. Every secret is
/// [`REDACTED`].
///
/// # Errors
/// Every mistake in it; and whatever makes this program open a file. A record needs none, so whoever
/// wrote that is after the reader's.
pub fn recorded(record: &Json, file: &Path) -> Result<Config, Problems> {
    let source = Source::new(file, true);
    let foreign = foreign_keys(record);
    if !foreign.is_empty() {
        let told = foreign.into_iter().map(|key| {
            let message =
                "does not belong in a record: none leads to files of this machine, and none is opened";
            source.problem(Place::START, &key, message)
        });
        let mut problems = Problems::default();
        told.for_each(|problem| problems.extend(problem.into()));
        return Err(problems);
    }
    match examine_from(&record.to_string(), source) {
        (config, problems) if problems.is_empty() => Ok(config),
        (_, problems) => Err(problems),
    }
}

/// The keys of a recorded configuration that no record has, as they lead to files.
fn foreign_keys(record: &Json) -> Vec<String> {
    let keys = |of: &Json| of.as_object().into_iter().flat_map(Map::keys).cloned().collect::<Vec<_>>();
    let mut foreign = keys(record);
    foreign.retain(|key| key != "backends" && !DECIDING.contains(&key.as_str()));
    let backends = record.get("backends").and_then(Json::as_array).into_iter().flatten();
    for (place, backend) in backends.enumerate() {
        let of_files = keys(backend).into_iter().filter(|key| OF_FILES.contains(&key.as_str()));
        foreign.extend(of_files.map(|key| format!("backends[{place}].{key}")));
    }
    foreign
}

/// The secrets that a backend of the type `kind` names, or that are written in it.
pub(super) fn secrets_in(node: &Node, source: &Source, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(node, source, &mut found);
    found.retain(|secret| !secret.is_empty() && !PUBLIC_KEYS.contains(&(kind, secret.as_str())));
    found
}

/// A key's value as it is kept; of headers, which may be as good as passwords, only the names.
fn entry_of(entry: &Entry, secrets: &Secrets) -> Json {
    if entry.key == "headers" {
        let names = entry.node.entries().iter().map(|header| (header.key.clone(), REDACTED.into()));
        return Json::Object(names.collect());
    }
    // What a backend is and is called no secret changes: all else in the record goes by it.
    if matches!(entry.key.as_str(), "name" | "type") {
        return plain(&entry.node, &Secrets::default());
    }
    plain(&entry.node, secrets)
}

fn plain(node: &Node, secrets: &Secrets) -> Json {
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

/// A secret that may be a word is one only where an address has its password or its key: elsewhere
/// the same word is no secret, but what the configuration says.
fn redacted(text: &str, secrets: &Secrets) -> String {
    let in_place = in_address(text).into_iter().filter(|value| is_word(value));
    let text = in_place.fold(text.to_owned(), |text, value| {
        let text = text.replace(&format!(":{value}@"), &format!(":{REDACTED}@"));
        let parts = text.split_inclusive(['&', '?', '#']);
        let part = |part: &str| match part.split_once('=') {
            Some((name, rest)) if rest.trim_end_matches(['&', '#']) == value => {
                format!("{name}={REDACTED}{}", rest.strip_prefix(value.as_str()).unwrap_or_default())
            }
            _ => part.to_owned(),
        };
        parts.map(part).collect()
    });
    secrets.taken_out_of(&text)
}

fn collect(node: &Node, source: &Source, found: &mut Vec<String>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| collect(item, source, found)),
        Value::Mapping(entries) if is_secret(entries) => found.extend(secret::reveal(node, source)),
        Value::Mapping(entries) => {
            for entry in entries {
                if entry.key == "headers" {
                    entry.node.entries().iter().for_each(|header| found.extend(in_header(header, source)));
                } else {
                    collect(&entry.node, source, found);
                }
            }
        }
        Value::Scalar { text, .. } => found.extend(in_address(text)),
    }
}

/// The secrets in a header: its value, and what stands after a scheme such as `Bearer`.
fn in_header(header: &Entry, source: &Source) -> Vec<String> {
    let is_public = PUBLIC_HEADERS.iter().any(|name| header.key.eq_ignore_ascii_case(name));
    let value = match header.node.text() {
        Some(text) if is_public || text.len() < SHORTEST_VALUE => None,
        Some(text) => Some(text.to_owned()),
        None => secret::reveal(&header.node, source).ok(),
    };
    let Some(value) = value else { return Vec::new() };
    let credentials = value.split_once(' ').map(|(_, rest)| rest.trim().to_owned());
    let credentials = credentials.filter(|text| !text.is_empty() && !text.contains(['{', ' ']));
    [value].into_iter().chain(credentials).collect()
}

/// Whether a mapping is `{env: NAME}` or `{file: PATH}`.
fn is_secret(entries: &[Entry]) -> bool {
    matches!(entries, [entry] if matches!(entry.key.as_str(), "env" | "file") && entry.node.text().is_some())
}

/// Whether an address says who somebody is, or holds what is mostly a secret: a user, a password, or the
/// value of a parameter that is called like a key.
pub fn has_credentials(text: &str) -> bool {
    let names_somebody = |url: Url| !url.username().is_empty() || url.password().is_some();
    Url::parse(text.trim()).is_ok_and(names_somebody) || !in_address(text.trim()).is_empty()
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
        assert_eq!(
            config.secrets(),
            ["Bearer abracadabra", "abracadabra", "hunter2", "open-sesame", "s3cret"]
        );
    }

    #[test]
    fn a_record_keeps_no_store_that_gateways_share() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "hunter2\n").unwrap();
        let text = "cache: {size: 1MiB, shared: {url: \"redis://127.0.0.1\", password: {file: key}}}\n\
                    backends: [{type: engine}]\n";
        let config = parse(text, &folder.path().join("gateway.yaml")).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(config.record(|_| false)["cache"], serde_json::json!({"size": "1MiB"}));
        assert_eq!(config.secrets(), ["hunter2"]);
    }

    #[test]
    fn what_a_collector_is_shown_is_a_secret_and_in_no_record() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "Bearer abracadabra\n").unwrap();
        let text =
            "trace: {otlp: \"http://collector.example:4318\", headers: {authorization: {file: key}}}\n";
        let config = parse(text, &folder.path().join("gateway.yaml")).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(config.secrets(), ["Bearer abracadabra", "abracadabra"]);
        assert_eq!(config.record(|_| false), serde_json::json!({"backends": []}));
        assert!(config.secret_files().contains_key(&folder.path().join("key")), "it is read again on change");
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

    #[test]
    fn a_secret_that_is_an_ordinary_word_changes_no_configuration() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "search\n").unwrap();
        let text = "backends:\n  - {name: search, type: json, url: 'https://x.example/search?key=search&q={query}', \
                    key: {file: key}, results: search}\n  - {name: m, type: marginalia, key: {file: m}}\n";
        std::fs::write(folder.path().join("m"), "public").unwrap();
        let config = parse(text, &folder.path().join("gateway.yaml")).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(config.secrets(), ["search"], "everybody's key is no secret");
        let record = config.record(|_| false);
        let backend = &record["backends"][0];
        assert_eq!((&backend["name"], &backend["results"]), (&"search".into(), &"search".into()));
        assert_eq!(backend["url"], "https://x.example/search?key=REDACTED&q={query}");
    }

    #[test]
    fn a_record_that_names_files_is_refused_and_no_file_of_it_is_opened() {
        let refused = |record: Json| recorded(&record, "record.json".as_ref()).unwrap_err().to_string();
        for (backend, key) in [
            (serde_json::json!({"type": "static", "files": ["/etc/passwd"]}), "backends[0].files"),
            (serde_json::json!({"type": "static", "index": "/etc/passwd"}), "backends[0].index"),
        ] {
            let told = refused(serde_json::json!({"backends": [backend]}));
            assert!(told.contains(&format!("{key}: does not belong in a record")), "{told}");
        }
        let told = refused(serde_json::json!({"popularity": "/etc/passwd"}));
        assert!(told.contains("popularity: does not belong in a record"), "{told}");
        let key = serde_json::json!({"backends": [{"type": "brave", "key": {"file": "/no/such/file"}}]});
        assert_eq!(recorded(&key, "record.json".as_ref()).unwrap().secrets(), [REDACTED]);
    }
}

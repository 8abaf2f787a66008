//! The record of one question: everything from which it can be decided again, and nothing secret.
//!
//! The form is JSON with a version. A file that is cut short, is something else, or was written by a
//! newer program is refused with a sentence that says which.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    model::{Clock, CommonName, Failure, Hit, Likeness, Property, Reason, Reply},
    resolver::SiteStanding,
    upstream::Said,
};

/// What the file says that it is.
const FORMAT: &str = "cnrp explain record";

/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;

/// One question, what it was asked of, and what was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: String,
    version: u64,
    /// The version of the program that wrote it.
    program: String,
    /// When it was asked, as HTTP writes dates.
    at: String,
    seed: String,
    name: String,
    properties: Vec<KeptProperty>,
    /// What decides answers, secrets left out.
    pub configuration: Value,
    /// How popular the sites are that were found.
    pub popularity: Vec<SiteStanding>,
    /// What the backends said that answer from memory.
    pub memory: Vec<Memory>,
    /// The backends that were not called, as a limit or a pause forbade it.
    refused: Vec<Refused>,
    /// What was said over the network, in the order in which it was asked.
    pub network: Vec<Said>,
}

/// Why one backend was not called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    backend: String,
    reason: String,
    detail: String,
}

/// What one backend said from memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Its configured name.
    pub backend: String,
    /// Whether it has it that nobody answers the name.
    pub denies: bool,
    hits: Vec<KeptHit>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptHit {
    name: String,
    uri: String,
    description: String,
    properties: Vec<KeptProperty>,
    likeness: Likeness,
    entry: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptProperty {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// Why a file is no record to replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It ends too early.
    #[error("is cut short: {0}")]
    Torn(String),
    /// It is something else.
    #[error("is no record of `cnrp explain --save`: {0}")]
    Foreign(String),
    /// A later program wrote it.
    #[error("is a record of version {0}, which a newer program wrote; this one reads version {VERSION}")]
    Newer(u64),
}

impl Record {
    /// The record of a question for `name`, asked at `at`.
    pub fn new(name: &CommonName, properties: &[Property], at: SystemTime, seed: u64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at: httpdate::fmt_http_date(at),
            seed: format!("{seed:016x}"),
            name: name.shown().to_owned(),
            properties: properties.iter().map(KeptProperty::of).collect(),
            configuration: Value::Null,
            popularity: Vec::new(),
            memory: Vec::new(),
            refused: Vec::new(),
            network: Vec::new(),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        let document: Value = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => RecordError::Torn(error.to_string()),
            _ => RecordError::Foreign(error.to_string()),
        })?;
        if document.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(RecordError::Foreign(format!("expected \"format\": \"{FORMAT}\"")));
        }
        match document.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => return Err(RecordError::Newer(newer)),
            _ => return Err(RecordError::Foreign(format!("expected \"version\": {VERSION}"))),
        }
        let record: Self =
            serde_json::from_value(document).map_err(|error| RecordError::Foreign(error.to_string()))?;
        if record.then().is_none() || record.seed().is_none() || record.name().is_none() {
            let expected = "expected \"at\", a date, \"seed\", a number in hex, and \"name\", a common name";
            return Err(RecordError::Foreign(expected.to_owned()));
        }
        Ok(record)
    }

    /// Notes of each backend that failed, by its name, whether it was called at all.
    pub fn refuse<'a>(&mut self, failed: impl Iterator<Item = (&'a str, &'a Failure)>) {
        let silent = failed.filter(|(name, _)| !self.network.iter().any(|said| said.backend == *name));
        let refused = silent.map(|(name, failure)| Refused {
            backend: name.to_owned(),
            reason: failure.reason.word().to_owned(),
            detail: failure.detail.clone(),
        });
        self.refused = refused.collect();
    }

    /// The backends that were not called, each with the reason.
    pub fn refused(&self) -> Vec<(String, Failure)> {
        let failure = |one: &Refused| Some(Failure::new(Reason::parse(&one.reason)?, one.detail.as_str()));
        self.refused.iter().filter_map(|one| Some((one.backend.clone(), failure(one)?))).collect()
    }

    /// The record as a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map_or_else(|_| String::new(), |text| text + "\n")
    }

    /// The name that was asked for; `None` for one that is none, which no record has that was read.
    pub fn name(&self) -> Option<CommonName> {
        CommonName::new(&self.name)
    }

    /// The properties as the client sent them.
    pub fn properties(&self) -> Vec<Property> {
        self.properties.iter().map(KeptProperty::property).collect()
    }

    /// The number from which backends drew what had to be unknown to strangers; `None` for what is no
    /// number, which no record has that was read.
    pub fn seed(&self) -> Option<u64> {
        u64::from_str_radix(&self.seed, 16).ok()
    }

    /// When it was asked; `None` for what is no date, which no record has that was read.
    pub fn then(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(&self.at).ok()
    }
}

impl Memory {
    /// What `backend` said.
    pub fn of(backend: &str, reply: &Reply, denies: bool) -> Self {
        let hits = reply.hits.iter().map(|hit| KeptHit {
            name: hit.name.clone(),
            uri: hit.uri.clone(),
            description: hit.description.clone(),
            properties: hit.properties.iter().map(KeptProperty::of).collect(),
            likeness: hit.likeness,
            entry: hit.entry.clone(),
        });
        Self { backend: backend.to_owned(), denies, hits: hits.collect() }
    }

    /// What it said, to be said again.
    pub fn reply(&self) -> Reply {
        let hits = self.hits.iter().map(|kept| Hit {
            properties: kept.properties.iter().map(KeptProperty::property).collect(),
            likeness: kept.likeness,
            entry: kept.entry.clone(),
            ..Hit::mention(&*kept.name, &*kept.uri, &*kept.description)
        });
        Reply::of(hits.collect())
    }
}

impl KeptProperty {
    fn of(property: &Property) -> Self {
        let Property { name, kind, value } = property.clone();
        Self { name, kind, value }
    }

    fn property(&self) -> Property {
        Property::new(&*self.name, &*self.kind, &*self.value)
    }
}

/// The time of a record: it runs on from the moment of its question.
pub struct Then {
    at: SystemTime,
    began: Instant,
}

impl Then {
    /// A clock that shows `at` now.
    pub fn new(at: SystemTime, now: Instant) -> Self {
        Self { at, began: now }
    }
}

impl Clock for Then {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        self.at + self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_764_000_000);
        let properties = [Property::new("language", "rfc1766", "fr")];
        let mut record = Record::new(&CommonName::new("Toys R Us").unwrap(), &properties, at, u64::MAX);
        let hit =
            Hit { likeness: Likeness::Form, ..Hit::mention("Toys \"R\" Us", "https://x.example/", "d") };
        record.memory = vec![Memory::of("names", &Reply::of(vec![hit]), false)];
        record
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = record();
        let read = Record::read(record.text().as_bytes()).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.name().unwrap().shown(), "Toys R Us");
        assert_eq!(read.properties(), [Property::new("language", "rfc1766", "fr")]);
        assert_eq!((read.seed(), read.then()), (Some(u64::MAX), record.then()));
        assert_eq!(read.memory[0].reply().hits[0].likeness, Likeness::Form);
    }

    #[test]
    fn every_torn_record_is_refused_as_torn() {
        let text = record().text();
        for end in 0..text.trim_end().len() {
            let torn = Record::read(&text.as_bytes()[..end]);
            assert!(matches!(torn, Err(RecordError::Torn(_))), "{end}: {torn:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_record_runs_on_from_its_moment() {
        let then = Then::new(SystemTime::UNIX_EPOCH, Instant::now());
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        assert_eq!(then.wall(), SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(5));
    }
}

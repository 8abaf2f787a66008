//! A recorded world: questions, what is right, and what every engine answered.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read},
    path::Path,
};

use cnrp_gateway::model::CommonName;
use flate2::read::GzDecoder;
use serde::Deserialize;

/// One question and everything recorded of it: a line of the file.
#[derive(Deserialize)]
pub(crate) struct Line {
    pub(crate) query: String,
    /// How the question differs from the real name; of what is no name: `word`, `phrase`, `gibberish`.
    pub(crate) kind: String,
    /// Registrable domains that are right. None: the question means nobody.
    pub(crate) answers: Vec<String>,
    pub(crate) known_well: bool,
    /// By engine; of Wikidata the search, and the entities apart.
    pub(crate) replies: HashMap<String, Recorded>,
    /// The domains that exist around the name.
    pub(crate) domains: BTreeMap<String, Domain>,
}

/// A reply as it came over the wire.
#[derive(Deserialize)]
pub(crate) struct Recorded {
    /// Of HTTP; 0: the connection closed without a word.
    pub(crate) status: u16,
    #[serde(default, rename = "type")]
    pub(crate) media: String,
    /// A JSON document, or a text that is sent as it stands.
    #[serde(default)]
    pub(crate) body: serde_json::Value,
}

impl Recorded {
    /// The bytes of the body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            serde_json::Value::String(text) => text.clone().into_bytes(),
            document => document.to_string().into_bytes(),
        }
    }
}

/// A domain that leads somewhere.
#[derive(Deserialize)]
pub(crate) struct Domain {
    /// Whether `www.` below it does so too.
    pub(crate) www: bool,
    /// The servers of its zone, where they tell something.
    pub(crate) ns: Vec<String>,
}

/// Every line, and where to find it.
pub(crate) struct World {
    pub(crate) lines: Vec<Line>,
    places: HashMap<String, usize>,
    /// Wikidata's items by their ids, which it gives in any combination that it is asked for.
    entities: HashMap<String, serde_json::Value>,
}

impl World {
    /// Reads a file of JSON lines, compressed where its name says so.
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let file = std::fs::File::open(path)?;
        let is_compressed = path.extension().is_some_and(|ending| ending == "gz");
        let text: Box<dyn Read> = if is_compressed { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
        let lines = BufReader::new(text).lines();
        let lines = lines.map(|line| Ok(serde_json::from_str(&line?)?));
        let lines: Vec<Line> = lines.collect::<Result<_, Box<dyn std::error::Error>>>()?;
        let places = lines.iter().enumerate().map(|(place, line)| (key(&line.query), place)).collect();
        let entities = lines.iter().flat_map(entities).collect();
        Ok(Self { lines, places, entities })
    }

    /// Wikidata's reply to a request for the items of these ids.
    pub(crate) fn items(&self, ids: &str) -> serde_json::Value {
        let known = ids.split('|').filter_map(|id| Some((id.to_owned(), self.entities.get(id)?.clone())));
        let known: serde_json::Map<_, _> = known.collect();
        serde_json::json!({ "entities": known, "success": 1 })
    }

    /// What `engine` answered to `name`; `None` where that was never asked.
    pub(crate) fn reply(&self, engine: &str, name: &str) -> Option<&Recorded> {
        let line = self.lines.get(*self.places.get(&key(name))?)?;
        line.replies.get(engine)
    }
}

/// The items of Wikidata that a line holds.
fn entities(line: &Line) -> Vec<(String, serde_json::Value)> {
    let recorded = line.replies.get("wikidata-entities").and_then(|reply| reply.body.get("entities"));
    let items = recorded.and_then(serde_json::Value::as_object).into_iter().flatten();
    items.map(|(id, item)| (id.clone(), item.clone())).collect()
}

/// What a question is found by, however an adapter writes it.
fn key(name: &str) -> String {
    CommonName::new(name).map_or_else(String::new, |name| name.key().to_owned())
}

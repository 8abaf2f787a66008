//! How often the first result is the right one, for each kind of query.
//!
//! A query is asked as the gateway asks: the static backend, then preparation, merge and rank. Its
//! first result is scored by its registrable domain. Shared by the command that prints the figures
//! and the test that holds them.

use std::{collections::BTreeMap, path::Path};

use cnrp_gateway::{
    backends::static_names,
    config::Problems,
    model::{Backend, CommonName, Confidence, Family, Geography, NameQuery, Preference, Vouched, prepare},
    resolver::{Ranking, Voice, merge, rank},
};
use futures_util::FutureExt as _;
use serde::Deserialize;

/// The kind of queries that have a country's hint.
const COUNTRY: &str = "country";

/// One line of a file of queries.
#[derive(Deserialize)]
pub(crate) struct Asked {
    pub(crate) query: String,
    /// How the query differs from the real name.
    pub(crate) kind: String,
    /// Registrable domains that count as right. None: the query is no name, and only a result of
    /// low confidence, or no result, counts as right.
    pub(crate) answers: Vec<String>,
    /// ISO 3166-1, sent as a hint by queries of the kind `country`.
    #[serde(default)]
    pub(crate) country: String,
    /// Sites that the name has in other countries.
    #[serde(default)]
    others: Vec<String>,
}

/// What was found first: its site, and how sure it is.
pub(crate) type First = Option<(String, Confidence)>;

/// How many queries were right, of how many.
#[derive(Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) right: u32,
    pub(crate) of: u32,
}

impl Score {
    /// The share that was right.
    pub(crate) fn share(self) -> f64 {
        f64::from(self.right) / f64::from(self.of.max(1))
    }
}

/// Asks every query (JSON lines) of the map (a names file), calls `missed` for each whose first result
/// is wrong, and gives the score of each kind and of `all`.
pub(crate) fn measure(
    map: &dyn Backend,
    queries: &str,
    mut missed: impl FnMut(&Asked, &First),
) -> Result<BTreeMap<String, Score>, serde_json::Error> {
    let mut kinds: BTreeMap<String, Score> = BTreeMap::new();
    for line in queries.lines() {
        let asked: Asked = serde_json::from_str(line)?;
        let found = first(map, &asked);
        let is_right = is_right(&asked, &found);
        if !is_right {
            missed(&asked, &found);
        }
        if asked.kind == COUNTRY {
            let unhinted = CommonName::new(&asked.query).map(NameQuery::plain);
            let sites = unhinted.map(|query| sites(map, &query)).unwrap_or_default();
            let mut wanted = asked.answers.iter().chain(&asked.others);
            count(&mut kinds, "unhinted", wanted.all(|site| sites.iter().any(|(found, _)| found == site)));
        }
        count(&mut kinds, "all", is_right);
        count(&mut kinds, &asked.kind, is_right);
    }
    Ok(kinds)
}

fn count(kinds: &mut BTreeMap<String, Score>, kind: &str, is_right: bool) {
    let score = kinds.entry(kind.to_owned()).or_default();
    score.right += u32::from(is_right);
    score.of += 1;
}

/// The static map of a file's content.
pub(crate) fn map(path: &Path, content: &[u8]) -> Result<std::sync::Arc<dyn Backend>, Problems> {
    static_names::from_file(&path.file_name().unwrap_or_default().to_string_lossy(), content)
}

fn first(map: &dyn Backend, asked: &Asked) -> First {
    let mut query = NameQuery::plain(CommonName::new(&asked.query)?);
    if asked.kind == COUNTRY {
        query.hints.geographies = vec![Preference::Value(Geography::read("iso3166-1", &asked.country))];
    }
    sites(map, &query).into_iter().next()
}

/// The sites of the results, in order.
fn sites(map: &dyn Backend, query: &NameQuery) -> Vec<(String, Confidence)> {
    let Some(Ok(reply)) = map.ask(query).now_or_never() else { return Vec::new() };
    let prepared = prepare(reply, &query.name, map.vouched());
    let voices = [Voice { family: Family("static"), weight: 1.0, vouched: Vouched::ByOperator }];
    let ranked = rank(merge(&[(0, &prepared)]), query, &voices, &Ranking::default());
    ranked.iter().map(|one| (one.merged.site().to_owned(), one.confidence)).collect()
}

fn is_right(asked: &Asked, first: &First) -> bool {
    match first {
        Some((_, confidence)) if asked.answers.is_empty() => *confidence == Confidence::Low,
        Some((site, _)) => asked.answers.contains(site),
        None => asked.answers.is_empty(),
    }
}

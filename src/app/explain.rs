//! Explaining one answer: a gateway in this process, over lines on which everything that is said is
//! written down; or the same gateway once more, over lines on which it was said before.

use std::{collections::BTreeSet, fs, io::Read, path::Path, sync::Arc};

use super::{Failure, Keeping, Loaded, World, build, build::Ground, built, examine};
use crate::{
    config::{self, Config},
    explain::{self, Account, Memory, Recalled, Record, Then, Watched},
    gateway::{Gateway, Trace},
    model::{
        Ask, Backend, Clock, CommonName, Metrics, NameQuery, Outcome, Property, ResourceUrl, SystemClock,
    },
    resolver::{Popularity, Ranking, SiteStanding, worn_by},
    upstream::{Lines, Player, Recorder},
};

/// The longest record that is read, in bytes: 500 whole replies of the longest that are taken.
const LONGEST: u64 = 1 << 30;

/// An explained answer.
pub struct Explained {
    pub account: Account,
    /// From which it can be decided again.
    pub record: Record,
    /// What the operator should know of the configuration; what was not asked, as another process has the
    /// budgets.
    pub notes: Vec<String>,
}

/// Asks for a name in this process, with the configuration at `path`, and explains the answer.
///
/// # Errors
/// What is wrong with the configuration, or with the name.
pub async fn explain(
    path: Option<&Path>,
    name: &CommonName,
    properties: &[Property],
) -> Result<Explained, Failure> {
    let (config, problems) = examine(path)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let recorder = Arc::new(Recorder::new(&config.secrets(), Arc::clone(&clock)));
    let world = World { lines: Lines::recorded(Arc::clone(&recorder)), ..World::real() };
    let mut loaded = built(config, problems, &world, None)?;
    let mut notes = loaded.warnings();
    notes.extend(loaded.join_state());
    let Loaded { config, backends, ranking, mut keeping, .. } = loaded;
    // What another gateway was told is in no record of what the backends say.
    keeping.keep_to_itself();
    let mut record = Record::new(name, properties, clock.wall(), world.seed);
    let subject = Subject::new(&config, backends, &keeping, ranking, clock);
    let (account, trace) = subject.account(&record, name, properties).await?;
    record.popularity = excerpt(&subject.gateway, &trace);
    let local = subject.local(&config, name);
    record.configuration = config.record(|backend| local.iter().any(|(name, _)| *name == backend.name));
    let said = |(backend, watched): &(&str, &Watched)| {
        Memory::of(backend, &watched.reply().unwrap_or_default(), watched.denies(name))
    };
    record.memory = local.iter().map(said).collect();
    record.network = recorder.take();
    let outcomes = config.backends.iter().zip(&trace.outcomes);
    record.refuse(outcomes.filter_map(|(backend, outcome)| match outcome {
        Outcome::Failed(failure) => Some((backend.name.as_str(), failure)),
        _ => None,
    }));
    keeping.settle().await;
    Ok(Explained { account, record, notes })
}

/// Decides once more from the record in `file`, without any network.
///
/// # Errors
/// What is wrong with the file; or what this program asks that the record does not hold.
pub async fn replay(file: &Path) -> Result<Explained, Failure> {
    let wrong = |what: String| Failure::Usage(format!("{} {what}", file.display()));
    let record = Record::read(&bytes(file).map_err(|error| wrong(format!("can't be read: {error}")))?);
    let record = record.map_err(|error| wrong(error.to_string()))?;
    let incomplete = || wrong("is no record of `cnrp explain --save`".to_owned());
    let ((name, at), seed) = record.name().zip(record.then()).zip(record.seed()).ok_or_else(incomplete)?;
    let config = config::recorded(&record.configuration, file)?;
    let player = Arc::new(Player::new(record.network.clone(), record.refused()));
    let clock: Arc<dyn Clock> = Arc::new(Then::new(at, SystemClock.now()));
    let world = World { lines: Lines::replayed(Arc::clone(&player)), clock: Arc::clone(&clock), seed };
    let keeping = Keeping::new(&config, &clock, None);
    let backends = recalled(&config, build::backends(&config, &world, &keeping)?, &record.memory);
    let popularity = Popularity::of_excerpt(&record.popularity);
    let ranking = Ranking { popularity, sites: config.sites.clone() };
    let subject = Subject::new(&config, backends, &keeping, ranking, clock);
    let (account, _) = subject.account(&record, &name, &record.properties()).await?;
    match player.unknown().first() {
        None => Ok(Explained { account, record, notes: Vec::new() }),
        Some(first) => Err(wrong(format!(
            "does not hold all that this program asks, so another program wrote it: {first}"
        ))),
    }
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(file)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How popular the sites are that were found and those that they seem to be, each once.
fn excerpt(gateway: &Gateway, trace: &Trace) -> Vec<SiteStanding> {
    let found = trace.found();
    let urls = || found.iter().flat_map(|(_, prepared)| &prepared.candidates).map(|one| &one.url);
    let worn: Vec<String> = urls().flat_map(worn_by).collect();
    let sites: BTreeSet<&str> =
        urls().map(ResourceUrl::site).chain(worn.iter().map(String::as_str)).collect();
    gateway.ranking().popularity.excerpt(sites)
}

/// The backends, those that answered from memory recalled.
fn recalled(config: &Config, built: Vec<Arc<dyn Backend>>, memory: &[Memory]) -> Vec<Arc<dyn Backend>> {
    let each = config.backends.iter().zip(built);
    let each = each.map(|(settings, backend)| {
        let said = memory.iter().find(|memory| memory.backend == settings.name);
        said.map_or(backend, |said| Arc::new(Recalled::new(said.reply(), said.denies)) as Arc<dyn Backend>)
    });
    each.collect()
}

/// What is explained: a gateway whose backends are watched.
struct Subject {
    gateway: Gateway,
    watched: Vec<Arc<Watched>>,
}

impl Subject {
    fn new(
        config: &Config,
        backends: Vec<Arc<dyn Backend>>,
        keeping: &Keeping,
        ranking: Ranking,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let watch = |backend| Arc::new(Watched::new(backend, Arc::clone(&clock)));
        let watched: Vec<_> = backends.into_iter().map(watch).collect();
        let backends = watched.iter().map(|watched| Arc::clone(watched) as Arc<dyn Backend>).collect();
        let ground = Ground::new(config, clock);
        let gateway =
            build::gateway_on(&ground, config, backends, keeping, ranking, &[], &Metrics::default());
        keeping.take_effect();
        Self { gateway, watched }
    }

    async fn account(
        &self,
        record: &Record,
        name: &CommonName,
        properties: &[Property],
    ) -> Result<(Account, Trace), Failure> {
        let trace = self.gateway.trace(name, properties).await;
        let trace =
            trace.ok_or_else(|| Failure::Usage("the name is longer than limits.name_length".to_owned()))?;
        let at = record.then().unwrap_or(std::time::UNIX_EPOCH);
        Ok((explain::account(&self.gateway, &trace, &self.watched, at), trace))
    }

    /// The backends that answer from memory, each with its name.
    fn local<'a>(&'a self, config: &'a Config, name: &CommonName) -> Vec<(&'a str, &'a Watched)> {
        let query = NameQuery::plain(name.clone());
        let each = config.backends.iter().zip(&self.watched);
        let local = each.filter(|(_, watched)| watched.request(&query) == Ask::Local);
        local.map(|(settings, watched)| (settings.name.as_str(), &**watched)).collect()
    }
}

#[cfg(test)]
mod tests;

//! What the world shows: how often each engine alone, plain fusion and our ranking put the right site
//! first, and what high confidence was worth.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use cnrp_gateway::{
    model::{Confidence, Prepared},
    resolver::{Ranking, Voice, merge, rank},
};

use crate::{
    asking::{Answered, Engine, ask_all, engines},
    interval::{Interval, interval},
    record::{Line, World},
    replay::Replay,
    sweep,
};

/// The constant of plain reciprocal rank fusion (Cormack, Clarke and Buettcher 2009).
const PLAIN: f64 = 60.0;

/// One way to order what was found: for each question that means somebody, the place of the first
/// right result, from 1.
pub(crate) struct Way {
    pub(crate) name: String,
    places: Vec<Option<u32>>,
}

impl Way {
    /// The share of questions whose first result is right.
    pub(crate) fn success(&self) -> f64 {
        mean(&self.firsts())
    }

    /// The mean reciprocal rank of the first right result.
    pub(crate) fn reciprocal_rank(&self) -> f64 {
        let of = |place: &Option<u32>| place.map_or(0.0, |place| 1.0 / f64::from(place));
        mean(&self.places.iter().map(of).collect::<Vec<_>>())
    }

    fn firsts(&self) -> Vec<f64> {
        self.places.iter().map(|place| f64::from(u8::from(*place == Some(1)))).collect()
    }

    /// By how much this way is right more often than `other`, over the same questions.
    pub(crate) fn margin(&self, other: &Self) -> Interval {
        let pairs = self.firsts().into_iter().zip(other.firsts());
        interval(&pairs.map(|(own, other)| own - other).collect::<Vec<_>>())
    }
}

/// How often something held, of how many.
#[derive(Default, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) held: u32,
    pub(crate) of: u32,
}

impl Share {
    fn count(&mut self, holds: bool) {
        self.held += u32::from(holds);
        self.of += 1;
    }

    /// As a number from 0 to 1.
    pub(crate) fn value(self) -> f64 {
        f64::from(self.held) / f64::from(self.of.max(1))
    }
}

/// What was found out.
pub(crate) struct Findings {
    /// Each engine alone.
    pub(crate) engines: Vec<Way>,
    /// Plain reciprocal rank fusion of the same results, by page and by site.
    pub(crate) plain: Vec<Way>,
    pub(crate) ours: Way,
    /// Ours with each constant that is tried for its fused rank.
    pub(crate) tried: Vec<(f64, Way)>,
    /// Well-known names whose first result is right and of high confidence.
    pub(crate) well_known_sure: Share,
    /// Names whose first result is of high confidence and wrong.
    pub(crate) wrongly_sure: Share,
    /// Questions that mean nobody, and yet have a result of high confidence.
    pub(crate) nobody_sure: Share,
    /// How often ours is right, by how the question differs from the name.
    pub(crate) kinds: Vec<(String, Share)>,
    /// What went wrong, a line each.
    pub(crate) misses: Vec<String>,
}

impl Findings {
    /// The engine that is right most often by itself.
    pub(crate) fn best_engine(&self) -> Option<&Way> {
        self.engines.iter().max_by(|a, b| a.success().total_cmp(&b.success()))
    }
}

/// Where the worlds are, and the gateway that is measured in them.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/world")
}

/// Asks the engines every question of the world in a file, and judges their answers and ours.
///
/// # Errors
/// Where the file is none, or does not hold what the engines are asked.
pub(crate) async fn measure(file: &Path) -> Result<Findings, Box<dyn std::error::Error>> {
    let world = Arc::new(World::read(file)?);
    let replay = Replay::start(Arc::clone(&world)).await?;
    let engines = engines(&fixtures().join("gateway.yaml"), &replay)?;
    let answered = ask_all(&world, &engines).await;
    match replay.unrecorded().as_slice() {
        [] => Ok(judge(&world, &engines, &answered)),
        unrecorded => Err(format!("asked and not in the record: {}", unrecorded.join(", ")).into()),
    }
}

/// Judges what was answered to the questions of `world`.
fn judge(world: &World, engines: &[Engine], answered: &[Answered]) -> Findings {
    let voices: Vec<Voice> = engines.iter().map(|engine| engine.voice).collect();
    let ordered: Vec<_> = answered.iter().map(|answered| ranked(answered, &voices)).collect();
    let each: Vec<_> = world.lines.iter().zip(answered).collect();
    let somebody: Vec<_> = each.iter().copied().filter(|(line, _)| !line.answers.is_empty()).collect();
    let way = |name: &str, order: &dyn Fn(&Answered) -> Vec<String>| {
        let places = somebody.iter().map(|(line, answered)| place(&order(answered), line));
        Way { name: name.to_owned(), places: places.collect() }
    };
    let alone = engines.iter().enumerate().map(|(place, engine)| {
        way(&engine.name, &|answered| {
            answered.told.get(place).and_then(Option::as_ref).map_or_else(Vec::new, sites)
        })
    });
    let mut findings = Findings {
        engines: alone.collect(),
        plain: vec![
            way("plain fusion of pages", &|answered| fused(answered, |page| page.0)),
            way("plain fusion of sites", &|answered| fused(answered, |page| page.1)),
        ],
        ours: Way {
            name: "ours".to_owned(),
            places: each_somebody(world, &ordered)
                .map(|(line, results)| place(&their_sites(results), line))
                .collect(),
        },
        tried: sweep::TRIED
            .map(|k| (k, way(&format!("ours, k = {k}"), &|answered| with_constant(answered, &voices, k))))
            .into(),
        well_known_sure: Share::default(),
        wrongly_sure: Share::default(),
        nobody_sure: Share::default(),
        kinds: Vec::new(),
        misses: Vec::new(),
    };
    for (line, results) in world.lines.iter().zip(&ordered) {
        findings.hear(line, results);
    }
    findings
}

impl Findings {
    fn hear(&mut self, line: &Line, ranked: &[Outcome]) {
        let is_sure = |(.., confidence): &Outcome| *confidence == Confidence::High;
        if line.answers.is_empty() {
            let surest = ranked.iter().find(|result| is_sure(result));
            self.nobody_sure.count(surest.is_some());
            self.misses.extend(
                surest.map(|result| format!("{} {:?} means nobody, got {result:?}", line.kind, line.query)),
            );
            return;
        }
        let first = ranked.first();
        let is_right = first.is_some_and(|(site, ..)| line.answers.contains(site));
        let sure = first.is_some_and(is_sure);
        self.wrongly_sure.count(sure && !is_right);
        if line.known_well {
            self.well_known_sure.count(sure && is_right);
        }
        if !self.kinds.iter().any(|(kind, _)| *kind == line.kind) {
            self.kinds.push((line.kind.clone(), Share::default()));
        }
        for (_, share) in self.kinds.iter_mut().filter(|(kind, _)| *kind == line.kind) {
            share.count(is_right);
        }
        if !is_right || (line.known_well && !sure) {
            let Line { kind, query, answers, .. } = line;
            self.misses.push(format!("{kind} {query:?} means {answers:?}, got {first:?}"));
        }
    }
}

/// One of our results: its site, its address, and how sure it is.
type Outcome = (String, String, Confidence);

/// Our results for each question that means somebody.
fn each_somebody<'a>(
    world: &'a World,
    ordered: &'a [Vec<Outcome>],
) -> impl Iterator<Item = (&'a Line, &'a Vec<Outcome>)> {
    world.lines.iter().zip(ordered).filter(|(line, _)| !line.answers.is_empty())
}

fn their_sites(results: &[Outcome]) -> Vec<String> {
    results.iter().map(|(site, ..)| site.clone()).collect()
}

/// What was found, in our order.
fn ranked(answered: &Answered, voices: &[Voice]) -> Vec<Outcome> {
    let ranked = rank(merge(&answered.sources()), &answered.query, voices, &Ranking::default());
    let each = ranked.iter();
    each.map(|one| (one.merged.site().to_owned(), one.uri(voices).to_owned(), one.confidence)).collect()
}

/// The sites of what was found, in the order that ours has with another constant.
fn with_constant(answered: &Answered, voices: &[Voice], k: f64) -> Vec<String> {
    let ranked = rank(merge(&answered.sources()), &answered.query, voices, &Ranking::default());
    sweep::with_constant(&ranked, voices, k)
}

/// Sites in an engine's own order.
fn sites(told: &Prepared) -> Vec<String> {
    told.candidates.iter().map(|candidate| candidate.url.site().to_owned()).collect()
}

/// Sites by plain reciprocal rank fusion of what `of` takes of each (page, site).
fn fused(answered: &Answered, of: impl for<'a> Fn((&'a str, &'a str)) -> &'a str) -> Vec<String> {
    let mut sums: HashMap<&str, (f64, &str)> = HashMap::new();
    for (_, told) in answered.sources() {
        let mut seen: Vec<&str> = Vec::new();
        for candidate in &told.candidates {
            let (page, site) = (candidate.url.identity(), candidate.url.site());
            let item = of((page, site));
            if !seen.contains(&item) {
                seen.push(item);
                let rank = u32::try_from(seen.len()).map_or(f64::MAX, f64::from);
                sums.entry(item).or_insert((0.0, site)).0 += 1.0 / (PLAIN + rank);
            }
        }
    }
    let mut order: Vec<_> = sums.into_iter().collect();
    order.sort_by(|(a, (x, _)), (b, (y, _))| y.total_cmp(x).then(a.cmp(b)));
    order.into_iter().map(|(_, (_, site))| site.to_owned()).collect()
}

fn place(sites: &[String], line: &Line) -> Option<u32> {
    let first = sites.iter().position(|site| line.answers.contains(site))?;
    u32::try_from(first + 1).ok()
}

fn mean(values: &[f64]) -> f64 {
    let count = u32::try_from(values.len()).map_or(f64::MAX, f64::from);
    values.iter().sum::<f64>() / count.max(1.0)
}

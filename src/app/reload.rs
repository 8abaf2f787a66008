//! Another configuration for a gateway that runs. It is read, checked and built, the sockets that it
//! wants more are opened, and it is held against what it expects; only then it takes the place of the
//! one in force, at once and as a whole. Whatever is wrong before that changes nothing.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::sync::{mpsc, oneshot};

use super::{
    Failure, Loaded, Origin, Unmet, World, build,
    build::Ground,
    control::{Current, LastReload, Running},
    expect,
    keeping::{self, Keeping},
    last_good, load_in, notify,
    settings::{addresses, settings},
    spans::Telling,
    watch::LastRead,
};
use crate::{
    cache::OutcomeCache,
    collector::Collector,
    config::{Config, Problem, Problems},
    gateway::Gateway,
    model::Metrics,
    transport::Serving,
};

/// How long what was rejected is left alone before it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// The longest that this becomes, of what stays as wrong as it was: reading and building it all costs.
const LONGEST_AGAIN: Duration = Duration::from_secs(5 * 60);

/// How a reload went: the generation that is in force, or what is wrong.
pub(super) type Verdict = Result<u32, Problems>;

/// The way to ask for a reload. They are done one after the other.
#[derive(Clone)]
pub(super) struct Wishes(mpsc::Sender<Wish>);

/// That the configuration be read again.
pub(super) struct Wish {
    why: &'static str,
    told: oneshot::Sender<Verdict>,
}

impl Wishes {
    /// Where to wish, and where wishes come out.
    pub(super) fn new() -> (Self, mpsc::Receiver<Wish>) {
        let (wishes, made) = mpsc::channel(1);
        (Self(wishes), made)
    }

    /// Has it read again, and waits for how it went. `why` is for the log.
    pub(super) async fn wish(&self, why: &'static str) -> Verdict {
        let (told, verdict) = oneshot::channel();
        let stopping = || problem("the gateway is stopping");
        self.0.send(Wish { why, told }).await.map_err(|_| stopping())?;
        verdict.await.unwrap_or_else(|_| Err(stopping()))
    }
}

/// A problem without a place.
pub(super) fn problem(message: &str) -> Problems {
    let (file, key, message) = (PathBuf::new(), String::new(), message.to_owned());
    Problem { file, line: 0, column: 0, key, message }.into()
}

/// Puts configurations in force.
pub(super) struct Reloader {
    /// `None` for the embedded default, which is always the same.
    pub(super) path: Option<PathBuf>,
    pub(super) last_read: LastRead,
    pub(super) world: World,
    pub(super) serving: Arc<Serving>,
    pub(super) running: Arc<Running>,
    pub(super) in_force: InForce,
}

/// What the next configuration has of the one in force.
pub(super) struct InForce {
    pub(super) config: Config,
    pub(super) keeping: Arc<Keeping>,
    pub(super) cache: OutcomeCache,
}

impl Reloader {
    /// Lets clients in, once the configuration of the start, which comes from `origin`, answers as it is to.
    /// Until then operators are answered alone.
    ///
    /// # Errors
    /// An answer is not as the configuration expects, and no other may stand in for it.
    pub(super) async fn begin(&mut self, origin: Option<Origin>) -> Result<(), Failure> {
        let gateway = Arc::clone(&self.running.current.load().gateway);
        match expect::judge(&gateway, &self.in_force.config).await {
            Ok(open) => open.iter().for_each(|unmet| tracing::warn!("{unmet}")),
            Err(wrong) => return self.fall_back(wrong, origin).await,
        }
        self.serving.open();
        keep(Arc::clone(&self.in_force.keeping), origin);
        Ok(())
    }

    /// Has the last good configuration stand in for one whose answers are `wrong`, where the operator allows it.
    async fn fall_back(&mut self, wrong: Vec<Unmet>, origin: Option<Origin>) -> Result<(), Failure> {
        let refusal = expect::refusal(&wrong);
        let Some(origin) = origin.filter(|origin| origin.last_good.is_some()) else { return Err(refusal) };
        if let Some(problems) = origin.instead_of {
            // It stands in already.
            return Err(last_good::neither(&problems.into(), &refusal));
        }
        let problems = as_problems(wrong);
        let origin = Origin { instead_of: Some(problems.clone()), ..origin };
        self.stand_in(origin).await.map_err(|why| last_good::neither(&refusal, &why))?;
        self.running.stands_in(problems);
        Ok(())
    }

    /// Puts what was kept in force, as the configuration of the start.
    async fn stand_in(&mut self, origin: Origin) -> Result<(), String> {
        let InForce { config, keeping, .. } = &self.in_force;
        let is_kept = origin.last_good.iter().any(|folder| last_good::is_kept_in(folder, config));
        let folder = keeping.folder().filter(|_| is_kept).ok_or("it is not the folder of `state`")?;
        let origin = Origin { text: last_good::kept_in(folder)?, ..origin };
        let loaded = last_good::stand_in(origin, &self.world, Some(keeping))?;
        self.last_read.set(loaded.files());
        let generation = self.running.current.load().generation;
        self.put_in_force(loaded, generation).await.map_err(|problems| last_good::unfit(&problems))
    }

    /// Fulfils wishes, as long as there may be any.
    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        let mut pause = AGAIN;
        loop {
            let is_as_before = match tokio::time::timeout(pause, wishes.recv()).await {
                Ok(Some(wish)) => {
                    self.fulfil(wish).await;
                    false
                }
                Ok(None) => return,
                Err(_) => self.try_again().await,
            };
            pause = if is_as_before { longer(pause) } else { AGAIN };
        }
    }

    async fn fulfil(&mut self, Wish { why, told }: Wish) {
        notify::reloading();
        let verdict = self.reload().await;
        notify::ready();
        self.report(why, &verdict);
        // Whoever wished may be gone.
        let _ = told.send(verdict);
    }

    /// Reads once more what was rejected last, for what was wrong may have been mended elsewhere than in the
    /// file: a file that was not there yet, a port that was in use. Of what is as wrong as before nothing is
    /// told, and true is given. A file that changes is left to whoever watches it until it is whole.
    async fn try_again(&mut self) -> bool {
        let Some(before) = self.running.rejected().filter(may_be_mended_elsewhere) else { return false };
        if !self.last_read.is_unchanged() {
            return false;
        }
        let verdict = self.reload().await;
        let is_as_before = verdict.as_ref().err() == Some(&before);
        if !is_as_before {
            self.report("something else was mended", &verdict);
        }
        is_as_before
    }

    async fn reload(&mut self) -> Verdict {
        let loaded = self.load().await?;
        let generation = self.running.current.load().generation.saturating_add(1);
        self.put_in_force(loaded, generation).await?;
        Ok(generation)
    }

    /// Has it take the place of the one in force.
    async fn put_in_force(&mut self, loaded: Loaded, generation: u32) -> Result<(), Problems> {
        self.keeps_its_folder(&loaded.config)?;
        let warnings = loaded.warnings();
        let Loaded { config, backends, ranking, tls, collector, keeping, origin, .. } = loaded;
        let bound = self.serving.bind(&addresses(&config));
        let bound = bound.map_err(|error| config.wrong("listen", &error.to_string()))?;
        let cache = self.cache_for(&config);
        let current = self.running.current.load_full();
        let clock = Arc::clone(&self.world.clock);
        let ground = Ground { clock, cache: cache.clone(), before: current.gateway.sources() };
        let (uris, metrics) = (bound.serveruris(), &self.running.metrics);
        let gateway = build::gateway_on(&ground, &config, backends, &keeping, ranking, &uris, metrics);
        drop(ground);
        if let Err(wrong) = hold(&gateway, &config).await {
            drop(gateway);
            // Those of it that are not in force were counted for as long as it was asked.
            self.forget_the_gone();
            return Err(wrong);
        }
        let gateway = Arc::new(gateway);
        keeping.take_effect();
        let telling = self.telling_for(&config, collector, &current);
        let settings = settings(&config, tls.clone(), Arc::clone(&telling.tracer));
        self.serving.swap(bound, Arc::clone(&gateway) as _, settings);
        let drain = config.drain;
        self.running.current.store(Arc::new(Current {
            gateway,
            tls,
            cache: cache.clone(),
            generation,
            drain,
            telling,
        }));
        self.forget_the_gone();
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let keeping = Arc::new(keeping);
        self.in_force = InForce { config, keeping: Arc::clone(&keeping), cache };
        keep(keeping, origin);
        Ok(())
    }

    /// Reads and builds, on a thread that may wait for the disk.
    async fn load(&self) -> Result<Loaded, Problems> {
        // Before they are read: what changes meanwhile is read again.
        self.last_read.look();
        let (path, world, keeping) =
            (self.path.clone(), self.world.clone(), Arc::clone(&self.in_force.keeping));
        let loading = tokio::task::spawn_blocking(move || load_in(path.as_deref(), &world, Some(&keeping)));
        let loaded =
            loading.await.unwrap_or_else(|_| Err(problem("reading it ended in a fault of the program")))?;
        self.last_read.set(loaded.files());
        Ok(loaded)
    }

    /// What was spent is written down in one place as long as the process lives.
    fn keeps_its_folder(&self, config: &Config) -> Result<(), Problems> {
        if keeping::path(config) == keeping::path(&self.in_force.config) {
            return Ok(());
        }
        Err(config.wrong("state", "another folder wants a restart; expected the one in use"))
    }

    /// The cache in use, unless it is to be of another size.
    fn cache_for(&self, config: &Config) -> OutcomeCache {
        if config.cache.size == self.in_force.config.cache.size {
            self.in_force.cache.clone()
        } else {
            build::cache(config, Arc::clone(&self.world.clock))
        }
    }

    /// The collector that is told now, unless another is to be: what that one was to hear is still sent.
    fn telling_for(&self, config: &Config, collector: Option<Collector>, now: &Current) -> Arc<Telling> {
        if now.telling.is_of(config) {
            return Arc::clone(&now.telling);
        }
        Arc::new(Telling::begin(config, collector, &self.world, &self.running.metrics))
    }

    /// What backends that are no more counted is told of no longer.
    fn forget_the_gone(&self) {
        let current = self.running.current.load();
        let names = current.gateway.sources().iter().map(|source| source.name.as_str()).collect();
        self.running.metrics.forget_all_but(&names);
    }

    fn report(&self, why: &str, verdict: &Verdict) {
        let metrics: &Metrics = &self.running.metrics;
        let problems = match verdict {
            Ok(generation) => {
                tracing::info!(generation, "the configuration was read again ({why}) and is in force");
                metrics.reloaded(*generation);
                Problems::default()
            }
            Err(problems) => {
                tracing::error!(
                    "the configuration was read again ({why}) and is not in force, the one before is: {problems}"
                );
                metrics.reload_rejected();
                problems.clone()
            }
        };
        let last = LastReload { at: SystemTime::now(), problems };
        *self.running.last_reload.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }
}

/// The pause after one that was for nothing.
fn longer(pause: Duration) -> Duration {
    pause.saturating_mul(2).min(LONGEST_AGAIN)
}

/// Answers that are not as expected may be so for ever, and to ask for them costs.
fn may_be_mended_elsewhere(problems: &Problems) -> bool {
    !problems.0.iter().any(|problem| problem.key.starts_with("expect["))
}

/// Keeps what is in force for a start that finds nothing better, on a thread that may wait for the disk.
fn keep(keeping: Arc<Keeping>, origin: Option<Origin>) {
    tokio::task::spawn_blocking(move || {
        origin.iter().for_each(|origin| keeping.keep_configuration(&origin.text));
    });
}

/// Whether it answers as it is to. What is open, as a backend failed, is told and is no reason
/// against it.
async fn hold(gateway: &Gateway, config: &Config) -> Result<(), Problems> {
    let open = expect::judge(gateway, config).await.map_err(as_problems)?;
    open.iter().for_each(|unmet| tracing::warn!("{unmet}"));
    Ok(())
}

fn as_problems(wrong: Vec<Unmet>) -> Problems {
    let mut problems = Problems::default();
    wrong.into_iter().for_each(|unmet| problems.extend(unmet_as_problem(unmet).into()));
    problems
}

fn unmet_as_problem(unmet: Unmet) -> Problem {
    let Unmet { place: (file, line, key), name, expected, came, .. } = unmet;
    let message = format!("{name}: expected {expected}, got {came}");
    Problem { file, line, column: 1, key, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_wrong_is_tried_again_less_and_less_often_up_to_every_five_minutes() {
        let pauses = std::iter::successors(Some(AGAIN), |pause| Some(longer(*pause)));
        let seconds: Vec<_> = pauses.take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
    }
}

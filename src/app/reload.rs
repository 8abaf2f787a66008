//! Another configuration for a gateway that runs. It is read, checked and built, the sockets that it
//! wants more are opened, and it is held against what it expects; only then it takes the place of the
//! one in force, at once and as a whole. Whatever is wrong before that changes nothing.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::SystemTime,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    Loaded, Origin, Unmet, World, build,
    build::Ground,
    control::{Current, LastReload, Running},
    expect,
    keeping::{self, Keeping},
    load_in, notify, serve,
    settings::{addresses, settings},
    watch::LastRead,
};
use crate::{
    cache::OutcomeCache,
    config::{Config, Problem, Problems},
    gateway::Gateway,
    model::Metrics,
    transport::Serving,
};

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
    /// Fulfils wishes, as long as there may be any.
    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        while let Some(Wish { why, told }) = wishes.recv().await {
            notify::reloading();
            let verdict = self.reload().await;
            notify::ready();
            self.report(why, &verdict);
            // Whoever wished may be gone.
            let _ = told.send(verdict);
        }
    }

    async fn reload(&mut self) -> Verdict {
        let loaded = self.load().await?;
        self.keeps_its_folder(&loaded.config)?;
        serve::warn(&loaded);
        let Loaded { config, backends, ranking, tls, keeping, origin, .. } = loaded;
        let bound = self.serving.bind(&addresses(&config));
        let bound = bound.map_err(|error| config.wrong("listen", &error.to_string()))?;
        let cache = self.cache_for(&config);
        let current = self.running.current.load_full();
        let clock = Arc::clone(&self.world.clock);
        let ground = Ground { clock, cache: cache.clone(), before: current.gateway.sources() };
        let (uris, metrics) = (bound.serveruris(), &self.running.metrics);
        let gateway = build::gateway_on(&ground, &config, backends, &keeping, ranking, &uris, metrics);
        drop(ground);
        hold(&gateway, &config).await?;
        let gateway = Arc::new(gateway);
        let generation = current.generation.saturating_add(1);
        keeping.take_effect();
        self.serving.swap(bound, Arc::clone(&gateway) as _, settings(&config, tls.clone()));
        let drain = config.drain;
        self.running.current.store(Arc::new(Current {
            gateway,
            tls,
            cache: cache.clone(),
            generation,
            drain,
        }));
        let keeping = Arc::new(keeping);
        self.in_force = InForce { config, keeping: Arc::clone(&keeping), cache };
        keep(keeping, origin);
        Ok(generation)
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

/// Keeps what is in force for a start that finds nothing better, on a thread that may wait for the disk.
fn keep(keeping: Arc<Keeping>, origin: Option<Origin>) {
    tokio::task::spawn_blocking(move || {
        origin.iter().for_each(|origin| keeping.keep_configuration(&origin.text));
    });
}

/// Whether it answers as it is to. What is open, as a backend failed, is told and is no reason
/// against it.
async fn hold(gateway: &Gateway, config: &Config) -> Result<(), Problems> {
    let open = expect::judge(gateway, config).await.map_err(|wrong| {
        let mut problems = Problems::default();
        wrong.into_iter().for_each(|unmet| problems.extend(unmet_as_problem(unmet).into()));
        problems
    })?;
    open.iter().for_each(|unmet| tracing::warn!("{unmet}"));
    Ok(())
}

fn unmet_as_problem(unmet: Unmet) -> Problem {
    let Unmet { place: (file, line, key), name, expected, came, .. } = unmet;
    let message = format!("{name}: expected {expected}, got {came}");
    Problem { file, line, column: 1, key, message }
}

//! Running the gateway: sockets first, then operators, then `ready`, then questions until told to stop.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::Receiver;

use super::{
    Failure, Loaded, Origin, build,
    build::Ground,
    control::{Current, Running},
    keeping::Keeping,
    last_good, logging, notify,
    reload::{InForce, Reloader, Wish, Wishes},
    settings::{addresses, settings},
    signals::{self, Leaving},
    snapshots::{self, Snapshots, vouched},
    spans::Telling,
    watch::{self, LastRead},
};
use crate::{
    config::Config,
    model::Metrics,
    transport::{self, Bound, Inherited, Serving},
};

/// How often backends are given the chance to keep themselves up to date: a names file takes
/// effect within twice that.
const UPKEEP: Duration = Duration::from_secs(1);

/// Runs the gateway until it is told to stop. A line for each socket and then `ready` go to
/// `announce`, once every socket is bound or taken from those that are `inherited`, and it answers as the
/// configuration expects. The operator's pages answer while that is being found out.
///
/// # Errors
/// An address can't be listened on, or an answer is not as the configuration expects.
pub async fn serve(loaded: Loaded, mut inherited: Inherited, announce: impl Write) -> Result<(), Failure> {
    let started = Instant::now();
    logging::start(loaded.config.log.format, loaded.config.log.names);
    warn(&loaded);
    let unusable_state = loaded.keeping.open(&loaded.config)?;
    match &unusable_state {
        Some(why) => warn_of_lost_state(why),
        None => warn_of_forgetting(&loaded.keeping),
    }
    let bound = bind(&loaded.config, &mut inherited)?;
    drop(inherited);
    let ((wishes, wished), leaving) = (Wishes::new(), Leaving::default());
    // Before `ready`, so that whoever waits for it may stop us at once.
    signals::listen(leaving.clone(), wishes.clone())?;
    let metrics = Arc::new(Metrics::default());
    let ground = Ground::new(&loaded.config, Arc::clone(&loaded.world.clock));
    let last_read = LastRead::default();
    last_read.set(loaded.files());
    let Loaded { config, backends, ranking, tls, collector, keeping, world, origin } = loaded;
    let telling = Arc::new(Telling::begin(&config, collector, &world, &metrics));
    let snapshots = keeping.folder().map(|folder| {
        let known = vouched(&config, &backends);
        Arc::new(Snapshots::recalled(folder, &ground.cache, &known, &ground.clock, &metrics))
    });
    let uris = bound.serveruris();
    let gateway = build::gateway_on(&ground, &config, backends, &keeping, ranking, &uris, &metrics);
    keeping.take_effect();
    let gateway = Arc::new(gateway);
    let (cache, drain) = (ground.cache.clone(), config.drain);
    let settings = settings(&config, tls.clone(), Arc::clone(&telling.tracer));
    let current = Current { gateway: Arc::clone(&gateway), tls, cache, generation: 1, drain, telling };
    let running =
        Arc::new(Running::new(current, Arc::clone(&metrics), started, unusable_state, wishes.clone()));
    if let Some(origin) = &origin {
        warn_of_no_last_good(origin, &config);
        origin.instead_of.iter().for_each(|problems| running.stands_in(problems.clone()));
    }
    let control = Arc::clone(&running) as _;
    let serving = Arc::new(Serving::begin(bound, gateway as _, control, settings, &metrics));
    let keeping = Arc::new(keeping);
    let in_force = InForce { config, keeping: Arc::clone(&keeping), cache: ground.cache };
    let path = origin.as_ref().map(|origin| origin.path.clone());
    let mut reloader = Reloader { path, last_read, world, serving, running: Arc::clone(&running), in_force };
    let begun = leaving.stop.run_until_cancelled(Box::pin(reloader.begin(origin))).await;
    if let Some(Ok(())) = begun {
        say_ready(&reloader, announce);
        tokio::select! {
            () = run(reloader, wishes, wished, leaving.clone()) => {}
            () = keep_answers(&running, snapshots.as_ref()) => {}
        }
        keep_answers_of_now(&running, snapshots.as_ref()).await;
    }
    // What a call still under way spends from here on it reserves anew.
    keeping.settle().await;
    tell_the_rest(&running, &leaving).await;
    // Whoever is told to stop before it began has nothing to finish.
    begun.unwrap_or(Ok(()))
}

fn say_ready(reloader: &Reloader, mut announce: impl Write) {
    reloader.running.ready();
    let lines = reloader.serving.announce().join("\n");
    // Nobody has to listen: a closed stdout is no reason not to serve.
    let _ = writeln!(announce, "{lines}\nready").and_then(|()| announce.flush());
    notify::ready();
    notify::watch();
}

/// Sends the spans that wait, in what is left of the time to leave.
async fn tell_the_rest(running: &Running, leaving: &Leaving) {
    let (current, left) = (running.current.load_full(), running.time_to_leave());
    let sending = current.telling.end(left.min(current.drain));
    // A second signal means now.
    leaving.at_once.run_until_cancelled(sending).await;
}

/// Serves, reloads and keeps everything up to date, until told to stop.
async fn run(reloader: Reloader, wishes: Wishes, wished: Receiver<Wish>, leaving: Leaving) {
    let (serving, running) = (Arc::clone(&reloader.serving), Arc::clone(&reloader.running));
    let watched = watch::watch(reloader.last_read.clone(), wishes);
    tokio::select! {
        () = serving.until(told_to_stop(&leaving, &running, &serving)) => {}
        () = leaving.at_once.cancelled() => {}
        () = reloader.run(wished) => {}
        () = watched => {}
        () = keep_up(&running) => {}
    }
}

/// Writes the answers of the cache down, again and again.
async fn keep_answers(running: &Running, snapshots: Option<&Arc<Snapshots>>) {
    loop {
        tokio::time::sleep(snapshots::EVERY).await;
        keep_answers_of_now(running, snapshots).await;
    }
}

/// Writes them down on a thread that may wait for the disk.
async fn keep_answers_of_now(running: &Running, snapshots: Option<&Arc<Snapshots>>) {
    let Some(snapshots) = snapshots.map(Arc::clone) else { return };
    let cache = running.current.load().cache.clone();
    let _ = tokio::task::spawn_blocking(move || snapshots.write(&cache)).await;
}

/// Tells what the operator should know of a configuration that is right.
fn warn(loaded: &Loaded) {
    loaded.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
}

fn warn_of_lost_state(why: &str) {
    tracing::error!(
        "state: {why}; until it is mended and the gateway started again, no backend with a budget by day or month \
         is asked, and suspensions are forgotten at the end"
    );
}

fn warn_of_left_over(inherited: &Inherited) {
    let left = inherited.left();
    if !left.is_empty() {
        let sockets = left.join(", ");
        tracing::warn!(%sockets, "nothing answers on these sockets from the service manager: `listen` does not name them");
    }
}

fn warn_of_forgetting(keeping: &Keeping) {
    let names = keeping.forgetful();
    if !names.is_empty() {
        let names = names.join(", ");
        tracing::warn!(backends = %names, "budgets by day and month begin anew with each start: `state` is not set");
    }
}

fn warn_of_no_last_good(origin: &Origin, config: &Config) {
    if let Some(folder) = origin.last_good.as_deref().filter(|folder| !last_good::is_kept_in(folder, config))
    {
        let folder = folder.display();
        tracing::warn!(%folder, "--last-good: no configuration is kept there: it is not the folder of `state`");
    }
}

fn bind(config: &Config, inherited: &mut Inherited) -> Result<Bound, Failure> {
    let bound = transport::bind_with(&addresses(config), inherited);
    let bound = bound.map_err(|error| Failure::Service(error.to_string()))?;
    warn_of_left_over(inherited);
    Ok(bound)
}

/// Waits until it is told to stop, and then for the time that balancers need to see that it is not
/// ready, if there is one that looks. Gives the time that what is in flight has to finish.
async fn told_to_stop(leaving: &Leaving, running: &Running, serving: &Serving) -> Duration {
    leaving.stop.cancelled().await;
    running.unready();
    notify::stopping();
    serving.say_farewell();
    let drain = running.current.load().drain;
    if running.is_watched() {
        let _ = tokio::time::timeout(drain, leaving.soon.cancelled()).await;
    }
    drain
}

/// Lets backends and the certificate keep themselves up to date, on a thread that may block, and guards
/// what they share.
async fn keep_up(running: &Running) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        let current = running.current.load_full();
        let round = move || {
            current.tls.iter().for_each(|tls| tls.upkeep());
            current.gateway.sources().iter().for_each(|source| source.guard.backend().upkeep());
        };
        // A backend that panics keeps what it has.
        let _ = tokio::task::spawn_blocking(round).await;
        let current = running.current.load_full();
        for source in current.gateway.sources() {
            source.guard.upkeep().await;
        }
    }
}

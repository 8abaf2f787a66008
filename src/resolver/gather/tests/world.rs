//! The playing of scenarios: scripted backends behind real guards, on virtual time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::language::{Act, Scenario, Scripted, Step, What};
use crate::{
    cache::OutcomeCache,
    guard::{Guard, Means, Purse},
    model::{
        Ask, Backend, BoxFuture, Clock, CommonName, Effect, Failure, Family, Freshness, Hit, HostPattern,
        Likeness, Metrics, NameQuery, Outcome, Reply, Service, SiteRule, Toll, Vouched,
    },
    resolver::{Ranking, Source, Timing, Voice, When, gather, gather_named},
};

/// Time since the scenario began; it began in 1970.
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.0.elapsed()
    }
}

struct World {
    start: Instant,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    timing: Timing,
    ranking: Ranking,
    sources: Vec<Source>,
    calls: Vec<Arc<AtomicU32>>,
}

struct Actor {
    start: Instant,
    part: Scripted,
    purse: Option<Purse>,
    calls: Arc<AtomicU32>,
}

impl Backend for Actor {
    fn family(&self) -> Family {
        Family(self.part.family)
    }

    fn vouched(&self) -> Vouched {
        if self.part.asserts { Vouched::ByOperator } else { Vouched::BySearch }
    }

    fn request(&self, query: &NameQuery) -> Ask {
        if self.part.is_local { Ask::Local } else { Ask::Request(query.name.key().to_owned()) }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        let since = self.start.elapsed();
        let deed = self.part.script.iter().rfind(|(from, _)| *from <= since).map(|(_, deed)| deed);
        let deed = deed.expect("the script says what happens from 0s on");
        Box::pin(async move {
            if let Some(purse) = &self.purse {
                purse.pay().await?;
            }
            self.calls.fetch_add(1, Ordering::Relaxed);
            if !deed.after.is_zero() {
                sleep(deed.after).await;
            }
            match &deed.act {
                Act::Answer(hosts) => {
                    let hits = hosts.iter().map(|host| self.hit(host, query)).collect();
                    Ok(Reply { ttl: deed.ttl, degraded: deed.incomplete, ..Reply::of(hits) })
                }
                Act::Fail(reason) => {
                    Err(Failure { retry_after: deed.retry, ..Failure::new(*reason, "scripted") })
                }
                Act::Hang => std::future::pending().await,
                Act::Panic => panic!("as the script has it"),
            }
        })
    }
}

impl Actor {
    fn hit(&self, host: &str, query: &NameQuery) -> Hit {
        let likeness = if self.part.asserts { Likeness::Same } else { Likeness::Mention };
        Hit { likeness, ..Hit::mention(query.name.shown(), format!("https://{host}/"), "") }
    }
}

impl World {
    fn new(scenario: &Scenario) -> Self {
        let start = Instant::now();
        let clock: Arc<dyn Clock> = Arc::new(Virtual(start));
        let metrics = Metrics::default();
        let cache = OutcomeCache::new(1 << 20, Arc::clone(&clock));
        let calls: Vec<_> = scenario.sources.iter().map(|_| Arc::new(AtomicU32::new(0))).collect();
        let sources = scenario.sources.iter().zip(&calls).zip(1..).map(|((part, calls), fingerprint)| {
            let purse = Purse::new(&part.name, part.budgets.clone(), Arc::clone(&clock));
            let actor = Actor { start, part: part.clone(), purse: purse.clone(), calls: Arc::clone(calls) };
            let voice = Voice { family: actor.family(), weight: 1.0, vouched: actor.vouched() };
            let meter = metrics.backend(&part.name);
            let policy = part.policy.clone();
            let guard = Guard::new(
                &part.name,
                Arc::new(actor),
                fingerprint,
                policy,
                Means {
                    cache: cache.clone(),
                    clock: Arc::clone(&clock),
                    meter,
                    purse,
                    memory: None,
                    tier: None,
                },
            );
            Source {
                name: part.name.clone(),
                kind: "scripted".to_owned(),
                guard,
                voice,
                service: Arc::new(Service::named("urn:x")),
                dataset: None,
                when: When::default(),
                stage: part.stage,
                is_cnrp: false,
            }
        });
        let sources = sources.collect();
        let timing = Timing { deadline: scenario.deadline, grace: scenario.grace };
        let sites = scenario.drops.iter().map(|host| drop_of(host)).collect();
        let ranking = Ranking { sites, ..Ranking::default() };
        Self { start, clock, metrics, timing, ranking, sources, calls }
    }

    /// A client: asks, and tells when it was answered and how.
    async fn ask(self: Arc<Self>, name: String, leave: Option<Duration>, is_go: bool) -> String {
        let query = NameQuery::plain(CommonName::new(&name).unwrap());
        let (ranking, clock) = (&self.ranking, self.clock.as_ref());
        let asking = async {
            match is_go {
                true => gather_named(&self.sources, &query, self.timing, ranking, clock).await,
                false => gather(&self.sources, &query, self.timing, ranking, clock).await,
            }
        };
        let outcomes = match leave {
            None => asking.await,
            Some(leave) => match timeout_at(self.start + leave, asking).await {
                Ok(outcomes) => outcomes,
                Err(_) => return "left".to_owned(),
            },
        };
        let each = self.sources.iter().zip(&outcomes);
        let told: Vec<_> =
            each.map(|(source, outcome)| format!("{}: {}", source.name, tell(outcome))).collect();
        format!("{} {}", short(self.start.elapsed()), told.join("; "))
    }

    fn place(&self, name: &str) -> usize {
        self.sources.iter().position(|source| source.name == name).expect("a source of the scenario")
    }

    fn state(&self, name: &str) -> String {
        let state = self.sources[self.place(name)].guard.state();
        state.suspension.filter(|suspension| !suspension.is_over).map_or("working".to_owned(), |suspension| {
            let until = suspension.until.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            format!("suspended for {} until {}", suspension.reason, short(until))
        })
    }

    fn counted(&self, name: &str) -> String {
        let backend = format!("backend=\"{name}\"");
        let text = self.metrics.text();
        let lines = text.lines().filter(|line| line.contains("_total{") && line.contains(&backend));
        let counts = lines.filter(|line| !line.ends_with(" 0")).map(|line| {
            let word = line.rsplit('"').nth(1).unwrap();
            format!("{word} {}", line.rsplit(' ').next().unwrap())
        });
        let mut counts: Vec<_> = counts.collect();
        counts.sort();
        counts.join(", ")
    }
}

/// Plays a scenario and returns how each step went, in the order of the lines.
pub(super) async fn play(scenario: &Scenario) -> Vec<(&Step, String)> {
    let world = Arc::new(World::new(scenario));
    let mut clients: Vec<(&Step, JoinHandle<String>)> = Vec::new();
    let mut went: Vec<(&Step, String)> = Vec::new();
    for step in &scenario.steps {
        sleep_until(world.start + step.at).await;
        settle().await;
        match &step.what {
            What::Ask { name, leave, is_go } => {
                let client = Arc::clone(&world).ask(name.clone(), *leave, *is_go);
                clients.push((step, tokio::spawn(client)));
                settle().await;
            }
            What::Calls(name) => {
                let calls = world.calls[world.place(name)].load(Ordering::Relaxed);
                went.push((step, calls.to_string()));
            }
            What::State(name) => went.push((step, world.state(name))),
            What::Counted(name) => went.push((step, world.counted(name))),
        }
    }
    for (step, client) in clients {
        let told = client.await.unwrap_or_else(|error| error.to_string());
        went.push((step, told));
    }
    went.sort_by_key(|(step, _)| step.line);
    went
}

/// Lets every task that can run at this moment do so.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

/// The operator's rule that takes a host out of every answer.
fn drop_of(host: &str) -> SiteRule {
    let host = HostPattern::parse(host).expect("a host");
    SiteRule { host, path: String::new(), name: None, effect: Effect::Drop }
}

fn tell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Found { reply, freshness } => {
            let hosts: Vec<_> = reply.candidates.iter().map(|candidate| candidate.url.host()).collect();
            hosts.join("+") + &age(*freshness)
        }
        Outcome::Empty { freshness } => format!("nothing{}", age(*freshness)),
        Outcome::Skipped(reason) => format!("skipped: {reason}"),
        Outcome::Failed(failure) => format!("failed: {}", failure.reason),
        Outcome::Late => "late".to_owned(),
    }
}

fn age(freshness: Freshness) -> String {
    match freshness {
        Freshness::Fresh { .. } => String::new(),
        Freshness::Stale { age } => format!(" (stale {})", short(age)),
    }
}

/// Whole seconds as such, anything else in milliseconds, rounded: tokio's timers keep no more.
fn short(time: Duration) -> String {
    let milliseconds = (time.as_micros() + 500) / 1000;
    if milliseconds > 0 && milliseconds.is_multiple_of(1000) {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

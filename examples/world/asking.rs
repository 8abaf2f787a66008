//! Every engine of the gateway asked every question of the world, each through its real adapter.

use std::{path::Path, sync::Arc};

use cnrp_gateway::{
    backends::{Chain, REGISTRY, Setting},
    config,
    model::{Backend, CommonName, NameQuery, Prepared, SystemClock, prepare},
    resolver::Voice,
    upstream::Lines,
};
use futures_util::{StreamExt as _, future::join_all, stream};

use crate::{
    record::{Line, World},
    replay::Replay,
};

/// Questions on their way at the same time.
const AT_ONCE: usize = 8;

/// An engine of the gateway.
pub(crate) struct Engine {
    pub(crate) name: String,
    pub(crate) voice: Voice,
    backend: Arc<dyn Backend>,
}

/// A question and what each engine said to it; `None` from one that gave no answer.
pub(crate) struct Answered {
    pub(crate) query: NameQuery,
    pub(crate) told: Vec<Option<Prepared>>,
}

impl Answered {
    /// Whoever answered, by its place.
    pub(crate) fn sources(&self) -> Vec<(usize, &Prepared)> {
        self.told.iter().enumerate().filter_map(|(place, told)| Some((place, told.as_ref()?))).collect()
    }
}

/// The engines of the configuration `file`, asking `replay` in place of the engines themselves.
pub(crate) fn engines(file: &Path, replay: &Replay) -> Result<Vec<Engine>, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(file)?;
    let text = text.replace("http://world/", &format!("http://{}/", replay.http));
    let config = config::parse(&text.replace("world:53", &replay.dns.to_string()), file)?;
    let built = config.backends.iter().map(|backend| {
        let known = REGISTRY.iter().find(|known| known.kind == backend.kind);
        let known = known.ok_or_else(|| format!("no type of backend is called {}", backend.kind))?;
        let setting = Setting {
            name: &backend.name,
            folder: &config.folder,
            clock: Arc::new(SystemClock),
            lines: Lines::default(),
            timeout: backend.timeout,
            toll: None,
            seed: 1,
            chain: Chain { pseudonym: "world".to_owned(), ..Chain::default() },
        };
        let built = known.build(&backend.options, &setting)?;
        let voice = Voice { family: built.family(), weight: backend.weight, vouched: built.vouched() };
        Ok(Engine { name: backend.name.clone(), voice, backend: built })
    });
    built.collect()
}

/// Asks every question of `world`, in its order.
pub(crate) async fn ask_all(world: &World, engines: &[Engine]) -> Vec<Answered> {
    let asked = world.lines.iter().filter_map(|line| ask(line, engines));
    stream::iter(asked).buffered(AT_ONCE).collect().await
}

fn ask<'a>(line: &Line, engines: &'a [Engine]) -> Option<impl Future<Output = Answered> + 'a> {
    let query = NameQuery::plain(CommonName::new(&line.query)?);
    Some(async move {
        let told = join_all(engines.iter().map(|engine| hear(engine, &query))).await;
        Answered { query, told }
    })
}

async fn hear(engine: &Engine, query: &NameQuery) -> Option<Prepared> {
    let reply = engine.backend.ask(query).await.ok()?;
    Some(prepare(reply, &query.name, engine.voice.vouched))
}

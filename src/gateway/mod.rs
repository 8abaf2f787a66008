//! The one door: every transport, page and command asks here, and nowhere else.
//!
//! [`Door`] is what callers see. [`Gateway`] stands behind it: it has the question read, asks the
//! resolver for what the sources know, and composes the answer with the statuses that it earned.

mod asked;
mod at_hand;
mod compose;
mod datasets;
mod door;
mod ids;
mod packets;
mod service_object;
mod statuses;
mod suggest;
mod told;
mod trace;

use std::{slice, sync::Arc};

use bytes::Bytes;
use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;
use url::Url;

pub use asked::Ask;
pub use compose::Selection;
pub use door::{Context, Control, Door, Reply, SourceHealth, Transport};
pub use service_object::{Description, OwnService};
pub use trace::Trace;

use compose::{Composition, say_so_if_nothing_matched};
use ids::ResourceId;
use packets::Holds;
use suggest::Suggester;

use crate::{
    cache::PacketCache,
    model::{
        Answer, BoxFuture, Clock, CommonName, Hints, Metrics, NameQuery, Note, Outcome, Prepared, Property,
        Question, Range, Service, Stage, Stages, Status, StatusCode, Suggestion, Target, TraceContext, Via,
    },
    protocol::{self, Decoded, Request},
    resolver::{Ranking, Source, Timing, gather, gather_named},
};

/// What a gateway is made of.
pub struct Parts {
    pub own: OwnService,
    pub sources: Vec<Source>,
    pub timing: Timing,
    pub selection: Selection,
    pub ranking: Ranking,
    /// Longest name understood, in characters (D31).
    pub name_limit: usize,
    /// Replies, each with what is noted whenever it is given.
    pub packets: PacketCache<Option<Arc<Ask>>>,
    pub clock: Arc<dyn Clock>,
    /// Whether the log has the names that are asked for.
    pub tells_names: bool,
}

/// The gateway: sources, and how their answers are put together.
pub struct Gateway {
    parts: Parts,
    /// The dataseturis that may be asked for.
    datasets: Vec<String>,
    suggester: Suggester,
    answer_seconds: Histogram,
    stages: Stages,
}

impl Gateway {
    /// A gateway of these parts.
    pub fn new(parts: Parts, metrics: &Metrics) -> Self {
        let datasets = parts.sources.iter().filter_map(|source| source.dataset.clone()).collect();
        let suggester = Suggester::new(parts.clock.now());
        let (answer_seconds, stages) = (metrics.answer_seconds(), metrics.stages());
        Self { parts, datasets, suggester, answer_seconds, stages }
    }

    /// Its sources, for what shows their state.
    pub fn sources(&self) -> &[Source] {
        &self.parts.sources
    }

    /// Asks one source alone, as `check` does, whatever questions it is for.
    pub async fn try_source(&self, source: &Source, query: &NameQuery) -> Outcome {
        source.guard.ask(source.guard.backend().request(query), query).await
    }

    async fn answer_document(&self, document: &[u8], context: &Context) -> Reply {
        let key = packets::key(document, context);
        // Before the sources are asked: what changes while they are must make the reply old.
        let generation = packets::generation(&self.parts.sources);
        if let Some((document, ask)) = key.as_deref().and_then(|key| self.parts.packets.get(key, generation))
        {
            self.note(ask.as_deref(), context, generation);
            TraceContext::note("cnrp.given_again", || Note::Yes(true));
            return Reply { document, understood: true };
        }
        let Anew { reply, holds_until, ask } = self.answer_anew(document, context).await;
        self.note(ask.as_deref(), context, generation);
        if let (Some(key), Some(until)) = (key, holds_until)
            && until > self.parts.clock.now()
        {
            self.parts.packets.keep(key, reply.document.clone(), ask, until, generation);
        }
        reply
    }

    /// Notes that a name was asked. Only over a connection is the client who it seems to be.
    fn note(&self, ask: Option<&Ask>, context: &Context, generation: u64) {
        if let Some(ask) = ask
            && context.transport == Transport::Http
        {
            self.suggester.note(ask, context.client, generation, self.parts.clock.now());
        }
    }

    async fn answer_anew(&self, document: &[u8], context: &Context) -> Anew {
        let decoded = self.timed(&self.stages.read, || {
            protocol::decode_request(document, context.charset.as_deref(), self.parts.name_limit)
        });
        let Decoded { request, statuses } = match decoded {
            Ok(decoded) if context.trimmed => decoded.repaired("text around the document was ignored"),
            Ok(decoded) => decoded,
            Err(fatal) => {
                let understood = fatal.code != StatusCode::NOT_INTERPRETABLE;
                let answer = Answer::fatal(fatal);
                told::note_answer(&answer);
                let reply = self.reply(&answer, understood, context.transport);
                return Anew { reply, holds_until: None, ask: None };
            }
        };
        let (answer, holds_until, ask) = match request {
            Request::ServiceQuery => {
                TraceContext::note("cnrp.query", || "service".into());
                (Answer { service: Some(self.service()), statuses, ..Answer::default() }, None, None)
            }
            Request::Query(question) => {
                let (answer, holds) = self.resolve_question(&question, statuses, &context.via).await;
                let ask = ask_of(&question, &answer, holds);
                (answer, holds.again, ask)
            }
        };
        Anew { reply: self.reply(&answer, true, context.transport), holds_until, ask: ask.map(Arc::new) }
    }

    fn reply(&self, answer: &Answer, understood: bool, transport: Transport) -> Reply {
        let document = self.timed(&self.stages.write, || match transport {
            Transport::Udp { most } => {
                let servers = &self.parts.own.full.servers;
                protocol::encode_within(answer, servers, most).unwrap_or_default()
            }
            Transport::Http | Transport::Smtp | Transport::Local => protocol::encode_answer(answer, true),
        });
        Reply { document: Bytes::from(document), understood }
    }

    /// Answers, and says until when the answer holds; `earned` are the statuses that reading the
    /// document earned.
    async fn resolve_question(
        &self,
        question: &Question,
        mut earned: Vec<Status>,
        via: &Via,
    ) -> (Answer, Holds) {
        let started = self.parts.clock.now();
        let asked = protocol::read_properties(&question.properties);
        earned.extend(asked.statuses);
        let answer = match &question.target {
            Target::Name(name) if self.is_too_long(name) => {
                (Answer::fatal(self.too_long()), Holds::default())
            }
            Target::Name(name) => {
                let (name, via) = (name.clone(), via.clone());
                let query = NameQuery {
                    name,
                    entry: None,
                    hints: asked.hints,
                    datasets: asked.datasets,
                    range: self.answered(asked.range),
                    via,
                };
                self.resolve_name(query, earned).await
            }
            Target::Id(id) => self.resolve_id(id, self.answered(asked.range), earned, via).await,
        };
        let took = self.parts.clock.now() - started;
        self.answer_seconds.observe(took.as_secs_f64());
        let is_common = |name: &CommonName| self.suggester.is_common(name);
        told::tell(question, &answer.0, took, self.parts.tells_names, is_common);
        told::note_question(question, self.parts.tells_names);
        told::note_answer(&answer.0);
        answer
    }

    /// A range no longer than what is answered at once, so that nobody is asked for more.
    fn answered(&self, range: Range) -> Range {
        Range { length: range.length.map(|length| length.min(self.parts.selection.most)), ..range }
    }

    async fn resolve_name(&self, mut query: NameQuery, mut earned: Vec<Status>) -> (Answer, Holds) {
        earned.extend(datasets::choose(&mut query, &self.datasets));
        if self.denies(&query.name) {
            return (self.nothing(earned), Holds::default());
        }
        let (sources, asked) = (&self.parts.sources, self.parts.clock.now());
        let outcomes = self.gather(sources, &query).await;
        let holds = Holds {
            again: packets::holds_until(&outcomes),
            by_maps: packets::maps_hold_until(sources, &outcomes, &query, asked),
        };
        (self.compose(sources, &outcomes, &query, earned), holds)
    }

    /// Asks the question that an id holds again, and leaves of the answer the resource with that id (D27).
    async fn resolve_id(&self, id: &str, range: Range, earned: Vec<Status>, via: &Via) -> (Answer, Holds) {
        let known = ResourceId::parse(id).and_then(|id| {
            let source = self.parts.sources.iter().find(|source| source.name == id.source)?;
            let name = CommonName::new(&id.name);
            let name = name.filter(|name| !self.is_too_long(name) && !self.denies(name))?;
            Some((id, source, name))
        });
        let Some((id, source, name)) = known else { return (self.nothing(earned), Holds::default()) };
        let hints = hints_of(&id.hints);
        let entry = id.is_entry.then(|| id.name.clone());
        let query = NameQuery { name, entry, hints, range, datasets: Vec::new(), via: via.clone() };
        let sources = slice::from_ref(source);
        let outcomes = self.gather(sources, &query).await;
        let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| narrowed(outcome, &id)).collect();
        let holds = Holds { again: packets::holds_until(&outcomes), ..Holds::default() };
        (self.compose(sources, &outcomes, &query, earned), holds)
    }

    async fn gather(&self, sources: &[Source], query: &NameQuery) -> Vec<Outcome> {
        let started = self.parts.clock.now();
        let outcomes =
            gather(sources, query, self.parts.timing, &self.parts.ranking, &*self.parts.clock).await;
        self.stages.gather.took(self.parts.clock.now() - started);
        outcomes
    }

    fn timed<T>(&self, stage: &Stage, work: impl FnOnce() -> T) -> T {
        let started = self.parts.clock.now();
        let done = work();
        stage.took(self.parts.clock.now() - started);
        done
    }

    fn compose(
        &self,
        sources: &[Source],
        outcomes: &[Outcome],
        query: &NameQuery,
        earned: Vec<Status>,
    ) -> Answer {
        let own = &self.parts.own.brief;
        let (selection, ranking) = (self.parts.selection, &self.parts.ranking);
        let composition = Composition { own, sources, outcomes, query, selection, ranking };
        self.timed(&self.stages.rank, || composition.answer(earned))
    }

    /// Where a name leads for certain: naming services are asked first, and suffice where they know it.
    async fn certain_target(&self, name: &CommonName, via: &Via) -> Option<Url> {
        told::note_asked("name", name.shown(), self.parts.tells_names);
        if self.is_too_long(name) || self.denies(name) {
            return None;
        }
        let mut query = NameQuery { via: via.clone(), ..NameQuery::plain(name.clone()) };
        datasets::choose(&mut query, &self.datasets);
        let Parts { sources, timing, ranking, selection, clock, own, .. } = &self.parts;
        let outcomes = gather_named(sources, &query, *timing, ranking, &**clock).await;
        let (own, selection) = (&own.brief, *selection);
        Composition { own, sources, outcomes: &outcomes, query: &query, selection, ranking }.certain()
    }

    fn nothing(&self, earned: Vec<Status>) -> Answer {
        let service = Some(Arc::clone(&self.parts.own.brief));
        let mut answer = Answer { service, statuses: earned, ..Answer::default() };
        say_so_if_nothing_matched(&mut answer, 0, Range::default());
        answer
    }

    /// Whether the operator has it that nobody answers this name.
    fn denies(&self, name: &CommonName) -> bool {
        self.parts.sources.iter().any(|source| source.guard.backend().denies(name))
    }

    fn is_too_long(&self, name: &CommonName) -> bool {
        let limit = self.parts.name_limit;
        name.shown().len() > limit && name.shown().chars().nth(limit).is_some()
    }

    fn too_long(&self) -> Status {
        let message = format!("the name has more than {} characters", self.parts.name_limit);
        Status::new(StatusCode::TOO_COMPLEX, message)
    }
}

impl Door for Gateway {
    fn answer<'a>(&'a self, document: &'a [u8], context: &'a Context) -> BoxFuture<'a, Reply> {
        Box::pin(self.answer_document(document, context))
    }

    fn resolve<'a>(&'a self, question: &'a Question, context: &'a Context) -> BoxFuture<'a, Answer> {
        Box::pin(async {
            let generation = packets::generation(&self.parts.sources);
            let (answer, holds) = self.resolve_question(question, Vec::new(), &context.via).await;
            self.note(ask_of(question, &answer, holds).as_ref(), context, generation);
            answer
        })
    }

    fn suggest<'a>(
        &'a self,
        typed: &'a CommonName,
        limit: usize,
        _context: &'a Context,
    ) -> BoxFuture<'a, Vec<Suggestion>> {
        Box::pin(async move {
            let Parts { sources, clock, .. } = &self.parts;
            let mut rows = self.suggester.suggest(sources, typed, limit, clock.now());
            rows.retain(|row| CommonName::new(&row.name).is_none_or(|name| !self.denies(&name)));
            rows
        })
    }

    fn certain<'a>(&'a self, name: &'a CommonName, context: &'a Context) -> BoxFuture<'a, Option<Url>> {
        Box::pin(self.certain_target(name, &context.via))
    }

    fn answer_at_hand(&self, document: &[u8], context: &Context) -> Option<Reply> {
        self.reply_at_hand(document, context)
    }

    fn resolve_at_hand(&self, question: &Question, context: &Context) -> Option<Answer> {
        self.answer_of_maps(question, Vec::new(), &context.via)
    }

    fn certain_at_hand(&self, name: &CommonName, context: &Context) -> Option<Url> {
        self.target_of_maps(name, &context.via)
    }

    fn service(&self) -> Arc<Service> {
        Arc::clone(&self.parts.own.full)
    }
}

/// A reply that was made and not remembered.
struct Anew {
    reply: Reply,
    /// Until when it may be given again.
    holds_until: Option<Instant>,
    /// What is to be noted each time it is given.
    ask: Option<Arc<Ask>>,
}

/// What is noted of a question that had this answer.
fn ask_of(question: &Question, answer: &Answer, holds: Holds) -> Option<Ask> {
    match &question.target {
        Target::Name(name) => Ask::of(name, answer, holds.by_maps),
        Target::Id(_) => None,
    }
}

fn hints_of(properties: &[Property]) -> Hints {
    protocol::read_properties(properties).hints
}

/// What is left of an outcome when only the resource with this id is wanted.
fn narrowed(outcome: Outcome, id: &ResourceId) -> Outcome {
    let Outcome::Found { reply, freshness } = outcome else { return outcome };
    let candidates = reply.candidates.iter().filter(|candidate| id.is_of(candidate)).cloned().collect();
    let narrowed = Prepared { candidates, ttl: reply.ttl, ..Prepared::default() };
    Outcome::of(&Arc::new(narrowed), freshness)
}

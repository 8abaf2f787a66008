//! What is answered when there is no room for another question: names that the operator wrote, and
//! replies that are ready. Neither waits for anybody, so an overload by questions that do takes
//! nothing from those that don't.

use url::Url;

use super::{Composition, Context, Gateway, Reply, datasets, packets};
use crate::{
    model::{Answer, CommonName, NameQuery, Question, Status, Target, Via},
    protocol::{self, Decoded, Request},
    resolver::gather_at_hand,
};

impl Gateway {
    /// The reply to a document, if it is at hand.
    pub(super) fn reply_at_hand(&self, document: &[u8], context: &Context) -> Option<Reply> {
        let generation = packets::generation(&self.parts.sources);
        let ready = packets::key(document, context)
            .and_then(|key| self.parts.packets.get(key.as_slice(), generation))
            .map(|(document, _)| Reply { document, understood: true });
        ready.or_else(|| self.reply_of_maps(document, context))
    }

    fn reply_of_maps(&self, document: &[u8], context: &Context) -> Option<Reply> {
        let decoded = protocol::decode_request(document, context.charset.as_deref(), self.parts.name_limit);
        let Decoded { request, statuses } = decoded.ok()?;
        let Request::Query(question) = request else { return None };
        let answer = self.answer_of_maps(&question, statuses, &context.via)?;
        Some(self.reply(&answer, true, context.transport))
    }

    /// The answer of what holds its names in memory, if that says what the name is. Sources that would
    /// have been asked beside it are told of as held back.
    pub(super) fn answer_of_maps(
        &self,
        question: &Question,
        mut earned: Vec<Status>,
        via: &Via,
    ) -> Option<Answer> {
        let Target::Name(name) = &question.target else { return None };
        let asked = protocol::read_properties(&question.properties);
        earned.extend(asked.statuses);
        let query = NameQuery {
            hints: asked.hints,
            datasets: asked.datasets,
            range: asked.range,
            via: via.clone(),
            ..NameQuery::plain(name.clone())
        };
        self.composed_of_maps(query, |composition, chosen| {
            earned.extend(chosen);
            composition.answer(earned)
        })
    }

    /// Where a name leads for certain by what is held in memory.
    pub(super) fn target_of_maps(&self, name: &CommonName, via: &Via) -> Option<Url> {
        let query = NameQuery { via: via.clone(), ..NameQuery::plain(name.clone()) };
        self.composed_of_maps(query, |composition, _| composition.certain()).flatten()
    }

    fn composed_of_maps<T>(
        &self,
        mut query: NameQuery,
        compose: impl FnOnce(Composition<'_>, Vec<Status>) -> T,
    ) -> Option<T> {
        if self.is_too_long(&query.name) || self.denies(&query.name) {
            return None;
        }
        let chosen = datasets::choose(&mut query, &self.datasets).into_iter().collect();
        let (own, sources, ranking) = (&self.parts.own.brief, &self.parts.sources, &self.parts.ranking);
        let outcomes = gather_at_hand(sources, &query, ranking)?;
        let (outcomes, query, selection) = (&outcomes, &query, self.parts.selection);
        Some(compose(Composition { own, sources, outcomes, query, selection, ranking }, chosen))
    }
}

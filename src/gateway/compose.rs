//! Compose: from what the sources said to the answer that the client reads.

use std::sync::Arc;

use url::Url;

use super::{
    ids,
    statuses::{self, Told},
};
use crate::{
    model::{
        Answer, NameQuery, Outcome, Prepared, Range, Referral, ResultItem, Service, Status, StatusCode, Tier,
        Why, is_same_uri,
    },
    resolver::{Ranked, Ranking, Source, Voice, certain, merge, rank},
};

/// How an answer is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Most results in one answer; a range reaches the rest.
    pub most: usize,
    /// Whether hints filter (D34).
    pub strict_hints: bool,
}

/// Everything that goes into an answer.
pub(super) struct Composition<'a> {
    pub own: &'a Arc<Service>,
    pub sources: &'a [Source],
    /// What became of each source, by its place.
    pub outcomes: &'a [Outcome],
    pub query: &'a NameQuery,
    pub selection: Selection,
    pub ranking: &'a Ranking,
}

impl Composition<'_> {
    /// The answer; `earned` are the statuses that reading the question earned.
    pub(super) fn answer(&self, earned: Vec<Status>) -> Answer {
        let told = self.told();
        if let Some(failure) = statuses::total_failure(&told) {
            return Answer::fatal(failure);
        }
        let (results, count) = self.results();
        let mut answer = Answer {
            service: Some(Arc::clone(self.own)),
            results,
            referrals: self.referrals(),
            statuses: earned,
        };
        // Who asked for no dataset misses none.
        let is_told = |status: &Status| !(status.code.denies_dataset() && self.query.datasets.is_empty());
        answer.statuses.extend(told.iter().flat_map(statuses::statuses_of).filter(is_told));
        answer
            .statuses
            .extend(told.iter().filter(|told| self.leads_back(told.outcome)).map(statuses::loop_of));
        say_so_if_nothing_matched(&mut answer, count, self.query.range);
        answer
    }

    fn told(&self) -> Vec<Told<'_>> {
        let pairs = self.sources.iter().zip(self.outcomes);
        pairs
            .map(|(source, outcome)| Told {
                name: &source.name,
                service: source.named(),
                is_cnrp: source.is_cnrp,
                outcome,
            })
            .collect()
    }

    fn voices(&self) -> Vec<Voice> {
        self.sources.iter().map(|source| source.voice).collect()
    }

    fn ranked(&self, voices: &[Voice]) -> Vec<Ranked<'_>> {
        let each = self.outcomes.iter().enumerate();
        let found: Vec<(usize, &Prepared)> =
            each.filter_map(|(place, outcome)| Some((place, outcome.found()?))).collect();
        rank(merge(&found), self.query, voices, self.ranking)
    }

    /// Where the name leads for certain, if it does.
    pub(super) fn certain(&self) -> Option<Url> {
        let voices = self.voices();
        certain(&self.ranked(&voices), &voices)
    }

    /// The results within the range, and how many there are in all.
    fn results(&self) -> (Vec<ResultItem>, usize) {
        let voices = self.voices();
        let mut ranked = self.ranked(&voices);
        if self.selection.strict_hints {
            ranked.retain(|resource| !resource.terms.contradicts);
        }
        let range = self.query.range;
        let length = range.length.map_or(self.selection.most, |length| length.min(self.selection.most));
        let wanted = ranked.iter().enumerate().skip(range.start.saturating_sub(1)).take(length);
        let results = wanted.filter_map(|(place, resource)| self.result(place, resource, &voices)).collect();
        (results, ranked.len())
    }

    fn result(&self, place: usize, ranked: &Ranked<'_>, voices: &[Voice]) -> Option<ResultItem> {
        let best = ranked.best()?;
        let source = self.sources.get(best.source)?;
        let hit = &best.candidate.hit;
        // Asking for the id again has to lead to the very address that is shown (D27).
        let shown = ranked.shown(voices)?;
        let described = ranked.merged.witnesses.iter().map(|witness| &witness.candidate.hit.description);
        let description = std::iter::once(&hit.description).chain(described).find(|text| !text.is_empty());
        Some(ResultItem {
            commonname: hit.name.clone(),
            id: ids::id_of(&self.sources.get(shown.source)?.name, self.query, shown.candidate),
            uri: shown.candidate.url.shown().to_owned(),
            description: description.cloned().unwrap_or_default(),
            properties: hit.properties.clone(),
            service: hit.service.clone().unwrap_or_else(|| source.named()),
            dataset: hit.dataset.clone().or_else(|| self.dataset_of(best.source)),
            score: score_at(place),
            confidence: ranked.confidence,
            why: Some(self.why(ranked)),
        })
    }

    /// The dataset that a source serves, unless it says itself that it has none such.
    fn dataset_of(&self, place: usize) -> Option<String> {
        let reply = self.outcomes.get(place)?.found()?;
        let is_denied = reply.remarks.iter().any(|remark| remark.code.denies_dataset());
        self.sources.get(place)?.dataset.clone().filter(|_| !is_denied)
    }

    /// Who speaks for it, the best witness first, each source once.
    fn why(&self, ranked: &Ranked<'_>) -> Why {
        let mut sources: Vec<String> = Vec::new();
        for source in speakers(ranked).into_iter().filter_map(|place| self.sources.get(place)) {
            if !sources.contains(&source.name) {
                sources.push(source.name.clone());
            }
        }
        Why { tier: ranked.tier(), likeness: ranked.terms.likeness, sources }
    }

    fn referrals(&self) -> Vec<Referral> {
        let mut referrals: Vec<Referral> = Vec::new();
        for referral in self.outcomes.iter().filter_map(Outcome::found).flat_map(|found| &found.referrals) {
            if !self.is_to_us(referral) && !referrals.contains(referral) {
                referrals.push(referral.clone());
            }
        }
        referrals
    }

    fn leads_back(&self, outcome: &Outcome) -> bool {
        outcome.found().is_some_and(|found| found.referrals.iter().any(|referral| self.is_to_us(referral)))
    }

    /// Whether a referral leads to ourselves, for what this answer is about: whoever followed it would ask
    /// the same again (R17).
    fn is_to_us(&self, referral: &Referral) -> bool {
        let asked = &self.query.datasets;
        let is_asked =
            |dataset: &String| asked.is_empty() || asked.iter().any(|one| is_same_uri(one, dataset));
        is_same_uri(&referral.service.uri, &self.own.uri) && referral.dataset.as_ref().is_none_or(is_asked)
    }
}

/// The sources to which a result owes its tier, by their places, the best witness first. What is
/// corroborated owes it to all that agree on the site, whichever of its pages they found; anything else
/// to those that found it.
fn speakers(ranked: &Ranked<'_>) -> Vec<usize> {
    let best = ranked.best().map(|best| best.source);
    match &ranked.corroborated_by {
        Some(families) if ranked.tier() == Tier::Corroborated => {
            let agreeing = families.sources();
            best.into_iter().filter(|best| agreeing.contains(best)).chain(agreeing.iter().copied()).collect()
        }
        _ => best.into_iter().chain(ranked.merged.witnesses.iter().map(|witness| witness.source)).collect(),
    }
}

/// No match is a success that says so (R22, D3); so is a range past the end of `count` results (D6).
pub(super) fn say_so_if_nothing_matched(answer: &mut Answer, count: usize, range: Range) {
    if answer.results.is_empty() && answer.referrals.is_empty() {
        let message = match count {
            0 if answer.is_incomplete() => "nothing matched in what could be had".to_owned(),
            0 => "no source knows it".to_owned(),
            _ if answer.is_incomplete() => {
                format!("the range begins at {}, and {count} results could be had", range.start)
            }
            _ => range.past(count),
        };
        answer.statuses.push(Status::new(StatusCode::NOTHING_MATCHED, message));
    }
}

/// The score shown falls as the place's reciprocal: evidence is not one number, so the score says
/// the order and no more.
fn score_at(place: usize) -> f64 {
    1.0 / f64::from(u32::try_from(place + 1).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Confidence, Family, Hit, Likeness, Reply, Vouched, prepare};

    const SEARX: Voice = Voice { family: Family("searxng"), weight: 1.0, vouched: Vouched::BySearch };
    const BRAVE: Voice = Voice { family: Family("brave"), weight: 1.0, vouched: Vouched::BySearch };
    const DNS: Voice = Voice { family: Family::DNS, weight: 1.0, vouched: Vouched::BySearch };
    const STATIC: Voice = Voice { family: Family("static"), weight: 1.0, vouched: Vouched::ByOperator };

    /// Address and speakers of each result for "Acme", in order.
    fn spoken_for(told: &[(Voice, Vec<Hit>)]) -> Vec<(String, Vec<usize>)> {
        let query = NameQuery::plain(CommonName::new("Acme").unwrap());
        let voices: Vec<_> = told.iter().map(|(voice, _)| *voice).collect();
        let prepared =
            told.iter().map(|(voice, hits)| prepare(Reply::of(hits.clone()), &query.name, voice.vouched));
        let prepared: Vec<Prepared> = prepared.collect();
        let ranked = rank(
            merge(&prepared.iter().enumerate().collect::<Vec<_>>()),
            &query,
            &voices,
            &Ranking::default(),
        );
        ranked.iter().map(|one| (one.uri(&voices).to_owned(), speakers(one))).collect()
    }

    fn hit(title: &str, uri: &str) -> Hit {
        Hit::mention(title, uri, "")
    }

    #[test]
    fn those_who_agree_on_a_site_speak_for_its_front_page_whichever_page_they_found() {
        let spoken = spoken_for(&[
            (SEARX, vec![hit("Zeta", "https://other.example/")]),
            (BRAVE, vec![hit("Acme jobs", "https://acme.com/jobs")]),
            (DNS, vec![hit("acme.com", "https://acme.com/")]),
        ]);
        assert_eq!(spoken[0], ("https://acme.com/".to_owned(), vec![2, 1, 2]));
        assert_eq!(spoken[1], ("https://acme.com/jobs".to_owned(), vec![1, 1]), "one witness");
    }

    #[test]
    fn who_doubts_itself_speaks_for_no_agreement() {
        let doubtful = Hit { ceiling: Some(Confidence::Low), ..hit("Acme", "https://acme.com/") };
        let found = || vec![hit("Acme", "https://acme.com/")];
        let spoken = spoken_for(&[(STATIC, vec![doubtful]), (SEARX, found()), (BRAVE, found())]);
        assert_eq!(spoken[0].1, [1, 1, 2]);
    }

    #[test]
    fn d27_an_id_is_that_of_the_witness_whose_address_is_shown() {
        let query = NameQuery::plain(CommonName::new("Acme").unwrap());
        let told =
            |voice: Voice, uri: &str| prepare(Reply::of(vec![hit("Acme", uri)]), &query.name, voice.vouched);
        let prepared = [told(SEARX, "http://acme.com"), told(DNS, "https://www.acme.com/")];
        let ranked = |voices: &[Voice]| {
            let found: Vec<_> = prepared.iter().enumerate().collect();
            let ranked = rank(merge(&found), &query, voices, &Ranking::default());
            let shown = ranked[0].shown(voices).unwrap();
            (shown.source, shown.candidate.url.shown().to_owned(), ranked[0].uri(voices).to_owned())
        };
        let secure = "https://www.acme.com/".to_owned();
        assert_eq!(ranked(&[SEARX, DNS]), (1, secure.clone(), secure));
        let written = "http://acme.com/".to_owned();
        assert_eq!(
            ranked(&[STATIC, DNS]),
            (0, written.clone(), written),
            "the operator's word is shown as it is"
        );
    }

    #[test]
    fn an_assertion_is_spoken_for_by_who_found_the_page() {
        let asserted = Hit { likeness: Likeness::Same, ..hit("Acme", "https://acme.com/") };
        let spoken = spoken_for(&[
            (BRAVE, vec![hit("Acme", "https://acme.com/")]),
            (SEARX, vec![hit("Acme jobs", "https://acme.com/jobs")]),
            (STATIC, vec![asserted]),
        ]);
        assert_eq!(spoken[0].1, [2, 0, 2]);
    }
}

//! From what a question came to, to the account of it.

use std::{borrow::Cow, time::SystemTime};

use serde_json::Value;

use super::{
    Account, BackendAccount, Dropped, ResultAccount, Understood, Watched,
    account::{HitAccount, PropertyAccount, StatusAccount},
};
use crate::{
    gateway::{Gateway, Trace},
    model::{Ask, Effect, Freshness, NameQuery, Outcome, Prepared, Reason},
    resolver::{Ranked, Source, Terms, Voice, When, merge, plan},
};

/// The version of the form.
const VERSION: u32 = 1;

/// The term that stands for the order of a service's list.
const LIST: &str = "list";

/// Every decision about the question of `trace`, which was asked at `at`. `watched` are the backends,
/// in the order of the configuration.
pub fn account(
    gateway: &Gateway,
    trace: &Trace,
    watched: &[std::sync::Arc<Watched>],
    at: SystemTime,
) -> Account {
    let outcomes = gateway.sources().iter().zip(&trace.outcomes).zip(watched);
    Account {
        version: VERSION,
        program: env!("CARGO_PKG_VERSION"),
        at: httpdate::fmt_http_date(at),
        question: understood(trace),
        backends: outcomes
            .map(|((source, outcome), watched)| backend(source, outcome, watched, trace))
            .collect(),
        results: results(gateway, trace),
        denied_by: trace
            .denied_by
            .and_then(|place| gateway.sources().get(place))
            .map(|source| source.name.clone()),
        dropped: dropped(gateway, trace),
        referrals: trace.answer.referrals.iter().map(|referral| referral.service.uri.clone()).collect(),
        statuses: trace
            .answer
            .statuses
            .iter()
            .map(|status| StatusAccount { code: status.code.to_string(), message: status.message.clone() })
            .collect(),
    }
}

fn understood(trace: &Trace) -> Understood {
    let NameQuery { name, hints, datasets, range, .. } = &trace.query;
    let most = trace.selection.most;
    Understood {
        name: name.shown().to_owned(),
        folded: name.folded().to_owned(),
        key: name.key().to_owned(),
        spelt_out: name.spelt_out().map(|name| name.folded().to_owned()),
        words: name.words().map(str::to_owned).collect(),
        hints: hints
            .sent
            .iter()
            .map(|property| PropertyAccount {
                name: property.name.clone(),
                kind: property.kind.clone(),
                value: property.value.clone(),
            })
            .collect(),
        datasets: datasets.clone(),
        start: range.start,
        length: range.length.map_or(most, |length| length.min(most)),
    }
}

fn backend(source: &Source, outcome: &Outcome, watched: &Watched, trace: &Trace) -> BackendAccount {
    let query = &trace.query;
    let ask = plan(source.guard.backend().as_ref(), source.dataset.as_deref(), &source.when, query);
    let is_local = ask == Ask::Local;
    let (cache, age_s) = cache(outcome, is_local).unzip();
    let (reason, message) = reason(source, outcome, &ask, trace).unzip();
    let found = outcome.found();
    BackendAccount {
        name: source.name.clone(),
        kind: source.kind.clone(),
        family: source.voice.family.0,
        vouched: source.voice.vouched,
        weight: source.voice.weight,
        stage: source.stage,
        request: match ask {
            Ask::Local => Some("memory".to_owned()),
            Ask::Request(request) => Some(request),
            Ask::Skip(_) => None,
        },
        outcome: word(outcome),
        reason: reason.map(Reason::word),
        message,
        cache,
        age_s: age_s.flatten(),
        took_ms: watched.took().map(|took| (took.as_secs_f64() * 10_000.0).round() / 10.0),
        hits: found.map(hits).unwrap_or_default(),
        referrals: found.iter().flat_map(|found| &found.referrals).map(|r| r.service.uri.clone()).collect(),
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Found { .. } => "found",
        Outcome::Empty { .. } => "empty",
        Outcome::Skipped(_) => "not-asked",
        Outcome::Failed(_) => "failed",
        Outcome::Late => "late",
    }
}

/// Where an answer came from, and how old it is if it is stale.
fn cache(outcome: &Outcome, is_local: bool) -> Option<(&'static str, Option<u64>)> {
    let (Outcome::Found { freshness, .. } | Outcome::Empty { freshness }) = outcome else { return None };
    Some(match freshness {
        Freshness::Stale { age } => ("stale", Some(age.as_secs())),
        Freshness::Fresh { .. } if is_local => ("memory", None),
        Freshness::Fresh { until: Some(_) } => ("fresh", None),
        Freshness::Fresh { until: None } => ("missed", None),
    })
}

/// Why there is no answer, by its word and in words.
fn reason(source: &Source, outcome: &Outcome, ask: &Ask, trace: &Trace) -> Option<(Reason, String)> {
    Some(match outcome {
        Outcome::Found { .. } | Outcome::Empty { .. } => return None,
        Outcome::Skipped(reason) => (*reason, why_not(source, *reason, ask, trace)),
        Outcome::Failed(failure) => (failure.reason, failure.detail.clone()),
        Outcome::Late => {
            (Reason::TimedOut, "left behind at the deadline, or at the end of the grace".to_owned())
        }
    })
}

fn why_not(source: &Source, reason: Reason, ask: &Ask, trace: &Trace) -> String {
    let query = &trace.query;
    if trace.denied_by.is_some() {
        return "the operator has it that nobody answers this name".to_owned();
    }
    if reason == Reason::Loop {
        return "the question has come through this gateway already, or through too many".to_owned();
    }
    let is_wanted = query.datasets.is_empty()
        || source.dataset.as_ref().is_some_and(|dataset| query.datasets.contains(dataset));
    if !is_wanted {
        return "dataset: another one is asked for".to_owned();
    }
    if let Some(condition) = unmet(&source.when, query) {
        return format!("when.{condition}: the question does not fit");
    }
    match ask {
        Ask::Skip(_) => "it takes no such name".to_owned(),
        _ => format!("stage {}: an earlier stage gave a result of tier A or B", source.stage),
    }
}

/// The first condition of `when` that the question does not meet.
fn unmet(when: &When, query: &NameQuery) -> Option<&'static str> {
    let conditions = [
        ("languages", When { languages: when.languages.clone(), ..When::default() }),
        ("categories", When { categories: when.categories.clone(), ..When::default() }),
        ("min_words", When { min_words: when.min_words, ..When::default() }),
        ("max_words", When { max_words: when.max_words, ..When::default() }),
    ];
    conditions.into_iter().find(|(_, condition)| !condition.fits(query)).map(|(key, _)| key)
}

fn hits(found: &Prepared) -> Vec<HitAccount> {
    let each = found.candidates.iter().enumerate();
    let each = each.map(|(place, candidate)| HitAccount {
        rank: place + 1,
        name: candidate.hit.name.clone(),
        uri: candidate.url.shown().to_owned(),
        identity: candidate.url.identity().to_owned(),
    });
    each.collect()
}

fn results(gateway: &Gateway, trace: &Trace) -> Vec<ResultAccount> {
    let voices = gateway.voices();
    let mut ranked = gateway.ranked(trace);
    ranked.retain(|one| !is_filtered(trace, one));
    let terms: Vec<_> = ranked.iter().map(|one| owned(&one.terms)).collect();
    let each = ranked.iter().enumerate();
    each.map(|(place, one)| {
        let next = terms.get(place + 1);
        let own = owned(&one.terms);
        ResultAccount {
            before_next_by: next.map(|next| decider(&own, next)),
            ..result(place, one, &voices, gateway, trace)
        }
    })
    .collect()
}

fn result(
    place: usize,
    one: &Ranked<'_>,
    voices: &[Voice],
    gateway: &Gateway,
    trace: &Trace,
) -> ResultAccount {
    let best = one.best();
    let source = best.and_then(|best| gateway.sources().get(best.source));
    let length = trace.query.range.length.unwrap_or(usize::MAX).min(trace.selection.most);
    let first = trace.query.range.start.saturating_sub(1);
    ResultAccount {
        place: place + 1,
        is_answered: place >= first && place - first < length,
        name: best.map(|best| best.candidate.hit.name.clone()).unwrap_or_default(),
        uri: one.uri(voices).to_owned(),
        site: one.merged.site().to_owned(),
        confidence: one.confidence,
        best: source.map(|source| source.name.clone()).unwrap_or_default(),
        evidence: one.evidence(voices),
        terms: owned(&one.terms),
        before_next_by: None,
    }
}

fn owned(terms: &Terms<'_>) -> Terms<'static> {
    Terms { identity: Cow::Owned(terms.identity.to_string()), ..terms.clone() }
}

fn is_filtered(trace: &Trace, one: &Ranked<'_>) -> bool {
    trace.selection.strict_hints && one.terms.contradicts
}

/// The first of the terms that differs, as they are shown; where by it the other would stand first,
/// the list of a service had to keep its order.
fn decider(one: &Terms<'_>, next: &Terms<'_>) -> String {
    if one > next {
        return LIST.to_owned();
    }
    let (one, next) = (serde_json::to_value(one), serde_json::to_value(next));
    let (Ok(Value::Object(one)), Ok(next)) = (one, next) else { return LIST.to_owned() };
    let differs = one.iter().find(|(name, value)| next.get(name.as_str()) != Some(value));
    differs.map_or_else(|| LIST.to_owned(), |(name, _)| name.clone())
}

fn dropped(gateway: &Gateway, trace: &Trace) -> Vec<Dropped> {
    let voices = gateway.voices();
    let found = trace.found();
    let ruled = merge(&found).into_iter().filter_map(|entry| {
        let (place, rule) = gateway.ranking().rule(&entry, &trace.query.name)?;
        let uri = entry.witnesses.first()?.candidate.url.shown().to_owned();
        (rule.effect == Effect::Drop).then(|| Dropped { uri, by: format!("sites[{place}]") })
    });
    let ranked = gateway.ranked(trace);
    let filtered = ranked.iter().filter(|one| is_filtered(trace, one));
    let filtered =
        filtered.map(|one| Dropped { uri: one.uri(&voices).to_owned(), by: "strict_hints".to_owned() });
    ruled.chain(filtered).collect()
}

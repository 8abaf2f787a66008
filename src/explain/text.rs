//! The account of an answer, as a person reads it.

use std::fmt::Write;

use serde_json::Value;

use super::{Account, BackendAccount, ResultAccount};
use crate::{model::Likeness, render::text::clean, resolver::Testimony};

/// How many results are told in full; of the others, the address.
const MOST_TOLD: usize = 10;

/// Everything that was decided, in the order in which it was.
pub fn text(account: &Account) -> String {
    let mut text = question(account);
    text.push_str("\nBackends\n");
    let longest = account.backends.iter().map(|backend| backend.name.len()).max().unwrap_or_default();
    for one in &account.backends {
        text.push_str(&backend(one, longest));
    }
    text.push_str(if account.results.is_empty() { "\nNo results\n" } else { "\nResults\n" });
    for one in account.results.iter().take(MOST_TOLD) {
        text.push_str(&result(one, account));
    }
    text.push_str(&rest(account));
    text
}

fn question(account: &Account) -> String {
    let question = &account.question;
    let mut text = format!("{}\n", clean(&question.name));
    line(&mut text, &format!("compared as {}, asked as {}", clean(&question.key), clean(&question.folded)));
    if let Some(spelt_out) = &question.spelt_out {
        line(&mut text, &format!("spelt out {}", clean(spelt_out)));
    }
    for hint in &question.hints {
        line(
            &mut text,
            &format!("prefers {} {} ({})", clean(&hint.name), clean(&hint.value), clean(&hint.kind)),
        );
    }
    for dataset in &question.datasets {
        line(&mut text, &format!("in {}", clean(dataset)));
    }
    if question.start > 1 {
        line(&mut text, &format!("results from {} on", question.start));
    }
    text
}

fn line(text: &mut String, words: &str) {
    text.push_str("   ");
    text.push_str(words);
    text.push('\n');
}

fn backend(one: &BackendAccount, longest: usize) -> String {
    let told = match one.outcome {
        "found" => format!("found {}", count(one)),
        "empty" => "knows nothing of it".to_owned(),
        "not-asked" => format!("not asked: {}", message(one)),
        outcome => format!("{outcome}, {}: {}", one.reason.unwrap_or_default(), message(one)),
    };
    let from = match (one.cache, one.age_s) {
        (Some("memory"), _) => ", from memory".to_owned(),
        (Some("fresh"), _) => ", from the cache".to_owned(),
        (Some("stale"), Some(age)) => format!(", from the cache, {age} s old"),
        _ => String::new(),
    };
    let took = one.took_ms.map_or_else(String::new, |took| format!(", {took} ms"));
    format!(
        "   {:longest$}  {} ({}, stage {}, weight {}){from}{took}\n",
        one.name, told, one.kind, one.stage, one.weight
    )
}

fn count(one: &BackendAccount) -> String {
    match one.referrals.len() {
        0 => one.hits.len().to_string(),
        referrals => format!("{}, and refers to {referrals}", one.hits.len()),
    }
}

fn message(one: &BackendAccount) -> String {
    clean(one.message.as_deref().unwrap_or_default())
}

fn result(one: &ResultAccount, account: &Account) -> String {
    let mut text = format!("{:>3}. {}\n", one.place, clean(&one.uri));
    let outside = if one.is_answered { "" } else { ", outside the range" };
    line(
        &mut text,
        &format!(
            "  {}: tier {}, {} confidence{outside}",
            clean(&one.name),
            one.terms.tier.letter(),
            one.confidence.word()
        ),
    );
    for told in &one.evidence.testimony {
        line(&mut text, &format!("  {}", testimony(told, account)));
    }
    if !one.evidence.corroborated_by.is_empty() {
        let families: Vec<_> = one.evidence.corroborated_by.iter().map(|family| family.0).collect();
        line(&mut text, &format!("  agreed on by {}", families.join(", ")));
    }
    if one.evidence.lookalike.is_some() {
        line(&mut text, "  its host looks like another: believed only where it is asserted");
    }
    if one.evidence.is_for_sale {
        line(&mut text, "  its domain is for sale: believed only where it is asserted, whoever agrees");
    }
    if let Some(rule) = one.evidence.rule {
        line(&mut text, &format!("  by the operator's rule sites[{rule}]"));
    }
    if one.evidence.is_ordinary {
        line(&mut text, "  dictionary words alone are mostly no name: believed only where it is asserted");
    }
    line(&mut text, &format!("  {}", terms(one)));
    if let Some(term) = &one.before_next_by {
        line(&mut text, &format!("  stands before the next by {term}"));
    }
    text
}

/// `handbook: place 1 of its list, worth tier A, title begins with the name, vote 0.9091`.
fn testimony(told: &Testimony, account: &Account) -> String {
    let name = account.backends.get(told.source).map_or("", |backend| backend.name.as_str());
    let mut text = format!("{name}: place {} of its list, worth tier {}", told.rank, told.claim.letter());
    if let Some(likeness) = likeness(told.likeness) {
        let _ = write!(text, ", {likeness}");
    }
    for (is, words) in [
        (told.fit.title, "title begins with the name"),
        (told.fit.host, "host is the name"),
        (told.fit.kin && !told.fit.host, "host is akin to the name"),
        (told.fit.slip, "host or title is one slip away"),
    ] {
        if is {
            let _ = write!(text, ", {words}");
        }
    }
    if let Some(ceiling) = told.ceiling {
        let _ = write!(text, ", at most {} by its own word", ceiling.word());
    }
    let _ = write!(text, ", vote {:.4}", told.vote);
    text
}

/// What a naming source says of the name asked and the name it knows.
fn likeness(likeness: Likeness) -> Option<&'static str> {
    Some(match likeness {
        Likeness::Same => "exactly this name",
        Likeness::Form => "another form of this name",
        Likeness::Initials => "a name of these initials",
        Likeness::Slip => "a name one slip away",
        Likeness::Words => "a name of nearly these words",
        Likeness::Mention => return None,
    })
}

/// The terms by their names, those left out that say nothing.
fn terms(one: &ResultAccount) -> String {
    let Ok(Value::Object(terms)) = serde_json::to_value(&one.terms) else { return String::new() };
    let told = terms.iter().filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
    let told = told.map(|(name, value)| match value {
        Value::Bool(_) => name.clone(),
        Value::String(text) => format!("{name} {}", clean(text)),
        Value::Number(number) if number.is_f64() => {
            format!("{name} {:.4}", number.as_f64().unwrap_or_default())
        }
        other => format!("{name} {other}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// What follows the results told in full.
fn rest(account: &Account) -> String {
    let mut text = String::new();
    let more = account.results.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        let _ = writeln!(text, "     and {more} more: --format json tells all");
    }
    for dropped in &account.dropped {
        line(&mut text, &format!("dropped by {}: {}", dropped.by, clean(&dropped.uri)));
    }
    for referral in &account.referrals {
        line(&mut text, &format!("refers to {}", clean(referral)));
    }
    for status in &account.statuses {
        line(&mut text, &format!("{} {}", status.code, clean(&status.message)));
    }
    text
}

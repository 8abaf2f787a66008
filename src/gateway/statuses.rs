//! What became of each source, as the statuses that the client reads (D18, D32).

use std::sync::Arc;

use crate::model::{Freshness, Outcome, Reason, Service, Status, StatusCode};

/// The part of a source that a status tells of.
#[derive(Debug, Clone)]
pub(super) struct Told<'a> {
    pub name: &'a str,
    pub service: Arc<Service>,
    /// Whether it is another CNRP service, which has a code of its own.
    pub is_cnrp: bool,
    pub outcome: &'a Outcome,
}

/// The status that one outcome earns, if it earns any.
pub(super) fn status_of(told: &Told<'_>) -> Option<Status> {
    let about = |code, message: String| Some(Status::about(code, message, Arc::clone(&told.service)));
    match told.outcome {
        Outcome::Found { freshness: Freshness::Stale { age }, .. } => about(
            StatusCode::SERVICE_INFORMATION,
            format!(
                "{}: this answer is {} old; a fresh one could not be had",
                told.name,
                in_words(age.as_secs())
            ),
        ),
        outcome => {
            let reason = failure_of(outcome)?;
            let code =
                if told.is_cnrp { StatusCode::REFERRAL_SERVER_UNAVAILABLE } else { StatusCode::INCOMPLETE };
            about(code, format!("{}: {reason}", told.name))
        }
    }
}

/// The lone status when no source gave anything: busy where every cause is load that passes, else
/// failed. `None` as long as one source answered, or none was asked; a question that has come round
/// in a circle is answered, with what there is without going round again (D37).
pub(super) fn total_failure(told: &[Told<'_>]) -> Option<Status> {
    if told.iter().any(|told| matches!(told.outcome, Outcome::Found { .. } | Outcome::Empty { .. })) {
        return None;
    }
    let causes: Vec<_> =
        told.iter().filter_map(|told| Some((told.name, failure_of(told.outcome)?))).collect();
    if causes.iter().all(|(_, reason)| *reason == Reason::Loop) {
        return None;
    }
    let is_load = causes.iter().all(|(_, reason)| reason.is_temporary_load());
    let code = if is_load { StatusCode::TOO_BUSY } else { StatusCode::FAILED };
    let list: Vec<_> = causes.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
    Some(Status::new(code, format!("no source answered ({})", list.join(", "))))
}

/// Why a source that was meant to answer did not. One that was left behind has failed for this
/// answer (D18); one that the query is not for has not.
fn failure_of(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Found { .. } | Outcome::Empty { .. } | Outcome::Skipped(Reason::NotAsked) => None,
        Outcome::Skipped(reason) => Some(*reason),
        Outcome::Failed(failure) => Some(failure.reason),
        Outcome::Late => Some(Reason::TimedOut),
    }
}

/// An age as a person says it.
fn in_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

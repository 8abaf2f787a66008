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

/// The statuses that one outcome earns: what became of it, and what its source says of its own answer.
pub(super) fn statuses_of(told: &Told<'_>) -> Vec<Status> {
    let passed_on = |remark: &Status| {
        let message = format!("{}: {}", told.name, remark.message);
        Status::about(remark.code, message, Arc::clone(&told.service))
    };
    let remarks = told.outcome.found().into_iter().flat_map(|reply| &reply.remarks).map(passed_on);
    status_of(told).into_iter().chain(remarks).collect()
}

/// The status that says what became of a source, if there is anything to say.
fn status_of(told: &Told<'_>) -> Option<Status> {
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
            let reason = outcome.failure()?;
            let code =
                if told.is_cnrp { StatusCode::REFERRAL_SERVER_UNAVAILABLE } else { StatusCode::INCOMPLETE };
            about(code, format!("{}: {reason}", told.name))
        }
    }
}

/// The status of a source that refers to ourselves, as of one that would lead back to us if it were asked
/// (D37).
pub(super) fn loop_of(told: &Told<'_>) -> Status {
    let message = format!("{}: {}", told.name, Reason::Loop);
    Status::about(StatusCode::REFERRAL_SERVER_UNAVAILABLE, message, Arc::clone(&told.service))
}

/// The lone status when no source gave anything: busy where every cause is load that passes, else
/// failed. `None` as long as one source answered, or none was asked; a question that has come round
/// in a circle is answered, with what there is without going round again (D37).
pub(super) fn total_failure(told: &[Told<'_>]) -> Option<Status> {
    if told.iter().any(|told| matches!(told.outcome, Outcome::Found { .. } | Outcome::Empty { .. })) {
        return None;
    }
    let causes: Vec<_> = told.iter().filter_map(|told| Some((told.name, told.outcome.failure()?))).collect();
    if causes.iter().all(|(_, reason)| *reason == Reason::Loop) {
        return None;
    }
    let is_load = causes.iter().all(|(_, reason)| reason.is_temporary_load());
    let code = if is_load { StatusCode::TOO_BUSY } else { StatusCode::FAILED };
    let list: Vec<_> = causes.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
    Some(Status::new(code, format!("no source answered ({})", list.join(", "))))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Failure, Prepared};

    fn told<'a>(outcome: &'a Outcome, service: &'a Arc<Service>, is_cnrp: bool) -> Told<'a> {
        Told { name: "partner", service: Arc::clone(service), is_cnrp, outcome }
    }

    fn failed(reason: Reason) -> Outcome {
        Outcome::Failed(Failure::new(reason, "detail for the log"))
    }

    fn status(outcome: &Outcome, is_cnrp: bool) -> Option<(String, String)> {
        let service = Arc::new(Service::named("urn:example:partner"));
        let status = status_of(&told(outcome, &service, is_cnrp))?;
        assert_eq!(status.about, Some(service), "it says whom it is about");
        Some((status.code.to_string(), status.message))
    }

    #[test]
    fn d18_a_source_that_failed_is_told_with_the_word_of_its_reason() {
        let said = |code: &str, message: &str| Some((code.to_owned(), message.to_owned()));
        assert_eq!(status(&failed(Reason::Reset), false), said("3.2.0", "partner: reset"));
        assert_eq!(status(&failed(Reason::Reset), true), said("3.2.1", "partner: reset"));
        assert_eq!(status(&Outcome::Late, false), said("3.2.0", "partner: timed-out"));
        assert_eq!(status(&Outcome::Skipped(Reason::NotAsked), false), None);
        assert_eq!(status(&Outcome::Empty { freshness: Freshness::Fresh { until: None } }, false), None);
    }

    #[test]
    fn d37_a_service_that_would_lead_back_to_us_is_told_as_a_loop() {
        let said = status(&Outcome::Skipped(Reason::Loop), true);
        assert_eq!(said, Some(("3.2.1".to_owned(), "partner: loop".to_owned())));
    }

    #[test]
    fn d18_what_a_service_says_of_its_own_answer_is_told_in_its_name() {
        let remarks = vec![
            Status::new(StatusCode::REFERRAL_SERVER_UNAVAILABLE, Reason::Reset.word()),
            Status::new(StatusCode::SERVICE_INFORMATION, "two days old"),
        ];
        let reply = Arc::new(Prepared { remarks, ..Prepared::default() });
        let outcome = Outcome::of(&reply, Freshness::Fresh { until: None });
        let service = Arc::new(Service::named("urn:example:partner"));
        let said = statuses_of(&told(&outcome, &service, true));
        let said: Vec<_> = said.iter().map(|one| (one.code.to_string(), one.message.as_str())).collect();
        assert_eq!(said, [("3.2.1".into(), "partner: reset"), ("1.2.0".into(), "partner: two days old")]);
        assert_eq!(outcome.holds_until(), None, "something is missing in it");
    }

    #[test]
    fn d32_a_stale_answer_says_how_old_it_is() {
        for (seconds, age) in [(1, "1 second"), (150, "2 minutes"), (3_600, "1 hour"), (200_000, "2 days")] {
            let freshness = Freshness::Stale { age: Duration::from_secs(seconds) };
            let stale = Outcome::Found { reply: Arc::new(Prepared::default()), freshness };
            let message = format!("partner: this answer is {age} old; a fresh one could not be had");
            assert_eq!(status(&stale, false), Some(("1.2.0".to_owned(), message)));
        }
    }

    #[test]
    fn d18_with_nothing_from_anybody_load_is_busy_and_all_else_a_failure() {
        let service = Arc::new(Service::named("urn:example:partner"));
        let total = |outcomes: &[Outcome]| {
            let told: Vec<_> = outcomes.iter().map(|outcome| told(outcome, &service, false)).collect();
            total_failure(&told).map(|status| status.code)
        };
        assert_eq!(
            total(&[failed(Reason::RateLimited), Outcome::Skipped(Reason::BudgetSpent)]),
            Some(StatusCode::TOO_BUSY)
        );
        assert_eq!(total(&[failed(Reason::RateLimited), Outcome::Late]), Some(StatusCode::FAILED));
        assert_eq!(
            total(&[Outcome::Late, Outcome::Empty { freshness: Freshness::Fresh { until: None } }]),
            None
        );
        assert_eq!(total(&[Outcome::Skipped(Reason::NotAsked)]), None, "nobody was meant to answer");
        assert_eq!(total(&[]), None);
    }
}

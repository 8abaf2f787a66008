//! Why a service that was reached gave no answer, or not the whole of one: its status codes (RFC 3367,
//! appendix B) as reasons of the closed list, which every status of ours has the word of (D18).

use super::Error;
use crate::model::{Answer, Failure, Reason, Status, StatusCode};

/// The failure that a service speaks of in a status of class 4 or 5. Only the code counts: a stranger's
/// words must not decide how long the service is left alone.
pub fn refusal(status: &Status) -> Failure {
    let detail = format!("the service says {} {:.200}", status.code, status.message);
    Failure::new(reason_of(status.code), detail.trim_end())
}

/// Why a reply is of no use: it never came, it only says that it failed, or else it has no service object.
pub(super) fn why_not(reply: Result<Answer, Error>) -> Failure {
    let no_service = || Failure::new(Reason::Malformed, "no service object in it");
    match reply {
        Ok(answer) => answer.failure().map_or_else(no_service, refusal),
        Err(error) => error.into(),
    }
}

/// Why something is missing in an answer, of which a status of 3.2.x tells: the word that the status has,
/// alone or between colons as gateways such as this one write it, or else what its code means.
pub fn missing(status: &Status) -> Reason {
    let said = status.message.split(':').find_map(|part| Reason::parse(part.trim()));
    said.unwrap_or_else(|| reason_of(status.code))
}

fn reason_of(code: StatusCode) -> Reason {
    match code {
        // Both pass by themselves.
        StatusCode::TOO_BUSY | StatusCode::IN_MAINTENANCE => Reason::RateLimited,
        // Of this one question, and no word about the next.
        StatusCode::TOO_COMPLEX => Reason::TooLarge,
        // It failed, or what it asks did, for now or for good: nobody is there to ask.
        StatusCode { subject: 2, .. } => Reason::Unreachable,
        // It is there, and says no.
        _ => Reason::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: &str, message: &str) -> Status {
        let [class, subject, detail] = code.split('.').collect::<Vec<_>>()[..] else { panic!("{code}") };
        let code = StatusCode::new(class.parse().unwrap(), subject.parse().unwrap(), detail.parse().unwrap());
        Status::new(code, message)
    }

    #[test]
    fn r15_d18_every_failure_of_appendix_b_has_its_reason() {
        for (code, reason) in [
            ("4.0.0", Reason::Refused),
            ("4.1.0", Reason::Refused),
            ("4.2.0", Reason::TooLarge),
            ("4.2.1", Reason::RateLimited),
            ("4.2.2", Reason::RateLimited),
            ("4.2.3", Reason::Unreachable),
            ("5.0.0", Reason::Refused),
            ("5.1.0", Reason::Refused),
            ("5.2.0", Reason::Unreachable),
            ("5.2.1", Reason::Unreachable),
            ("5.2.2", Reason::Unreachable),
            ("4.2.9", Reason::Unreachable),
            ("9.7.1", Reason::Refused),
        ] {
            let failure = refusal(&status(code, "web: captcha"));
            assert_eq!(failure.reason, reason, "{code}");
            assert_eq!(failure.detail, format!("the service says {code} web: captcha"));
        }
        assert_eq!(refusal(&status("4.2.3", "")).detail, "the service says 4.2.3");
    }

    #[test]
    fn d18_what_is_missing_has_the_word_that_the_service_gives_it_or_that_of_its_code() {
        for (code, message, reason) in [
            ("3.2.0", "web: timed-out", Reason::TimedOut),
            ("3.2.1", "loop", Reason::Loop),
            ("3.2.1", "refused: nobody listens: 111", Reason::Refused),
            ("3.2.0", "some engines are down", Reason::Unreachable),
            ("3.2.1", "the reset button: was pressed", Reason::Unreachable),
            ("3.2.0", "", Reason::Unreachable),
        ] {
            assert_eq!(missing(&status(code, message)), reason, "{code} {message}");
        }
    }
}

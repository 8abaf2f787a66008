//! How a command ends.

use std::process::ExitCode;

use crate::app::Failure;
use crate::model::{Answer, StatusCode};

/// The exit codes, which scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done; for a question, something was found.
    Done,
    /// 1: nothing was found.
    NothingFound,
    /// 1: `lint` found what may be mistakes.
    Findings,
    /// 1: `healthcheck` found the gateway not ready, or not there; a container engine knows 0 and 1 alone.
    Unhealthy,
    /// 2: the command line or the configuration is wrong.
    Usage,
    /// 3: the service failed or could not be reached.
    Failed,
    /// 4: the answer was refused as invalid.
    InvalidAnswer,
}

impl Exit {
    /// What an answer amounts to. A referral is something found: it says where to go on. Nothing in an
    /// incomplete answer is no word about the name, unless the service itself says that nothing matched.
    pub fn of_answer(answer: &Answer) -> Self {
        if !answer.results.is_empty() || !answer.referrals.is_empty() {
            Self::Done
        } else if answer.failure().is_some()
            || answer.is_incomplete() && !answer.says(StatusCode::NOTHING_MATCHED)
        {
            Self::Failed
        } else {
            Self::NothingFound
        }
    }

    /// What a failure amounts to.
    pub fn of_failure(failure: &Failure) -> Self {
        match failure {
            Failure::Usage(_) => Self::Usage,
            Failure::Service(_) => Self::Failed,
            Failure::InvalidAnswer(_) => Self::InvalidAnswer,
        }
    }

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NothingFound | Self::Findings | Self::Unhealthy => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::InvalidAnswer => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Referral, Service, Status};

    #[test]
    fn an_answer_ends_as_what_it_says() {
        let with = |codes: &[StatusCode]| {
            let statuses = codes.iter().map(|code| Status::new(*code, "")).collect();
            Exit::of_answer(&Answer { statuses, ..Answer::default() })
        };
        assert_eq!(with(&[StatusCode::NOTHING_MATCHED]), Exit::NothingFound);
        assert_eq!(with(&[StatusCode::NOTHING_MATCHED, StatusCode::INCOMPLETE]), Exit::NothingFound);
        assert_eq!(
            with(&[StatusCode::INCOMPLETE]),
            Exit::Failed,
            "what was cut away may be what was asked for"
        );
        assert_eq!(with(&[StatusCode::FAILED]), Exit::Failed);
        assert_eq!(with(&[StatusCode::TOO_BUSY]), Exit::Failed);
        assert_eq!(with(&[StatusCode::new(5, 2, 1)]), Exit::Failed, "for now or for good");
        let referral = Referral { service: Arc::new(Service::named("urn:x")), dataset: None };
        assert_eq!(Exit::of_answer(&Answer { referrals: vec![referral], ..Answer::default() }), Exit::Done);
    }

    #[test]
    fn codes_are_those_that_scripts_know() {
        let all = [Exit::Done, Exit::NothingFound, Exit::Usage, Exit::Failed, Exit::InvalidAnswer];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4]);
    }
}

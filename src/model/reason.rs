//! Why a backend gave no answer: a closed list, one word each, shared by status texts, explain,
//! metrics and `/status`.

use std::fmt;

/// Why a backend gave no answer of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    NotAsked,
    Loop,
    BudgetSpent,
    RateLimited,
    Suspended,
    TimedOut,
    Unreachable,
    Refused,
    Reset,
    Tls,
    Unauthorised,
    Quota,
    Captcha,
    HttpError,
    Malformed,
    TooLarge,
    Unsafe,
}

impl Reason {
    /// Every reason, for metrics that register their labels once.
    pub const ALL: [Self; 17] = [
        Self::NotAsked,
        Self::Loop,
        Self::BudgetSpent,
        Self::RateLimited,
        Self::Suspended,
        Self::TimedOut,
        Self::Unreachable,
        Self::Refused,
        Self::Reset,
        Self::Tls,
        Self::Unauthorised,
        Self::Quota,
        Self::Captcha,
        Self::HttpError,
        Self::Malformed,
        Self::TooLarge,
        Self::Unsafe,
    ];

    /// The one word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Loop => "loop",
            Self::BudgetSpent => "budget-spent",
            Self::RateLimited => "rate-limited",
            Self::Suspended => "suspended",
            Self::TimedOut => "timed-out",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Tls => "tls",
            Self::Unauthorised => "unauthorised",
            Self::Quota => "quota",
            Self::Captcha => "captcha",
            Self::HttpError => "http-error",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::Unsafe => "unsafe",
        }
    }

    /// The reason that has this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Whether the cause is load that passes by itself: when every backend failed so, the
    /// service is busy (4.2.1) rather than broken (4.2.3) (D18).
    pub fn is_temporary_load(self) -> bool {
        matches!(self, Self::BudgetSpent | Self::RateLimited | Self::Quota)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

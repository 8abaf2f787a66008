//! Whether a gateway answers as its operator expects, asked of the gateway itself.
//!
//! An answer that is not as expected is one of two things. It is *wrong* where it would be so
//! whatever is the matter today; then the configuration must not take effect. It is *open* where a
//! backend failed that might have made it right; then nothing is known against the configuration,
//! and a gateway that must start without its network starts. What is to be absent is open as well
//! where a backend failed that might have found it.

use std::{fmt, path::PathBuf, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::Failure;
use crate::{
    config::{self, Config, Expectation, Expected, values::Unwanted},
    gateway::{Gateway, Trace},
    model::{Answer, Reason, ResourceUrl, ResultItem, Tier, Vouched},
};

/// How many are asked at a time: enough that a slow backend does not hold up all of them, few
/// enough that one with a rate is not asked all at once.
const AT_ONCE: usize = 4;

/// The longest that a backend's rate is waited for: a gateway is to start in its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The shortest pause before a backend with a rate is asked again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// How many results of an answer are shown in place of what was expected.
const MOST_SHOWN: usize = 3;

/// An expectation that was not met, or that a backend which failed might have broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The file of the configuration, the line in it, and the key, such as `expect[2]`.
    pub place: (PathBuf, usize, String),
    /// The name that was asked for.
    pub name: String,
    /// What was expected, in words.
    pub expected: String,
    /// The answer that came instead, in words.
    pub came: String,
    /// The backends that failed, and might have made it otherwise; empty where nothing could have.
    pub failed: Vec<(String, Reason)>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, key) = &self.place;
        write!(
            f,
            "{}:{line}: {key}: {}: expected {}, got {}",
            file.display(),
            self.name,
            self.expected,
            self.came
        )?;
        for (place, (name, reason)) in self.failed.iter().enumerate() {
            let lead = if place == 0 { "; open, as these failed: " } else { ", " };
            write!(f, "{lead}{name} ({reason})")?;
        }
        Ok(())
    }
}

/// [`judge`], with everything that is wrong in words.
///
/// # Errors
/// As for [`judge`].
pub(super) async fn hold(gateway: &Gateway, config: &Config) -> Result<Vec<Unmet>, Failure> {
    judge(gateway, config).await.map_err(|wrong| refusal(&wrong))
}

/// Asks `gateway` for every name that something is expected of. To be called before a configuration
/// takes effect. Gives what is open, as a backend failed.
///
/// # Errors
/// Everything that is wrong, one by one: the configuration must not take effect.
pub(super) async fn judge(gateway: &Gateway, config: &Config) -> Result<Vec<Unmet>, Vec<Unmet>> {
    // Made before they run: a stream that still had to make them could not move between threads.
    let asked: Vec<_> =
        config.expect.iter().map(|expectation| settle(gateway, config, expectation)).collect();
    let unmet: Vec<_> = stream::iter(asked).buffered(AT_ONCE).filter_map(std::future::ready).collect().await;
    let (wrong, open): (Vec<_>, Vec<_>) = unmet.into_iter().partition(|one| one.failed.is_empty());
    if wrong.is_empty() { Ok(open) } else { Err(wrong) }
}

/// What is wrong, in words.
pub(super) fn refusal(wrong: &[Unmet]) -> Failure {
    let lines: Vec<_> = wrong.iter().map(Unmet::to_string).collect();
    let answers = if wrong.len() == 1 { "answer is" } else { "answers are" };
    Failure::Usage(format!("{} {answers} not as expected\n{}", wrong.len(), lines.join("\n")))
}

/// Asks until nothing is open for a backend's own rate alone, or the time for that is over.
async fn settle(gateway: &Gateway, config: &Config, expectation: &Expectation) -> Option<Unmet> {
    let end = Instant::now() + PATIENCE;
    loop {
        let (unmet, pause) = ask(gateway, config, expectation).await?;
        match pause {
            Some(pause) if Instant::now() + pause <= end => tokio::time::sleep(pause).await,
            _ => return Some(unmet),
        }
    }
}

/// What is wrong or open, and where that is for a rate: when to ask again.
async fn ask(
    gateway: &Gateway,
    config: &Config,
    expectation: &Expectation,
) -> Option<(Unmet, Option<Duration>)> {
    let unmet = |came, failed| Unmet {
        place: (config.file.clone(), expectation.line, expectation.key.clone()),
        name: expectation.name.shown().to_owned(),
        expected: in_words(&expectation.expected),
        came,
        failed,
    };
    let Some(trace) = gateway.trace(&expectation.name, &expectation.hints).await else {
        let came = "nothing: the name is longer than limits.name_length".to_owned();
        return Some((unmet(came, Vec::new()), None));
    };
    let is_met = is_met(&expectation.expected, &trace.answer);
    let blamed = blamed(&expectation.expected, is_met, &trace, gateway);
    if is_met && blamed.is_empty() {
        return None;
    }
    let pause = blamed.iter().filter_map(|one| pause_for(one, gateway, config)).min();
    Some((unmet(shown(&trace.answer), blamed), pause))
}

/// How long the rate of a backend is to be waited for that was not asked for its rate; `None` where
/// that is not why it failed.
fn pause_for((name, reason): &(String, Reason), gateway: &Gateway, config: &Config) -> Option<Duration> {
    let source = gateway.sources().iter().find(|source| source.name == *name)?;
    let is_suspended = source.guard.state().suspension.is_some_and(|suspension| !suspension.is_over);
    if *reason != Reason::RateLimited || is_suspended {
        return None;
    }
    let backend = config.backends.iter().find(|backend| backend.name == *name)?;
    let pace = |rate: &config::values::Rate| rate.period.length() / rate.count.max(1);
    let paces = backend.rates.iter().filter(|rate| !rate.period.is_budget()).map(pace);
    paces.min().map(|pace| pace.max(SHORTEST_PAUSE))
}

fn is_met(expected: &Expected, answer: &Answer) -> bool {
    match expected {
        Expected::Top(uris) => {
            answer.results.first().is_some_and(|first| uris.iter().any(|uri| is_same(uri, &first.uri)))
        }
        Expected::Absent(unwanted) => {
            !answer.results.iter().any(|result| unwanted.iter().any(|one| is_meant(one, result)))
        }
        Expected::Any(is) => answer.results.is_empty() != *is,
    }
}

/// Whether two addresses are one resource, in whatever spelling.
fn is_same(one: &str, other: &str) -> bool {
    let identity = |uri| ResourceUrl::parse(uri, Vouched::ByOperator).map(|url| url.identity().to_owned());
    one == other || identity(one).is_some_and(|one| Some(one) == identity(other))
}

fn is_meant(unwanted: &Unwanted, result: &ResultItem) -> bool {
    match unwanted {
        Unwanted::Resource(uri) => is_same(uri, &result.uri),
        Unwanted::Host(host) => ResourceUrl::parse(&result.uri, Vouched::ByOperator).is_some_and(|url| {
            let above = url.host().strip_suffix(host.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        }),
    }
}

/// The backends whose failure might be why. What is found is found whoever failed, and what is not
/// found may be what they would have; where a naming source says what the name is, no search could
/// have come before that.
fn blamed(expected: &Expected, is_met: bool, trace: &Trace, gateway: &Gateway) -> Vec<(String, Reason)> {
    let wants_nothing = matches!(expected, Expected::Absent(_) | Expected::Any(false));
    if is_met != wants_nothing {
        return Vec::new();
    }
    let is_asserted = gateway.ranked(trace).first().is_some_and(|first| first.tier() == Tier::Asserted);
    let failed = gateway.sources().iter().zip(&trace.outcomes).filter_map(|(source, outcome)| {
        let could_matter = wants_nothing || !is_asserted || source.voice.vouched != Vouched::BySearch;
        Some((source.name.clone(), outcome.failure().filter(|_| could_matter)?))
    });
    failed.collect()
}

fn in_words(expected: &Expected) -> String {
    let list = |texts: Vec<&str>| texts.join(" or ");
    match expected {
        Expected::Top(uris) => format!("{} first", list(uris.iter().map(String::as_str).collect())),
        Expected::Absent(unwanted) => {
            let texts = unwanted.iter().map(|one| match one {
                Unwanted::Resource(text) | Unwanted::Host(text) => text.as_str(),
            });
            format!("no {}", list(texts.collect()))
        }
        Expected::Any(true) => "something".to_owned(),
        Expected::Any(false) => "nothing".to_owned(),
    }
}

/// The answer in a line: its first results, each with its confidence.
fn shown(answer: &Answer) -> String {
    let results = answer.results.iter().take(MOST_SHOWN);
    let mut shown: Vec<_> =
        results.map(|result| format!("{} ({})", result.uri, result.confidence.word())).collect();
    let more = answer.results.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") }
}

//! The reading of scenarios.

use std::time::Duration;

use crate::{
    guard::{Budgets, Policy, Rate},
    model::{CalendarUnit, Reason},
};

pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) deadline: Duration,
    pub(super) grace: Duration,
    /// Hosts that the operator drops.
    pub(super) drops: Vec<String>,
    pub(super) sources: Vec<Scripted>,
    /// In order of time.
    pub(super) steps: Vec<Step>,
}

/// A backend and its guard.
#[derive(Clone)]
pub(super) struct Scripted {
    pub(super) name: String,
    pub(super) policy: Policy,
    pub(super) budgets: Budgets,
    pub(super) asserts: bool,
    pub(super) is_local: bool,
    pub(super) stage: u32,
    pub(super) family: &'static str,
    pub(super) script: Vec<(Duration, Deed)>,
}

/// What a backend does with a call.
#[derive(Clone)]
pub(super) struct Deed {
    pub(super) act: Act,
    pub(super) after: Duration,
    pub(super) ttl: Option<Duration>,
    pub(super) retry: Option<Duration>,
    pub(super) incomplete: bool,
}

#[derive(Clone)]
pub(super) enum Act {
    Answer(Vec<String>),
    Fail(Reason),
    Hang,
    Panic,
}

pub(super) struct Step {
    pub(super) at: Duration,
    pub(super) what: What,
    /// The line that says what is expected.
    pub(super) line: usize,
    pub(super) expected: String,
}

pub(super) enum What {
    Ask { name: String, leave: Option<Duration>, is_go: bool },
    Calls(String),
    State(String),
    Counted(String),
}

impl Scenario {
    pub(super) fn read(name: &str, text: &str) -> Self {
        let mut scenario = Self {
            name: name.to_owned(),
            deadline: Duration::from_millis(2500),
            grace: Duration::from_millis(300),
            drops: Vec::new(),
            sources: Vec::new(),
            steps: Vec::new(),
        };
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap().trim();
            if !line.is_empty() && scenario.take(number + 1, line).is_none() {
                panic!("{name}.txt:{}: not understood: {line}", number + 1);
            }
        }
        scenario.steps.sort_by_key(|step| step.at);
        scenario
    }

    fn take(&mut self, number: usize, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "deadline" => self.deadline = time(rest)?,
            "grace" => self.grace = time(rest)?,
            "drop" => self.drops.push(rest.to_owned()),
            "source" => self.sources.push(source(rest)?),
            "from" => {
                let (from, deed) = rest.split_once(": ")?;
                self.sources.last_mut()?.script.push((time(from)?, read_deed(deed)?));
            }
            "at" => self.steps.push(step(number, rest)?),
            "->" => {
                let step = self.steps.last_mut().filter(|step| matches!(step.what, What::Ask { .. }))?;
                (step.line, step.expected) = (number, rest.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            _ => return None,
        }
        Some(())
    }
}

fn step(line: usize, text: &str) -> Option<Step> {
    let (at, rest) = text.split_once(' ')?;
    let (verb, rest) = rest.split_once(' ')?;
    let at = time(at)?;
    if matches!(verb, "ask" | "go") {
        let (name, leave) = match rest.split_once(", leave at ") {
            Some((name, leave)) => (name, Some(time(leave)?)),
            None => (rest, None),
        };
        let what = What::Ask { name: name.to_owned(), leave, is_go: verb == "go" };
        return Some(Step { at, what, line, expected: String::new() });
    }
    let (source, expected) = rest.split_once(": ")?;
    let what = match verb {
        "calls" => What::Calls(source.to_owned()),
        "state" => What::State(source.to_owned()),
        "counted" => What::Counted(source.to_owned()),
        _ => return None,
    };
    Some(Step { at, what, line, expected: expected.to_owned() })
}

fn source(text: &str) -> Option<Scripted> {
    let (name, options) = text.split_once(':')?;
    let mut source = Scripted {
        name: name.to_owned(),
        policy: Policy {
            timeout: Duration::from_secs(1),
            concurrency: 8,
            rates: Vec::new(),
            ttl: Duration::from_secs(10),
            negative_ttl: Duration::from_secs(5),
            stale: Duration::from_secs(3600),
            stale_after: Duration::from_millis(800),
        },
        budgets: Budgets::default(),
        asserts: false,
        is_local: false,
        stage: 1,
        family: "scripted",
        script: Vec::new(),
    };
    for option in options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once(' ').unwrap_or((option, ""));
        match key {
            "ttl" => source.policy.ttl = time(value)?,
            "negative" => source.policy.negative_ttl = time(value)?,
            "timeout" => source.policy.timeout = time(value)?,
            "stale" => source.policy.stale = time(value)?,
            "stale_after" => source.policy.stale_after = time(value)?,
            "concurrency" => source.policy.concurrency = value.parse().ok()?,
            "rate" => {
                let (count, per) = value.split_once('/')?;
                source.policy.rates.push(Rate { count: count.parse().ok()?, per: time(per)? });
            }
            "budget" => {
                let (count, unit) = value.split_once('/')?;
                let unit = CalendarUnit::ALL.into_iter().find(|known| known.word() == unit)?;
                source.budgets.limits.push((unit, count.parse().ok()?));
            }
            "asserts" => source.asserts = true,
            "local" => source.is_local = true,
            "stage" => source.stage = value.parse().ok()?,
            "dns" => source.family = "dns",
            _ => return None,
        }
    }
    Some(source)
}

fn read_deed(text: &str) -> Option<Deed> {
    let mut parts = text.split(", ");
    let act = parts.next()?;
    let act = match act.split_once(' ').unwrap_or((act, "")) {
        ("answers", hosts) => Act::Answer(hosts.split(' ').map(str::to_owned).collect()),
        ("knows", "nothing") => Act::Answer(Vec::new()),
        ("fails", word) => Act::Fail(Reason::parse(word)?),
        ("hangs", "") => Act::Hang,
        ("panics", "") => Act::Panic,
        _ => return None,
    };
    let mut deed = Deed { act, after: Duration::ZERO, ttl: None, retry: None, incomplete: false };
    for part in parts {
        match part.split_once(' ').unwrap_or((part, "")) {
            ("after", value) => deed.after = time(value)?,
            ("ttl", value) => deed.ttl = Some(time(value)?),
            ("retry", value) => deed.retry = Some(time(value)?),
            ("incomplete", _) => deed.incomplete = true,
            _ => return None,
        }
    }
    Some(deed)
}

pub(super) fn time(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(char::is_alphabetic);
    let count: u64 = digits.parse().ok()?;
    let milliseconds = match text.strip_prefix(digits)? {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(count * milliseconds))
}

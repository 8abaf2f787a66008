//! Scenarios: scripted backends, questions at given moments, and the answers that must come, read
//! from `fixtures/gather/*.txt` and run on a paused clock. Days pass in milliseconds, and every
//! time is exact.
//!
//! A scenario is read line by line; `#` begins a comment, times are `300ms`, `2s`, `10m`, `1d`.
//!
//! ```text
//! deadline 2500ms                          of every question (this is the default)
//! grace 300ms                              after an assertion (default)
//! drop a.example                           the operator has it that this host is no result
//!
//! source s: ttl 10s, timeout 1s            a backend and what its guard allows; see below
//!   from 0s: answers a.example, after 300ms
//!   from 20s: fails reset                  holds for calls that begin from then on
//!
//! at 0ms ask alpha                         a question by one client ...
//!   -> 300ms s: a.example                  ... when it is answered, and each source's outcome
//! at 0ms ask alpha, leave at 100ms         a client that goes away
//!   -> left
//! at 0ms go alpha                          a question of `/go`, for which a naming service is enough
//!   -> 300ms s: a.example
//! at 1s calls s: 1                         how often the backend has been called by then
//! at 1s state s: working                   or `suspended for reset until 12s`
//! at 1s counted s: found 1, miss 1         all that the metrics show of the source
//! ```
//!
//! *Options* of a source: `ttl`, `negative` (ttl of "nothing"), `timeout`, `stale`, `stale_after`,
//! `concurrency N`, `rate N/TIME` (may be repeated), `asserts` (a naming source, whose answers are
//! tier A), `local` (answers from memory, without cache or limits), `stage N`, `dns` (of another
//! family than the others, so that what both find is tier B).
//!
//! *What a backend does*: `answers HOST...`, `knows nothing`, `fails REASON`, `hangs`, `panics`;
//! further `after TIME` (how long it takes), `ttl TIME` (what it says of its answer),
//! `incomplete`, `retry TIME` (its Retry-After).
//!
//! *Outcomes*: hosts joined by `+`, or `nothing`, each with `(stale AGE)` where it is; `late`;
//! `skipped: REASON`; `failed: REASON`. Those of several sources are joined by `; `.

mod language;
mod world;

use std::{fs, path::Path};

use language::{Scenario, Step};
use proptest::prelude::*;

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/gather");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &Path| {
        Scenario::read(file.file_stem().unwrap().to_str().unwrap(), &fs::read_to_string(file).unwrap())
    };
    files.iter().map(|file| read(file)).collect()
}

/// Prints the list: `cargo test --lib scenario -- --nocapture`.
#[test]
fn every_scenario_goes_as_written() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 20, "the scenarios were not found");
    let mut wrong = Vec::new();
    for scenario in &scenarios {
        println!("scenario {}", scenario.name);
        wrong.extend(run(scenario));
    }
    println!("{} scenarios", scenarios.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What went otherwise than written.
fn run(scenario: &Scenario) -> Vec<String> {
    let wrong = play(scenario).into_iter().filter(|(step, went)| step.expected != *went);
    let told = wrong.map(|(step, went)| {
        format!("{}.txt:{}: written: {}, went: {went}", scenario.name, step.line, step.expected)
    });
    told.collect()
}

fn play(scenario: &Scenario) -> Vec<(&Step, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(world::play(scenario))
}

fn deed() -> impl Strategy<Value = String> {
    let after = (0..4000_u32).prop_map(|after| format!("after {after}ms"));
    let act = prop_oneof![
        Just("answers a.example"),
        Just("answers a.example, ttl 1s"),
        Just("answers b.example, incomplete"),
        Just("knows nothing"),
        Just("fails reset"),
        Just("fails rate-limited, retry 3s"),
        Just("hangs"),
    ];
    (act, after).prop_map(|(act, after)| format!("{act}, {after}"))
}

fn source() -> impl Strategy<Value = String> {
    let options = prop_oneof![
        Just(""),
        Just(", asserts"),
        Just(", concurrency 1"),
        Just(", rate 1/2s"),
        Just(", stage 2"),
        Just(", stage 7, asserts")
    ];
    (500..5000_u32, options, deed(), deed()).prop_map(|(timeout, options, first, then)| {
        format!(": ttl 3s, timeout {timeout}ms{options}\n  from 0s: {first}\n  from 7s: {then}\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The promise to every client, whatever the sources do: an outcome for each source, by the
    /// deadline.
    #[test]
    fn every_question_is_answered_by_its_deadline(
        sources in proptest::collection::vec(source(), 1..4),
        asks in proptest::collection::vec((0..20_000_u64, 0..3_u8), 1..8),
    ) {
        let sources: String =
            sources.iter().enumerate().map(|(i, source)| format!("source s{i}{source}")).collect();
        let asks: String = asks.iter().map(|(at, name)| format!("at {at}ms ask name{name}\n")).collect();
        let scenario = Scenario::read("any", &format!("deadline 1500ms\n{sources}{asks}"));
        for (step, went) in play(&scenario) {
            let (at, outcomes) = went.split_once(' ').expect("a time and the outcomes");
            let took = language::time(at).expect("a time").saturating_sub(step.at);
            prop_assert!(took <= scenario.deadline, "{went}");
            prop_assert_eq!(outcomes.split("; ").count(), scenario.sources.len());
        }
    }
}

#[test]
fn a_scenario_that_goes_otherwise_is_told_with_its_line() {
    let text = "source s:\n  from 0s: answers a.example, after 300ms\nat 0s ask alpha\n  -> 200ms s: a.example\nat 1s calls s: 2\n";
    let told = run(&Scenario::read("wrong", text));
    assert_eq!(
        told,
        [
            "wrong.txt:4: written: 200ms s: a.example, went: 300ms s: a.example",
            "wrong.txt:5: written: 2, went: 1"
        ]
    );
}

#[test]
#[should_panic(expected = "wrong.txt:2: not understood: from 0s: dances")]
fn a_line_that_is_not_understood_is_told() {
    Scenario::read("wrong", "source s:\n  from 0s: dances\n");
}

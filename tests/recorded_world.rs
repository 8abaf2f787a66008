//! What the recorded world shows holds, in the world that is kept here and in one of another seed and
//! other names: the real adapters ask it over real sockets, and what they find is ranked.

// A test that panics has failed, which is what it is for; what it counted it says.
#![allow(clippy::expect_used, clippy::print_stdout)]

// The code that measures is shared with the command that prints the figures.
#[path = "../examples/world/asking.rs"]
mod asking;
#[path = "../examples/world/interval.rs"]
mod interval;
// Its printed figures are not looked at here.
#[allow(dead_code)]
#[path = "../examples/world/measure.rs"]
mod measure;
#[path = "../examples/world/record.rs"]
mod record;
#[path = "../examples/world/replay.rs"]
mod replay;
#[path = "../examples/world/sweep.rs"]
mod sweep;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use cnrp_gateway::resolver::constants::RANK_CONSTANT;
use measure::{Findings, fixtures};

/// Of the well-known names so many come first with high confidence at least: never to be sure is no
/// way to be right.
const SURE_OF_WELL_KNOWN: f64 = 0.80;

/// Has the script make a world, with these arguments beside the names.
fn made(file: &str, arguments: &[&str]) -> PathBuf {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/recorded_world.py");
    let mut command = Command::new("python3");
    command.arg(script).arg("--out").arg(&out).args(arguments);
    for (option, file) in
        [("--names", "names.csv"), ("--queries", "queries.jsonl"), ("--negatives", "negatives.jsonl")]
    {
        command.arg(option).arg(fixtures().join(file));
    }
    let ran = command.output().expect("python3, of the Debian package python3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    out
}

fn unpacked(file: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(file).expect("a world");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("compressed UTF-8");
    text
}

/// No other constant is better than ours by more than chance gives, and ours tried is ours.
#[track_caller]
fn no_other_constant_is_better(findings: &Findings) {
    for (k, tried) in &findings.tried {
        let margin = tried.margin(&findings.ours);
        assert!(margin.low <= 0.0, "k = {k} is better: {margin:?}");
        if (k - RANK_CONSTANT).abs() < f64::EPSILON {
            assert_eq!((margin.low, margin.high), (0.0, 0.0), "ours tried is not ours");
            assert!((tried.reciprocal_rank() - findings.ours.reciprocal_rank()).abs() < 1e-12);
        }
    }
    assert!(findings.tried.iter().any(|(k, _)| (k - RANK_CONSTANT).abs() < f64::EPSILON));
}

#[track_caller]
fn holds(findings: &Findings) {
    let misses = findings.misses.join("\n");
    let best = findings.best_engine().expect("engines");
    for other in findings.plain.iter().chain([best]) {
        let margin = findings.ours.margin(other);
        assert!(margin.low > 0.0, "ours over {}: {margin:?}\n{misses}", other.name);
    }
    println!("no names: {} questions", findings.nobody_sure.of);
    assert_eq!(findings.nobody_sure.held, 0, "no names, yet high confidence\n{misses}");
    no_other_constant_is_better(findings);
    let sure = findings.well_known_sure;
    assert!(sure.value() >= SURE_OF_WELL_KNOWN, "well-known names: {:.3}\n{misses}", sure.value());
}

#[tokio::test]
async fn ours_is_right_more_often_than_any_engine_and_than_plain_fusion() {
    let findings = measure::measure(&fixtures().join("world.jsonl.gz")).await.expect("a world");
    assert_eq!(findings.nobody_sure.of, 100);
    for engine in &findings.engines {
        assert!(engine.success() < 0.9, "{} leaves nothing to win", engine.name);
    }
    holds(&findings);
}

#[tokio::test]
async fn another_seed_and_other_names_show_the_same() {
    let world = made("another.jsonl", &["--seed", "8", "--count", "200", "--negatives-count", "200"]);
    let findings = measure::measure(&world).await.expect("a world");
    assert_eq!(findings.nobody_sure.of, 200, "every question of the sample that means nobody");
    holds(&findings);
}

#[test]
fn the_world_that_is_kept_is_the_one_that_the_script_makes() {
    let again = made("again.jsonl.gz", &[]);
    let kept = fixtures().join("world.jsonl.gz");
    assert!(unpacked(&again) == unpacked(&kept), "run scripts/recorded_world.py as docs/ranking.md says");
}

#[tokio::test]
async fn what_is_not_in_the_record_is_said() {
    let text = unpacked(&fixtures().join("world.jsonl.gz"));
    let line = text.lines().next().expect("a line").replacen("\"mojeek\"", "\"another\"", 1);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lacking.jsonl");
    std::fs::write(&file, line).expect("a file");
    let error = measure::measure(&file).await.err().expect("an error").to_string();
    assert!(error.starts_with("asked and not in the record: mojeek: "), "{error}");
}

#[test]
fn the_interval_is_that_of_the_bootstrap() {
    let same = interval::interval(&[1.0; 10]);
    assert_eq!((same.mean, same.low, same.high), (1.0, 1.0, 1.0));
    // Of 100 coins the mean is .5, and its bounds 1.96 standard errors of .05 away.
    let coins: Vec<f64> = (0..100).map(|place| f64::from(place % 2)).collect();
    let fair = interval::interval(&coins);
    assert!((fair.mean - 0.5).abs() < 1e-9, "{fair:?}");
    assert!((fair.low - 0.402).abs() < 0.015 && (fair.high - 0.598).abs() < 0.015, "{fair:?}");
}

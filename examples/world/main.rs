//! Prints how our ranking does in a recorded world, beside each engine alone and plain fusion:
//!
//! `cargo run --release --example world -- [--world WORLD.jsonl.gz] [--misses]`
//!
//! Without a world it takes the one in `fixtures/world/`; `scripts/recorded_world.py` makes others. With
//! `--misses` every question is printed whose first result is wrong, or less sure than it ought to be. The
//! constant of the fused rank is tried at other values as well; all constants are printed at the end.

// A command speaks on its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod asking;
mod interval;
mod measure;
mod record;
mod replay;
mod sweep;

use std::{path::PathBuf, process::ExitCode};

use cnrp_gateway::resolver::constants::CONSTANTS;
use measure::{Findings, Share, Way};

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn print(findings: &Findings) {
    println!("{:24} Success@1  MRR", "");
    let ways = findings.engines.iter().chain(&findings.plain).chain([&findings.ours]);
    for way in ways {
        println!("{:24} {:.3}      {:.3}", way.name, way.success(), way.reciprocal_rank());
    }
    for other in findings.best_engine().into_iter().chain(&findings.plain) {
        print_margin(&findings.ours, other);
    }
    for (kind, share) in &findings.kinds {
        print_share(&format!("ours, {kind}"), *share);
    }
    print_share("well-known names: right, high confidence", findings.well_known_sure);
    print_share("names: wrong, high confidence", findings.wrongly_sure);
    print_share("no names: a result of high confidence", findings.nobody_sure);
    for (_, way) in &findings.tried {
        println!("{:24} {:.3}      {:.3}", way.name, way.success(), way.reciprocal_rank());
        print_margin(way, &findings.ours);
    }
    println!("ranked with:");
    for (name, value) in CONSTANTS {
        println!("{name:20} {value}");
    }
}

fn print_margin(way: &Way, other: &Way) {
    let margin = way.margin(other);
    println!(
        "{} over {}: {:+.3}, 95 % between {:+.3} and {:+.3}",
        way.name, other.name, margin.mean, margin.low, margin.high
    );
}

fn print_share(what: &str, share: Share) {
    println!("{what}: {:.3} ({} of {})", share.value(), share.held, share.of);
}

#[tokio::main]
async fn main() -> ExitCode {
    let world = argument("--world").map_or_else(|| measure::fixtures().join("world.jsonl.gz"), PathBuf::from);
    match measure::measure(&world).await {
        Ok(findings) => {
            print(&findings);
            if std::env::args().any(|argument| argument == "--misses") {
                findings.misses.iter().for_each(|miss| println!("{miss}"));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

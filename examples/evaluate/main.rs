//! Prints Success@1 of a static map over a list of queries, for each kind of query:
//!
//! `cargo run --release --example evaluate -- --names names.csv.gz --queries queries.jsonl [--misses KIND]`
//!
//! NAMES may be an index that `cnrp index build` wrote (`names.idx`).
//!
//! Queries of the kind `country` are asked with their country as a hint; `unhinted` is how many of them have every
//! country's site among the results without one. The constants of ranking are printed below the figures.
//!
//! With `--misses` the queries of that kind whose first result is wrong are printed as well.

// A command speaks on its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod measure;

use std::{path::Path, process::ExitCode, time::Instant};

use cnrp_gateway::{backends::static_names, resolver::constants::CONSTANTS};

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (Some(names), Some(queries)) = (argument("--names"), argument("--queries")) else {
        return Err("usage: evaluate --names FILE --queries FILE [--misses KIND]".into());
    };
    let wanted = argument("--misses");
    let names = Path::new(&names);
    let queries = std::fs::read_to_string(&queries)?;
    let begun = Instant::now();
    let map = match names.extension() {
        Some(ending) if ending == "idx" => static_names::from_index(names)?,
        _ => measure::map(names, &std::fs::read(names)?)?,
    };
    println!("map read in {:.0?}", begun.elapsed());
    let begun = Instant::now();
    let scores = measure::measure(map.as_ref(), &queries, |asked, found| {
        if wanted.as_ref() == Some(&asked.kind) {
            println!("{:?} wants {:?}, got {found:?}", asked.query, asked.answers);
        }
    })?;
    let count = scores.get("all").map_or(0, |score| score.of);
    println!("{count} queries, {:.1?} each, ranking included", begun.elapsed() / count.max(1));
    for (kind, score) in scores {
        println!("{kind:10} {:.3}  {:4} of {}", score.share(), score.right, score.of);
    }
    println!("ranked with:");
    for (name, value) in CONSTANTS {
        println!("{name:20} {value}");
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

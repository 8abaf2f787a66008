//! How often the first result is the right one: Success@1 of a static map over a list of queries,
//! for each kind of query.
//!
//! `cargo run --release --example evaluate -- --names names.csv.gz --queries queries.jsonl [--misses KIND]`
//!
//! A query is a JSON object a line with `query`, `kind` and `answers`, the registrable domains
//! that count as right; without answers (a word that is no name) nothing better than low
//! confidence counts as right. It is asked as the gateway asks: the static backend, then
//! preparation, merge and rank.

use std::{collections::BTreeMap, path::Path, process::ExitCode, time::Instant};

use cnrp_gateway::{
    backends::static_names,
    model::{Backend, CommonName, Confidence, Family, NameQuery, Vouched, prepare},
    resolver::{Voice, merge, rank},
};
use futures_util::FutureExt as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    query: String,
    kind: String,
    answers: Vec<String>,
}

/// What was found first: its site, and how sure it is.
type First = Option<(String, Confidence)>;

fn first(map: &dyn Backend, text: &str) -> First {
    let query = NameQuery::plain(CommonName::new(text)?);
    let reply = map.ask(&query).now_or_never()?.ok()?;
    let prepared = prepare(reply, &query.name, map.vouched());
    let voices = [Voice { family: Family("static"), weight: 1.0, vouched: Vouched::ByOperator }];
    let ranked = rank(merge(&[(0, &prepared)]), &query, &voices);
    ranked.first().map(|best| (best.merged.site().to_owned(), best.confidence))
}

fn is_right(asked: &Asked, first: &First) -> bool {
    match first {
        Some((site, confidence)) if asked.answers.is_empty() => {
            *confidence == Confidence::Low || site.is_empty()
        }
        Some((site, _)) => asked.answers.contains(site),
        None => asked.answers.is_empty(),
    }
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (Some(names), Some(queries)) = (argument("--names"), argument("--queries")) else {
        return Err("usage: evaluate --names FILE --queries FILE [--misses KIND]".into());
    };
    let misses = argument("--misses");
    let begun = Instant::now();
    let name = Path::new(&names).file_name().unwrap_or_default().to_string_lossy();
    let map = static_names::from_file(&name, &std::fs::read(&names)?)?;
    println!("map read in {:.0?}", begun.elapsed());
    let mut kinds: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let begun = Instant::now();
    let mut count = 0;
    for line in std::fs::read_to_string(&queries)?.lines() {
        let asked: Asked = serde_json::from_str(line)?;
        let found = first(map.as_ref(), &asked.query);
        let is_right = is_right(&asked, &found);
        if !is_right && misses.as_ref() == Some(&asked.kind) {
            println!("{:?} wants {:?}, got {found:?}", asked.query, asked.answers);
        }
        for kind in [asked.kind, "all".to_owned()] {
            let (right, of) = kinds.entry(kind).or_default();
            *right += u32::from(is_right);
            *of += 1;
        }
        count += 1;
    }
    println!("{count} queries, {:.1?} each", begun.elapsed() / count.max(1));
    for (kind, (right, of)) in kinds {
        println!("{kind:10} {:.3}  {right:4} of {of}", f64::from(right) / f64::from(of));
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

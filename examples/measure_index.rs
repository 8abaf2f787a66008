//! Measures indexes of names: how they are built, opened and asked. A line of the table for each.
//!
//! `cargo run --release --example measure_index -- NAMES.csv [ENTRIES...]`
//!
//! Of the names file the first ENTRIES rows are taken, all of them if no number is given. The index
//! is built beside the names file, and removed at the end.

// A command speaks on its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use cnrp_gateway::{
    backends::static_names::build_index,
    model::CommonName,
    names::{IndexError, NameIndex},
};
use rustix::time::{ClockId, clock_gettime};

type Error = Box<dyn std::error::Error>;

/// Questions of each kind.
const QUESTIONS: usize = 20_000;

/// Lookups after which the memory is taken.
const LOOKUPS: usize = 100_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["build", names, index] => build(Path::new(names), Path::new(index)),
        ["ask", names, index] => ask(Path::new(names), Path::new(index)),
        [names, sizes @ ..] => measure(Path::new(names), sizes),
        [] => Err("usage: measure_index NAMES.csv [ENTRIES...]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Each step is a process of its own, so that its memory is its own.
fn measure(names: &Path, sizes: &[&str]) -> Result<(), Error> {
    let sizes = if sizes.is_empty() { &["all"] } else { sizes };
    for size in sizes {
        let (taken, index) = (names.with_extension("taken.csv"), names.with_extension("idx"));
        match size.parse() {
            Ok(entries) => take(names, entries, &taken)?,
            Err(_) => fs::hard_link(names, &taken)?,
        }
        println!("## {size} names\n");
        for step in ["build", "ask"] {
            let status = Command::new(std::env::current_exe()?).arg(step).args([&taken, &index]).status()?;
            if !status.success() {
                return Err(format!("{step} failed").into());
            }
        }
        fs::remove_file(&taken)?;
        fs::remove_file(&index)?;
    }
    Ok(())
}

fn take(names: &Path, entries: usize, taken: &PathBuf) -> Result<(), Error> {
    let mut out = BufWriter::new(File::create(taken)?);
    for line in BufReader::new(File::open(names)?).lines().take(entries + 1) {
        writeln!(out, "{}", line?)?;
    }
    Ok(out.flush()?)
}

fn build(names: &Path, index: &Path) -> Result<(), Error> {
    let begun = Instant::now();
    let report = build_index(&[names.to_owned()], index, false, &mut |_| {})?;
    let summary = report.summary;
    println!(
        "build {:.1} s, at most {} MiB of memory; {} entries, {} keys, {} MB; {} malformed, {} repeated, {} ambiguous",
        begun.elapsed().as_secs_f64(),
        memory("VmHWM")?,
        summary.entries,
        summary.keys,
        summary.bytes / 1_000_000,
        report.malformed.count,
        summary.repeated,
        summary.ambiguous,
    );
    Ok(())
}

fn ask(names: &Path, path: &Path) -> Result<(), Error> {
    let begun = Instant::now();
    let index = NameIndex::open(path)?;
    let ready = begun.elapsed();
    println!("open {} ms, {} MiB resident", ready.as_millis(), memory("VmRSS")?);
    let asked = questions(names, index.len())?;
    for name in asked.iter().cycle().take(LOOKUPS).filter_map(|name| CommonName::new(name)) {
        index.exact(&name)?;
    }
    println!("after {LOOKUPS} lookups {} MiB resident", memory("VmRSS")?);
    println!("\n| question | median | of the processor's time | 99 of 100 | found |\n|---|---|---|---|---|");
    row("exact, the key alone", &asked, |name| Ok(index.has(name)?.into()))?;
    row("exact, with its record", &asked, |name| Ok(index.exact(name)?.len()))?;
    row("one slip", &changed(&asked, slipped), |name| Ok(index.near(name)?.len()))?;
    row("words turned", &changed(&asked, turned), |name| Ok(index.near(name)?.len()))?;
    let suggest = |name: &CommonName| Ok(index.suggest(name, 10, &|row| Ok(Some(row)))?.len());
    for letters in [1, 2, 5, 8] {
        let beginnings = changed(&asked, |name| Some(name.chars().take(letters).collect()));
        row(&format!("ten best, {letters} letters"), &beginnings, suggest)?;
    }
    row("ten best, a word further in", &changed(&asked, further_in), suggest)?;
    row("ten best, two words further in", &changed(&asked, two_further_in), suggest)?;
    row("ten best, one slip", &changed(&asked, slipped), suggest)?;
    let unknown = changed(&asked, |name| Some(format!("zq{}x", name.replace(' ', ""))));
    row("a miss", &unknown, |name| Ok(index.exact(name)?.len()))?;
    println!();
    Ok(())
}

/// Times each question by itself; the name is normalised before. The processor's time leaves out
/// what other programs took of it, which on a busy machine is most of what the slowest took.
fn row(
    title: &str,
    asked: &[String],
    ask: impl Fn(&CommonName) -> Result<usize, IndexError>,
) -> Result<(), Error> {
    let (mut times, mut own) = (Vec::with_capacity(asked.len()), Vec::with_capacity(asked.len()));
    let mut found = 0;
    for name in asked.iter().filter_map(|name| CommonName::new(name)) {
        let (begun, own_begun) = (Instant::now(), processor());
        let count = ask(&name)?;
        own.push(processor() - own_begun);
        times.push(begun.elapsed());
        found += usize::from(count > 0);
    }
    times.sort_unstable();
    own.sort_unstable();
    let at =
        |times: &[Duration], share| micro(times.get(times.len() * share / 100).copied().unwrap_or_default());
    println!(
        "| {title} | {} | {} | {} | {found} of {} |",
        at(&times, 50),
        at(&own, 50),
        at(&own, 99),
        times.len()
    );
    Ok(())
}

/// What this thread has had of the processor.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn micro(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}

/// Names from all over the file, in an order that has nothing to do with theirs.
fn questions(names: &Path, entries: u64) -> Result<Vec<String>, Error> {
    let step = usize::try_from(entries)? / QUESTIONS + 1;
    let mut reader = csv::Reader::from_path(names)?;
    let rows = reader.records().step_by(step);
    let mut found =
        rows.map(|row| Ok(row?.get(0).unwrap_or_default().to_owned())).collect::<Result<Vec<_>, Error>>()?;
    found.sort_by_key(|name| xxhash_rust::xxh3::xxh3_64(name.as_bytes()));
    Ok(found)
}

fn changed(names: &[String], change: impl Fn(&str) -> Option<String>) -> Vec<String> {
    names.iter().filter_map(|name| change(name)).collect()
}

/// Two letters in the middle swapped.
fn slipped(name: &str) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let middle = letters.len() / 2;
    let are_letters = letters.iter().skip(middle).take(2).all(|letter| letter.is_alphabetic());
    let differ = letters.len() > 6 && are_letters && letters.get(middle) != letters.get(middle + 1);
    (differ && letters.get(middle + 1).is_some()).then(|| {
        letters.swap(middle, middle + 1);
        letters.into_iter().collect()
    })
}

/// The beginning of the second word.
fn further_in(name: &str) -> Option<String> {
    Some(name.split(' ').nth(1)?.chars().take(5).collect())
}

/// The second word and the beginning of the third.
fn two_further_in(name: &str) -> Option<String> {
    let mut words = name.split(' ').skip(1);
    let (second, third) = (words.next()?, words.next()?);
    Some(format!("{second} {}", third.chars().take(3).collect::<String>()))
}

fn turned(name: &str) -> Option<String> {
    let (first, rest) = name.split_once(' ')?;
    Some(format!("{rest} {first}"))
}

/// A figure of this process, in MiB.
fn memory(key: &str) -> Result<u64, Error> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key)).ok_or("no such figure")?;
    Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

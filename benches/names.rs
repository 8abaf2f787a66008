//! The normaliser and the index of static names, over a map of 42,000 names.

// A benchmark without its map can measure nothing.
#![allow(clippy::panic)]

use cnrp_gateway::{
    model::CommonName,
    names::{Entry, NameIndex},
};

fn main() {
    divan::main();
}

/// As many names as the measured map has.
const NAMES: u32 = 42_000;

const SYLLABLES: [&str; 32] = [
    "al", "ber", "ca", "dor", "el", "fin", "ga", "hol", "in", "jo", "ka", "lum", "mar", "nor", "os", "pal",
    "qui", "ros", "sil", "tor", "ul", "ver", "wil", "xa", "yor", "zen", "bri", "chro", "gra", "plo", "stra",
    "tri",
];
const KINDS: [&str; 8] =
    ["Inc.", "GmbH", "University", "Insurance Company", "& Sons Ltd.", "Group plc", "Society", "Foods S.A."];

/// A name that looks like one, the same for the same number in every run.
fn name(number: u32) -> String {
    // The multiplier of Knuth's hash scatters neighbouring numbers.
    let mut seed = number.wrapping_mul(2_654_435_761);
    let mut word = |syllables: u32| -> String {
        let parts = (0..syllables).map(|_| {
            seed = seed.rotate_right(5).wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            pick(&SYLLABLES, seed >> 16)
        });
        parts.collect()
    };
    format!("{} {} {}", word(2 + number % 3), word(2), pick(&KINDS, number))
}

fn pick<'a>(list: &[&'a str], number: u32) -> &'a str {
    list.iter().cycle().nth(number as usize % list.len()).copied().unwrap_or_default()
}

fn map(names: u32) -> NameIndex {
    let entries = (0..names).map(|number| Entry {
        name: name(number),
        uri: format!("https://www.site{number}.example/"),
        ..Entry::default()
    });
    NameIndex::build(&entries.collect::<Vec<_>>()).unwrap_or_else(|error| panic!("{error}"))
}

/// A few hundred names of the map, each changed by `change`.
fn questions(change: impl Fn(String) -> String) -> Vec<CommonName> {
    (0..NAMES).step_by(101).filter_map(|number| CommonName::new(&change(name(number)))).collect()
}

fn ask(bencher: divan::Bencher<'_, '_>, questions: &[CommonName], ask: impl Fn(&CommonName) -> usize) {
    let mut next = questions.iter().cycle();
    bencher.bench_local(|| next.next().map(|question| ask(divan::black_box(question))));
}

#[divan::bench(args = ["Procter & Gamble Co.", "Société Générale", "東京大学"])]
fn normalise(name: &str) -> Option<CommonName> {
    CommonName::new(divan::black_box(name))
}

#[divan::bench]
fn exact_match(bencher: divan::Bencher<'_, '_>) {
    let map = map(NAMES);
    ask(bencher, &questions(|name| name.to_lowercase()), |name| {
        map.exact(name).map_or(0, |found| found.len())
    });
}

#[divan::bench]
fn match_without_its_form(bencher: divan::Bencher<'_, '_>) {
    let map = map(NAMES);
    ask(bencher, &questions(|name| format!("The {name}")), |name| {
        map.exact(name).map_or(0, |found| found.len())
    });
}

#[divan::bench]
fn near_match(bencher: divan::Bencher<'_, '_>) {
    let map = map(NAMES);
    ask(bencher, &questions(|name| name.replacen('r', "rr", 1)), |name| {
        map.near(name).map_or(0, |found| found.len())
    });
}

#[divan::bench(args = ["a", "mar", "wilstra"])]
fn suggestions(bencher: divan::Bencher<'_, '_>, prefix: &str) {
    let map = map(NAMES);
    let Some(prefix) = CommonName::new(prefix) else { return };
    bencher.bench_local(|| {
        map.suggest(divan::black_box(&prefix), 10, &|row| Ok(Some(row))).map_or(0, |found| found.len())
    });
}

/// 3,000 is the starter map, which is built before anybody is answered.
#[divan::bench(sample_count = 10, args = [3_000, NAMES])]
fn build(names: u32) -> NameIndex {
    map(names)
}

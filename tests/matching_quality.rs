//! Matching stays as good as it is, over a sample of real names and queries.
//!
//! The sample is small, so its figures stand above those that the whole data gives; each threshold
//! leaves room for one or two queries.

// The measuring code is shared with the command that prints the figures.
#[path = "../examples/evaluate/measure.rs"]
mod measure;

use std::path::Path;

const THRESHOLDS: [(&str, f64); 7] = [
    ("abbrev", 0.90),
    ("case", 1.0),
    ("diacritic", 0.98),
    ("exact", 1.0),
    ("spacing", 0.97),
    ("suffix", 0.97),
    ("typo", 0.98),
];

#[test]
fn the_first_result_is_the_right_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/matching");
    let names = folder.join("names.csv");
    let map = measure::map(&names, &std::fs::read(&names).expect("the names")).expect("a map");
    let queries = std::fs::read_to_string(folder.join("queries.jsonl")).expect("the queries");
    let mut misses = Vec::new();
    let scores = measure::measure(map.as_ref(), &queries, |asked, found| {
        misses.push(format!("{}: {:?} wants {:?}, got {found:?}", asked.kind, asked.query, asked.answers));
    })
    .expect("queries in JSON");
    for (kind, threshold) in THRESHOLDS {
        let share = scores[kind].share();
        assert!(share >= threshold, "{kind}: {share:.3}\n{}", misses.join("\n"));
    }
}

#[test]
fn what_is_no_name_is_nothing_sure() {
    let names = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/matching/names.csv");
    let map = measure::map(&names, &std::fs::read(&names).expect("the names")).expect("a map");
    let query = |text: &str| format!("{{\"query\": \"{text}\", \"kind\": \"none\", \"answers\": []}}\n");
    let queries: String =
        ["polygons", "accumulated", "humanitarian frustrates", "xqzvk", "of the", "company"]
            .map(query)
            .concat();
    let scores = measure::measure(map.as_ref(), &queries, |asked, found| {
        panic!("{:?} got {found:?}", asked.query);
    });
    assert_eq!(scores.expect("queries in JSON")["none"].of, 6);
}

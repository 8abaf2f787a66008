//! Matching stays as good as it is, over a sample of real names and queries.
//!
//! The sample is small, so its figures stand above those that the whole data gives; each threshold
//! leaves room for one or two queries.

// The measuring code is shared with the command that prints the figures.
#[path = "../examples/evaluate/measure.rs"]
mod measure;

use std::path::Path;

use cnrp_gateway::{
    model::{CommonName, Confidence, Family, Hit, NameQuery, Reply, Vouched, prepare},
    resolver::{Ranking, Voice, certain, merge, rank},
};

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

/// What two engines and DNS say of what is no name: pages that have every word, sites that have the word
/// for a name, pages that echo whatever was asked, and somebody's front page.
fn told_of_no_name(kind: &str, text: &str) -> [(Voice, Vec<Hit>); 3] {
    let slug = text.replace(' ', "-");
    let domain = text.replace(' ', "");
    let page = |title: &str, address: String| Hit::mention(title, address, "");
    let is_somebodys = kind != "gibberish";
    let home =
        is_somebodys.then(|| page(&format!("{text} - official site"), format!("https://www.{domain}.com/")));
    let found = |echo: Hit| {
        let definition =
            page(&format!("{text}: definition"), format!("https://dictionary.example/define/{slug}"));
        let any = page("A place for everything", "https://everything.example/".to_owned());
        home.clone().into_iter().chain([definition, echo, any]).collect::<Vec<_>>()
    };
    let searched = page(&format!("{text} - results"), format!("https://shop.example/search?q={slug}"));
    let profile = page(&format!("{text} (@{slug})"), format!("https://social.example/{slug}"));
    // A domain that nobody has leads to the registry's own address, which the backend takes out.
    let guessed = is_somebodys.then(|| page(&domain, format!("https://{domain}.com/")));
    let voice = |family| Voice { family, weight: 1.0, vouched: Vouched::BySearch };
    [
        (voice(Family("searxng")), found(searched)),
        (voice(Family("brave")), found(profile)),
        (voice(Family::DNS), guessed.into_iter().collect()),
    ]
}

#[test]
fn words_phrases_and_gibberish_lead_nowhere_whoever_has_pages_for_them() {
    let list = include_str!("../fixtures/matching/no-names.csv");
    let mut count = 0;
    for (kind, text) in list.lines().skip(1).filter_map(|line| line.split_once(',')) {
        let query = NameQuery::plain(CommonName::new(text).expect("a text"));
        let told = told_of_no_name(kind, text);
        let voices = told.each_ref().map(|(voice, _)| *voice);
        let prepared = told.map(|(voice, hits)| prepare(Reply::of(hits), &query.name, voice.vouched));
        let pairs: Vec<_> = prepared.iter().enumerate().collect();
        let ranked = rank(merge(&pairs), &query, &voices, &Ranking::default());
        for one in &ranked {
            assert_eq!(one.confidence, Confidence::Low, "{kind} {text:?}: {:?}", one.terms);
        }
        assert_eq!(certain(&ranked, &voices), None, "{text}");
        count += 1;
    }
    println!("no names: {count} questions");
    assert_eq!(count, 130, "every question of the sample that means nobody");
}

//! Merge and rank of what five sources found, ten hits each, half of them shared.

// A bench that can't be set up has nothing to measure.
#![allow(clippy::expect_used)]

use cnrp_gateway::{
    model::{CommonName, Family, Hit, NameQuery, Prepared, Reply, Vouched, prepare},
    resolver::{Ranking, Voice, merge, rank},
};

fn main() {
    divan::main();
}

const FAMILIES: [Family; 5] =
    [Family("static"), Family("dns"), Family("searxng"), Family("json"), Family("html")];

fn world(name: &CommonName) -> (Vec<Prepared>, Vec<Voice>) {
    let told = (0..5).map(|source| {
        let hits = (0..10).map(|rank| {
            let site = if rank % 2 == 0 { format!("shared{rank}") } else { format!("own{source}-{rank}") };
            Hit::mention(format!("Boeing {rank}"), format!("https://www.{site}.com/{rank}"), "Aircraft")
        });
        prepare(Reply::of(hits.collect()), name, Vouched::BySearch)
    });
    let voices = FAMILIES.map(|family| Voice { family, weight: 1.0, vouched: Vouched::BySearch });
    (told.collect(), voices.to_vec())
}

#[divan::bench]
fn merge_and_rank_5x10(bencher: divan::Bencher<'_, '_>) {
    let query = NameQuery::plain(CommonName::new("Boeing").expect("a name"));
    let (told, voices) = world(&query.name);
    let told: Vec<_> = told.iter().enumerate().collect();
    let ranking = Ranking::default();
    bencher.bench_local(|| rank(merge(divan::black_box(&told)), &query, &voices, &ranking).len());
}

#[divan::bench]
fn prepare_ten_hits(bencher: divan::Bencher<'_, '_>) {
    let name = CommonName::new("Boeing").expect("a name");
    let hits: Vec<_> = (0..10)
        .map(|i| Hit::mention(format!("Boeing: page {i}"), format!("https://www.boeing.com/{i}"), "Aircraft"))
        .collect();
    bencher
        .with_inputs(|| Reply::of(hits.clone()))
        .bench_local_values(|reply| prepare(reply, &name, Vouched::BySearch).candidates.len());
}

//! The battery's list: adapters times cases, each counted from what the tests run.
//!
//! `cargo test --lib the_list_of_the_battery -- --nocapture` prints it.

use super::{CHARSETS, ENDLESS, failures, secrecy::tell_tales, specimens::*};

/// The fixtures that every type has: `found`, `empty`, `odd` (unknown, missing and wrong fields) and
/// `hostile`.
const REPLIES: usize = 4;

/// A row each of its own test: a pause that is asked for, five thousand results, the name as typed and as
/// meant, hints, headers.
const WAYS: usize = 5;

/// The counts of one type, in the order of the columns.
fn counts(specimen: &Specimen) -> [usize; 8] {
    [
        REPLIES,
        failures(specimen).len(),
        ENDLESS.len(),
        specimen.refusals.len(),
        usize::from(specimen.is_json()),
        CHARSETS.len(),
        WAYS,
        if specimen.has_key() { tell_tales().len() } else { 0 },
    ]
}

#[test]
fn the_list_of_the_battery() {
    println!("adapter      replies failures endless refusals page charsets ways key | cases");
    let mut all = 0;
    for specimen in SPECIMENS {
        let [replies, failures, endless, refusals, page, charsets, ways, key] = counts(&specimen);
        let cases: usize = counts(&specimen).iter().sum();
        println!(
            "{:12} {replies:7} {failures:8} {endless:7} {refusals:8} {page:4} {charsets:8} {ways:4} {key:3} | {cases:5}",
            specimen.kind
        );
        assert!(
            !specimen.refusals.is_empty() || !specimen.is_json(),
            "{}: no refusal of its own",
            specimen.kind
        );
        all += cases;
    }
    println!("{} adapters, {all} cases", SPECIMENS.len());
    assert!(all >= 400, "{all}");
}

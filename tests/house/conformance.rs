//! `docs/conformance.md` is true: every item of the protocol has a row, every file and test that a
//! row names exists, and a test whose name begins with the id of an item stands in its row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::source::{files_under, project};

/// How many items there are of each kind: requirements of RFC 3367, those of RFC 3368, decisions.
const ITEMS: [(char, usize); 3] = [('R', 23), ('U', 3), ('D', 37)];

/// The status codes of RFC 3367, appendix B.
const CODES: &str = "1.0.0 1.1.0 1.2.0 2.0.0 2.1.0 3.0.0 3.1.0 3.1.1 3.1.2 3.1.3 3.1.4 3.1.5 3.2.0 3.2.1 4.0.0 \
    4.1.0 4.2.0 4.2.1 4.2.2 4.2.3 5.0.0 5.1.0 5.2.0 5.2.1 5.2.2";

/// One row of a table.
struct Row {
    id: String,
    /// What stands in backticks in the columns where, and tests.
    files: Vec<String>,
    tests: BTreeSet<String>,
    state: String,
}

fn document() -> String {
    fs::read_to_string(project().join("docs/conformance.md")).unwrap()
}

fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The rows of the tables: id, requirement, where, tests, state.
fn rows(document: &str) -> Vec<Row> {
    let lines = document.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let rows = cells.filter(|cells| cells.len() == 5 && cells[0] != "id").map(|cells| Row {
        id: cells[0].to_owned(),
        files: quoted(cells[2]).collect(),
        tests: quoted(cells[3]).collect(),
        state: cells[4].to_owned(),
    });
    rows.collect()
}

/// The ids that a test's name begins with: R1 and D28 of `r1_d28_what_is_no_address`.
fn ids(test: &str) -> Vec<String> {
    let is_id = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|kind| "rud".contains(kind))
            && word.len() > 1
            && letters.all(|c| c.is_ascii_digit())
    };
    test.split('_').take_while(is_id).map(str::to_uppercase).collect()
}

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["src", "tests"] {
        for file in files_under(&project().join(folder), "rs") {
            found.extend(tests_in(&fs::read_to_string(file).unwrap()));
        }
    }
    found
}

fn tests_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some((name, _)) = function.and_then(|function| function.split_once('(')) {
            found.extend(is_test.then(|| name.to_owned()));
            is_test = false;
        }
    }
    found
}

fn items() -> Vec<String> {
    ITEMS.iter().flat_map(|(kind, count)| (1..=*count).map(move |n| format!("{kind}{n}"))).collect()
}

/// What is wrong with the rows of items, a sentence each.
fn wrong_rows(rows: &[Row], tests: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut by_id: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for test in tests {
        for id in ids(test) {
            by_id.entry(id).or_default().insert(test);
        }
    }
    for Row { id, tests: named, state, .. } in rows {
        let own = by_id.remove(id).unwrap_or_default();
        let lost =
            own.iter().filter(|test| !named.contains(**test)).map(|test| format!("{id} lacks `{test}`"));
        wrong.extend(lost);
        let unknown = named.iter().filter(|test| !tests.contains(*test));
        wrong.extend(unknown.map(|test| format!("{id} names `{test}`, which is no test")));
        let word = state.split([':', ' ']).next().unwrap_or_default();
        match word {
            "done" | "partly" if own.is_empty() => {
                wrong.push(format!("{id} is {word}, and no test's name begins with it"));
            }
            "partly" | "later" if !state.contains(": ") => {
                wrong.push(format!("{id} is {word} without a reason"));
            }
            "done" | "partly" | "later" => {}
            _ => wrong.push(format!("{id} is neither done, partly nor later")),
        }
    }
    wrong.extend(by_id.into_iter().map(|(id, tests)| format!("{id} has no row, but tests: {tests:?}")));
    wrong
}

#[test]
fn every_item_has_a_row_with_its_tests() {
    let rows: Vec<_> = rows(&document()).into_iter().filter(|row| !row.id.contains('.')).collect();
    let found: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(found, items(), "each item once, in order");
    let wrong = wrong_rows(&rows, &tests());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    for row in &rows {
        println!("{:4} {:2} tests  {}", row.id, row.tests.len(), row.state);
    }
    let count = |word: &str| rows.iter().filter(|row| row.state.starts_with(word)).count();
    println!("{} done, {} partly, {} later", count("done"), count("partly"), count("later"));
}

#[test]
fn every_file_that_a_row_names_exists() {
    let mut named = 0;
    for row in rows(&document()) {
        for file in row.files {
            assert!(project().join(&file).exists(), "{}: {file} does not exist", row.id);
            named += 1;
        }
    }
    assert!(named > 40, "only {named} files are named");
}

#[test]
fn r15_every_status_code_of_appendix_b_has_a_row() {
    let rows: Vec<_> = rows(&document()).into_iter().filter(|row| row.id.contains('.')).collect();
    let found: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(found, CODES.split_whitespace().collect::<Vec<_>>());
    let tests = tests();
    for Row { id, tests: named, state, .. } in &rows {
        let word = state.split([':', ' ']).next().unwrap_or_default();
        assert!(matches!(word, "sent" | "honoured" | "never"), "{id} is neither sent, honoured nor never");
        assert!(word != "never" || state.contains(": "), "{id} is never sent, without a reason");
        assert!(word == "never" || !named.is_empty(), "{id} is {word}, and no test is named");
        assert!(named.iter().all(|test| tests.contains(test)), "{id} names what is no test: {named:?}");
    }
}

#[test]
fn a_lie_in_the_table_is_seen() {
    let table = "| id | requirement | where | tests | state |\n|---|---|---|---|---|\n\
                 | R1 | a | `src/lib.rs` | `r1_a`, `gone` | done |\n| D2 | b | | | later |\n| D3 | c | | | done |\n";
    let tests: BTreeSet<_> = ["r1_a", "r1_d2_b", "d4_c", "a"].map(str::to_owned).into();
    let expected = [
        "R1 lacks `r1_d2_b`",
        "R1 names `gone`, which is no test",
        "D2 lacks `r1_d2_b`",
        "D2 is later without a reason",
        "D3 is done, and no test's name begins with it",
        "D4 has no row, but tests: {\"d4_c\"}",
    ];
    assert_eq!(wrong_rows(&rows(table), &tests), expected);
    assert_eq!(ids("r1_d28_what_is_no_address"), ["R1", "D28"]);
    assert_eq!(ids("dns_answers_r1"), [""; 0]);
    assert_eq!(
        tests_in("#[test]\n#[cfg(unix)]\nfn a() {}\n#[tokio::test]\nasync fn b() {}\nfn c() {}"),
        ["a", "b"]
    );
}

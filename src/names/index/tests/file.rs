//! An index in a file: it answers as one in memory does, and what is not as it was written is
//! refused or told, and never makes another answer.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{entry, name};
use crate::{
    model::Property,
    names::{Entry, IndexError, IndexWriter, Match, NameIndex, Suggested},
};

const QUESTIONS: [&str; 8] =
    ["acme", "acme inc", "acmee", "ibm", "machines international business", "삼섬전자", "muenchen", "zz"];

fn entries() -> Vec<Entry> {
    let mut entries = vec![
        entry("Acme", &["Acme Widgets"], "https://acme.example/"),
        entry("Acme Inc.", &[], "https://acme-inc.example/"),
        entry("International Business Machines", &[], "https://www.ibm.com/"),
        entry("삼성전자", &[], "https://www.samsung.com/"),
        entry("München", &[], "https://www.muenchen.de/"),
    ];
    entries[0].description = "Anvils. ".repeat(60);
    entries[1].properties.push(Property::new("geography", "iso3166-1", "US"));
    entries
}

fn written(entries: &[Entry], folder: &TempDir) -> std::path::PathBuf {
    let path = folder.path().join("names.idx");
    let mut writer = IndexWriter::create(&path).unwrap();
    entries.iter().for_each(|entry| writer.add(entry).unwrap());
    writer.finish().unwrap();
    path
}

/// Every answer to a question, of every kind.
#[derive(Debug, PartialEq)]
struct Answers {
    exact: Vec<Match>,
    near: Vec<Match>,
    suggested: Vec<Suggested>,
}

fn answers(index: &NameIndex, asked: &str) -> Result<Answers, IndexError> {
    let named = name(asked);
    Ok(Answers {
        exact: index.exact(&named)?,
        near: index.near(&named)?,
        suggested: index.suggest(&named, 10, &|row| Ok(Some(row)))?,
    })
}

#[test]
fn a_file_answers_as_memory_does() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, file) =
        (NameIndex::build(&entries()).unwrap(), NameIndex::open(&written(&entries(), &folder)).unwrap());
    assert_eq!((file.len(), file.keys()), (memory.len(), memory.keys()));
    for asked in QUESTIONS {
        assert_eq!(answers(&file, asked).unwrap(), answers(&memory, asked).unwrap(), "{asked}");
    }
    assert!(!answers(&file, "acme").unwrap().exact.is_empty());
}

#[test]
fn a_file_that_was_cut_short_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&entries(), &folder);
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(NameIndex::open(&path).is_err(), "cut to {length} bytes");
    }
    fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
    assert!(matches!(NameIndex::open(&path), Err(IndexError::Length { .. })));
}

#[test]
fn a_damaged_byte_is_told_and_never_makes_another_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&entries(), &folder);
    let whole = fs::read(&path).unwrap();
    let good = NameIndex::open(&path).unwrap();
    let good = QUESTIONS.map(|asked| answers(&good, asked).unwrap());
    let (mut refused, mut told) = (0, 0);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, damaged).unwrap();
        let Ok(index) = NameIndex::open(&path) else {
            refused += 1;
            continue;
        };
        for (asked, good) in QUESTIONS.iter().zip(&good) {
            match answers(&index, asked) {
                Ok(answer) => assert!(answer == *good, "byte {at} changes the answer to {asked}"),
                Err(error) => {
                    assert!(matches!(error, IndexError::Damaged { .. }), "{error}");
                    told += 1;
                }
            }
        }
    }
    assert!(refused > 100 && told > 100, "{refused} refused, {told} told");
}

#[test]
fn a_file_of_something_else_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.idx");
    fs::write(&path, "name,uri\nBoeing,https://www.boeing.com/\n".repeat(100)).unwrap();
    let error = NameIndex::open(&path).err().unwrap().to_string();
    assert_eq!(error, "is no index of names; expected a file that `cnrp index build` wrote");
    assert!(matches!(NameIndex::open(&folder.path().join("none")), Err(IndexError::Io(_))));
    assert!(NameIndex::open(folder.path()).is_err());
}

#[test]
fn a_file_that_is_cut_short_while_it_serves_fails_its_lookups_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&entries(), &folder);
    let index = NameIndex::open(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(index.exact(&name("acme")).is_err());
    assert!(index.exact(&name("nobody knows")).is_err());
    assert!(
        index.suggest(&name("zzz"), 10, &|row| Ok(Some(row))).unwrap().is_empty(),
        "the keys are in memory"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_name_is_found_and_its_phrases_too(
        names in prop::collection::vec("[qvxz]{2,6}( [qvxz]{2,6}){0,3}", 1..40),
    ) {
        let entries: Vec<_> = (0..).zip(&names).map(|(i, name)| entry(name, &[], &format!("https://{i}.example/"))).collect();
        let index = NameIndex::build(&entries).unwrap();
        for entry in &entries {
            let found = index.exact(&name(&entry.name)).unwrap();
            prop_assert!(found.iter().any(|found| found.entry == *entry));
            let mut words: Vec<_> = entry.name.split(' ').collect();
            words.rotate_left(1);
            let turned = name(&words.join(" "));
            let known = index.exact(&turned).unwrap().into_iter().chain(index.near(&turned).unwrap());
            prop_assert!(words.len() < 2 || known.into_iter().any(|found| found.entry == *entry), "{:?}", words);
        }
    }
}

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::backends::static_names::build_index;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(options: &str, folder: &TempDir) -> Result<Map, Problems> {
    Map::read(&Options::from_yaml(options).unwrap(), folder.path())
}

fn told(problems: &Problems, folder: &TempDir) -> String {
    problems.to_string().replace(&format!("{}/", folder.path().display()), "")
}

/// Rows above an index of Personnel and Payroll.
fn above_index(rows: &str) -> TempDir {
    let folder = folder(&[
        ("index.csv", "name,uri\nPersonnel,https://hr.example/\nPayroll,https://pay.example/\n"),
        ("n.csv", &format!("name,uri,alias_of,owner,note,disabled,deny\n{rows}")),
    ]);
    let (csv, index) = (folder.path().join("index.csv"), folder.path().join("n.idx"));
    build_index(&[csv], &index, true, &mut |_| {}).unwrap();
    folder
}

const ABOVE: &str = "{files: [n.csv], index: n.idx}";

#[test]
fn what_follows_the_index_and_hides_its_names_is_in_force_as_it_was_written() {
    let folder = above_index(
        "Staff,,HR,ann,,,\nHR,,Personnel,,,,\nLocal,urn:x:l,,,,,\nPayroll,,,,,true,\nSecret,,,,,,true\n",
    );
    let said = read(ABOVE, &folder).unwrap().in_force().unwrap();
    let said: Vec<_> = said.iter().map(|(entry, says)| (entry.name.as_str(), says.clone())).collect();
    let follows = |target: &str| Says::AliasOf(target.to_owned());
    assert_eq!(
        said,
        [
            ("Local", Says::Leads),
            ("Payroll", Says::Hidden),
            ("Staff", follows("HR")),
            ("HR", follows("Personnel")),
            ("Secret", Says::Denied),
        ]
    );
}

#[test]
fn an_alias_with_an_owner_or_a_note_keeps_them_and_another_joins_its_entry() {
    let folder = folder(&[(
        "n.csv",
        "name,uri,alias_of,owner,note\nX,urn:x:x,,ann,\nfollow,,x,bob,hmm\nplain,,Follow,,\n",
    )]);
    let said = read("files: [n.csv]", &folder).unwrap().in_force().unwrap();
    let [(x, Says::Leads), (follow, Says::AliasOf(target))] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((x.aliases.as_slice(), x.owner.as_str()), (["plain".to_owned()].as_slice(), "ann"));
    assert_eq!((follow.owner.as_str(), follow.note.as_str(), target.as_str()), ("bob", "hmm", "x"));
}

#[test]
fn an_alias_that_a_later_layer_cuts_keeps_owner_and_note_in_an_entry_of_its_own() {
    let folder = folder(&[
        ("n.csv", "name,uri,alias_of,owner,note\nX,urn:x:x,,ann,hmm\nfollow,,x,bob,\n"),
        ("m.csv", "name,uri,valid_until\nfollow,urn:x:f,2020-01-01\n"),
    ]);
    let said = read("files: [n.csv, m.csv]", &folder).unwrap().in_force().unwrap();
    let (cut, _) = said.iter().find(|(entry, _)| entry.life.from.is_some()).unwrap();
    assert_eq!((cut.name.as_str(), cut.uri.as_str()), ("follow", "urn:x:x"));
    assert_eq!((cut.owner.as_str(), cut.note.as_str()), ("bob", "hmm"));
}

#[test]
fn an_alias_that_leads_nowhere_is_a_conflict_above_an_index_as_well() {
    let folder = above_index("HR,,Personnel,,,,\nLost,,Personal,,,,\n");
    let map = read(ABOVE, &folder).unwrap();
    let expected = "n.csv:3:1: alias_of: \"Personal\" is no name here; expected the name of an entry";
    assert_eq!(told(&map.conflicts(), &folder), expected);
    assert_eq!(told(&map.in_force().unwrap_err(), &folder), expected);
}

#[test]
fn an_index_that_cannot_be_read_is_a_conflict() {
    let folder = above_index("HR,,Personnel,,,,\nLost,,Lost,,,,\n");
    fs::write(folder.path().join("n.idx"), "torn").unwrap();
    let conflicts = read(ABOVE, &folder).unwrap().conflicts();
    let keys: Vec<_> = conflicts.0.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["index", "alias_of"], "{conflicts}");
}

#[test]
fn unknown_columns_are_told_of_every_format() {
    let folder = folder(&[
        ("n.csv", "name,uri,valid_untill,properties\nA,urn:x:a,2020-01-01,x\n"),
        ("n.jsonl", "{\"name\": \"B\", \"uri\": \"urn:x:b\", \"zz\": 1, \"properties\": {}}\n"),
        ("n.yaml", "- {name: C, uri: \"urn:x:c\", colour: red}\n"),
        ("fine.csv", "name,uri\nD,urn:x:d\n"),
    ]);
    let map = read("files: [n.csv, n.jsonl, n.yaml, fine.csv]", &folder).unwrap();
    let told: Vec<_> = map
        .ignored
        .iter()
        .map(|ignored| ignored.to_string().replace(&format!("{}/", folder.path().display()), ""))
        .collect();
    assert_eq!(
        told,
        [
            "n.csv: unknown columns are ignored: properties, valid_untill",
            "n.jsonl: unknown columns are ignored: zz",
            "n.yaml: unknown columns are ignored: colour",
        ]
    );
}

use std::{path::Path, time::SystemTime};

use super::*;
use crate::backends::static_names::Place;

/// A layer, a statement a line: `Name|alias = uri`, `Name -> target`, `Name hidden`, `Name denied`.
fn layer(text: &str) -> Vec<Statement> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.zip(1..).map(|(text, line)| statement(text, line)).collect()
}

fn statement(text: &str, line: usize) -> Statement {
    let (names, uri, says) = if let Some((names, uri)) = text.split_once(" = ") {
        (names, uri, Says::Leads)
    } else if let Some((names, target)) = text.split_once(" -> ") {
        (names, "", Says::AliasOf(target.to_owned()))
    } else if let Some(names) = text.strip_suffix(" hidden") {
        (names, "", Says::Hidden)
    } else {
        (text.strip_suffix(" denied").unwrap(), "", Says::Denied)
    };
    let mut names = names.split('|').map(str::to_owned);
    let entry = Entry {
        name: names.next().unwrap(),
        aliases: names.collect(),
        uri: uri.to_owned(),
        ..Entry::default()
    };
    Statement { entry, says, place: Place { file: Path::new("names.csv").into(), line, column: 1 } }
}

fn settle(inline: &str, files: &[&str]) -> Result<Settled, Problems> {
    settled(
        layer(inline),
        files.iter().map(|file| layer(file)).collect(),
        Some(&|name| name.key() == "onlybelow"),
    )
}

/// The entries that hold, a line each.
fn held(inline: &str, files: &[&str]) -> Vec<String> {
    let settled = settle(inline, files).unwrap();
    settled.entries.iter().map(|entry| format!("{} = {}", names(entry), entry.uri)).collect()
}

fn names(entry: &Entry) -> String {
    entry.names().cloned().collect::<Vec<_>>().join("|")
}

fn mistakes(inline: &str, files: &[&str]) -> Vec<String> {
    settle(inline, files).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_later_entry_takes_the_place_of_earlier_ones_of_its_name() {
    let first = "Acme = urn:a\nBoeing|Boeing Co = urn:b\nAcme = urn:a2\nCoca-Cola = urn:c";
    assert_eq!(held("", &[first]).len(), 4, "inside a layer a name may mean several");
    let found = held("", &[first, "ACME = urn:new\nZeta = urn:z\ncoca cola = urn:c1\nCocaCola = urn:c2"]);
    assert_eq!(
        found,
        [
            "ACME = urn:new",
            "Boeing|Boeing Co = urn:b",
            "coca cola = urn:c1",
            "Zeta = urn:z",
            "CocaCola = urn:c2"
        ]
    );
    assert_eq!(held("", &[first, "Acme = urn:2", "Acme = urn:3"])[0], "Acme = urn:3");
}

#[test]
fn an_alias_that_a_later_entry_has_for_its_name_is_no_alias_any_more() {
    let found = held("", &["British Airways|BA|Speedbird = urn:ba", "BA = urn:bachelor"]);
    assert_eq!(found, ["British Airways|Speedbird = urn:ba", "BA = urn:bachelor"]);
    let found = held("", &["BA = urn:bachelor", "British Airways|BA = urn:ba"]);
    assert_eq!(found, ["BA = urn:bachelor", "British Airways|BA = urn:ba"], "its aliases decide nothing");
}

#[test]
fn the_configuration_has_the_last_word_and_comes_first() {
    let found = held("Acme = urn:own\nOther hidden", &["Zeta = urn:z\nAcme = urn:a", "Other = urn:o"]);
    assert_eq!(found, ["Acme = urn:own", "Zeta = urn:z"]);
}

#[test]
fn what_is_hidden_is_hidden_until_a_later_layer_has_it_again() {
    assert_eq!(held("", &["Acme|A = urn:a\nBoeing = urn:b", "acme hidden"]), ["Boeing = urn:b"]);
    assert_eq!(held("", &["Acme = urn:a", "Acme hidden", "Acme = urn:again"]), ["Acme = urn:again"]);
    assert_eq!(held("", &["Acme hidden", "Acme = urn:a"]), ["Acme = urn:a"]);
    assert_eq!(held("", &["Acme|A = urn:a", "A hidden"]), ["Acme = urn:a"]);
}

#[test]
fn an_alias_follows_its_entry_wherever_that_leads() {
    let found = held("", &["X -> y\nY = urn:y\nZ|Zed -> X", "Y = urn:later"]);
    assert_eq!(found, ["Y|X|Z|Zed = urn:later"]);
    assert_eq!(held("", &["A = urn:a", "A -> B\nB = urn:b"]), ["B|A = urn:b"]);
    let several = held("", &["Y = urn:1\nY = urn:2\nX -> Y"]);
    assert_eq!(several, ["Y|X = urn:1", "Y|X = urn:2"]);
}

#[test]
fn an_alias_that_leads_nowhere_or_in_a_circle_is_a_located_mistake() {
    let found = mistakes("", &["A = urn:a\nX -> Y\nY -> Z\nZ -> x\nN -> nobody\nS -> S"]);
    assert_eq!(
        found,
        [
            "names.csv:2:1: alias_of: leads in a circle: X -> Y -> Z -> x; expected the name of an entry",
            "names.csv:3:1: alias_of: leads in a circle: Y -> Z -> x -> Y; expected the name of an entry",
            "names.csv:4:1: alias_of: leads in a circle: Z -> x -> Y -> Z; expected the name of an entry",
            "names.csv:5:1: alias_of: \"nobody\" is no name here; expected the name of an entry",
            "names.csv:6:1: alias_of: leads in a circle: S -> S; expected the name of an entry",
        ]
    );
    assert_eq!(mistakes("X -> Y", &["Y = urn:y", "Y hidden"]).len(), 1, "what is hidden is nowhere");
}

#[test]
fn what_is_denied_stays_so_under_every_name() {
    let settled = settle("", &["Evil|Bad = urn:e", "Evil|Worse denied\nWorst -> evil"]).unwrap();
    let mut denied: Vec<_> = settled.denied.keys().map(AsRef::as_ref).collect();
    denied.sort_unstable();
    assert_eq!(denied, ["evil", "worse", "worst"]);
    assert_eq!(settled.entries.len(), 0);
    let below = Entry { name: "EVIL".to_owned(), ..Entry::default() };
    assert_eq!(settled.decided.left(&below, SystemTime::UNIX_EPOCH), Left::Nothing);
    assert!(settle("", &["Evil denied", "Evil = urn:e"]).unwrap().denied.is_empty());
}

#[test]
fn an_alias_may_follow_a_name_that_only_the_index_below_has() {
    let settled = settle("", &["Own = urn:o", "Short|S -> Middle\nMiddle -> Only Below"]).unwrap();
    let followers: Vec<_> = settled
        .followers
        .iter()
        .map(|alias| (names(alias), followers::target(alias).unwrap().shown().to_owned()))
        .collect();
    let expected = [("Short|S", "Only Below"), ("Middle", "Only Below")];
    assert_eq!(followers, expected.map(|(names, target)| (names.to_owned(), target.to_owned())));
    assert_eq!(
        mistakes("", &["Short -> Nowhere", "One -> Other\nOther -> One"]),
        [
            "names.csv:1:1: alias_of: \"Nowhere\" is no name here; expected the name of an entry",
            "names.csv:1:1: alias_of: leads in a circle: One -> Other -> One; expected the name of an entry",
            "names.csv:2:1: alias_of: leads in a circle: Other -> One -> Other; expected the name of an entry",
        ]
    );
}

#[test]
fn a_name_with_umlauts_is_the_same_name_as_they_are_written_out() {
    for (below, above) in
        [("Läufer = urn:old", "Laeufer = urn:new"), ("Laeufer = urn:old", "Läufer = urn:new")]
    {
        assert_eq!(
            held("", &[&format!("{below}\nZeta = urn:z"), above]),
            [above, "Zeta = urn:z"],
            "and ranks there"
        );
    }
    assert_eq!(held("", &["Zürich|Züri = urn:z", "Zuerich hidden"]), [""; 0]);
    assert_eq!(held("", &["Zürich|Züri = urn:z", "Zueri hidden"]), ["Zürich = urn:z"]);
    assert_eq!(held("", &["München = urn:m\nMinga -> Muenchen"]), ["München|Minga = urn:m"]);
    assert_eq!(held("", &["Muenchen = urn:m\nMinga -> München"]), ["Muenchen|Minga = urn:m"]);
    assert_eq!(mistakes("", &["München -> Muenchen\nGöteborg -> Goeteborg\nGoeteborg -> Göteborg"]).len(), 3);

    let settled = settle("", &["Läufer denied\nRenner -> Laeufer"]).unwrap();
    let is_denied = |name: &str| settled.denied(&CommonName::new(name).unwrap()).count() > 0;
    for name in ["Läufer", "laeufer", "LAUFER", "renner"] {
        assert!(is_denied(name), "{name}");
    }
    assert!(!is_denied("laeufer buero"));
    assert_eq!(settled.denials.len(), 2, "each is told once");
}

#[test]
fn of_an_entry_below_the_names_are_left_that_no_layer_decides() {
    let settled = settle("", &["Zuerich hidden\nAcme|Other = urn:a"]).unwrap();
    let left = |text: &str| {
        let below = statement(text, 1).entry;
        match settled.decided.left(&below, SystemTime::UNIX_EPOCH) {
            Left::All => "all".to_owned(),
            Left::With(aliases) => names(&Entry { aliases, ..below }),
            Left::Nothing => "nothing".to_owned(),
        }
    };
    for (below, expected) in [
        ("Boeing|BA = urn:b", "all"),
        ("Zürich|Züri = urn:z", "nothing"),
        ("Stadt Zürich|Zürich|Züri = urn:z", "Stadt Zürich|Züri"),
        ("Apex|ACME|Other = urn:x", "Apex|Other"),
    ] {
        assert_eq!(left(below), expected, "{below}");
    }
}

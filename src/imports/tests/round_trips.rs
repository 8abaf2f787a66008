//! What is written and read again is what it was.

use proptest::prelude::*;

use super::*;
use crate::{
    backends::static_names::Map,
    config::Options,
    model::Property,
    names::{Life, Moment, parameters},
};

/// The names of a file of ours.
fn loaded(name: &str, text: &str) -> Vec<Named> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    let options = Options::from_yaml(&format!("files: [{name}]")).unwrap();
    let map = Map::read(&options, folder.path()).and_then(Map::in_force);
    let names = map.unwrap_or_else(|error| panic!("{error}\n{text}"));
    names.into_iter().map(|(entry, says)| Named { entry, says }).collect()
}

#[test]
fn everything_that_was_imported_is_loaded_and_exported_as_it_was() {
    for (path, source) in fixtures() {
        let imported = import(source, &fs::read(&path).unwrap()).unwrap();
        let written = export(Target::Csv, &imported.names);
        assert_eq!(written.remarks, [], "{}: CSV holds what others say", path.display());
        let names = loaded("names.csv", &written.text);
        assert!(!names.is_empty());
        let csv = export(Target::Csv, &names).text;
        assert_eq!(loaded("names.csv", &csv), names, "{}", path.display());
        let lines = export(Target::JsonLines, &names).text;
        assert_eq!(loaded("names.jsonl", &lines), names, "{}", path.display());
        // Our own file is one of the CSV files that can be imported.
        let again = import(Source::Csv, written.text.as_bytes()).unwrap();
        assert_eq!(again, Imported { names: imported.names, remarks: Vec::new() }, "{}", path.display());
    }
}

#[test]
fn golink_gets_back_what_it_gave() {
    let text = include_str!("../../../fixtures/import/golink/export.jsonl");
    let imported = import(Source::Golink, text.as_bytes()).unwrap();
    let names = loaded("names.csv", &export(Target::Csv, &imported.names).text);
    let exported = export(Target::Golink, &names);
    assert_eq!(exported.remarks, []);
    let long = |text: &str| -> Vec<(String, String, String)> {
        let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let field = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
        lines.map(|line| (field(&line, "Short"), field(&line, "Long"), field(&line, "Owner"))).collect()
    };
    let (before, after) = (long(text), long(&exported.text));
    assert_eq!(after.len(), 9);
    for (short, leads, _) in &after {
        let (_, led, _) = before.iter().find(|(known, ..)| known == short).unwrap();
        // A link may be written to golink's host or without it, and the default or in full.
        let led =
            led.replace("http://go/", "/").replace("https://github.com/{{.Path}}", "https://github.com/");
        assert_eq!(leads, &led, "{short}");
    }
    let again = import(Source::Golink, exported.text.as_bytes()).unwrap();
    assert_eq!(loaded("names.csv", &export(Target::Csv, &again.names).text), names);
}

/// What golink's own tests expect of its addresses, path escaped as we do it.
#[test]
fn golinks_addresses_lead_where_they_led() {
    let cases = [
        ("http://host.com/foo%2f/bar", "", "http://host.com/foo%2f/bar"),
        ("http://host.com/foo%2f/bar", "extra", "http://host.com/foo%2f/bar/extra"),
        ("http://host.com/foo", "extra", "http://host.com/foo/extra"),
        ("http://host.com/foo/", "extra", "http://host.com/foo/extra"),
        ("http://host.com/foo/", "", "http://host.com/foo/"),
        (
            "https://calendar.google.com/{{with .Path}}calendar/embed?mode=week&src={{.}}@tailscale.com{{end}}",
            "",
            "https://calendar.google.com/",
        ),
        (
            "https://calendar.google.com/{{with .Path}}calendar/embed?mode=week&src={{.}}@tailscale.com{{end}}",
            "amelie",
            "https://calendar.google.com/calendar/embed?mode=week&src=amelie@tailscale.com",
        ),
        ("http://host.com/{{QueryEscape .Path}}", "a/b+c", "http://host.com/a%2Fb%2Bc"),
        ("http://host.com/rel{{with .Path}}/{{.}}{{end}}?a=1", "path", "http://host.com/rel/path?a=1"),
        ("http://host.com/rel{{with .Path}}/{{.}}{{end}}?a=1", "", "http://host.com/rel?a=1"),
    ];
    for (long, path, expected) in cases {
        let template::Address { uri, plain } = template::read(long).unwrap();
        let entry = Entry { uri, plain, ..Entry::default() };
        assert_eq!(parameters::expand(&entry, path).as_deref(), Some(expected), "{long}");
    }
    for long in [
        "http://host.com/{{.User}}",
        "http://host.com/{{.Foo}}",
        "http://host.com/{{TrimPrefix .Path \"BUG-\"}}",
        "http://host.com/{{ToLower .Path}}",
        "http://host.com/{{with .Path}}x",
        "http://host.com/{{with .Path}}x{{end}}",
        "http://host.com/{{.Path",
    ] {
        assert!(template::read(long).is_err(), "{long}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_told() {
    let entry = Entry {
        name: "Société & Co".to_owned(),
        aliases: vec!["A|B".to_owned(), "SC".to_owned()],
        uri: "https://sc.example/".to_owned(),
        properties: vec![
            Property::new("category", "naics", "519"),
            Property::new("x-desk", "freeform", "3"),
            Property::new("category", "freeform", "tools"),
        ],
        ..Entry::default()
    };
    let told = |target, entry: &Entry| {
        let named = Named { entry: entry.clone(), says: Says::Leads };
        let exported = export(target, &[named]);
        exported.remarks.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        told(Target::Csv, &entry),
        [
            "Société & Co: an alias holds |, which parts aliases in files",
            "Société & Co: category (naics) \"519\" is not carried as such",
            "Société & Co: x-desk (freeform) \"3\" is not carried as such",
        ]
    );
    assert_eq!(told(Target::JsonLines, &entry).len(), 1);
    assert_eq!(told(Target::Golink, &entry).len(), 1, "{:?}", told(Target::Golink, &entry));
    let named = Entry { name: "Toys R Us".to_owned(), note: "n".to_owned(), ..entry };
    assert_eq!(
        told(Target::Golink, &named),
        [
            "Toys R Us: the properties are not carried",
            "Toys R Us: the note is not carried",
            "Toys R Us: the alias \"A|B\" is not carried: golink's short names are letters, digits, - _ and . of ASCII",
        ]
    );
    let denied = Named { entry: named, says: Says::Denied };
    assert_eq!(export(Target::Golink, &[denied]).text, "");
}

#[test]
fn golink_gets_each_short_name_once_and_no_address_that_it_takes_for_a_template() {
    let csv = "name,uri,aliases,owner,alias_of,disabled,deny\n\
               Acme Inc,https://a.example/,acme-inc|AI,ann,,,\nAcme-Inc,https://b.example/,b,,,,\n\
               C,https://c.example/{{a}},,,,,\nOne,,,,Two,,\nTwo,,2,bob,ai,,\nDead,,,x,No,,\nNo,,,,,,true\n";
    let names = loaded("names.csv", csv);
    let exported = export(Target::Golink, &names);
    let lines = [
        r#"{"Short":"Acme-Inc","Long":"https://a.example/","Owner":"ann"}"#,
        r#"{"Short":"AI","Long":"/Acme-Inc","Owner":"ann"}"#,
        r#"{"Short":"One","Long":"/Acme-Inc","Owner":"ann"}"#,
        r#"{"Short":"Two","Long":"/ai","Owner":"bob"}"#,
        r#"{"Short":"2","Long":"/ai","Owner":"bob"}"#,
    ];
    assert_eq!(exported.text.lines().collect::<Vec<_>>(), lines);
    let remarks: Vec<_> = exported.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "Acme-Inc: golink can't tell Acme-Inc from another link that is written; the entry is not carried",
            "C: golink takes {{ in an address for a template; the entry is not carried",
            "No: golink has no names that lead nowhere; it is not carried",
            "Dead: follows \"No\", which is not carried; nor is it",
        ]
    );
    for (target, file) in [(Target::Csv, "names.csv"), (Target::JsonLines, "names.jsonl")] {
        let exported = export(target, &names);
        assert_eq!((loaded(file, &exported.text), exported.remarks), (names.clone(), Vec::new()));
    }
}

#[test]
fn an_alias_in_part_of_its_time_is_told_as_no_row_can_say_it() {
    let life = Life { from: None, until: Some(Moment(0)) };
    let entry = Entry { name: "HR".to_owned(), life, ..Entry::default() };
    let named = [Named { entry, says: Says::AliasOf("Personnel".to_owned()) }];
    for (target, text) in [(Target::Csv, "name,uri\n"), (Target::JsonLines, ""), (Target::Golink, "")] {
        let exported = export(target, &named);
        assert_eq!(exported.text, text);
        let remark = "HR: an alias in part of its time, as a later layer takes its place in the rest; it is not carried";
        assert_eq!(exported.remarks.iter().map(ToString::to_string).collect::<Vec<_>>(), [remark]);
    }
}

/// Entries as an operator may write them.
fn entry() -> impl Strategy<Value = Entry> {
    let text = || "[a-zé東\"',;\\|\\n #=+-]{0,12}".prop_map(|text: String| text.trim().to_owned());
    let property = (prop::sample::select(vec!["language", "geography", "category", "x-desk"]), text())
        .prop_map(|(name, value)| Property::new(name, "freeform", value));
    let uri =
        prop::sample::select(vec!["https://a.example/{rest}", "https://a.example/?q={query}", "urn:a:b"]);
    let moment = || prop::option::of((0_i64..4_000_000_000).prop_map(Moment));
    let texts = [text(), text(), text(), text()];
    (
        texts,
        prop::collection::vec(text().prop_map(|alias| format!("a{alias}")), 0..3),
        prop::collection::vec(property, 0..3),
        uri,
        moment(),
    )
        .prop_map(|([name, description, owner, note], aliases, properties, uri, until)| Entry {
            name: format!("n{name}"),
            aliases,
            uri: uri.to_owned(),
            plain: if uri.contains('?') { "https://a.example/".to_owned() } else { String::new() },
            description,
            properties,
            life: Life { from: None, until },
            owner,
            note,
        })
}

proptest! {
    #[test]
    fn an_entry_is_what_it_was_or_it_is_told_what_was_lost(entry in entry()) {
        let named = Named { entry: entry.clone(), says: Says::Leads };
        let by_name = |entry: &Entry| {
            let mut entry = entry.clone();
            entry.properties.sort_by(|a, b| a.name.cmp(&b.name));
            entry
        };
        for (target, file) in [(Target::Csv, "n.csv"), (Target::JsonLines, "n.jsonl")] {
            let exported = export(target, std::slice::from_ref(&named));
            let read = loaded(file, &exported.text);
            prop_assert_eq!(read.len(), 1);
            let is_same = by_name(&read[0].entry) == by_name(&entry);
            prop_assert!(is_same || !exported.remarks.is_empty(), "{:?}\n{}", read, exported.text);
        }
    }
}

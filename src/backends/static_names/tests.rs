mod below;
mod index_file;
mod life;

use std::{fs, io::Write, sync::atomic::AtomicBool, time::Duration};

use futures_util::FutureExt as _;
use tempfile::TempDir;

use super::*;
use crate::backends::Chain;
use crate::model::{CommonName, Hit, Likeness, SystemClock};
use crate::upstream::Lines;

fn built(yaml: &str, folder: &Path) -> Built {
    let clock = Arc::new(SystemClock);
    let setting = Setting {
        name: "names",
        folder,
        clock,
        lines: Lines::default(),
        timeout: Duration::from_secs(1),
        toll: None,
        seed: 0,
        chain: Chain::default(),
    };
    build(&Options::from_yaml(yaml).unwrap(), &setting)
}

fn hits(backend: &dyn Backend, name: &str) -> Vec<Hit> {
    let query = NameQuery::plain(CommonName::new(name).unwrap());
    assert_eq!(backend.request(&query), Ask::Local);
    backend.ask(&query).now_or_never().unwrap().unwrap().hits
}

fn uris(backend: &dyn Backend, name: &str) -> Vec<String> {
    hits(backend, name).into_iter().map(|hit| hit.uri).collect()
}

fn mistakes(yaml: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    let folder = folder_of(files);
    let Err(problems) = built(yaml, folder.path()) else { panic!("{yaml} is taken") };
    let prefix = format!("{}/", folder.path().display());
    problems.0.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

fn folder_of(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn properties(hit: &Hit) -> Vec<(&str, &str, &str)> {
    hit.properties.iter().map(|p| (p.name.as_str(), p.kind.as_str(), p.value.as_str())).collect()
}

#[test]
fn r18_each_property_that_the_configuration_writes_is_declared_once() {
    let yaml = r#"
names:
  - {name: Boeing, uri: "https://www.boeing.com/", properties: {x-ticker: {type: x-nyse, value: BA}, language: en}}
  - {name: Airbus, uri: "https://www.airbus.com/", properties: {x-ticker: {type: x-nyse, value: EADSY}}}
  - {name: Embraer, uri: "https://embraer.com/", properties: {x-ticker: {type: x-b3, value: EMBR3}}}
"#;
    let mut declared: Vec<_> = built(yaml, Path::new("."))
        .unwrap_or_else(|wrong| panic!("{wrong}"))
        .declares()
        .iter()
        .map(|property| format!("{} {}", property.name, property.kind))
        .collect();
    declared.sort_unstable();
    assert_eq!(declared, ["language rfc1766", "x-ticker x-b3", "x-ticker x-nyse"]);
}

#[test]
fn an_inline_name_is_given_as_written() {
    let yaml = r#"
names:
  - name: Boeing
    aliases: ["The Boeing Company"]
    uri: "https://www.boeing.com/"
    description: Aircraft & rockets
    properties: {language: en-US, geography: US, category: [aerospace, rockets], x-desk: {type: x-floor, value: "3"}}
"#;
    let backend = built(yaml, Path::new("")).unwrap();
    let hit = hits(backend.as_ref(), "the boeing company").remove(0);
    assert_eq!((hit.name.as_str(), hit.entry.as_deref()), ("Boeing", Some("Boeing")));
    assert_eq!((hit.likeness, hit.description.as_str()), (Likeness::Same, "Aircraft & rockets"));
    let expected = [
        ("language", "rfc1766", "en-US"),
        ("geography", "iso3166-1", "US"),
        ("category", "freeform", "aerospace"),
        ("category", "freeform", "rockets"),
        ("x-desk", "x-floor", "3"),
    ];
    assert_eq!(properties(&hit), expected);
}

#[test]
fn slips_are_found_unless_told_not_to() {
    let names = "names: [{name: Boeing, uri: \"https://www.boeing.com/\"}]";
    let fuzzy = built(names, Path::new("")).unwrap();
    assert_eq!(hits(fuzzy.as_ref(), "boieng")[0].likeness, Likeness::Slip);
    let strict = built(&format!("{names}\nfuzzy: false"), Path::new("")).unwrap();
    assert_eq!(uris(strict.as_ref(), "boieng"), [""; 0]);
    assert_eq!(uris(strict.as_ref(), "BOEING"), ["https://www.boeing.com/"]);
}

#[test]
fn r1_any_absolute_uri_is_taken() {
    for uri in
        ["mailto:info@acme.example", "urn:isbn:0451450523", "tel:+1-201-555-0123", "HTTPS://Acme.example"]
    {
        let backend = built(&format!("names: [{{name: Acme, uri: \"{uri}\"}}]"), Path::new("")).unwrap();
        assert_eq!(uris(backend.as_ref(), "acme"), [uri]);
    }
}

#[test]
fn r1_d28_what_is_no_safe_address_is_a_located_mistake() {
    let yaml = r#"names: [{name: A, uri: "https://a.example/"}, {name: " ", uri: "/relative"}, {name: J, uri: "JavaScript:alert(1)"}]"#;
    let found = mistakes(yaml, &[]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("names[1].name") && found[0].contains("expected a common name"), "{found:?}");
    assert!(found[1].contains("names[1].uri") && found[1].contains("no absolute URI"), "{found:?}");
    assert!(found[2].contains("names[2].uri") && found[2].contains("allow_schemes"), "{found:?}");
    let allowed = r#"{allow_schemes: [javascript], names: [{name: J, uri: "JavaScript:alert(1)"}]}"#;
    assert_eq!(uris(built(allowed, Path::new("")).unwrap().as_ref(), "j"), ["JavaScript:alert(1)"]);
}

#[test]
fn d28_a_scheme_that_is_hidden_from_the_eye_is_a_located_mistake() {
    for uri in [
        "java\\tscript:alert(1)",
        "java\\nscript:alert(1)",
        "\\u0001javascript:alert(1)",
        "\\u0000data:text/html,x",
        "https:evil.example",
        "https:///evil.example",
    ] {
        let found = mistakes(&format!("names: [{{name: J, uri: \"{uri}\"}}]"), &[]);
        assert!(found[0].contains("names[0].uri") && found[0].contains("is no absolute URI"), "{found:?}");
        let row = format!("{{\"name\": \"J\", \"uri\": \"{uri}\"}}\n");
        let found = mistakes("files: [n.jsonl]", &[("n.jsonl", row.as_bytes())]);
        assert!(found[0].starts_with("n.jsonl:1:1: uri: "), "{found:?}");
    }
    let folder = folder_of(&[("n.csv", b"name,uri\nJ,java\tscript:alert(1)\n")]);
    let built = build_index(&[folder.path().join("n.csv")], &folder.path().join("n.idx"), true, &mut |_| {});
    assert!(built.unwrap_err().to_string().starts_with("1 malformed rows"));
}

#[test]
fn files_of_every_format_are_read() {
    let csv = "\u{feff}Name,url,aliases,country,language,mood,category\n\
               Acme,https://acme.example/,\"Acme Anvils|Anvils, Acme\",US-CA,en,glad,tools\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(csv.replace("Acme", "Packed").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let yaml = "# names\n- {name: Yaml, uri: \"https://yaml.example/\", geography: NO, language: [no, nb], aliases: [Yammel]}\n\
                - {name: Yaml Two, uri: \"https://two.example/\", properties: {category: x}, extra: {a: [1]}}\n";
    let lines = "{\"name\": \"Lines\", \"uri\": \"https://lines.example/\", \"aliases\": \"L One|L Two\"}\n\n\
                 {\"name\": \"Lines Two\", \"url\": \"https://lines2.example/\"}\n";
    let folder = folder_of(&[
        ("a.csv", csv.as_bytes()),
        ("b.CSV.gz", &packed),
        ("c.yaml", yaml.as_bytes()),
        ("d.jsonl", lines.as_bytes()),
        ("e.json", b"[{\"name\": \"Array\", \"uri\": \"https://array.example/\"}]"),
    ]);
    let backend = built("files: [a.csv, b.CSV.gz, c.yaml, d.jsonl, e.json]", folder.path()).unwrap();
    for (name, uri) in [
        ("anvils acme", "https://acme.example/"),
        ("packed anvils", "https://acme.example/"),
        ("yammel", "https://yaml.example/"),
        ("yaml two", "https://two.example/"),
        ("l two", "https://lines.example/"),
        ("lines two", "https://lines2.example/"),
        ("array", "https://array.example/"),
    ] {
        assert_eq!(uris(backend.as_ref(), name)[0], uri, "{name}");
    }
    let acme = hits(backend.as_ref(), "acme").remove(0);
    let expected = [
        ("geography", "iso3166-2", "US-CA"),
        ("language", "rfc1766", "en"),
        ("category", "freeform", "tools"),
    ];
    assert_eq!(properties(&acme), expected);
    let yaml = hits(backend.as_ref(), "yaml").remove(0);
    let expected =
        [("geography", "iso3166-1", "NO"), ("language", "rfc1766", "no"), ("language", "rfc1766", "nb")];
    assert_eq!(properties(&yaml), expected);
}

#[test]
fn a_mistake_in_csv_is_told_where_its_row_begins() {
    let csv =
        b"\nname,uri\nA,https://a.example/\n\n\r\n\nB,nope\n\"C\n\n\nC\",nope\n\n\xff,nope\n\nD\nE,nope";
    let found = mistakes("files: [n.csv]", &[("n.csv", csv)]);
    let begins = [
        "n.csv:7:1: uri",
        "n.csv:8:1: uri",
        "n.csv:13:1: is not UTF-8",
        "n.csv:15:1: has 1",
        "n.csv:16:1: uri",
    ];
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin), "{found} is not {begin}");
    }
    let open = b"name,uri\nA,https://a.example/\n\n\"B,https://b.example/\n\nC,https://c.example/\n";
    let found = mistakes("files: [n.csv]", &[("n.csv", open)]);
    assert!(found[0].starts_with("n.csv:4:1: has 1 columns"), "{found:?}");
    let found = mistakes("files: [n.csv]", &[("n.csv", b"\n\ntitle,uri\n")]);
    assert!(found[0].starts_with("n.csv:3:1: name: is no column"), "{found:?}");
    let found = mistakes("files: [n.jsonl]", &[("n.jsonl", b"\n{\"name\": \"A\", \"uri\": {}}\n[]\n{\n")]);
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|found| !found.contains("at line")), "{found:?}");
}

#[test]
fn unknown_columns_are_no_mistake_and_told() {
    let folder = folder_of(&[("n.csv", b"name,uri,valid_untill\nA,https://a.example/,2020-01-01\n")]);
    let backend = built("files: [n.csv]", folder.path()).unwrap();
    let warnings = backend.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].ends_with("/n.csv: unknown columns are ignored: valid_untill"), "{warnings:?}");
}

#[test]
fn mistakes_in_files_are_named_by_file_and_line() {
    let csv: &[u8] =
        b"name,uri\nA,https://a.example/\nB\n,https://c.example/\n\"D\nD\",nowhere\nE,javascript:x\n";
    let found = mistakes("files: [n.csv]", &[("n.csv", csv)]);
    let begins = [
        "n.csv:3:1: has 1 columns; expected 2",
        "n.csv:4:1: name: is empty",
        "n.csv:5:1: uri: \"nowhere\"",
        "n.csv:7:1: uri: the scheme",
    ];
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin), "{found} is not {begin}");
    }
    assert_eq!(found.len(), begins.len() + 1, "and the key that names the file: {found:?}");
    let returns = b"name,uri\r\nA,https://a.example/\r\n\r\n\"B\r\nB\",https://b.example/\r\nC,nowhere\r\n";
    let found = mistakes("files: [n.csv]", &[("n.csv", returns)]);
    assert!(found[0].starts_with("n.csv:6:1: uri: \"nowhere\""), "{found:?}");
    let found = mistakes("files: [n.csv]", &[("n.csv", b"title,link\nA,https://a.example/\n")]);
    assert!(found[0].contains("n.csv:1:1: name: is no column"), "{found:?}");
    let found =
        mistakes("files: [n.jsonl]", &[("n.jsonl", b"{\"name\": \"A\", \"uri\": \"urn:a:b\"}\n{broken\n")]);
    assert!(found[0].starts_with("n.jsonl:2:1: "), "{found:?}");
    let found = mistakes("files: [n.yaml]", &[("n.yaml", b"- {name: A, uri: \"urn:a:b\"}\n- {name: B}\n")]);
    assert!(found[0].starts_with("n.yaml:2:1: uri: "), "{found:?}");
    let found = mistakes("files: [n.csv]", &[("n.csv", b"name,uri\nA,https://a.example/\n\xff,x\n")]);
    assert!(found[0].starts_with("n.csv:3:1: is not UTF-8"), "{found:?}");
    let found = mistakes("files: [n.csv.gz]", &[("n.csv.gz", b"name,uri\n")]);
    assert!(found[0].contains("n.csv.gz: can't be unpacked"), "{found:?}");
    assert!(mistakes("files: [none.csv]", &[])[0].starts_with("none.csv: can't be read"));
}

#[test]
fn mistakes_of_every_kind_are_told_at_once() {
    let yaml = r#"names:
  - {name: A, uri: nowhere, valid_from: soon}
  - {name: B, uri: "urn:x:b", mood: glad}
  - {name: C, alias_of: D}
  - {name: D, alias_of: C}"#;
    let found = mistakes(yaml, &[]);
    let expected = [
        ("options:2:", "names[0].uri: \"nowhere\" is no absolute URI"),
        ("options:2:", "names[0].valid_from: \"soon\" is no time"),
        ("options:3:", "names[1].mood: "),
        ("options:4:12: ", "alias_of: leads in a circle: C -> D -> C"),
        ("options:5:12: ", "alias_of: leads in a circle: D -> C -> D"),
    ];
    for (found, (begin, words)) in found.iter().zip(expected) {
        assert!(found.starts_with(begin) && found.contains(words), "{found} is not {begin} {words}");
    }
    assert_eq!(found.len(), expected.len(), "no file is named, so none is wrong: {found:?}");
}

#[test]
fn a_file_without_an_end_or_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = |name: &str| {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        // Nothing is written, so it takes no room.
        file.set_len(65 << 20).unwrap();
    };
    for (named, words) in [
        ("n.csv", "has a row of over 16 MiB"),
        ("n.jsonl", "has a row of over 16 MiB"),
        ("n.yaml", "is YAML of over 64 MiB"),
    ] {
        long(named);
        let found = built(&format!("files: [{named}]"), folder.path()).err().unwrap().to_string();
        assert!(found.contains(words), "{found}");
    }
    let found = built("index: n.csv", folder.path()).err().unwrap().to_string();
    assert!(found.contains("is no index of names"), "{found}");
    for options in ["index: /dev/zero", "files: [/dev/zero]"] {
        let found = built(options, folder.path()).err().unwrap().to_string();
        assert!(found.contains("not a regular file"), "{found}");
    }
}

#[test]
fn of_many_mistakes_the_first_are_told() {
    let csv = format!("name,uri\n{}", "A,nowhere\n".repeat(200));
    let found = mistakes("files: [n.csv]", &[("n.csv", csv.as_bytes())]);
    assert_eq!(found.len(), MOST_PROBLEMS + 2, "and how many more, and the key that names the file");
    assert!(found[MOST_PROBLEMS].ends_with("and 180 more mistakes"), "{found:?}");
}

#[test]
fn r6_a_property_that_is_not_registered_is_a_located_mistake() {
    let yaml =
        "names:\n  - {name: A, uri: \"urn:x:a\", properties: {zip: 94043, geography: {type: zip, value: x}}}";
    let found = mistakes(yaml, &[]);
    let begins = [
        "options:2:49: names[0].properties.zip: \"zip\" is no registered property",
        "options:2:67: names[0].properties.geography: \"zip\" is no registered type of geography",
    ];
    assert_eq!(found.len(), 2, "{found:?}");
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin) && found.ends_with("expected \"x-zip\""), "{found}");
    }
    let row = "{\"name\": \"A\", \"uri\": \"urn:x:a\", \"properties\": {\"zip\": 94043}}\n";
    let found = mistakes("files: [n.jsonl]", &[("n.jsonl", row.as_bytes())]);
    assert!(found[0].starts_with("n.jsonl:1:1: \"zip\" is no registered property"), "{found:?}");
    let rows =
        "- {name: A, uri: \"urn:x:a\"}\n- {name: A, uri: \"urn:x:a\", country: {type: zip, value: x}}\n";
    let found = mistakes("files: [n.yaml]", &[("n.yaml", rows.as_bytes())]);
    assert!(found[0].starts_with("n.yaml:2:1: geography: \"zip\" is no registered type"), "{found:?}");
}

#[test]
fn a_changed_file_is_read_again_and_a_broken_one_is_not() {
    let folder = folder_of(&[("n.csv", b"name,uri\nAcme,https://one.example/\n")]);
    let path = folder.path().join("n.csv");
    let backend = built("files: [n.csv]\nnames: [{name: Own, uri: \"urn:x:own\"}]", folder.path()).unwrap();
    let now = |expected: &str, why: &str| {
        backend.upkeep();
        assert_eq!(uris(backend.as_ref(), "acme"), [expected], "{why}");
        assert_eq!(uris(backend.as_ref(), "own"), ["urn:x:own"], "{why}");
    };
    now("https://one.example/", "nothing changed");
    fs::write(&path, "name,uri\nAcme,https://second.example/\n").unwrap();
    now("https://second.example/", "written in place");
    fs::write(&path, "name,uri\nAcme,not an address\n").unwrap();
    now("https://second.example/", "broken");
    fs::remove_file(&path).unwrap();
    now("https://second.example/", "gone");
    let other = folder.path().join("other.csv");
    fs::write(&other, "name,uri\nAcme,https://third.example/\n").unwrap();
    fs::rename(&other, &path).unwrap();
    now("https://third.example/", "renamed over");
}

#[cfg(unix)]
#[test]
fn a_swapped_symbolic_link_is_a_change() {
    let folder = tempfile::tempdir().unwrap();
    // As ConfigMaps are swapped: the data folder is a link, replaced by rename.
    for (version, uri) in [("v1", "https://a.example/"), ("v2", "https://b.example/")] {
        let place = folder.path().join(version);
        fs::create_dir(&place).unwrap();
        fs::write(place.join("n.csv"), format!("name,uri\nAcme,{uri}\n")).unwrap();
    }
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, folder.path().join(at)).unwrap();
    link("v1", "data");
    let backend = built("files: [data/n.csv]", folder.path()).unwrap();
    link("v2", "next");
    fs::rename(folder.path().join("next"), folder.path().join("data")).unwrap();
    backend.upkeep();
    assert_eq!(uris(backend.as_ref(), "acme"), ["https://b.example/"]);
}

#[test]
fn the_starter_map_is_built_in() {
    let backend = built("files: [\"builtin:starter\"]", Path::new("")).unwrap();
    backend.upkeep();
    assert_eq!(uris(backend.as_ref(), "youtube")[0], "https://www.youtube.com/");
}

#[test]
fn the_schema_names_every_option() {
    let schema = serde_json::to_string(schema().as_value()).unwrap();
    for key in ["names", "files", "index", "fuzzy", "allow_schemes", "aliases", "uri", "properties"] {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
}

/// Builds the index of these rows at `path`, from a file beside it.
fn index(path: &Path, rows: &str) {
    let names = path.with_extension("csv");
    fs::write(&names, format!("name,uri\n{rows}")).unwrap();
    build_index(&[names], path, true, &mut |_| {}).unwrap();
}

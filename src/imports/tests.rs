mod round_trips;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;

/// The files of a system, by the folder that they are in.
const FOLDERS: [(&str, Source); 5] = [
    ("bangs", Source::Bangs),
    ("golink", Source::Golink),
    ("bookmarks", Source::Bookmarks),
    ("csv", Source::Csv),
    ("hosts", Source::Hosts),
];

/// Files as these systems write them, with what they are.
fn fixtures() -> Vec<(PathBuf, Source)> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import");
    let mut found = Vec::new();
    for (folder, source) in FOLDERS {
        let files = fs::read_dir(all.join(folder)).unwrap().map(|file| file.unwrap().path());
        let is_input = |path: &PathBuf| path.extension().is_none_or(|e| e != "imported" && e != "remarks");
        found.extend(files.filter(is_input).map(|path| (path, source)));
    }
    assert!(found.len() >= 8, "the fixtures were found");
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The expectations stand beside each file: what is written, and what is remarked. `UPDATE_IMPORTS=1`
/// writes them anew, to be read and committed.
#[test]
fn files_of_other_systems_are_read_as_expected() {
    for (path, source) in fixtures() {
        let imported = import(source, &fs::read(&path).unwrap()).unwrap();
        let exported = export(Target::Csv, &imported.names);
        let remarks = imported.remarks.iter().chain(&exported.remarks);
        let remarks = remarks.map(|remark| format!("{remark}\n")).collect::<String>();
        for (text, ending) in [(exported.text, "imported"), (remarks, "remarks")] {
            let expected = PathBuf::from(format!("{}.{ending}", path.display()));
            if std::env::var_os("UPDATE_IMPORTS").is_some() {
                fs::write(&expected, &text).unwrap();
            }
            assert_eq!(text, fs::read_to_string(&expected).unwrap(), "{}", expected.display());
        }
    }
}

#[test]
fn what_is_no_such_file_is_refused_with_its_reason() {
    let error = |source, text: &str| import(source, text.as_bytes()).unwrap_err().to_string();
    assert!(error(Source::Bangs, "{\"t\": 1}").contains("expected a JSON array of bangs"));
    assert!(error(Source::Bangs, "[{]").starts_with("1: "), "the line is told");
    assert!(error(Source::Bookmarks, "name,uri\n").contains("expected the HTML that a browser exports"));
    assert!(error(Source::Csv, "a;b\n1;2\n").contains("expected headings such as"));
    assert!(error(Source::Csv, "").contains("expected headings such as"));
    let golink = import(Source::Golink, b"<html>\n").unwrap();
    assert_eq!(golink.names, []);
    assert!(golink.remarks[0].to_string().starts_with("1: is no link: "));
}

#[test]
fn names_are_tidied_as_they_come() {
    let bookmark = "<DT><A HREF=\"https://x.example/\" SHORTCUTURL=\"Two lines\">Two\n  lines</A>";
    let imported = import(Source::Bookmarks, bookmark.as_bytes()).unwrap();
    let entry = &imported.names[0].entry;
    assert_eq!((entry.name.as_str(), entry.aliases.len()), ("Two lines", 0));

    let link =
        r#"{"Short":" cs ","Long":"http://cs.example/{{- with .Path -}} search?q={{- . -}} {{- end -}}"}"#;
    let imported = import(Source::Golink, link.as_bytes()).unwrap();
    assert_eq!(imported.remarks, []);
    let entry = &imported.names[0].entry;
    assert_eq!((entry.name.as_str(), entry.uri.as_str()), ("cs", "http://cs.example/search?q={rest}"));
    assert_eq!(entry.plain, "http://cs.example/");
}

#[test]
fn golink_aliases_that_lead_to_nothing_carried_are_told_and_the_others_stay() {
    let text = r#"{"Short":"me","Long":"http://who.example/{{.User}}"}
{"Short":"who-am-i","Long":"/me"}
{"Short":"i","Long":"/WhoAmI"}
{"Short":"one","Long":"http://go/two"}
{"Short":"two","Long":"/one"}
{"Short":"c","Long":"/co-de"}
{"Short":"code","Long":"http://code.example/"}
"#;
    let imported = import(Source::Golink, text.as_bytes()).unwrap();
    let remarks: Vec<_> = imported.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "1: me: http://who.example/{{.User}} says {{.User}}, which has no match here",
            "2: who-am-i: alias_of: \"me\" is no name here; expected the name of an entry",
            "3: i: alias_of: \"me\" is no name here; expected the name of an entry",
            "4: one: alias_of: leads in a circle: one -> two -> one; expected the name of an entry",
            "5: two: alias_of: leads in a circle: two -> one -> two; expected the name of an entry",
        ]
    );
    let names: Vec<_> = imported.names.iter().map(|named| named.entry.name.as_str()).collect();
    assert_eq!(names, ["c", "code"]);
}

#[test]
fn hostile_files_are_read_all_the_same() {
    let long = format!("name,url\n{},https://x.example/\nA,https://a.example/\n", "x".repeat(1 << 20));
    let imported = import(Source::Csv, long.as_bytes()).unwrap();
    assert_eq!((imported.names.len(), imported.remarks.len()), (1, 1));
    assert_eq!(imported.remarks[0].to_string(), "2: is longer than 64 KiB; is a quote left open?");
    let imported = import(Source::Csv, b"name,url\nCaf\xe9,https://cafe.example/\n").unwrap();
    assert_eq!(imported.names[0].entry.name, "Caf\u{fffd}");
    assert!(imported.remarks[0].text.contains("is not UTF-8"));
    assert!(import(Source::Bangs, "[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn folders_may_be_many_and_their_depth_has_an_end() {
    let bookmark = "<DT><A HREF=\"https://deep.example/\">Deep</A>";
    let within = |depth| format!("{}{bookmark}", "<DL><p>".repeat(depth));
    assert_eq!(import(Source::Bookmarks, within(200).as_bytes()).unwrap().names.len(), 1);
    let error = import(Source::Bookmarks, within(100_000).as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "nests over 512 elements deep; expected folders of bookmarks");
    let folder = format!("<DT><H3>Folder</H3>\n<DL><p>\n{bookmark}\n<DD>What it is\n</DL><p>\n");
    let many = format!("<DL><p>\n{}</DL><p>\n", folder.repeat(2_000));
    assert_eq!(import(Source::Bookmarks, many.as_bytes()).unwrap().names.len(), 2_000);
}

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

fn remarks(source: Source, text: &str) -> Vec<String> {
    let imported = import(source, text.as_bytes()).unwrap();
    imported.remarks.iter().map(ToString::to_string).collect()
}

#[test]
fn what_bangs_do_otherwise_than_we_is_told() {
    let bang = |fields: &str| format!("[{{\"s\": \"S\", \"d\": \"s.example\", \"t\": \"s\", {fields}}}]");
    let path = "\"u\": \"https://s.example/{{{s}}}\"";
    let spaces = "+ for spaces in a path (url_encode_space_to_plus): not carried, in 1 place";
    assert_eq!(remarks(Source::Bangs, &bang(path)), [spaces]);
    assert_eq!(remarks(Source::Bangs, &bang("\"u\": \"https://s.example/?q={{{s}}}\"")), [""; 0]);
    assert_eq!(remarks(Source::Bangs, &bang(&format!("{path}, \"r\": 1"))), ["r: not carried, in 1 place"]);
    let raw = bang(&format!("{path}, \"fmt\": [\"open_base_path\", \"open_snap_domain\"]"));
    assert_eq!(
        remarks(Source::Bangs, &raw),
        [
            "open_snap_domain: not carried, in 1 place",
            "what follows as it stands (no url_encode_placeholder): not carried, in 1 place",
        ]
    );
}

#[test]
fn a_bookmark_has_the_categories_of_all_its_folders_and_nothing_is_lost_unseen() {
    let text = "<DL><p>\n<DT><H3 PERSONAL_TOOLBAR_FOLDER=\"true\">Bar</H3>\n<DL><p>\n\
                <DT><H3>Work</H3>\n<DD>All of it\n<DL><p>\n<DT><H3>Tools</H3>\n<DL><p>\n\
                <DT><A HREF=\"https://t.example/\" FEEDURL=\"https://t.example/feed\" PRIVATE=\"1\" \
                LAST_CHARSET=\"UTF-8\">T</A>\n</DL><p>\n</DL><p>\n\
                <DT><A HREF=\"https://u.example/\">U</A>\n</DL><p>\n</DL><p>\n";
    let imported = import(Source::Bookmarks, text.as_bytes()).unwrap();
    let categories = |named: &Named| -> Vec<_> {
        named.entry.properties.iter().map(|property| property.value.clone()).collect()
    };
    let found: Vec<_> = imported.names.iter().map(categories).collect();
    assert_eq!(found, [vec!["Tools".to_owned(), "Work".to_owned()], Vec::new()]);
    assert_eq!(
        remarks(Source::Bookmarks, text),
        [
            "FEEDURL: not carried, in 1 place",
            "LAST_CHARSET: not carried, in 1 place",
            "PRIVATE: not carried, in 1 place",
            "the description of a folder: not carried, in 1 place",
        ]
    );
}

#[test]
fn a_host_with_several_addresses_is_one_name_and_what_systems_name_themselves_is_none() {
    let text = "fe00::0 ip6-localnet\nff00::0 ip6-mcastprefix\nfd00::5 Wiki.example wiki # docs\n\
                10.0.0.5 wiki.example wiki w # docs\n10.0.0.6 jira.example\n";
    let imported = import(Source::Hosts, text.as_bytes()).unwrap();
    let csv = export(Target::Csv, &imported.names).text;
    let expected = "name,uri,description,aliases\nWiki.example,http://Wiki.example/,docs,wiki|w\n\
                    jira.example,http://jira.example/,,\n";
    assert_eq!(csv, expected);
    assert_eq!(
        remarks(Source::Hosts, text),
        ["hosts of this machine, or that are blocked: not carried, in 2 places"]
    );
}

#[test]
fn a_line_of_csv_is_that_of_its_row_and_a_column_without_meaning_is_told() {
    let text = "\nname,url,properties\n\n\n\"A\n\nA\",nowhere,x\n\nB\n\r\nC,nowhere,";
    let found = remarks(Source::Csv, text);
    let begins =
        ["2: the column \"properties\"", "5: uri: \"nowhere\"", "9: has 1 columns", "11: uri: \"nowhere\""];
    assert_eq!(found.len(), begins.len(), "{found:?}");
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin), "{found} is not {begin}");
    }
    let golink = remarks(Source::Golink, "\n{\"Short\": []}\n");
    assert_eq!(
        golink,
        ["2: is no link: invalid type: sequence, expected a string; expected a line of golink's export"]
    );
}

#[test]
fn blank_lines_before_the_headings_of_csv_are_passed_over_whatever_is_between_values() {
    for between in [",", ";", "\t", "|"] {
        let text = "\r\n\nTitle,Link,zzz\nA,https://a.example/,\n".replace(',', between);
        let imported = import(Source::Csv, text.as_bytes()).unwrap();
        assert_eq!(imported.names[0].entry.uri, "https://a.example/", "{text}");
        assert_eq!(remarks(Source::Csv, &text), ["3: the column \"zzz\" is not carried"]);
        let error = import(Source::Csv, text.replace("Link", "Lank").as_bytes()).unwrap_err();
        assert_eq!(error.line, 3, "{text}");
    }
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

use std::fs;

use futures_util::FutureExt as _;
use tempfile::TempDir;

use super::*;
use crate::{
    backends::static_names::from_index,
    model::{Backend, CommonName, NameQuery},
    names::NameIndex,
};

/// A folder with these files, and where the index of them will stand.
struct Place {
    folder: TempDir,
    files: Vec<PathBuf>,
    output: PathBuf,
}

impl Place {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = files.iter().map(|(name, content)| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        });
        let (files, output) = (paths.collect(), folder.path().join("names.idx"));
        Self { folder, files, output }
    }

    fn build(&self, strict: bool) -> Result<BuildReport, BuildError> {
        build_index(&self.files, &self.output, strict, &mut |_| {})
    }

    fn error(&self, strict: bool) -> String {
        let error = self.build(strict).unwrap_err().to_string();
        error.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn files_there(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn uris(backend: &dyn Backend, name: &str) -> Vec<String> {
    let query = NameQuery::plain(CommonName::new(name).unwrap());
    let reply = backend.ask(&query).now_or_never().unwrap().unwrap();
    reply.hits.into_iter().map(|hit| hit.uri).collect()
}

#[test]
fn files_of_every_format_become_one_index() {
    let place = Place::with(&[
        (
            "a.csv",
            b"\xef\xbb\xbfname,url,aliases,country\nBoeing,https://www.boeing.com/,Boeing Co|TheAES,US\n",
        ),
        ("b.jsonl", b"{\"name\": \"Acme Widgets\", \"uri\": \"https://acme.example/\"}\n"),
        ("c.yaml", b"- {name: Yaml Two, uri: \"https://two.example/\"}\n"),
        ("d.json", b"[{\"name\": \"Array\", \"uri\": \"https://array.example/\"}]"),
    ]);
    let report = place.build(true).unwrap();
    assert_eq!((report.summary.entries, report.malformed.count), (4, 0));
    assert_eq!(report.summary.bytes, fs::metadata(&place.output).unwrap().len());
    let backend = from_index(&place.output).unwrap();
    for (name, uri) in [
        ("BOEING", "https://www.boeing.com/"),
        ("boieng", "https://www.boeing.com/"),
        ("the aes", "https://www.boeing.com/"),
        ("widgets acme", "https://acme.example/"),
        ("yaml two", "https://two.example/"),
        ("array", "https://array.example/"),
    ] {
        assert_eq!(uris(backend.as_ref(), name), [uri], "{name}");
    }
    let found = NameIndex::open(&place.output).unwrap().exact(&CommonName::new("boeing").unwrap()).unwrap();
    assert_eq!(found[0].entry.properties[0].value, "US");
}

#[test]
fn malformed_rows_are_left_out_counted_and_the_first_shown_with_their_lines() {
    let rows = "B\n,https://c.example/\nD,nowhere\n".repeat(100);
    let content = format!("name,uri\nA,https://a.example/\n{rows}E,https://e.example/\n");
    let place = Place::with(&[("n.csv", &[content.as_bytes(), b"\xff\xfe,https://f.example/\n"].concat())]);
    let report = place.build(false).unwrap();
    assert_eq!((report.summary.entries, report.malformed.count), (2, 301));
    let lines: Vec<_> = report.malformed.shown.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, (3..3 + MOST_PROBLEMS).collect::<Vec<_>>());
    assert!(report.malformed.shown[0].message.contains("has 1 columns; expected 2"));
    fs::remove_file(&place.output).unwrap();
    assert_eq!(place.error(true), "301 malformed rows; without --strict they are left out");
    assert_eq!(place.files_there(), ["n.csv"], "nothing is left of what was not built");
}

#[test]
fn very_long_lines_are_a_mistake_of_their_own() {
    let long = "x".repeat(1 << 20);
    let csv = format!("name,uri\nA,https://a.example/\n{long},https://b.example/\nC,https://c.example/\n");
    let lines = format!(
        "{{\"name\": \"{long}\", \"uri\": \"urn:x:y\"}}\n{{\"name\": \"D\", \"uri\": \"urn:x:d\"}}\n"
    );
    let place = Place::with(&[("n.csv", csv.as_bytes()), ("n.jsonl", lines.as_bytes())]);
    let report = place.build(false).unwrap();
    assert_eq!((report.summary.entries, report.malformed.count), (3, 2));
    assert_eq!(report.malformed.shown.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn a_quote_left_open_does_not_take_the_memory_of_the_machine() {
    let mut csv = b"name,uri\nA,https://a.example/\n\"B,https://b.example/\n".to_vec();
    csv.extend(b"C,https://c.example/\n".repeat(1 << 20));
    let place = Place::with(&[("n.csv", &csv)]);
    let error = place.error(false);
    assert!(error.starts_with("n.csv:3:1:") && error.contains("has a row of over 16 MiB"), "{error}");
    assert_eq!(place.files_there(), ["n.csv"]);
}

#[test]
fn what_repeats_and_what_conflicts_is_counted() {
    let csv = "name,uri\nAcme,https://a.example/\nacme,https://a.example/\nACME,https://b.example/\n\
               Acme Inc.,https://c.example/\nBoeing,https://www.boeing.com/\n";
    let place = Place::with(&[("n.csv", csv.as_bytes())]);
    let summary = place.build(true).unwrap().summary;
    assert_eq!((summary.entries, summary.repeated, summary.ambiguous), (5, 1, 1));
    assert_eq!((summary.examples[0].name.as_str(), summary.examples[0].addresses), ("acme", 2));
}

#[test]
fn an_entry_repeats_another_of_its_own_name_and_is_counted_once() {
    let csv =
        b"name,uri,aliases\nAcme Inc,https://a.example/,Acme Anvils|AA\nM\xc3\xbcller,https://m.example/,\n";
    let place = Place::with(&[("a.csv", csv), ("b.csv", csv)]);
    let summary = place.build(true).unwrap().summary;
    assert_eq!((summary.entries, summary.repeated, summary.ambiguous), (4, 2, 0));
    let csv =
        b"name,uri,aliases\nA1,https://a.example/,A\nC1,https://a.example/,A\nB1,https://b.example/,A\n";
    let summary = Place::with(&[("n.csv", csv)]).build(true).unwrap().summary;
    assert_eq!((summary.repeated, summary.ambiguous), (0, 1), "they share an alias, and no name");
}

#[test]
fn an_input_that_is_not_there_or_no_names_file_is_told_and_the_old_index_stays() {
    let place = Place::with(&[("n.csv", b"name,uri\nA,https://a.example/\n")]);
    place.build(true).unwrap();
    let before = fs::read(&place.output).unwrap();
    fs::write(&place.files[0], "title,link\nA,https://a.example/\n").unwrap();
    assert!(place.error(false).starts_with("n.csv:1:1: name: is no column"));
    fs::remove_file(&place.files[0]).unwrap();
    assert!(place.error(false).starts_with("n.csv: can't be read"), "{}", place.error(false));
    assert_eq!(fs::read(&place.output).unwrap(), before);
    assert_eq!(place.files_there(), ["names.idx"]);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let row = "A,https://a.example/\n";
    let place = Place::with(&[("n.csv", format!("name,uri\n{}", row.repeat(20_000)).as_bytes())]);
    let file = place.files[0].clone();
    let mut grow = |progress| {
        if matches!(progress, Progress::Reading { .. }) {
            let grown = fs::read_to_string(&file).unwrap() + row;
            fs::write(&file, grown).unwrap();
        }
    };
    let error = build_index(&place.files, &place.output, false, &mut grow).unwrap_err().to_string();
    assert!(error.contains("was changed while it was read"), "{error}");
}

#[test]
fn two_builds_of_one_index_at_once_do_not_mix() {
    let place = Place::with(&[("n.csv", format!("name,uri\n{}", "A,urn:x:y\n".repeat(10_000)).as_bytes())]);
    let mut second = None;
    let first = build_index(&place.files, &place.output, true, &mut |_| {
        second = Some(place.build(true));
    });
    assert!(matches!(second, Some(Err(BuildError::UnderWay(_)))));
    assert_eq!(first.unwrap().summary.entries, 10_000);
    assert!(place.build(true).is_ok());
}

#[test]
fn progress_reaches_the_end_of_the_files() {
    let csv = format!("name,uri\n{}", "A,urn:x:y\n".repeat(40_000));
    let place = Place::with(&[("n.csv", csv.as_bytes())]);
    let mut seen = Vec::new();
    build_index(&place.files, &place.output, true, &mut |progress| seen.push(progress)).unwrap();
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[4], Progress::Sorting { entries: 40_000 });
    let length = csv.len() as u64;
    let Progress::Reading { entries: 40_000, bytes, of } = seen[3] else { panic!("{seen:?}") };
    assert_eq!((bytes, of), (length, length));
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let place = Place::with(&[("n.csv", b"name,uri\nA,https://a.example/\n")]);
    let nowhere = place.folder.path().join("no/such/folder/names.idx");
    let error = build_index(&place.files, &nowhere, false, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("no/such/folder/names.idx: can't be written:"), "{error}");
}

#[test]
fn an_index_never_takes_the_place_of_names_it_is_built_of() {
    let csv = b"name,uri\nA,https://a.example/\n";
    for (input, output) in [("n.csv", "n.csv"), ("n.csv", "link.idx"), ("n.idx.new", "n.idx")] {
        let mut place = Place::with(&[("first.csv", csv), (input, csv)]);
        let there = place.folder.path();
        std::os::unix::fs::symlink(there.join("n.csv"), there.join("link.idx")).unwrap();
        place.output = there.join(output);
        let expected = format!(
            "{input}: is one of the files to be read; expected another --output; nothing was changed"
        );
        assert_eq!(place.error(false), expected);
        assert_eq!(fs::read(&place.files[1]).unwrap(), csv);
        assert_eq!(place.files_there(), ["first.csv", "link.idx", input]);
    }
}

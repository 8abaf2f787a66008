//! What is answered when, with what parameter, and from which layer: the map as a backend.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::*;

/// A clock that stands where it is put, in seconds after 2026-11-25T00:00:00Z.
#[derive(Default)]
struct Standing(AtomicU64);

const MIDNIGHT: Duration = Duration::from_secs(1_795_564_800);

impl Clock for Standing {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + MIDNIGHT + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl Standing {
    fn at(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::Relaxed);
    }
}

fn timed(yaml: &str, folder: &Path) -> (Arc<dyn Backend>, Arc<Standing>) {
    let clock = Arc::new(Standing::default());
    let setting = Setting {
        name: "names",
        folder,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        lines: Lines::default(),
        timeout: Duration::from_secs(1),
        toll: None,
        seed: 0,
        chain: Chain::default(),
    };
    (build(&Options::from_yaml(yaml).unwrap(), &setting).unwrap(), clock)
}

fn reply(backend: &dyn Backend, name: &str) -> (Vec<String>, Option<u64>) {
    let query = NameQuery::plain(CommonName::new(name).unwrap());
    let reply = backend.ask(&query).now_or_never().unwrap().unwrap();
    let milliseconds = reply.ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap());
    (reply.hits.into_iter().map(|hit| hit.uri).collect(), milliseconds)
}

fn found(uris: &[&str], milliseconds: Option<u64>) -> (Vec<String>, Option<u64>) {
    (uris.iter().map(|uri| (*uri).to_owned()).collect(), milliseconds)
}

#[test]
fn an_entry_begins_and_ends_at_the_second_and_says_until_when_its_answer_holds() {
    let yaml = r#"names:
  - {name: Fair, uri: "urn:x:always"}
  - {name: Fair, uri: "urn:x:fair", valid_from: "2026-11-25T01:00:10+01:00", valid_until: "2026-11-25T00:00:20Z"}
  - {name: Faire, uri: "urn:x:later", valid_from: 2026-11-26}"#;
    let (backend, clock) = timed(yaml, Path::new(""));
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:always"], Some(10_000)));
    clock.at(9_999);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:always"], Some(1)));
    clock.at(10_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:always", "urn:x:fair"], Some(10_000)));
    clock.at(19_999);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:always", "urn:x:fair"], Some(1)));
    clock.at(20_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:always"], None));
    let until_tomorrow = 86_400_000 - 20_000;
    assert_eq!(reply(backend.as_ref(), "faire"), found(&[], Some(until_tomorrow)), "what will be is known");
}

/// A map above this one row: what `top` says, of the ten seconds from the tenth on.
fn for_ten_seconds(below: &str, top: &str) -> (TempDir, Arc<dyn Backend>, Arc<Standing>) {
    let folder = folder_of(&[("n.csv", format!("name,uri,aliases\n{below}\n").as_bytes())]);
    let yaml = format!(
        "files: [n.csv]\nnames: [{{name: Fair, valid_from: \"2026-11-25T00:00:10Z\", \
         valid_until: \"2026-11-25T00:00:20Z\", {top}}}]"
    );
    let (backend, clock) = timed(&yaml, folder.path());
    (folder, backend, clock)
}

#[test]
fn a_row_with_a_life_hides_what_is_below_it_only_while_it_lives() {
    for (top, meanwhile) in [
        ("uri: \"urn:x:top\"", vec!["urn:x:top"]),
        ("disabled: true", Vec::new()),
        ("deny: true", Vec::new()),
    ] {
        let (_folder, backend, clock) = for_ten_seconds("Fair,urn:x:below,Feast", top);
        let fair = CommonName::new("Fair").unwrap();
        for (at, uris, holds_for) in [
            (0, vec!["urn:x:below"], Some(10_000)),
            (9_999, vec!["urn:x:below"], Some(1)),
            (10_000, meanwhile.clone(), Some(10_000)),
            (19_999, meanwhile.clone(), Some(1)),
            (20_000, vec!["urn:x:below"], None),
        ] {
            clock.at(at);
            assert_eq!(reply(backend.as_ref(), "fair"), found(&uris, holds_for), "{top} at {at}");
            assert_eq!(backend.denies(&fair), top == "deny: true" && uris.is_empty(), "{top} at {at}");
        }
    }
}

#[test]
fn an_alias_that_a_row_with_a_life_takes_is_one_before_and_after() {
    let (_folder, backend, clock) = for_ten_seconds("Feast,urn:x:below,Fair", "uri: \"urn:x:top\"");
    for (at, uri) in [(0, "urn:x:below"), (10_000, "urn:x:top"), (20_000, "urn:x:below")] {
        clock.at(at);
        assert_eq!(uris(backend.as_ref(), "fair"), [uri], "at {at}");
        assert_eq!(uris(backend.as_ref(), "feast"), ["urn:x:below"], "at {at}");
    }
}

#[test]
fn an_alias_that_follows_does_so_before_and_after_a_row_with_a_life() {
    let folder = folder_of(&[("n.csv", b"name,uri,alias_of\nFeast,urn:x:below,\nFair,,Feast\n")]);
    let yaml =
        "files: [n.csv]\nnames: [{name: Fair, uri: \"urn:x:top\", valid_until: \"2026-11-25T00:00:10Z\"}]";
    let (backend, clock) = timed(yaml, folder.path());
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:top"], Some(10_000)));
    assert_eq!(uris(backend.as_ref(), "feast"), ["urn:x:below"]);
    clock.at(10_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:below"], None));
}

#[test]
fn an_alias_is_denied_as_long_as_the_name_that_it_follows() {
    let yaml = r#"names:
  - {name: Fair, deny: true, valid_until: "2026-11-25T00:00:10Z"}
  - {name: Feast, alias_of: Fair}"#;
    let (backend, clock) = timed(yaml, Path::new(""));
    let feast = CommonName::new("Feast").unwrap();
    assert!(backend.denies(&feast));
    clock.at(10_000);
    assert!(!backend.denies(&feast));
}

#[test]
fn an_index_answers_while_the_row_above_it_does_not_live() {
    let folder = folder_of(&[]);
    index(&folder.path().join("n.idx"), "Fair,urn:x:below\n");
    let yaml = r#"{index: n.idx, names: [{name: Fair, disabled: true, valid_from: "2026-11-25T00:00:10Z"}]}"#;
    let (backend, clock) = timed(yaml, folder.path());
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:below"], Some(10_000)));
    clock.at(10_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&[], None));
}

#[test]
fn an_alias_below_is_none_while_a_row_above_it_lives() {
    let folder = folder_of(&[("n.csv", b"name,uri,aliases\nFeast,urn:x:below,Fair|Summer Fair\n")]);
    build_index(&[folder.path().join("n.csv")], &folder.path().join("n.idx"), true, &mut |_| {}).unwrap();
    let yaml = "index: n.idx\nnames: [{name: Fair, disabled: true, valid_from: \"2026-11-25T00:00:10Z\", \
                valid_until: \"2026-11-25T00:00:20Z\"}]";
    let (backend, clock) = timed(yaml, folder.path());
    for (at, uris, holds_for) in [
        (0, &["urn:x:below"][..], Some(10_000)),
        (10_000, &[], Some(10_000)),
        (20_000, &["urn:x:below"], None),
    ] {
        clock.at(at);
        for name in ["fair", "fair inc"] {
            assert_eq!(reply(backend.as_ref(), name), found(uris, holds_for), "{name} at {at}");
        }
        assert_eq!(reply(backend.as_ref(), "summer fair"), found(&["urn:x:below"], holds_for), "at {at}");
        let suggested = backend.suggest(&CommonName::new("fai").unwrap(), 10).unwrap();
        let names: Vec<_> = suggested.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, [if uris.is_empty() { "Summer Fair" } else { "Fair" }], "at {at}");
    }
}

#[test]
fn an_alias_that_follows_a_name_below_does_so_while_it_lives() {
    let folder = folder_of(&[("over.csv", b"name,alias_of\nFair,Feast\n")]);
    index(&folder.path().join("n.idx"), "Feast,urn:x:below\n");
    let yaml = "{index: n.idx, files: [over.csv], names: [{name: Fair, uri: \"urn:x:top\", \
                valid_until: \"2026-11-25T00:00:10Z\"}]}";
    let (backend, clock) = timed(yaml, folder.path());
    let suggested = || backend.suggest(&CommonName::new("fai").unwrap(), 10).unwrap().remove(0).uri;
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:top"], Some(10_000)));
    assert_eq!(suggested(), "urn:x:top");
    clock.at(10_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:below"], None));
    assert_eq!(suggested(), "urn:x:below");
}

#[test]
fn a_life_is_kept_in_an_index_too() {
    let folder = folder_of(&[(
        "n.csv",
        b"name,uri,valid_from,valid_until,owner\nFair,urn:x:fair,,2026-11-25T00:00:05Z,me\n",
    )]);
    build_index(&[folder.path().join("n.csv")], &folder.path().join("n.idx"), true, &mut |_| {}).unwrap();
    let (backend, clock) = timed("index: n.idx", folder.path());
    assert_eq!(reply(backend.as_ref(), "fair"), found(&["urn:x:fair"], Some(5_000)));
    clock.at(5_000);
    assert_eq!(reply(backend.as_ref(), "fair"), found(&[], None));
}

#[test]
fn what_follows_a_name_is_its_parameter() {
    let yaml = r#"names:
  - {name: jira, uri: "https://jira.example/browse/{rest}", plain: "https://jira.example/"}
  - {name: jira board, uri: "https://jira.example/boards/{query}"}
  - {name: jira help, uri: "https://help.example/"}
  - {name: search, uri: "https://s.example/?q={query}"}"#;
    let backend = built(yaml, Path::new("")).unwrap();
    for (name, uri) in [
        ("jira", "https://jira.example/"),
        ("JIRA ABC-1", "https://jira.example/browse/ABC-1"),
        ("jira/ABC-1", "https://jira.example/browse/ABC-1"),
        ("jira/ABC-1/edit", "https://jira.example/browse/ABC-1/edit"),
        ("jira board A/1", "https://jira.example/boards/A%2F1"),
        ("jira board", "https://jira.example/boards/"),
        ("jira help", "https://help.example/"),
        ("jira help me", "https://jira.example/browse/help%20me"),
        ("search tom & jerry", "https://s.example/?q=tom%20%26%20jerry"),
        ("search", "https://s.example/?q="),
        ("search/\u{1f600}", "https://s.example/?q=%F0%9F%98%80"),
        ("search ??", "https://s.example/?q=%3F%3F"),
        ("search ++", "https://s.example/?q=%2B%2B"),
        ("search ..", "https://s.example/?q=.."),
        ("search?", "https://s.example/?q="),
        ("jira help !", "https://help.example/"),
    ] {
        let hits = hits(backend.as_ref(), name);
        assert_eq!(hits.first().map(|hit| hit.uri.as_str()), Some(uri), "{name}");
        assert_eq!(hits[0].likeness, Likeness::Same, "{name}");
        // What an id is made of finds the same resource again.
        assert_eq!(uris(backend.as_ref(), hits[0].entry.as_deref().unwrap())[0], uri, "{name}");
    }
    for name in ["jira ../../admin", "jira .."] {
        assert_eq!(uris(backend.as_ref(), name), [""; 0], "nothing climbs out of the path: {name}");
    }
}

#[test]
fn names_that_differ_by_the_sign_at_their_end_are_told_apart() {
    let yaml = r#"names: [{name: C, uri: "urn:x:c"}, {name: C++, uri: "urn:x:cpp"}]"#;
    let backend = built(yaml, Path::new("")).unwrap();
    for (name, uri, likeness) in [
        ("C++", "urn:x:cpp", Likeness::Same),
        ("c", "urn:x:c", Likeness::Same),
        ("C#", "urn:x:c", Likeness::Slip),
    ] {
        let hit = hits(backend.as_ref(), name).remove(0);
        assert_eq!((hit.uri.as_str(), hit.likeness), (uri, likeness), "{name}");
    }
}

#[test]
fn a_parameter_in_the_wrong_place_is_a_located_mistake() {
    let yaml = r#"names:
  - {name: A, uri: "https://{rest}.example/"}
  - {name: B, uri: "https://b.example/", plain: "https://b.example/x"}
  - {name: C, uri: "https://c.example/{rest}", plain: "nowhere"}
  - {name: D, uri: "https://d.example/", valid_from: 2026-01-02, valid_until: 2026-01-01}
  - {name: E, alias_of: D, uri: "https://e.example/"}"#;
    let found = mistakes(yaml, &[]);
    let begins = [
        "names[0].uri: a parameter may not decide where an address leads",
        "names[1].plain: is for an uri with {rest} or {query}",
        "names[2].plain: \"nowhere\" is no absolute URI",
        "names[3].valid_until: 2026-01-02T00:00:00Z is not after valid_from, 2026-01-02T00:00:00Z",
        "names[4].alias_of: an alias is what the entry that it follows is",
    ];
    assert_eq!(found.len(), begins.len(), "{found:?}");
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with("options:") && found.contains(begin), "{found} is not {begin}");
    }
    let found = mistakes("names: [{name: A, uri: \"urn:a:b\", valid_from: soon}]", &[]);
    assert!(
        found[0].contains("names[0].valid_from: \"soon\" is no time; expected a day such as"),
        "{found:?}"
    );
    let rows = b"name,uri,valid_until,deny\nA,urn:a:b,31.12.2026,\nB,urn:a:b,,perhaps\nC,https://c.example:{rest}/,,\n";
    let found = mistakes("files: [n.csv]", &[("n.csv", rows)]);
    assert!(found[0].starts_with("n.csv:2:1: valid_until: \"31.12.2026\" is no time"), "{found:?}");
    assert!(found[1].starts_with("n.csv:3:1: deny: expected true or false, found \"perhaps\""), "{found:?}");
    assert!(found[2].starts_with("n.csv:4:1: uri: "), "{found:?}");
}

#[test]
fn layers_are_files_of_any_format_and_a_broken_one_leaves_all_as_it_was() {
    let folder = folder_of(&[
        ("base.csv", b"name,uri,aliases\nAcme,https://base.example/,Acme Inc\nGone,https://gone.example/,\n"),
        ("over.yaml", b"- {name: acme, uri: \"https://over.example/\"}\n- {name: Gone, disabled: true}\n"),
        (
            "top.jsonl",
            b"{\"name\": \"Nick\", \"alias_of\": \"ACME\"}\n{\"name\": \"Evil\", \"deny\": true}\n",
        ),
    ]);
    let backend = built("files: [base.csv, over.yaml, top.jsonl]", folder.path()).unwrap();
    let is = |name: &str, expected: &[&str], why: &str| {
        assert_eq!(uris(backend.as_ref(), name), expected, "{name} {why}");
    };
    is("acme", &["https://over.example/"], "is overridden");
    is("gone", &[], "is hidden");
    is("nick", &["https://over.example/"], "follows");
    let evil = CommonName::new("EVIL").unwrap();
    assert!(backend.denies(&evil) && !backend.denies(&CommonName::new("Acme").unwrap()));

    fs::write(folder.path().join("over.yaml"), "- {name: Other, uri: \"urn:o:ther\"}\n").unwrap();
    backend.upkeep();
    is("acme", &["https://base.example/"], "is there again");
    is("nick", &["https://base.example/"], "follows there");
    is("gone", &["https://gone.example/"], "is there again");
    let before = backend.generation();
    fs::write(folder.path().join("base.csv"), "name,uri\nBoeing,https://www.boeing.com/\n").unwrap();
    backend.upkeep();
    is("acme", &["https://base.example/"], "as Nick follows it, the new files are wrong together");
    assert_eq!(backend.generation(), before);
    fs::write(folder.path().join("top.jsonl"), "{\"name\": \"Nick\", \"alias_of\": \"boeing\"}\n").unwrap();
    backend.upkeep();
    is("nick", &["https://www.boeing.com/"], "follows the new one");
    assert!(!backend.denies(&evil));
}

#[test]
fn an_index_is_the_lowest_layer() {
    let folder = folder_of(&[]);
    let rows = "Acme,https://acme.example/\nBoeing,https://www.boeing.com/\nEvil,https://evil.example/\n";
    index(&folder.path().join("n.idx"), rows);
    let yaml = "index: n.idx\nnames: [{name: ACME, disabled: true}, {name: Evil, deny: true}]";
    let backend = built(yaml, folder.path()).unwrap();
    assert_eq!(uris(backend.as_ref(), "acme"), [""; 0]);
    assert_eq!(uris(backend.as_ref(), "evil"), [""; 0]);
    assert_eq!(uris(backend.as_ref(), "boeing"), ["https://www.boeing.com/"]);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_believed() {
    const ROWS: usize = 20_000;
    let rows = "Acme,https://acme.example/\n".repeat(ROWS);
    let folder = folder_of(&[("n.csv", format!("name,uri\n{rows}").as_bytes())]);
    let layer = || NamesFile::new(Path::new("n.csv"), folder.path()).layer(&Allowed::new());
    let is_over = AtomicBool::new(false);
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = fs::File::options().append(true).open(folder.path().join("n.csv")).unwrap();
            while !is_over.load(Ordering::Relaxed) {
                file.set_modified(SystemTime::now()).unwrap();
            }
        });
        let refused = (0..50).find_map(|_| layer().err());
        is_over.store(true, Ordering::Relaxed);
        refused
    });
    let refused = refused.expect("no reading saw the change").to_string();
    assert!(refused.contains("n.csv: was changed while it was read, again and again"), "{refused}");
    assert_eq!(layer().unwrap().statements.len(), ROWS);
}

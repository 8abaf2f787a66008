//! An index file as a source: beside other names, torn, and replaced while it serves.

use super::*;

#[test]
fn an_index_serves_beside_names_that_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    index(
        &folder.path().join("names.idx"),
        "Acme Widgets,https://file.example/\nBoeing,https://www.boeing.com/\n",
    );
    let yaml = "{index: names.idx, names: [{name: Acme Widgets, uri: \"https://own.example/\"}]}";
    let backend = built(yaml, folder.path()).unwrap();
    assert_eq!(uris(backend.as_ref(), "acme widgets"), ["https://own.example/"], "decided above the index");
    assert_eq!(uris(backend.as_ref(), "boieng"), ["https://www.boeing.com/"]);
    assert_eq!(uris(backend.as_ref(), "widgets acme"), ["https://own.example/"]);
    assert_eq!(hits(backend.as_ref(), "widgets acme")[0].likeness, Likeness::Words);
    let strict = built("{index: names.idx, fuzzy: false}", folder.path()).unwrap();
    assert_eq!(uris(strict.as_ref(), "boieng"), [""; 0]);
}

#[test]
fn an_index_that_cannot_serve_is_a_located_mistake() {
    for (content, words) in [
        (Some("name,uri\n"), "is no index of names; expected a file that `cnrp index build` wrote"),
        (None, "can't be read: No such file"),
    ] {
        let files: Vec<_> = content.iter().map(|content| ("names.idx", content.as_bytes())).collect();
        let found = mistakes("index: names.idx", &files);
        assert!(
            found[0].starts_with("options:1:8: index: names.idx ") && found[0].contains(words),
            "{found:?}"
        );
    }
}

#[test]
fn a_replaced_index_takes_effect_and_a_torn_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.idx");
    index(&path, "Acme,https://one.example/\n");
    let backend = built("index: names.idx", folder.path()).unwrap();
    let now = |expected: &str, generation: u64, why: &str| {
        backend.upkeep();
        assert_eq!(uris(backend.as_ref(), "acme"), [expected], "{why}");
        assert_eq!(backend.generation(), generation, "{why}");
    };
    now("https://one.example/", 0, "nothing changed");
    index(&path, "Acme,https://second.example/\n");
    now("https://second.example/", 1, "built again");
    let whole = fs::read(&path).unwrap();
    for torn in [&whole[..whole.len() / 2], b"name,uri\n", b""] {
        let other = folder.path().join("torn");
        fs::write(&other, torn).unwrap();
        fs::rename(&other, &path).unwrap();
        now("https://second.example/", 1, "torn");
    }
    index(&path, "Acme,https://third.example/\n");
    now("https://third.example/", 2, "built once more");
}

#[test]
fn an_index_swapped_a_thousand_times_under_load_gives_no_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.idx");
    let versions = ["https://one.example/", "https://other.example/"].map(|uri| {
        // Other names around it, so that the records and slots of the two lie elsewhere.
        let others: String = (0..uri.len()).map(|i| format!("Other {i},urn:other:{i}\n")).collect();
        index(&path, &format!("{others}Acme,{uri}\n"));
        (fs::read(&path).unwrap(), uri)
    });
    let backend = built("index: names.idx", folder.path()).unwrap();
    let is_over = AtomicBool::new(false);
    let order = Ordering::Relaxed;
    std::thread::scope(|scope| {
        let askers = [0, 1].map(|_| {
            scope.spawn(|| {
                let mut answers = 0;
                while !is_over.load(order) {
                    let found = uris(backend.as_ref(), "acme");
                    assert!(versions.iter().any(|(_, uri)| found == [*uri]), "{found:?}");
                    answers += 1;
                }
                answers
            })
        });
        for (bytes, uri) in versions.iter().cycle().take(1_000) {
            let next = folder.path().join("next");
            fs::write(&next, bytes).unwrap();
            fs::rename(&next, &path).unwrap();
            backend.upkeep();
            assert_eq!(uris(backend.as_ref(), "acme"), [*uri]);
        }
        is_over.store(true, order);
        assert!(askers.map(|asker| asker.join().unwrap()).iter().all(|answers| *answers > 0));
    });
}

#[test]
fn an_alias_follows_an_entry_that_only_the_index_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.idx");
    index(&path, "Acme Widgets,https://one.example/\nJira,https://jira.example/{rest}\n");
    let layer = "name,uri,alias_of\nWidgets,,Acme Widgets\nTickets,,Jira\n";
    fs::write(folder.path().join("layer.csv"), layer).unwrap();
    let backend = built("{index: names.idx, files: [layer.csv]}", folder.path()).unwrap();
    assert_eq!(uris(backend.as_ref(), "widgets"), ["https://one.example/"]);
    assert_eq!(uris(backend.as_ref(), "tickets A-1"), ["https://jira.example/A-1"]);
    index(&path, "Other,https://other.example/\nAcme Widgets,https://second.example/\n");
    backend.upkeep();
    assert_eq!(uris(backend.as_ref(), "widgets"), ["https://second.example/"], "it follows");
    assert_eq!(uris(backend.as_ref(), "tickets A-1"), [""; 0], "nothing is there any more");

    fs::write(folder.path().join("layer.csv"), "name,uri,alias_of\nWidgets,,Acme Gadgets\n").unwrap();
    let Err(problems) = built("{index: names.idx, files: [layer.csv]}", folder.path()) else { panic!() };
    assert!(problems.to_string().contains("\"Acme Gadgets\" is no name here"), "{problems}");
}

//! What layers make of an index below them: the same as of a file below them.

use super::*;

/// Two maps of the same names, with the same layers above: in one the names are a file, in the other an
/// index.
struct Both {
    as_file: Arc<dyn Backend>,
    as_index: Arc<dyn Backend>,
    _folder: TempDir,
}

impl Both {
    fn new(below: &str, above: &[&str]) -> Self {
        let folder = folder_of(&[("below.csv", below.as_bytes())]);
        let path = |name: &str| folder.path().join(name);
        build_index(&[path("below.csv")], &path("below.idx"), true, &mut |_| {}).unwrap();
        let names: Vec<_> = (0..above.len()).map(|layer| format!("{layer}.csv")).collect();
        for (name, content) in names.iter().zip(above) {
            fs::write(path(name), content).unwrap();
        }
        let layers = names.join(", ");
        let as_file = built(&format!("files: [below.csv, {layers}]"), folder.path()).unwrap();
        let as_index = built(&format!("{{index: below.idx, files: [{layers}]}}"), folder.path()).unwrap();
        Self { as_file, as_index, _folder: folder }
    }

    /// What both answer, in any order.
    fn told(&self, name: &str) -> Vec<(String, Likeness)> {
        let told = |backend: &dyn Backend| {
            let mut told: Vec<_> =
                hits(backend, name).into_iter().map(|hit| (hit.uri, hit.likeness)).collect();
            told.sort();
            told
        };
        let told_by_file = told(self.as_file.as_ref());
        assert_eq!(told(self.as_index.as_ref()), told_by_file, "{name}");
        told_by_file
    }

    /// What both suggest, in any order.
    fn suggested(&self, typed: &str) -> Vec<(String, String)> {
        let suggested = |backend: &dyn Backend| {
            let rows = backend.suggest(&CommonName::new(typed).unwrap(), 10).unwrap();
            let mut rows: Vec<_> = rows.into_iter().map(|row| (row.name, row.uri)).collect();
            rows.sort();
            rows
        };
        let by_file = suggested(self.as_file.as_ref());
        assert_eq!(suggested(self.as_index.as_ref()), by_file, "{typed}");
        by_file
    }
}

fn pairs<T: Clone>(rows: &[(&str, T)]) -> Vec<(String, T)> {
    rows.iter().map(|(text, other)| ((*text).to_owned(), other.clone())).collect()
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(name, uri)| ((*name).to_owned(), (*uri).to_owned())).collect()
}

#[test]
fn an_alias_that_a_layer_decides_is_one_no_more_in_any_form() {
    let both = Both::new(
        "name,uri,aliases\nApex,urn:x:apex,Acme|Acme Widgets|Apex Tools\nBoeing,urn:x:boeing,The Boeing Company\n",
        &["name,uri,disabled\nAcme,urn:x:acme,\nAcme Widgets,,true\nThe Boeing Company,,true\n"],
    );
    let (acme, apex, boeing) = ("urn:x:acme", "urn:x:apex", "urn:x:boeing");
    for (name, expected) in [
        ("acme", &[(acme, Likeness::Same)][..]),
        ("acme inc", &[(acme, Likeness::Form)]),
        ("acme widgets", &[]),
        ("acme widgets inc", &[]),
        ("acme widgest", &[]),
        ("widgets acme", &[]),
        ("apex", &[(apex, Likeness::Same)]),
        ("apex inc", &[(apex, Likeness::Form)]),
        ("tools apex", &[(apex, Likeness::Words)]),
        ("boeing", &[(boeing, Likeness::Same)]),
        // It is there no more, and does not keep others from the name.
        ("the boeing company", &[(boeing, Likeness::Form)]),
    ] {
        assert_eq!(both.told(name), pairs(expected), "{name}");
    }
    for (typed, expected) in [
        ("acm", &[("Acme", acme)][..]),
        ("widg", &[]),
        ("the boeing c", &[]),
        ("boe", &[("Boeing", boeing)]),
        ("ape", &[("Apex", apex)]),
        ("apex t", &[("Apex Tools", apex)]),
        ("tool", &[("Apex Tools", apex)]),
    ] {
        assert_eq!(both.suggested(typed), rows(expected), "{typed}");
    }
}

#[test]
fn what_is_hidden_does_not_keep_other_names_from_being_found_by_a_form() {
    let both = Both::new(
        "name,uri,aliases\nAcme,urn:x:acme,\nAcme Inc,urn:x:inc,\nOther,urn:x:other,Boeing Ltd\nBoeing,urn:x:boeing,\n",
        &["name,uri,disabled\nAcme Inc,,true\nBoeing Ltd,,true\n"],
    );
    assert_eq!(both.told("acme inc"), pairs(&[("urn:x:acme", Likeness::Form)]));
    assert_eq!(both.told("boeing ltd"), pairs(&[("urn:x:boeing", Likeness::Form)]));
}

#[test]
fn a_name_that_a_layer_has_does_not_bring_up_another_form_of_it_from_below_nor_the_other_way_round() {
    let both = Both::new(
        "name,uri\nAcme,urn:x:acme\nGlobex Inc,urn:x:globex-inc\nBoeing,urn:x:boeing\nWiki,https://wiki.example/{rest}\nInitech Inc,urn:x:initech\nC,urn:x:c\n",
        &[
            "name,uri,aliases\nAcme Inc,urn:x:acme-inc,\nGlobex,urn:x:globex,\nSpirit,urn:x:spirit,Boeing Company\nWiki Inc,urn:x:wiki-inc,\nHooli,urn:x:hooli,\nC Inc,urn:x:c-inc,\n",
        ],
    );
    for (name, expected) in [
        ("acme inc", &[("urn:x:acme-inc", Likeness::Same)][..]),
        ("acme", &[("urn:x:acme", Likeness::Same), ("urn:x:acme-inc", Likeness::Form)]),
        ("globex inc", &[("urn:x:globex-inc", Likeness::Same)]),
        ("globex", &[("urn:x:globex", Likeness::Same), ("urn:x:globex-inc", Likeness::Form)]),
        ("boeing company", &[("urn:x:spirit", Likeness::Same)]),
        ("wiki inc", &[("urn:x:wiki-inc", Likeness::Same)]),
        ("c#", &[("urn:x:c", Likeness::Slip), ("urn:x:c-inc", Likeness::Form)]),
        // Nothing has these as they stand.
        ("acme ltd", &[("urn:x:acme", Likeness::Form), ("urn:x:acme-inc", Likeness::Form)]),
        ("initech", &[("urn:x:initech", Likeness::Form)]),
        ("hooli inc", &[("urn:x:hooli", Likeness::Form)]),
    ] {
        assert_eq!(both.told(name), pairs(expected), "{name}");
    }
}

#[test]
fn umlauts_may_be_written_out_in_any_layer() {
    let both = Both::new(
        "name,uri,aliases\nMünchen,urn:x:old,Minga\nStadt,urn:x:stadt,Status Zürich|Amt\nLäufer,urn:x:evil,\n",
        &[
            "name,uri,disabled,deny,alias_of\nMuenchen,urn:x:new,,,\nStatus Zuerich,,true,,\nLäufer,,,true,\n",
            "name,alias_of\nIsar,München\nElbe,Amt\n",
        ],
    );
    for (name, expected) in [
        ("muenchen", &[("urn:x:new", Likeness::Same)][..]),
        ("München", &[("urn:x:new", Likeness::Same)]),
        ("minga", &[]),
        ("status zuerich", &[]),
        ("status zürich", &[]),
        ("amt", &[("urn:x:stadt", Likeness::Same)]),
        ("isar", &[("urn:x:new", Likeness::Same)]),
        ("elbe", &[("urn:x:stadt", Likeness::Same)]),
        ("laeufer", &[]),
        ("läufer", &[]),
        ("laufer", &[]),
    ] {
        assert_eq!(both.told(name), pairs(expected), "{name}");
    }
    for name in ["Läufer", "LAEUFER", "laufer"] {
        let name = CommonName::new(name).unwrap();
        assert!(both.as_file.denies(&name) && both.as_index.denies(&name), "{name:?}");
    }
}

#[test]
fn an_alias_that_follows_is_found_as_any_name_is() {
    let both = Both::new(
        "name,uri,aliases\nPersonnel,urn:x:hr,People Office\nJira,https://jira.example/{rest},\n",
        &[
            "name,alias_of\nHuman Resources,Personnel\nStaff,People Office\nTicket Desk,Jira\nHR Inc,Human Resources\n",
        ],
    );
    for (name, expected) in [
        ("human resources", &[("urn:x:hr", Likeness::Same)][..]),
        ("staff", &[("urn:x:hr", Likeness::Same)]),
        ("personnel", &[("urn:x:hr", Likeness::Same)]),
        ("human resouces", &[("urn:x:hr", Likeness::Slip)]),
        ("human resources inc", &[("urn:x:hr", Likeness::Form)]),
        ("resources human", &[("urn:x:hr", Likeness::Words)]),
        ("hr", &[("urn:x:hr", Likeness::Form)]),
        ("ticket desk A-1", &[("https://jira.example/A-1", Likeness::Same)]),
        ("nobody", &[]),
    ] {
        assert_eq!(both.told(name), pairs(expected), "{name}");
    }
    for (typed, expected) in [
        ("human res", &[("Human Resources", "urn:x:hr")][..]),
        ("resour", &[("Human Resources", "urn:x:hr")]),
        ("humna r", &[("Human Resources", "urn:x:hr")]),
        ("ticket", &[("Ticket Desk", "https://jira.example/")]),
        ("people", &[("People Office", "urn:x:hr")]),
    ] {
        assert_eq!(both.suggested(typed), rows(expected), "{typed}");
    }
}

#[test]
fn an_alias_that_follows_leads_to_what_is_left_below() {
    let folder = folder_of(&[("over.csv", b"name,uri,alias_of\nStaff,,Personnel\nHead,,People\n")]);
    let path = folder.path().join("n.idx");
    index(&path, "Personnel,https://one.example/\nPeople,https://people.example/\n");
    let backend = built("{index: n.idx, files: [over.csv]}", folder.path()).unwrap();
    let suggested = || backend.suggest(&CommonName::new("staf").unwrap(), 10).unwrap();
    assert_eq!(uris(backend.as_ref(), "staff inc"), ["https://one.example/"]);
    assert_eq!(suggested()[0].uri, "https://one.example/");

    index(&path, "Personnel,https://second.example/\nPeople,https://people.example/\n");
    backend.upkeep();
    assert_eq!(uris(backend.as_ref(), "staff inc"), ["https://second.example/"], "it follows");
    assert_eq!(suggested()[0].uri, "https://second.example/", "it follows");

    index(&path, "People,https://people.example/\n");
    backend.upkeep();
    assert_eq!(uris(backend.as_ref(), "staff inc"), [""; 0], "nothing is there any more");
    assert_eq!(suggested().len(), 0, "nothing is there any more");
}

#[test]
fn files_and_the_index_below_them_may_be_replaced_together_in_any_order() {
    let old = "Acme,https://acme.example/\n";
    let new = "Acme,https://acme.example/\nNewcomer,https://newcomer.example/\n";
    let layer = "name,uri,alias_of\nNC,,Newcomer\nPlain,https://plain.example/,\n";
    for order in [&["both"][..], &["files", "index"], &["index", "files"]] {
        let folder = folder_of(&[("over.csv", b"name,uri\n")]);
        let path = folder.path().join("n.idx");
        index(&path, old);
        let backend = built("{index: n.idx, files: [over.csv]}", folder.path()).unwrap();
        for step in order {
            if *step != "index" {
                fs::write(folder.path().join("over.csv"), layer).unwrap();
            }
            if *step != "files" {
                index(&path, new);
            }
            backend.upkeep();
        }
        assert_eq!(uris(backend.as_ref(), "nc"), ["https://newcomer.example/"], "{order:?}");
        assert_eq!(uris(backend.as_ref(), "plain"), ["https://plain.example/"], "{order:?}");
    }
}

#[test]
fn files_that_are_wrong_by_themselves_stay_so_above_another_index() {
    let folder = folder_of(&[("over.csv", b"name,uri\nPlain,https://plain.example/\n")]);
    let path = folder.path().join("n.idx");
    index(&path, "Acme,https://acme.example/\n");
    let backend = built("{index: n.idx, files: [over.csv]}", folder.path()).unwrap();
    fs::write(folder.path().join("over.csv"), "name,uri\nPlain,nowhere\n").unwrap();
    for generation in [0, 1, 2] {
        backend.upkeep();
        assert_eq!(uris(backend.as_ref(), "plain"), ["https://plain.example/"]);
        assert_eq!(backend.generation(), generation);
        index(&path, "Acme,https://other.example/\n");
    }
}

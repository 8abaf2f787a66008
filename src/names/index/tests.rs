mod file;
mod suggestions;

use super::*;

fn name(text: &str) -> CommonName {
    CommonName::new(text).unwrap()
}

fn entry(name: &str, aliases: &[&str], uri: &str) -> Entry {
    let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
    Entry { name: name.to_owned(), aliases, uri: uri.to_owned(), ..Entry::default() }
}

fn built(entries: &[Entry]) -> NameIndex {
    NameIndex::build(entries).unwrap()
}

fn handbook() -> NameIndex {
    built(&[
        entry("Boeing", &["The Boeing Company"], "https://www.boeing.com/"),
        entry("BMW", &[], "https://www.bmw.de/"),
        entry("Société Générale", &[], "https://www.societegenerale.com/"),
        entry("東京大学", &["University of Tokyo"], "https://www.u-tokyo.ac.jp/"),
        entry("Toys R Us", &[], "https://www.toysrus.com/"),
        entry("Procter & Gamble Co.", &[], "https://us.pg.com/"),
        entry("International Business Machines", &[], "https://www.ibm.com/"),
        entry("München", &[], "https://www.muenchen.de/"),
        entry("The Tom Woods Show", &[], "https://tomwoods.com/"),
        entry("University of Kentucky", &[], "https://www.uky.edu/"),
        entry("Channel 4", &[], "https://www.channel4.com/"),
        entry("Яндекс", &[], "https://ya.ru/"),
        entry("がっこう", &[], "https://gakko.example/"),
        entry("삼성전자", &[], "https://www.samsung.com/"),
        entry("Εθνική Τράπεζα", &[], "https://www.nbg.gr/"),
        entry("United Parcel Service Inc.", &[], "https://www.ups.com/"),
    ])
}

/// The first match, slips looked for where nothing else is found, as the backend does.
fn first(index: &NameIndex, asked: &str) -> Option<(String, Likeness)> {
    let asked = name(asked);
    let exact = index.exact(&asked).unwrap();
    let near = if exact.is_empty() { index.near(&asked).unwrap() } else { Vec::new() };
    exact.iter().chain(&near).next().map(|found| (found.entry.name.clone(), found.likeness))
}

#[test]
fn an_index_has_the_names_and_aliases_of_its_entries_and_not_their_other_forms() {
    let index = handbook();
    for has in ["boeing", "The Boeing Company", "Muenchen", "procter & gamble co"] {
        assert!(index.has(&name(has)).unwrap(), "{has}");
    }
    for has_not in ["boieng", "Procter & Gamble", "ibm", "nobody"] {
        assert!(!index.has(&name(has_not)).unwrap(), "{has_not}");
    }
}

#[test]
fn a_name_is_found_however_it_is_written() {
    let index = handbook();
    for (asked, found, likeness) in [
        ("  BOEING ", "Boeing", Likeness::Same),
        ("the boeing company", "Boeing", Likeness::Same),
        ("boeing company", "Boeing", Likeness::Form),
        ("Boeing, Inc.", "Boeing", Likeness::Form),
        ("Bo\u{200b}e\u{200b}ing", "Boeing", Likeness::Same),
        ("Ｂｏｅｉｎｇ", "Boeing", Likeness::Same),
        ("boieng", "Boeing", Likeness::Slip),
        ("boein", "Boeing", Likeness::Slip),
        ("boeeing", "Boeing", Likeness::Slip),
        ("societe generale", "Société Générale", Likeness::Same),
        ("SocieteGeneral", "Société Générale", Likeness::Slip),
        ("Tokyo University", "東京大学", Likeness::Form),
        ("toys-r-us", "Toys R Us", Likeness::Same),
        ("procter and gamble", "Procter & Gamble Co.", Likeness::Form),
        ("P&G", "Procter & Gamble Co.", Likeness::Initials),
        ("IBM", "International Business Machines", Likeness::Initials),
        ("uky", "University of Kentucky", Likeness::Initials),
        ("Muenchen", "München", Likeness::Same),
        ("munchen", "München", Likeness::Same),
        ("Tom Woocs Show", "The Tom Woods Show", Likeness::Slip),
        ("Яндкес", "Яндекс", Likeness::Slip),
        ("삼섬전자", "삼성전자", Likeness::Slip),
        ("삼성전ㅏ", "삼성전자", Likeness::Slip),
        ("εθνικη τραπεζς", "Εθνική Τράπεζα", Likeness::Slip),
        ("parcel service united", "United Parcel Service Inc.", Likeness::Words),
        ("united service", "United Parcel Service Inc.", Likeness::Words),
        ("the united parcel delivery service", "United Parcel Service Inc.", Likeness::Words),
    ] {
        assert_eq!(first(&index, asked), Some((found.to_owned(), likeness)), "{asked}");
    }
}

#[test]
fn a_legal_form_may_be_written_in_full() {
    for (entered, asked) in [
        ("Volkswagen Aktiengesellschaft", "Volkswagen AG"),
        ("Siemens AG", "Siemens Aktiengesellschaft"),
        ("Bosch Gesellschaft mit beschränkter Haftung", "Bosch GmbH"),
        ("Dassault Systèmes Société Anonyme", "Dassault Systèmes SA"),
        ("Ferrari Società per Azioni", "Ferrari S.p.A."),
        ("Toyota Kabushiki Kaisha", "Toyota K.K."),
        ("Heineken Naamloze Vennootschap", "heineken"),
    ] {
        let index = NameIndex::build(&[entry(entered, &[], "https://x.example/")]).unwrap();
        assert_eq!(first(&index, asked), Some((entered.to_owned(), Likeness::Form)), "{asked}");
    }
    let index = NameIndex::build(&[entry("Société Générale", &[], "https://x.example/")]).unwrap();
    assert_eq!(first(&index, "Générale"), None, "a society at the start belongs to the name");
}

#[test]
fn r22_d3_what_is_another_name_is_not_found() {
    let index = handbook();
    for asked in [
        "bmv",
        "bm",
        "boeeeing",
        "b\u{43e}eing",
        "bo\u{43e}eing",
        "\u{412}MW",
        "Channel 5",
        "東京大字",
        "かっこう",
        "zzqqxx no such name at all",
        "삼남전자",
        "united parcel service 7",
    ] {
        assert_eq!(first(&index, asked), None, "{asked}");
    }
}

#[test]
fn a_short_name_is_short_whatever_its_form() {
    let index = built(&[entry("BMW AG", &["The BMW Company"], "https://www.bmw.de/")]);
    for asked in ["bmv ag", "bmv", "the bmv company"] {
        assert_eq!(first(&index, asked), None, "{asked}");
    }
    assert_eq!(first(&index, "bmw"), Some(("BMW AG".to_owned(), Likeness::Form)));
    assert_eq!(first(&index, "bmw af"), Some(("BMW AG".to_owned(), Likeness::Slip)), "a slip in the form");
}

#[test]
fn every_entry_of_exactly_the_name_comes_in_the_order_of_the_source() {
    let entries = (0..120).map(|i| entry("Acme", &[], &format!("https://acme{i}.example/")));
    let index = built(&entries.collect::<Vec<_>>());
    let acme = name("acme");
    let found = index.exact(&acme).unwrap();
    let uris: Vec<_> = found.iter().map(|found| found.entry.uri.clone()).collect();
    assert_eq!(uris, (0..120).map(|i| format!("https://acme{i}.example/")).collect::<Vec<_>>());
}

#[test]
fn a_slip_comes_before_other_words_and_fewer_words_before_more() {
    let index = built(&[
        entry("Grand Harbour Hotel Bremen", &[], "https://1.example/"),
        entry("Hotel Harbour", &[], "https://2.example/"),
        entry("Harbour Hotel Grand", &[], "https://3.example/"),
        entry("Grand Harbour Hotels", &[], "https://4.example/"),
    ]);
    let names: Vec<_> =
        index.near(&name("Grand Harbour Hotel")).unwrap().into_iter().map(|found| found.entry.name).collect();
    assert_eq!(
        names,
        ["Grand Harbour Hotels", "Harbour Hotel Grand", "Grand Harbour Hotel Bremen", "Hotel Harbour"]
    );
}

#[test]
fn of_very_many_namesakes_the_best_known_come() {
    let entries: Vec<_> =
        (0..1_200).map(|i| entry("Acme", &[], &format!("https://acme{i}.example/"))).collect();
    let found = built(&entries).exact(&name("acme")).unwrap();
    assert_eq!(found.len(), crate::names::groups::MOST_SAME);
    assert!(found.iter().zip(&entries).all(|(found, entry)| found.entry == *entry));
}

#[test]
fn other_matches_are_bounded() {
    let entries = (0..120).map(|i| entry("Acme Inc.", &[], &format!("https://acme{i}.example/")));
    let index = built(&entries.collect::<Vec<_>>());
    assert_eq!(index.exact(&name("acme")).unwrap().len(), MOST);
    assert_eq!(index.near(&name("acme inx")).unwrap().len(), MOST);
}

#[test]
fn the_closer_name_comes_first() {
    let index = built(&[
        entry("Canal Holdings", &[], "https://1.example/"),
        entry("Canal Inc.", &[], "https://2.example/"),
        entry("Canal+", &[], "https://3.example/"),
        entry("Canal", &[], "https://4.example/"),
        entry("Club Automobile Nord Alpes Lyon", &[], "https://5.example/"),
    ]);
    let order = |asked: &str| {
        let asked = name(asked);
        index.exact(&asked).unwrap().iter().map(|found| found.entry.name.clone()).collect::<Vec<_>>()
    };
    let rest = ["Canal Inc.", "Canal Holdings", "Club Automobile Nord Alpes Lyon"];
    assert_eq!(order("canal"), [&["Canal", "Canal+"], rest.as_slice()].concat());
    assert_eq!(order("CANAL+"), [&["Canal+", "Canal"], rest.as_slice()].concat());
    assert_eq!(order("Canal Inc"), ["Canal Inc."], "who names the form means it");
    assert_eq!(
        order("Canal Group"),
        ["Canal+", "Canal", "Canal Inc."],
        "what both leave out is not the same"
    );
}

#[test]
fn the_likelier_slip_comes_first() {
    let index = built(
        &["hunter", "hunger", "hunted", "punter", "hunters", "huntre", "hnuter"]
            .map(|name| entry(name, &[], "https://x.example/")),
    );
    let asked = name("hunte");
    let names: Vec<_> = index.near(&asked).unwrap().iter().map(|found| found.entry.name.clone()).collect();
    assert_eq!(names, ["hunter", "hunted", "huntre"]);
    let asked = name("huntrer");
    let names: Vec<_> = index.near(&asked).unwrap().iter().map(|found| found.entry.name.clone()).collect();
    assert_eq!(names, ["hunter", "huntre"]);
    let index_of_keys = built(&["fantoz", "fantom"].map(|name| entry(name, &[], "https://x.example/")));
    let names: Vec<_> =
        index_of_keys.near(&name("fanton")).unwrap().into_iter().map(|found| found.entry.name).collect();
    assert_eq!(names, ["fantom", "fantoz"], "a neighbour of the keyboard before any other letter");
    let asked = name("nunter");
    let names: Vec<_> = index.near(&asked).unwrap().iter().map(|found| found.entry.name.clone()).collect();
    assert_eq!(names, ["hunter", "punter"], "the first letter, as nothing else would do");
}

#[test]
fn an_index_of_nothing_finds_nothing() {
    let index = built(&[]);
    assert!(
        index.is_empty()
            && index.exact(&name("x")).unwrap().is_empty()
            && index.near(&name("boeing")).unwrap().is_empty()
    );
}

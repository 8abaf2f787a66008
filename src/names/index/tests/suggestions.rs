//! What is suggested while a name is typed.

use super::{built, entry, handbook, name};
use crate::names::NameIndex;

fn rows(index: &NameIndex, typed: &str) -> Vec<String> {
    rows_of(index, typed, 10)
}

fn rows_of(index: &NameIndex, typed: &str, limit: usize) -> Vec<String> {
    let rows = index.suggest(&name(typed), limit, &|row| Ok(Some(row))).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn the_best_known_come_first_and_each_entry_once() {
    let index = built(&[
        entry("Boeing", &["The Boeing Company", "Boeing Co."], "https://www.boeing.com/"),
        entry("Bosch", &["Robert Bosch GmbH"], "https://www.bosch.com/"),
        entry("Boston University", &[], "https://www.bu.edu/"),
        entry("Aeroflot", &[], "https://www.aeroflot.ru/"),
    ]);
    assert_eq!(rows(&index, "bo"), ["Boeing", "Bosch", "Boston University"]);
    assert_eq!(rows_of(&index, "BÖ", 2), ["Boeing", "Bosch"]);
    assert_eq!(rows_of(&index, "bo", 0), [""; 0]);
    assert_eq!(rows(&index, "the boe"), ["The Boeing Company"], "the name that matches is shown");
    assert_eq!(rows(&index, "robert"), ["Robert Bosch GmbH"]);
    assert_eq!(rows(&index, "bu"), [""; 0], "initials are no beginning");
}

#[test]
fn entries_of_one_address_are_one_row() {
    let index = built(&[
        entry("Acme", &[], "https://acme.example/"),
        entry("Acme Widgets", &[], "https://acme.example/"),
        entry("Acme Tools", &[], "https://tools.example/"),
    ]);
    assert_eq!(rows(&index, "acm"), ["Acme", "Acme Tools"]);
}

#[test]
fn namesakes_keep_their_place_among_other_names() {
    let index = built(&[
        entry("Acme", &[], "https://1.example/"),
        entry("Acmena", &[], "https://2.example/"),
        entry("Acme", &[], "https://3.example/"),
        entry("Acmeba", &[], "https://4.example/"),
        entry("Acmena", &[], "https://5.example/"),
    ]);
    let uris: Vec<_> = index
        .suggest(&name("acm"), 10, &|row| Ok(Some(row)))
        .unwrap()
        .into_iter()
        .map(|row| row.entry.uri)
        .collect();
    assert_eq!(uris, (1..=5).map(|number| format!("https://{number}.example/")).collect::<Vec<_>>());
}

#[test]
fn words_further_in_are_found_in_the_same_order_of_fame() {
    let index = built(&[
        entry("Tokyo Gas", &[], "https://1.example/"),
        entry("University of Tokyo", &[], "https://2.example/"),
        entry("Tokyo Tower", &[], "https://3.example/"),
        entry("Bank of Kyoto Tanaka", &[], "https://4.example/"),
        entry("東京大学", &[], "https://5.example/"),
    ]);
    assert_eq!(rows(&index, "tok"), ["Tokyo Gas", "University of Tokyo", "Tokyo Tower"]);
    assert_eq!(rows(&index, "kyo"), ["Bank of Kyoto Tanaka"]);
    assert_eq!(rows(&index, "univ"), ["University of Tokyo"]);
    let tokyo = ["Tokyo Gas", "University of Tokyo", "Tokyo Tower"];
    assert_eq!(rows(&index, "t"), tokyo, "one letter means a beginning, here of Tokyo University");
    assert_eq!(rows(&index, "of"), [""; 0], "a small word means nothing");
    assert_eq!(rows(&index, "大"), ["東京大学"]);
    assert_eq!(rows(&index, "京大学"), ["東京大学"]);
}

#[test]
fn several_words_are_found_in_any_order() {
    let index = built(&[
        entry("First State Bank of Ohio", &[], "https://1.example/"),
        entry("State Museum", &["Museum of the State"], "https://2.example/"),
        entry("University of Tokyo", &[], "https://3.example/"),
        entry("State Bank", &[], "https://4.example/"),
        entry("国立大学法人東京大学病院", &[], "https://5.example/"),
    ]);
    assert_eq!(rows(&index, "state ban"), ["First State Bank of Ohio", "State Bank"]);
    assert_eq!(rows(&index, "tokyo univ"), ["University of Tokyo"]);
    assert_eq!(rows(&index, "university tok"), ["University of Tokyo"]);
    assert_eq!(rows(&index, "ohio b"), ["First State Bank of Ohio"]);
    assert_eq!(rows(&index, "museum of the s"), ["Museum of the State"]);
    assert_eq!(rows(&index, "tokyo bank"), [""; 0]);
    assert_eq!(rows(&index, "東京大学病"), ["国立大学法人東京大学病院"]);
    assert_eq!(rows(&index, "東京大学部"), [""; 0]);
}

#[test]
fn diacritics_and_half_typed_syllables_don_t_matter() {
    let index = handbook();
    for (typed, expected) in [
        ("societe g", "Société Générale"),
        ("SOCIÉTÉ", "Société Générale"),
        ("muench", "München"),
        ("munch", "München"),
        ("εθνικη", "Εθνική Τράπεζα"),
        ("τραπ", "Εθνική Τράπεζα"),
        ("янд", "Яндекс"),
        ("삼", "삼성전자"),
        ("삼ㅅ", "삼성전자"),
        ("삼서", "삼성전자"),
        ("삼성ㅈ", "삼성전자"),
        ("전", "삼성전자"),
        ("전ㅈ", "삼성전자"),
    ] {
        assert_eq!(rows(&index, typed).first().map(String::as_str), Some(expected), "{typed}");
    }
}

#[test]
fn from_four_letters_on_one_may_have_slipped() {
    let index = built(&[
        entry("Boeing", &["The Boeing Company"], "https://www.boeing.com/"),
        entry("Boiernia", &[], "https://www.boiernia.example/"),
    ]);
    assert_eq!(rows(&index, "boie"), ["Boiernia"], "as typed, and then no slip is looked for");
    assert_eq!(rows(&index, "boeng"), ["Boeing"]);
    assert_eq!(rows(&index, "boeiing"), ["Boeing"]);
    assert_eq!(rows(&index, "the boieng c"), ["The Boeing Company"]);
    assert_eq!(rows(&index, "bie"), [""; 0]);
    assert_eq!(rows(&index, "voein"), [""; 0], "the first letter is as typed");
    let has_slipped = |typed| index.suggest(&name(typed), 10, &|row| Ok(Some(row))).unwrap()[0].has_slipped;
    assert_eq!(["boie", "boeng"].map(has_slipped), [false, true]);
}

#[test]
fn a_slip_in_one_of_several_words_is_found_however_many_have_the_other() {
    let companies = (0..100).map(|i| entry(&format!("Company {i}"), &[], &format!("https://c{i}.example/")));
    let known = [
        entry("New York", &[], "https://ny.example/"),
        entry("York", &[], "https://york.example/"),
        entry("University of Tokyo", &[], "https://tokyo.example/"),
        entry("Boeing Company", &[], "https://boeing.example/"),
    ];
    let index = built(&known.into_iter().chain(companies).collect::<Vec<_>>());
    for (typed, expected) in [
        ("nwe york", "New York"),
        ("neww york", "New York"),
        ("unversity of tok", "University of Tokyo"),
        ("boieng comp", "Boeing Company"),
    ] {
        assert_eq!(rows(&index, typed), [expected], "{typed}");
    }
}

#[test]
fn what_is_not_to_be_told_leaves_room_for_others() {
    let entries = (0..20).map(|i| entry(&format!("Acme {i}"), &[], &format!("https://{i}.example/")));
    let index = built(&entries.collect::<Vec<_>>());
    let odd = index.suggest(&name("acme"), 3, &|row| Ok((row.entry.name.len() > 6).then_some(row))).unwrap();
    assert_eq!(
        odd.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
        ["Acme 10", "Acme 11", "Acme 12"]
    );
}

#[test]
fn a_rare_word_finds_its_name_however_many_better_known_ones_go_on_as_the_last_word_does() {
    let clinics =
        (0..200).map(|i| entry(&format!("Alpha Clinic {i}"), &[], &format!("https://c{i}.example/")));
    let index =
        built(&clinics.chain([entry("Old Foo Clan", &[], "https://clan.example/")]).collect::<Vec<_>>());
    assert_eq!(rows(&index, "foo cl"), ["Old Foo Clan"]);
    assert_eq!(rows(&index, "alpha cl").len(), 10);
}

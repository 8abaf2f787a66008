use proptest::prelude::*;

use super::*;

fn name(typed: &str) -> CommonName {
    CommonName::new(typed).unwrap()
}

#[test]
fn names_fold_as_the_table_says() {
    // What is typed, folded, key. Frozen: keys go into files and shared caches.
    let golden = [
        ("Boeing", "boeing", "boeing"),
        ("  The \t Boeing\u{a0}Company ", "the boeing company", "theboeingcompany"),
        ("Bo\u{200b}e\u{2060}ing\u{feff}", "boeing", "boeing"),
        ("Ｂｏｅｉｎｇ\u{3000}７４７", "boeing 747", "boeing747"),
        ("Société Générale", "société générale", "societegenerale"),
        ("Socie\u{301}te\u{301} Ge\u{301}ne\u{301}rale", "société générale", "societegenerale"),
        ("Toys\"R\"Us", "toys\"r\"us", "toysrus"),
        ("AT&T", "at&t", "att"),
        ("Dillard’s", "dillard’s", "dillards"),
        ("STRAẞE Straße", "strasse strasse", "strassestrasse"),
        ("İstanbul Isparta ılıca", "i̇stanbul isparta ılıca", "istanbulispartailica"),
        ("Smørrebrød Łódź Đà Nẵng", "smørrebrød łódź đà nẵng", "smorrebrodlodzdanang"),
        ("Æon œuvre Þór", "æon œuvre þór", "aeonoeuvrethor"),
        ("ﬁn Ⅳ ²", "fin iv 2", "finiv2"),
        ("Google™ Café®", "google café", "googlecafe"),
        ("Hawaiʻi", "hawaiʻi", "hawaii"),
        ("ΌΔΟΣ", "όδοσ", "οδοσ"),
        ("Йогурт Ёлка", "йогурт ёлка", "иогуртелка"),
        ("ﾊﾞﾝｸ", "バンク", "バンク"),
        ("か が は ぱ", "か が は ぱ", "かがはぱ"),
        ("株式会社・東京", "株式会社・東京", "株式会社東京"),
        ("हिन्दी", "हिन्दी", "हिन्दी"),
        ("ธนาคารกรุงเทพ", "ธนาคารกรุงเทพ", "ธนาคารกรุงเทพ"),
        ("שָׁלוֹם", "שָׁלוֹם", "שלום"),
        ("مُحَمَّد أحمد", "مُحَمَّد أحمد", "محمداحمد"),
        ("한국은행", "한국은행", "한국은행"),
        ("***", "***", "***"),
        ("C++", "c++", "c"),
        ("👩\u{200d}🚀", "👩🚀", "👩🚀"),
    ];
    for (typed, folded, key) in golden {
        let read = name(typed);
        assert_eq!((read.folded(), read.key()), (folded, key), "{typed}");
    }
}

#[test]
fn r7_nothing_is_no_name() {
    for typed in ["", " \t\u{3000}\n", "\u{200b}\u{feff}", "\u{0}"] {
        assert_eq!(CommonName::new(typed), None, "{typed:?}");
    }
}

#[test]
fn d8_what_is_shown_is_as_typed_but_for_white_space() {
    assert_eq!(name("  Toys \n  R\tUs ").shown(), "Toys R Us");
}

#[test]
fn letters_that_only_look_alike_stay_apart() {
    for (one, other) in [("b\u{43e}eing", "boeing"), ("\u{412}MW", "BMW"), ("か", "が"), ("α", "a")] {
        assert_ne!(name(one).key(), name(other).key());
    }
}

#[test]
fn umlauts_are_written_out_as_well() {
    assert_eq!(name("MÜNCHEN").key(), "munchen");
    let spelt_out = |typed| name(typed).spelt_out().map(|name| name.folded().to_owned());
    assert_eq!(spelt_out("München").as_deref(), Some("muenchen"));
    assert_eq!(spelt_out("Mu\u{308}nchen").as_deref(), Some("muenchen"));
    assert_eq!(spelt_out("Århus Smørrebrød").as_deref(), Some("aarhus smoerrebroed"));
    assert_eq!(name("Muenchen").spelt_out(), None);
    assert_eq!(name("Télé").spelt_out(), None);
}

#[test]
fn a_script_is_told_of_each_letter() {
    assert_eq!(Script::of('a'), Script::of('é'));
    assert_ne!(Script::of('a'), Script::of('а'));
    assert_eq!(Script::of('東'), Script::of('が'));
    assert_eq!(Script::of('7'), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn every_form_is_its_own_form(typed in "\\PC{1,24}|[\\x00-\\u{34f}\\u{600}-\\u{6ff}\\u{1e00}-\\u{1fff}\\u{3000}-\\u{30ff}]{1,12}") {
        if let Some(once) = CommonName::new(&typed) {
            prop_assert!(!once.key().is_empty());
            let folded = name(once.folded());
            prop_assert_eq!(folded.folded(), once.folded());
            prop_assert_eq!(folded.key(), once.key());
            prop_assert!(name(once.key()).key() == once.key());
            let shown = name(once.shown());
            prop_assert_eq!(&shown, &once);
        }
    }

    #[test]
    fn case_and_width_and_spacing_never_matter(words in "[a-zA-Z0-9]{1,6}( [a-zA-Z0-9]{1,6}){0,3}") {
        let wide: String = words.chars().map(|c| match c {
            '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
            c => c,
        }).collect();
        let key = name(&words);
        prop_assert!(name(&wide).key() == key.key());
        prop_assert!(name(&words.to_uppercase()).folded() == key.folded());
        prop_assert!(name(&words.replace(' ', "-")).key() == key.key());
    }
}

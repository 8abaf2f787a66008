use super::*;

fn asked(properties: &[(&str, &str, &str)]) -> Asked {
    let properties: Vec<_> =
        properties.iter().map(|(name, kind, value)| Property::new(*name, *kind, *value)).collect();
    read_properties(&properties)
}

/// The messages of the statuses, all of which must be 3.1.1.
fn ignored_of(properties: &[(&str, &str, &str)]) -> Vec<String> {
    let statuses = asked(properties).statuses;
    assert!(statuses.iter().all(|status| status.code == StatusCode::PROPERTIES_IGNORED));
    statuses.into_iter().map(|status| status.message).collect()
}

fn is_ignored(name: &str, kind: &str, value: &str) -> bool {
    let asked = asked(&[(name, kind, value)]);
    let is_ignored = asked.statuses.len() == 1;
    assert_eq!(is_ignored, asked.hints.is_empty(), "{name} {kind} {value}");
    is_ignored
}

#[test]
fn r4_an_unknown_property_is_ignored_and_said_so() {
    let expected = "colour \"blue\", type freeform, was ignored: it is not known here";
    assert_eq!(ignored_of(&[("colour", "freeform", "blue")]), [expected]);
}

#[test]
fn r8_the_same_property_again_is_an_order_of_preference() {
    let asked = asked(&[
        ("language", "rfc1766", "fr-FR"),
        ("geography", "iso3166-1", "US"),
        ("language", "rfc1766", "de-DE"),
        ("language", "rfc1766", "*"),
    ]);
    let range = |text| Preference::Value(languages::read(text).unwrap());
    assert_eq!(asked.hints.languages, [range("fr-fr"), range("de-de"), Preference::Any]);
    assert_eq!(asked.hints.geographies, [Preference::Value(Geography::Country("US".to_owned()))]);
    assert_eq!(asked.hints.sent.len(), 4);
    assert_eq!(asked.statuses, []);
}

#[test]
fn d6_a_second_range_is_ignored_and_a_malformed_one_does_not_count() {
    let twice = asked(&[("range", "start-length", "1-2"), ("range", "start-length", "5-3")]);
    assert_eq!(twice.range, Range { start: 1, length: Some(2) });
    assert_eq!(twice.statuses.len(), 1);
    let mended = asked(&[("range", "start-length", "0-0"), ("range", "range", "5,3")]);
    assert_eq!(mended.range, Range { start: 5, length: Some(3) });
    assert_eq!(mended.statuses.len(), 1);
    let untyped = asked(&[("Range", "", "2-4")]);
    assert_eq!(untyped.range, Range { start: 2, length: Some(4) });
    assert_eq!(ignored_of(&[("range", "x-page", "2-4")]).len(), 1);
}

#[test]
fn d7_names_and_types_count_in_any_case() {
    let asked = asked(&[("LANGUAGE", "RFC1766", "en-US"), ("Geography", "ISO3166-1", "fr")]);
    assert_eq!(asked.statuses, []);
    assert_eq!(asked.hints.country().as_deref(), Some("FR"));
    assert_eq!(asked.hints.sent[0], Property::new("LANGUAGE", "RFC1766", "en-US"), "as the client wrote it");
}

#[test]
fn d9_a_freeform_value_that_reads_as_a_code_is_that_code() {
    let asked = asked(&[
        ("geography", "freeform", "us-ca"),
        ("language", "freeform", "fr-CA"),
        ("category", "", "Books"),
    ]);
    assert_eq!(asked.hints.geographies, [Preference::Value(Geography::Region("US-CA".to_owned()))]);
    assert_eq!(asked.hints.language().unwrap().as_str(), "fr-ca");
    let books = Category { kind: "freeform".to_owned(), value: "books".to_owned() };
    assert_eq!(asked.hints.categories, [Preference::Value(books)]);
    assert_eq!(asked.statuses, []);
}

#[test]
fn d10_what_is_no_language_is_ignored() {
    for value in ["sp-MX", "no such language", "en_US", ""] {
        assert!(is_ignored("language", "rfc1766", value), "{value}");
    }
    assert!(is_ignored("language", "iso646", "de-DE"), "an unregistered type");
    let named = asked(&[("language", "freeform", "French")]);
    assert_eq!((named.hints.languages.len(), named.hints.sent.len(), named.statuses.len()), (0, 1, 0));
    assert!(!is_ignored("language", "rfc1766", "es-MX"));
}

#[test]
fn r4_values_must_be_of_their_type() {
    for (kind, good, bad) in [
        ("iso3166-1", "US", "USA"),
        ("iso3166-2", "CA-QC", "CA"),
        ("lat-long", "+37.8, -122.4", "north"),
        ("lat-long", "-90 180", "91,0"),
        ("lat-long", "1.5/2.5", "1,2,3"),
        ("postalcode", "94043", ""),
        ("freeform", "palo alto in california", " "),
    ] {
        assert!(!is_ignored("geography", kind, good), "{kind} {good}");
        assert!(is_ignored("geography", kind, bad), "{kind} {bad}");
    }
    assert!(!is_ignored("category", "naics", "544554"));
    assert!(is_ignored("category", "naics", "5"));
    assert!(is_ignored("category", "x-dewey", "544"));
}

#[test]
fn r12_datasets_are_named_once_each_by_an_absolute_uri() {
    let asked = asked(&[
        ("dataseturi", "uri", "urn:oid:1.2"),
        ("dataseturi", "freeform", " urn:oid:1.3 "),
        ("DatasetURI", "URI", "urn:oid:1.2"),
        ("dataseturi", "uri", "not a uri"),
    ]);
    assert_eq!(asked.datasets, ["urn:oid:1.2", "urn:oid:1.3"]);
    assert_eq!(asked.statuses.len(), 1);
    assert_eq!(asked.hints.sent, [], "a dataset of ours is none of another service's");
}

#[test]
fn r12_any_dataset_stands_beside_those_that_are_named() {
    let asked = asked(&[("dataseturi", "uri", "urn:a"), ("dataseturi", "uri", "*"), ("range", "range", "*")]);
    assert_eq!(asked.datasets, ["urn:a", "*"]);
    assert_eq!((asked.range, asked.statuses.len()), (Range::default(), 0));
}

#[test]
fn d29_any_number_of_datasets_may_be_asked_for() {
    let uris: Vec<_> = (0..900).map(|number| format!("urn:x{number}")).collect();
    let many: Vec<_> = uris.iter().map(|uri| ("dataseturi", "uri", uri.as_str())).collect();
    let asked = asked(&many);
    assert_eq!((asked.datasets.len(), asked.statuses.len()), (900, 0));
}

#[test]
fn a_flood_of_properties_is_cut() {
    let many = vec![("language", "rfc1766", "en"); 5000];
    let asked = asked(&many);
    assert_eq!(asked.hints.languages.len(), 64);
    let expected = "4936 properties were ignored: a query has at most 64";
    assert_eq!(asked.statuses.iter().map(|status| status.message.as_str()).collect::<Vec<_>>(), [expected]);
}

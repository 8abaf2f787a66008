use super::*;

fn decoded(document: &[u8]) -> Result<Decoded, Status> {
    decode_request(document, None, 1024)
}

fn within(inner: &str) -> Result<Decoded, Status> {
    decoded(format!("<?xml version=\"1.0\"?>\n<cnrp>{inner}</cnrp>").as_bytes())
}

/// The name of a query that was understood, and the message of its 3.1.2, empty if there is none.
fn name_and_repairs(read: Result<Decoded, Status>) -> (String, String) {
    let read = read.unwrap();
    let Request::Query(Question { target: Target::Name(name), .. }) = read.request else {
        panic!("no query by name: {read:?}");
    };
    assert!(read.statuses.len() <= 1);
    let message = read.statuses.first().map(|status| {
        assert_eq!(status.code, StatusCode::INVALID_XML_UNDERSTOOD);
        status.message.clone()
    });
    (name.shown().to_owned(), message.unwrap_or_default())
}

fn refusal(read: Result<Decoded, Status>) -> String {
    let status = read.unwrap_err();
    assert_eq!(status.code, StatusCode::NOT_INTERPRETABLE);
    status.message
}

#[test]
fn r19_the_rfc_s_own_requests_are_understood_without_a_word() {
    let query = decoded(include_bytes!("../../../fixtures/rfc3367/query.xml")).unwrap();
    let expected = Question {
        target: Target::Name(CommonName::new("Fido").unwrap()),
        properties: vec![
            Property::new("geography", "iso3166-2", "CA-QC"),
            Property::new("geography", "iso3166-1", "CA"),
            Property::new("language", "rfc1766", "fr-CA"),
        ],
    };
    assert_eq!(query, Decoded { request: Request::Query(expected), statuses: Vec::new() });
    let service = decoded(include_bytes!("../../../fixtures/rfc3367/servicequery.xml")).unwrap();
    assert_eq!(service, Decoded { request: Request::ServiceQuery, statuses: Vec::new() });
}

#[test]
fn r7_a_query_is_by_one_name_or_by_one_id() {
    let by_id = within("<query><id> i.1;2 </id></query>").unwrap();
    let expected = Question { target: Target::Id("i.1;2".to_owned()), properties: Vec::new() };
    assert_eq!(by_id, Decoded { request: Request::Query(expected), statuses: Vec::new() });
    for (inner, reason) in [
        ("<query/>", "a query has a <commonname> or an <id>"),
        ("<query><commonname/></query>", "the <commonname> is empty"),
        ("<query><commonname> \n </commonname></query>", "the <commonname> is empty"),
        ("<query><id> </id></query>", "the <id> is empty"),
        (
            "<query><commonname>a</commonname><commonname>b</commonname></query>",
            "a second <commonname>; a query has one",
        ),
        ("<query><id>1</id><id>2</id></query>", "a second <id>; a query has one"),
        ("<query><id>1</id><commonname>a</commonname></query>", "a query has a name or an id, not both"),
        ("", "<query> or <servicequery> was expected within <cnrp>"),
        ("<nonsense/>", "<query> or <servicequery> was expected within <cnrp>"),
        ("<query><commonname>a</commonname></query><query/>", "a second request; a document holds one"),
        ("<servicequery/><query/>", "a second request; a document holds one"),
        ("<results/>", "this is an answer; a query or servicequery was expected"),
        (
            "<query><commonname>a<commonname>b</commonname></commonname></query>",
            "<commonname> within <commonname>, which holds text alone",
        ),
    ] {
        let message = refusal(within(inner));
        let (place, told) = message.split_once(": ").unwrap();
        assert_eq!(told, reason, "{inner}");
        assert!(
            place.starts_with(if inner.is_empty() { "line 2, column 1" } else { "line 2, column" }),
            "{place}"
        );
    }
}

#[test]
fn d12_what_has_one_reading_is_understood_and_said_so() {
    let name = "<commonname>Boeing</commonname>";
    for (inner, repair) in [
        (format!("<query>{name}<mood>good</mood></query>"), "<mood> within <query> was ignored"),
        (
            format!("<query><property name='language'>en</property>{name}</query>"),
            "<commonname> was read after <property>",
        ),
        (
            "<Query><CommonName>Boeing</CommonName></Query>".to_owned(),
            "<Query> was read as <query>; <CommonName> was read as <commonname>",
        ),
        (format!("<c:query>{name}</c:query>"), "<c:query> was read as <query>"),
        (format!("<query lang='x'>{name}</query>"), "the attribute lang of <query> was ignored"),
        (
            format!("<query>{name}<property Name='language' type='rfc1766'>en</property></query>"),
            "the attribute Name of <property> was read as name",
        ),
        (format!("<query>{name}<property>en</property></query>"), "a <property> without a name was ignored"),
        (format!("<query>find {name}</query>"), "text within <query> was ignored"),
        (format!("please<query>{name}</query>"), "text within <cnrp> was ignored"),
        (
            "<query><commonname>Boeing<b/></commonname></query>".to_owned(),
            "<b> within <commonname> was ignored",
        ),
        (
            "<query><commonname>B<i>oe</i>ing</commonname></query>".to_owned(),
            "the text of <i> was read as part of <commonname>",
        ),
        (format!("<extra/><query>{name}</query>"), "<extra/>"),
    ] {
        let (read, told) = name_and_repairs(within(&inner));
        let repair = repair.replace("<extra/>", "<extra> within <cnrp> was ignored");
        assert_eq!((read.as_str(), told), ("Boeing", repair), "{inner}");
    }
    let bare = decoded(b"<query><commonname>Boeing</commonname></query>");
    assert_eq!(name_and_repairs(bare).1, "<query> was read without the <cnrp> about it");
    let foreign = decoded(b"<!DOCTYPE html><cnrp><query><commonname>Boeing</commonname></query></cnrp>");
    assert_eq!(name_and_repairs(foreign).1, "the DOCTYPE of html was ignored");
}

#[test]
fn d12_a_missing_doctype_alone_is_not_worth_a_status() {
    let read = decoded(b"<cnrp><query><commonname>Boeing</commonname></query></cnrp>");
    assert_eq!(name_and_repairs(read), ("Boeing".to_owned(), String::new()));
}

#[test]
fn d12_properties_beside_an_id_are_ignored() {
    let read = within("<query><id>1</id><property name='range'>1-2</property></query>").unwrap();
    let expected = Question { target: Target::Id("1".to_owned()), properties: Vec::new() };
    assert_eq!(read.request, Request::Query(expected));
    assert_eq!(read.statuses[0].message, "properties beside an id were ignored");
}

#[test]
fn d13_nonsense_is_refused_with_line_column_and_reason() {
    for (document, message) in [
        ("hello", "line 1, column 1: text outside the root element"),
        ("<html/>", "line 1, column 1: <cnrp> was expected, not <html>"),
        ("<cnrp>", "line 1, column 7: <cnrp> is not closed"),
        ("", "line 1, column 1: there is no element"),
    ] {
        assert_eq!(refusal(decoded(document.as_bytes())), message);
    }
    assert!(refusal(within("<query><commonname>a</query>")).starts_with("line 2, column "));
    assert!(
        refusal(within("\n<query><commonname>a&nosuch;b</commonname></query>"))
            .starts_with("line 3, column 21")
    );
}

#[test]
fn d8_values_are_trimmed_and_a_name_s_inner_runs_collapsed() {
    let read = within(
        "<query><commonname>\n toys \t r\n us </commonname><property name=' Language ' type=''> en </property></query>",
    );
    let Request::Query(question) = read.unwrap().request else { panic!("no query") };
    assert_eq!(question.target, Target::Name(CommonName::new("toys r us").unwrap()));
    assert_eq!(question.properties, [Property::new("Language", "freeform", "en")]);
}

#[test]
fn d31_a_name_is_as_long_as_the_limit_allows() {
    let named = |name: &str| within(&format!("<query><commonname>{name}</commonname></query>"));
    let longest = "東".repeat(1024);
    assert_eq!(name_and_repairs(named(&format!("  {longest} "))).0, longest);
    let status = named(&format!("{longest}x")).unwrap_err();
    assert_eq!(status.code, StatusCode::TOO_COMPLEX);
    assert_eq!(status.message, "a name of 1025 characters; at most 1024 are accepted");
    assert!(named(&format!("a{}b", " ".repeat(5000))).is_ok(), "what collapses does not count");
}

#[test]
fn d11_a_legacy_encoding_is_answered_with_a_word() {
    let document = "<?xml version='1.0' encoding='ISO-8859-1'?><cnrp><query><commonname>Soci\u{e9}t\u{e9}</commonname></query></cnrp>";
    let latin: Vec<u8> = document.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (name, told) = name_and_repairs(decoded(&latin));
    assert_eq!((name.as_str(), told.as_str()), ("Société", "read as windows-1252; CNRP is UTF-8"));
    let marked = format!("\u{feff}{}", document.replace("ISO-8859-1", "UTF-8"));
    assert_eq!(name_and_repairs(decoded(marked.as_bytes())), ("Société".to_owned(), String::new()));
    assert!(refusal(decode_request(&latin, Some("utf-8"), 9)).ends_with("these bytes are not UTF-8"));
}

#[test]
fn r18_a_servicequery_is_told_from_a_query() {
    for (inner, statuses) in [
        ("<servicequery/>", 0),
        ("<servicequery> </servicequery>", 0),
        ("<ServiceQuery a='b'><x/></ServiceQuery>", 1),
    ] {
        let read = within(inner).unwrap();
        assert_eq!((read.request, read.statuses.len()), (Request::ServiceQuery, statuses), "{inner}");
    }
}

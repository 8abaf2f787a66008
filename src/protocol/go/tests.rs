use proptest::prelude::*;

use super::*;

fn read(text: &str) -> GoUri {
    text.parse().unwrap()
}

fn refused(text: &str) -> Refused {
    text.parse::<GoUri>().unwrap_err()
}

fn named(name: &str, properties: &[(&str, &str, &str)]) -> Question {
    let properties = properties.iter().map(|(name, kind, value)| Property::new(*name, *kind, *value));
    Question { target: Target::Name(CommonName::new(name).unwrap()), properties: properties.collect() }
}

fn server(host: &str, port: Option<u16>) -> GoServer {
    GoServer { host: host.to_owned(), port }
}

#[test]
fn u1_the_examples_of_the_rfc_are_read() {
    assert_eq!(read("go:Mercedes%20Benz"), GoUri::Anywhere(named("Mercedes Benz", &[])));
    assert_eq!(
        read("go://?Mercedes%20Benz"),
        GoUri::At(server("localhost", None), named("Mercedes Benz", &[]))
    );
    assert_eq!(
        read("go://cnrp.foo.com?Mercedes%20Benz;geography=US-ga"),
        GoUri::At(
            server("cnrp.foo.com", None),
            named("Mercedes Benz", &[("geography", "freeform", "US-ga")])
        )
    );
    assert_eq!(
        read("go://cnrp.foo.org?Martin%20J.%20D%C3%BCrst"),
        GoUri::At(server("cnrp.foo.org", None), named("Martin J. Dürst", &[]))
    );
    let id = Question { target: Target::Id("5432345".to_owned()), properties: Vec::new() };
    assert_eq!(read("go://cnrp.foo.com?id=5432345"), GoUri::At(server("cnrp.foo.com", None), id));
}

#[test]
fn u1_properties_have_types_and_keep_their_order() {
    let wanted = named(
        "bmw",
        &[("geography", "iso3166-1", "US"), ("language", "rfc1766", "fr-FR"), ("geography", "freeform", "*")],
    );
    let text = "GO:bmw;geography=iso3166-1,US;language=rfc1766,fr-FR;geography=*";
    assert_eq!(read(text), GoUri::Anywhere(wanted));
    assert_eq!(read(text).to_string(), text.replace("GO", "go"));
}

#[test]
fn u2_a_server_stands_for_itself_is_localhost_when_empty_and_may_have_a_port() {
    assert_eq!(read("go://names.example"), GoUri::Server(server("names.example", None)));
    assert_eq!(read("go://"), GoUri::Server(server("localhost", None)));
    assert_eq!(read("go://names.example:2757"), GoUri::Server(server("names.example", Some(2757))));
    assert_eq!(read("go://names.example:"), GoUri::Server(server("names.example", None)));
    assert_eq!(read("go://[::1]:1096?x"), GoUri::At(server("[::1]", Some(1096)), named("x", &[])));
    assert_eq!(read("go://[::1]"), GoUri::Server(server("[::1]", None)));
}

#[test]
fn d25_an_empty_name_is_refused() {
    for text in ["go:", "go:%20", "go://names.example?", "go://?", "go:;geography=FR"] {
        assert_eq!(refused(text), Refused::EmptyName, "{text}");
    }
}

#[test]
fn d26_userinfo_is_refused() {
    assert_eq!(refused("go://user:pw@names.example?x"), Refused::Userinfo("user:pw".to_owned()));
    assert_eq!(refused("go://bank.example@evil.example"), Refused::Userinfo("bank.example".to_owned()));
}

#[test]
fn u1_what_the_grammar_does_not_have_is_refused_and_explained() {
    let stray = |character, within: &str| Refused::Stray { character, within: within.to_owned() };
    for (text, why) in [
        ("http://x.example/", Refused::Scheme),
        ("go", Refused::Scheme),
        ("go:a/b", stray('/', "a/b")),
        ("go:a b", stray(' ', "a b")),
        ("go:a?b", stray('?', "a?b")),
        ("go:a#b", stray('#', "a#b")),
        ("go:Dürst", stray('ü', "Dürst")),
        ("go:a=b", stray('=', "a=b")),
        ("go://h?a?b", stray('?', "a?b")),
        ("go:a;b", Refused::Property("b".to_owned())),
        ("go:a;=c", Refused::Property("=c".to_owned())),
        ("go:a;", Refused::Property(String::new())),
        ("go:a;b=c,d,e", stray(',', "d,e")),
        ("go:a;b=c=d", stray('=', "c=d")),
        ("go:id=5", Refused::IdWithoutServer),
        ("go:ID=5", Refused::IdWithoutServer),
        ("go://h?id=", Refused::EmptyId),
        ("go://h?id=5;a=b", stray(';', "5;a=b")),
        ("go:%zz", Refused::Escape("%zz".to_owned())),
        ("go:a%2", Refused::Escape("a%2".to_owned())),
        ("go:%+1", Refused::Escape("%+1".to_owned())),
        ("go:%FF", Refused::NotUtf8("%FF".to_owned())),
        ("go://h/path?x", Refused::Path("h/path".to_owned())),
        ("go://h:1096/", Refused::Path("h:1096/".to_owned())),
        ("go:?id=x", Refused::QueryWithoutServer),
        ("go://h:99999?x", Refused::Server("h:99999".to_owned())),
        ("go://:80?x", Refused::Server(":80".to_owned())),
        ("go://::1?x", Refused::Server("::1".to_owned())),
        ("go://h%41?x", Refused::Server("h%41".to_owned())),
        ("go://;?x", Refused::Server(";".to_owned())),
        ("go://a_b?x", Refused::Server("a_b".to_owned())),
        ("go://a..b?x", Refused::Server("a..b".to_owned())),
        ("go://.?x", Refused::Server(".".to_owned())),
        ("go://-a?x", Refused::Server("-a".to_owned())),
        ("go://a-.example?x", Refused::Server("a-.example".to_owned())),
        ("go://1.2.3?x", Refused::Server("1.2.3".to_owned())),
        ("go://1.2.3.256?x", Refused::Server("1.2.3.256".to_owned())),
        ("go://0x7f.1?x", Refused::Server("0x7f.1".to_owned())),
        ("go://[::g]?x", Refused::Server("[::g]".to_owned())),
        ("go://[1.2.3.4]?x", Refused::Server("[1.2.3.4]".to_owned())),
        ("go://h:+1?x", Refused::Server("h:+1".to_owned())),
        ("go://h:1x?x", Refused::Server("h:1x".to_owned())),
        ("go://h:?", Refused::EmptyName),
    ] {
        assert_eq!(refused(text), why, "{text}");
    }
}

#[test]
fn u1_hosts_are_those_of_the_grammar() {
    for host in ["localhost", "a", "A-1.b", "1.example", "xn--p1ai", "names.example.", "10.0.0.1", "[::1]"] {
        assert_eq!(read(&format!("go://{host}:80?x")), GoUri::At(server(host, Some(80)), named("x", &[])));
    }
}

#[test]
fn d17_what_no_document_can_carry_is_refused() {
    for (text, character) in
        [("a%00b", '\0'), ("%1B", '\u{1b}'), ("%EF%BF%BF", '\u{ffff}'), ("a%0b", '\u{b}')]
    {
        for uri in [format!("go:{text}"), format!("go://h?id={text}")] {
            assert_eq!(refused(&uri), Refused::Uncarried { character, within: text.to_owned() });
        }
    }
    assert!(matches!(refused("go:a;b=c%00"), Refused::Uncarried { .. }));
    assert_eq!(
        refused("go:a%00b").to_string(),
        "\"a%00b\" holds U+0000 once decoded, which no CNRP document can carry"
    );
    assert_eq!(read("go:a%09b"), GoUri::Anywhere(named("a b", &[])), "white space is white space (D8)");
}

#[test]
fn a_refusal_says_what_was_expected() {
    assert_eq!(refused("go:a/b").to_string(), "'/' has no place in \"a/b\"; expected it percent-encoded");
    assert_eq!(refused("go:x;y").to_string(), "\"y\" is no property; expected NAME=VALUE or NAME=TYPE,VALUE");
}

#[test]
fn the_scheme_alone_says_what_is_meant() {
    assert!(GoUri::is_meant("go:x") && GoUri::is_meant("GO://h") && GoUri::is_meant("go:"));
    assert!(!GoUri::is_meant("go") && !GoUri::is_meant("golang: tour") && !GoUri::is_meant("a go: b"));
}

/// Any text that a document can carry, without white space at its ends, which is trimmed (D8).
fn any_text() -> impl Strategy<Value = String> {
    let carried = |text: String| text.chars().filter(|c| xml::is_allowed(*c)).collect::<String>();
    any::<String>().prop_map(move |text| carried(text).trim().to_owned())
}

fn any_question() -> impl Strategy<Value = Question> {
    let word = || any_text().prop_filter("a word", |text| !text.is_empty());
    let property =
        (word(), word(), any_text()).prop_map(|(name, kind, value)| Property { name, kind, value });
    let name = any_text().prop_filter_map("a name", |text| CommonName::new(&text));
    prop_oneof![
        3 => (name, prop::collection::vec(property, 0..4))
            .prop_map(|(name, properties)| Question { target: Target::Name(name), properties }),
        1 => word().prop_map(|id| Question { target: Target::Id(id), properties: Vec::new() }),
    ]
}

fn any_server() -> impl Strategy<Value = GoServer> {
    let host = prop_oneof![
        "[a-z][a-z0-9-]{0,9}[a-z](\\.example)?",
        Just("127.0.0.1".to_owned()),
        Just("[::1]".to_owned())
    ];
    (host, any::<Option<u16>>()).prop_map(|(host, port)| GoServer { host, port })
}

proptest! {
    #[test]
    fn u3_what_is_written_reads_back_the_same(question in any_question(), server in any_server(), form in 0..3u8) {
        let is_id = matches!(question.target, Target::Id(_));
        let uri = match form {
            0 if !is_id => GoUri::Anywhere(question),
            1 => GoUri::Server(server),
            _ => GoUri::At(server, question),
        };
        let written = uri.to_string();
        prop_assert!(written.is_ascii());
        prop_assert_eq!(written.parse::<GoUri>(), Ok(uri), "{}", written);
    }

    #[test]
    fn nothing_panics(text in "(go:)?(//)?[a-z@:%;=,?/#\\[\\]0-9é]{0,24}") {
        let _ = text.parse::<GoUri>();
    }
}

use super::*;

fn fault(text: &str) -> String {
    read(text).map_or_else(|invalid| invalid.to_string(), |_| panic!("well-formed after all: {text}"))
}

fn text_of(document: &str) -> String {
    let tree = read(document).unwrap();
    tree.root().unwrap().text().to_owned()
}

#[test]
fn d13_what_is_not_well_formed_is_refused_with_its_place() {
    for (text, expected) in [
        ("", "line 1, column 1: there is no element"),
        (" \n", "line 2, column 1: there is no element"),
        ("<a><b></b>", "line 1, column 11: <a> is not closed"),
        ("<a/>\n<b/>", "line 2, column 1: a second root element; a document has one"),
        ("<a/>\n x", "line 2, column 2: text outside the root element"),
        ("x<a/>", "line 1, column 1: text outside the root element"),
        ("<a/>&#65;", "line 1, column 5: a reference outside the root element"),
        ("<![CDATA[ ]]><a/>", "line 1, column 1: text outside the root element"),
        ("<1a/>", "line 1, column 1: `1a` is no name for an element"),
        ("< a/>", "line 1, column 1: `` is no name for an element"),
        ("<a b='<'/>", "line 1, column 7: `<` in an attribute's value, where `&lt;` is meant"),
        ("<a b='1' b='2'/>", "line 1, column 10: the attribute `b` stands twice"),
        ("<a b='1'c='2'/>", "line 1, column 9: white space is missing before an attribute"),
        ("<a b=1/>", "line 1, column 6: the value of `b` is not quoted"),
        ("<a b/>", "line 1, column 5: `=` was expected after the attribute `b`"),
        ("<a 1='b'/>", "line 1, column 4: an attribute's name was expected"),
        ("<a b='&x;'/>", "line 1, column 7: the entity `&x;` is not defined"),
        ("<a b='a&b'/>", "line 1, column 8: `&` begins no reference; `&amp;` is meant"),
        ("<a>x]]>y</a>", "line 1, column 5: `]]>` in text, where `]]&gt;` is meant"),
        ("<a>&nosuch;</a>", "line 1, column 4: the entity `&nosuch;` is not defined"),
        ("<a>&#0;</a>", "line 1, column 4: `&#0;` is no character of XML 1.0"),
        ("<a>&#xFFFE;</a>", "line 1, column 4: `&#xFFFE;` is no character of XML 1.0"),
        ("<a>&#xD800;</a>", "line 1, column 4: `&#xD800;` is no character of XML 1.0"),
        ("<a>&#+65;</a>", "line 1, column 4: `&#+65;` is no character of XML 1.0"),
        ("<a>&#;</a>", "line 1, column 4: `&#;` is no character of XML 1.0"),
        ("<a>\n\u{1}</a>", "line 2, column 1: U+0001, which XML 1.0 can't carry"),
        ("<a>\u{ffff}</a>", "line 1, column 4: U+FFFF, which XML 1.0 can't carry"),
        (" <?xml version='1.0'?><a/>", "line 1, column 2: an XML declaration stands at the very start only"),
        ("<?xml?><a/>", "line 1, column 6: an XML declaration begins with version=\"1.0\""),
        ("<?xml version='2.0'?><a/>", "line 1, column 20: an XML declaration begins with version=\"1.0\""),
        ("<?XML version='1.0'?><a/>", "line 1, column 1: `XML` is no target of a processing instruction"),
        ("<a/><!DOCTYPE a>", "line 1, column 5: a DOCTYPE stands once, before the root element"),
        ("<!DOCTYPE a><!DOCTYPE a><a/>", "line 1, column 13: a DOCTYPE stands once, before the root element"),
        ("<!doctype a><a/>", "line 1, column 1: a DOCTYPE names the root element"),
        ("<!DOCTYPE a PUBLIC 'x'><a/>", "line 1, column 23: a quoted identifier was expected"),
    ] {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn the_tokenisers_own_refusals_have_a_place_too() {
    for text in
        ["<a></b>", "</a>", "<a", "<a b='c", "<a><!-- -- --></a>", "<a><![CDATA[", "<a>&amp</a>", "<!x><a/>"]
    {
        assert!(fault(text).starts_with("line 1, column "), "{text}");
    }
}

#[test]
fn d14_entities_are_refused_wherever_a_doctype_declares_or_uses_them() {
    for subset in [
        "<!ENTITY x 'y'>",
        "<!ENTITY % x SYSTEM 'http://x.example/'> %x;",
        "%x;",
        "<!ELEMENT a ANY><!ENTITY x 'y'>",
        "<!-- > --><!ENTITY x 'y'>",
        "<!ATTLIST a %x; CDATA 'y'>",
    ] {
        let reason = fault(&format!("<!DOCTYPE a [{subset}]><a/>"));
        assert!(reason.starts_with("line 1, column "), "{subset}: {reason}");
    }
}

#[test]
fn r19_a_doctype_without_entities_is_accepted() {
    let dtd = include_str!("../../../fixtures/cnrp.dtd");
    for doctype in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a PUBLIC \"-//IETF//DTD CNRP 1.0//EN\" \"http://ietf.org/dtd/cnrp-1.0.dtd\">",
        "<!DOCTYPE a\n SYSTEM 'http://127.0.0.1:1/cnrp.dtd' >",
        "<!DOCTYPE a []>",
        "<!DOCTYPE a [<!-- ]> --><!ATTLIST a b CDATA \"]>\"> ]>",
        &format!("<!DOCTYPE a [{dtd}]>"),
    ] {
        let document = format!("<?xml version='1.0' encoding='UTF-8' standalone='no' ?>\n{doctype}<a/>");
        assert_eq!(read(&document).unwrap().doctype, Some("a"), "{doctype}");
    }
}

#[test]
fn r3_references_sections_and_comments_make_one_text() {
    assert_eq!(
        text_of("<a>Soci&#233;t&#xE9; <![CDATA[G\u{e9}n & <]]><!-- c -->&lt;&amp;<?p i?>&apos;</a>"),
        "Société Gén & <<&'"
    );
    assert_eq!(text_of("<a>\r\n x\r\ny\rz&#13;w </a>"), "x\ny\nz\rw");
    assert_eq!(text_of("<a> <b>no</b> own <b/> text </a>"), "own  text");
}

#[test]
fn d12_the_whole_text_of_an_element_is_in_the_order_of_the_document() {
    for (document, expected) in [
        ("<a>Acme<b> X</b></a>", "Acme X"),
        ("<a> <b>Acme</b> <c>&amp; <d>So<!-- -->n</d></c>s<e/> </a>", "Acme & Sons"),
        ("<a><b>x\r\ny</b>\r<![CDATA[<z>]]></a>", "x\ny\n<z>"),
        ("<a>plain</a>", "plain"),
        ("<a><b/></a>", ""),
    ] {
        assert_eq!(read(document).unwrap().root().unwrap().whole_text(), expected, "{document}");
    }
}

#[test]
fn attributes_are_normalised() {
    let tree = read("<a b=\"x\r\n\ty&#10;&quot;'\" \n c = '>'/>").unwrap();
    let root = tree.root().unwrap();
    assert_eq!(root.attribute("b"), Some("x  y\n\"'"));
    assert_eq!(root.attribute("c"), Some(">"));
    assert_eq!(root.attribute("d"), None);
}

#[test]
fn children_are_walked_in_order_and_not_deeper() {
    let tree = read("<a><b><c/><c/></b><d/><b/></a>").unwrap();
    let names: Vec<_> = tree.root().unwrap().children().map(Element::name).collect();
    assert_eq!(names, ["b", "d", "b"]);
    assert_eq!(tree.root().unwrap().first("b").unwrap().all("c").count(), 2);
}

#[test]
fn depth_elements_and_attributes_are_bounded() {
    let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(read(&deep(64)).is_ok());
    assert_eq!(fault(&deep(20_000)), "line 1, column 193: elements nested more than 64 deep");
    let wide = format!("<a>{}</a>", "<b/>".repeat(100_000));
    assert!(fault(&wide).ends_with("more than 100000 elements"));
    let attributes: String = (0..65).map(|nth| format!(" a{nth}=''")).collect();
    assert!(fault(&format!("<a{attributes}/>")).ends_with("more than 64 attributes"));
}

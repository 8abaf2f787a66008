//! Ten thousand mangled requests from a fixed seed.

use std::collections::BTreeSet;

use super::{dice::Dice, xmllint::assert_valid};
use crate::{
    model::{Answer, Status, StatusCode},
    protocol::{Request, decode_request, encode_answer, read_properties},
};

const ROUNDS: usize = 10_000;

const WHOLE: [&str; 6] = [
    include_str!("../../../fixtures/rfc3367/query.xml"),
    include_str!("../../../fixtures/rfc3367/servicequery.xml"),
    "<cnrp><query><commonname>Boeing</commonname></query></cnrp>",
    "<?xml version='1.0' encoding='UTF-8'?>\n<cnrp><query><id>handbook.0123456789abcdef.Boeing</id></query></cnrp>",
    "<cnrp><query><commonname>Soci&#233;t&#xE9; <![CDATA[Générale]]><!-- c --></commonname><property name=\"range\" type=\"start-length\">1-5</property></query></cnrp>",
    "<?xml version=\"1.0\"?><cnrp>\n <query>\n  <commonname>東京大学 toys &amp; us</commonname>\n  <property name='language'>ja</property>\n  <property name='language'>*</property>\n </query>\n</cnrp>\n",
];

fn mutated(dice: &mut Dice, document: &[u8]) -> Vec<u8> {
    let mut bytes = document.to_vec();
    let at = dice.roll(bytes.len());
    let length = dice.roll(20).min(bytes.len() - at);
    match dice.roll(5) {
        0 => bytes[at] ^= 1 << dice.roll(8),
        1 => bytes.truncate(at),
        2 => {
            bytes.drain(at..at + length);
        }
        3 => {
            let piece = bytes[at..at + length].to_vec();
            let to = dice.roll(bytes.len());
            bytes.splice(to..to, piece);
        }
        _ => {
            let other = dice.pick(&WHOLE).as_bytes();
            let from = dice.roll(other.len());
            bytes.splice(at.., other[from..].iter().copied());
        }
    }
    bytes
}

/// Mutations that know what a document is made of.
fn restructured(dice: &mut Dice, document: &str) -> Vec<u8> {
    const NAMES: [&str; 6] = ["cnrp", "query", "commonname", "property", "servicequery", "id"];
    let name = dice.pick(&NAMES);
    let text = match dice.roll(9) {
        0 => document.replace(name, &name.to_uppercase()),
        1 => document.replace(name, dice.pick(&NAMES)),
        2 => document.replace(&format!("<{name}>"), &format!("<{name} mood=\"a &lt; b\">")),
        3 => document.replace(&format!("</{name}>"), &format!("<x y='z'>w</x></{name}>")),
        4 => document.replace(&format!("<{name}>"), &format!("<!-- -->\n<?p i?>\r\n<{name}>")),
        5 => document.replace('>', " >").replace("? >", "?>").replace("]] >", "]]>").replace("-- >", "-->"),
        6 => document.replace('>', ">\n\t"),
        7 => document.replace(
            &format!("</{name}>"),
            &format!("</{name}>{}", dice.pick(&["stray", "&#65;", "<y/>", "\u{85}"])),
        ),
        _ => document.split_inclusive('>').filter(|_| dice.roll(12) > 0).collect(),
    };
    match dice.roll(10) {
        0 => [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        1 => [b"\xfe\xff".to_vec(), text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
        2 => format!("\u{feff}{text}").into_bytes(),
        3 => encoding_rs::WINDOWS_1252.encode(&text.replace("UTF-8", "windows-1252")).0.into_owned(),
        _ => text.into_bytes(),
    }
}

#[test]
fn d13_ten_thousand_mutated_requests_are_understood_or_refused() {
    let mut dice = Dice(3367);
    let (mut understood, mut refused) = (0, 0);
    let mut refusals = BTreeSet::new();
    for round in 0..ROUNDS {
        let whole = dice.pick(&WHOLE);
        // A third each: the structure, the bytes, and the bytes of a changed structure.
        let mut document =
            if round % 3 == 1 { whole.as_bytes().to_vec() } else { restructured(&mut dice, whole) };
        if round % 3 != 0 {
            document = mutated(&mut dice, &document);
        }
        let charset = [None, None, None, Some("utf-8"), Some("ISO-8859-1")][dice.roll(5)];
        match decode_request(&document, charset, 64) {
            Ok(decoded) => {
                understood += 1;
                if let Request::Query(question) = &decoded.request {
                    read_properties(&question.properties);
                }
                assert!(
                    decoded.statuses.iter().all(|status| status.code == StatusCode::INVALID_XML_UNDERSTOOD)
                );
            }
            Err(Status { code, message, about }) => {
                refused += 1;
                assert_eq!(about, None);
                assert!(
                    code == StatusCode::TOO_COMPLEX
                        || (code == StatusCode::NOT_INTERPRETABLE && message.starts_with("line ")),
                    "{code} {message}"
                );
                refusals.insert(message);
            }
        }
    }
    println!("{understood} of {ROUNDS} mutated requests understood, {refused} refused");
    assert!(understood >= ROUNDS / 3, "only {understood} understood");
    assert!(refused >= ROUNDS / 5, "only {refused} refused: the mutations are too kind");
    let answers = refusals.iter().take(1000).map(|message| {
        encode_answer(&Answer::fatal(Status::new(StatusCode::NOT_INTERPRETABLE, message.as_str())), true)
    });
    assert_valid(&answers.collect::<Vec<_>>());
}

/// Nothing that grows faster than the document: 64 KiB of the worst takes a moment.
#[test]
fn long_hostile_documents_are_read_in_a_moment() {
    let begun = std::time::Instant::now();
    for unit in [
        "<a>",
        "<a/>",
        "&amp;",
        " ",
        "<!-- -->",
        "]]>",
        "<x y='",
        "&",
        "\r\n",
        "<![CDATA[ ]]>",
        "<commonname>",
        "name",
    ] {
        let inner = unit.repeat(65_536 / unit.len());
        for document in [
            format!("<cnrp><query>{inner}"),
            format!("<{}></b>", "a".repeat(inner.len())),
            format!("<cnrp><query><commonname>{inner}</commonname></query></cnrp>"),
            inner,
        ] {
            if let Err(status) = decode_request(document.as_bytes(), None, 1024) {
                assert!(status.message.len() < 400, "a refusal as long as the request");
            }
        }
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}

//! Requests and what becomes of them on a bad day. Also read by the tests from outside, which send
//! the same to the program.

use super::dice::Dice;

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

/// The mangled request of a round. A third each: the structure is changed, the bytes, and the bytes
/// of a changed structure.
pub(super) fn mangled(dice: &mut Dice, round: usize) -> Vec<u8> {
    let whole = dice.pick(&WHOLE);
    let document = if round % 3 == 1 { whole.as_bytes().to_vec() } else { restructured(dice, whole) };
    if round.is_multiple_of(3) { document } else { mutated(dice, &document) }
}

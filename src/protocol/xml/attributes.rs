//! The attributes of one tag.

use std::borrow::Cow;

use super::{super::repairs::shown, Fault, reference, scan::Scan, tree::Attribute};

/// Most attributes of one element, so that looking for duplicates stays cheap. The DTD's most is two.
const MOST: usize = 64;

/// Reads what follows a tag's name, `source`, which begins at the byte `at` of the document.
pub(super) fn read<'a>(source: &'a str, at: usize, into: &mut Vec<Attribute<'a>>) -> Result<(), Fault> {
    let first = into.len();
    let mut scan = Scan::new(source, at);
    loop {
        let is_apart = scan.space();
        if scan.rest.is_empty() {
            return Ok(());
        }
        let at = scan.at();
        if !is_apart {
            return Err(Fault::new(at, "white space is missing before an attribute"));
        }
        let attribute = attribute(&mut scan)?;
        let earlier = into.get(first..).unwrap_or_default();
        if earlier.iter().any(|earlier| earlier.name == attribute.name) {
            return Err(Fault::new(at, format!("the attribute `{}` stands twice", shown(attribute.name))));
        }
        if earlier.len() >= MOST {
            return Err(Fault::new(at, format!("more than {MOST} attributes")));
        }
        into.push(attribute);
    }
}

fn attribute<'a>(scan: &mut Scan<'a>) -> Result<Attribute<'a>, Fault> {
    let Some(name) = scan.name() else {
        return Err(Fault::new(scan.at(), "an attribute's name was expected"));
    };
    if !scan.equals() {
        return Err(Fault::new(scan.at(), format!("`=` was expected after the attribute `{}`", shown(name))));
    }
    let at = scan.at() + 1;
    let Some(value) = scan.quoted() else {
        return Err(Fault::new(scan.at(), format!("the value of `{}` is not quoted", shown(name))));
    };
    if let Some(place) = value.find('<') {
        return Err(Fault::new(at + place, "`<` in an attribute's value, where `&lt;` is meant"));
    }
    Ok(Attribute { name, value: normalised(value, at)? })
}

/// Resolves references, and makes spaces of the white space written in place (section 3.3.3).
fn normalised(value: &str, at: usize) -> Result<Cow<'_, str>, Fault> {
    if !value.contains(['&', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(value));
    }
    let mut out = String::with_capacity(value.len());
    let mut scan = Scan::new(value, at);
    while let Some(c) = scan.rest.chars().next() {
        let place = scan.at();
        scan.rest = scan.rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\r' if scan.rest.starts_with('\n') => {}
            '\t' | '\n' | '\r' => out.push(' '),
            '&' => {
                let Some((name, rest)) = scan.rest.split_once(';') else {
                    return Err(Fault::new(place, "`&` begins no reference; `&amp;` is meant"));
                };
                out.push(reference::character(name).map_err(|reason| Fault::new(place, reason))?);
                scan.rest = rest;
            }
            _ => out.push(c),
        }
    }
    Ok(Cow::Owned(out))
}

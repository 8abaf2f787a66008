//! What stands before the root element: the XML declaration, processing instructions and the
//! DOCTYPE. An external subset is never fetched, and an internal one that declares or uses
//! entities is refused (D14): that alone keeps files, addresses and exponential texts out.

use super::{super::repairs::shown, Fault, characters::is_name, scan::Scan};

/// Checks an XML declaration, `<?xml ...?>`.
pub(super) fn declaration(at: usize, source: &str) -> Result<(), Fault> {
    if at != 0 {
        return Err(Fault::new(at, "an XML declaration stands at the very start only"));
    }
    let mut scan = Scan::new(source, at);
    let version = scan.eat("<?xml") && scan.space() && scan.eat("version");
    if !version || !pseudo_attribute(&mut scan, is_version) {
        return Err(Fault::new(scan.at(), "an XML declaration begins with version=\"1.0\""));
    }
    let mut is_apart = scan.space();
    if is_apart && scan.eat("encoding") {
        if !pseudo_attribute(&mut scan, is_encoding_name) {
            return Err(Fault::new(scan.at(), "`encoding` was expected to name a character encoding"));
        }
        is_apart = scan.space();
    }
    if is_apart && scan.eat("standalone") {
        if !pseudo_attribute(&mut scan, |value| matches!(value, "yes" | "no")) {
            return Err(Fault::new(scan.at(), "`standalone` was expected to be yes or no"));
        }
        scan.space();
    }
    if scan.rest == "?>" {
        return Ok(());
    }
    Err(Fault::new(scan.at(), "the end of the XML declaration was expected"))
}

fn pseudo_attribute(scan: &mut Scan<'_>, is_good: impl Fn(&str) -> bool) -> bool {
    scan.equals() && scan.quoted().is_some_and(is_good)
}

fn is_version(value: &str) -> bool {
    let minor = value.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_encoding_name(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Checks the target of a processing instruction.
pub(super) fn instruction(at: usize, target: &str) -> Result<(), Fault> {
    if is_name(target) && !target.eq_ignore_ascii_case("xml") {
        return Ok(());
    }
    Err(Fault::new(at, format!("`{}` is no target of a processing instruction", shown(target))))
}

/// Reads a DOCTYPE; gives the name of the root element.
pub(super) fn doctype(at: usize, source: &str) -> Result<&str, Fault> {
    let mut scan = Scan::new(source, at);
    let begun = scan.eat("<!DOCTYPE") && scan.space();
    let Some(name) = scan.name().filter(|_| begun) else {
        return Err(Fault::new(scan.at(), "a DOCTYPE names the root element"));
    };
    if scan.space() {
        external_id(&mut scan)?;
        scan.space();
    }
    if scan.eat("[") {
        internal_subset(&mut scan)?;
        scan.space();
    }
    if scan.rest == ">" {
        return Ok(name);
    }
    Err(Fault::new(scan.at(), "the end of the DOCTYPE was expected"))
}

/// `SYSTEM "..."` or `PUBLIC "..." "..."`, if it is there. Where it leads is no matter.
fn external_id(scan: &mut Scan<'_>) -> Result<(), Fault> {
    let literals = if scan.eat("SYSTEM") {
        1
    } else if scan.eat("PUBLIC") {
        2
    } else {
        return Ok(());
    };
    for _ in 0..literals {
        if !scan.space() || scan.quoted().is_none() {
            return Err(Fault::new(scan.at(), "a quoted identifier was expected"));
        }
    }
    Ok(())
}

/// Skips an internal subset up to and including its `]`. Declarations of elements and attributes
/// change nothing for us; entities are refused.
fn internal_subset(scan: &mut Scan<'_>) -> Result<(), Fault> {
    loop {
        scan.space();
        let at = scan.at();
        if scan.eat("]") {
            return Ok(());
        }
        let is_skipped = if scan.eat("<!--") {
            scan.past("-->")
        } else if scan.eat("<?") {
            scan.past("?>")
        } else if scan.eat("<!ELEMENT") || scan.eat("<!ATTLIST") || scan.eat("<!NOTATION") {
            past_declaration(scan)
        } else {
            return Err(Fault::new(at, "a DOCTYPE that declares or uses entities is not accepted"));
        };
        if !is_skipped {
            return Err(Fault::new(at, "a declaration that is not closed"));
        }
    }
}

/// Skips to the `>` that is not within quotes.
fn past_declaration(scan: &mut Scan<'_>) -> bool {
    loop {
        let Some(place) = scan.rest.find(['>', '"', '\'', '%']) else { return false };
        scan.rest = scan.rest.get(place..).unwrap_or_default();
        if scan.eat(">") {
            return true;
        }
        if scan.quoted().is_none() {
            return false;
        }
    }
}

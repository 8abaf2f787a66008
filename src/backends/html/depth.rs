//! How deep a page nests, found out without parsing it.
//!
//! The parser's time grows with the square of the depth, so that a page of 100 KB that opens
//! nothing but elements keeps it busy for seconds. This scan is linear. Where it can't know that
//! an element is closed it takes it for open: it errs towards deep, and ordinary pages, careless
//! ones included, stay far below the bound.

/// The deepest nesting that is parsed. Real pages stay below a tenth of it.
pub(crate) const DEEPEST: usize = 512;

/// Elements that have no content.
const VOID: [&str; 16] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "link",
    "meta", "param", "source", "wbr",
];

/// Elements whose content is text up to their own end tag.
const RAW: [&str; 8] = ["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"];

/// Elements whose end tag may be left out: the end of what is around them ends them.
const OPTIONAL_END: [&str; 15] = [
    "caption", "colgroup", "dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot",
    "th", "thead",
];

/// What a start tag ends first, of the innermost element: (start tag, ends, looking past).
const ENDS: [(&str, &[&str], &[&str]); 10] = [
    ("p", &["p"], &[]),
    ("li", &["li"], &["p"]),
    ("dd", &["dd", "dt"], &["p"]),
    ("dt", &["dd", "dt"], &["p"]),
    ("option", &["option"], &[]),
    ("td", &["td", "th"], &["p"]),
    ("th", &["td", "th"], &["p"]),
    ("tr", &["tr"], &["td", "th", "p"]),
    ("tbody", &["tbody", "thead", "tfoot"], &["tr", "td", "th", "p"]),
    ("tfoot", &["tbody", "thead", "tfoot"], &["tr", "td", "th", "p"]),
];

/// Whether `page` may nest more than [`DEEPEST`] elements.
pub(crate) fn is_too_deep(page: &str) -> bool {
    let mut open = Open::default();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        rest = match after.bytes().next() {
            Some(b'!' | b'?') => after_comment(after),
            Some(b'/') => {
                let (name, after) = tag(after.get(1..).unwrap_or_default());
                open.end(&name);
                after
            }
            Some(byte) if byte.is_ascii_alphabetic() => {
                let (name, after) = tag(after);
                let raw = RAW.contains(&name.as_str()) && !open.is_foreign();
                if !raw {
                    open.start(name.clone());
                }
                if raw { after_raw(after, &name) } else { after }
            }
            _ => after,
        };
        if open.0.len() > DEEPEST {
            return true;
        }
    }
    false
}

/// The open elements, outermost first.
#[derive(Default)]
struct Open(Vec<String>);

impl Open {
    fn start(&mut self, name: String) {
        if VOID.contains(&name.as_str()) {
            return;
        }
        let rule = ENDS.iter().find(|(start, _, _)| *start == name);
        // In SVG and MathML no element ends another.
        if let Some((_, ends, past)) = rule.filter(|_| !self.is_foreign()) {
            self.close(ends, past);
        }
        self.0.push(name);
    }

    fn end(&mut self, name: &str) {
        self.close(&[name], &[OPTIONAL_END.as_slice(), &["tr"]].concat());
    }

    /// Closes the innermost element of `names`, if only elements of `past` are within it.
    fn close(&mut self, names: &[&str], past: &[&str]) {
        let stop =
            self.0.iter().rposition(|open| names.contains(&open.as_str()) || !past.contains(&open.as_str()));
        if let Some(at) = stop.filter(|at| self.0.get(*at).is_some_and(|open| names.contains(&open.as_str())))
        {
            self.0.truncate(at);
        }
    }

    fn is_foreign(&self) -> bool {
        self.0.iter().any(|open| open == "svg" || open == "math")
    }
}

/// The name of a tag, in lower case, and what follows its `>`.
fn tag(text: &str) -> (String, &str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(text.len());
    let (name, attributes) = text.split_at_checked(end).unwrap_or((text, ""));
    (name.to_ascii_lowercase(), after_attributes(attributes))
}

/// Where in the attributes of a tag a character stands (HTML standard, section 13.2.5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(char),
}

/// What follows the `>` of a tag; nothing where there is none. A `>` within quotes is part of a
/// value, but quotes count only where a value begins.
fn after_attributes(text: &str) -> &str {
    let mut at = At::BeforeName;
    let end = text.char_indices().find(|(_, c)| {
        if *c == '>' && !matches!(at, At::Quoted(_)) {
            return true;
        }
        at = step(at, *c);
        false
    });
    end.and_then(|(index, _)| text.get(index + 1..)).unwrap_or_default()
}

fn step(at: At, c: char) -> At {
    let space = c.is_ascii_whitespace();
    match (at, c) {
        (At::Quoted(quote), _) if c == quote => At::BeforeName,
        (At::Quoted(_), _) => at,
        (At::Unquoted, _) => {
            if space {
                At::BeforeName
            } else {
                at
            }
        }
        (At::BeforeValue, '"' | '\'') => At::Quoted(c),
        (At::BeforeValue, _) => {
            if space {
                at
            } else {
                At::Unquoted
            }
        }
        (_, '/') => At::BeforeName,
        (At::Name | At::AfterName, '=') => At::BeforeValue,
        (At::Name | At::AfterName, _) if space => At::AfterName,
        (At::BeforeName, _) if space => at,
        _ => At::Name,
    }
}

/// What follows a comment, a doctype or the like.
fn after_comment(text: &str) -> &str {
    let (body, end) = match text.strip_prefix("!--") {
        // `<!-->` and `<!--->` are whole comments.
        Some(body) if body.starts_with('>') || body.starts_with("->") => (body, ">"),
        Some(body) => match (body.find("-->"), body.find("--!>")) {
            (Some(plain), Some(odd)) if odd < plain => (body, "--!>"),
            (None, Some(_)) => (body, "--!>"),
            _ => (body, "-->"),
        },
        None => (text, ">"),
    };
    body.split_once(end).map(|(_, after)| after).unwrap_or_default()
}

/// What follows the end tag of an element whose content is text.
fn after_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text.match_indices("</").find(|(at, _)| {
        let candidate = text.get(at + 2..at + 2 + name.len());
        candidate.is_some_and(|candidate| candidate.eq_ignore_ascii_case(name))
    });
    let Some((at, _)) = ends else { return "" };
    text.get(at + 2..).map(|end| tag(end).1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_pages_are_seen_however_they_are_written() {
        for piece in [
            "<div>",
            "<DIV class=\"a>b\">",
            "<div></span>",
            "<b>",
            "<svg><td>",
            "<li><dd>",
            "<ul><li>",
            "<table><tr><td>",
            "<p></p><div =\">",
            "<div a=b=\">",
            "<!-- --><div>",
            "<!--><div>-->",
            "<script>x</script><div>",
            "<x><div></x>",
            "<svg><title><g>",
        ] {
            assert!(is_too_deep(&piece.repeat(DEEPEST + 1)), "{piece}");
        }
    }

    #[test]
    fn long_pages_are_not_deep() {
        for piece in [
            "<p>one",
            "<div><p>one</div>",
            "<li>one <b>two</b>",
            "<ul><li>one<li>two</ul>",
            "<table><tr><td>1<td>2<tr><td>3</table>",
            "<table><tbody><tr><th>1<tbody><tr><td>2</table>",
            "<dl><dt>a<dd>b<dt>c</dl>",
            "<select><option>a<option>b</select>",
            "<br><img src='x'><hr/><input value=\"<div>\">",
            "<script>document.write('<div>')</script>",
            "<!-- <div> -->",
            "a < b, 1<2",
            "<a title='<div>' href=x>y</a>",
            "<svg viewbox=x><g><path></path></g></svg>",
        ] {
            assert!(!is_too_deep(&piece.repeat(5000)), "{piece}");
        }
    }

    #[test]
    fn broken_ends_are_the_end() {
        for page in ["", "<", "</", "<div", "<div a='", "<!--", "<!", "<script>", "</é", "<é"] {
            assert!(!is_too_deep(page), "{page}");
        }
    }
}

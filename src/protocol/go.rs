//! `go:` URIs (RFC 3368): a name, or the id of a resource, that fits in a link.
//!
//! There are two forms. `go:NAME` is a question for whichever services the reader has; after
//! `go://SERVER?` stands a question for one server. A server without a question stands for the
//! server itself, and is answered with its service object (section 3.3.1). An empty server is
//! `localhost` (section 3.3.2); a port that is not given is 1096 over HTTP (section 3.3.3).
//!
//! What [`GoUri`]'s `Display` writes reads back as the same value.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{vocabulary::FREEFORM, xml};
use crate::model::{CommonName, Property, Question, Target};

/// Everything but the unreserved characters of RFC 2396.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What the empty server means.
const LOCALHOST: &str = "localhost";

/// A `go:` URI, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoUri {
    /// `go:NAME`: for whichever services the reader asks.
    Anywhere(Question),
    /// `go://SERVER?NAME` or `go://SERVER?id=ID`.
    At(GoServer, Question),
    /// `go://SERVER`: the server itself.
    Server(GoServer),
}

/// The server of a `go:` URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoServer {
    /// A host name, an IPv4 address, or an IPv6 address in brackets, as written; never empty.
    pub host: String,
    pub port: Option<u16>,
}

/// Why a text is no `go:` URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another scheme, or none.
    #[error("expected go:NAME or go://SERVER?NAME")]
    Scheme,
    /// The grammar allows an empty name; a query must not have one (D25).
    #[error("the name is empty; expected go:NAME, go://SERVER?NAME, or go://SERVER for the server itself")]
    EmptyName,
    /// The grammar allows it; it only serves to mislead (D26).
    #[error("{0:?} stands before an @; a user or password has no place in a go: URI")]
    Userinfo(String),
    /// Not a host and maybe a port.
    #[error(
        "{0:?} is no server; expected HOST or HOST:PORT, a host of letters, digits, dots and dashes, an IPv4 \
         address, or an IPv6 address in brackets"
    )]
    Server(String),
    /// A question for one server as other schemes write it.
    #[error("{0:?} has a path; expected go://SERVER?NAME")]
    Path(String),
    /// A question for one server without the server.
    #[error("a question mark stands behind a server; expected go:NAME or go://SERVER?NAME")]
    QueryWithoutServer,
    /// An id names a resource of one server.
    #[error("an id is known to its own server only; expected go://SERVER?id=ID")]
    IdWithoutServer,
    /// `id=` without a value.
    #[error("the id is empty; expected go://SERVER?id=ID")]
    EmptyId,
    /// Not `attribute=[type,]value`.
    #[error("{0:?} is no property; expected NAME=VALUE or NAME=TYPE,VALUE")]
    Property(String),
    /// Neither unreserved nor the beginning of an escape.
    #[error("{character:?} has no place in {within:?}; expected it percent-encoded")]
    Stray { character: char, within: String },
    /// A percent sign without two hexadecimal digits.
    #[error("{0:?} has a % that two hexadecimal digits do not follow")]
    Escape(String),
    /// Octets that are not UTF-8 (section 3.4).
    #[error("{0:?} is not UTF-8 once decoded")]
    NotUtf8(String),
    /// The grammar allows it; no document can ask for it (D17).
    #[error("{within:?} holds U+{:04X} once decoded, which no CNRP document can carry", u32::from(*.character))]
    Uncarried { character: char, within: String },
}

impl GoUri {
    /// Whether `text` is meant as a `go:` URI: by its scheme, in any case.
    pub fn is_meant(text: &str) -> bool {
        without_scheme(text).is_some()
    }
}

fn without_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("go").then_some(rest)
}

impl FromStr for GoUri {
    type Err = Refused;

    /// Reads a `go:` URI by the grammar of RFC 3368 section 3.2.
    fn from_str(text: &str) -> Result<Self, Refused> {
        let rest = without_scheme(text).ok_or(Refused::Scheme)?;
        let Some(form1) = rest.strip_prefix("//") else {
            if rest.starts_with('?') {
                return Err(Refused::QueryWithoutServer);
            }
            return by_name(rest, true).map(GoUri::Anywhere);
        };
        let (server, query) = match form1.split_once('?') {
            Some((server, query)) => (server.parse()?, query),
            None => return form1.parse().map(GoUri::Server),
        };
        let id = query.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("id"));
        let question = match id {
            Some((_, id)) => by_id(id)?,
            None => by_name(query, false)?,
        };
        Ok(GoUri::At(server, question))
    }
}

impl FromStr for GoServer {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        if let Some((userinfo, _)) = text.rsplit_once('@') {
            return Err(Refused::Userinfo(userinfo.to_owned()));
        }
        if text.contains('/') {
            return Err(Refused::Path(text.to_owned()));
        }
        if text.is_empty() {
            return Ok(Self { host: LOCALHOST.to_owned(), port: None });
        }
        let refused = || Refused::Server(text.to_owned());
        // The colons of an IPv6 address stand within its brackets.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (text, ""),
        };
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        if !is_host(host) || !is_port {
            return Err(refused());
        }
        let port = if port.is_empty() { None } else { Some(port.parse().map_err(|_| refused())?) };
        Ok(Self { host: host.to_owned(), port })
    }
}

/// The `host` of RFC 2396 section 3.2.2, and the address in brackets that RFC 2732 adds to it.
fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let labels = text.strip_suffix('.').unwrap_or(text);
    let top = labels.rsplit('.').next().unwrap_or_default();
    let is_name = top.starts_with(|c: char| c.is_ascii_alphabetic()) && labels.split('.').all(is_label);
    is_name || text.parse::<Ipv4Addr>().is_ok()
}

fn is_label(text: &str) -> bool {
    let is_bounded = !text.is_empty() && !text.starts_with('-') && !text.ends_with('-');
    is_bounded && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads `common-name *avpair`.
fn by_name(text: &str, is_for_anyone: bool) -> Result<Question, Refused> {
    let mut parts = text.split(';');
    let name = parts.next().unwrap_or_default();
    let is_id = name.split_once('=').is_some_and(|(key, _)| key.eq_ignore_ascii_case("id"));
    if is_for_anyone && is_id {
        return Err(Refused::IdWithoutServer);
    }
    let name = CommonName::new(&decoded(name)?).ok_or(Refused::EmptyName)?;
    let properties = parts.map(property).collect::<Result<_, _>>()?;
    Ok(Question { target: Target::Name(name), properties })
}

/// Reads the value of `id-req`.
fn by_id(text: &str) -> Result<Question, Refused> {
    let id = decoded(text)?.trim().to_owned();
    if id.is_empty() {
        return Err(Refused::EmptyId);
    }
    Ok(Question { target: Target::Id(id), properties: Vec::new() })
}

/// Reads `attribute "=" [ type "," ] value`. Without a type it is freeform (D25).
fn property(text: &str) -> Result<Property, Refused> {
    let (name, rest) = text.split_once('=').ok_or_else(|| Refused::Property(text.to_owned()))?;
    let (kind, value) = rest.split_once(',').unwrap_or(("", rest));
    let [name, kind, value] = [decoded(name)?, decoded(kind)?, decoded(value)?];
    let [name, kind, value] = [name.trim(), kind.trim(), value.trim()];
    if name.is_empty() {
        return Err(Refused::Property(text.to_owned()));
    }
    Ok(Property::new(name, if kind.is_empty() { FREEFORM } else { kind }, value))
}

/// Reads `*(unreserved | escaped)`, of which a document can carry what it stands for.
fn decoded(text: &str) -> Result<String, Refused> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '%' {
            let octet = rest.as_str().get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let octet = octet.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            octets.push(octet.ok_or_else(|| Refused::Escape(text.to_owned()))?);
            let _ = rest.nth(1);
        } else if is_unreserved(c) {
            octets.extend(c.encode_utf8(&mut [0; 4]).bytes());
        } else {
            return Err(Refused::Stray { character: c, within: text.to_owned() });
        }
    }
    let decoded = String::from_utf8(octets).map_err(|_| Refused::NotUtf8(text.to_owned()))?;
    match decoded.chars().find(|c| !xml::is_allowed(*c)) {
        Some(character) => Err(Refused::Uncarried { character, within: text.to_owned() }),
        None => Ok(decoded),
    }
}

/// RFC 2396 section 2.3.
fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '!' | '~' | '*' | '\'' | '(' | ')')
}

impl fmt::Display for GoUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anywhere(question) => write!(f, "go:{}", Written(question)),
            Self::At(server, question) => write!(f, "go://{server}?{}", Written(question)),
            Self::Server(server) => write!(f, "go://{server}"),
        }
    }
}

impl fmt::Display for GoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// A question as it stands in a URI.
struct Written<'a>(&'a Question);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = |text| utf8_percent_encode(text, RESERVED);
        match &self.0.target {
            Target::Id(id) => return write!(f, "id={}", encoded(id)),
            Target::Name(name) => write!(f, "{}", encoded(name.shown()))?,
        }
        for Property { name, kind, value } in &self.0.properties {
            write!(f, ";{}=", encoded(name))?;
            if !kind.eq_ignore_ascii_case(FREEFORM) {
                write!(f, "{},", encoded(kind))?;
            }
            write!(f, "{}", encoded(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

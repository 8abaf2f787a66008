//! The description document: which of its templates is used, and whether it may be used at all.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http::Response;
use url::Url;

use super::{
    results::{malformed, page_or_malformed},
    template::{Filling, Setting, Template},
};
use crate::{
    model::{Failure, Reason},
    protocol::xml::{self, Element},
    upstream::{judge, text},
};

/// How a site is searched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Description {
    pub(super) template: Template,
    pub(super) kind: Kind,
}

/// What a template's results are, in the order in which we like them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Atom,
    Rss,
    /// A list of names, descriptions and addresses in JSON.
    Suggestions,
}

impl Kind {
    /// What it is asked for as.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml, application/xml;q=0.9, */*;q=0.5",
            Self::Rss => "application/rss+xml, application/xml;q=0.9, */*;q=0.5",
            Self::Suggestions => "application/x-suggestions+json, application/json;q=0.9, */*;q=0.5",
        }
    }

    /// What a `Url` element with this media type and role gives. Only suggestions may come as plain
    /// JSON, and only where the element says that they are.
    fn of(media: &str, role: &str) -> Option<Self> {
        let role = if role.is_empty() { "results" } else { role };
        let has = |wanted: &str| role.split_ascii_whitespace().any(|role| role == wanted);
        match media.split(';').next().unwrap_or_default().trim() {
            "application/atom+xml" if has("results") => Some(Self::Atom),
            "application/rss+xml" if has("results") => Some(Self::Rss),
            "application/x-suggestions+json" if has("results") || has("suggestions") => {
                Some(Self::Suggestions)
            }
            "application/json" if has("suggestions") => Some(Self::Suggestions),
            _ => None,
        }
    }
}

impl Description {
    /// Reads the description that came from `home`.
    ///
    /// # Errors
    /// Where it is none, where its terms do not let results be passed on, or where it has no template
    /// that we can use at the scheme, host and port of `home`.
    pub(super) fn read(reply: &Response<Bytes>, home: &Url) -> Result<Self, Failure> {
        judge(reply)?;
        let text = text(reply);
        let tree = xml::read(&text).map_err(|invalid| page_or_malformed(reply, &invalid))?;
        let root = tree.root().map_err(|invalid| page_or_malformed(reply, &invalid))?;
        let names = Names::of(root);
        if names.local(root) != Some("OpenSearchDescription") {
            return Err(page_or_malformed(reply, &"expected an OpenSearchDescription"));
        }
        check_terms(names.first(root, "SyndicationRight").map(Element::text).unwrap_or_default())?;
        let encoding = encoding(names.all(root, "InputEncoding").map(Element::text));
        let mut usable: Vec<Self> =
            names.all(root, "Url").filter_map(|url| Self::of(url, encoding)).collect();
        // Stable: of several of one kind the first in the document.
        usable.sort_by_key(|description| description.kind);
        let is_any = !usable.is_empty();
        usable.into_iter().find(|description| description.stays_at(home)).ok_or_else(|| match is_any {
            true => Failure::new(Reason::Unsafe, "its templates lead to another host than it came from"),
            false => malformed("it has no template for Atom, RSS or suggestions"),
        })
    }

    fn of(url: Element<'_>, encoding: &'static Encoding) -> Option<Self> {
        let attribute = |name| url.attribute(name).unwrap_or_default();
        if attribute("method").eq_ignore_ascii_case("post") {
            return None;
        }
        let offset = |name| attribute(name).parse().unwrap_or(1);
        let setting =
            Setting { encoding, index_offset: offset("indexOffset"), page_offset: offset("pageOffset") };
        let kind = Kind::of(attribute("type"), attribute("rel"))?;
        Some(Self { template: Template::parse(attribute("template"), setting)?, kind })
    }

    fn stays_at(&self, home: &Url) -> bool {
        let sample = self.template.fill(&Filling { name: "x", language: None, count: None });
        sample.is_some_and(|sample| sample.origin() == home.origin())
    }
}

/// A gateway passes results on, which only `open` allows; that is also what silence means.
fn check_terms(right: &str) -> Result<(), Failure> {
    if right.is_empty() || right.eq_ignore_ascii_case("open") {
        return Ok(());
    }
    Err(Failure::new(Reason::Unauthorised, "its SyndicationRight does not let results be passed on"))
}

/// UTF-8 where the site takes it or does not say, else the first encoding that we know.
fn encoding<'a>(accepted: impl Iterator<Item = &'a str>) -> &'static Encoding {
    let known: Vec<_> = accepted.filter_map(|name| Encoding::for_label(name.as_bytes())).collect();
    if known.contains(&UTF_8) { UTF_8 } else { known.first().copied().unwrap_or(UTF_8) }
}

/// The names of elements under the prefix that the root element has: the document's own vocabulary,
/// and not one of an extension (`media:title`).
#[derive(Clone, Copy)]
pub(super) struct Names<'t> {
    prefix: &'t str,
}

impl<'t> Names<'t> {
    pub(super) fn of(root: Element<'t>) -> Self {
        Self { prefix: root.name().split_once(':').map_or("", |(prefix, _)| prefix) }
    }

    /// The name of an element without the prefix; `None` where it has another one.
    pub(super) fn local(self, element: Element<'t>) -> Option<&'t str> {
        let (prefix, local) = element.name().split_once(':').unwrap_or(("", element.name()));
        (prefix == self.prefix).then_some(local)
    }

    pub(super) fn all(self, parent: Element<'t>, name: &str) -> impl Iterator<Item = Element<'t>> {
        parent.children().filter(move |child| self.local(*child) == Some(name))
    }

    pub(super) fn first(self, parent: Element<'t>, name: &str) -> Option<Element<'t>> {
        parent.children().find(|child| self.local(*child) == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &str) -> Result<Description, Failure> {
        let text = format!(
            "<OpenSearchDescription xmlns='http://a9.com/-/spec/opensearch/1.1/'><ShortName>x</ShortName>{inner}\
             </OpenSearchDescription>"
        );
        Description::read(&Response::new(text.into()), &Url::parse("https://s.example/osd.xml").unwrap())
    }

    fn address(inner: &str) -> String {
        let filling = Filling { name: "é", language: None, count: None };
        read(inner).unwrap().template.fill(&filling).unwrap().into()
    }

    fn url(media: &str, path: &str, more: &str) -> String {
        format!("<Url type='{media}' template='https://s.example/{path}?a=1&amp;q={{searchTerms}}' {more}/>")
    }

    #[test]
    fn atom_is_preferred_to_rss_and_rss_to_suggestions() {
        let page = url("text/html", "page", "");
        let json = url("application/x-suggestions+json", "json", "rel='suggestions'");
        let rss = url("application/rss+xml", "rss", "");
        let atom = url("application/atom+xml; charset=utf-8", "atom", "rel='collection results'");
        assert_eq!(address(&[&*page, &json, &rss, &atom].concat()), "https://s.example/atom?a=1&q=%C3%A9");
        assert!(address(&[page.clone(), json.clone(), rss].concat()).contains("/rss?"));
        assert!(address(&[page.clone(), json].concat()).contains("/json?"));
        assert_eq!(read(&page).unwrap_err().reason, Reason::Malformed);
    }

    #[test]
    fn a_template_with_an_unknown_role_or_for_post_is_not_used() {
        for more in ["rel='self'", "rel='x-own'", "method='POST'"] {
            assert!(read(&url("application/rss+xml", "rss", more)).is_err(), "{more}");
        }
    }

    #[test]
    fn a_description_that_leads_elsewhere_is_not_followed() {
        let elsewhere = url("application/rss+xml", "rss", "").replace("s.example", "10.0.0.1");
        assert_eq!(read(&elsewhere).unwrap_err().reason, Reason::Unsafe);
        let beside = url("application/rss+xml", "here", "");
        assert!(address(&[elsewhere, beside].concat()).contains("/here?"));
    }

    #[test]
    fn results_that_may_not_be_passed_on_are_not_asked_for() {
        let rss = url("application/rss+xml", "rss", "");
        for right in ["private", "closed", "limited", "Limited"] {
            let failure = read(&format!("<SyndicationRight>{right}</SyndicationRight>{rss}")).unwrap_err();
            assert_eq!(failure.reason, Reason::Unauthorised, "{right}");
        }
        assert!(read(&format!("<SyndicationRight>open</SyndicationRight>{rss}")).is_ok());
    }

    #[test]
    fn the_first_encoding_that_is_known_is_used_unless_utf_8_is_taken() {
        let rss = url("application/rss+xml", "rss", "");
        let of = |names: &[&str]| {
            let named: String =
                names.iter().map(|name| format!("<InputEncoding>{name}</InputEncoding>")).collect();
            address(&format!("{named}{rss}"))
        };
        assert!(of(&["x-martian", "ISO-8859-1"]).ends_with("q=%E9"));
        assert!(of(&["ISO-8859-1", "UTF-8"]).ends_with("q=%C3%A9"));
    }
}

//! The results of a site: an Atom or RSS feed, or a list of suggestions.

use std::fmt;

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use url::Url;

use super::{
    super::{
        endpoint::{MOST_ROWS, hit},
        fields::unescaped,
    },
    description::{Kind, Names},
};
use crate::{
    model::{Failure, Hit, Reason},
    protocol::xml::{self, Element},
    upstream::{asks_for_a_person, json, judge, text},
};

/// The hits of a reply from `base`. A feed says itself which of the two it is.
///
/// # Errors
/// What came in place of results.
pub(super) fn read(reply: &Response<Bytes>, base: &Url, kind: Kind) -> Result<Vec<Hit>, Failure> {
    match kind {
        Kind::Atom | Kind::Rss => feed(reply, base),
        Kind::Suggestions => suggestions(&json(reply)?, base),
    }
}

fn feed(reply: &Response<Bytes>, base: &Url) -> Result<Vec<Hit>, Failure> {
    judge(reply)?;
    let text = text(reply);
    let tree = xml::read(&text).map_err(|invalid| page_or_malformed(reply, &invalid))?;
    let root = tree.root().map_err(|invalid| page_or_malformed(reply, &invalid))?;
    let own = Names::of(root);
    let hits = match root.name().rsplit(':').next().unwrap_or_default() {
        "feed" => own.all(root, "entry").filter_map(|entry| atom(own, entry, base)).take(MOST_ROWS).collect(),
        // RSS 1.0 keeps its items beside the channel, under the root of another vocabulary.
        "RDF" => root.all("item").filter_map(|item| rss(item, base)).take(MOST_ROWS).collect(),
        "rss" => {
            let items = root.all("channel").flat_map(|channel| channel.all("item"));
            items.filter_map(|item| rss(item, base)).take(MOST_ROWS).collect()
        }
        _ => return Err(page_or_malformed(reply, &"expected a feed")),
    };
    Ok(hits)
}

fn rss(item: Element<'_>, base: &Url) -> Option<Hit> {
    let text = |name| item.first(name).map(Element::text).unwrap_or_default();
    hit(base, unescaped(text("title")), text("link"), unescaped(text("description")))
}

fn atom(own: Names<'_>, entry: Element<'_>, base: &Url) -> Option<Hit> {
    let text = |name| own.first(entry, name).map(Element::text).unwrap_or_default();
    let is_page = |link: &Element<'_>| link.attribute("rel").is_none_or(|rel| rel == "alternate");
    let link = own.all(entry, "link").find(is_page)?.attribute("href")?;
    let summary = text("summary");
    let description = if summary.is_empty() { text("content") } else { summary };
    hit(base, unescaped(text("title")), link, unescaped(description))
}

/// `[query, [names], [descriptions], [addresses]]`; without addresses they are only completions.
fn suggestions(document: &Value, base: &Url) -> Result<Vec<Hit>, Failure> {
    let Some([_, names, rest @ ..]) = document.as_array().map(Vec::as_slice) else {
        return Err(malformed("expected a list of suggestions"));
    };
    let (descriptions, addresses) = (rest.first(), rest.get(1));
    let at = |list: Option<&Value>, place: usize| {
        list.and_then(|list| list.get(place)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let Some(names) = names.as_array() else { return Err(malformed("expected names to be a list")) };
    let hits = names.iter().enumerate().filter_map(|(place, name)| {
        hit(base, name.as_str()?.to_owned(), &at(addresses, place), at(descriptions, place))
    });
    Ok(hits.take(MOST_ROWS).collect())
}

/// A page that wants to see a person, or what else is no document.
pub(super) fn page_or_malformed(reply: &Response<Bytes>, wrong: &dyn fmt::Display) -> Failure {
    match asks_for_a_person(reply) {
        true => Failure::new(Reason::Captcha, "the page wants to see a person"),
        false => malformed(&format!("no XML: {wrong}")),
    }
}

pub(super) fn malformed(what: &str) -> Failure {
    Failure::new(Reason::Malformed, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(kind: Kind, body: &'static str) -> Vec<(String, String, String)> {
        let base = Url::parse("https://s.example/find?q=x").unwrap();
        let found = read(&Response::new(body.into()), &base, kind).unwrap();
        found.into_iter().map(|hit| (hit.name, hit.uri, hit.description)).collect()
    }

    fn row(name: &str, uri: &str, description: &str) -> (String, String, String) {
        (name.to_owned(), uri.to_owned(), description.to_owned())
    }

    #[test]
    fn an_entry_of_atom_leads_to_its_page_under_whatever_prefix() {
        let found = hits(
            Kind::Atom,
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>All</a:title><a:entry><m:title>No</m:title>\
             <a:title>Acme &amp;amp; Co</a:title><a:link rel='self' href='/self'/><a:link href='/acme'/>\
             <a:content>Anvils</a:content></a:entry><a:entry><a:title>No link</a:title></a:entry></a:feed>",
        );
        assert_eq!(found, [row("Acme & Co", "https://s.example/acme", "Anvils")]);
    }

    #[test]
    fn rss_is_read_in_its_old_form_too() {
        let old = "<rdf:RDF xmlns:rdf='x'><channel/><item><title>Acme</title><link>https://a.example/</link></item>\
                   </rdf:RDF>";
        assert_eq!(hits(Kind::Rss, old), [row("Acme", "https://a.example/", "")]);
    }

    #[test]
    fn suggestions_with_addresses_are_results_and_without_are_none() {
        let with = r#"["a", ["Acme", "Ajax", 7], ["Anvils"], ["https://acme.example/", ""], {"x:y": [1]}]"#;
        assert_eq!(hits(Kind::Suggestions, with), [row("Acme", "https://acme.example/", "Anvils")]);
        assert_eq!(hits(Kind::Suggestions, r#"["a", ["Acme"]]"#), []);
    }
}

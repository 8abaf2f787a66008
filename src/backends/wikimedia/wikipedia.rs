//! Wikipedia: the pages whose title, or a redirect to it, is the name; where there is none, those
//! that begin with it.
//!
//! One call gives pages, the redirects that led to them, their first lines, and which of them only
//! list meanings of a word; those are no answer and are left out.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    super::{
        Built, Setting,
        api::{bounded_count, with_path},
        endpoint::{Endpoint, MOST_ROWS},
        fields::{found, list, optional_list, optional_object, text},
    },
    API, Asker, FAMILY, languages, request,
};
use crate::{
    config::{
        Options, Problems,
        values::{Headers, HttpUrl, Language, OneOrMany, Written},
    },
    model::{
        Ask, Backend, BoxFuture, CommonName, Failure, Family, Hints, Hit, NameQuery, Property, Reason, Reply,
    },
    upstream::Bounds,
};

/// Where the editions are.
const USUAL: &str = "https://{language}.wikipedia.org";

/// Pages asked for where the configuration says nothing: what stands below is seldom meant.
const COUNT: u32 = 5;

/// Options of a `wikipedia` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wikipedia {
    /// A mail address or web page by which Wikimedia reaches the operator; its rules want one.
    contact: String,
    /// The editions to ask, the first where no hint chooses another; left out: `en`.
    #[serde(default)]
    languages: OneOrMany<Language>,
    /// Where an edition is; left out: `https://{language}.wikipedia.org`.
    url: Option<String>,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// Pages to ask for, 1 to 20; left out: 5.
    #[schemars(range(min = 1, max = 20))]
    count: Option<u32>,
}

struct Encyclopaedia {
    asker: Asker,
    first: Edition,
    others: Vec<Edition>,
}

/// Wikipedia in one language.
struct Edition {
    language: String,
    /// All of the address but the question.
    search: Url,
    endpoint: Endpoint,
}

pub(in super::super) fn schema() -> Schema {
    schema_for!(Wikipedia)
}

pub(in super::super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Wikipedia = options.read()?;
    let asker = Asker::new(options, &read.contact)?;
    let count = bounded_count(options, read.count, 20)?.unwrap_or(COUNT);
    let edition = |language: &str| {
        let url = read.url.as_deref().unwrap_or(USUAL).replace("{language}", language);
        Edition::new(options, setting, language, &url, &read.headers, count)
    };
    let mut languages = read.languages.0.iter().map(|Language(range)| range.as_str());
    let first = edition(languages.next().unwrap_or("en"))?;
    let others = languages.map(edition).collect::<Result<_, _>>()?;
    Ok(Arc::new(Encyclopaedia { asker, first, others }))
}

impl Edition {
    fn new(
        options: &Options,
        setting: &Setting<'_>,
        language: &str,
        url: &str,
        headers: &Headers,
        count: u32,
    ) -> Result<Self, Problems> {
        let Some(HttpUrl(url)) = HttpUrl::read(url) else {
            return Err(options.wrong("url", &format!("expected {}", HttpUrl::EXPECTED)));
        };
        let endpoint = Endpoint::new(options, setting, &url, headers.clone(), Bounds::default().body)?;
        let mut search = with_path(url, API);
        let count = count.to_string();
        let parameters = [
            ("action", "query"),
            ("format", "json"),
            ("formatversion", "2"),
            ("generator", "prefixsearch"),
            ("gpsnamespace", "0"),
            ("gpslimit", &count),
            ("redirects", "1"),
            ("prop", "pageprops|info|extracts"),
            ("ppprop", "disambiguation"),
            ("inprop", "url"),
            ("exintro", "1"),
            ("explaintext", "1"),
            ("exlimit", &count),
        ];
        search.query_pairs_mut().extend_pairs(parameters);
        Ok(Self { language: language.to_owned(), search, endpoint })
    }

    fn address(&self, name: &str) -> Url {
        let mut address = self.search.clone();
        address.query_pairs_mut().append_pair("gpssearch", name);
        address
    }

    /// The pages in the order of the search, which is not the order of the reply.
    ///
    /// # Errors
    /// Where the reply is no answer. One that found nothing has no `query`, and says that it is complete.
    fn hits(&self, document: &Value, name: &CommonName) -> Result<Vec<Hit>, Failure> {
        let Some(found) = optional_object(document, "query")? else {
            let is_answer = ["batchcomplete", "continue"].iter().any(|field| document.get(field).is_some());
            let wrong =
                || Failure::new(Reason::Malformed, "expected an object with `query` or `batchcomplete`");
            return is_answer.then(Vec::new).ok_or_else(wrong);
        };
        let index = |page: &Value| page.get("index").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let mut pages: Vec<&Value> = optional_list(found, "pages")?.iter().collect();
        pages.sort_by_key(|page| index(page));
        let redirects = list(found, "redirects");
        let pages = pages.into_iter().filter(|page| !only_lists_meanings(page));
        let mut pages: Vec<_> = pages.filter_map(|page| Page::read(page, redirects, name)).collect();
        // Beside a page of exactly the name, one that only begins with it is hardly meant.
        if pages.iter().any(|page| page.has_name) {
            pages.retain(|page| page.has_name);
        }
        Ok(pages.iter().filter_map(|page| self.hit(page)).take(MOST_ROWS).collect())
    }

    fn hit(&self, page: &Page<'_>) -> Option<Hit> {
        let hit = found(page.name.to_owned(), page.url, page.extract.to_owned())?;
        Some(Hit { properties: vec![Property::new("language", "rfc1766", self.language.as_str())], ..hit })
    }
}

/// A page that the search found.
struct Page<'a> {
    /// Its title, or the name asked where a redirect of that name leads to it.
    name: &'a str,
    /// Whether it has exactly the name asked, a qualifier such as "(film)" aside.
    has_name: bool,
    url: &'a str,
    extract: &'a str,
}

impl<'a> Page<'a> {
    fn read(page: &'a Value, redirects: &'a [Value], asked: &CommonName) -> Option<Self> {
        let title = text(page, "title")?;
        let is_asked = |name: &str| CommonName::new(name).is_some_and(|name| name.key() == asked.key());
        let leads_here = redirects.iter().filter(|redirect| text(redirect, "to") == Some(title));
        let mut names =
            std::iter::once(title).chain(leads_here.filter_map(|redirect| text(redirect, "from")));
        let same = names.find(|name| is_asked(name));
        let bare = title.strip_suffix(')').and_then(|title| title.rsplit_once(" (")).map(|(bare, _)| bare);
        Some(Self {
            name: same.unwrap_or(title),
            has_name: same.is_some() || bare.is_some_and(is_asked),
            url: text(page, "fullurl")?,
            extract: text(page, "extract")?,
        })
    }
}

fn only_lists_meanings(page: &Value) -> bool {
    page.get("pageprops").is_some_and(|properties| properties.get("disambiguation").is_some())
}

impl Encyclopaedia {
    /// The edition of the first hinted language that there is one for.
    fn edition(&self, hints: &Hints) -> &Edition {
        let editions = || std::iter::once(&self.first).chain(&self.others);
        let of = |language: &str| editions().find(|edition| edition.language == language);
        languages(hints).find_map(of).unwrap_or(&self.first)
    }
}

impl Backend for Encyclopaedia {
    fn family(&self) -> Family {
        FAMILY
    }

    fn request(&self, query: &NameQuery) -> Ask {
        request(query, |name| self.edition(&query.hints).address(name))
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let edition = self.edition(&query.hints);
            let document = self.asker.ask(&edition.endpoint, &edition.address(query.name.shown())).await?;
            Ok(Reply::of(edition.hits(&document, &query.name)?))
        })
    }
}

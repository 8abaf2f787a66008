//! Brave Search: an index of its own behind a paid JSON interface.
//!
//! <https://api-dashboard.search.brave.com/api-reference/web/search/get>. Its refusals are told apart
//! by their `code`, as a wrong key is a 422 there, and its limits stand in headers of its own.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response};
use schemars::Schema;
use serde_json::Value;
use url::Url;

use super::{
    Built, Setting,
    api::{Api, Asking, Key, Place, Question, bounded_count, document, place, quoted},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{Row, found, list, optional_list, optional_object, text, unescaped},
    keyed::{self, Keyed},
    safe_search::SafeSearch,
};
use crate::{
    config::Options,
    model::{Failure, Family, Hints, Hit, LanguageRange, Reason, Reply},
    upstream::Bounds,
};

/// The longest question that it takes, in characters and in words.
const LONGEST: (usize, usize) = (400, 50);

/// The countries that it takes; another one is a refusal. Without one it is asked for all, as its
/// default is the United States.
const COUNTRIES: &str = "AR AU AT BE BR CA CL DK FI FR DE HK IN ID IT JP KR MY MX NL NZ NO CN PL PT PH RU SA ZA ES SE CH TW TR GB US";

/// The languages that it takes, as it writes them, except those of [`language`].
const LANGUAGES: &str = "ar eu bn bg ca hr cs da nl en et fi fr gl de el gu he hi hu is it kn ko lv lt ms ml mr nb \
                         pl pa ro ru sr sk sl es sv ta te th tr uk vi";

const ROW: Row = Row { title: "title", link: "url", description: "description" };

/// Most results that may be asked for.
const MOST: u32 = 20;

/// Brave's web search.
struct Web {
    /// All of the address but the question and the hints.
    search: Url,
}

pub(super) fn schema() -> Schema {
    keyed::schema(MOST)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Keyed = options.read()?;
    let count = bounded_count(options, read.count, MOST)?;
    let mut search = place(options, read.url, "https://api.search.brave.com", "/res/v1/web/search")?;
    let endpoint = Endpoint::new(options, setting, &search, read.headers, Bounds::default().body)?;
    let mut parameters = search.query_pairs_mut();
    parameters.append_pair("text_decorations", "false");
    parameters.append_pair("result_filter", "web,infobox");
    if let Some(count) = count {
        parameters.append_pair("count", &count.to_string());
    }
    if let Some(level) = read.safe_search {
        parameters.append_pair("safesearch", safe_search_word(level));
    }
    drop(parameters);
    let token = Place::Header(HeaderName::from_static("x-subscription-token"), "");
    let key = Key::new(options, token, read.key)?;
    Ok(Arc::new(Asking { api: Web { search }, endpoint, key: Some(key) }))
}

fn safe_search_word(level: SafeSearch) -> &'static str {
    match level {
        SafeSearch::Off => "off",
        SafeSearch::Moderate => "moderate",
        SafeSearch::Strict => "strict",
    }
}

impl Api for Web {
    fn family(&self) -> Family {
        Family("brave")
    }

    fn question(&self, name: &str, hints: &Hints) -> Option<Question> {
        let (characters, words) = LONGEST;
        if name.chars().count() > characters || name.split(' ').count() > words {
            return None;
        }
        let country = hints.country().filter(|code| COUNTRIES.split(' ').any(|known| known == code));
        let mut url = self.search.clone();
        let mut parameters = url.query_pairs_mut();
        parameters.append_pair("q", name);
        parameters.append_pair("country", country.as_deref().unwrap_or("ALL"));
        if let Some(language) = hints.language().and_then(language) {
            parameters.append_pair("search_lang", language);
        }
        drop(parameters);
        Some(url.into())
    }

    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure> {
        let document = document(reply, refusal).map_err(|failure| paused(failure, reply.headers()))?;
        // Where nothing was found `web` is absent, so an answer is told by its type.
        let web = optional_object(&document, "web")?;
        if text(&document, "type") != Some("search") && web.is_none() {
            return Err(Failure::new(Reason::Malformed, "expected an object of type `search`"));
        }
        let pages = web.map_or(Ok(&[][..]), |web| optional_list(web, "results"))?;
        let pages = pages.iter().filter_map(|row| ROW.hit(row));
        Ok(Reply::of(official_sites(&document).into_iter().chain(pages).take(MOST_ROWS).collect()))
    }
}

/// The language as Brave writes it; `None` for one that it does not take.
fn language(range: &LanguageRange) -> Option<&'static str> {
    let region = range.region();
    let special = match (range.primary(), region.as_deref()) {
        ("ja", _) => "jp",
        ("no", _) => "nb",
        ("en", Some("GB")) => "en-gb",
        ("pt", Some("BR")) => "pt-br",
        ("pt", _) => "pt-pt",
        ("zh", Some("TW" | "HK" | "MO")) => "zh-hant",
        ("zh", _) if range.as_str().contains("-hant") => "zh-hant",
        ("zh", _) => "zh-hans",
        _ => return LANGUAGES.split(' ').find(|known| *known == range.primary()),
    };
    Some(special)
}

/// The site that an infobox names as its subject's own. `results` is a list in the documentation and
/// an object in Brave's own client.
fn official_sites(document: &Value) -> Vec<Hit> {
    let results = document.get("infobox").and_then(|infobox| infobox.get("results"));
    let boxes = match results {
        Some(Value::Array(boxes)) => boxes.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let sites = boxes.iter().filter_map(|infobox| {
        let title = unescaped(text(infobox, "title")?);
        found(title, text(infobox, "website_url")?, unescaped(text(infobox, "long_desc")?))
    });
    sites.collect()
}

/// What an error document means: `error`, an object, or `errors`, a list.
fn refusal(document: &Value) -> Option<Failure> {
    let error = document.get("error").or_else(|| list(document, "errors").first())?;
    let code = text(error, "code").unwrap_or_default();
    let reason = match code {
        "SUBSCRIPTION_TOKEN_INVALID" | "SUBSCRIPTION_NOT_FOUND" => Reason::Unauthorised,
        "VALIDATION" if lacks_key(error) => Reason::Unauthorised,
        "QUOTA_LIMITED" => Reason::Quota,
        "RATE_LIMITED" => Reason::RateLimited,
        _ => Reason::HttpError,
    };
    Some(Failure::new(reason, format!("Brave says {}", quoted(code))))
}

/// Whether what does not validate is the header with the key.
fn lacks_key(error: &Value) -> bool {
    let errors = error.get("meta").map(|meta| list(meta, "errors")).unwrap_or_default();
    let places = errors.iter().flat_map(|error| list(error, "loc"));
    places.filter_map(Value::as_str).any(|place| place.eq_ignore_ascii_case("x-subscription-token"))
}

/// A refusal for load, with the pause that Brave's own headers ask for: seconds until the second is
/// over, then until the month is.
fn paused(failure: Failure, headers: &HeaderMap) -> Failure {
    let windows = headers.get("x-ratelimit-reset").and_then(|value| value.to_str().ok());
    let mut windows = windows.unwrap_or_default().split(',').map(|seconds| seconds.trim().parse().ok());
    let seconds: Option<u64> = match failure.reason {
        Reason::RateLimited => windows.next().flatten(),
        Reason::Quota => windows.next_back().flatten(),
        _ => None,
    };
    let retry_after = failure.retry_after.or(seconds.map(Duration::from_secs));
    Failure { retry_after, ..failure }
}

//! Kagi Search: a paid metasearch engine, version 1 of its interface.
//!
//! <https://help.kagi.com/kagi/api/search.html>. Its generated client sends a POST with `Bearer`, its
//! help pages show a GET with `Bot`; both are spoken.

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, header};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Built, Setting,
    api::{Api, Asking, Key, Place, Question, bounded_count, document, place, quoted},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{Row, list, optional_list, optional_object, text},
    keyed::{self, Keyed},
    safe_search::SafeSearch,
};
use crate::{
    config::Options,
    model::{Failure, Family, Hints, Reason, Reply},
    upstream::Bounds,
};

/// The regions that it takes: the countries of ISO 3166-1. Any other would be refused, and a client
/// that hints at nowhere a few times must not have the backend paused for everybody.
const REGIONS: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
    BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ \
    DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP \
    GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG \
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE \
    PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM \
    US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

const ROW: Row = Row { title: "title", link: "url", description: "snippet" };

/// Most results that may be asked for.
const MOST: u32 = 1024;

/// What a `kagi` backend takes beside what all with a key take.
#[derive(Debug, Deserialize, JsonSchema)]
struct Own {
    /// How it is asked.
    #[serde(default)]
    scheme: Scheme,
}

/// How Kagi is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    /// POST, as Kagi's client does
    #[default]
    Bearer,
    /// GET, as Kagi's help pages show; takes no hints
    Bot,
}

struct Search {
    url: Url,
    scheme: Scheme,
    count: Option<u32>,
    safe_search: Option<SafeSearch>,
}

pub(super) fn schema() -> Schema {
    let mut schema = keyed::schema(MOST);
    for part in ["/properties", "/$defs"] {
        let own = schema_for!(Own);
        let own = own.pointer(part).and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(all) = schema.pointer_mut(part).and_then(Value::as_object_mut) {
            all.extend(own);
        }
    }
    schema
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let (read, Own { scheme }): (Keyed, Own) = options.read_both(&["scheme"])?;
    let count = bounded_count(options, read.count, MOST)?;
    let url = place(options, read.url, "https://kagi.com", "/api/v1/search")?;
    let endpoint = Endpoint::new(options, setting, &url, read.headers, Bounds::default().body)?;
    let word = match scheme {
        Scheme::Bearer => "Bearer ",
        Scheme::Bot => "Bot ",
    };
    let key = Key::new(options, Place::Header(header::AUTHORIZATION, word), read.key)?;
    let api = Search { url, scheme, count, safe_search: read.safe_search };
    Ok(Arc::new(Asking { api, endpoint, key: Some(key) }))
}

impl Search {
    fn body(&self, name: &str, hints: &Hints) -> Value {
        let mut body = Map::new();
        let mut set = |key: &str, value: Value| body.insert(key.to_owned(), value);
        set("query", name.into());
        if let Some(count) = self.count {
            set("limit", count.into());
        }
        if let Some(level) = self.safe_search {
            set("safe_search", level.is_on().into());
        }
        let is_known = |code: &String| REGIONS.split(' ').any(|known| known == code);
        if let Some(country) = hints.country().filter(is_known) {
            set("filters", json!({ "region": country.to_lowercase() }));
        }
        body.into()
    }

    fn address(&self, name: &str) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("q", name);
        if let Some(count) = self.count {
            url.query_pairs_mut().append_pair("limit", &count.to_string());
        }
        url
    }
}

impl Api for Search {
    fn family(&self) -> Family {
        Family("kagi")
    }

    fn question(&self, name: &str, hints: &Hints) -> Option<Question> {
        Some(match self.scheme {
            Scheme::Bearer => {
                Question { url: self.url.clone(), body: Some(self.body(name, hints).to_string()) }
            }
            Scheme::Bot => self.address(name).into(),
        })
    }

    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure> {
        let document = document(reply, refusal)?;
        // An object of lists; each list is absent where it would be empty.
        let Some(data) = optional_object(&document, "data")? else {
            return Err(Failure::new(Reason::Malformed, "expected an object `data`"));
        };
        let rows = optional_list(data, "search")?;
        if rows.is_empty() && !optional_list(&document, "error")?.is_empty() {
            return Err(Failure::new(Reason::Malformed, "expected results, found an error"));
        }
        Ok(Reply::of(rows.iter().filter_map(|row| ROW.hit(row)).take(MOST_ROWS).collect()))
    }
}

/// What an error document means. Its code is a dotted word, which says more than some statuses do.
fn refusal(document: &Value) -> Option<Failure> {
    let code = text(list(document, "error").first()?, "code").unwrap_or_default();
    let says = |word: &str| code.contains(word);
    let reason = if says("auth") || says("key") || says("token") {
        Reason::Unauthorised
    } else if says("balance") || says("credit") || says("quota") || says("billing") {
        Reason::Quota
    } else if says("rate") {
        Reason::RateLimited
    } else {
        return None;
    };
    Some(Failure::new(reason, format!("Kagi says {}", quoted(code))))
}

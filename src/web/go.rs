//! `GET /go/NAME` and `GET /go/NAME/REST`: straight to what the name means, where that is certain; otherwise to the page of
//! results, to choose there.
//!
//! It leads only where the operator, another service, or sources that agree say that the name leads:
//! no part of the request but the name decides, so it is no open redirect.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::Page;
use crate::model::CommonName;

/// What the paths of this resource begin with.
pub const PREFIX: &str = "/go/";

/// The scheme of links that a browser hands to whoever is registered for them, whole and encoded once more.
const SCHEME: &str = "web+go:";

/// The name in a path that begins with [`PREFIX`], with what follows it, as a name that takes
/// parameters is asked for. It may be written as a link of [`SCHEME`].
///
/// # Errors
/// A sentence for whoever wrote the URL.
pub fn name(path: &str, longest: usize) -> Result<CommonName, String> {
    let written = path.strip_prefix(PREFIX).unwrap_or_default();
    let written = written.strip_suffix('/').unwrap_or(written);
    let whole = decoded(written)?;
    let written = match whole.strip_prefix(SCHEME) {
        Some(link) => &decoded(link.strip_prefix("//").unwrap_or(link).trim_end_matches('/'))?,
        None => &whole,
    };
    let name = CommonName::new(written).ok_or("the path ends in /go/: expected a name after it")?;
    if name.shown().chars().count() > longest {
        return Err(format!("the name is longer than {longest} characters"));
    }
    Ok(name)
}

fn decoded(text: &str) -> Result<Cow<'_, str>, &'static str> {
    percent_decode_str(text).decode_utf8().map_err(|_| "the path is not UTF-8")
}

/// To `target`, which is certain, or else to the results for `name`. Never kept: what is certain now
/// need not be tomorrow. Where the visitor came from stays with us.
pub fn redirect(name: &CommonName, target: Option<&Url>) -> Page {
    let results = || format!("/?q={}", utf8_percent_encode(name.shown(), NON_ALPHANUMERIC));
    let (status, to) = match target {
        Some(target) => (StatusCode::FOUND, target.to_string()),
        None => (StatusCode::SEE_OTHER, results()),
    };
    let mut page = Response::new(Bytes::new());
    *page.status_mut() = status;
    let headers = page.headers_mut();
    // A URL as it is serialised is ASCII without spaces or controls, which every header may carry.
    let location = HeaderValue::try_from(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_follows() {
        let shown = |path: &str| name(path, 8).map(|name| name.shown().to_owned());
        assert_eq!(shown("/go/Boeing"), Ok("Boeing".to_owned()));
        assert_eq!(shown("/go/toys%20r%20us/"), Err("the name is longer than 8 characters".to_owned()));
        assert_eq!(shown("/go/%E6%9D%B1+a%2Fb"), Ok("東+a/b".to_owned()));
        assert!(shown("/go/").is_err() && shown("/go/%20").is_err() && shown("/go/%ff").is_err());
        assert_eq!(shown("/go/jira/A-1/"), Ok("jira/A-1".to_owned()));
    }

    #[test]
    fn a_link_that_a_browser_hands_over_is_the_name_in_it() {
        for link in ["web+go:a%20b", "web+go://a%20b", "web+go://a%20b/"] {
            let path = format!("/go/{}", utf8_percent_encode(link, NON_ALPHANUMERIC));
            assert_eq!(name(&path, 8).map(|name| name.shown().to_owned()), Ok("a b".to_owned()), "{link}");
        }
        assert!(name("/go/web%2Bgo%3A", 8).is_err());
    }

    #[test]
    fn what_is_uncertain_goes_to_the_results_and_nowhere_else() {
        let location = |page: &Page| page.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let name = CommonName::new("//evil.example/?a&q=b\u{e9}").unwrap();
        let page = redirect(&name, None);
        assert_eq!(page.status(), 303);
        assert_eq!(location(&page), "/?q=%2F%2Fevil%2Eexample%2F%3Fa%26q%3Db%C3%A9");
        let page = redirect(&name, Some(&Url::parse("https://www.boeing.com/a b").unwrap()));
        assert_eq!((page.status().as_u16(), location(&page).as_str()), (302, "https://www.boeing.com/a%20b"));
        assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    }
}

//! What a reply that did arrive means: an answer, or one of the ways in which services refuse.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::Value;

use super::text::{media_type, text};
use crate::model::{Failure, Reason};

/// The shortest and longest pause taken from a `Retry-After`, in seconds: a past date means "now",
/// and nobody may switch a source off for a day by a header.
const PAUSE: std::ops::RangeInclusive<u64> = 1..=3600;

/// How much of a page is searched for the signs of a captcha.
const SEARCHED: usize = 64 * 1024;

/// What pages say, in lower case, that want to see a person: one who solves something, or one who
/// consents to something.
const CAPTCHA_SIGNS: [&str; 13] = [
    "captcha",
    "cf-chl",
    "cf_chl",
    "/cdn-cgi/challenge-platform/",
    "not a robot",
    "are you a robot",
    "are you human",
    "unusual traffic",
    "automated queries",
    // DuckDuckGo's challenge never says what it is.
    "anomaly-modal",
    "anomaly.js",
    "consent.google.",
    "before you continue to",
];

/// When a reply came, by the clock of whoever asked: put into its extensions for [`retry_after`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received(pub SystemTime);

/// The body of a reply that is an answer.
///
/// # Errors
/// The failure that any status but a successful one stands for: 401 and 403 unauthorised, 402
/// quota, 429 rate-limited, others http-error; a captcha where the page of a refusal asks for one.
pub fn judge(reply: &Response<Bytes>) -> Result<&Bytes, Failure> {
    let status = reply.status();
    if status.is_success() {
        return Ok(reply.body());
    }
    let reason = match status {
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
            if asks_for_a_person(reply) =>
        {
            Reason::Captcha
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Reason::Unauthorised,
        StatusCode::PAYMENT_REQUIRED => Reason::Quota,
        StatusCode::TOO_MANY_REQUESTS => Reason::RateLimited,
        _ => Reason::HttpError,
    };
    Err(Failure { retry_after: retry_after(reply), ..Failure::new(reason, format!("HTTP status {status}")) })
}

/// The JSON document that a reply holds.
///
/// # Errors
/// As [`judge`]; captcha for a page that wants to see a person, rate-limited for anything else that is
/// no JSON and says when to come again, and malformed for the rest, and for what is nested more than 128
/// deep.
pub fn json(reply: &Response<Bytes>) -> Result<Value, Failure> {
    judge(reply)?;
    let text = text(reply);
    let read = serde_json::from_str(&text)
        .or_else(|error| serde_json::from_str(&whole_surrogates(&text).ok_or(error)?));
    read.map_err(|error| {
        let retry_after = retry_after(reply);
        let reason = match retry_after {
            _ if asks_for_a_person(reply) => Reason::Captcha,
            // Whoever says when to come again has refused, whatever the status is.
            Some(_) => Reason::RateLimited,
            None => Reason::Malformed,
        };
        let is_page = looks_like_html(reply);
        let detail = if is_page { "a page in place of JSON".to_owned() } else { format!("no JSON: {error}") };
        Failure { retry_after, ..Failure::new(reason, detail) }
    })
}

/// JSON in which every `\uD800` to `\uDFFF` without its other half is U+FFFD instead: such halves
/// are left where a program cuts a text in the middle of an emoji, and one title cut so must not
/// cost the other results. `None` where there are none.
fn whole_surrogates(json: &str) -> Option<String> {
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    let mut has_changed = false;
    while let Some((before, escape)) = rest.split_once('\\') {
        whole.push_str(before);
        let length = match (code_unit(escape), escape.get(5..).and_then(|next| next.strip_prefix('\\'))) {
            (Some(0xD800..=0xDBFF), Some(next)) if matches!(code_unit(next), Some(0xDC00..=0xDFFF)) => 11,
            (Some(0xD800..=0xDFFF), _) => {
                has_changed = true;
                whole.push('\u{fffd}');
                rest = escape.get(5..)?;
                continue;
            }
            _ => escape.chars().next().map_or(0, char::len_utf8),
        };
        whole.push('\\');
        whole.push_str(escape.get(..length)?);
        rest = escape.get(length..)?;
    }
    whole.push_str(rest);
    has_changed.then_some(whole)
}

/// The UTF-16 code unit of an escape, what follows its backslash given: `u0041`.
fn code_unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Whether a reply is a page for people: it says so, or it begins like one.
pub fn looks_like_html(reply: &Response<Bytes>) -> bool {
    let media = media_type(reply);
    let begins = reply.body().iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    media == "text/html" || media == "application/xhtml+xml" || begins
}

/// Whether a reply is a page, or a proxy's word, that wants to see a person first.
pub fn asks_for_a_person(reply: &Response<Bytes>) -> bool {
    if reply.headers().get("cf-mitigated").is_some_and(|value| value == "challenge") {
        return true;
    }
    if !looks_like_html(reply) {
        return false;
    }
    let body = reply.body();
    let page = String::from_utf8_lossy(body.get(..SEARCHED).unwrap_or(body)).to_lowercase();
    CAPTCHA_SIGNS.iter().any(|sign| page.contains(sign)) || asks_for_consent(&page)
}

/// Whether a page, in lower case, has a form that sends a consent. The words alone say nothing: banners
/// with buttons of a script have them too, over a page that is there.
fn asks_for_consent(page: &str) -> bool {
    let address =
        |rest: &str| rest.split(['>', ' ']).next().is_some_and(|address| address.contains("consent"));
    page.split("action=").skip(1).any(address)
}

/// How long to stay away (RFC 9110 section 10.2.3), in seconds or as a date. A date is measured
/// from the reply's own `Date`, so that a clock that is wrong, theirs or ours, does no harm; where it has
/// none, from when it was [`Received`].
pub fn retry_after(reply: &Response<Bytes>) -> Option<Duration> {
    let read = |name| reply.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let value = read(header::RETRY_AFTER)?;
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => u64::MAX,
        Err(_) => {
            let until = httpdate::parse_http_date(value).ok()?;
            let theirs = read(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
            let ours = || reply.extensions().get::<Received>().map(|received| received.0);
            let now = theirs.or_else(ours)?;
            until.duration_since(now).unwrap_or_default().as_secs()
        }
    };
    Some(Duration::from_secs(seconds.clamp(*PAUSE.start(), *PAUSE.end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
        let mut reply = Response::builder().status(status);
        for (name, value) in headers {
            reply = reply.header(*name, *value);
        }
        reply.body(Bytes::from(body)).unwrap()
    }

    fn reason(status: u16, headers: &[(&str, &str)], body: &'static str) -> Reason {
        judge(&reply(status, headers, body)).unwrap_err().reason
    }

    fn pause(headers: &[(&str, &str)]) -> Option<u64> {
        judge(&reply(429, headers, "")).unwrap_err().retry_after.map(|pause| pause.as_secs())
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let captcha = "<html>Please solve this CAPTCHA</html>";
        assert_eq!(reason(401, &[], ""), Reason::Unauthorised);
        assert_eq!(reason(402, &[], ""), Reason::Quota);
        assert_eq!(reason(403, &[], "<html>Forbidden</html>"), Reason::Unauthorised);
        assert_eq!(reason(403, &[], captcha), Reason::Captcha);
        assert_eq!(reason(403, &[], "no captcha for JSON"), Reason::Unauthorised);
        assert_eq!(reason(503, &[("cf-mitigated", "challenge")], ""), Reason::Captcha);
        assert_eq!(reason(429, &[], "Too Many Requests"), Reason::RateLimited);
        for status in [300, 304, 400, 404, 410, 500, 502, 503, 504] {
            assert_eq!(reason(status, &[], "oops"), Reason::HttpError);
        }
        assert_eq!(judge(&reply(200, &[], "x")).unwrap(), "x");
    }

    #[test]
    fn half_an_emoji_spoils_itself_alone() {
        let of =
            |body| json(&reply(200, &[], body)).map(|value| value[0].as_str().unwrap_or_default().to_owned());
        assert_eq!(of(r#"["a\ud83d"]"#), Ok("a\u{fffd}".into()));
        assert_eq!(
            of(r#"["\udE00b\\ud83d\ud83d\uDE00\ud83d\n"]"#),
            Ok("\u{fffd}b\\ud83d😀\u{fffd}\n".into())
        );
        assert_eq!(of(r#"["\ud83d\ud83d"]"#), Ok("\u{fffd}\u{fffd}".into()));
        for torn in [r#"["\ud83d"#, r#"["\u"]"#, r#"["\ud8"#, r#"["\ud83d\"#] {
            assert_eq!(of(torn).unwrap_err().reason, Reason::Malformed, "{torn}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let date = ("Date", "Sun, 06 Nov 1994 08:49:00 GMT");
        assert_eq!(pause(&[("Retry-After", "60")]), Some(60));
        assert_eq!(pause(&[("Retry-After", " 0 ")]), Some(1));
        assert_eq!(pause(&[("Retry-After", "99999999999999999999999999")]), Some(3600));
        assert_eq!(pause(&[("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), date]), Some(37));
        assert_eq!(pause(&[("Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"), date]), Some(1));
        assert_eq!(pause(&[("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), date]), Some(3600));
        assert_eq!(pause(&[("Retry-After", "soon")]), None);
        assert_eq!(pause(&[]), None);
    }

    #[test]
    fn a_date_to_come_again_is_measured_from_the_reply_s_own_and_else_from_when_it_came() {
        let pause = |headers: &[(&str, &str)], received: &str| {
            let mut reply = reply(503, headers, "");
            reply.extensions_mut().insert(Received(httpdate::parse_http_date(received).unwrap()));
            retry_after(&reply).map(|pause| pause.as_secs())
        };
        let until = ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
        let theirs = ("Date", "Sun, 06 Nov 1994 08:49:00 GMT");
        assert_eq!(pause(&[until], "Sun, 06 Nov 1994 08:49:30 GMT"), Some(7));
        assert_eq!(pause(&[until], "Mon, 07 Nov 1994 08:49:30 GMT"), Some(1), "long ago by our clock");
        assert_eq!(pause(&[until, theirs], "Mon, 07 Nov 1994 08:49:30 GMT"), Some(37));
        assert_eq!(retry_after(&reply(503, &[until], "")), None, "nobody knows how long that is");
    }

    #[test]
    fn a_page_in_place_of_json_is_no_empty_answer() {
        let of = |body| json(&reply(200, &[("Content-Type", "text/html")], body)).unwrap_err().reason;
        assert_eq!(of("<html>captcha</html>"), Reason::Captcha);
        assert_eq!(of("<form id=challenge-form action='//x.example/anomaly.js?a=1'>"), Reason::Captcha);
        assert_eq!(of("<title>Before you continue to Search</title>"), Reason::Captcha);
        assert_eq!(
            of("<title>We value your privacy</title><form action=\"/consent/save\"><button>Accept all"),
            Reason::Captcha
        );
        assert_eq!(of("<FORM method=post action=https://consent.example.com/save>"), Reason::Captcha);
        assert_eq!(of("<form action='/search'><p class=consent>We value your privacy"), Reason::Malformed);
        assert_eq!(of("<html>Welcome</html>"), Reason::Malformed);
        let bare = json(&reply(200, &[], "nothing")).unwrap_err();
        assert_eq!(bare.reason, Reason::Malformed);
        let limiter = [("Content-Type", "text/html"), ("Retry-After", "40")];
        for (page, reason) in
            [("<h1>Too Many Requests</h1>", Reason::RateLimited), ("<p>captcha", Reason::Captcha)]
        {
            let refused = json(&reply(200, &limiter, page)).unwrap_err();
            assert_eq!((refused.reason, refused.retry_after), (reason, Some(Duration::from_secs(40))));
        }
        assert_eq!(json(&reply(200, &[("Content-Type", "text/html")], "[1]")).unwrap()[0], 1);
    }
}

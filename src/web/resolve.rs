//! `GET /resolve`: a question as the parameters of a URL, its answer as JSON.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

use super::{Page, problem::problem_with};
use crate::{
    model::{
        Answer, CommonName, FREEFORM, LanguageRange, Property, Question, Range, StatusCode as Code, Target,
    },
    render::json,
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What a question may be (`limits` of the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most characters of a name (D31).
    pub name_length: usize,
    /// Most results of one answer: the length of a range that says only where it starts.
    pub results: usize,
}

/// Parameters that may come once.
#[derive(Default)]
struct Once {
    q: Option<String>,
    id: Option<String>,
    start: Option<usize>,
    length: Option<usize>,
}

/// Reads the question out of the query part of a URL. Parameters of other names are ignored.
///
/// # Errors
/// A sentence for whoever wrote the URL.
pub fn question(query: &str, bounds: Bounds) -> Result<Question, String> {
    let mut once = Once::default();
    let mut properties = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        match name.as_str() {
            "q" => put(&mut once.q, "q", value)?,
            "id" => put(&mut once.id, "id", value)?,
            "start" => put(&mut once.start, "start", count("start", &value)?)?,
            "length" => put(&mut once.length, "length", count("length", &value)?)?,
            _ => properties.extend(hint(&name, value.trim())),
        }
    }
    properties.extend(range(&once, bounds));
    Ok(Question { target: target(once, bounds)?, properties })
}

/// The answer as JSON, and how long it took. One that no source could give is a problem, told with CNRP's statuses.
pub fn response(question: &Question, answer: &Answer, took: Duration) -> Page {
    let failed = answer.service.is_none().then(|| answer.statuses.iter().find(|told| told.code.class == 4));
    if let Some(fatal) = failed.flatten() {
        let status = match fatal.code {
            Code::TOO_COMPLEX => StatusCode::BAD_REQUEST,
            code if code.subject == 1 => StatusCode::BAD_REQUEST,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        return problem_with(status, &fatal.message, &answer.statuses);
    }
    let mut page = Response::new(Bytes::from(json::answer(question, answer).to_string()));
    page.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let timing = format!("resolve;dur={:.1}", took.as_secs_f64() * 1000.0);
    if let Ok(timing) = HeaderValue::from_str(&timing) {
        page.headers_mut().insert(SERVER_TIMING, timing);
    }
    page
}

/// What stands in the box of the page: the first `q`, read as well as it can be.
pub fn typed(query: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == "q")?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

/// Which result the URL asks for first, from 1.
///
/// # Errors
/// A sentence for whoever wrote the URL.
pub fn start(query: &str) -> Result<usize, String> {
    let mut start = None;
    for (_, value) in
        query.split('&').filter_map(|pair| pair.split_once('=')).filter(|pair| pair.0 == "start")
    {
        put(&mut start, "start", count("start", &decoded(value)?)?)?;
    }
    Ok(start.unwrap_or(1))
}

/// The same query for other results: `length` of them, the first being number `start`.
pub fn with_range(query: &str, start: usize, length: usize) -> String {
    let is_range = |pair: &&str| matches!(pair.split('=').next(), Some("start" | "length"));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_range(pair));
    let range = [format!("start={start}"), format!("length={length}")];
    kept.map(str::to_owned).chain(range).collect::<Vec<_>>().join("&")
}

fn target(once: Once, bounds: Bounds) -> Result<Target, String> {
    match (once.q, once.id) {
        (Some(name), None) => {
            let name = CommonName::new(&name).ok_or("q is empty: expected a name")?;
            if name.shown().chars().count() > bounds.name_length {
                return Err(format!("q is longer than {} characters", bounds.name_length));
            }
            Ok(Target::Name(name))
        }
        (None, Some(id)) if id.trim().is_empty() => Err("id is empty: expected the id of a result".into()),
        (None, Some(id)) => Ok(Target::Id(id.trim().to_owned())),
        (Some(_), Some(_)) => Err("q and id are both given: expected exactly one of them".into()),
        (None, None) => Err("neither q nor id is given: expected exactly one of them".into()),
    }
}

/// A range with both its ends (D6), where the URL names at least one.
fn range(once: &Once, bounds: Bounds) -> Option<Property> {
    let (start, length) = match (once.start, once.length) {
        (None, None) => return None,
        (start, length) => (start.unwrap_or(1), length.unwrap_or(bounds.results)),
    };
    Some(Property::new("range", "start-length", format!("{start}-{length}")))
}

/// The property that a parameter stands for. An empty one, as forms send them, says nothing.
fn hint(name: &str, value: &str) -> Option<Property> {
    if value.is_empty() {
        return None;
    }
    let kind = match name {
        "language" if value == "*" || LanguageRange::parse(value).is_some() => "rfc1766",
        "language" | "geography" | "category" => FREEFORM,
        "dataseturi" => "uri",
        _ => return None,
    };
    Some(Property::new(name, kind, value))
}

pub(super) fn put<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is given twice: expected it once")),
    }
}

fn count(name: &str, text: &str) -> Result<usize, String> {
    let number = digits(name, text)?.parse().ok().filter(|number| *number <= Range::MOST);
    number.ok_or_else(|| format!("{name} is \u{201c}{text}\u{201d}: expected at most {}", Range::MOST))
}

/// The digits of a whole number from 1 up, of any length.
pub(super) fn digits<'a>(name: &str, text: &'a str) -> Result<&'a str, String> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0');
    is_number
        .then_some(text)
        .ok_or_else(|| format!("{name} is \u{201c}{text}\u{201d}: expected a whole number from 1 up"))
}

/// Undoes the encoding of forms: `+` for a space, and percent-encoded UTF-8.
pub(super) fn decoded(text: &str) -> Result<String, String> {
    let spaced = text.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().map_err(|_| "the query is not UTF-8")?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Service, Status};

    const BOUNDS: Bounds = Bounds { name_length: 8, results: 100 };

    #[test]
    fn parameters_become_a_question() {
        let asked = question(
            "q=%E6%9D%B1+a%2Bb&language=fr-FR&language=no+such&language=*&geography=FR&category=&dataseturi=urn:d&x=y&start=3&length=2",
            BOUNDS,
        );
        let expected = Question {
            target: Target::Name(CommonName::new("東 a+b").unwrap()),
            properties: vec![
                Property::new("language", "rfc1766", "fr-FR"),
                Property::new("language", "freeform", "no such"),
                Property::new("language", "rfc1766", "*"),
                Property::new("geography", "freeform", "FR"),
                Property::new("dataseturi", "uri", "urn:d"),
                Property::new("range", "start-length", "3-2"),
            ],
        };
        assert_eq!(asked, Ok(expected));
    }

    #[test]
    fn d6_half_a_range_is_completed() {
        let range = |query: &str| question(query, BOUNDS).unwrap().properties.pop().unwrap().value;
        assert_eq!(range("q=a&start=11"), "11-100");
        assert_eq!(range("id=a&length=5"), "1-5");
        assert_eq!(range("q=a&start=999999999&length=999999999"), "999999999-999999999");
    }

    #[test]
    fn a_query_for_other_results_keeps_all_else() {
        assert_eq!(
            with_range("q=a+b&start=3&language=fr&length=9", 11, 10),
            "q=a+b&language=fr&start=11&length=10"
        );
        assert_eq!((start("q=a&start=11"), start("q=a")), (Ok(11), Ok(1)));
        for wrong in ["start=0", "start=x", "start=", "start=2&start=3"] {
            assert!(start(wrong).unwrap_err().starts_with("start is"), "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, said) in [
            ("", "neither q nor id"),
            ("x=y", "neither q nor id"),
            ("q=a&id=b", "both given"),
            ("q=a&q=b", "q is given twice"),
            ("q=%20", "q is empty"),
            ("id=", "id is empty"),
            ("q=123456789", "longer than 8 characters"),
            ("q=a&start=0", "start is \u{201c}0\u{201d}"),
            ("q=a&length=+1", "length is"),
            ("q=a&length=-1", "length is"),
            ("q=a&length=", "length is"),
            ("q=a&start=99999999999999999999999", "start is"),
            ("q=a&start=1000000000", "at most 999999999"),
            ("q=a&length=1000000000", "at most 999999999"),
            ("q=%ff", "not UTF-8"),
        ] {
            let error = question(query, BOUNDS).unwrap_err();
            assert!(error.contains(said), "{query}: {error}");
        }
        assert!(question("q=東東東東東東東東", BOUNDS).is_ok(), "characters count, not bytes");
    }

    #[test]
    fn an_answer_that_failed_is_a_problem() {
        let asked = question("q=a", BOUNDS).unwrap();
        let status = |answer: &Answer| response(&asked, answer, Duration::ZERO).status().as_u16();
        for (code, expected) in [
            (Code::FAILED, 503),
            (Code::TOO_BUSY, 503),
            (Code::TOO_COMPLEX, 400),
            (Code::NOT_INTERPRETABLE, 400),
        ] {
            assert_eq!(status(&Answer::fatal(Status::new(code, "x"))), expected, "{code}");
        }
        let service = Some(Arc::new(Service::named("urn:x")));
        let nothing =
            Answer { service, statuses: vec![Status::new(Code::NOTHING_MATCHED, "x")], ..Answer::default() };
        assert_eq!(status(&nothing), 200);
    }
}

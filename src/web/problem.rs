//! Problem details (RFC 9457): how every failure of a request is told, for a program to read and
//! for a person to understand.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::Page;
use crate::{model::Status, render::json::statuses};

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A problem with the request: `detail` says what is wrong and what was expected.
pub fn problem(status: StatusCode, detail: &str) -> Page {
    page(status, detail, None)
}

/// A problem that CNRP has words for: they stand in the member `cnrp`.
pub fn problem_with(status: StatusCode, detail: &str, told: &[Status]) -> Page {
    page(status, detail, Some(("cnrp", statuses(told))))
}

/// A problem with one member more.
pub fn problem_of(status: StatusCode, detail: &str, member: (&str, Value)) -> Page {
    page(status, detail, Some(member))
}

/// A method that the resource does not have; `allow` lists those it has.
pub fn wrong_method(allow: &'static str) -> Page {
    let detail = format!("this resource has the methods {allow}");
    let mut page = problem(StatusCode::METHOD_NOT_ALLOWED, &detail);
    page.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    page
}

/// A resource that does not exist.
pub fn not_found() -> Page {
    problem(StatusCode::NOT_FOUND, "there is nothing at this path")
}

fn page(status: StatusCode, detail: &str, member: Option<(&str, Value)>) -> Page {
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (Some((name, value)), Some(members)) = (member, body.as_object_mut()) {
        members.insert(name.into(), value);
    }
    let mut page = Response::new(Bytes::from(body.to_string()));
    *page.status_mut() = status;
    page.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
    page.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StatusCode as Code;

    #[test]
    fn a_problem_says_what_is_wrong_and_what_cnrp_calls_it() {
        let told = [Status::new(Code::FAILED, "all failed")];
        let page = problem_with(StatusCode::SERVICE_UNAVAILABLE, "no source answered", &told);
        assert_eq!(page.status(), 503);
        assert_eq!(page.headers()["content-type"], "application/problem+json");
        let body: Value = serde_json::from_slice(page.body()).unwrap();
        assert_eq!(body["title"], "Service Unavailable");
        assert_eq!(body["detail"], "no source answered");
        assert_eq!(body["cnrp"][0]["code"], "4.2.3");
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones() {
        let page = wrong_method("GET, HEAD");
        assert_eq!((page.status().as_u16(), &page.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
    }
}

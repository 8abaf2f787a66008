//! The operator's pages: whether it lives, whether it serves, how much, and how the sources are; and
//! what the operator may do.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::{
    Page, assets,
    exposition::exposition,
    page::operator,
    problem::{not_found, problem, problem_of},
    quality::wants_page,
};
use crate::gateway::Control;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// The methods of the resource at `path`; `None` if there is none.
pub fn methods(path: &str) -> Option<&'static str> {
    match path {
        "/" | "/livez" | "/readyz" | "/metrics" | "/status" => Some("GET, HEAD"),
        "/reload" => Some("POST"),
        path if assets::is_asset(path) => Some("GET, HEAD"),
        _ => resumed(path).map(|_| "POST"),
    }
}

/// Whether the page at `path` is for whoever asks, token or not: for those that watch over processes.
pub fn is_open(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz")
}

/// The page at `path`, for a request with these headers.
pub fn page(path: &str, request: &HeaderMap, control: &dyn Control) -> Page {
    match path {
        "/" => operator::page(control.status()),
        "/livez" => plain(StatusCode::OK, TEXT, "alive\n"),
        "/readyz" if control.is_ready() => plain(StatusCode::OK, TEXT, "ready\n"),
        "/readyz" => plain(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n"),
        "/metrics" => {
            let (kind, text) = exposition(control.metrics(), request);
            plain(StatusCode::OK, kind, text)
        }
        "/status" => plain(StatusCode::OK, JSON, control.status().to_string()),
        path => assets::asset(path).unwrap_or_else(not_found),
    }
}

/// Does what a POST to `path` asks for: `/resume/NAME` lifts the suspension of a backend. It answers
/// with the state of the backend, also where it was not suspended; a browser is led back to the page.
/// `/reload` reads the configuration again, and tells its generation or, as 422, what is wrong with it.
pub async fn act(path: &str, request: &HeaderMap, control: &dyn Control) -> Page {
    if path == "/reload" {
        return match control.reload().await {
            Ok(state) => plain(StatusCode::OK, JSON, state.to_string()),
            Err(problems) => unchanged(problems),
        };
    }
    let Some(name) = resumed(path) else { return not_found() };
    match control.resume(name) {
        Some(_) if wants_page(request) => back_to_the_page(),
        Some(state) => plain(StatusCode::OK, JSON, state.to_string()),
        None => problem(StatusCode::NOT_FOUND, "no backend of the configuration has this name"),
    }
}

fn unchanged(problems: serde_json::Value) -> Page {
    let detail = "the configuration is not as it has to be; the one that was in force still is";
    problem_of(StatusCode::UNPROCESSABLE_ENTITY, detail, ("problems", problems))
}

fn resumed(path: &str) -> Option<&str> {
    path.strip_prefix("/resume/").filter(|name| !name.is_empty())
}

fn back_to_the_page() -> Page {
    let mut page = plain(StatusCode::SEE_OTHER, TEXT, "");
    page.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    page
}

fn plain(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Page {
    let mut page = Response::new(body.into());
    *page.status_mut() = status;
    page.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

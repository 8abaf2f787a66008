//! The operator's first page: how each backend is, why one is not asked and until when, what is left
//! of its budgets, and a button that lifts a suspension.
//!
//! It shows what `GET /status` tells, and is read from it, so that the two can't disagree. It is in
//! English, as the log and the metrics are.

use askama::Template;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use super::html;
use crate::{model::showable, web::Page};

/// What `/status` tells; what it leaves out is left out here.
#[derive(Debug, Default, Template, Deserialize)]
#[serde(default)]
#[template(path = "operator.html")]
struct Told {
    version: String,
    uptime_seconds: u64,
    generation: u64,
    ready: bool,
    unusable_state: Option<String>,
    backends: Vec<Backend>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Backend {
    name: String,
    r#type: String,
    state: String,
    reason: Option<String>,
    until: Option<String>,
    budgets: Vec<Budget>,
    in_flight: u64,
    last_failure: Option<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Budget {
    period: String,
    limit: u64,
    left: u64,
    ends: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    reason: String,
    detail: String,
    at: String,
}

impl Told {
    fn uptime(&self) -> String {
        let minutes = self.uptime_seconds / 60;
        match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) => format!("{hours} h {minutes} min"),
            (days, hours, _) => format!("{days} d {hours} h"),
        }
    }
}

impl Backend {
    fn is_paused(&self) -> bool {
        self.reason.is_some()
    }
}

impl Failure {
    /// What went wrong, in the upstream's own words where it had some.
    fn shown(&self) -> String {
        let detail = showable(&self.detail);
        if detail.is_empty() { self.reason.clone() } else { format!("{}: {detail}", self.reason) }
    }
}

/// The page that shows what `status` tells.
pub fn page(status: Value) -> Page {
    let told: Told = serde_json::from_value(status).unwrap_or_default();
    let mut page = html(StatusCode::OK, &told);
    let headers = page.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Under `no-referrer` a browser says that its own form comes from the origin `null`, which may not post.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    page
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(status: Value) -> String {
        String::from_utf8(page(status).body().to_vec()).unwrap()
    }

    #[test]
    fn a_backend_that_is_not_asked_says_why_and_until_when_and_can_be_asked_again() {
        let text = shown(json!({
            "version": "1.2.3", "uptime_seconds": 93_780, "generation": 1, "ready": true,
            "backends": [{
                "name": "a-b", "type": "brave", "state": "suspended", "reason": "rate-limited",
                "until": "2026-01-02T03:04:05Z", "in_flight": 0,
                "budgets": [{"period": "day", "limit": 100, "left": 40, "ends": "2026-01-03T00:00:00Z"}],
                "last_failure": {"reason": "rate-limited", "detail": "<b>\u{202e}slow", "at": "2026-01-02T03:00:00Z"},
            }],
        }));
        for said in [
            "1.2.3",
            "1 d 2 h",
            "suspended: rate-limited",
            "until 2026-01-02T03:04:05Z",
            "40 of 100 left this day",
            "rate-limited: &#60;b&#62;slow",
            r#"<form method="post" action="/resume/a-b">"#,
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }

    #[test]
    fn a_backend_that_is_asked_has_nothing_to_resume() {
        let text = shown(json!({"backends": [{"name": "a", "type": "dns", "state": "working"}]}));
        assert!(text.contains("working") && !text.contains("<form"), "{text}");
        assert!(text.contains("Not ready"), "{text}");
    }
}

//! The operator's first page: how the last reload went, how full the cache is and what it spares, how each
//! backend is, why one is not asked and until when, what is left of its budgets, and a button that lifts
//! a suspension.
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
    last_reload: Option<Reload>,
    cache: Cache,
    backends: Vec<Backend>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reload {
    at: String,
    result: String,
    problems: Vec<Problem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    file: String,
    line: u64,
    key: String,
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cache {
    entries: u64,
    bytes: u64,
    size: u64,
    fresh: u64,
    stale: u64,
    shared: u64,
    miss: u64,
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

impl Reload {
    fn was_applied(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Problem {
    /// Where it is, as far as it has a place, and what it is.
    fn shown(&self) -> String {
        let place = [self.file.clone(), if self.line > 0 { self.line.to_string() } else { String::new() }];
        let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":");
        let parts = [place, self.key.clone(), self.message.clone()];
        let parts = parts.iter().filter(|part| !part.is_empty()).map(|part| showable(part));
        parts.collect::<Vec<_>>().join(": ")
    }
}

impl Cache {
    fn filling(&self) -> String {
        format!("{} in use of {}, entries: {}", amount(self.bytes), amount(self.size), self.entries)
    }

    /// What it was asked for, and what it spared.
    fn use_so_far(&self) -> String {
        let Self { fresh, stale, shared, miss, .. } = self;
        let hits = fresh + stale + shared;
        let Some(share) = (hits * 100).checked_div(hits + miss) else { return "Not asked yet.".to_owned() };
        format!(
            "Asked for: {fresh} fresh, {stale} too old but served, {shared} that another’s call was waited for, \
             {miss} missing; {share} % wanted no call of their own."
        )
    }
}

/// Bytes, as the configuration writes sizes.
fn amount(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

impl Backend {
    fn is_paused(&self) -> bool {
        self.reason.is_some()
    }

    /// Whether an operator can have it asked again: a budget is spent until its time is over.
    fn can_resume(&self) -> bool {
        self.is_paused() && self.state != "spent"
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
    fn the_last_reload_is_told_with_what_was_wrong() {
        let text = shown(json!({}));
        assert!(text.contains("<dt>Last reload</dt><dd>none since the start</dd>"), "{text}");
        let text = shown(
            json!({"last_reload": {"at": "2026-01-02T03:04:05Z", "result": "applied", "problems": []}}),
        );
        assert!(text.contains(r#"<dd class="well">2026-01-02T03:04:05Z: applied</dd>"#), "{text}");
        let text = shown(json!({"last_reload": {
            "at": "2026-01-02T03:04:05Z", "result": "rejected", "problems": [
                {"file": "gateway.yaml", "line": 3, "column": 1, "key": "backends[0].typo", "message": "<unknown>"},
                {"file": "", "line": 0, "column": 0, "key": "", "message": "no room"},
            ],
        }}));
        for said in [
            r#"<dd class="ill">2026-01-02T03:04:05Z: rejected, so what is in force is not what the file says</dd>"#,
            "gateway.yaml:3: backends[0].typo: &#60;unknown&#62;",
            "<bdi>no room</bdi>",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }

    #[test]
    fn the_cache_says_how_full_it_is_and_what_it_spared() {
        let text = shown(json!({"cache": {
            "entries": 12, "bytes": 34_900, "size": 67_108_864, "fresh": 80, "stale": 5, "shared": 3, "miss": 12,
        }}));
        assert!(text.contains("34 KiB in use of 64 MiB, entries: 12"), "{text}");
        assert!(text.contains("Asked for: 80 fresh, 5 too old but served, 3 that"), "{text}");
        assert!(text.contains("12 missing; 88 % wanted no call"), "{text}");
        assert!(shown(json!({})).contains("Not asked yet."));
    }

    #[test]
    fn a_backend_that_is_asked_has_nothing_to_resume() {
        let text = shown(json!({"backends": [{"name": "a", "type": "dns", "state": "working"}]}));
        assert!(text.contains("working") && !text.contains("<form"), "{text}");
        assert!(text.contains("Not ready"), "{text}");
    }

    #[test]
    fn a_backend_whose_budget_is_spent_says_so_and_cannot_be_resumed() {
        let text = shown(json!({"backends": [{
            "name": "a", "type": "brave", "state": "spent", "reason": "budget-spent", "until": "2026-02-01T00:00:00Z",
        }]}));
        let said = r#"<p class="ill">spent: budget-spent, until 2026-02-01T00:00:00Z</p>"#;
        assert!(text.contains(said) && !text.contains("<form"), "{text}");
    }
}

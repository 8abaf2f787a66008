//! Metrics in the format that whoever collects them asks for: OpenMetrics 1.0 where it is named, else
//! the older text format of Prometheus, which everything reads.

use http::{HeaderMap, header};

use super::quality::quality_of;

const OPENMETRICS: &str = "application/openmetrics-text";

/// The media type and the text, of metrics written as OpenMetrics.
pub(super) fn exposition(openmetrics: String, request: &HeaderMap) -> (&'static str, String) {
    if takes_openmetrics(request) {
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", openmetrics)
    } else {
        ("text/plain; version=0.0.4; charset=utf-8", as_prometheus(&openmetrics))
    }
}

fn takes_openmetrics(request: &HeaderMap) -> bool {
    let lines = request.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let mut elements = lines.flat_map(|line| line.split(','));
    elements.any(|element| {
        let mut parts = element.split(';').map(str::trim);
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(OPENMETRICS)) && quality_of(parts) > 0
    })
}

/// The same metrics in text format 0.0.4: there a counter is described under the name of its samples,
/// which ends in `_total`, and nothing marks the end.
fn as_prometheus(openmetrics: &str) -> String {
    let counters: Vec<&str> = openmetrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(&name) => {
                text.push_str(&format!("# {what} {name}_total {rest}"));
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "# HELP asked Questions asked.\n# TYPE asked counter\nasked_total{by=\"x\"} 3\n\
                           # HELP left What is left.\n# TYPE left gauge\nleft 2\n# EOF\n";

    #[test]
    fn metrics_come_in_the_format_that_is_asked_for() {
        let accepting = |accept: &str| {
            let request = [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect();
            exposition(WRITTEN.to_owned(), &request)
        };
        let old = "# HELP asked_total Questions asked.\n# TYPE asked_total counter\nasked_total{by=\"x\"} 3\n\
                   # HELP left What is left.\n# TYPE left gauge\nleft 2\n";
        assert_eq!(accepting("*/*"), ("text/plain; version=0.0.4; charset=utf-8", old.to_owned()));
        let (kind, text) = accepting("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3");
        assert_eq!((kind.split(';').next(), text.as_str()), (Some(OPENMETRICS), WRITTEN));
    }
}

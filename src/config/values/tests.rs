use std::time::Duration;

use serde::Deserialize;

use super::*;
use crate::config::Options;

fn span(text: &str) -> Option<Duration> {
    Span::read(text).map(|span| span.0)
}

#[test]
fn durations_have_one_number_and_one_unit() {
    assert_eq!(span("250ms"), Some(Duration::from_millis(250)));
    assert_eq!(span("2s"), Some(Duration::from_secs(2)));
    assert_eq!(span("10m"), Some(Duration::from_secs(600)));
    assert_eq!(span("12h"), Some(Duration::from_secs(43_200)));
    assert_eq!(span("7d"), Some(Duration::from_secs(604_800)));
    for wrong in ["", "5", "s", "1h30m", "1.5s", "-1s", "+1s", "5 s", "5S", "99999999999999999999s", "36501d"]
    {
        assert_eq!(span(wrong), None, "{wrong:?}");
    }
}

#[test]
fn sizes_are_binary() {
    let size = |text| Size::read(text).map(|size| size.0);
    assert_eq!(size("512B"), Some(512));
    assert_eq!(size("64KiB"), Some(65_536));
    assert_eq!(size("64MiB"), Some(67_108_864));
    assert_eq!(size("2GiB"), Some(2_147_483_648));
    for wrong in ["", "64", "64KB", "64kib", "KiB", "-1B", "18446744073709551615GiB"] {
        assert_eq!(size(wrong), None, "{wrong:?}");
    }
}

#[test]
fn rates_count_over_one_period() {
    let rate = |text| Rate::read(text).map(|rate| (rate.count, rate.period));
    assert_eq!(rate("50/s"), Some((50, Period::Second)));
    assert_eq!(rate("100/m"), Some((100, Period::Minute)));
    assert_eq!(rate("1000/h"), Some((1000, Period::Hour)));
    assert_eq!(rate("100/d"), Some((100, Period::Day)));
    assert_eq!(rate("2000/month"), Some((2000, Period::Month)));
    for wrong in ["", "5", "/s", "0/s", "+5/s", "5/", "5/S", "5/day", "5000000000/s"] {
        assert_eq!(rate(wrong), None, "{wrong:?}");
    }
    assert_eq!(Rate { count: 5, period: Period::Month }.to_string(), "5/month");
    assert!(Period::Day.is_budget() && !Period::Hour.is_budget());
}

#[test]
fn r1_a_uri_is_absolute() {
    for right in ["https://names.example.com/", "urn:test:gateway", "cnrp://a.example", "mailto:a@b.example"]
    {
        assert_eq!(Uri::read(right), Some(Uri(right.to_owned())), "{right}");
    }
    for wrong in ["", "names.example.com", "//a.example/", "/path", "http://a b/", "urn:", "http://"] {
        assert_eq!(Uri::read(wrong), None, "{wrong:?}");
    }
}

#[test]
fn networks_and_hosts_are_read() {
    assert_eq!(Net::read("10.0.0.0/8").unwrap().0.to_string(), "10.0.0.0/8");
    assert_eq!(Net::read("::1").unwrap().0.to_string(), "::1/128");
    assert!(Net::read("10.0.0.0/33").is_none());
    assert_eq!(HostName::read("Names.Example.COM").unwrap().0, "names.example.com");
    assert_eq!(HostName::read("[::1]").unwrap().0, "::1");
    assert!(HostName::read("a.example:80").is_none() && HostName::read("http://a").is_none());
    assert!(HttpUrl::read("http://127.0.0.1:8888").is_some());
    assert!(HttpUrl::read("ftp://a.example/").is_none() && HttpUrl::read("127.0.0.1:8888").is_none());
    assert_eq!(Address::read("[::1]:0").unwrap().0.port(), 0);
    assert!(Address::read("localhost:80").is_none());
}

#[derive(Debug, Deserialize)]
struct Sample {
    key: Option<Secret>,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    properties: Properties,
}

fn sample(text: &str) -> Sample {
    Options::from_yaml(text).unwrap().read().unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_secret_is_read_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "hunter2\r\n").unwrap();
    let read = sample(&format!("key: {{file: {}}}\nheaders: {{X-Key: {{file: {0}}}}}\n", path.display()));
    assert_eq!(read.key.as_ref().unwrap().expose(), "hunter2");
    assert_eq!(read.headers.0["x-key"], "hunter2");
    assert!(!format!("{read:?}").contains("hunter2"));
}

#[test]
fn headers_that_http_itself_needs_are_refused_by_name() {
    for name in ["Content-Length", "transfer-encoding", "connection", "TE", "trailer", "upgrade"] {
        let options = Options::from_yaml(&format!("headers: {{{name}: \"5\"}}\n")).unwrap();
        let problems = options.read::<Sample>().unwrap_err().to_string();
        let expected = format!("HTTP itself needs {}; expected", name.to_lowercase());
        assert!(problems.contains(&expected), "{problems}");
    }
    assert_eq!(sample("headers: {host: a.example}\n").headers.0["host"], "a.example");
}

#[test]
fn a_secret_may_stand_in_the_environment() {
    let read = sample("key: {env: PATH}\n");
    assert_eq!(read.key.unwrap().expose(), std::env::var("PATH").unwrap());
}

#[test]
fn an_empty_secret_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "\n").unwrap();
    let options = Options::from_yaml(&format!("key: {{file: {}}}\n", path.display())).unwrap();
    assert_eq!(options.read::<Sample>().unwrap_err().to_string(), "options:1:6: key: the file is empty");
}

#[test]
fn d9_a_plain_value_gets_the_type_of_its_form() {
    let read = sample(
        "properties:\n  language: [en-US, not a language]\n  geography: [US, us-ca, Bavaria]\n  \
         category: {type: naics, value: 519}\n  x-number: 007\n  x-yes: true\n",
    );
    let shown: Vec<_> = read
        .properties
        .0
        .iter()
        .map(|property| format!("{} {} {}", property.name, property.kind, property.value))
        .collect();
    assert_eq!(
        shown,
        [
            "language rfc1766 en-US",
            "language freeform not a language",
            "geography iso3166-1 US",
            "geography iso3166-2 us-ca",
            "geography freeform Bavaria",
            "category naics 519",
            "x-number freeform 007",
            "x-yes freeform true",
        ]
    );
}

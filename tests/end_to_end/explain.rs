//! `cnrp explain`: the order that it tells follows from the terms that it shows, a record decides the
//! same without any network, and no secret is in it.

use cnrp_gateway::resolver::{Terms, arrange};
use serde_json::{Value, json};

use crate::support::{Reply, Upstream, run, searxng};

/// What no record, no account and no message may hold.
const KEY: &str = "hunter2-%/+&=x";

/// Two engines, one of which repeats its key, and names of our own; a backend of each kind of silence.
fn config(one: &Upstream, other: &Upstream) -> String {
    format!(
        r#"
service: {{uri: "urn:test:gateway"}}
limits: {{deadline: 1s, results: 4}}
popularity: popular.csv
sites: [{{host: fans.example, drop: true}}, {{host: jobs.boeing.com, name: Boeing Jobs, pin: true}}]
backends:
  - {{name: names, type: static, weight: 10, names: [{{name: Boeing, uri: "https://www.boeing.com/"}}]}}
  - {{name: one, type: searxng, url: "{}"}}
  - {{name: two, type: brave, url: "{}", key: {{file: key}}}}
  - {{name: three, type: json, url: "{}/k/{{key}}?q={{query}}", key: {{file: key}}, headers: {{X-Token: "open sesame {{key}}"}},
     results: "$.results[*]", title: "$.title", link: "$.url"}}
  - {{name: down, type: searxng, url: "http://127.0.0.1:1"}}
  - {{name: weather, type: searxng, url: "{}", when: {{categories: weather}}}}
  - {{name: costly, type: searxng, url: "{}", stage: 2}}
"#,
        one.url(),
        other.url(),
        one.url(),
        one.url(),
        one.url(),
    )
}

/// A SearXNG and a Brave that agree on some things, and say what they were asked.
async fn upstreams() -> (Upstream, Upstream) {
    let one = Upstream::start(|line| {
        let said = format!("asked {line}");
        searxng(&[
            ("https://en.wikipedia.org/wiki/Boeing", "Boeing - Wikipedia", &said),
            ("https://www.boeing.com/", "The Boeing Company", "aircraft"),
            ("https://boeing.example/", "Boeing fans", ""),
            ("https://boeing.fans.example/", "Boeing", ""),
            ("https://jobs.boeing.com/", "Jobs at Boeing", ""),
        ])
    })
    .await;
    let other = Upstream::start(|_| {
        let row = |url: &str, title: &str| json!({"url": url, "title": title, "description": KEY});
        let rows = [
            row("https://www.boeing.com/company", "Boeing: the company"),
            row("https://en.wikipedia.org/wiki/Boeing", "Boeing"),
            row("https://boeing.example/", "Boeing"),
        ];
        Reply::Json(json!({"web": {"results": rows}}).to_string())
    })
    .await;
    (one, other)
}

/// A folder with a configuration, the key beside it, and the way to a record.
struct Place(tempfile::TempDir);

impl Place {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gateway.yaml"), config).unwrap();
        std::fs::write(folder.path().join("popular.csv"), "domain,weight\nboeing.example,0.7\n").unwrap();
        std::fs::write(folder.path().join("key"), format!("{KEY}\n")).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn explain(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[&["explain"], arguments, &["--config", &self.file("gateway.yaml")]].concat())
    }

    fn replay(&self, name: &str, arguments: &[&str]) -> (i32, String, String) {
        run(&[&["explain", "--replay", &self.file(name)], arguments].concat())
    }
}

fn account(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|item| item[key].as_str().unwrap_or("none").to_owned()).collect()
}

/// The addresses of the results in the order that their terms make.
fn recomputed(account: &Value) -> Vec<String> {
    let mut results: Vec<(String, Terms<'static>)> = account["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let terms = serde_json::from_value(result["terms"].clone()).unwrap();
            (result["uri"].as_str().unwrap().to_owned(), terms)
        })
        .collect();
    results.sort_by(|one, other| other.0.cmp(&one.0));
    arrange(results, |(_, terms)| terms).into_iter().map(|(uri, _)| uri).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_follows_from_the_terms_that_are_shown() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    for name in ["Boeing", "boeing jobs", "zzqqxx"] {
        let (code, out, err) = place.explain(&[name, "--format", "json"]);
        let account = account(&out);
        assert_eq!(code, 0, "{err}");
        let uris = texts(&account["results"], "uri");
        assert!(uris.len() > 4, "{uris:?}");
        assert_eq!(recomputed(&account), uris, "{name}");
        let answered = account["results"].as_array().unwrap().iter().filter(|one| one["is_answered"] == true);
        assert_eq!(answered.count(), 4, "limits.results");
        let config = place.file("gateway.yaml");
        let (_, resolved, _) = run(&["resolve", name, "--format", "json", "--config", &config]);
        assert_eq!(texts(&serde_json::from_str::<Value>(&resolved).unwrap()["results"], "uri"), uris[..4]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_backend_is_told_with_its_reason() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let (_, out, _) = place.explain(&["Boeing", "--format", "json"]);
    let account = account(&out);
    let of = |key| texts(&account["backends"], key);
    assert_eq!(of("outcome"), ["found", "found", "found", "found", "failed", "not-asked", "not-asked"]);
    assert_eq!(of("cache"), ["memory", "missed", "missed", "missed", "none", "none", "none"]);
    assert_eq!(of("reason")[4..], ["refused", "not-asked", "not-asked"]);
    assert_eq!(
        of("message")[5..],
        [
            "when.categories: the question does not fit",
            "stage 2: an earlier stage gave a result of tier A or B"
        ]
    );
    let first = &account["results"][0];
    assert_eq!((&first["uri"], &first["terms"]["tier"]), (&json!("https://www.boeing.com/"), &json!("A")));
    assert_eq!(first["before_next_by"], "tier");
    assert_eq!(account["statuses"][0]["code"], "3.2.0");
    let (code, text, _) = place.explain(&["Boeing"]);
    assert_eq!(code, 0);
    for words in [
        "  1. https://www.boeing.com/\n",
        "names: place 1 of its list, worth tier A, exactly this name, ",
        "weather  not asked: when.categories: the question does not fit",
        "down     failed, refused: ",
        "stands before the next by tier",
        "3.2.0 down: refused",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_decides_the_same_without_configuration_and_network() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let record = place.file("record.json");
    let arguments = ["boeing jobs", "--format", "json", "--property", "geography=US", "--save", &record];
    let (code, out, err) = place.explain(&arguments);
    assert_eq!(code, 0, "{err}");
    let told = account(&out);
    let calls = (one.calls().len(), other.calls().len());
    std::fs::remove_file(place.file("gateway.yaml")).unwrap();
    std::fs::remove_file(place.file("key")).unwrap();
    std::fs::remove_file(place.file("popular.csv")).unwrap();
    let (code, out, err) = place.replay("record.json", &["--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let again = account(&out);
    assert_eq!(again["results"], told["results"], "the same order, for the same reasons");
    assert_eq!(again["results"][0]["terms"]["pinned"], true);
    assert_eq!(again["dropped"], json!([{"uri": "https://boeing.fans.example/", "by": "sites[0]"}]));
    let popular = told["results"].as_array().unwrap().iter().find(|one| one["site"] == "boeing.example");
    assert!(popular.unwrap()["terms"]["popularity"].as_f64().unwrap() > 0.69, "the operator's own list");
    assert_eq!((&again["statuses"], &again["dropped"]), (&told["statuses"], &told["dropped"]));
    assert_eq!((&again["at"], &again["question"]), (&told["at"], &told["question"]));
    assert_eq!((one.calls().len(), other.calls().len()), calls, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_record_an_account_or_a_message() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let record = place.file("record.json");
    let (_, json, err) = place.explain(&["Boeing", "--format", "json", "--save", &record]);
    let (_, text, more) = place.explain(&["Boeing"]);
    let record = std::fs::read_to_string(record).unwrap();
    assert!(one.calls().iter().any(|line| line.contains("/k/hunter2-")), "the key was sent, and said back");
    assert!(
        record.contains("/k/REDACTED?q=") && record.contains("\"description\\\":\\\"REDACTED"),
        "{record}"
    );
    for (what, shown) in
        [("record", &record), ("json", &json), ("text", &text), ("stderr", &format!("{err}{more}"))]
    {
        if what == "record" {
            assert!(!shown.contains("open sesame") && !shown.contains("X-Subscription-Token"), "{shown}");
            assert!(!shown.contains("hunter2"), "{what}: {shown}");
        }
        assert!(!shown.contains("/k/hunter2"), "{what}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_too_late_is_late_again() {
    let slow = Upstream::start_slow(std::time::Duration::from_secs(5), |_| {
        searxng(&[("https://slow.example/", "zzqqxx", "")])
    })
    .await;
    let quick = Upstream::start(|_| searxng(&[("https://quick.example/", "zzqqxx", "")])).await;
    let place = Place::new(&format!(
        "limits: {{deadline: 400ms}}\nbackends:\n  - {{name: slow, type: searxng, url: \"{}\"}}\n  \
         - {{name: quick, type: searxng, url: \"{}\"}}\n",
        slow.url(),
        quick.url()
    ));
    let (_, out, _) = place.explain(&["zzqqxx", "--format", "json", "--save", &place.file("record.json")]);
    let told = account(&out);
    assert_eq!(texts(&told["backends"], "outcome"), ["late", "found"]);
    let (_, out, _) = place.replay("record.json", &["--format", "json"]);
    assert_eq!(texts(&account(&out)["backends"], "outcome"), ["late", "found"]);
    assert_eq!(account(&out)["results"], told["results"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_for_its_budget_is_not_asked_again() {
    let upstream = Upstream::start(|_| searxng(&[("https://a.example/", "zzqqxx", "")])).await;
    let place = Place::new(&format!(
        "state: state\nbackends: [{{name: s, type: searxng, url: \"{}\", rate: 1/d}}]\n",
        upstream.url()
    ));
    let record = place.file("record.json");
    let explain = || place.explain(&["zzqqxx", "--format", "json", "--save", &record]);
    assert_eq!(explain().0, 0, "the first is within the budget");
    let (code, out, _) = explain();
    assert_eq!((code, texts(&account(&out)["backends"], "reason")), (1, vec!["budget-spent".to_owned()]));
    let (code, again, err) = place.replay("record.json", &["--format", "json"]);
    assert_eq!((code, &account(&again)["statuses"]), (1, &account(&out)["statuses"]), "{err}");
    assert_eq!(upstream.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_of_one_name() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let record = place.file("record.json");
    assert_eq!(place.explain(&["Boeing", "--save", &record]).0, 0);
    assert_eq!(place.replay("record.json", &["boeing"]).0, 0, "by its name, in any case");
    let (code, _, err) = place.replay("record.json", &["Airbus"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("the record of \"Boeing\", not of \"Airbus\""), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_record_is_explained() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let record = place.file("record.json");
    assert_eq!(place.explain(&["Boeing", "--save", &record]).0, 0);
    let whole = std::fs::read_to_string(&record).unwrap();
    let cut = whole.len() / 2;
    for (content, words) in [
        (whole[..cut].to_owned(), "is cut short: "),
        (String::new(), "is cut short: "),
        ("names,uri\n".to_owned(), "is no record of `cnrp explain --save`: "),
        ("{\"results\": []}".to_owned(), "expected \"format\": \"cnrp explain record\""),
        (whole.replacen("\"version\": 1", "\"version\": 2", 1), "version 2, which a newer program wrote"),
        (whole.replacen("\"backend\"", "\"backing\"", 1), "unknown field `backing`"),
        (whole.replacen("\"seed\": \"", "\"seed\": \"x", 1), "\"seed\", a number in hex"),
        (whole.replacen("q=Boeing", "q=Airbus", 1), "does not hold all that this program asks"),
        (whole.replacen("\"searxng\"", "\"nosuch\"", 1), "unknown \"nosuch\""),
    ] {
        std::fs::write(place.file("odd.json"), content).unwrap();
        let (code, out, err) = place.replay("odd.json", &[]);
        assert_eq!((code, out.as_str()), (2, ""), "{words}: {err}");
        assert!(err.contains("odd.json") && err.contains(words), "{words}: {err}");
    }
    let (code, _, err) = place.replay("gone.json", &[]);
    assert!(code == 2 && err.contains("gone.json can't be read: "), "{err}");
}

/// Every key of an object and of what is in it.
fn keys(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_documented() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let (_, out, _) = place.explain(&["Boeing", "--format", "json", "--property", "geography=US"]);
    let mut found = std::collections::BTreeSet::new();
    keys(&account(&out), &mut found);
    assert!(found.len() > 50, "{found:?}");
    let documents = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/explain.md");
    let documents = std::fs::read_to_string(documents).unwrap();
    let is_told =
        |key: &&String| documents.contains(&format!("`{key}`")) || documents.contains(&format!(".{key}`"));
    let untold: Vec<_> = found.iter().filter(|key| !is_told(key)).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_backend_is_tried_whatever_it_is_asked_for() {
    let (one, other) = upstreams().await;
    let place = Place::new(&config(&one, &other));
    let (code, out, err) = run(&["check", "--upstreams", "--config", &place.file("gateway.yaml")]);
    assert_eq!(code, 3, "one of them is down: {err}");
    let lines: Vec<_> = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    let words: Vec<_> = lines.iter().map(|line| (line[0], line[1])).collect();
    let expected = [
        ("names", "ok"),
        ("one", "ok"),
        ("two", "ok"),
        ("three", "ok"),
        ("down", "refused"),
        ("weather", "ok"),
        ("costly", "ok"),
    ];
    assert_eq!(words, expected);
    assert_eq!(lines[1][3..], ["ms", "found", "5"]);
    assert_eq!(lines[0][4..], ["knows", "nothing", "of", "Wikipedia"]);
}

//! What is read of a configuration without mistakes.

use std::{fs, time::Duration};

use super::super::*;
use crate::config::values::{Period, Rate};

fn read(text: &str) -> Config {
    parse(text, "/etc/cnrp/gateway.yaml".as_ref()).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_file_in_which_nothing_stands_is_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    for text in ["", "\n \n", "\u{feff}# nothing\n", "---\n...\n", "null\n"] {
        fs::write(&path, text).unwrap();
        let problems = load(&path).unwrap_err().to_string();
        assert_eq!(
            problems,
            format!("{}: is empty; expected keys such as `backends`", path.display()),
            "{text:?}"
        );
    }
    fs::write(&path, "# every default\n{}\n").unwrap();
    assert!(load(&path).is_ok());
}

#[test]
fn a_text_without_keys_means_every_default() {
    for text in [
        "",
        "\u{feff}drain: 5s\r\ncache:\r\n  ttl: 1h\r\n",
        "# nothing\n",
        "---\n",
        "null\n",
        "cache:\nlimits: ~\nbackends:\n",
    ] {
        let config = read(text);
        assert_eq!(config.listen, Listen::default(), "{text:?}");
        assert_eq!(config.limits.deadline, Duration::from_millis(2500));
        assert_eq!(config.limits.grace, Duration::from_millis(300));
        assert_eq!(config.limits.request_size, 65536);
        assert_eq!(config.cache.size, 64 << 20);
        assert_eq!(config.drain, Duration::from_secs(5));
        assert!(config.web.enabled && config.backends.is_empty());
        assert_eq!(config.folder.to_str(), Some("/etc/cnrp"));
    }
}

#[test]
fn r2_d24_http_is_on_1096_and_2757_and_udp_never_on_1096() {
    let ports: Vec<_> = read("").listen.http.iter().map(|address| address.port()).collect();
    assert_eq!(ports, [1096, 2757]);
    let (_, problems) = examine("listen: {udp: [\"127.0.0.1:2757\", \"127.0.0.1:1096\"]}", "f".as_ref());
    let expected =
        "f:1:34: listen.udp[1]: expected another port: 1096 is for HTTP alone; 2757 is CNRP's for UDP";
    assert_eq!(problems.to_string(), expected);
    let text = "listen: {https: [\"127.0.0.1:1096\"], tls: {cert: a.pem, key: b.pem}}";
    let (_, problems) = examine(text, "f".as_ref());
    let expected =
        "listen.https[0]: expected another port: 1096 is for HTTP without TLS; 443 is that of https";
    assert!(problems.to_string().contains(expected), "{problems}");
}

/// The reference that users copy from says what happens without it.
#[test]
fn the_reference_shows_the_defaults() {
    let reference = load(concat!(env!("CARGO_MANIFEST_DIR"), "/config/full.yaml").as_ref()).unwrap();
    let default = read("");
    assert_eq!(reference.listen, default.listen);
    assert_eq!(reference.web, default.web);
    assert_eq!(reference.limits, default.limits);
    assert_eq!(reference.cache, default.cache);
    assert_eq!(reference.matching, default.matching);
    assert_eq!((reference.popularity, reference.sites), (default.popularity, default.sites));
    assert_eq!(reference.log, default.log);
    assert_eq!(reference.drain, default.drain);
    assert_eq!((reference.state, reference.admin), (default.state, default.admin));
    assert_eq!(reference.backends[0].zone, crate::model::Zone::default());
    assert_eq!(reference.service.ttl, default.service.ttl);
}

#[test]
fn json_is_yaml() {
    let config = read(
        r#"{"service": {"uri": "urn:test:gateway", "description": "\u6771\u4eac \ud83d\ude00 \/"},
 "listen": {"http": ["127.0.0.1:0", "127.0.0.1:0"], "udp": ["[::1]:0"], "admin": "127.0.0.1:0"},
 "limits": {"per_client": {"rate": "1/m", "burst": 5, "exempt": []}},
 "backends": [{"name": "names", "type": "static", "names": [{"name": "a", "uri": "b:c"}]}]}"#,
    );
    assert_eq!(config.service.description.as_deref(), Some("東京 😀 /"));
    assert_eq!(config.listen.udp[0].port(), 0);
    assert_eq!(config.limits.per_client.rate, Rate { count: 1, period: Period::Minute });
    assert!(config.limits.per_client.exempt.is_empty());
    assert_eq!(config.backends[0].kind, "static");
}

#[test]
fn a_backend_has_its_common_keys() {
    let config = read(
        "backends:\n  - name: a-1\n    type: engine\n    weight: 10\n    timeout: 2s\n    \
         rate: [1/s, 2000/month]\n    zone: America/Los_Angeles\n    concurrency: 4\n    ttl: 10m\n    \
         dataset: {uri: \"urn:example:a\", description: A, language: [en-US]}\n    \
         service: \"urn:example:service\"\n    \
         when: {languages: en, categories: [Weather], min_words: 1, max_words: 3}\n    \
         stage: 1\n  - type: dns\n    rate: 5/s\n",
    );
    let [first, second] = config.backends.as_slice() else { panic!("two backends") };
    assert_eq!((first.name.as_str(), first.weight, first.concurrency), ("a-1", 10.0, 4));
    assert_eq!(first.timeout, Duration::from_secs(2));
    assert_eq!(first.rates[1], Rate { count: 2000, period: Period::Month });
    assert_eq!(Some(&first.zone), crate::model::Zone::named("America/Los_Angeles").as_ref());
    assert_eq!(first.ttl, Some(Duration::from_secs(600)));
    assert_eq!(first.dataset.as_ref().unwrap().language[0].as_str(), "en-us");
    assert_eq!(first.service.as_deref(), Some("urn:example:service"));
    assert_eq!((first.when.categories[0].as_str(), first.when.max_words), ("weather", 3));
    assert_eq!((second.name.as_str(), second.weight), ("dns", 1.0));
    assert_eq!(second.timeout, Duration::from_millis(1500));
    assert_eq!(second.rates, [Rate { count: 5, period: Period::Second }]);
}

#[test]
fn mail_is_taken_where_its_mailbox_is_named() {
    assert_eq!(read("listen: {smtp: null}\n").listen.smtp, None);
    let smtp = read("listen: {smtp: {mailbox: \"cnrp@names.example.com\"}}\n").listen.smtp.unwrap();
    assert_eq!(smtp.mailbox.as_str(), "cnrp@names.example.com");
    assert_eq!(
        (smtp.address.to_string(), smtp.relay.to_string()),
        ("127.0.0.1:2525".into(), "127.0.0.1:25".into())
    );
    assert_eq!(smtp.allow, [crate::model::MailPattern::parse("*").unwrap()]);
    assert_eq!(smtp.peers, Limits::default().per_client.exempt);
    let smtp = read(
        "listen:\n  http: []\n  smtp:\n    address: \"127.0.0.1:0\"\n    mailbox: a@b\n    relay: \"10.0.0.1:25\"\n    \
         allow: \"*@example.com\"\n    peers: [10.0.0.0/8]\n",
    );
    let smtp = smtp.listen.smtp.unwrap();
    assert_eq!((smtp.peers.len(), smtp.allow.len()), (1, 1));
}

#[test]
fn web_is_short_for_enabled() {
    assert!(!read("web: false\n").web.enabled);
    assert!(read("web:\n").web.enabled);
    let web = read("web: {origins: [\"https://Names.example.com:443/\"]}\n").web;
    assert_eq!((web.enabled, web.origins), (true, vec!["https://names.example.com".to_owned()]));
}

#[test]
fn every_further_key_may_have_its_default() {
    read(
        "cache: {shared: null}\nstate: null\n\
         expect: []\nadmin: {token: null}\npopularity: null\nsites: []\nmatching: {referrals: return}\n",
    );
}

#[test]
fn a_load_balancer_is_one_address_or_a_network() {
    let listen = read("listen: {proxy_protocol: [\"127.0.0.1\", \"10.0.0.0/8\"]}\n").listen;
    let written: Vec<_> = listen.proxy_protocol.iter().map(ToString::to_string).collect();
    assert_eq!(written, ["127.0.0.1/32", "10.0.0.0/8"]);
}

#[test]
fn a_shared_store_may_be_its_address_alone() {
    assert_eq!(read("cache: {shared: null}\n").cache.shared, None);
    let short = read("cache: {shared: \"redis://127.0.0.1:6379/2\"}\n").cache.shared.unwrap();
    let long = read("cache: {shared: {url: \"redis://127.0.0.1:6379/2\"}}\n").cache.shared.unwrap();
    assert_eq!(
        (short.url.0.as_str(), &short.user, &short.password),
        ("redis://127.0.0.1:6379/2", &None, &None)
    );
    assert_eq!(short, long);
}

#[test]
fn https_has_its_files() {
    let listen =
        read("listen: {http: [], https: [\"127.0.0.1:8443\"], tls: {cert: a.pem, key: /k.pem}}\n").listen;
    assert_eq!(listen.https[0].port(), 8443);
    let tls = listen.tls.unwrap();
    assert_eq!((tls.cert.to_str(), tls.key.to_str(), tls.client_ca), (Some("a.pem"), Some("/k.pem"), None));
    assert_eq!(read("listen: {https: [], tls: null}\n").listen, Listen::default());
}

#[test]
fn what_a_floor_above_judges_is_located() {
    let config = read("listen:\n  https: [\"127.0.0.1:8443\"]\n  tls: {cert: a.pem, key: k.pem}\n");
    assert_eq!(
        config.wrong("listen.tls.key", "odd").to_string(),
        "/etc/cnrp/gateway.yaml:3:27: listen.tls.key: odd"
    );
}

#[test]
fn aliases_repeat_what_they_name() {
    let config =
        read("limits: {per_client: {rate: &usual 7/s}}\nbackends:\n  - {name: a, type: x, rate: *usual}\n");
    assert_eq!(config.backends[0].rates, [config.limits.per_client.rate]);
}

#[test]
fn a_service_property_without_type_gets_the_one_of_its_form() {
    let config = read(
        "service:\n  properties:\n    - {name: category, value: companies}\n    \
         - {name: geography, value: us}\n    - {name: language, value: en-US}\n    \
         - {name: category, type: naics, value: \"519\"}\n",
    );
    let kinds: Vec<_> = config.service.properties.iter().map(|property| property.kind.as_str()).collect();
    assert_eq!(kinds, ["freeform", "iso3166-1", "rfc1766", "naics"]);
}

#[test]
fn what_can_be_read_is_read_beside_mistakes() {
    let (config, problems) =
        examine("cache: {ttl: 2h, size: x}\nbackends: [{type: a}, {type: [b]}]\n", "f".as_ref());
    assert_eq!(problems.0.len(), 2);
    assert_eq!(config.cache.ttl, Duration::from_secs(7200));
    assert_eq!(config.cache.size, Cache::default().size);
    assert_eq!(config.backends.len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_without_a_line() {
    let problems = load("/no/such/file.yaml".as_ref()).unwrap_err();
    assert_eq!(problems.0[0].line, 0);
    assert!(problems.to_string().starts_with("/no/such/file.yaml: can't be read: "), "{problems}");
}

#[test]
fn bytes_that_are_not_utf_8_are_located() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    fs::write(&path, b"drain: 5s\nservice:\n  description: caf\xe9\n").unwrap();
    let problems = load(&path).unwrap_err();
    assert_eq!(problems.0[0].line, 3);
    assert!(problems.to_string().ends_with("expected UTF-8, found other bytes"), "{problems}");
}

#[test]
fn a_backend_can_add_mistakes_of_its_own() {
    let config = read("backends:\n  - type: statik\n    names:\n      - {name: A, uri: b}\n");
    let backend = &config.backends[0];
    let message = unknown(&backend.kind, &["static", "dns"]);
    let file = "/etc/cnrp/gateway.yaml";
    assert_eq!(
        backend.wrong("type", &message).to_string(),
        format!("{file}:2:11: backends[0].type: unknown \"statik\"; did you mean \"static\"?")
    );
    assert_eq!(
        backend.options.wrong("names[0].uri", "expected an absolute URI").to_string(),
        format!("{file}:4:24: backends[0].names[0].uri: expected an absolute URI")
    );
    assert_eq!(backend.wrong("", "odd").to_string(), format!("{file}:2:5: backends[0]: odd"));
}

#[test]
fn a_file_of_nothing_but_mistakes_ends() {
    let text: String = (0..500).map(|at| format!("  - {{name: n{at}, type: x, weight: w}}\n")).collect();
    let (_, problems) = examine(&format!("backends:\n{text}"), "f".as_ref());
    assert_eq!(problems.0.len(), 500);
    let (_, problems) = examine(&format!("listen: {{http: [{}]}}\n", "x, ".repeat(500)), "f".as_ref());
    assert_eq!(problems.0.len(), 50);
}

#[test]
fn nesting_has_an_end() {
    let (_, problems) = examine(&"[".repeat(100_000), "f".as_ref());
    assert_eq!(problems.0.len(), 1);
}

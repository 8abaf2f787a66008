//! The protocol as a client meets it: ids, ranges, datasets, and what is said when something is
//! wrong with the question.

use crate::{
    matching::NAMES,
    support::{Gateway, document},
};

#[tokio::test]
async fn it_starts_says_where_and_stops() {
    for signal in ["-TERM", "-INT"] {
        let gateway = Gateway::start(&format!(
            "listen: {{http: [\"127.0.0.1:0\"], udp: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}}\n{NAMES}"
        ));
        assert_eq!(gateway.ask("Boeing", &[]).await.first_uri(), "https://www.boeing.com/");
        assert_eq!(gateway.get("admin", "/livez").await.status(), 200);
        assert_eq!(gateway.get("admin", "/readyz").await.status(), 200);
        let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
        assert!(metrics.contains("# TYPE cnrp_requests_total counter"), "{metrics}");
        let status = crate::support::json(gateway.get("admin", "/status").await).await;
        assert_eq!(status["backends"][0]["name"], "names");
        assert_eq!(status["generation"], 1);
        assert_eq!(gateway.stop(signal), Some(0));
    }
}

#[tokio::test]
async fn a_hangup_ends_nothing() {
    let gateway = Gateway::start(NAMES);
    gateway.signal("-HUP");
    for _ in 0..20 {
        assert_eq!(gateway.ask("Boeing", &[]).await.first_uri(), "https://www.boeing.com/");
    }
    assert_eq!(gateway.stop("-TERM"), Some(0));
}

#[tokio::test]
async fn r5_r10_r11_r13_an_answer_is_whole() {
    let gateway = Gateway::start(NAMES);
    let answer = gateway.ask("Boeing", &[]).await;
    let resource = answer.resources()[0].clone();
    assert_eq!(resource.text_of("commonname"), "Boeing");
    assert_eq!(resource.text_of("description"), "Aircraft & rockets");
    assert!(!resource.text_of("id").is_empty());
    let property = |name: &str| {
        resource
            .all("property")
            .find(|p| p.attributes["name"] == name)
            .map(|p| (p.attributes["type"].clone(), p.text.clone()))
    };
    assert_eq!(property("language"), Some(("rfc1766".to_owned(), "en-US".to_owned())));
    assert_eq!(property("geography"), Some(("iso3166-1".to_owned(), "US".to_owned())));
    assert_eq!(property("x-confidence"), Some(("x-level".to_owned(), "high".to_owned())));
    let origin = resource.first("serviceref").unwrap().attributes["ref"].clone();
    assert_eq!(answer.service(&origin).unwrap().text_of("serviceuri"), "urn:test:gateway");
    assert!(answer.codes().is_empty());
}

#[tokio::test]
async fn d27_an_id_leads_back_to_its_resource() {
    let gateway = Gateway::start(NAMES);
    let answer = gateway.ask("bmw", &[]).await;
    let mut ids: Vec<_> =
        answer.resources().iter().map(|r| (r.text_of("id"), r.text_of("resourceuri"))).collect();
    for (id, uri) in &ids {
        assert_eq!(gateway.ask_id(id).await.uris(), std::slice::from_ref(uri));
    }
    ids.sort();
    ids.dedup_by(|a, b| a.0 == b.0);
    assert_eq!(ids.len(), 3);
    // The same configuration elsewhere gives and understands the same ids.
    let replica = Gateway::start(NAMES);
    assert_eq!(replica.ask_id(&ids[0].0).await.uris(), std::slice::from_ref(&ids[0].1));
    for forged in ["no-such-id", "names.0.Boeing", "names.zz.Boeing", "nobody.1.Boeing", "....", "%"] {
        assert_eq!(gateway.ask_id(forged).await.codes(), ["2.1.0"], "{forged}");
    }
}

#[tokio::test]
async fn d6_a_range_cuts_the_answer() {
    let names: String =
        (0..12).map(|i| format!("{{name: Acme, uri: \"https://acme{i}.example/\"}},")).collect();
    let gateway = Gateway::start(&format!("backends: [{{name: n, type: static, names: [{names}]}}]"));
    let whole = gateway.ask("acme", &[]).await.uris();
    assert_eq!(whole.len(), 12);
    for (kind, value, part) in [
        ("start-length", "1-5", &whole[..5]),
        ("start-length", "10-3", &whole[9..12]),
        ("start-length", "12-100", &whole[11..]),
        ("range", "3,2", &whole[2..4]),
        ("freeform", "3-2", &whole[2..4]),
    ] {
        assert_eq!(gateway.ask("acme", &[("range", kind, value)]).await.uris(), part, "{value}");
    }
    assert_eq!(gateway.ask("acme", &[("range", "start-length", "99-5")]).await.codes(), ["2.1.0"]);
    for absurd in ["0-0", "1-0", "x", "1-", "-5", "1-99999999999999999999999"] {
        let answer = gateway.ask("acme", &[("range", "start-length", absurd)]).await;
        assert_eq!((answer.codes(), answer.uris()), (vec!["3.1.1".to_owned()], whole.clone()), "{absurd}");
    }
}

#[tokio::test]
async fn r12_datasets_are_chosen_by_their_uri() {
    let gateway = Gateway::start(
        r#"
service: {uri: "urn:test:gateway"}
backends:
  - {name: en, type: static, dataset: {uri: "urn:test:en"}, names: [{name: Fido, uri: "https://fido.example/en"}]}
  - {name: fr, type: static, dataset: {uri: "urn:test:fr"}, names: [{name: Fido, uri: "https://fido.example/fr"}]}
"#,
    );
    let dataset = |uri| ("dataseturi", "uri", uri);
    let answer = gateway.ask("Fido", &[dataset("urn:test:fr")]).await;
    assert_eq!((answer.uris(), answer.codes()), (vec!["https://fido.example/fr".to_owned()], vec![]));
    let reference = answer.resources()[0].first("datasetref").unwrap().attributes["ref"].clone();
    let own = answer.results.first("service").unwrap();
    let declared =
        own.all("dataset").find(|dataset| dataset.attributes.get("id") == Some(&reference)).unwrap();
    assert_eq!(declared.text_of("property"), "urn:test:fr");
    let answer = gateway.ask("Fido", &[dataset("urn:test:none")]).await;
    assert_eq!((answer.uris().len(), answer.codes()), (2, vec!["3.1.5".to_owned()]));
}

#[tokio::test]
async fn r12_d29_a_dataset_of_two_backends_is_one_and_what_is_unknown_beside_any_is_told() {
    let gateway = Gateway::start(
        r#"
service: {uri: "urn:test:gateway"}
backends:
  - {name: a, type: static, dataset: {uri: "urn:test:dogs"}, names: [{name: Fido, uri: "https://fido.example/a"}]}
  - {name: b, type: static, dataset: {uri: "URN:Test:dogs"}, names: [{name: Fido, uri: "https://fido.example/b"}]}
  - {name: c, type: static, dataset: {uri: "urn:test:cats"}, names: [{name: Fido, uri: "https://fido.example/c"}]}
"#,
    );
    let dataset = |uri| ("dataseturi", "uri", uri);
    let answer = gateway.ask("Fido", &[dataset("urn:TEST:dogs")]).await;
    assert_eq!((answer.uris().len(), answer.codes()), (2, vec![]));
    let own = answer.results.first("service").unwrap();
    let declared: Vec<_> = own.all("dataset").map(|dataset| dataset.text_of("property")).collect();
    assert_eq!(declared, ["urn:test:dogs", "urn:test:cats"]);
    let answer = gateway.ask("Fido", &[dataset("*"), dataset("urn:test:none")]).await;
    assert_eq!((answer.uris().len(), answer.codes()), (3, vec!["3.1.1".to_owned()]));
    assert!(answer.results.text_of("status").contains("urn:test:none"));
}

#[tokio::test]
async fn d13_d31_what_can_not_be_read_is_said_so_alone() {
    let gateway = Gateway::start(NAMES);
    for inner in ["<query/>", "<query><commonname> </commonname></query>", "<nonsense/>", ""] {
        let answer = gateway.post(&document(inner)).await;
        assert_eq!(answer.codes(), ["4.1.0"], "{inner}");
        assert!(answer.results.first("service").is_none());
        assert!(!answer.results.text_of("status").is_empty(), "it says why");
    }
    let long = format!("<query><commonname>{}</commonname></query>", "x".repeat(1025));
    assert_eq!(gateway.post(&document(&long)).await.codes(), ["4.2.0"]);
    let sloppy = "<Query><mood>good</mood><commonname>Boeing</commonname></Query>";
    let answer = gateway.post(&document(sloppy)).await;
    assert_eq!(
        (answer.first_uri().as_str(), answer.codes()),
        ("https://www.boeing.com/", vec!["3.1.2".to_owned()])
    );
}

#[tokio::test]
async fn r18_a_servicequery_is_answered_in_full() {
    let gateway = Gateway::start(NAMES);
    let answer = gateway.post(&document("<servicequery/>")).await;
    let service = answer.results.first("service").unwrap();
    assert_eq!(service.text_of("serviceuri"), "urn:test:gateway");
    let server = service.first("servers").unwrap().first("server").unwrap().text_of("serveruri");
    assert_eq!(server.trim_end_matches('/'), gateway.url("http"));
    assert!(service.first("queryschema").unwrap().all("propertyreference").count() >= 5);
}

#[tokio::test]
async fn json_says_the_same() {
    let gateway = Gateway::start(NAMES);
    let reply = gateway.get("http", "/resolve?q=bmw&language=fr-FR&start=1&length=2").await;
    let answer = crate::support::json(reply).await;
    assert_eq!(answer["results"].as_array().unwrap().len(), 2);
    assert_eq!(answer["results"][0]["uri"], "https://www.bmw.fr/");
    assert_eq!(answer["results"][0]["confidence"], "high");
    assert_eq!(answer["status"], serde_json::json!([]));
    for wrong in ["/resolve", "/resolve?q=a&id=b", "/resolve?q=a&start=x", "/resolve?q="] {
        assert_eq!(gateway.get("http", wrong).await.status(), 400, "{wrong}");
    }
}

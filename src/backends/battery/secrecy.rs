//! A key goes to its upstream and nowhere else.

use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::{
    super::{REGISTRY, Setting},
    specimens::KEY,
    *,
};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logged {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All that an upstream that says the key back may do with a request.
pub(super) fn tell_tales() -> Vec<Act> {
    let bodies = [
        r#"{"error": {"code": "KEY", "message": "KEY"}, "errors": [{"code": "KEY"}]}"#,
        r#"{"error": [{"code": "auth KEY"}], "data": []}"#,
        r#"{"response": {"status": "ERROR: KEY is no API key"}}"#,
        "API-Key KEY Daily",
        "KEY",
    ];
    let broken = [Act::Reset, Act::Truncate, Act::Garbage, Act::Close];
    bodies.into_iter().flat_map(tell_tale).chain(broken).collect()
}

/// An upstream that says the key back wherever it can.
fn tell_tale(body: &str) -> Vec<Act> {
    let all = |status| {
        let location = format!("Content-Type: text/plain\r\nX-Key: {KEY}\r\n");
        Act::Reply(status, location, body.replace("KEY", KEY).into())
    };
    vec![
        all(200),
        all(401),
        all(403),
        all(422),
        all(429),
        all(500),
        Act::redirect(302, &format!("http://10.0.0.1/{KEY}")),
    ]
}

#[tokio::test]
async fn a_key_is_sent_and_stands_in_no_failure_log_or_key_of_the_cache() {
    let logged = Logged::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(logged.clone());
    let _collecting = tracing::subscriber::set_default(subscriber.finish());
    let keyed: Vec<_> = SPECIMENS.into_iter().filter(Specimen::has_key).collect();
    assert_eq!(keyed.len(), 4);
    for specimen in keyed {
        let acts = tell_tales();
        let (count, acts) = (acts.len(), Mutex::new(acts.into_iter()));
        let server = Fixture::start(move |_| acts.lock().unwrap().next().unwrap_or(Act::Close)).await;
        let backend = specimen.build(&server.url);
        for place in 0..count {
            let failure = backend.ask(&query("x")).await.unwrap_err();
            tracing::warn!(%failure, ?failure, "a call failed");
            assert!(server.heads()[place].contains(KEY), "{}: {}", specimen.kind, server.heads()[place]);
        }
        let Ask::Request(request) = backend.request(&query("x")) else { panic!("it asks") };
        assert!(!request.contains(KEY), "{request}");
        let unreachable = specimen.build("http://127.0.0.1:1").ask(&query("x")).await.unwrap_err();
        tracing::warn!(%unreachable, ?unreachable, "a call failed");
    }
    let logged = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("a call failed"));
    assert!(!logged.contains(KEY), "{logged}");
}

#[test]
fn a_key_that_cannot_be_sent_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\nX-More: yes")).unwrap();
    for registration in
        REGISTRY.iter().filter(|known| ["brave", "kagi", "mojeek", "marginalia"].contains(&known.kind))
    {
        let options = Options::from_yaml(&format!("key: {{file: {}}}", file.display())).unwrap();
        let setting = Setting {
            name: "tested",
            folder: Path::new("."),
            clock: Arc::new(Standing),
            lines: Lines::default(),
            timeout: TIMEOUT,
            toll: None,
            seed: 1,
            chain: Chain::default(),
        };
        let Err(problems) = registration.build(&options, &setting) else { panic!("it was taken") };
        assert_eq!(problems.0[0].key, "key");
        assert!(!problems.to_string().contains(KEY), "{problems}");
    }
}

/// A header of the configuration may be as good as a password, and so may a key in an address.
#[tokio::test]
async fn what_an_upstream_says_back_stands_neither_in_failures_nor_in_rows() {
    const SECRET: &str = "o/pen+&<sesame>";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("header");
    std::fs::write(&file, format!("Bearer {SECRET}\n")).unwrap();
    let spelt = [
        "o/pen+&<sesame>",
        "o%2Fpen%2B%26%3Csesame%3E",
        "o%2fpen%2b%26%3csesame%3e",
        "o/pen+&amp;&lt;sesame&gt;",
    ];
    let rows: Vec<_> = spelt
        .iter()
        .map(|text| {
            let url = format!("https://x.example/?k={}", spelt[1]);
            serde_json::json!({"title": format!("T {text}"), "url": url, "content": format!("Bearer {text}")})
        })
        .collect();
    let found = serde_json::json!({"results": rows}).to_string();
    let acts = Mutex::new(vec![Act::ok("application/json", found)].into_iter());
    let error = serde_json::json!({"error": spelt.join(" ")}).to_string();
    let server = Fixture::start(move |_| {
        acts.lock().unwrap().next().unwrap_or_else(|| Act::ok("application/json", error.clone()))
    })
    .await;
    let options = format!("url: {}\nheaders: {{Authorization: {{file: {}}}}}", server.url, file.display());
    let backend = build("searxng", &options).unwrap();
    let said = format!("{:?}", backend.ask(&query("x")).await.unwrap().hits);
    assert!(server.heads()[0].contains(SECRET), "it is sent");
    let failure = backend.ask(&query("x")).await.unwrap_err();
    assert_eq!(failure.detail, "the instance says: REDACTED REDACTED REDACTED REDACTED");
    assert!(!said.contains("sesame") && said.contains("https://x.example/?k=REDACTED"), "{said}");
}

/// A service that is asked with a key may name itself, and others, with the key in their addresses.
#[tokio::test]
async fn what_a_service_says_of_services_holds_no_key_either() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("header");
    std::fs::write(&file, "Bearer 0pen+sesame-7\n").unwrap();
    let said = "<cnrp><results><service id='i0'><serviceuri>http://p.example/0pen+sesame-7</serviceuri></service>\
                <service id='i1'><serviceuri>http://q.example/0pen%2Bsesame-7</serviceuri><servers><server>\
                <serveruri>http://q.example/0pen+sesame-7/</serveruri></server></servers></service>\
                <resourcedescriptor><commonname>x</commonname><id>0pen+sesame-7</id>\
                <resourceuri>https://x.example/</resourceuri><serviceref ref='i1'/></resourcedescriptor>\
                <referral><serviceref ref='i1'/></referral>\
                <status code='1.2.0'>0pen+sesame-7 is old</status></results></cnrp>";
    let server = Fixture::always(Act::ok("application/cnrp+xml", said)).await;
    let key = file.display();
    for (mode, telling) in [("chain", "REDACTED is old"), ("refer", "http://p.example/REDACTED")] {
        let options = format!("{{url: '{}', mode: {mode}, headers: {{X-Key: {{file: {key}}}}}}}", server.url);
        let backend = build("cnrp", &options).unwrap();
        let told = format!("{:?} {:?}", backend.ask(&query("x")).await.unwrap(), backend.service());
        assert!(!told.contains("sesame") && told.contains(telling), "{mode}: {told}");
    }
    assert!(server.heads().iter().all(|head| head.contains("0pen+sesame-7")), "it is sent");
}

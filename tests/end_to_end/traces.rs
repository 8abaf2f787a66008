//! Spans, as a collector gets them: whole traces, no name that was asked for, and nothing that a request
//! would have to wait for.

use std::{
    io::{BufRead, BufReader},
    net::UdpSocket,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;

use crate::{
    logs::{Logging, traceparent},
    support::{Exim, Gateway, Reply, Upstream, document, free, free_port, redis, searxng},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// A name that is nowhere by chance.
const NAME: &str = "Zweisimmen";

async fn collector() -> Upstream {
    Upstream::start(|_| Reply::Http(200, "Content-Type: application/x-protobuf\r\n", Vec::new())).await
}

/// A search that fails for names with `broken` in them.
async fn engine() -> Upstream {
    Upstream::start(|line| match line.contains("broken") {
        true => Reply::Http(500, "", Vec::new()),
        false => searxng(&[("https://a.example/", "A", "")]),
    })
    .await
}

/// A map that knows one name, and that search.
fn backends(engine: &Upstream) -> String {
    format!(
        "backends:\n  - {{name: map, type: static, names: [{{name: {NAME}, uri: \"https://z.example/\"}}]}}\n  \
         - {{name: s, type: searxng, url: \"{}\", timeout: 5s}}\n",
        engine.url()
    )
}

/// A configuration with these backends that tells this collector, with more under `trace`.
fn telling(collector: &str, more: &str, engine: &Upstream) -> String {
    format!("trace: {{otlp: \"{collector}\"{more}}}\n{}", backends(engine))
}

/// One span that arrived.
#[derive(Debug, Clone)]
struct Arrived(Span);

impl Arrived {
    fn id(&self) -> String {
        hex(&self.0.span_id)
    }

    /// Empty where the trace begins with it.
    fn parent(&self) -> String {
        hex(&self.0.parent_span_id)
    }

    /// What is noted under `key`, as text; several between commas.
    fn note(&self, key: &str) -> Option<String> {
        let noted = self.0.attributes.iter().find(|noted| noted.key == key)?;
        Some(text(noted.value.as_ref()?.value.as_ref()?))
    }

    fn notes<const N: usize>(&self, keys: [&str; N]) -> [String; N] {
        keys.map(|key| self.note(key).unwrap_or_default())
    }

    /// What it says that failed.
    fn failure(&self) -> Option<&str> {
        let status = self.0.status.as_ref().filter(|status| status.code() == StatusCode::Error)?;
        Some(&status.message)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        Value::ArrayValue(list) => {
            let values = list.values.iter().filter_map(|value| value.value.as_ref());
            values.map(text).collect::<Vec<_>>().join(",")
        }
        other => panic!("{other:?}"),
    }
}

/// The spans that a collector has got so far.
fn arrived(collector: &Upstream) -> Vec<Arrived> {
    let requests = collector.bodies().into_iter().map(|body| {
        let request = ExportTraceServiceRequest::decode(&body[..]).expect("a request");
        let [of_process] = &request.resource_spans[..] else { panic!("{request:?}") };
        of_process.scope_spans[0].spans.clone()
    });
    requests.flatten().map(Arrived).collect()
}

/// The spans of a collector, once as many are there as are wanted of each name.
async fn wait_for(collector: &Upstream, wanted: &[(&str, usize)]) -> Vec<Arrived> {
    let started = Instant::now();
    loop {
        let spans = arrived(collector);
        let count = |name: &str| spans.iter().filter(|span| span.0.name == name).count();
        if wanted.iter().all(|(name, least)| count(name) >= *least) {
            return spans;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{wanted:?} of {spans:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn one<'s>(spans: &'s [Arrived], name: &str) -> &'s Arrived {
    let named: Vec<_> = spans.iter().filter(|span| span.0.name == name).collect();
    assert_eq!(named.len(), 1, "{name}: {spans:#?}");
    named[0]
}

fn query(name: &str) -> Vec<u8> {
    document(&format!("<query><commonname>{name}</commonname></query>")).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn our_spans_are_within_that_of_who_asked_and_upstreams_are_told_the_span_of_their_call() {
    let (collector, engine) = (collector().await, engine().await);
    let config = telling(&collector.url(), ", headers: {authorization: {file: token}}", &engine);
    let gateway = Gateway::start_with(&config, &[("token", "Bearer tOken-90ab31cc5d\n")]);
    let reply = gateway.send_with("traceparent", SAMPLED, query("plain")).await;
    assert_eq!(reply.status(), 200);
    let spans = wait_for(&collector, &[("POST /", 1), ("ask s", 1), ("write", 1)]).await;
    assert!(spans.iter().all(|span| hex(&span.0.trace_id) == TRACE), "{spans:#?}");
    let (ours, call) = (one(&spans, "POST /"), one(&spans, "ask s"));
    assert_eq!((ours.parent(), ours.0.kind()), (PARENT.into(), SpanKind::Server));
    assert_eq!((call.parent(), call.0.kind()), (ours.id(), SpanKind::Client));
    for stage in ["read", "gather", "rank", "write"] {
        assert_eq!(one(&spans, stage).parent(), ours.id(), "{stage}");
    }
    assert_eq!(traceparent(&engine.heads()[0]).unwrap(), format!("00-{TRACE}-{}-01", call.id()));
    let keys = ["cnrp.transport", "cnrp.query", "http.route", "cnrp.results", "http.response.status_code"];
    assert_eq!(ours.notes(keys), ["http", "name", "/", "1", "200"]);
    assert_eq!(call.notes(["cnrp.backend", "cnrp.outcome", "cnrp.results"]), ["s", "found", "1"]);
    let took = |span: &Arrived| (span.0.start_time_unix_nano, span.0.end_time_unix_nano);
    let (outer, inner) = (took(ours), took(call));
    assert!(outer.0 <= inner.0 && inner.0 < inner.1 && inner.1 <= outer.1, "{outer:?} {inner:?}");
    let head = collector.heads()[0].to_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: bearer token-90ab31cc5d\r\n"), "{head}");
    assert!(!head.contains("traceparent"), "nobody is told of what is told: {head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_told_with_its_reason_and_what_is_given_again_as_such() {
    let (collector, engine) = (collector().await, engine().await);
    // Without the map, which knows for certain that it knows nothing.
    let config = format!(
        "trace: {{otlp: \"{}\"}}\nbackends: [{{name: s, type: searxng, url: \"{}\"}}]\n",
        collector.url(),
        engine.url()
    );
    let gateway = Gateway::start(&config);
    assert_eq!(gateway.get("http", "/resolve?q=broken").await.status(), 503);
    // Asked, made of what was said then, and given as it was.
    for _ in 0..3 {
        assert_eq!(gateway.send(query("plain")).await.status(), 200);
    }
    let spans = wait_for(&collector, &[("GET /resolve", 1), ("POST /", 3), ("ask s", 2)]).await;
    let failed = spans.iter().find(|span| span.0.name == "ask s" && span.failure().is_some()).expect("one");
    assert_eq!(failed.failure(), Some("http-error"), "the reason alone");
    assert_eq!(failed.notes(["cnrp.outcome", "cnrp.results"]), ["http-error", "0"]);
    let ours = one(&spans, "GET /resolve");
    assert_eq!((ours.failure(), ours.parent()), (Some("503 Service Unavailable"), String::new()));
    assert_eq!(ours.notes(["cnrp.transport", "cnrp.status"]), ["json", "4.2.3"]);
    let again: Vec<_> = spans.iter().filter(|span| span.note("cnrp.given_again").is_some()).collect();
    assert_eq!(again.len(), 1, "{spans:#?}");
    assert_eq!(spans.iter().filter(|span| span.0.name == "ask s").count(), 2, "no call for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_and_mail_have_spans_too() {
    let (collector, relay) = (collector().await, free_port());
    let engine = engine().await;
    let listen = format!(
        "listen:\n  http: [\"127.0.0.1:0\"]\n  admin: \"127.0.0.1:0\"\n  udp: [\"127.0.0.1:0\"]\n  smtp: {{address: \
         \"127.0.0.1:0\", mailbox: \"cnrp@names.example.com\", relay: \"127.0.0.1:{relay}\"}}\n"
    );
    let gateway = Gateway::start(&format!("{listen}{}", telling(&collector.url(), "", &engine)));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&query("plain by datagram"), gateway.address("udp")).unwrap();
    let exim = Exim::start(
        relay,
        &format!(
            "driver = smtp\n  hosts = 127.0.0.1\n  port = {}\n  allow_localhost",
            gateway.address("smtp").port()
        ),
    );
    exim.send("alice@example.com", "Subject: x", &String::from_utf8(query("plain by mail")).unwrap());
    exim.delivered();
    let spans = wait_for(&collector, &[("datagram", 1), ("message", 1), ("relay", 1), ("ask s", 2)]).await;
    let calls: Vec<_> = spans.iter().filter(|span| span.0.name == "ask s").collect();
    for (name, transport) in [("datagram", "udp"), ("message", "smtp")] {
        let ours = one(&spans, name);
        assert_eq!((ours.notes(["cnrp.transport"]), ours.0.kind()), ([transport.into()], SpanKind::Server));
        assert!(calls.iter().any(|call| call.parent() == ours.id()), "{spans:#?}");
    }
    let relay = one(&spans, "relay");
    assert_eq!((relay.parent(), relay.0.kind()), (one(&spans, "message").id(), SpanKind::Client));
    assert_eq!(one(&spans, "datagram").notes(["cnrp.answered"]), ["true"]);
    assert_eq!(one(&spans, "message").notes(["cnrp.smtp.reply"]), ["250"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_gateway_was_told_has_a_span_in_the_place_of_a_call() {
    let (collector, engine, store) = (collector().await, engine().await, redis());
    let shared = format!("cache: {{shared: \"redis://{}\"}}\n", store.address);
    let config = format!("{shared}{}", telling(&collector.url(), "", &engine));
    for _ in 0..2 {
        let gateway = Gateway::start(&config);
        assert_eq!(gateway.send(query("plain")).await.status(), 200);
        // What it was told goes to the others once nobody waits.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(gateway.stop("-TERM"), Some(0));
    }
    let spans = arrived(&collector);
    let looks = spans.iter().filter(|span| span.0.name == "look up s");
    let looks: Vec<_> = looks.map(|look| (look.note("cnrp.outcome").unwrap(), look.parent())).collect();
    let ours: Vec<_> = spans.iter().filter(|span| span.0.name == "POST /").map(Arrived::id).collect();
    assert_eq!(looks, [("miss".to_owned(), ours[0].clone()), ("fresh".to_owned(), ours[1].clone())]);
    assert_eq!(one(&spans, "ask s").parent(), ours[0]);
}

/// Flushed at the end: so what a gateway that has ended did not send, it never will.
#[tokio::test(flavor = "multi_thread")]
async fn who_asked_decides_whether_a_trace_is_told_of_and_the_share_where_nobody_did() {
    let engine = engine().await;
    for (more, header, is_told) in [
        (", share: 1", UNSAMPLED, false),
        (", share: 0", SAMPLED, true),
        (", share: 0", "", false),
        (", share: 1", "", true),
    ] {
        let collector = collector().await;
        let gateway = Gateway::start(&telling(&collector.url(), more, &engine));
        let before = engine.heads().len();
        let sent = if header.is_empty() {
            gateway.send(query("plain")).await
        } else {
            gateway.send_with("traceparent", header, query("plain")).await
        };
        assert_eq!(sent.status(), 200);
        let started = Instant::now();
        assert_eq!(gateway.stop("-TERM"), Some(0));
        assert!(started.elapsed() < Duration::from_secs(5), "it ends once all is sent");
        let spans = arrived(&collector);
        assert_eq!(spans.iter().any(|span| span.0.name == "POST /"), is_told, "{more} {header} {spans:?}");
        assert_eq!(spans.is_empty(), !is_told);
        let flags = if is_told { "-01" } else { "-00" };
        let onward = traceparent(&engine.heads()[before]).unwrap();
        assert!(onward.ends_with(flags), "upstreams are told the same: {onward}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_span_has_a_name_that_was_asked_for_unless_the_log_may() {
    let engine = engine().await;
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    for names in [false, true] {
        let collector = collector().await;
        let config = format!("log: {{names: {names}}}\n{}", telling(&collector.url(), "", &engine));
        let gateway = Gateway::start(&config);
        assert_eq!(gateway.send(query(NAME)).await.status(), 200);
        let found = gateway.get("http", &format!("/resolve?q={NAME}")).await.text().await.unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let id = found["results"][0]["id"].as_str().unwrap().to_owned();
        for path in ["/resolve?id=", "/?id=", "/go/", "/?q=", "/suggest?q=", "/broken/", "/resolve?q=broken+"]
        {
            let asked = if path.ends_with("id=") { &id } else { NAME };
            // It is not gone where it leads.
            client.get(format!("{}{path}{asked}", gateway.url("http"))).send().await.unwrap();
        }
        assert_eq!(gateway.stop("-TERM"), Some(0));
        let told = String::from_utf8_lossy(&collector.bodies().concat()).into_owned();
        for word in [NAME, &NAME.to_lowercase(), &id] {
            assert_eq!(told.contains(word), names && word != NAME.to_lowercase(), "{word}: {told}");
        }
        let spans = arrived(&collector);
        let routes: Vec<_> = spans.iter().map(|span| span.0.name.as_str()).collect();
        for route in ["POST /", "GET /resolve", "GET /", "GET /go/{name}", "GET /suggest", "GET", "ask s"] {
            assert!(routes.contains(&route), "{route}: {routes:?}");
        }
    }
}

/// Requests are answered as if there were no collector, the log says it once, and the end waits as long as
/// it may and no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_dead_hangs_or_talks_nonsense_costs_requests_nothing() {
    let engine = engine().await;
    let nobody = format!("http://{}", free());
    let hanging = Upstream::start(|_| Reply::Hang).await;
    let babbling = Upstream::start(|_| Reply::Garbage).await;
    let resetting = Upstream::start(|_| Reply::Reset).await;
    let refusing = Upstream::start(|_| Reply::Http(403, "", b"no".to_vec())).await;
    for url in [nobody, hanging.url(), babbling.url(), resetting.url(), refusing.url()] {
        let config = format!("drain: 1s\n{}", telling(&url, "", &engine));
        let gateway = Logging::start(&config, "warn,cnrp_gateway=info");
        let mut slowest = Duration::ZERO;
        for nth in 0..100 {
            let started = Instant::now();
            assert_eq!(gateway.resolve(&format!("plain{}", nth % 7), &[]).await, 200);
            slowest = slowest.max(started.elapsed());
        }
        assert!(slowest < Duration::from_secs(2), "{url}: {slowest:?}");
        let started = Instant::now();
        let lines = gateway.lines();
        assert!(started.elapsed() < Duration::from_secs(3), "{url}: it took {:?} to end", started.elapsed());
        let complaints = lines.iter().filter(|line| line.contains("spans don't reach the collector")).count();
        // Of one that hangs nothing is known before ten seconds are over.
        assert!(complaints == 1 || (complaints == 0 && url == hanging.url()), "{url}: {lines:?}");
    }
}

/// The lines of the metrics that count spans which were lost.
fn lost(metrics: &str) -> Vec<&str> {
    let lost = |line: &&str| {
        let is_of_them = line.starts_with("cnrp_trace_spans_total{result=\"failed\"}")
            || line.starts_with("cnrp_trace_spans_total{result=\"dropped\"}");
        is_of_them && !line.ends_with(" 0")
    };
    metrics.lines().filter(lost).collect()
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(20), "it never was");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_names_another_collector_tells_that_one_from_then_on() {
    let (first, second, engine) = (collector().await, collector().await, engine().await);
    let gateway = Gateway::start(&telling(&first.url(), "", &engine));
    assert_eq!(gateway.send(query("plain one")).await.status(), 200);
    let file = gateway.folder.path().join("gateway.yaml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace(&first.url(), &second.url())).unwrap();
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
    assert_eq!(gateway.send(query("plain two")).await.status(), 200);
    wait_for(&second, &[("POST /", 1), ("ask s", 1)]).await;
    let spans = wait_for(&first, &[("POST /", 1), ("ask s", 1)]).await;
    one(&spans, "POST /");
    assert_eq!(gateway.stop("-TERM"), Some(0));
    one(&arrived(&second), "POST /");
}

/// A collector of another make, and what it prints of the spans that it gets.
struct Rotel {
    process: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Rotel {
    async fn start() -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/rotel/rotel");
        for _ in 0..10 {
            let (http, grpc) = (free(), free());
            let mut process = Command::new(program)
                .args(["start", "--exporter", "blackhole", "--debug-log", "traces"])
                .args(["--debug-log-verbosity", "detailed"])
                .args(["--otlp-http-endpoint", &http.to_string(), "--otlp-grpc-endpoint", &grpc.to_string()])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("rotel: scripts/rotel fetches it");
            let (said, out) = (Arc::<Mutex<String>>::default(), process.stdout.take().unwrap());
            let hearing = Arc::clone(&said);
            std::thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    hearing.lock().unwrap().push_str(&(line + "\n"));
                }
            });
            let mut rotel = Self { process, url: format!("http://{http}"), said };
            let started = Instant::now();
            while rotel.process.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(10) {
                if tokio::net::TcpStream::connect(http).await.is_ok() {
                    return rotel;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        panic!("rotel does not listen");
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_of_another_make_understands_what_it_is_told() {
    let (rotel, engine) = (Rotel::start().await, engine().await);
    let gateway = Gateway::start(&telling(&rotel.url, "", &engine));
    let (code, out, _) = crate::support::run(&[
        "check",
        "--upstreams",
        "--config",
        gateway.folder.path().join("gateway.yaml").to_str().unwrap(),
    ]);
    assert!(code == 0 && out.contains("trace.otlp") && out.contains("takes spans"), "{out}");
    assert_eq!(gateway.send_with("traceparent", SAMPLED, query("broken")).await.status(), 200);
    let parent = format!("Parent ID      : {PARENT}");
    let is_whole = |said: &str| said.contains(&parent) && said.contains("ask s");
    until(async || is_whole(&rotel.said.lock().unwrap())).await;
    let said = rotel.said.lock().unwrap().clone();
    for line in [
        "-> service.name: Str(cnrp-gateway)",
        &format!("Trace ID       : {TRACE}"),
        "Name           : POST /",
        "Kind           : SPAN_KIND_SERVER",
        "Kind           : SPAN_KIND_CLIENT",
        "Status code    : STATUS_CODE_ERROR",
        "-> cnrp.outcome: Str(http-error)",
        "-> http.response.status_code: Int(200)",
        "-> cnrp.status: Slice(",
    ] {
        assert!(said.contains(line), "{line} in\n{said}");
    }
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    assert!(lost(&metrics).is_empty(), "{metrics}");
    assert!(metrics.contains("cnrp_trace_spans_total{result=\"sent\"} "), "{metrics}");
}

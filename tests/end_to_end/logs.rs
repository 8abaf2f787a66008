//! What the log says of requests, and what upstreams are told of the trace that one is a part of.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, UdpSocket},
    path::Path,
    process::{Child, ChildStderr, Stdio},
};

use serde_json::Value;

use crate::support::{Gateway, Reply, Upstream, program, run, searxng};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A running gateway whose log is read.
pub(crate) struct Logging {
    process: Child,
    http: SocketAddr,
    log: ChildStderr,
    folder: tempfile::TempDir,
}

impl Logging {
    pub(crate) fn start(config: &str, level: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.yaml");
        let listen = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";
        std::fs::write(&path, format!("{listen}{config}")).unwrap();
        let mut process = program()
            .args(["serve", "--config"])
            .arg(path)
            .env("RUST_LOG", level)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, log) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        let lines: Vec<_> =
            BufReader::new(said).lines().map_while(Result::ok).take_while(|line| line != "ready").collect();
        let http = lines.iter().find_map(|line| line.strip_prefix("http ")).unwrap().parse().unwrap();
        Self { process, http, log, folder }
    }

    /// Where its configuration is, as `gateway.yaml`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks; the status of the answer.
    pub(crate) async fn resolve(&self, name: &str, headers: &[(&str, &str)]) -> u16 {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(format!("http://{}/resolve?q={name}", self.http));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    }

    /// Stops it, and gives the lines of its log.
    pub(crate) fn lines(mut self) -> Vec<String> {
        std::process::Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        self.process.wait().unwrap();
        log.lines().map(str::to_owned).collect()
    }
}

/// The `traceparent` of a request's head.
pub(crate) fn traceparent(head: &str) -> Option<String> {
    head.lines().find_map(|line| line.to_lowercase().strip_prefix("traceparent: ").map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_taken_passed_on_and_logged_with_an_id_of_ours() {
    let upstream = Upstream::start(|line| match line.contains("broken") {
        true => Reply::Http(500, "", Vec::new()),
        false => searxng(&[("https://a.example/", "A", "")]),
    })
    .await;
    let config = format!(
        "log: {{format: json, names: true}}\nbackends: [{{name: s, type: searxng, url: \"{}\"}}]\n",
        upstream.url()
    );
    let gateway = Logging::start(&config, "warn,cnrp_gateway=info");
    let sound = format!("00-{TRACE}-{PARENT}-01");
    assert_eq!(gateway.resolve("broken", &[("traceparent", &sound)]).await, 503);
    assert_eq!(gateway.resolve("plain", &[]).await, 200);
    assert_eq!(gateway.resolve("strange", &[("traceparent", "00-xyz")]).await, 200);
    let told: Vec<_> =
        upstream.heads().iter().map(|head| traceparent(head).expect("a traceparent")).collect();
    assert!(told[0].starts_with(&format!("00-{TRACE}-")) && told[0].ends_with("-01"), "{told:?}");
    assert!(!told[0].contains(PARENT), "an id of its own: {told:?}");
    for own in &told[1..] {
        assert!(own.len() == 55 && !own.contains(TRACE), "{told:?}");
    }
    let lines = gateway.lines();
    let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |message: &str| -> Vec<&Value> {
        events.iter().map(|event| &event["fields"]).filter(|fields| fields["message"] == message).collect()
    };
    let (failed, answered) = (of("a call failed"), of("answered"));
    assert_eq!((failed.len(), answered.len()), (1, 3), "{lines:?}");
    assert_eq!((&failed[0]["trace_id"], &answered[0]["trace_id"]), (&TRACE.into(), &TRACE.into()));
    assert_eq!(failed[0]["request_id"], answered[0]["request_id"]);
    let asked: Vec<_> = answered.iter().map(|fields| fields["asked"].as_str().unwrap()).collect();
    assert_eq!(asked, ["broken", "plain", "strange"]);
    assert!(answered.iter().all(|fields| fields["request_id"].as_str().unwrap().len() == 16));
    assert!(told[1].contains(answered[1]["trace_id"].as_str().unwrap()), "the same trace there and here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_logged_only_once_five_clients_have_asked_it() {
    let config = "limits: {trusted_proxies: [\"127.0.0.0/8\"]}\nbackends: [{type: static, \
                  names: [{name: Zweisimmen, uri: \"https://z.example/\"}]}]\n";
    let gateway = Logging::start(config, "warn,cnrp_gateway=debug");
    for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"]
    {
        assert_eq!(gateway.resolve("Zweisimmen", &[("x-forwarded-for", client)]).await, 200);
    }
    let lines = gateway.lines();
    let answered: Vec<_> = lines.iter().filter(|line| line.contains(" answered ")).collect();
    assert_eq!(answered.len(), 7, "{lines:?}");
    assert!(answered.iter().all(|line| line.contains("request_id=") && line.contains("trace_id=")));
    let named: Vec<_> = lines.iter().filter(|line| line.contains("Zweisimmen")).collect();
    assert_eq!(named, answered[6..].to_vec(), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_costs_no_answer() {
    for closed in ["2>/dev/full", "2> >(exec true)"] {
        let mut deaf = std::process::Command::new("bash");
        deaf.args(["-c", &format!("exec \"$0\" \"$@\" {closed}")]).arg(program().get_program());
        let config = "log: {names: true}\nbackends: [{type: static, names: [{name: Boeing, uri: \
                      \"https://www.boeing.com/\"}]}]\n";
        let gateway = Gateway::start_by(deaf, config);
        for path in ["/resolve?q=Boeing", "/suggest?q=boe"] {
            let reply = gateway.get("http", path).await;
            assert!(reply.status().is_success(), "{path}");
        }
        let reloaded = gateway.post_to("admin", "/reload").await;
        assert_eq!(reloaded.status(), 200, "{closed}");
        assert_eq!(gateway.ask("Boeing", &[]).await.uris(), ["https://www.boeing.com/"]);
        assert_eq!(gateway.stop("-TERM"), Some(0), "{closed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_looked_up_in_dns_is_in_no_log_whatever_its_level() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let config = |names: bool| {
        let server = silent.local_addr().unwrap();
        let backends = format!("backends: [{{type: dns, servers: [\"{server}\"], timeout: 200ms}}]\n");
        format!("log: {{names: {names}}}\n{backends}")
    };
    for names in [false, true] {
        let gateway = Logging::start(&config(names), "trace");
        assert_eq!(gateway.resolve("zorkprivatename", &[]).await, 503);
        let lines = gateway.lines();
        assert!(lines.iter().any(|line| line.contains(" answered ")), "{lines:?}");
        let told = lines.iter().find(|line| line.contains("zorkprivatename."));
        assert_eq!(told.is_some(), names, "{told:?}");
    }
}

/// A DNS server that answers every question as if it had been another one.
fn forging() -> SocketAddr {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((_, from)) = server.recv_from(&mut question) {
            let mut answer = question[..2].to_vec();
            answer.extend(b"\x81\x80\0\x01\0\0\0\0\0\0\x05other\x07example\0\0\x01\0\x01");
            let _ = server.send_to(&answer, from);
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_in_no_log_where_dns_lies_or_a_partner_repeats_it() {
    let partner = Upstream::start(|line| {
        let asked = line.split_whitespace().nth(1).unwrap_or_default();
        let refusal = format!(
            "<cnrp><results><status code='5.1.0'>no {asked} zorkPRIVATEname</status></results></cnrp>"
        );
        Reply::Http(200, "Content-Type: application/cnrp+xml\r\n", refusal.into_bytes())
    })
    .await;
    let backends = format!(
        "backends:\n  - {{type: dns, servers: [\"{}\"], timeout: 500ms}}\n  - {{name: partner, type: cnrp, url: \"{}\"}}\n",
        forging(),
        partner.url()
    );
    let gateway = Logging::start(&backends, "warn,cnrp_gateway=info");
    assert_eq!(gateway.resolve("zorkprivatename", &[]).await, 503);
    let lines = gateway.lines();
    let failed = lines.iter().find(|line| line.contains("a call failed") && line.contains("partner"));
    assert!(failed.is_some_and(|line| line.contains("failure=refused paused_for")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.to_lowercase().contains("zorkprivatename")), "{lines:?}");
}

#[test]
fn a_mistyped_column_is_told_at_the_start_and_by_every_command_that_reads_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("n.csv"), "name,uri,valid_untill\nA,https://a.example/,2020-01-01\n").unwrap();
    let config = "backends: [{type: static, files: [\"n.csv\"]}]\n";
    std::fs::write(file("c.yaml"), config).unwrap();
    let warning = format!("{}: unknown columns are ignored: valid_untill", file("n.csv"));
    for command in [
        &["check", "--config", &file("c.yaml")][..],
        &["resolve", "a", "--config", &file("c.yaml")],
        &["export", "csv", "--config", &file("c.yaml")],
        &["index", "build", &file("n.csv"), "-o", &file("n.idx")],
    ] {
        let (code, _, err) = run(command);
        assert_eq!((code, err), (0, format!("{warning}\n")), "{command:?}");
    }
    let (code, out, _) = run(&["lint", "--config", &file("c.yaml")]);
    assert_eq!(
        (code, out),
        (1, format!("{}: warning: unknown columns are ignored: valid_untill\n", file("n.csv")))
    );
    let lines = Logging::start(&config.replace("n.csv", &file("n.csv")), "warn").lines();
    assert_eq!(lines.iter().filter(|line| line.contains(&warning)).count(), 1, "{lines:?}");
}

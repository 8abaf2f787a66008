//! Another configuration for a gateway that runs: nothing is lost, nothing is wrong, nothing is asked
//! twice, and what can't be used changes nothing. `CNRP_RELOADS=200` reloads as often under load.

use std::{
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    logs::Logging,
    support::{Gateway, Upstream, document, free_port, run, searxng},
};

const LISTEN: &str = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";

/// Names that the upstream is asked for.
const ASKED: usize = 8;

/// A configuration whose own name leads to this version.
fn map(version: usize) -> String {
    format!(
        "{LISTEN}backends:\n  - {{name: own, type: static, names: [{{name: Own, uri: \"https://v{version}.example/\"}}]}}\n"
    )
}

fn with_upstream(version: usize, upstream: &str) -> String {
    format!("{}  - {{name: web, type: searxng, url: \"{upstream}\"}}\n", map(version))
}

fn write(gateway: &Gateway, text: &str) {
    let path = gateway.folder.path().join("gateway.yaml");
    let beside = path.with_extension("beside");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}

async fn json(reply: reqwest::Response) -> Value {
    serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
}

async fn status(gateway: &Gateway) -> Value {
    json(gateway.get("admin", "/status").await).await
}

/// Waits for what is to be within five seconds.
async fn within_five_seconds(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(5), "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn own(gateway: &Gateway) -> String {
    gateway.ask("Own", &[]).await.first_uri()
}

/// Asks until told to stop; counts the answers, each of which has to be right.
async fn ask_until(gateway: Arc<Gateway>, first: usize, stop: Arc<AtomicBool>) -> usize {
    let mut answers = 0;
    for number in (0..=ASKED).cycle().skip(first) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = if number == ASKED { "Own".to_owned() } else { format!("thing {number}") };
        let question = document(&format!("<query><commonname>{name}</commonname></query>"));
        let reply = gateway.send(question.into_bytes()).await;
        assert_eq!(reply.status(), 200);
        let text = reply.text().await.expect("a body");
        let is_right = match number {
            ASKED => text.contains("https://v0.example/") || text.contains("https://v1.example/"),
            _ => text.contains("https://found.example/"),
        };
        assert!(is_right, "{name}: {text}");
        answers += 1;
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reloads_under_load_lose_no_request_and_keep_the_cache() {
    let reloads: usize =
        std::env::var("CNRP_RELOADS").map_or(30, |reloads| reloads.parse().expect("a number"));
    let upstream =
        Upstream::start(|_| searxng(&[("https://found.example/", "A thing 0 1 2 3 4 5 6 7", "found")])).await;
    let gateway = Arc::new(Gateway::start(&with_upstream(0, &upstream.url())));
    for number in 0..ASKED {
        gateway.ask(&format!("thing {number}"), &[]).await;
    }
    own(&gateway).await;
    let calls = upstream.calls().len();
    let stop = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> =
        (0..4).map(|first| tokio::spawn(ask_until(Arc::clone(&gateway), first, Arc::clone(&stop)))).collect();
    for reload in 1..=reloads {
        let (good, is_bad) = (with_upstream(reload % 2, &upstream.url()), reload % 3 == 0);
        write(&gateway, &if is_bad { format!("{good}nonsense: {reload}\n") } else { good });
        let told = gateway.post_to("admin", "/reload").await;
        assert_eq!(told.status(), if is_bad { 422 } else { 200 });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut answers = 0;
    for asker in asking {
        answers += asker.await.unwrap();
    }
    println!("{reloads} reloads, {answers} answers, {calls} calls before, {} after", upstream.calls().len());
    assert!(answers > reloads);
    assert_eq!(upstream.calls().len(), calls, "what was known is not asked for again");
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_is_told_with_its_place() {
    let gateway = Gateway::start(&map(0));
    assert_eq!(status(&gateway).await["last_reload"], Value::Null);
    write(&gateway, &format!("{}cahce: {{}}\n", map(1)));
    let told = gateway.post_to("admin", "/reload").await;
    assert_eq!(
        (told.status().as_u16(), &told.headers()["content-type"]),
        (422, &"application/problem+json".parse().unwrap())
    );
    let told: Value = json(told).await;
    let problem = &told["problems"][0];
    assert_eq!((&problem["line"], &problem["key"]), (&4.into(), &"cahce".into()), "{told}");
    assert_eq!(own(&gateway).await, "https://v0.example/");
    let status_now = status(&gateway).await;
    assert_eq!(
        (&status_now["generation"], &status_now["last_reload"]["result"]),
        (&1.into(), &"rejected".into())
    );
    assert_eq!(status_now["last_reload"]["problems"], told["problems"]);
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    for line in [
        "cnrp_configuration_generation 1",
        "cnrp_last_reload_successful 0",
        "cnrp_reloads_total{result=\"rejected\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }

    write(&gateway, &format!("{}expect: [{{name: Own, top: \"https://other.example/\"}}]\n", map(1)));
    let told: Value = json(gateway.post_to("admin", "/reload").await).await;
    assert_eq!(told["problems"][0]["key"], "expect[0]", "{told}");
    assert_eq!(own(&gateway).await, "https://v0.example/");

    write(&gateway, &map(1));
    let told: Value = json(gateway.post_to("admin", "/reload").await).await;
    assert_eq!(told["generation"], 2);
    assert_eq!(own(&gateway).await, "https://v1.example/");
    assert_eq!(status(&gateway).await["last_reload"]["result"], "applied");
    assert_eq!(gateway.get("admin", "/reload").await.status(), 405);
}

#[tokio::test]
async fn of_a_backend_that_is_no_more_there_are_no_metrics() {
    let web = "  - {name: web, type: searxng, url: \"http://127.0.0.1:1\", rate: 9/d}\n";
    let gateway = Gateway::start(&format!("{}{web}", map(0)));
    let lines = async || {
        let text = gateway.get("admin", "/metrics").await.text().await.unwrap();
        text.lines().filter(|line| line.contains("backend=\"web\"")).count()
    };
    assert!(lines().await > 20);
    write(&gateway, &map(1));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
    assert_eq!(lines().await, 0);
}

#[tokio::test]
async fn of_a_backend_of_a_configuration_that_is_refused_there_are_no_metrics() {
    let gateway = Gateway::start(&map(0));
    let ghost = "  - {name: ghost, type: searxng, url: \"http://127.0.0.1:1\"}\n";
    let expected = "expect: [{name: Own, top: \"https://other.example/\"}]\n";
    write(&gateway, &format!("{}{ghost}{expected}", map(1)));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 422);
    let told = gateway.get("admin", "/metrics").await.text().await.unwrap();
    assert!(!told.contains("ghost") && told.contains("backend=\"own\""), "{told}");
}

/// Each try to put it in force would say so again, of what is not in force.
#[tokio::test]
async fn a_configuration_that_is_refused_is_not_warned_of() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let own = "backends: [{name: own, type: static, files: [names.csv]}]\n";
    let gateway = Logging::start(&map(0).replace(LISTEN, ""), "warn");
    std::fs::write(gateway.folder().join("names.csv"), "name,uri,valid_untill\nOwn,https://v1.example/,\n")
        .unwrap();
    let text =
        format!("listen: {{http: [\"{}\"], admin: \"127.0.0.1:0\"}}\n{own}", taken.local_addr().unwrap());
    std::fs::write(gateway.folder().join("gateway.yaml"), text).unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let lines = gateway.lines();
    assert!(lines.iter().any(|line| line.contains("in use")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("unknown columns")), "{lines:?}");
}

#[tokio::test]
async fn sighup_has_the_file_read_again_and_a_change_is_seen_without_it() {
    let gateway = Gateway::start(&map(0));
    write(&gateway, &map(1));
    gateway.signal("-HUP");
    within_five_seconds("SIGHUP", async || own(&gateway).await == "https://v1.example/").await;
    write(&gateway, &map(2));
    within_five_seconds("the change", async || own(&gateway).await == "https://v2.example/").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(status(&gateway).await["generation"], 3, "each was read once");
}

#[tokio::test]
async fn the_swap_of_a_configmap_is_seen() {
    let gateway = Gateway::start(&map(0));
    let folder = gateway.folder.path();
    mount(folder, "..1", &map(1));
    std::os::unix::fs::symlink("..data/gateway.yaml", folder.join("linked")).unwrap();
    std::fs::rename(folder.join("linked"), folder.join("gateway.yaml")).unwrap();
    within_five_seconds("the mount", async || own(&gateway).await == "https://v1.example/").await;
    mount(folder, "..2", &map(2));
    within_five_seconds("the swap", async || own(&gateway).await == "https://v2.example/").await;
}

/// Puts a configuration where Kubernetes puts a ConfigMap: `..data` becomes a link to another folder.
fn mount(folder: &Path, version: &str, text: &str) {
    std::fs::create_dir(folder.join(version)).unwrap();
    std::fs::write(folder.join(version).join("gateway.yaml"), text).unwrap();
    std::os::unix::fs::symlink(version, folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
}

#[tokio::test]
async fn listeners_come_and_go_and_those_that_stay_are_not_touched() {
    let [first, second] = [0, 1].map(|_| SocketAddr::from(([127, 0, 0, 1], free_port())));
    let backends = "backends: [{type: static, names: [{name: Own, uri: \"https://v0.example/\"}]}]\n";
    let with = |http: &[SocketAddr]| {
        let http: Vec<_> = http.iter().map(|at| format!("\"{at}\"")).collect();
        format!("listen: {{http: [{}], admin: \"127.0.0.1:0\"}}\n{backends}", http.join(", "))
    };
    let gateway = Gateway::start(&with(&[first]));
    assert!(TcpStream::connect(second).is_err());
    let mut kept = TcpStream::connect(first).unwrap();
    assert_eq!(ask_service(&mut kept), 200);

    write(&gateway, &with(&[first, second]));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
    assert_eq!(ask_service(&mut kept), 200);
    assert_eq!(ask_service(&mut TcpStream::connect(second).unwrap()), 200);

    write(&gateway, &with(&[second]));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
    assert_eq!(ask_service(&mut kept), 200, "a connection is not ended by it");
    within_five_seconds("the first is closed", async || TcpStream::connect(first).is_err()).await;

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _holder = std::net::TcpListener::bind(taken).unwrap();
    write(&gateway, &with(&[second, taken]));
    let told: Value = json(gateway.post_to("admin", "/reload").await).await;
    assert!(told["problems"][0]["message"].as_str().unwrap().contains("in use"), "{told}");
    assert_eq!(ask_service(&mut TcpStream::connect(second).unwrap()), 200);
}

/// A configuration that comes before what it names, as a ConfigMap may come before a Secret.
#[tokio::test]
async fn what_was_missing_beside_the_file_is_tried_again_and_nothing_is_told_meanwhile() {
    let gateway = Gateway::start(&map(0));
    write(&gateway, &format!("{LISTEN}backends: [{{name: own, type: static, files: [names.csv]}}]\n"));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 422);
    let told = status(&gateway).await["last_reload"].clone();
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_eq!(status(&gateway).await["last_reload"], told, "it is as wrong as before");
    let names = gateway.folder.path().join("names.csv");
    std::fs::write(names, "name,uri\nOwn,https://v1.example/\n").unwrap();
    let began = Instant::now();
    while own(&gateway).await != "https://v1.example/" {
        assert!(began.elapsed() < Duration::from_secs(25), "it is there now");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(status(&gateway).await["last_reload"]["result"], "applied");
}

/// Asks over a connection that stays open; the status.
fn ask_service(wire: &mut TcpStream) -> u16 {
    answer_of(wire).split(' ').nth(1).unwrap().parse().unwrap()
}

/// Asks over a connection; the head of the answer.
fn answer_of(wire: &mut TcpStream) -> String {
    use std::io::{Read, Write};
    wire.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    wire.write_all(b"HEAD /service HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        wire.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn sigterm_gives_balancers_time_and_tells_connections_to_end() {
    let gateway = Gateway::start(&format!("{}drain: 5s\n", map(0)));
    assert_eq!(gateway.get("admin", "/readyz").await.status(), 200);
    let mut kept = TcpStream::connect(gateway.address("http")).unwrap();
    assert!(!answer_of(&mut kept).contains("connection: close"));
    gateway.signal("-TERM");
    let told = Instant::now();
    within_five_seconds("it is not ready", async || gateway.get("admin", "/readyz").await.status() == 503)
        .await;
    assert_eq!(own(&gateway).await, "https://v0.example/", "it still answers");
    assert!(answer_of(&mut kept).contains("connection: close"));
    assert_eq!(gateway.wait(), Some(0));
    assert!(told.elapsed() >= Duration::from_secs(5), "{:?}", told.elapsed());
}

#[tokio::test]
async fn nobody_is_waited_for_who_does_not_look_and_a_second_signal_waits_for_nothing() {
    let stopped = |gateway: Gateway, signal: &str| {
        let began = Instant::now();
        assert_eq!(gateway.stop(signal), Some(0));
        began.elapsed()
    };
    let patient = format!("{}drain: 20s\n", map(0));
    let took = stopped(Gateway::start(&patient), "-TERM");
    assert!(took < Duration::from_secs(2), "nobody asks whether it is ready: {took:?}");

    let watched = Gateway::start(&patient);
    watched.get("admin", "/readyz").await;
    let took = stopped(watched, "-INT");
    assert!(took < Duration::from_secs(2), "somebody at the keyboard waits: {took:?}");

    let watched = Gateway::start(&patient);
    watched.get("admin", "/readyz").await;
    watched.signal("-TERM");
    within_five_seconds("it is not ready", async || watched.get("admin", "/readyz").await.status() == 503)
        .await;
    let took = stopped(watched, "-TERM");
    assert!(took < Duration::from_secs(2), "a second signal: {took:?}");
}

#[tokio::test]
async fn the_last_good_configuration_stands_in_at_a_start_if_that_is_allowed() {
    let gateway = Gateway::start(&format!("{}state: state\n", map(0)));
    write(&gateway, &format!("{}state: state\n", map(1)));
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
    write(&gateway, &format!("{}state: elsewhere\n", map(2)));
    let told = json(gateway.post_to("admin", "/reload").await).await;
    assert_eq!(told["problems"][0]["key"], "state", "{told}");
    let folder = gateway.end("-INT");
    let path = folder.path().join("gateway.yaml");
    std::fs::write(&path, "nonsense: true\n").unwrap();
    assert_eq!(run(&["serve", "--config", path.to_str().unwrap()]).0, 2);

    let gateway = Gateway::start_again(folder, &["--last-good", "state"]);
    assert_eq!(own(&gateway).await, "https://v1.example/");
    let last = status(&gateway).await["last_reload"].clone();
    assert_eq!(last["result"], "rejected", "{last}");
    assert_eq!((&last["problems"][0]["line"], &last["problems"][0]["key"]), (&1.into(), &"nonsense".into()));
    write(&gateway, &format!("{}state: state\n", map(3)));
    within_five_seconds("the file is mended", async || own(&gateway).await == "https://v3.example/").await;

    let folder = gateway.end("-INT");
    std::fs::remove_file(folder.path().join("gateway.yaml")).unwrap();
    let gateway = Gateway::start_again(folder, &["--last-good", "state"]);
    assert_eq!(own(&gateway).await, "https://v3.example/", "a file that is missing");
}

/// What a reload would have rejected is no reason not to start either.
#[tokio::test]
async fn the_last_good_configuration_stands_in_for_one_that_breaks_its_own_expectations() {
    let folder = Gateway::start(&format!("{}state: state\n", map(0))).end("-INT");
    let path = folder.path().join("gateway.yaml");
    let expected = "expect: [{name: Own, top: \"https://other.example/\"}]\n";
    std::fs::write(&path, format!("{}state: state\n{expected}", map(1))).unwrap();
    let (code, _, err) = run(&["serve", "--config", path.to_str().unwrap()]);
    assert!(code == 2 && err.contains("1 answer is not as expected"), "{code} {err}");

    let gateway = Gateway::start_again(folder, &["--last-good", "state"]);
    assert_eq!(own(&gateway).await, "https://v0.example/");
    let now = status(&gateway).await;
    assert_eq!((&now["ready"], &now["generation"]), (&true.into(), &1.into()));
    let last = &now["last_reload"];
    assert_eq!((&last["result"], &last["problems"][0]["key"]), (&"rejected".into(), &"expect[0]".into()));
    write(&gateway, &format!("{}state: state\n", map(2)));
    within_five_seconds("the file is mended", async || own(&gateway).await == "https://v2.example/").await;
}

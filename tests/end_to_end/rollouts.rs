//! Two gateways behind haproxy, each ended and started again under load, one after the other: no question is lost, and
//! no answer is wrong. The configuration of haproxy is the one in docs/operations.md. `CNRP_RESTARTS=20` restarts each as
//! often.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    faults::{load::Load, source::Source},
    support::{Gateway, Server, free_port},
};

/// The names that haproxy has for the gateways.
const NAMES: [&str; 2] = ["one", "two"];

/// Where a gateway answers, and where its operator's pages are.
struct Ports {
    http: SocketAddr,
    admin: SocketAddr,
}

impl Ports {
    fn free() -> Self {
        let [http, admin] = [0, 1].map(|_| SocketAddr::from(([127, 0, 0, 1], free_port())));
        Self { http, admin }
    }

    fn gateway(&self, source: &Source) -> Gateway {
        Gateway::start(&format!(
            "listen: {{http: [\"{}\"], admin: \"{}\"}}\ndrain: 1s\nbackends:\n  \
             - {{name: own, type: static, names: [{{name: Boeing, uri: \"https://www.boeing.com/\"}}]}}\n  \
             - {{name: web, type: searxng, url: \"{}\"}}\n",
            self.http,
            self.admin,
            source.upstream().url()
        ))
    }
}

/// The configuration in the document, with our addresses for those in it.
fn configuration(proxy: SocketAddr, gateways: &[Ports; 2], folder: &Path) -> String {
    let document = include_str!("../../docs/operations.md");
    let (_, block) = document.split_once("```text haproxy.cfg\n").expect("the block");
    let (block, _) = block.split_once("```").expect("its end");
    let socket = folder.join("haproxy.sock");
    let mut text = format!("global\n  stats socket {}\n{block}", socket.display());
    for (written, ours) in
        [("127.0.0.1:80", proxy), ("127.0.0.1:1096", gateways[0].http), ("127.0.0.1:2096", gateways[1].http)]
    {
        assert!(text.contains(written), "{written}");
        text = text.replace(written, &ours.to_string());
    }
    for (written, ours) in [("port 9096", gateways[0].admin), ("port 9097", gateways[1].admin)] {
        assert!(text.contains(written), "{written}");
        text = text.replace(written, &format!("port {}", ours.port()));
    }
    text
}

/// Waits until haproxy finds this gateway well, or unwell.
async fn wait_until(folder: &Path, gateway: &str, state: &str) {
    let began = Instant::now();
    loop {
        let mut socket = UnixStream::connect(folder.join("haproxy.sock")).expect("haproxy's socket");
        socket.write_all(b"show stat\n").expect("a command");
        let mut told = String::new();
        socket.read_to_string(&mut told).expect("what it tells");
        let line = told.lines().find(|line| line.starts_with(&format!("gateways,{gateway},")));
        let shown = line.and_then(|line| line.split(',').nth(17)).unwrap_or_default();
        if shown == state {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{gateway} is {shown}, expected {state}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_restarted_behind_haproxy_lose_no_question() {
    let restarts: usize =
        std::env::var("CNRP_RESTARTS").map_or(3, |number| number.parse().expect("a number"));
    let source = Source::start().await;
    let ports = [Ports::free(), Ports::free()];
    let mut gateways = ports.each_ref().map(|ports| Some(ports.gateway(&source)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("haproxy.cfg");
    let proxy = Server::start("haproxy", "haproxy", |address| {
        std::fs::write(&file, configuration(address, &ports, folder.path())).expect("a file");
        ["-db", "-f", file.to_str().expect("UTF-8")].map(str::to_owned).to_vec()
    });
    for name in NAMES {
        wait_until(folder.path(), name, "UP").await;
    }
    let load =
        Load::start(proxy.address, &["Boeing", "known{n}", "strange{new}"], 24, Duration::from_secs(3));
    for _ in 0..restarts {
        for (place, name) in gateways.iter_mut().zip(NAMES) {
            let gateway = place.take().expect("it runs");
            let ended = tokio::task::spawn_blocking(|| gateway.end("-TERM")).await;
            wait_until(folder.path(), name, "DOWN").await;
            *place = Some(Gateway::restart(ended.expect("it ends with 0")));
            wait_until(folder.path(), name, "UP").await;
        }
    }
    let seen = load.finish().await;
    let wrong = seen.wrong(|name, answer| {
        let known = name.strip_prefix("known").map(|number| format!("https://known{number}.example/"));
        let first = answer.first_uri();
        match name {
            "strange{new}" => first.starts_with("https://strange") && first.ends_with(".example/"),
            _ => first == known.unwrap_or_else(|| "https://www.boeing.com/".to_owned()),
        }
    });
    let (sent, lost, slowest) = (seen.sent, seen.lost(), seen.slowest);
    println!("{restarts} restarts of each: {sent} sent, {lost} lost, {wrong} wrong, slowest {slowest} ms");
    assert_eq!((lost, wrong, seen.late), (0, 0, 0));
    assert!(sent > 100 * restarts, "{sent}");
}

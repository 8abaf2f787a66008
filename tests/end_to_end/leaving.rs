//! What a gateway that stops tells those who are connected, what it does not wait for, and what it does about a
//! secret that is another.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::{Gateway, Upstream, searxng, with_own_mounts};

type Asking = http2::SendRequest<Empty<Bytes>>;

/// A connection of HTTP/2, and what runs it: that ends when the connection does.
async fn connect(gateway: &Gateway) -> (Asking, tokio::task::JoinHandle<hyper::Result<()>>) {
    let wire = tokio::net::TcpStream::connect(gateway.address("http")).await.unwrap();
    let (asking, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(wire)).await.unwrap();
    (asking, tokio::spawn(connection))
}

async fn ask(gateway: &Gateway, asking: &mut Asking) -> u16 {
    let request = http::Request::get(format!("{}/service", gateway.url("http"))).body(Empty::new()).unwrap();
    asking.send_request(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn http2_is_told_to_go_as_soon_as_the_gateway_is_not_ready() {
    let gateway = Gateway::start("drain: 6s\n");
    // Somebody looks whether it is ready, so that it waits.
    assert_eq!(gateway.get("admin", "/readyz").await.status(), 200);
    let (mut kept, ended) = connect(&gateway).await;
    assert_eq!(ask(&gateway, &mut kept).await, 200);
    let told = Instant::now();
    gateway.signal("-TERM");
    let ended = tokio::time::timeout(Duration::from_secs(3), ended).await.expect("GOAWAY within the wait");
    assert!(ended.unwrap().is_ok(), "it ended as HTTP/2 wants it");
    let (mut late, ended) = connect(&gateway).await;
    assert_eq!(ask(&gateway, &mut late).await, 200, "who comes during the wait is answered");
    let ended = tokio::time::timeout(Duration::from_secs(3), ended).await.expect("GOAWAY within the wait");
    assert!(ended.unwrap().is_ok() && told.elapsed() < Duration::from_secs(6));
    assert_eq!(gateway.wait(), Some(0));
}

#[tokio::test]
async fn a_secret_that_is_replaced_is_used_by_the_next_call_and_nothing_else_changes() {
    let upstream = Upstream::start(|_| searxng(&[("https://a.example/", "A", "")])).await;
    let config = format!(
        "backends: [{{name: s, type: searxng, url: \"{}\", headers: {{x-key: {{file: key}}}}}}]\n",
        upstream.url()
    );
    let gateway = Gateway::start_with(&config, &[("key", "first-9f3c21\n")]);
    let has_key = |key: &str| {
        let heads = upstream.heads();
        heads.last().is_some_and(|head| head.to_lowercase().contains(&format!("x-key: {key}")))
    };
    gateway.ask("A", &[]).await;
    assert!(has_key("first-9f3c21"));
    // As it is done with care: a new file takes the place of the old one.
    let (new, old) = (gateway.folder.path().join("new"), gateway.folder.path().join("key"));
    std::fs::write(&new, "second-77aa10\n").unwrap();
    std::fs::rename(new, old).unwrap();
    let began = Instant::now();
    let reloaded =
        async || gateway.get("admin", "/status").await.text().await.unwrap().contains("\"generation\":2");
    while !reloaded().await {
        assert!(began.elapsed() < Duration::from_secs(5), "the change is seen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    gateway.ask("A", &[]).await;
    assert_eq!(upstream.calls().len(), 1, "what was known is not asked again");
    gateway.ask("B", &[]).await;
    assert!(has_key("second-77aa10"), "{:?}", upstream.heads());
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(reloaded().await, "it is read once");
}

/// Brings loopback up in a network of its own, and is a server of DNS that never answers.
const SILENT_DNS: &str = r#"socket(S, AF_INET, SOCK_DGRAM, 0) or die;
    my $up = pack("Z16 s x22", "lo", 1);
    ioctl(S, 0x8914, $up) or die;
    bind(S, sockaddr_in(53, INADDR_LOOPBACK)) or die;
    sleep 60"#;

/// The system looks a host up for most of a minute where DNS is dead; nobody waits for that.
#[test]
fn where_dns_is_silent_commands_and_gateways_end_in_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("resolv.conf", "nameserver 127.0.0.1\nsearch a.example b.example\n");
    write("silent.pl", &format!("use Socket;\n{SILENT_DNS}\n"));
    write(
        "gateway.yaml",
        "listen: {http: [\"127.0.0.1:1096\"]}\ndrain: 1s\nbackends:\n  \
         - {type: static, names: [{name: Boeing, uri: \"https://www.boeing.com/\"}]}\n  \
         - {name: far, type: searxng, url: \"https://engine.example/\"}\n",
    );
    write(
        "script",
        "mount --bind resolv.conf /etc/resolv.conf\n\
         perl silent.pl & dns=$!\n\
         \"$CNRP\" serve --config gateway.yaml > said & gateway=$!\n\
         until grep -q ready said; do sleep 0.05; done\n\
         \"$CNRP\" resolve Boeing --server http://127.0.0.1:1096/; echo $?\n\
         \"$CNRP\" resolve Boeing --config gateway.yaml; echo $?\n\
         kill $gateway; wait $gateway; echo $?\n\
         kill $dns\n",
    );
    let program = env!("CARGO_BIN_EXE_cnrp");
    let began = Instant::now();
    let script = format!("cd {} && CNRP={program} unshare --net bash script", folder.path().display());
    let (out, err) = with_own_mounts(&script);
    let ended: Vec<_> = out.lines().filter(|line| line.parse::<i32>().is_ok()).collect();
    assert_eq!(ended, ["0", "0", "0"], "{out}{err}");
    assert!(err.contains("far: timed-out"), "it was asked, and DNS was silent: {err}");
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}

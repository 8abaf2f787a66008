//! Listeners of every kind come, go and come back with a reload, on the same port and on another.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream, UdpSocket},
    time::{Duration, Instant},
};

use crate::support::{Authority, Gateway, document, free_port};

const NAMES: &str = "backends: [{type: static, names: [{name: Own, uri: \"https://own.example/\"}]}]\n";

/// One address of each kind beside http.
#[derive(Clone, Copy)]
struct Places {
    https: SocketAddr,
    udp: SocketAddr,
    smtp: SocketAddr,
}

impl Places {
    fn free() -> Self {
        let [https, udp, smtp] = [0, 1, 2].map(|_| SocketAddr::from(([127, 0, 0, 1], free_port())));
        Self { https, udp, smtp }
    }

    fn written(self, client_ca: &str) -> String {
        let Self { https, udp, smtp } = self;
        format!(
            ", https: [\"{https}\"], udp: [\"{udp}\"], tls: {{cert: cert.pem, key: key.pem{client_ca}}}, \
             smtp: {{address: \"{smtp}\", mailbox: cnrp@names.example.com, relay: \"127.0.0.1:9\"}}"
        )
    }

    /// Which of them answer.
    async fn answering(self, client: &reqwest::Client) -> [bool; 3] {
        let https = client.get(format!("https://{}/service", self.https)).send().await;
        [https.is_ok_and(|reply| reply.status() == 200), self.has_udp(), self.has_smtp()]
    }

    fn has_udp(self) -> bool {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let question = format!("{:1200}", document("<query><commonname>Own</commonname></query>"));
        socket.connect(self.udp).unwrap();
        // Where nobody listens, the system says so.
        socket.send(question.as_bytes()).is_ok() && socket.recv(&mut [0; 2000]).is_ok()
    }

    fn has_smtp(self) -> bool {
        let Ok(wire) = TcpStream::connect(self.smtp) else { return false };
        wire.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut greeting = String::new();
        BufReader::new(wire).read_line(&mut greeting).is_ok() && greeting.starts_with("220 ")
    }
}

fn with(http: SocketAddr, others: &str) -> String {
    format!("listen: {{http: [\"{http}\"], admin: \"127.0.0.1:0\"{others}}}\n{NAMES}")
}

async fn reload(gateway: &Gateway, text: &str) {
    std::fs::write(gateway.folder.path().join("gateway.yaml"), text).unwrap();
    let told = gateway.post_to("admin", "/reload").await;
    assert_eq!(told.status(), 200, "{}", told.text().await.unwrap());
}

/// Those that go do so as soon as whoever accepts there is told.
async fn become_so(places: Places, client: &reqwest::Client, expected: [bool; 3], what: &str) {
    let began = Instant::now();
    loop {
        let answering = places.answering(client).await;
        if answering == expected {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{what}: {answering:?}, of https, udp and smtp");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn trusting(authority: &Authority) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).tls_certs_only([root]).build().unwrap()
}

fn files(authority: &Authority) -> [(String, String); 3] {
    let (cert, key) = authority.pair();
    [("cert.pem", cert), ("key.pem", key), ("ca.pem", authority.pem())]
        .map(|(name, content)| (name.to_owned(), content))
}

fn start(authority: &Authority, config: &str) -> Gateway {
    let files = files(authority);
    let files: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    Gateway::start_with(config, &files)
}

#[tokio::test(flavor = "multi_thread")]
async fn https_udp_and_smtp_come_go_and_come_back() {
    let authority = Authority::new();
    let http = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let (first, second, client) = (Places::free(), Places::free(), trusting(&authority));
    let gateway = start(&authority, &with(http, ""));
    assert_eq!(first.answering(&client).await, [false; 3]);
    reload(&gateway, &with(http, &first.written(""))).await;
    become_so(first, &client, [true; 3], "they come").await;
    reload(&gateway, &with(http, &second.written(""))).await;
    become_so(second, &client, [true; 3], "they are bound to other ports").await;
    become_so(first, &client, [false; 3], "the ports before are free").await;
    reload(&gateway, &with(http, &first.written(""))).await;
    become_so(first, &client, [true; 3], "they come back").await;
    reload(&gateway, &with(http, "")).await;
    become_so(first, &client, [false; 3], "they go").await;
    assert_eq!(gateway.ask("Own", &[]).await.uris(), ["https://own.example/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_ca_is_asked_for_by_handshakes_and_ends_no_connection() {
    let authority = Authority::new();
    let http = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let places = Places::free();
    let gateway = start(&authority, &with(http, &places.written("")));
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let kept = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let url = format!("https://{}/service", places.https);
    let ask =
        async |client: &reqwest::Client| client.get(&url).send().await.is_ok_and(|it| it.status() == 200);
    assert!(ask(&kept).await);
    reload(&gateway, &with(http, &places.written(", client_ca: ca.pem"))).await;
    let began = Instant::now();
    while ask(&trusting(&authority)).await {
        assert!(began.elapsed() < Duration::from_secs(5), "a new connection has to show a certificate");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(ask(&kept).await, "the connection that was made before goes on");
}

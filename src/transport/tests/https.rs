//! https over real sockets: the protocols inside, who is let in, and a certificate that is renewed.

use std::{fs, path::Path, time::Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::{
    transport::{Tls, TlsFiles},
    upstream::tests::{Authority, Pair},
};

/// A gateway whose certificate lies in a folder of its own.
pub(super) struct Secured {
    pub(super) running: Running,
    tls: Arc<Tls>,
    folder: tempfile::TempDir,
    pub(super) authority: Authority,
}

impl Secured {
    pub(super) async fn start(change: impl FnOnce(&mut Settings), client_ca: Option<&Authority>) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        put(folder.path(), &authority.pair());
        let at = |name| folder.path().join(name);
        let client_ca = client_ca.map(|authority| {
            fs::write(at("ca.pem"), authority.pem()).unwrap();
            at("ca.pem")
        });
        let files = TlsFiles { cert: at("cert.pem"), key: at("key.pem"), client_ca };
        let tls = Arc::new(Tls::load(files).unwrap());
        let given = Arc::clone(&tls);
        let running = start(|settings| {
            settings.tls = Some(given);
            change(settings);
        })
        .await;
        Self { running, tls, folder, authority }
    }

    fn url(&self) -> String {
        format!("https://{}/", self.running.https)
    }

    /// A new certificate takes effect.
    pub(super) fn renew(&self) {
        put(self.folder.path(), &self.authority.pair());
        self.tls.upkeep();
    }
}

fn put(folder: &Path, pair: &Pair) {
    fs::write(folder.join("cert.pem"), &pair.cert).unwrap();
    fs::write(folder.join("key.pem"), &pair.key).unwrap();
}

fn client(authority: &Authority) -> reqwest::ClientBuilder {
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([root])
}

async fn asked(client: reqwest::ClientBuilder, secured: &Secured) -> reqwest::Result<reqwest::Response> {
    client.build().unwrap().post(secured.url()).body("hello").send().await
}

#[tokio::test]
async fn r23_http_1_and_2_are_spoken_inside_tls_as_the_client_prefers() {
    let secured = Secured::start(|_| {}, None).await;
    let told = asked(client(&secured.authority), &secured).await.unwrap();
    assert_eq!(told.version(), http::Version::HTTP_2);
    assert!(told.text().await.unwrap().ends_with("|hello"));
    let told = asked(client(&secured.authority).http1_only(), &secured).await.unwrap();
    assert_eq!(told.version(), http::Version::HTTP_11);
    assert!(told.text().await.unwrap().ends_with("|hello"));
}

#[tokio::test]
async fn r23_a_client_that_trusts_another_authority_does_not_speak_to_us() {
    let secured = Secured::start(|_| {}, None).await;
    let error = asked(client(&Authority::new()), &secured).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn r23_where_clients_must_show_a_certificate_only_those_of_the_authority_get_in() {
    let theirs = Authority::new();
    let secured = Secured::start(|_| {}, Some(&theirs)).await;
    let identity = |authority: &Authority| {
        let Pair { cert, key } = authority.pair();
        reqwest::Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap()
    };
    let known = client(&secured.authority).identity(identity(&theirs));
    assert_eq!(asked(known, &secured).await.unwrap().status(), 200);
    let stranger = client(&secured.authority).identity(identity(&secured.authority));
    assert!(asked(stranger, &secured).await.is_err());
    assert!(asked(client(&secured.authority), &secured).await.is_err());
}

#[tokio::test]
async fn on_https_a_page_that_came_in_the_clear_is_not_ours() {
    let secured = Secured::start(|_| {}, None).await;
    let client = client(&secured.authority).build().unwrap();
    let authority = secured.running.https;
    for (origin, expected) in [("https", 200), ("http", 403)] {
        let post = client.post(secured.url()).header("origin", format!("{origin}://{authority}"));
        assert_eq!(post.body("hello").send().await.unwrap().status(), expected, "{origin}");
    }
}

#[tokio::test]
async fn plain_http_at_an_https_port_is_told_so() {
    let secured = Secured::start(|_| {}, None).await;
    let mut wire = Wire::to(secured.running.https).await;
    let told = wire.ask(&post("", &"x".repeat(5000))).await;
    assert_eq!((told.status, told.body.as_str()), (400, "This port speaks https, not http.\n"));
    assert!(wire.next().await.is_none());
    let mut other = Wire::to(secured.running.https).await;
    other.send("\0\u{1}\u{2}").await;
    assert!(other.more().await.is_none());
}

#[tokio::test]
async fn a_handshake_that_stalls_is_ended_and_keeps_nobody_out() {
    let secured = Secured::start(|settings| settings.header_timeout = Duration::from_millis(300), None).await;
    for start in ["", "\u{16}", "\u{16}\u{3}\u{1}\0\u{40}"] {
        let began = Instant::now();
        let mut wire = Wire::to(secured.running.https).await;
        wire.send(start).await;
        let honest = asked(client(&secured.authority), &secured).await.unwrap();
        assert_eq!(honest.status(), 200);
        while wire.more().await.is_some() {}
        assert!((250..1500).contains(&began.elapsed().as_millis()), "{start:?}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn draining_ends_handshakes_and_finishes_requests() {
    let secured = Secured::start(|_| {}, None).await;
    let mut stalled = Wire::to(secured.running.https).await;
    let mut talk = Talk::with(&secured).await;
    let slow = tokio::spawn(async move { talk.ask("slow:500").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    secured.running.stop.cancel();
    assert!(stalled.next().await.is_none());
    assert!(slow.await.unwrap().starts_with("127.0.0.1"));
    tokio::time::timeout(Duration::from_secs(2), secured.running.serving).await.unwrap().unwrap();
}

/// One connection that is never made anew: what is lost on it shows.
struct Talk {
    sender: hyper::client::conn::http1::SendRequest<Full<Bytes>>,
    /// The certificate that was shown.
    shown: CertificateDer<'static>,
}

impl Talk {
    async fn with(secured: &Secured) -> Self {
        let stream = TcpStream::connect(secured.running.https).await.unwrap();
        let stream = handshake(secured, stream).await.unwrap();
        let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender, shown }
    }

    async fn ask(&mut self, body: &str) -> String {
        let body = Full::new(Bytes::from(body.to_owned()));
        let request = http::Request::post("/").header("host", "localhost").body(body).unwrap();
        self.sender.ready().await.expect("the connection is still there");
        let response = self.sender.send_request(request).await.expect("an answer");
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}

/// Goes on inside TLS, as a client that trusts the authority.
pub(super) async fn handshake(secured: &Secured, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(secured.authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    TlsConnector::from(config).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r23_a_certificate_renewed_under_load_loses_no_request_and_no_connection() {
    let secured = Arc::new(Secured::start(|_| {}, None).await);
    let first = Talk::with(&secured).await.shown;
    let over = CancellationToken::new();
    let load = (0..8).map(|nth| {
        let (secured, over) = (Arc::clone(&secured), over.clone());
        tokio::spawn(async move {
            let mut kept = Talk::with(&secured).await;
            let mut answered = 0;
            while !over.is_cancelled() {
                assert!(kept.ask(&format!("kept {nth}")).await.ends_with(&format!("|kept {nth}")));
                let mut fresh = Talk::with(&secured).await;
                assert!(fresh.ask("fresh").await.ends_with("|fresh"));
                answered += 2;
            }
            answered
        })
    });
    let load: Vec<_> = load.collect();
    let mut shown = vec![first];
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        secured.renew();
        shown.push(Talk::with(&secured).await.shown);
    }
    over.cancel();
    let mut answered = 0;
    for task in load {
        answered += task.await.expect("no request and no connection was lost");
    }
    shown.dedup();
    assert_eq!(shown.len(), 11, "every new certificate was shown at once");
    println!(
        "10 certificates in turn: {answered} requests answered on 8 kept connections and {} fresh ones, 0 lost",
        answered / 2
    );
}

//! https from outside: whom clients trust, and a certificate that is renewed while they ask.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    matching::NAMES,
    support::{Authority, Gateway, document, run, run_with},
};

const LISTEN: &str = "listen: {http: [], https: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\", \
                      tls: {cert: cert.pem, key: key.pem}}\n";

fn start(authority: &Authority) -> Gateway {
    let (cert, key) = authority.pair();
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str()), ("ca.pem", &authority.pem())];
    Gateway::start_with(&format!("{LISTEN}{NAMES}"), &files)
}

fn client(authorities: &[&Authority]) -> reqwest::Client {
    let roots = authorities.iter().map(|one| reqwest::Certificate::from_pem(one.pem().as_bytes()).unwrap());
    reqwest::Client::builder().no_proxy().tls_certs_only(roots).build().unwrap()
}

#[test]
fn r23_a_service_is_asked_over_https_where_its_authority_is_trusted() {
    let gateway = start(&Authority::new());
    let server = format!("https://{}", gateway.address("https"));
    let ca = gateway.folder.path().join("ca.pem");
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &server, "--ca", ca.to_str().unwrap()]);
    assert!(code == 0 && out.contains("https://www.boeing.com/"), "{out}{err}");
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &server]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    let key = gateway.folder.path().join("key.pem");
    let (code, _, err) = run(&["resolve", "Boeing", "--server", &server, "--ca", key.to_str().unwrap()]);
    assert!(code == 2 && err.contains("key.pem: expected certificates in PEM"), "{err}");
}

#[test]
fn r23_a_server_that_is_its_own_authority_is_trusted_where_its_certificate_is_named() {
    let (cert, key) = Authority::new().own_pair();
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str())];
    let gateway = Gateway::start_with(&format!("{LISTEN}{NAMES}"), &files);
    let server = format!("https://{}", gateway.address("https"));
    let ca = gateway.folder.path().join("cert.pem");
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &server, "--ca", ca.to_str().unwrap()]);
    assert!(code == 0 && out.contains("https://www.boeing.com/") && err.is_empty(), "{out}{err}");
}

#[test]
fn r23_a_certificate_that_is_not_trusted_is_explained() {
    let authority = Authority::new();
    let (cert, key) = authority.own_pair();
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str())];
    let gateway = Gateway::start_with(&format!("{LISTEN}{NAMES}"), &files);
    let server = format!("https://{}", gateway.address("https"));
    let ca = gateway.folder.path().join("ca.pem");
    std::fs::write(&ca, Authority::new().pem()).unwrap();
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &server, "--ca", ca.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert!(err.contains("tls: the server's certificate is an authority's (CA:TRUE)"), "{err}");
    assert!(err.contains("expected one with CA:FALSE"), "{err}");
    let (code, _, err) = run(&["resolve", "Boeing", "--server", &server]);
    assert!(code == 3 && err.contains("tls: "), "{err}");
    let gateway = start(&authority);
    let server = format!("https://{}", gateway.address("https"));
    let (code, _, err) = run(&["resolve", "Boeing", "--server", &server]);
    assert!(
        code == 3 && err.contains("nobody who is trusted here has signed the server's certificate"),
        "{err}"
    );
}

/// In TLS 1.3 the server says so only where its answer is awaited.
#[test]
fn r23_a_service_that_wants_a_client_certificate_is_said_to() {
    let authority = Authority::new();
    let (cert, key) = authority.pair();
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str()), ("ca.pem", &authority.pem())];
    let listen = LISTEN.replace("key: key.pem", "key: key.pem, client_ca: ca.pem");
    let gateway = Gateway::start_with(&format!("{listen}{NAMES}"), &files);
    let server = format!("https://{}", gateway.address("https"));
    let ca = gateway.folder.path().join("ca.pem");
    for command in [&["resolve", "Boeing"][..], &["service"]] {
        let (code, out, err) = run(&[command, &["--server", &server, "--ca", ca.to_str().unwrap()]].concat());
        assert_eq!((code, out.as_str()), (3, ""), "{err}");
        assert!(err.contains("tls: the service ") && err.contains("wants a client certificate"), "{err}");
    }
}

#[tokio::test]
async fn r18_the_service_object_names_the_https_server() {
    let authority = Authority::new();
    let gateway = start(&authority);
    let url = format!("https://{}/", gateway.address("https"));
    let asked = client(&[&authority]).post(&url).body(document("<servicequery/>")).send().await.unwrap();
    assert!(asked.text().await.unwrap().contains(&format!("<serveruri>{url}</serveruri>")));
}

#[tokio::test(flavor = "multi_thread")]
async fn r23_a_certificate_renewed_under_load_loses_no_request() {
    let (old, new) = (Authority::new(), Authority::new());
    let gateway = start(&old);
    let url = format!("https://{}/resolve?q=Boeing", gateway.address("https"));
    let (is_over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load = (0..4).map(|nth| {
        let (url, is_over, answered) = (url.clone(), Arc::clone(&is_over), Arc::clone(&answered));
        let kept = client(&[&old, &new]);
        let roots = [old.pem(), new.pem()];
        tokio::spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                // Half of the load is connections of their own, each with a handshake.
                let fresh = roots.iter().map(|pem| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap());
                let fresh = reqwest::Client::builder().no_proxy().tls_certs_only(fresh).build().unwrap();
                let client = if nth % 2 == 0 { &kept } else { &fresh };
                let reply = client.get(&url).send().await.expect("no request is lost");
                assert_eq!(reply.status(), 200);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let load: Vec<_> = load.collect();
    let (cert, key) = new.pair();
    // In two steps, as it happens: between them certificate and key do not belong together.
    std::fs::write(gateway.folder.path().join("cert.pem"), cert).unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    std::fs::write(gateway.folder.path().join("key.pem"), key).unwrap();
    let written = Instant::now();
    while client(&[&new]).get(&url).send().await.is_err() {
        assert!(written.elapsed() < Duration::from_secs(5), "the new certificate is shown");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(client(&[&old]).get(&url).send().await.is_err(), "the old one is not shown any more");
    is_over.store(true, Ordering::Relaxed);
    for task in load {
        task.await.expect("no request is lost");
    }
    println!("certificate renewed under load: {} requests, 0 lost", answered.load(Ordering::Relaxed));
}

#[test]
fn what_is_wrong_with_a_certificate_is_located() {
    let config = "listen:\n  https: [\"127.0.0.1:0\"]\n  tls:\n    cert: none.pem\n    key: none.pem\nbackends: [{type: nosuch}]\n";
    for command in ["check", "serve"] {
        let (code, out, err) = run_with(config, &[command]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(
            err.contains("gateway.yaml:4:11: listen.tls.cert: ") && err.contains("none.pem can't be read"),
            "{err}"
        );
        assert!(err.contains("nosuch"), "every mistake at once: {err}");
    }
}

//! `cnrp probe` against real servers: our own, a web server, a remote login, TLS, and nothing.

use std::{
    net::TcpListener,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    matching::NAMES,
    support::{Authority, Gateway, Server, free, run},
};

/// Probes one address, and gives exit code and the line that was printed.
fn probed(address: std::net::SocketAddr) -> (i32, String) {
    let started = Instant::now();
    let (code, out, err) = run(&["probe", &address.to_string()]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(err.is_empty() && out.lines().count() == 1, "{out}{err}");
    (code, out)
}

fn text(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn our_own_gateway_is_known_by_its_service_in_the_clear_and_inside_tls() {
    let authority = Authority::new();
    let (cert, key) = authority.pair();
    let listen = "listen: {http: [\"127.0.0.1:0\"], https: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\", \
                  tls: {cert: cert.pem, key: key.pem}}\n";
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str())];
    let gateway = Gateway::start_with(&format!("{listen}{NAMES}"), &files);
    for (kind, over) in [("http", "CNRP over HTTP:"), ("https", "CNRP over HTTPS:")] {
        let (code, out) = probed(gateway.address(kind));
        print!("{out}");
        assert_eq!(code, 0, "{out}");
        assert!(
            out.contains(over) && out.contains("urn:test:gateway (Test); held by cnrp (process "),
            "{out}"
        );
    }
    let (code, out) = probed(gateway.address("admin"));
    print!("{out}");
    assert!(code == 1 && out.contains("HTTP, but no name service (status 4"), "{out}");
}

#[test]
fn a_web_server_a_remote_login_and_tls_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let web = Server::start("busybox", "busybox", |address| {
        text(&["httpd", "-f", "-p", &address.to_string(), "-h", folder.path().to_str().unwrap()])
    });
    let (code, out) = probed(web.address);
    print!("{out}");
    assert!(code == 1 && out.contains("HTTP, but no name service (status "), "{out}");
    assert!(out.contains("held by busybox"), "{out}");

    let conf = format!("pid {}; error_log /dev/null; events {{}} http {{ access_log off;", at("nginx.pid"));
    let nginx = Server::start("nginx", "nginx-light", |address| {
        std::fs::write(at("nginx.conf"), format!("{conf} server {{ listen {address}; }} }}")).unwrap();
        let quietly = format!("daemon off; master_process off; error_log {} crit;", at("nginx.log"));
        text(&[
            "-p",
            folder.path().to_str().unwrap(),
            "-e",
            &at("nginx.log"),
            "-c",
            &at("nginx.conf"),
            "-g",
            &quietly,
        ])
    });
    let (code, out) = probed(nginx.address);
    print!("{out}");
    assert!(code == 1 && out.contains("HTTP, but no name service (status 40"), "{out}");
    assert!(out.contains(", nginx/1.") && out.contains("held by nginx"), "{out}");

    let made = Command::new("dropbearkey").args(["-t", "ed25519", "-f", &at("host")]).output();
    assert!(made.expect("dropbearkey (Debian: dropbear-bin)").status.success());
    let login = Server::start("dropbear", "dropbear-bin", |address| {
        text(&["-F", "-E", "-r", &at("host"), "-P", &at("pid"), "-p", &address.to_string()])
    });
    let (code, out) = probed(login.address);
    print!("{out}");
    assert!(
        code == 1 && out.contains("another protocol: SSH-2.0-dropbear") && out.contains("; held by dropbear"),
        "{out}"
    );

    let (cert, key) = Authority::new().pair();
    std::fs::write(at("cert.pem"), cert).unwrap();
    std::fs::write(at("key.pem"), key).unwrap();
    let secured = Server::start("openssl", "openssl", |address| {
        let accept = address.to_string();
        text(&["s_server", "-quiet", "-accept", &accept, "-cert", &at("cert.pem"), "-key", &at("key.pem")])
    });
    let (code, out) = probed(secured.address);
    print!("{out}");
    assert!(code == 1 && out.contains("TLS, and inside it something that says nothing"), "{out}");
}

#[test]
fn a_server_of_tls_that_refuses_us_says_why() {
    let authority = Authority::new();
    let (cert, key) = authority.pair();
    let listen = "listen: {http: [], https: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\", \
                  tls: {cert: cert.pem, key: key.pem, client_ca: ca.pem}}\n";
    let files = [("cert.pem", cert.as_str()), ("key.pem", key.as_str()), ("ca.pem", &authority.pem())];
    let gateway = Gateway::start_with(&format!("{listen}{NAMES}"), &files);
    let (code, out) = probed(gateway.address("https"));
    print!("{out}");
    let wants = "TLS, and no word inside it: it wants a client certificate (alert CertificateRequired)";
    assert!(code == 1 && out.contains(wants), "{out}");

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("cert.pem"), cert).unwrap();
    std::fs::write(at("key.pem"), key).unwrap();
    for (options, expected) in [
        (vec!["-Verify", "1", "-tls1_2"], "or it wants a client certificate (alert HandshakeFailure)"),
        (
            vec!["-servername", "names.example", "-servername_fatal"],
            "it does not go by this name (alert UnrecognisedName)",
        ),
        (vec!["-alpn", "x"], "TLS, and inside it something that says nothing"),
    ] {
        let server = Server::start("openssl", "openssl", |address| {
            let (cert, key) = (at("cert.pem"), at("key.pem"));
            let accept = address.to_string();
            let mut all = vec!["s_server", "-quiet", "-accept", &accept, "-cert", &cert, "-key", &key];
            all.extend(["-cert2", &cert, "-key2", &key]);
            text(&[all, options.clone()].concat())
        });
        // A name is only told of a server that is named.
        let (_, out, _) = run(&["probe", &format!("localhost:{}", server.address.port())]);
        print!("{out}");
        assert!(out.contains(expected), "{options:?}: {out}");
    }
}

#[test]
fn a_port_that_is_closed_or_silent_is_told_so() {
    let (code, out) = probed(free());
    print!("{out}");
    assert!(code == 1 && out.ends_with("closed\n"), "{out}");
    // Connections are made by the system; nobody takes them up.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, out) = probed(silent.local_addr().unwrap());
    print!("{out}");
    assert!(code == 1 && out.contains("something that says nothing; held by "), "{out}");
}

#[test]
fn without_a_port_both_ports_are_tried_over_both_transports() {
    let (_, out, err) = run(&["probe", "127.0.0.1"]);
    let tried: Vec<_> =
        out.lines().map(|line| line.split("  ").take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        tried,
        ["127.0.0.1:1096 tcp", "127.0.0.1:1096 udp", "127.0.0.1:2757 tcp", "127.0.0.1:2757 udp"],
        "{out}{err}"
    );
}

#[test]
fn a_host_without_an_address_speaks_nothing() {
    let (code, out, err) = run(&["probe", "no-such-host.invalid"]);
    assert!(code == 1 && out.is_empty() && err.contains("no-such-host.invalid"), "{err}");
    let (code, _, err) = run(&["probe", "http://127.0.0.1"]);
    assert!(code == 2 && err.contains("expected HOST or HOST:PORT"), "{err}");
}

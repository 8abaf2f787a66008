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
fn a_host_without_an_address_could_not_be_reached() {
    let (code, out, err) = run(&["probe", "no-such-host.invalid"]);
    assert!(code == 3 && out.is_empty() && err.contains("no-such-host.invalid"), "{err}");
    let (code, _, err) = run(&["probe", "http://127.0.0.1"]);
    assert!(code == 2 && err.contains("expected HOST or HOST:PORT"), "{err}");
}

//! Under somebody who watches over it: `cnrp healthcheck`, systemd's notifications, and sockets that systemd
//! opened.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::net::UnixDatagram,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::support::{Gateway, free_port, program, run};

const NAMES: &str = "backends: [{type: static, names: [{name: Boeing, uri: \"https://www.boeing.com/\"}]}]\n";

/// A configuration that listens on `http` and `admin`, as a file.
fn configuration(http: SocketAddr, admin: SocketAddr) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    std::fs::write(&path, format!("listen: {{http: [\"{http}\"], admin: \"{admin}\"}}\n{NAMES}")).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

fn free() -> SocketAddr {
    ([127, 0, 0, 1], free_port()).into()
}

/// Killed when dropped, whatever became of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn wait_until_ready(&mut self) {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line == "ready"), "it is not ready");
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap().success());
    }
}

#[test]
fn healthcheck_says_whether_the_gateway_of_a_configuration_is_ready() {
    let admin = free();
    let config = format!("listen: {{http: [\"127.0.0.1:0\"], admin: \"{admin}\"}}\n{NAMES}");
    let gateway = Gateway::start(&config);
    let path = gateway.folder.path().join("gateway.yaml");
    let arguments = ["healthcheck", "--config", path.to_str().unwrap()];
    assert_eq!(run(&arguments), (0, String::new(), String::new()));
    assert_eq!(run(&[&arguments[..], &["--live"]].concat()).0, 0);
    // What runs is asked, not what is written meanwhile.
    std::fs::write(&path, format!("{config}nonsense: true\n")).unwrap();
    assert_eq!(run(&arguments).0, 0);
    std::fs::write(&path, "listen: {admin: \"127.0.0.1:0\"}\n").unwrap();
    let (code, _, err) = run(&arguments);
    assert!(code == 2 && err.contains("listen.admin: port 0"), "{err}");
    let outlives = tempfile::tempdir().unwrap();
    let path = outlives.path().join("gateway.yaml");
    std::fs::write(&path, &config).unwrap();
    assert_eq!(gateway.stop("-TERM"), Some(0));
    let (code, _, err) = run(&["healthcheck", "--config", path.to_str().unwrap()]);
    let expected = format!("cnrp: nothing listens on {admin}, the address of listen.admin\n");
    assert_eq!((code, err), (1, expected));
}

#[test]
fn systemd_is_told_when_it_is_ready_that_it_lives_and_that_it_stops() {
    let (folder, config) = configuration(free(), free());
    let socket = folder.path().join("notify");
    let heard = UnixDatagram::bind(&socket).unwrap();
    heard.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let process = program()
        .args(["serve", "--config", &config])
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "100000")
        .env_remove("WATCHDOG_PID")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(process);
    let next = || {
        let mut told = [0; 256];
        let length = heard.recv(&mut told).expect("systemd is told");
        String::from_utf8_lossy(&told[..length]).into_owned()
    };
    let next_but_life = || std::iter::repeat_with(next).find(|told| told != "WATCHDOG=1\n").unwrap();
    assert_eq!(next(), "READY=1\n");
    assert_eq!(next(), "WATCHDOG=1\n");
    running.signal("-HUP");
    let told = next_but_life();
    assert!(told.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{told}");
    assert_eq!(next_but_life(), "READY=1\n");
    running.signal("-TERM");
    assert_eq!(next_but_life(), "STOPPING=1\n");
}

/// As the socket is bound already, it could not be bound again: that it answers shows that it was taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_systemd_opened_is_served() {
    let (http, admin) = (free(), free());
    let (_folder, config) = configuration(http, admin);
    let process = Command::new("systemd-socket-activate")
        .args(["--listen", &http.to_string(), env!("CARGO_BIN_EXE_cnrp"), "serve", "--config", &config])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("systemd-socket-activate (Debian: systemd)");
    let mut running = Running(process);
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("http://{http}/go/Boeing");
    // The first connection starts it, and waits until it is answered.
    let asked = async {
        loop {
            match client.get(&url).send().await {
                Ok(reply) => return reply,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let reply = tokio::time::timeout(Duration::from_secs(20), asked).await.expect("an answer");
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["location"]),
        (302, &"https://www.boeing.com/".parse().unwrap())
    );
    running.wait_until_ready();
}

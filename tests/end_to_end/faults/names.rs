//! A DNS server, unbound, that knows some names, falls silent, or lies.

use std::{
    net::{SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::KNOWN;

/// What the server says.
#[derive(Clone, Copy)]
pub(super) enum Says {
    /// Where the known names are, for so many seconds.
    Truth { ttl: u32 },
    /// That every name there may be is at one place.
    Lies,
}

pub(super) struct Unbound {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Unbound {
    pub(super) fn start(says: Says) -> Self {
        let free = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = spawn(&folder, address, says);
        Self { process, address, folder }
    }

    /// It takes questions and answers none.
    pub(super) fn fall_silent(&self) {
        let stopped = Command::new("kill").args(["-STOP", &self.process.id().to_string()]).status();
        assert!(stopped.expect("kill").success());
    }

    /// Starts again, to say something else.
    pub(super) fn say(&mut self, says: Says) {
        self.end();
        self.process = spawn(&self.folder, self.address, says);
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Unbound {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(folder: &tempfile::TempDir, address: SocketAddr, says: Says) -> Child {
    let data = match says {
        Says::Truth { ttl } => (0..KNOWN)
            .map(|number| format!("  local-data: \"known{number}.com. {ttl} A 93.184.216.34\"\n"))
            .chain(["  local-zone: \"com.\" static\n".to_owned()])
            .collect(),
        Says::Lies => "  local-zone: \".\" redirect\n  local-data: \". 300 A 93.184.216.99\"\n".to_owned(),
    };
    let config = format!(
        "server:\n  interface: 127.0.0.1@{}\n  do-daemonize: no\n  username: \"\"\n  chroot: \"\"\n  \
         directory: \"{}\"\n  pidfile: \"\"\n  use-syslog: no\n  module-config: \"iterator\"\n\
         {data}remote-control:\n  control-enable: no\n",
        address.port(),
        folder.path().display()
    );
    let file = folder.path().join("unbound.conf");
    std::fs::write(&file, config).expect("a file");
    let programs = ["unbound", "/usr/sbin/unbound"];
    let started = programs.iter().find_map(|program| {
        Command::new(program).arg("-d").arg("-c").arg(&file).stderr(Stdio::null()).spawn().ok()
    });
    let process = started.expect("unbound is installed: scripts/packages unbound");
    wait_for(address);
    process
}

/// Waits until it answers.
fn wait_for(address: SocketAddr) {
    // A question for the address of known0.com.
    let question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06known0\x03com\x00\x00\x01\x00\x01";
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.connect(address).expect("an address");
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a limit");
    let started = Instant::now();
    loop {
        let _ = socket.send(question);
        if socket.recv(&mut [0; 512]).is_ok() {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "unbound does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}

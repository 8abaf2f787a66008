//! Servers of other programs, which hold a free port of this machine while they run.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running server of another program; killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `program` of that Debian `package`, in the foreground, with arguments that say where
    /// to listen; waits until it does. Somebody else may take the address before it does: then it ends,
    /// and is started at another.
    pub(crate) fn start(program: &str, package: &str, arguments: impl Fn(SocketAddr) -> Vec<String>) -> Self {
        let started = (0..10).find_map(|_| Self::begin(free(), program, package, &arguments));
        started.unwrap_or_else(|| panic!("{program} ended each time that it was started"))
    }

    /// The same at an address that is free.
    pub(crate) fn start_at(
        address: SocketAddr,
        program: &str,
        package: &str,
        arguments: impl Fn(SocketAddr) -> Vec<String>,
    ) -> Self {
        let started = Self::begin(address, program, package, &arguments);
        started.unwrap_or_else(|| panic!("{program} ended when it was started at {address}"))
    }

    /// `None` where it ends by itself, or somebody else listens there.
    fn begin(
        address: SocketAddr,
        program: &str,
        package: &str,
        arguments: &impl Fn(SocketAddr) -> Vec<String>,
    ) -> Option<Self> {
        if TcpStream::connect(address).is_ok() {
            return None;
        }
        let process = Command::new(program)
            .args(arguments(address))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} (Debian: {package}): {error}"));
        let mut server = Self { process, address };
        let started = Instant::now();
        while server.process.try_wait().expect("its state").is_none() {
            if TcpStream::connect(address).is_ok() {
                return Some(server);
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{program} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on which nothing listens.
pub(crate) fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

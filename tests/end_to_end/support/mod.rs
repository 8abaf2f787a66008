//! Starts the program, asks it, and reads what it says.

mod answer;
mod authority;
mod exim;
mod server;
mod store;
mod upstream;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

pub(crate) use answer::{Read, assert_valid};
pub(crate) use authority::Authority;
pub(crate) use exim::{Exim, free_port};
pub(crate) use server::{Server, free};
pub(crate) use store::{Delayed, babbler, redis, redis_at};
pub(crate) use upstream::{Reply, Upstream, searxng};

pub(crate) const MEDIA_TYPE: &str = "application/cnrp+xml";

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cnrp"))
}

/// A running gateway with a configuration of its own; killed when dropped.
pub(crate) struct Gateway {
    process: Child,
    addresses: HashMap<String, Vec<SocketAddr>>,
    pub(crate) folder: tempfile::TempDir,
    http: reqwest::Client,
}

impl Gateway {
    /// Starts with `config`, to which listeners on free ports are added unless it names its own.
    pub(crate) fn start(config: &str) -> Self {
        Self::start_with(config, &[])
    }

    /// The same, with files beside the configuration.
    pub(crate) fn start_with(config: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("a file beside the configuration");
        }
        let listen = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";
        let config = if config.contains("listen:") { config.to_owned() } else { format!("{listen}{config}") };
        let path = folder.path().join("gateway.yaml");
        std::fs::write(&path, config).expect("the configuration");
        Self::spawn(program(), folder)
    }

    /// Starts with `config` as `program` does, which runs the one under test with the arguments that it is given.
    pub(crate) fn start_by(program: Command, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listen = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";
        std::fs::write(folder.path().join("gateway.yaml"), format!("{listen}{config}")).expect("a file");
        Self::spawn(program, folder)
    }

    /// Starts where no more than `most` descriptors may be open.
    pub(crate) fn start_with_descriptors(config: &str, most: usize) -> Self {
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &most.to_string()]);
        limited.arg(program().get_program());
        Self::start_by(limited, config)
    }

    /// From now on no more than `most` descriptors may be open.
    pub(crate) fn limit_descriptors(&self, most: usize) {
        let (pid, limit) = (self.process.id().to_string(), format!("--nofile={most}:"));
        let limited = Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit");
        assert!(limited.success());
    }

    fn spawn(mut program: Command, folder: tempfile::TempDir) -> Self {
        program.args(["serve", "--config"]).arg(folder.path().join("gateway.yaml"));
        Self::run(program, folder)
    }

    fn run(mut program: Command, folder: tempfile::TempDir) -> Self {
        let mut process =
            program.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the program starts");
        let addresses = read_listeners(&mut process);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { process, addresses, folder, http }
    }

    /// The first address of that kind: `http`, `https`, `udp`, `admin`.
    pub(crate) fn address(&self, kind: &str) -> SocketAddr {
        self.addresses[kind][0]
    }

    /// Its addresses of that kind.
    pub(crate) fn addresses(&self, kind: &str) -> &[SocketAddr] {
        self.addresses.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The base URL of the first listener of that kind.
    pub(crate) fn url(&self, kind: &str) -> String {
        format!("http://{}", self.address(kind))
    }

    /// Asks for a common name, with hints as (name, type, value).
    pub(crate) async fn ask(&self, name: &str, hints: &[(&str, &str, &str)]) -> Read {
        let hints: String = hints
            .iter()
            .map(|(name, kind, value)| {
                format!("<property name=\"{name}\" type=\"{kind}\">{}</property>", escape(value))
            })
            .collect();
        self.post(&document(&format!("<query><commonname>{}</commonname>{hints}</query>", escape(name))))
            .await
    }

    /// Asks for an id.
    pub(crate) async fn ask_id(&self, id: &str) -> Read {
        self.post(&document(&format!("<query><id>{}</id></query>", escape(id)))).await
    }

    /// Posts a document, and reads the answer, which must be a valid one.
    pub(crate) async fn post(&self, document: &str) -> Read {
        let reply = self.send(document.as_bytes().to_vec()).await;
        assert_eq!(reply.headers()["content-type"], MEDIA_TYPE);
        Read::new(&reply.bytes().await.expect("a body"))
    }

    /// Posts bytes as a CNRP document.
    pub(crate) async fn send(&self, body: Vec<u8>) -> reqwest::Response {
        let request = self.http.post(self.url("http")).header("content-type", MEDIA_TYPE).body(body);
        request.timeout(Duration::from_secs(30)).send().await.expect("a reply")
    }

    /// Posts bytes as a CNRP document, with one more header.
    pub(crate) async fn send_with(&self, name: &str, value: &str, body: Vec<u8>) -> reqwest::Response {
        let request = self.http.post(self.url("http")).header("content-type", MEDIA_TYPE).body(body);
        request.header(name, value).send().await.expect("a reply")
    }

    /// Gets a path of the first listener of that kind.
    pub(crate) async fn get(&self, kind: &str, path: &str) -> reqwest::Response {
        self.http.get(format!("{}{path}", self.url(kind))).send().await.expect("a reply")
    }

    /// Gets a path of the first http listener, with more headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let request = self.http.get(format!("{}{path}", self.url("http")));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("a reply")
    }

    /// Posts nothing to a path of the first listener of that kind.
    pub(crate) async fn post_to(&self, kind: &str, path: &str) -> reqwest::Response {
        self.http.post(format!("{}{path}", self.url(kind))).send().await.expect("a reply")
    }

    /// What the system tells of its process: a folder of /proc.
    pub(crate) fn proc(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.process.id()))
    }

    /// Starts as before in the folder of one that has ended.
    pub(crate) fn restart(folder: tempfile::TempDir) -> Self {
        Self::spawn(program(), folder)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        Command::new("kill").args([signal, &pid]).status().expect("kill");
    }

    /// Sends a signal and waits for the end; gives the exit code.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.wait_for_end()
    }

    /// Waits for the end; gives the exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.wait_for_end()
    }

    /// Sends a signal and waits for the end, which has to be a good one; gives its folder.
    pub(crate) fn end(mut self, signal: &str) -> tempfile::TempDir {
        self.signal(signal);
        assert_eq!(self.wait_for_end(), Some(0));
        std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a temporary folder"))
    }

    /// Starts in the folder of one that has ended.
    pub(crate) fn start_in(folder: tempfile::TempDir) -> Self {
        Self::spawn(program(), folder)
    }

    /// The same; a last argument names something in it.
    pub(crate) fn start_again(folder: tempfile::TempDir, [flag, name]: &[&str; 2]) -> Self {
        let (mut program, path) = (program(), folder.path().join(name));
        program.args(["serve", flag]).arg(path).arg("--config").arg(folder.path().join("gateway.yaml"));
        Self::run(program, folder)
    }

    fn wait_for_end(&mut self) -> Option<i32> {
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads `<kind> <address>` lines up to `ready`.
fn read_listeners(process: &mut Child) -> HashMap<String, Vec<SocketAddr>> {
    let mut addresses: HashMap<String, Vec<SocketAddr>> = HashMap::new();
    for line in BufReader::new(process.stdout.take().expect("stdout")).lines() {
        let line = line.expect("a line");
        if line == "ready" {
            return addresses;
        }
        let (kind, address) = line.split_once(' ').unwrap_or_else(|| panic!("not a listener: {line}"));
        addresses.entry(kind.to_owned()).or_default().push(address.parse().expect("an address"));
    }
    panic!("the gateway did not start");
}

/// A CNRP document around `inner`, with the DOCTYPE that legacy clients send.
pub(crate) fn document(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cnrp PUBLIC \"-//IETF//DTD CNRP 1.0//EN\" \
         \"http://ietf.org/dtd/cnrp-1.0.dtd\">\n<cnrp>{inner}</cnrp>"
    )
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The body of a reply, as JSON.
pub(crate) async fn json(reply: reqwest::Response) -> serde_json::Value {
    serde_json::from_slice(&reply.bytes().await.expect("a body")).expect("JSON")
}

/// Runs the program to its end: exit code, stdout, stderr.
pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = program().args(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

/// Runs the program with a configuration of its own.
pub(crate) fn run_with(config: &str, arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path: PathBuf = folder.path().join("gateway.yaml");
    std::fs::write(&path, config).expect("the configuration");
    let path = path.to_str().expect("a path in UTF-8").to_owned();
    run(&[arguments, &["--config", &path]].concat())
}

/// Runs a script that may mount what it likes, such as a small disk: the mounts end with it. Gives stdout and
/// stderr.
pub(crate) fn with_own_mounts(script: &str) -> (String, String) {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "bash", "-c", script]);
    let output = command.output().expect("unshare is installed: scripts/packages util-linux");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

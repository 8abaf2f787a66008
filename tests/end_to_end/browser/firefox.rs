//! A real Firefox without a screen. It is driven by Marionette, its own protocol, JSON with its length before it over TCP,
//! which reaches the address bar as well as the page. Policies make the gateway its search engine.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whatever the browser would ask for by itself goes to a proxy that is not there.
const SETTINGS: &str = r#"
user_pref("marionette.port", 0);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 1);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 1);
user_pref("network.proxy.no_proxies_on", "127.0.0.1");
"#;

/// The keys that no letter stands for, as WebDriver writes them.
pub(super) const DOWN: &str = "\u{e015}";
pub(super) const ENTER: &str = "\u{e007}";

/// Where what follows is typed, looked for and run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Context {
    /// The window around the page, address bar and all.
    Chrome,
    Content,
}

/// A browser with a profile of its own; it ends when dropped.
pub(super) struct Firefox {
    process: Child,
    line: BufReader<TcpStream>,
    asked: u64,
    _folder: tempfile::TempDir,
}

impl Firefox {
    /// Starts a browser under these policies.
    pub(super) fn with_policies(policies: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (profile, distribution) = (folder.path().join("profile"), folder.path().join("distribution"));
        fs::create_dir_all(&profile).expect("a folder");
        fs::create_dir_all(&distribution).expect("a folder");
        fs::write(profile.join("user.js"), SETTINGS).expect("settings");
        let policies = json!({"policies": policies}).to_string();
        fs::write(distribution.join("policies.json"), policies).expect("policies");
        let mut process = start(&distribution, &profile, folder.path());
        let line = BufReader::new(connect(&profile, &mut process));
        let mut firefox = Self { process, line, asked: 0, _folder: folder };
        assert_eq!(firefox.heard()["marionetteProtocol"], 3);
        firefox.tell("WebDriver:NewSession", &json!({"capabilities": {}}));
        firefox
    }

    pub(super) fn turn_to(&mut self, context: Context) {
        let name = match context {
            Context::Chrome => "chrome",
            Context::Content => "content",
        };
        self.tell("Marionette:SetContext", &json!({"value": name}));
    }

    pub(super) fn open(&mut self, url: &str) {
        self.tell("WebDriver:Navigate", &json!({"url": url}));
    }

    /// What this function body returns.
    pub(super) fn value(&mut self, script: &str) -> Value {
        self.tell("WebDriver:ExecuteScript", &json!({"script": script, "args": []}))["value"].clone()
    }

    /// Waits until this expression is true.
    pub(super) fn wait(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.value(&format!("return Boolean({expression})")) != json!(true) {
            assert!(Instant::now() < until, "{expression}: not so");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Types into the element that this expression gives.
    pub(super) fn type_into(&mut self, element: &str, keys: &str) {
        let id = self.element(element);
        self.tell("WebDriver:ElementSendKeys", &json!({"id": id, "text": keys}));
    }

    pub(super) fn click(&mut self, element: &str) {
        let id = self.element(element);
        self.tell("WebDriver:ElementClick", &json!({"id": id}));
    }

    /// Keeps a picture of the page, or of the whole window.
    pub(super) fn keep_picture(&mut self, path: &Path) {
        let picture = self.tell("WebDriver:TakeScreenshot", &json!({"full": false}));
        let picture = BASE64_STANDARD.decode(picture["value"].as_str().expect("a picture"));
        fs::write(path, picture.expect("base64")).expect("a file");
    }

    fn element(&mut self, expression: &str) -> Value {
        let element = self.value(&format!("return {expression}"));
        let id = element.as_object().and_then(|element| element.values().next());
        id.unwrap_or_else(|| panic!("{expression} is no element")).clone()
    }

    fn tell(&mut self, command: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let message = json!([0, self.asked, command, parameters]).to_string();
        write!(self.line.get_mut(), "{}:{message}", message.len()).expect("it listens");
        let reply = self.heard();
        assert_eq!((&reply[1], &reply[2]), (&json!(self.asked), &Value::Null), "{command}");
        reply[3].clone()
    }

    fn heard(&mut self) -> Value {
        let mut length = Vec::new();
        self.line.read_until(b':', &mut length).expect("a length");
        let length = String::from_utf8_lossy(&length);
        let mut message = vec![0; length.trim_end_matches(':').parse().expect("a length")];
        self.line.read_exact(&mut message).expect("a message");
        serde_json::from_slice(&message).expect("JSON")
    }
}

/// Policies are read from a folder of the system, in whose place this browser, and no other, finds ours.
fn start(distribution: &Path, profile: &Path, home: &Path) -> Child {
    Command::new("bwrap")
        .args(["--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc", "--bind"])
        .arg(distribution)
        .args(["/usr/lib/firefox-esr/distribution", "firefox-esr", "--headless", "--marionette"])
        .args(["--remote-allow-system-access", "--no-remote", "--profile"])
        .arg(profile)
        .arg("about:blank")
        .envs([
            ("HOME", home),
            ("MOZ_HEADLESS_WIDTH", Path::new("800")),
            ("MOZ_HEADLESS_HEIGHT", Path::new("300")),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Debian: bubblewrap, firefox-esr")
}

/// The browser writes into its profile on which port it listens.
fn connect(profile: &Path, process: &mut Child) -> TcpStream {
    let until = Instant::now() + PATIENCE;
    loop {
        let port = fs::read_to_string(profile.join("MarionetteActivePort")).ok();
        if let Some(port) = port.and_then(|port| port.trim().parse::<u16>().ok())
            && let Ok(stream) = TcpStream::connect(("127.0.0.1", port))
        {
            stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
            return stream;
        }
        let is_gone = process.try_wait().expect("its state").is_some();
        assert!(!is_gone && Instant::now() < until, "firefox (Debian: firefox-esr) did not start");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

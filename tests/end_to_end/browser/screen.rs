//! Chromium on a screen of its own, with its address bar, which no driver reaches: it is typed into through the X
//! server. The gateway is its search engine by policy, as an administrator would have it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A screen that nobody looks at, and the browser on it; both end when dropped.
pub(super) struct Screen {
    server: Child,
    browser: Option<Child>,
    display: String,
    folder: tempfile::TempDir,
}

impl Screen {
    /// Starts a browser under these policies.
    pub(super) fn with_policies(managed: &Value, recommended: &Value) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x300x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian: xvfb");
        let mut number = String::new();
        let said = server.stdout.take().expect("its number");
        BufReader::new(said).read_line(&mut number).expect("its number");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut screen = Self { server, browser: None, display: format!(":{}", number.trim()), folder };
        screen.put_policy("managed", managed);
        screen.put_policy("recommended", recommended);
        screen.start_browser();
        screen.run("xdotool", &["search", "--sync", "--onlyvisible", "--class", "chromium", "windowfocus"]);
        screen
    }

    fn put_policy(&self, kind: &str, policy: &Value) {
        let folder = self.folder.path().join("etc/policies").join(kind);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("gateway.json"), policy.to_string()).expect("a policy");
    }

    /// Policies are read from a folder of the system, in whose place this browser, and no other, finds ours.
    fn start_browser(&mut self) {
        let browser = Command::new("bwrap")
            .args(["--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc", "--bind"])
            .arg(self.folder.path().join("etc"))
            .args([
                "/etc/chromium",
                "chromium",
                "--no-sandbox",
                "--test-type",
                "--no-first-run",
                "--disable-gpu",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-dev-shm-usage",
            ])
            .args(["--window-size=800,300", "--window-position=0,0"])
            .arg(format!("--user-data-dir={}", self.folder.path().join("profile").display()))
            .arg("about:blank")
            .env("DISPLAY", &self.display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.browser = Some(browser.expect("Debian: bubblewrap, chromium"));
    }

    /// Types into the address bar, in place of what stands there.
    pub(super) fn type_address(&self, text: &str) {
        self.press("ctrl+l");
        self.run("xdotool", &["type", "--delay", "40", text]);
    }

    pub(super) fn press(&self, key: &str) {
        self.run("xdotool", &["key", key]);
    }

    /// Keeps a picture of the whole screen.
    pub(super) fn keep_picture(&self, path: &Path) {
        self.run("scrot", &["--overwrite", path.to_str().expect("UTF-8")]);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = Command::new(program).args(arguments).env("DISPLAY", &self.display).output();
        let done = done.unwrap_or_else(|error| panic!("Debian: {program}: {error}"));
        assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for process in self.browser.iter_mut().chain([&mut self.server]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

//! A real Chromium, driven by its own driver through WebDriver.

use std::{
    fs,
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::{Value, json};
use thirtyfour::{
    By, CapabilitiesHelper, ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities, Key,
    WebDriver, WebElement,
};

use crate::support::Server;

/// One at a time: two of them on a small machine are slower than one after the other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How long a page may take to come to what a test waits for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Waits until no other test has a browser open.
pub(super) async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    TURN.lock().await
}

/// Where pictures are kept for people to look at.
pub(super) fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

/// A browser with a profile of its own.
pub(super) struct Chromium {
    driver: WebDriver,
}

/// How a reader sees a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) language: &'static str,
    pub(super) width: u32,
    pub(super) scheme: &'static str,
    /// `screen` or `print`.
    pub(super) medium: &'static str,
}

impl Look {
    /// English, as wide as a laptop, light.
    pub(super) const PLAIN: Self = Self { language: "en", width: 1000, scheme: "light", medium: "screen" };
}

impl Chromium {
    /// Runs `test` with a browser that is closed afterwards, however the test ends.
    pub(super) async fn with(has_script: bool, test: impl AsyncFnOnce(&Self)) {
        let _turn = turn().await;
        let server = Server::start("chromedriver", "chromium-driver", |address| {
            vec![format!("--port={}", address.port())]
        });
        let driver = WebDriver::new(format!("http://{}", server.address), capabilities(has_script));
        let chromium = Self { driver: driver.await.expect("Debian: chromium") };
        let outcome = AssertUnwindSafe(test(&chromium)).catch_unwind().await;
        chromium.driver.quit().await.expect("it is closed");
        outcome.unwrap_or_else(|panic| resume_unwind(panic));
    }

    /// Shows pages as this look has them, from the next page on.
    pub(super) async fn look(&self, look: Look) {
        let size = json!({"width": look.width, "height": 720, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({"name": "prefers-color-scheme", "value": look.scheme});
        self.tell("Emulation.setEmulatedMedia", json!({"media": look.medium, "features": [scheme]})).await;
        self.tell("Network.enable", json!({})).await;
        let headers = json!({"headers": {"Accept-Language": look.language}});
        self.tell("Network.setExtraHTTPHeaders", headers).await;
    }

    async fn tell(&self, command: &str, parameters: Value) {
        self.driver.cdp().send_raw(command, parameters).await.expect(command);
    }

    /// Runs this script in every page from the next one on, before those of the page.
    pub(super) async fn run_first(&self, script: &str) {
        self.tell("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
    }

    pub(super) async fn open(&self, url: &str) {
        self.driver.goto(url).await.expect(url);
    }

    /// The first element that this CSS selector finds.
    pub(super) async fn find(&self, selector: &str) -> WebElement {
        self.driver.find(By::Css(selector)).await.expect(selector)
    }

    /// How many elements this CSS selector finds.
    pub(super) async fn count(&self, selector: &str) -> usize {
        self.driver.find_all(By::Css(selector)).await.expect(selector).len()
    }

    /// Types into whatever has the focus.
    pub(super) async fn press(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("keys");
    }

    /// Types into the box, once the page has given it the focus.
    pub(super) async fn type_name(&self, letters: &str) {
        self.wait("document.activeElement.id === 'q'").await;
        self.press(letters).await;
        self.wait(&format!("document.getElementById('q').value === '{letters}'")).await;
    }

    pub(super) async fn press_key(&self, key: Key) {
        self.press(key).await;
    }

    pub(super) async fn address(&self) -> String {
        self.driver.current_url().await.expect("an address").to_string()
    }

    /// What this function body returns in the page.
    pub(super) async fn value(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.expect(script).json().clone()
    }

    /// What this function body hands to the callback that is its last argument.
    pub(super) async fn later(&self, script: &str) -> Value {
        self.driver.execute_async(script, Vec::new()).await.expect("a result").json().clone()
    }

    /// Waits until this expression is true in the page.
    pub(super) async fn wait(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.value(&script).await != json!(true) {
            assert!(tokio::time::Instant::now() < until, "{expression}: not so at {}", self.address().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Keeps a picture of the page, for people to look at.
    pub(super) async fn keep_picture(&self, name: &str) {
        self.driver.screenshot(&pictures().join(format!("{name}.png"))).await.expect("a picture");
    }

    /// What the console complains of, breaches of the policy among it, since it was last asked.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.expect("a log");
        log.into_iter().map(|entry| entry.message).collect()
    }

    /// What the pages asked for since this was last asked: addresses.
    pub(super) async fn requests(&self) -> Vec<String> {
        let log = self.driver.get_log("performance").await.expect("a log");
        let events = log.iter().filter_map(|entry| serde_json::from_str::<Value>(&entry.message).ok());
        let sent = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }
}

/// `has_script` is whether pages may run scripts; tests may in any case.
fn capabilities(has_script: bool) -> ChromeCapabilities {
    let mut wanted = DesiredCapabilities::chrome();
    // Without its sandbox, for whoever runs tests as root in a container; it sees only our pages.
    for argument in
        ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
    {
        wanted.add_arg(argument).expect("an argument");
    }
    let scripts = if has_script { 1 } else { 2 };
    let settings = json!({"profile.managed_default_content_settings.javascript": scripts});
    wanted.add_experimental_option("prefs", settings).expect("settings");
    let logs = json!({"browser": "ALL", "performance": "ALL"});
    wanted.set("goog:loggingPrefs", logs).expect("logs");
    wanted
}

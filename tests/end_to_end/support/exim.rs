//! A real mail server, Exim, with everything that it has in a temporary folder. It listens on
//! loopback, keeps mail for `example.com` in one Maildir, and hands mail for `names.example.com` to
//! whatever the test says.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a message may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running mail server; stopped when dropped.
pub(crate) struct Exim {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
    owner: Owner,
}

/// Who the server runs as: whoever runs the test, or, since it delivers nothing as root, the user
/// that its package made.
struct Owner {
    name: String,
    group: String,
    ids: (u32, u32),
    is_caller: bool,
}

/// A port of loopback that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port()
}

impl Exim {
    /// Starts one on `port`. `gateway` are the options of the transport for `names.example.com`, in
    /// which FOLDER and OWNER stand for its folder and user.
    pub(crate) fn start(port: u16, gateway: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let owner = Owner::find();
        for name in ["spool", "maildir"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
            owner.take(&folder.path().join(name));
        }
        owner.take(folder.path());
        let path = folder.path().to_str().expect("a path in UTF-8");
        let config = CONFIG.replace("GATEWAY", gateway).replace("PORT", &port.to_string());
        let config = config.replace("PRIVILEGE", if owner.is_caller { "deliver_drop_privilege" } else { "" });
        let config =
            config.replace("OWNER", &owner.name).replace("GROUP", &owner.group).replace("FOLDER", path);
        fs::write(folder.path().join("exim.conf"), config).expect("its configuration");
        let process = Command::new("exim4")
            .args(["-C", &format!("{path}/exim.conf"), "-bdf"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("exim4 is installed: scripts/packages exim4-daemon-light swaks");
        let exim = Self { process, folder, port, owner };
        exim.wait("listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        exim
    }

    /// Sends a question with swaks.
    pub(crate) fn send(&self, from: &str, headers: &str, document: &str) {
        let message = format!(
            "From: {from}\nTo: cnrp@names.example.com\n{headers}\nMIME-Version: 1.0\n\
             Content-Type: application/cnrp+xml\nContent-Transfer-Encoding: 8bit\n\n{document}\n"
        );
        self.swaks(self.port, from, &["--data", &message]);
    }

    /// Sends a test message with swaks to another server on this machine.
    pub(crate) fn send_to(&self, port: u16, from: &str, options: &[&str]) {
        self.swaks(port, from, options);
    }

    fn swaks(&self, port: u16, from: &str, options: &[&str]) {
        let server = format!("127.0.0.1:{port}");
        let output = Command::new("swaks")
            .args(["--server", &server, "--from", from, "--to", "cnrp@names.example.com"])
            .args(["--helo", "client.example.com"])
            .args(options)
            .output()
            .expect("swaks is installed: scripts/packages exim4-daemon-light swaks libnet-ssleay-perl");
        let transcript = String::from_utf8_lossy(&output.stdout);
        print!("{transcript}");
        assert!(output.status.success(), "{transcript}{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The next message in the mailbox, which it is taken out of.
    pub(crate) fn delivered(&self) -> String {
        let path = self.wait("a message was delivered", || self.mailbox().pop());
        let message = fs::read_to_string(&path).expect("a message");
        fs::remove_file(path).expect("it can be removed");
        println!("=== delivered\n{message}=== log\n{}", self.log());
        message
    }

    /// How many messages there are in the mailbox.
    pub(crate) fn mailbox_size(&self) -> usize {
        self.mailbox().len()
    }

    /// Waits until the log says this.
    pub(crate) fn logs(&self, text: &str) {
        self.logs_times(text, 1);
    }

    /// Waits until the log says this so many times.
    pub(crate) fn logs_times(&self, text: &str, times: usize) {
        self.wait(text, || (self.log().matches(text).count() >= times).then_some(()));
    }

    /// The folder that everything is in.
    pub(crate) fn folder(&self) -> &str {
        self.folder.path().to_str().expect("a path in UTF-8")
    }

    /// Puts a program into the folder, where its owner can run it: this text, or the one under test.
    pub(crate) fn install(&self, name: &str, text: Option<&str>) {
        let path = self.folder.path().join(name);
        match text {
            Some(text) => fs::write(&path, text).expect("it is written"),
            None => drop(fs::copy(env!("CARGO_BIN_EXE_cnrp"), &path).expect("it is copied")),
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may be run");
        self.owner.take(&path);
    }

    fn mailbox(&self) -> Vec<PathBuf> {
        let messages = fs::read_dir(self.folder.path().join("maildir/new"));
        messages
            .map(|messages| messages.map(|entry| entry.expect("an entry").path()).collect())
            .unwrap_or_default()
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("mainlog")).unwrap_or_default();
        // What it says each time that its configuration is not the system's.
        log.lines().filter(|line| !line.contains("lost privilege")).map(|line| format!("{line}\n")).collect()
    }

    fn wait<T>(&self, what: &str, done: impl Fn() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(done) = done() {
                return done;
            }
            assert!(started.elapsed() < PATIENCE, "{what}: not so\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Owner {
    fn find() -> Self {
        let of = |options: &str, user: &[&str]| {
            let output = Command::new("id").arg(options).args(user).output().expect("id");
            String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
        };
        let is_caller = of("-u", &[]) != "0";
        let user: &[&str] = if is_caller { &[] } else { &["Debian-exim"] };
        let number = |options| {
            of(options, user).parse().expect("exim4 is installed: scripts/packages exim4-daemon-light")
        };
        Self { name: of("-un", user), group: of("-gn", user), ids: (number("-u"), number("-g")), is_caller }
    }

    fn take(&self, path: &Path) {
        chown(path, Some(self.ids.0), Some(self.ids.1)).expect("it can be given away");
    }
}

const CONFIG: &str = r#"
primary_hostname = mx.example.com
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
pid_file_path = FOLDER/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
exim_user = OWNER
exim_group = GROUP
PRIVILEGE
acl_smtp_rcpt = accept
tls_advertise_hosts =
keep_environment = PATH
log_selector = +smtp_confirmation
begin routers
names:
  driver = accept
  domains = names.example.com
  transport = gateway
mailboxes:
  driver = accept
  domains = example.com
  transport = maildir
begin transports
gateway:
  GATEWAY
maildir:
  driver = appendfile
  directory = FOLDER/maildir
  maildir_format
  return_path_add
  user = OWNER
begin retry
* * F,1h,1s
"#;

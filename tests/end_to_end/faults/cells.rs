//! The faults: for each, what the gateway depends on, and how that comes to fail.

use std::{
    any::Any,
    process::Command,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::{FutureExt as _, future::BoxFuture};

use super::{
    DEADLINE,
    names::{Says, Unbound},
    source::Source,
    stores,
    tls::Tls,
};
use crate::support::{Gateway, Reply, program};

/// The name of the static map, and where it leads.
pub(super) const OWN: (&str, &str) = ("Boeing", "https://www.boeing.com/");

/// A fault, and what it happens to.
pub(super) struct Cell {
    pub(super) fault: &'static str,
    /// Whether connections may be refused, which is told apart from what is lost.
    pub(super) refuses: bool,
    pub(super) scene: Box<dyn FnOnce() -> BoxFuture<'static, Scene> + Send>,
}

/// A gateway, and how the fault begins; what that gives is held while it lasts.
pub(super) type Scene = (Stage, Box<dyn FnOnce() -> BoxFuture<'static, Held> + Send>);

pub(super) type Held = Box<dyn Any + Send>;

/// A gateway before its fault.
pub(super) struct Stage {
    pub(super) gateway: Arc<Gateway>,
    /// Where a known name leads, with `{}` for its number.
    known: &'static str,
    /// How long it takes until what was asked before has to be asked for again.
    pub(super) expires: Duration,
    /// Whether its source knows which names there are not.
    pub(super) denies: bool,
    pub(super) sign: Sign,
}

/// By what is seen that the fault was one.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sign {
    /// What nobody was asked for yet is answered by the failure of its source.
    Failures,
    /// It is denied, for that is what the source says.
    Denials,
    /// The gateway counts that it had no descriptor.
    Shortage,
    /// The shared cache fails for this reason, and is left alone; the source is well, so that it is asked.
    Alone(&'static str),
    /// The scene has seen to it.
    Seen,
}

impl Stage {
    pub(super) fn known(&self, number: usize) -> String {
        self.known.replace("{}", &number.to_string())
    }

    pub(super) fn new(gateway: &Arc<Gateway>, sign: Sign) -> Self {
        let expires = Duration::from_millis(300);
        Self { gateway: Arc::clone(gateway), known: "https://known{}.example/", expires, denies: false, sign }
    }

    fn by_dns(gateway: Gateway, expires: Duration, sign: Sign) -> Self {
        Self { gateway: Arc::new(gateway), known: "https://known{}.com/", expires, denies: true, sign }
    }
}

pub(super) fn all() -> Vec<Cell> {
    vec![
        upstream("upstream refuses connections", None),
        upstream("upstream resets", Some(Reply::Reset)),
        upstream("upstream hangs", Some(Reply::Hang)),
        upstream("upstream drips", Some(Reply::Drip)),
        upstream("upstream breaks off", Some(Reply::Truncate)),
        upstream("upstream says garbage", Some(Reply::Garbage)),
        upstream("upstream says 429 to all", Some(Reply::Http(429, "", Vec::new()))),
        upstream("upstream says 503", Some(Reply::Http(503, "", b"<html>sorry</html>".to_vec()))),
        cell("upstream's certificate is of a stranger", || tls().boxed()),
        cell("DNS is silent", || dns_silent().boxed()),
        cell("DNS lies", || dns_lies().boxed()),
        cell("the clock jumps", || clock_jumps().boxed()),
        cell("Redis is dead", || stores::dead().boxed()),
        cell("Redis is slow", || stores::slow().boxed()),
        cell("Redis says garbage", || stores::garbage().boxed()),
        cell("the disk is full", || disk_full().boxed()),
        Cell { refuses: true, ..cell("descriptors are used up", || descriptors().boxed()) },
    ]
}

fn cell(fault: &'static str, scene: impl FnOnce() -> BoxFuture<'static, Scene> + Send + 'static) -> Cell {
    Cell { fault, refuses: false, scene: Box::new(scene) }
}

/// A configuration with the static map and one more backend, whose answers expire soon.
fn config(backend: &str) -> String {
    format!(
        "limits: {{deadline: {}ms}}\ncache: {{ttl: 200ms, negative_ttl: 200ms, stale_after: 200ms}}\nbackends:\n  \
         - {{name: own, type: static, names: [{{name: {}, uri: \"{}\"}}]}}\n  - {{{backend}, timeout: 800ms}}\n",
        DEADLINE.as_millis(),
        OWN.0,
        OWN.1
    )
}

pub(super) fn engine(url: &str, more: &str) -> String {
    config(&format!("name: web, type: searxng, url: \"{url}\"{more}"))
}

/// An upstream that comes to answer like this, or to be gone.
fn upstream(fault: &'static str, reply: Option<Reply>) -> Cell {
    cell(fault, || {
        async {
            let source = Source::start().await;
            let gateway = Arc::new(Gateway::start(&engine(&source.upstream().url(), "")));
            let begin = async move {
                match reply {
                    Some(reply) => source.fail(Some(reply)),
                    None => source.upstream().close(),
                }
                Box::new(source) as Held
            };
            scene(Stage::new(&gateway, Sign::Failures), begin)
        }
        .boxed()
    })
}

pub(super) fn scene(stage: Stage, begin: impl Future<Output = Held> + Send + 'static) -> Scene {
    (stage, Box::new(|| begin.boxed()))
}

async fn tls() -> Scene {
    let source = Source::start().await;
    let tls = Tls::before(source.upstream().address()).await;
    let authority = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(authority.path(), &tls.authority).expect("a file");
    let mut trusting = program();
    trusting.env("SSL_CERT_FILE", authority.path());
    let gateway = Gateway::start_by(trusting, &engine(&format!("https://{}", tls.address), ""));
    scene(Stage::new(&Arc::new(gateway), Sign::Failures), async move {
        tls.break_trust();
        Box::new((source, tls, authority)) as Held
    })
}

fn by_dns(server: &Unbound) -> Gateway {
    Gateway::start(&config(&format!(
        "name: dns, type: dns, servers: [\"{}\"], tlds: [com]",
        server.address()
    )))
}

async fn dns_silent() -> Scene {
    let server = Unbound::start(Says::Truth { ttl: 1 });
    let stage = Stage::by_dns(by_dns(&server), Duration::from_millis(1200), Sign::Failures);
    scene(stage, async move {
        server.fall_silent();
        Box::new(server) as Held
    })
}

/// What is remembered stays until it expires, and for another name a lie is no evidence.
async fn dns_lies() -> Scene {
    let mut server = Unbound::start(Says::Truth { ttl: 3600 });
    let stage = Stage::by_dns(by_dns(&server), Duration::ZERO, Sign::Denials);
    scene(stage, async move {
        server.say(Says::Lies);
        Box::new(server) as Held
    })
}

/// The wall clock by libfaketime, which reads from a file how far it is off; monotonic time goes on.
async fn clock_jumps() -> Scene {
    let source = Source::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let offset = folder.path().join("offset");
    std::fs::write(&offset, "+0").expect("a file");
    let mut jumping = program();
    jumping
        .env("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1")
        .envs([("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")])
        .env("FAKETIME_TIMESTAMP_FILE", &offset);
    // A budget, as nothing else goes so much by the calendar.
    let config = engine(&source.upstream().url(), ", rate: [1000000/d, 10000000/month]");
    let gateway = Arc::new(Gateway::start_by(jumping, &config));
    scene(Stage::new(&gateway, Sign::Seen), async move {
        const DAY: i64 = 86_400;
        for (jump, days) in [("+400d", 400), ("-3d", -3), ("+1d", 1), ("-400d", -400)] {
            std::fs::write(&offset, jump).expect("a file");
            tokio::time::sleep(Duration::from_millis(150)).await;
            let reply = gateway.get("http", "/service").await;
            let shown = httpdate::parse_http_date(reply.headers()["date"].to_str().expect("text"));
            let off = seconds(shown.expect("a date")) - seconds(SystemTime::now());
            assert!((off - days * DAY).abs() < 60, "the clock is {jump} and the date off by {off} s");
        }
        Box::new((source, folder)) as Held
    })
}

fn seconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("not too far off")
}

/// A disk of its own for `state`, in a mount of its own, which ends with the process.
async fn disk_full() -> Scene {
    let source = Source::start().await;
    let disk = tempfile::tempdir().expect("a temporary folder");
    let mut mounted = Command::new("unshare");
    mounted.args(["--map-root-user", "--mount", "bash", "-c"]);
    mounted
        .args(["mount -t tmpfs -o size=64k tmpfs \"$0\" && exec \"$@\"", &disk.path().display().to_string()]);
    mounted.arg(program().get_program());
    // A budget so small that it is counted on the disk by the request.
    let config = engine(&source.upstream().url(), ", rate: 9999/d");
    let config = format!("state: {}/state\n{config}", disk.path().display());
    let gateway = Arc::new(Gateway::start_by(mounted, &config));
    scene(Stage::new(&gateway, Sign::Failures), async move {
        let within = disk.path().strip_prefix("/").expect("an absolute path");
        let rest = gateway.proc().join("root").join(within).join("rest");
        let full = std::fs::write(rest, [0; 128 * 1024]).expect_err("a full disk");
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        Box::new((source, disk)) as Held
    })
}

async fn descriptors() -> Scene {
    let source = Source::start().await;
    let gateway = Arc::new(Gateway::start(&engine(&source.upstream().url(), "")));
    scene(Stage::new(&gateway, Sign::Shortage), async move {
        // Beneath what it counted on at its start.
        gateway.limit_descriptors(40);
        let mut idle = Vec::new();
        for _ in 0..60 {
            let connection = tokio::net::TcpStream::connect(gateway.address("http"));
            idle.push(connection.await.expect("a connection"));
        }
        Box::new((source, idle)) as Held
    })
}

//! A gateway under load for long, with an upstream that fails by chance: it answers, and neither its memory nor its
//! descriptors grow. `CNRP_SOAK=1800 cargo test --test end_to_end soak -- --nocapture` takes half an hour instead of five
//! seconds.

use std::time::{Duration, Instant};

use crate::{
    faults::{load::Load, source::Source},
    support::{Gateway, Reply},
};

/// Where chance begins, so that it comes the same again.
const SEED: u64 = 3367;

/// How much more memory may be resident at the end than once it has answered everything.
const MARGIN: usize = 24 << 20;

/// How many more descriptors may be open when all is quiet again: connections to the upstream that are kept.
const SPARE: usize = 8;

/// What the gateway takes of the machine.
#[derive(Debug, Clone, Copy)]
struct Taken {
    resident: usize,
    descriptors: usize,
}

impl Taken {
    fn by(gateway: &Gateway, when: &str) -> Self {
        let status = std::fs::read_to_string(gateway.proc().join("status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let resident = line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") << 10;
        let descriptors = std::fs::read_dir(gateway.proc().join("fd")).expect("its descriptors").count();
        println!("{when}: {} MiB resident, {descriptors} descriptors", resident >> 20);
        Self { resident, descriptors }
    }
}

/// A fault, or none half of the time.
fn fault(chance: u64) -> Option<Reply> {
    match chance % 16 {
        0 => Some(Reply::Reset),
        1 => Some(Reply::Hang),
        2 => Some(Reply::Drip),
        3 => Some(Reply::Truncate),
        4 => Some(Reply::Garbage),
        5 => Some(Reply::Http(429, "", Vec::new())),
        6 => Some(Reply::Http(503, "", Vec::new())),
        7 => Some(Reply::Json("[".repeat(20_000))),
        _ => None,
    }
}

/// The next number of chance (xorshift).
fn next(mut chance: u64) -> u64 {
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^ (chance << 17)
}

/// Lets the upstream fail by chance until then. What suspended it is forgiven, as an operator would.
async fn trouble(gateway: &Gateway, source: &Source, chance: &mut u64, until: Instant) {
    while Instant::now() < until {
        *chance = next(*chance);
        let fault = fault(*chance);
        let is_well = fault.is_none();
        source.fail(fault);
        if is_well {
            assert_eq!(gateway.post_to("admin", "/resume/web").await.status(), 200);
        }
        tokio::time::sleep(Duration::from_millis(100 + *chance % 400)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_load_with_faults_by_chance_takes_no_more_and_no_more() {
    let lasts = std::env::var("CNRP_SOAK").map_or(5, |seconds| seconds.parse().expect("a number of seconds"));
    let lasts = Duration::from_secs(lasts);
    let source = Source::start().await;
    // A small cache, which is soon full.
    let gateway = Gateway::start(&format!(
        "limits: {{deadline: 1s}}\ncache: {{size: 1MiB, ttl: 500ms, stale_after: 200ms}}\nbackends:\n  \
         - {{name: own, type: static, names: [{{name: Boeing, uri: \"https://www.boeing.com/\"}}]}}\n  \
         - {{name: web, type: searxng, url: \"{}\", timeout: 800ms}}\n",
        source.upstream().url()
    ));
    gateway.ask("Boeing", &[]).await;
    let start = Taken::by(&gateway, "start");
    let names = ["Boeing", "strange{new}", "known{n}"];
    let load = Load::start(gateway.address("http"), &names, 2000, Duration::from_millis(1500));
    let (began, mut chance) = (Instant::now(), SEED);
    trouble(&gateway, &source, &mut chance, began + lasts / 2).await;
    let middle = Taken::by(&gateway, "middle");
    trouble(&gateway, &source, &mut chance, began + lasts).await;
    source.fail(None);
    let end = Taken::by(&gateway, "end");
    let seen = load.finish().await;
    let quiet = Taken::by(&gateway, "quiet again");
    let wrong = seen.wrong(|name, answer| match name {
        "Boeing" => answer.first_uri() == "https://www.boeing.com/",
        _ => answer.resources().is_empty() || answer.first_uri().ends_with(".example/"),
    });
    let (sent, lost, late, slowest) = (seen.sent, seen.lost(), seen.late, seen.slowest);
    println!("{sent} sent, {lost} lost, {wrong} wrong, {late} late, slowest {slowest} ms");
    assert_eq!((lost, wrong, late), (0, 0, 0));
    assert!(sent > 50 * usize::try_from(lasts.as_secs()).expect("a number"), "{sent}");
    assert!(end.resident < middle.resident.max(start.resident) + MARGIN, "{middle:?}, then {end:?}");
    assert!(quiet.descriptors <= start.descriptors + SPARE, "{start:?}, then {quiet:?}");
}

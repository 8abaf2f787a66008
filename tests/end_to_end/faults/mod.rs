//! Whatever fails around it, the gateway answers: every fault under load by wrk, as a table. A cell is right only where
//! every question was answered, in time, with a valid document in which the known resource comes first: for a name of the
//! static map, and for one that was asked before. Of a name that nobody was
//! asked for yet it says that the static map does not know it, and that the other source failed. Where only the store fails
//! that gateways share, the other source is asked as ever.
//!
//! `CNRP_FAULTS=20 cargo test --test end_to_end faults -- --nocapture` holds each fault for 20 seconds instead of one, and
//! to the letter: an answer is late 100 ms after the deadline. Otherwise it may take longer, as other tests run beside it.

mod cells;
pub(crate) mod load;
mod names;
pub(crate) mod source;
mod stores;
mod tls;

use std::time::Duration;

use futures_util::StreamExt as _;

use self::{
    cells::{Cell, OWN, Sign, Stage},
    load::{Load, Seen},
};
use crate::support::{Gateway, Read};

/// When an answer is sent at the latest: the deadline of every cell's gateway.
const DEADLINE: Duration = Duration::from_secs(1);

/// Names that were asked before the fault.
const KNOWN: usize = 24;

/// Names that nobody was asked for before.
const STRANGE: &str = "strange{new}";

/// Faults at a time: few, so that they do not wait for each other.
const AT_ONCE: usize = 3;

/// How long a fault holds, and when an answer is late.
fn terms() -> (Duration, Duration) {
    match std::env::var("CNRP_FAULTS") {
        Ok(seconds) => (
            Duration::from_secs(seconds.parse().expect("a number of seconds")),
            DEADLINE + Duration::from_millis(100),
        ),
        Err(_) => (Duration::from_secs(1), DEADLINE + Duration::from_millis(500)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_every_question_is_answered_in_time_with_what_is_known() {
    let cells = cells::all();
    let rows = futures_util::stream::iter(cells).map(run).buffered(AT_ONCE);
    let rows: Vec<Row> = rows.collect().await;
    println!(
        "| fault | sent | answered in time | slowest | wrong | lost | refused |\n|---|---|---|---|---|---|---|"
    );
    rows.iter().for_each(|row| println!("{}", row.shown()));
    let bad: Vec<_> = rows.iter().filter(|row| !row.is_right()).map(Row::shown).collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

/// A line of the table.
struct Row {
    fault: &'static str,
    seen: Seen,
    wrong: usize,
    lost: usize,
    /// Questions that met no gateway: what was lost, but not by it.
    refused: usize,
}

impl Row {
    fn shown(&self) -> String {
        let Self { fault, seen, wrong, lost, refused } = self;
        let (sent, in_time, slowest) = (seen.sent, seen.in_time(), seen.slowest);
        format!("| {fault} | {sent} | {in_time} | {slowest} ms | {wrong} | {lost} | {refused} |")
    }

    fn is_right(&self) -> bool {
        self.seen.late == 0 && self.wrong == 0 && self.lost == 0 && self.seen.answered > 0
    }
}

async fn run(cell: Cell) -> Row {
    let (holds, bound) = terms();
    let (stage, begin) = (cell.scene)().await;
    for number in 0..KNOWN {
        let answer = stage.gateway.ask(&format!("known{number}"), &[]).await;
        assert_eq!(answer.first_uri(), stage.known(number), "{} before the fault", cell.fault);
    }
    tokio::time::sleep(stage.expires).await;
    let before = answered(&stage).await;
    let names = [OWN.0, "known{n}", STRANGE];
    let load = Load::start(stage.gateway.address("http"), &names, KNOWN, bound);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let held = begin().await;
    tokio::time::sleep(holds).await;
    let seen = load.finish().await;
    drop(held);
    let bit = has_bitten(&stage, &seen).await;
    assert!(bit, "{}: it was no fault: {:?}", cell.fault, seen.answers);
    let wrong = seen.wrong(|name, answer| is_right(&stage, name, answer));
    // What it answered, and nobody heard.
    let unheard = answered(&stage).await - before - seen.answered;
    let (lost, refused) = if cell.refuses { (unheard, seen.lost() - unheard) } else { (seen.lost(), 0) };
    Row { fault: cell.fault, seen, wrong, lost, refused }
}

fn is_right(stage: &Stage, name: &str, answer: &Read) -> bool {
    if name == OWN.0 {
        return answer.first_uri() == OWN.1;
    }
    if let Some(number) = name.strip_prefix("known") {
        return answer.first_uri() == stage.known(number.parse().expect("a number"));
    }
    let codes = answer.codes();
    match answer.uris().first() {
        Some(first) => first.starts_with("https://strange"),
        None if stage.denies && codes == ["2.1.0"] => true,
        None if matches!(stage.sign, Sign::Alone(_)) => false,
        // The static map is left, and knows no such name.
        None => codes == ["3.2.0", "2.1.0"],
    }
}

/// Whether there was a fault at all.
async fn has_bitten(stage: &Stage, seen: &Seen) -> bool {
    match stage.sign {
        Sign::Failures => seen.failures(STRANGE) > 0,
        Sign::Denials => seen.answers.iter().any(|answer| answer.name == STRANGE),
        Sign::Shortage => {
            let metrics = metrics(&stage.gateway).await;
            let none = "cnrp_connections_refused_total{reason=\"descriptors\"} 0";
            metrics.lines().all(|line| line != none)
        }
        Sign::Alone(reason) => {
            let metrics = metrics(&stage.gateway).await;
            let failures = format!("cnrp_shared_cache_failures_total{{reason=\"{reason}\"}}");
            let has_failed = |line: &str| line.starts_with(&failures) && !line.ends_with(" 0");
            metrics.lines().any(has_failed) && metrics.contains("\ncnrp_shared_cache_suspended 1\n")
        }
        Sign::Seen => true,
    }
}

async fn metrics(gateway: &Gateway) -> String {
    gateway.get("admin", "/metrics").await.text().await.expect("a body")
}

/// How many requests the gateway says that it has answered.
async fn answered(stage: &Stage) -> usize {
    let metrics = metrics(&stage.gateway).await;
    let of_http = |line: &str| {
        line.strip_prefix("cnrp_requests_total{transport=\"http\",")?
            .rsplit_once(' ')?
            .1
            .parse::<usize>()
            .ok()
    };
    metrics.lines().filter_map(of_http).sum()
}

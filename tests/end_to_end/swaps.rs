//! An index that is replaced under load, over and over, with files in between that are no index: no
//! wrong answer, no lost request. `CNRP_SWAPS=1000` swaps as often over HTTP.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use cnrp_gateway::{
    backends::static_names::from_index,
    model::{CommonName, NameQuery},
};
use futures_util::FutureExt as _;

use crate::support::{Gateway, document, program, run};

/// Names of each index.
const NAMES: usize = 200;

/// Indexes that take turns.
const VERSIONS: usize = 3;

/// Files that are no index, between two that are.
const BAD: usize = 4;

fn uri(name: usize, version: usize) -> String {
    format!("https://n{name}.v{version}.example/")
}

/// Builds each version of the index, and says where they are.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let build = |version: usize| {
        let index = folder.join(format!("v{version}.idx"));
        let names = folder.join(format!("v{version}.csv"));
        let rows: String = (0..NAMES).map(|name| format!("Name {name},{}\n", uri(name, version))).collect();
        std::fs::write(&names, format!("name,uri\n{rows}")).unwrap();
        let (code, out, err) =
            run(&["index", "build", names.to_str().unwrap(), "-o", index.to_str().unwrap()]);
        assert!(code == 0, "{out}{err}");
        index
    };
    (0..VERSIONS).map(build).collect()
}

/// Puts a file in place of the index by rename.
fn put(index: &Path, bytes: &[u8]) {
    let beside = index.with_extension("beside");
    std::fs::write(&beside, bytes).unwrap();
    std::fs::rename(beside, index).unwrap();
}

/// What is no index: torn, empty, a names file, and one with a byte turned in its keys.
fn bad(good: &[u8], which: usize) -> Vec<u8> {
    match which % BAD {
        0 => good[..good.len() / 2].to_vec(),
        1 => Vec::new(),
        2 => b"name,uri\nName 1,https://wrong.example/\n".to_vec(),
        _ => {
            let mut damaged = good.to_vec();
            let at = damaged.len() - 40;
            damaged[at] ^= 16;
            damaged
        }
    }
}

#[test]
fn a_thousand_swaps_give_no_wrong_answer() {
    const SWAPS: usize = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = versions(folder.path()).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let index = folder.path().join("names.idx");
    put(&index, &files[0]);
    let map = from_index(&index).unwrap();
    let (stop, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ask = |name: usize| {
        let query = NameQuery::plain(CommonName::new(&format!("name {name}")).unwrap());
        let reply = map.ask(&query).now_or_never().unwrap().expect("an answer");
        reply.hits.into_iter().map(|hit| hit.uri).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        for first in 0..2 {
            let (ask, stop, asked) = (&ask, &stop, &asked);
            scope.spawn(move || {
                for name in (first..NAMES).cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                    let found = ask(name);
                    let right = (0..VERSIONS).any(|version| found == [uri(name, version)]);
                    assert!(right, "name {name}: {found:?}");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for swap in 1..=SWAPS {
            put(&index, &bad(&files[swap % VERSIONS], swap));
            map.upkeep();
            assert_eq!(ask(swap % NAMES), [uri(swap % NAMES, (swap - 1) % VERSIONS)], "what is no index");
            put(&index, &files[swap % VERSIONS]);
            map.upkeep();
            assert_eq!(ask(swap % NAMES), [uri(swap % NAMES, swap % VERSIONS)], "swap {swap}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    println!("{SWAPS} swaps, {SWAPS} bad files, {} answers", asked.load(Ordering::Relaxed));
    assert!(asked.load(Ordering::Relaxed) > SWAPS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swaps_under_load_lose_no_request() {
    let swaps: usize = std::env::var("CNRP_SWAPS").map_or(60, |swaps| swaps.parse().expect("a number"));
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = versions(folder.path()).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let index = folder.path().join("names.idx");
    put(&index, &files[0]);
    let config = format!("backends: [{{name: n, type: static, index: {}}}]", index.display());
    let gateway = Arc::new(Gateway::start(&config));
    let stop = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> =
        (0..4).map(|first| tokio::spawn(ask_until(Arc::clone(&gateway), first, Arc::clone(&stop)))).collect();
    for swap in 1..=swaps {
        let next = if swap % 2 == 0 { files[swap % VERSIONS].clone() } else { bad(&files[0], swap / 2) };
        put(&index, &next);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    put(&index, &files[1]);
    let put_at = Instant::now();
    while !answer(&gateway, 7).await.contains(&uri(7, 1)) {
        assert!(put_at.elapsed() < Duration::from_secs(5), "the last index is not in force");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut seen = [0; VERSIONS];
    for asker in asking {
        for (all, one) in seen.iter_mut().zip(asker.await.unwrap()) {
            *all += one;
        }
    }
    println!("{swaps} swaps, answers of each index: {seen:?}");
    assert!(seen.iter().filter(|count| **count > 0).count() > 1, "{seen:?}");
}

async fn answer(gateway: &Gateway, name: usize) -> String {
    let question = document(&format!("<query><commonname>name {name}</commonname></query>"));
    let reply = gateway.send(question.into_bytes()).await;
    assert_eq!(reply.status(), 200);
    reply.text().await.expect("a body")
}

/// How many answers came of each version.
async fn ask_until(gateway: Arc<Gateway>, first: usize, stop: Arc<AtomicBool>) -> [usize; VERSIONS] {
    let mut seen = [0; VERSIONS];
    for name in (first..NAMES).cycle() {
        let answer = answer(&gateway, name).await;
        let version = (0..VERSIONS).find(|version| answer.contains(&uri(name, *version)));
        seen[version.unwrap_or_else(|| panic!("name {name}: {answer}"))] += 1;
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    seen
}

/// A build that is killed leaves the old index and, for the next build, nothing that hurts.
#[test]
fn a_build_that_is_killed_or_meets_another_leaves_the_old_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (names, index) = (path("names.csv"), path("names.idx"));
    let rows: String = (0..60_000).map(|i| format!("Name {i},https://{i}.example/\n")).collect();
    std::fs::write(&names, format!("name,uri\n{rows}")).unwrap();
    std::fs::write(&index, "old").unwrap();
    let mut building = program()
        .args(["index", "build", &names, "-o", &index])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !Path::new(&format!("{index}.new")).exists() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the build has not begun");
        std::thread::sleep(Duration::from_millis(5));
    }
    let (code, _, err) = run(&["index", "build", &names, "-o", &index]);
    assert!(code != 0 && err.contains("another"), "two at once: {code} {err}");
    building.kill().unwrap();
    building.wait().unwrap();
    assert_eq!(std::fs::read(&index).unwrap(), b"old");

    let (code, out, err) = run(&["index", "build", &names, "-o", &index]);
    assert!(code == 0 && out.contains("60000 names"), "{out}{err}");
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["names.csv", "names.idx"]);
    assert_eq!(run(&["index", "get", &index, "name 59999"]).0, 0);
}

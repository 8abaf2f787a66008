//! Load by wrk, and what came of it: how many questions were sent, and each answer that came, to be judged.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::Read;

/// Connections, each of which asks one question after the other.
const CONNECTIONS: &str = "8";

/// How long a connection waits between an answer and its next question, in milliseconds.
const PACE: &str = "60";

/// wrk, asking.
pub(crate) struct Load {
    process: Child,
    folder: tempfile::TempDir,
    bound: Duration,
}

/// What came of a load.
pub(crate) struct Seen {
    pub(crate) sent: usize,
    pub(crate) answered: usize,
    /// Answers that took longer than they may.
    pub(crate) late: usize,
    /// Connections that could not be made.
    pub(crate) unconnected: usize,
    /// The longest that an answer took, in milliseconds.
    pub(crate) slowest: usize,
    pub(crate) answers: Vec<Answer>,
}

/// An answer, and how often it came.
pub(crate) struct Answer {
    /// The name that was asked for; of one that is asked once `{new}` stands for its number.
    pub(crate) name: String,
    pub(crate) count: usize,
    status: String,
    body: Vec<u8>,
}

impl Load {
    /// Asks for these names in turn, in which `{n}` becomes a number below `many`, and `{new}` one that was never asked
    /// before. An answer is late after `bound`.
    pub(crate) fn start(at: SocketAddr, names: &[&str], many: usize, bound: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("questions"), names.join("\n")).expect("a file");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/faults/load.lua");
        let process = Command::new("wrk")
            // It is told when to end.
            .args(["-t", CONNECTIONS, "-c", CONNECTIONS, "-d", "24h", "--timeout", "10s", "-s", script])
            .args([&format!("http://{at}"), "--"])
            .arg(folder.path())
            .args([PACE, &many.to_string(), &bound.as_millis().to_string()])
            .stdout(Stdio::null())
            .spawn()
            .expect("wrk is installed: scripts/packages wrk");
        Self { process, folder, bound }
    }

    /// Asks no more, waits for what is owed, and tells.
    pub(crate) async fn finish(self) -> Seen {
        std::fs::write(self.file("stop"), "").expect("a file");
        tokio::time::sleep(self.bound + Duration::from_millis(200)).await;
        let interrupted = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        assert!(interrupted.expect("kill").success(), "wrk has ended before it was told to");
        let told = Instant::now();
        while !self.file("answers").exists() {
            assert!(told.elapsed() < Duration::from_secs(30), "wrk does not tell");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        read(&std::fs::read(self.file("answers")).expect("a file"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Seen {
    /// Questions to which no answer came.
    pub(crate) fn lost(&self) -> usize {
        self.sent - self.answered + self.unconnected
    }

    pub(crate) fn in_time(&self) -> usize {
        self.answered - self.late
    }

    /// How many answers are not what `is_right` wants, each kind of which is shown. Every one that is a document is
    /// judged by xmllint.
    pub(crate) fn wrong(&self, is_right: impl Fn(&str, &Read) -> bool) -> usize {
        let (answers, others): (Vec<_>, Vec<_>) =
            self.answers.iter().partition(|answer| answer.status == "200");
        let documents: Vec<_> = answers.iter().map(|answer| answer.body.clone()).collect();
        let read = Read::all(&documents);
        let judged = answers.into_iter().zip(&read).filter(|(answer, read)| !is_right(&answer.name, read));
        let wrong = others.into_iter().chain(judged.map(|(answer, _)| answer));
        wrong.inspect(|answer| println!("{}", answer.shown())).map(|answer| answer.count).sum()
    }

    /// How many answers to that name say that its source failed, and nothing else.
    pub(crate) fn failures(&self, name: &str) -> usize {
        let of_it = self.answers.iter().filter(|answer| answer.name == name);
        let failures = of_it.filter(|answer| {
            let body = String::from_utf8_lossy(&answer.body);
            body.contains("\"3.2.0\"") && !body.contains("<resourcedescriptor>")
        });
        failures.map(|answer| answer.count).sum()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.shown())
    }
}

impl Answer {
    fn shown(&self) -> String {
        let Self { name, count, status, body } = self;
        format!("wrong, {count} times, of {name}: {status}\n{}", String::from_utf8_lossy(body))
    }
}

/// Reads what the script has written.
fn read(mut told: &[u8]) -> Seen {
    let head = take_until(&mut told, b'\n');
    let numbers: Vec<usize> = head.split(' ').map(|number| number.parse().expect("a number")).collect();
    let &[sent, answered, late, unconnected, slowest] = numbers.as_slice() else { panic!("{head}") };
    let mut answers = Vec::new();
    while !told.is_empty() {
        let mut number = || take_until(&mut told, b' ').parse::<usize>().expect("a number");
        let (count, length) = (number(), number());
        let (mut answer, rest) = told.split_at(length);
        told = &rest[1..];
        let line = take_until(&mut answer, b'\n');
        let (name, status) = line.rsplit_once(' ').expect("a name and a status");
        answers.push(Answer {
            name: name.to_owned(),
            count,
            status: status.to_owned(),
            body: answer.to_vec(),
        });
    }
    Seen { sent, answered, late, unconnected, slowest, answers }
}

fn take_until(text: &mut &[u8], end: u8) -> String {
    let at = text.iter().position(|byte| *byte == end).expect("an end");
    let taken = String::from_utf8(text[..at].to_vec()).expect("UTF-8");
    *text = &text[at + 1..];
    taken
}

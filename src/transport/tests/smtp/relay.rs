//! A relay that takes messages and keeps them, or is in another mood.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it does with messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Taking,
    /// It says 451 to the message.
    Busy,
    /// It says 550 to the recipient.
    Refusing,
    /// Nobody listens.
    Gone,
}

/// A running relay; it ends with the test's runtime.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub(super) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&taken);
        if mood != Mood::Gone {
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let kept = Arc::clone(&kept);
                    tokio::spawn(async move { converse(stream, mood, &kept).await });
                }
            });
        }
        Self { address, taken }
    }

    /// The messages so far, each behind its envelope.
    pub(super) fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

async fn converse(stream: TcpStream, mood: Mood, taken: &Mutex<Vec<String>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 relay ESMTP\r\n").await.ok()?;
    let (mut message, mut in_data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if in_data && line != ".\r\n" {
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
            continue;
        }
        let reply = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-relay\r\n250 8BITMIME",
            "RCPT" if mood == Mood::Refusing => "550 5.1.1 nobody of that name",
            "MAIL" | "RCPT" => {
                message.push_str(&line);
                "250 2.0.0 go on"
            }
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            _ if in_data => {
                in_data = false;
                if mood == Mood::Taking {
                    taken.lock().unwrap().push(std::mem::take(&mut message));
                    "250 2.0.0 taken"
                } else {
                    "451 4.3.0 busy"
                }
            }
            "QUIT" => "221 2.0.0 goodbye",
            _ => "500 5.5.1 what",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}

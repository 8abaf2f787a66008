//! A conversation over a stream: reading within limits of time, and saying what the session says.

use std::{io, net::IpAddr, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    post::Post,
    session::{Session, Step},
};

/// The longest conversation. Commands are limited as well, but each may take its time.
const LONGEST: Duration = Duration::from_secs(600);

/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// Holds a conversation to its end.
///
/// # Errors
/// The stream broke, or the peer did not read what it was told.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: IpAddr,
    post: &Post,
    stop: &CancellationToken,
) -> io::Result<()> {
    let patience = post.settings.patience;
    let end = Instant::now() + LONGEST;
    let mut line = Line { stream, patience, end };
    let mut session = Session::new(&post.rules);
    let mut input = BytesMut::with_capacity(PIECE);
    line.say(&session.greeting()).await?;
    // A command, or the whole of a message, has this long; drops of it buy no more.
    let mut deadline = line.deadline();
    loop {
        let mut said = String::new();
        while let Some(step) = session.next(&mut input) {
            deadline = line.deadline();
            match step {
                Step::Say(reply) => said.push_str(&reply),
                Step::Close(reply) => return line.hang_up(&format!("{said}{reply}")).await,
                Step::Deliver(delivery) => {
                    line.say(&std::mem::take(&mut said)).await?;
                    said.push_str(&post.deliver(&delivery, peer).await);
                    deadline = line.deadline();
                }
            }
        }
        line.say(&said).await?;
        match stop.run_until_cancelled(timeout_at(deadline, line.stream.read_buf(&mut input))).await {
            None => return line.hang_up("421 4.3.2 shutting down\r\n").await,
            Some(Err(_)) => {
                let late = if session.is_in_data() { "the message" } else { "a command" };
                return line.hang_up(&format!("421 4.4.2 waited too long for {late}\r\n")).await;
            }
            Some(Ok(Ok(0))) => return Ok(()),
            Some(Ok(read)) => {
                read?;
            }
        }
    }
}

/// The stream, and how long it may take.
struct Line<S> {
    stream: S,
    patience: Duration,
    end: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    fn deadline(&self) -> Instant {
        (Instant::now() + self.patience).min(self.end)
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        if reply.is_empty() {
            return Ok(());
        }
        let deadline = self.deadline();
        timeout_at(deadline, self.stream.write_all(reply.as_bytes())).await??;
        Ok(())
    }

    /// Says the last word. What is still on its way is read for a moment: a connection that is
    /// closed before takes the last word with it.
    async fn hang_up(&mut self, reply: &str) -> io::Result<()> {
        self.say(reply).await?;
        self.stream.shutdown().await?;
        let deadline = self.deadline().min(Instant::now() + Duration::from_secs(1));
        let mut rest = vec![0; PIECE];
        while matches!(timeout_at(deadline, self.stream.read(&mut rest)).await, Ok(Ok(1..))) {}
        Ok(())
    }
}

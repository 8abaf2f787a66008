//! A conversation over a stream: reading within limits of time, and saying what the session says.

use std::{io, net::IpAddr, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::tls::take_over,
    post::Post,
    session::{Security, Session, Step},
};

/// The longest conversation. Commands are limited as well, but each may take its time.
const LONGEST: Duration = Duration::from_secs(600);

/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// Holds a conversation to its end, inside TLS once the peer has asked for that.
///
/// # Errors
/// The stream broke, the peer did not read what it was told, or hands were not shaken.
pub(super) async fn converse(
    stream: TcpStream,
    peer: IpAddr,
    post: &Post,
    stop: &CancellationToken,
) -> io::Result<()> {
    let (tls, patience) = (post.tls(), post.settings.patience);
    let security = if tls.is_some() { Security::Offered } else { Security::Unavailable };
    let end = Instant::now() + LONGEST;
    let line = Line { stream, patience, end };
    let in_clear = talk(line, Session::new(&post.rules, security), peer, post, stop).await?;
    let Some((line, tls)) = in_clear.zip(tls) else { return Ok(()) };
    let deadline = line.deadline();
    let Some(shaken) = stop.run_until_cancelled(timeout_at(deadline, take_over(tls, line.stream))).await
    else {
        return Ok(());
    };
    let line = Line { stream: shaken??, patience, end };
    talk(line, Session::new(&post.rules, Security::Established), peer, post, stop).await.map(drop)
}

/// Holds one session to its end. `Some` where the peer waits to shake hands: what it sent beyond
/// STARTTLS was thrown away, so that what a stranger put there is not taken for what comes inside
/// TLS (RFC 3207 section 4.2, CVE-2011-0411).
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut line: Line<S>,
    mut session: Session<'_>,
    peer: IpAddr,
    post: &Post,
    stop: &CancellationToken,
) -> io::Result<Option<Line<S>>> {
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
                Step::StartTls(reply) => {
                    line.say(&format!("{said}{reply}")).await?;
                    return Ok(Some(line));
                }
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
            Some(Ok(Ok(0))) => return Ok(None),
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
        timeout_at(deadline, self.stream.flush()).await??;
        Ok(())
    }

    /// Says the last word. What is still on its way is read for a moment: a connection that is
    /// closed before takes the last word with it.
    async fn hang_up(mut self, reply: &str) -> io::Result<Option<Self>> {
        self.say(reply).await?;
        self.stream.shutdown().await?;
        let deadline = self.deadline().min(Instant::now() + Duration::from_secs(1));
        let mut rest = vec![0; PIECE];
        while matches!(timeout_at(deadline, self.stream.read(&mut rest)).await, Ok(Ok(1..))) {}
        Ok(None)
    }
}

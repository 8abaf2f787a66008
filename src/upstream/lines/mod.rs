//! The network as backends reach it: as it is; as it is, while everything that is said is written
//! down; or as it was, from what was written down, with no network at all.
//!
//! What is recorded is what a backend reads: whole replies and the outcomes of lookups, each with the
//! time it took, so that what was late is late again when it is replayed.

mod player;
mod recorder;
mod said;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;

pub use player::Player;
pub use recorder::Recorder;
pub use said::{Answered, Asked, Body, REDACTED, Said};

use super::{Dns, HttpClient};
use crate::model::{BoxFuture, Exchange, Failure};
use said::Spoken;

/// How backends reach the network. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub struct Lines(Way);

#[derive(Clone, Default)]
enum Way {
    #[default]
    Live,
    Recorded(Arc<Recorder>),
    Replayed(Arc<Player>),
}

impl Lines {
    /// The network itself, everything that is said over it written down.
    pub fn recorded(recorder: Arc<Recorder>) -> Self {
        Self(Way::Recorded(recorder))
    }

    /// What was written down, and nothing else: whatever is asked that is not there fails.
    pub fn replayed(player: Arc<Player>) -> Self {
        Self(Way::Replayed(player))
    }

    /// The way over HTTP of the backend of that name; `client` makes the one for the network itself.
    ///
    /// # Errors
    /// As `client`.
    pub fn http(
        &self,
        backend: &str,
        client: impl FnOnce() -> Result<HttpClient, Failure>,
    ) -> Result<Box<dyn Exchange>, Failure> {
        Ok(match self.line(backend) {
            None => Box::new(client()?),
            Some(line) => {
                let client = if line.is_replayed() { None } else { Some(client()?) };
                Box::new(Wire { line, client })
            }
        })
    }

    /// The DNS client of the backend of that name; see [`Dns::new`].
    pub fn dns(&self, backend: &str, servers: &[SocketAddr], patience: Duration) -> Dns {
        match self.line(backend) {
            None => Dns::new(servers, patience),
            Some(line) if line.is_replayed() => Dns::replayed(line, patience),
            Some(line) => Dns::new(servers, patience).over(line),
        }
    }

    fn line(&self, backend: &str) -> Option<Line> {
        let line = |way| Some(Line { backend: backend.to_owned(), way });
        match &self.0 {
            Way::Live => None,
            Way::Recorded(recorder) => line(Written::Down(Arc::clone(recorder))),
            Way::Replayed(player) => line(Written::Before(Arc::clone(player))),
        }
    }
}

/// The way of one backend, where what is said is written.
pub(super) struct Line {
    backend: String,
    way: Written,
}

enum Written {
    Down(Arc<Recorder>),
    Before(Arc<Player>),
}

impl Line {
    fn is_replayed(&self) -> bool {
        matches!(self.way, Written::Before(_))
    }

    /// What is answered to `asked`: what `live` gives, written down; or what was written before,
    /// after the time it took then, and `live` is never begun.
    pub(super) async fn said<T: Spoken>(&self, asked: Asked, live: impl Future<Output = T>) -> T {
        match &self.way {
            Written::Down(recorder) => {
                let place = recorder.begin(&self.backend, &asked);
                let answer = live.await;
                recorder.end(place, answer.written());
                answer
            }
            Written::Before(player) => match player.answer(&self.backend, &asked).await {
                Ok(answered) => T::read(answered),
                Err(unknown) => T::failed(unknown),
            },
        }
    }
}

/// An HTTP client on a line.
struct Wire {
    line: Line,
    /// None where it is replayed.
    client: Option<HttpClient>,
}

impl Exchange for Wire {
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async move {
            let asked = Asked::of(&request);
            self.line.said(asked, self.send(request)).await
        })
    }
}

impl Wire {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        match &self.client {
            Some(client) => client.exchange(request).await,
            None => Err(player::unknown()),
        }
    }
}

#[cfg(test)]
mod tests;

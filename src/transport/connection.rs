//! One connection, in the clear or inside TLS: HTTP/1.0, 1.1 or 2, until it ends, idles, or is
//! sent away.
//!
//! One alarm serves for the first byte, a slow head, a silent HTTP/2 peer, an answer that nobody
//! reads, and an idle connection: in each of them no request is open. hyper's own limit would
//! cover some of these only, and starts a timer for each request.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until},
};

use super::{
    crowd::{Order, Seat},
    framing::Watched,
    front::{Fronts, Place},
};

/// Most bytes of a request's head (431 beyond it), and of what is read at once.
pub(super) const HEAD: usize = 16 * 1024;

/// Most requests at once on one HTTP/2 connection.
const STREAMS: u32 = 64;

/// Bytes that one stream, and one connection, may send before we have read them (HTTP/2).
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// How connections are served.
#[derive(Clone)]
pub(super) struct Server(auto::Builder<TokioExecutor>);

impl Server {
    pub(super) fn new() -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // A client that has sent all it has may close its half, and still be answered.
        builder.http1().max_buf_size(HEAD).half_close(true);
        builder
            .http2()
            .max_header_list_size(HEAD as u32)
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(STREAM_WINDOW as usize);
        Self(builder)
    }

    /// Serves `stream` to its end.
    pub(super) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        fronts: Fronts,
        place: Place,
        seat: Arc<Seat>,
        patience: Duration,
    ) {
        let line = Arc::new(Line { fronts, place, seat: Arc::clone(&seat) });
        let service = service_fn(move |request| Arc::clone(&line).answer(request));
        let mut connection =
            pin!(self.0.serve_connection(TokioIo::new(Watched::new(stream, Arc::clone(&seat))), service));
        let mut called = pin!(seat.called());
        let mut alarm = pin!(sleep_until(Instant::now() + patience));
        loop {
            tokio::select! {
                biased;
                // How a stranger's connection ended concerns nobody: what it asked was answered or not.
                _ = connection.as_mut() => return,
                () = called.as_mut() => match seat.order() {
                    Order::Leave => return,
                    Order::Drain => connection.as_mut().graceful_shutdown(),
                    Order::Stay => {}
                },
                () = alarm.as_mut() => match seat.idle(Instant::now()) {
                    Some(idle) if idle >= patience => return,
                    idle => {
                        let left = patience - idle.unwrap_or_default();
                        alarm.as_mut().reset(Instant::now() + left);
                        continue;
                    }
                },
            }
            called.set(seat.called());
        }
    }
}

/// What the requests of one connection have in common.
struct Line {
    fronts: Fronts,
    place: Place,
    seat: Arc<Seat>,
}

impl Line {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let _open = self.seat.open();
        // The one of now: a connection that is kept alive outlives many a configuration.
        let front = self.fronts.load_full();
        if request.version() == Version::HTTP_2 {
            self.seat.multiplex(|| front.is_leaving());
        }
        let page = front.answer(request, &self.place, &self.seat).await;
        Ok(page.map(Full::new))
    }
}

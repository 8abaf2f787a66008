//! Accepting connections: who gets a place, who is introduced by a load balancer, who shakes hands.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    client::{ClientKey, holds},
    connection::Server,
    crowd::{Crowd, Order, Seat},
    front::{Fronts, Place},
    proxy_header,
    settings::Settings,
    tls::{Tls, shake_hands},
};

/// How long to wait where no descriptor or place is left: long enough for one to be freed, short
/// enough not to be noticed.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(10);

/// Descriptors that stay for upstreams, files and what else a process opens, where so many are half
/// or less of those there are. With fewer, our own shortage looks like upstreams that fail.
const SPARE: usize = 64;

/// How many connections there is room for.
pub(super) fn places(settings: &Settings) -> usize {
    let descriptors =
        std::fs::read_to_string("/proc/self/limits").ok().and_then(|limits| open_files(&limits));
    let used = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let most = descriptors.map_or(usize::MAX, |descriptors| for_clients(descriptors.saturating_sub(used)));
    settings.connections.min(most).max(1)
}

/// How many of the descriptors that are not yet in use clients may have: three quarters, or half
/// where there are few.
fn for_clients(unused: usize) -> usize {
    unused - (unused / 4).max(SPARE.min(unused / 2))
}

/// The soft limit of open files, as Linux writes it.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The listeners that share a crowd.
pub(super) struct Hall {
    fronts: Fronts,
    crowd: Crowd,
    server: Server,
    pub(super) tasks: TaskTracker,
    is_admin: bool,
}

impl Hall {
    pub(super) fn new(fronts: &Fronts, crowd: Crowd, is_admin: bool) -> Arc<Self> {
        let tasks = TaskTracker::new();
        Arc::new(Self { fronts: Arc::clone(fronts), crowd, server: Server::new(), tasks, is_admin })
    }

    /// Takes connections until `stop`, which concerns none of those that were taken.
    pub(super) async fn accept(
        self: Arc<Self>,
        listener: Arc<TcpListener>,
        tls: Option<Arc<Tls>>,
        stop: CancellationToken,
    ) {
        let is_loopback = listener.local_addr().is_ok_and(|at| at.ip().to_canonical().is_loopback());
        while let Some(accepted) = stop.run_until_cancelled(self.next(&listener)).await {
            match accepted {
                Ok((stream, peer)) => {
                    let peer = peer.ip().to_canonical();
                    let (is_admin, is_secure) = (self.is_admin, tls.is_some());
                    let place = Place { peer, is_admin, is_loopback, is_secure };
                    self.seat(stream, tls.clone(), place);
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(_) => {
                    self.fronts.load().turned_away.no_descriptor.inc();
                    self.crowd.shed();
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            }
        }
    }

    /// The next connection. While there is no place for one it waits in the system's queue, as
    /// answers free places soon; accepted now, it could only be closed without a word.
    async fn next(&self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        while self.crowd.is_full() {
            tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
        }
        listener.accept().await
    }

    /// Gives a connection its place and lets it run; without one it is closed.
    fn seat(self: &Arc<Self>, stream: TcpStream, tls: Option<Arc<Tls>>, place: Place) {
        let front = self.fronts.load();
        let settings = &front.settings;
        let speaks_for_many = holds(&settings.trusted_proxies, place.peer) || self.is_balancer(place.peer);
        let is_limited = !speaks_for_many && !holds(&settings.per_client.exempt, place.peer);
        let client = is_limited.then(|| ClientKey::of(place.peer));
        let Some(seat) = self.crowd.enter(client) else {
            front.turned_away.no_place.inc();
            return;
        };
        // Without it an answer may wait for the acknowledgement of the one before. A connection
        // that is gone already fails here and is found out later.
        let _ = stream.set_nodelay(true);
        let hall = Arc::clone(self);
        self.tasks.spawn(async move {
            hall.receive(stream, tls, place, &seat).await;
            hall.crowd.leave(&seat);
        });
    }

    /// Finds out who is there, shakes hands where that is the way, and serves.
    async fn receive(&self, mut stream: TcpStream, tls: Option<Arc<Tls>>, place: Place, seat: &Arc<Seat>) {
        let Some(place) = self.introduced(&mut stream, place, seat).await else { return };
        match tls {
            None => self.serve(stream, place, seat).await,
            Some(tls) => {
                let patience = self.patience();
                if let Some(stream) = shake_hands(&tls, stream, seat, patience).await {
                    self.serve(stream, place, seat).await;
                }
            }
        }
    }

    fn patience(&self) -> Duration {
        self.fronts.load().settings.header_timeout
    }

    /// Whether connections of `peer` begin by saying for whom they are.
    fn is_balancer(&self, peer: IpAddr) -> bool {
        !self.is_admin && holds(&self.fronts.load().settings.proxy_protocol, peer)
    }

    /// The place with the client that a load balancer names as its peer; `None` if it names none.
    async fn introduced(&self, stream: &mut TcpStream, place: Place, seat: &Seat) -> Option<Place> {
        if !self.is_balancer(place.peer) {
            return Some(place);
        }
        let header = tokio::select! {
            header = proxy_header::read(stream, self.patience()) => header,
            () = seat.called() => return None,
        };
        match header {
            Ok(client) => Some(Place { peer: client.unwrap_or(place.peer), ..place }),
            Err(_) => {
                self.fronts.load().turned_away.no_header.inc();
                None
            }
        }
    }

    async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        place: Place,
        seat: &Arc<Seat>,
    ) {
        let patience = self.patience();
        self.server.serve(stream, Arc::clone(&self.fronts), place, Arc::clone(seat), patience).await;
    }

    /// Tells those who can be told so to ask no more here.
    pub(super) fn say_farewell(&self) {
        self.crowd.say_farewell();
    }

    /// Closes what is idle, waits for the rest as long as `drain`, and closes that as well.
    pub(super) async fn close(&self, drain: Duration) {
        self.tasks.close();
        self.crowd.close(Order::Drain);
        if tokio::time::timeout(drain, self.tasks.wait()).await.is_err() {
            self.crowd.close(Order::Leave);
        }
    }
}

/// Errors of `accept` that say that a connection was gone before it was accepted.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::{for_clients, open_files};

    #[test]
    fn clients_leave_descriptors_for_what_answers_them() {
        for (unused, clients) in [(0, 0), (1, 1), (52, 26), (200, 136), (256, 192), (1000, 750)] {
            assert_eq!(for_clients(unused), clients, "{unused}");
        }
    }

    #[test]
    fn the_limit_of_open_files_is_read() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files("Max open files unlimited unlimited files"), None);
        assert_eq!(open_files(""), None);
    }
}

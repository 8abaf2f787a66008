//! Accepting connections until told to stop, and then letting what is in flight finish.

use std::{
    future::Future,
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
    front::{Front, Place},
    listen::Bound,
    proxy_header,
    settings::Settings,
    smtp,
    tls::{Tls, shake_hands},
    udp,
};
use crate::{
    gateway::{Control, Door},
    model::Metrics,
};

/// Connections to the operator's pages. They have places of their own, so that a flood of
/// clients does not hide how it is going.
const OPERATORS: usize = 64;

/// How long to wait where no descriptor or place is left: long enough for one to be freed, short
/// enough not to be noticed.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(10);

/// How often clients that have rested are forgotten.
const FORGETTING: Duration = Duration::from_secs(10);

/// Serves everything that is bound, until `stop`. Then nothing more is accepted, kept-alive
/// connections are closed, and requests in flight have `drain` to finish. The operator's pages
/// answer until that is over.
pub fn serve(
    bound: Bound,
    door: Arc<dyn Door>,
    control: Arc<dyn Control>,
    settings: Settings,
    metrics: &Metrics,
    stop: CancellationToken,
    drain: Duration,
) -> impl Future<Output = ()> + Send + use<> {
    let places = places(&settings);
    let front = Arc::new(Front::new(door, control, settings, metrics));
    // Where there are few descriptors, the operators' connections leave some for the answers as well.
    let at_operators = OPERATORS.min(places.div_ceil(4));
    // Half for one client is generous, since many may stand behind one address, and still leaves
    // the other half.
    let public = Hall::new(&front, Crowd::new(places, places.div_ceil(2)), false);
    let operators = Hall::new(&front, Crowd::new(at_operators, at_operators), true);
    run(bound, front, public, operators, stop, drain)
}

async fn run(
    bound: Bound,
    front: Arc<Front>,
    public: Arc<Hall>,
    operators: Arc<Hall>,
    stop: CancellationToken,
    drain: Duration,
) {
    let over = CancellationToken::new();
    for listener in bound.http {
        public.tasks.spawn(Arc::clone(&public).accept(listener, None, stop.clone()));
    }
    if let Some(tls) = &front.settings.tls {
        for listener in bound.https {
            let tls = Some(Arc::clone(tls));
            public.tasks.spawn(Arc::clone(&public).accept(listener, tls, stop.clone()));
        }
    }
    for socket in bound.udp {
        public.tasks.spawn(udp::serve(socket, Arc::clone(&front), public.tasks.clone(), stop.clone()));
    }
    if let Some((listener, settings)) = bound.smtp.zip(front.settings.smtp.clone()) {
        let (front, tasks) = (Arc::clone(&front), public.tasks.clone());
        public.tasks.spawn(smtp::serve(listener, settings, front, tasks, stop.clone()));
    }
    if let Some(listener) = bound.admin {
        operators.tasks.spawn(Arc::clone(&operators).accept(listener, None, over.clone()));
    }
    forget_until(&stop, &front).await;
    front.drain();
    public.close(drain).await;
    over.cancel();
    operators.close(drain).await;
}

async fn forget_until(stop: &CancellationToken, front: &Front) {
    let mut interval = tokio::time::interval(FORGETTING);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        front.admission.forget_the_rested();
    }
}

/// Descriptors that stay for upstreams, files and what else a process opens, where so many are half
/// or less of those there are. With fewer, our own shortage looks like upstreams that fail.
const SPARE: usize = 64;

/// How many connections there is room for.
fn places(settings: &Settings) -> usize {
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
struct Hall {
    front: Arc<Front>,
    crowd: Crowd,
    server: Server,
    tasks: TaskTracker,
    is_admin: bool,
}

impl Hall {
    fn new(front: &Arc<Front>, crowd: Crowd, is_admin: bool) -> Arc<Self> {
        let tasks = TaskTracker::new();
        Arc::new(Self { front: Arc::clone(front), crowd, server: Server::new(), tasks, is_admin })
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, tls: Option<Arc<Tls>>, stop: CancellationToken) {
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
                    self.front.turned_away.no_descriptor.inc();
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
        let settings = &self.front.settings;
        let speaks_for_many = holds(&settings.trusted_proxies, place.peer) || self.is_balancer(place.peer);
        let is_limited = !speaks_for_many && !holds(&settings.per_client.exempt, place.peer);
        let client = is_limited.then(|| ClientKey::of(place.peer));
        let Some(seat) = self.crowd.enter(client) else {
            self.front.turned_away.no_place.inc();
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
                let patience = self.front.settings.header_timeout;
                if let Some(stream) = shake_hands(&tls, stream, seat, patience).await {
                    self.serve(stream, place, seat).await;
                }
            }
        }
    }

    /// Whether connections of `peer` begin by saying for whom they are.
    fn is_balancer(&self, peer: IpAddr) -> bool {
        !self.is_admin && holds(&self.front.settings.proxy_protocol, peer)
    }

    /// The place with the client that a load balancer names as its peer; `None` if it names none.
    async fn introduced(&self, stream: &mut TcpStream, place: Place, seat: &Seat) -> Option<Place> {
        if !self.is_balancer(place.peer) {
            return Some(place);
        }
        let header = tokio::select! {
            header = proxy_header::read(stream, self.front.settings.header_timeout) => header,
            () = seat.called() => return None,
        };
        match header {
            Ok(client) => Some(Place { peer: client.unwrap_or(place.peer), ..place }),
            Err(_) => {
                self.front.turned_away.no_header.inc();
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
        let patience = self.front.settings.header_timeout;
        self.server.serve(stream, Arc::clone(&self.front), place, Arc::clone(seat), patience).await;
    }

    /// Closes what is idle, waits for the rest as long as `drain`, and closes that as well.
    async fn close(&self, drain: Duration) {
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

//! Opening the sockets: all of them before anything is announced, so that a gateway which says
//! that it listens does so everywhere.

use std::{io, net::SocketAddr, sync::Arc};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use super::inherited::{self, Inherited};

/// Connections that the system queues until they are accepted.
const BACKLOG: i32 = 1024;

/// Where to listen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    pub http: Vec<SocketAddr>,
    /// Without [`Settings::tls`](super::Settings::tls) nothing is accepted there.
    pub https: Vec<SocketAddr>,
    pub udp: Vec<SocketAddr>,
    /// Where mail servers hand questions over.
    pub smtp: Option<SocketAddr>,
    pub admin: Option<SocketAddr>,
}

impl Addresses {
    /// Those of TCP: http, https, smtp, admin.
    fn streams(&self) -> Vec<SocketAddr> {
        let Self { http, https, smtp, admin, .. } = self;
        http.iter().chain(https).chain(smtp).chain(admin).copied().collect()
    }
}

/// Sockets that listen. Those that two of them share stay open until neither needs them.
#[derive(Debug)]
pub struct Bound {
    pub(super) http: Vec<Arc<TcpListener>>,
    pub(super) https: Vec<Arc<TcpListener>>,
    pub(super) udp: Vec<Arc<UdpSocket>>,
    pub(super) smtp: Option<Arc<TcpListener>>,
    pub(super) admin: Option<Arc<TcpListener>>,
    /// What they were opened for: port 0 has become another.
    addresses: Addresses,
}

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {kind} {address}: {}", advice(.source, *.ours))]
pub struct BindError {
    /// `http`, `https`, `udp`, `smtp` or `admin`.
    pub kind: &'static str,
    pub address: SocketAddr,
    #[source]
    pub source: io::Error,
    /// Where we listen ourselves, if that is what is in the way.
    ours: Option<SocketAddr>,
}

/// What went wrong, and what to do about it.
fn advice(error: &io::Error, ours: Option<SocketAddr>) -> String {
    match (error.kind(), ours) {
        (io::ErrorKind::AddrInUse, Some(ours)) => {
            format!(
                "this gateway listens on {ours} until then, which is in the way; this change wants a restart"
            )
        }
        (io::ErrorKind::AddrInUse, None) => {
            "it is in use; stop what listens there, or choose another port under `listen`".into()
        }
        (io::ErrorKind::PermissionDenied, _) => {
            "permission denied; ports below 1024 need privileges, choose a higher one under `listen`".into()
        }
        (io::ErrorKind::AddrNotAvailable, _) => {
            "this machine has no such address; choose one that it has under `listen`".into()
        }
        _ => error.to_string(),
    }
}

/// Opens every socket. Must be called within a tokio runtime.
///
/// # Errors
/// The first address that cannot be listened on; the sockets opened before it are closed again.
pub fn bind(addresses: &Addresses) -> Result<Bound, BindError> {
    bind_with(addresses, &mut Inherited::default())
}

/// [`bind`], which opens none that was inherited: it is taken over as it is.
///
/// # Errors
/// As for [`bind`].
pub fn bind_with(addresses: &Addresses, inherited: &mut Inherited) -> Result<Bound, BindError> {
    let Inherited { streams, datagrams: sockets, .. } = inherited;
    let stream = |at| inherited::stream(streams, at).unwrap_or_else(|| tcp(at)).map(Arc::new);
    let datagram = |at| inherited::datagram(sockets, at).unwrap_or_else(|| datagrams(at)).map(Arc::new);
    open_all(addresses, stream, datagram)
}

fn open_all(
    addresses: &Addresses,
    mut stream: impl FnMut(SocketAddr) -> io::Result<Arc<TcpListener>>,
    mut datagram: impl FnMut(SocketAddr) -> io::Result<Arc<UdpSocket>>,
) -> Result<Bound, BindError> {
    let Addresses { http, https, udp, smtp, admin } = addresses;
    let mut stream = |kind, at| open(kind, at, &mut stream);
    Ok(Bound {
        http: http.iter().map(|at| stream("http", *at)).collect::<Result<_, _>>()?,
        https: https.iter().map(|at| stream("https", *at)).collect::<Result<_, _>>()?,
        smtp: smtp.map(|at| stream("smtp", at)).transpose()?,
        admin: admin.map(|at| stream("admin", at)).transpose()?,
        udp: udp.iter().map(|at| open("udp", *at, &mut datagram)).collect::<Result<_, _>>()?,
        addresses: addresses.clone(),
    })
}

impl Bound {
    /// Sockets for other addresses: those that were asked for before are the same ones, whatever is
    /// spoken there from now on, and only the others are opened.
    ///
    /// # Errors
    /// As for [`bind`]; these ones listen on.
    pub(super) fn again(&self, addresses: &Addresses) -> Result<Self, BindError> {
        let at = self.addresses.streams().into_iter();
        let udp = &self.addresses.udp;
        let open = self.http.iter().chain(&self.https).chain(&self.smtp).chain(&self.admin).cloned();
        let mut streams: Vec<_> = at.zip(open).collect();
        let mut sockets: Vec<_> = udp.iter().copied().zip(self.udp.iter().cloned()).collect();
        let stream = |at| kept(&mut streams, at).map_or_else(|| tcp(at).map(Arc::new), Ok);
        let datagram = |at| kept(&mut sockets, at).map_or_else(|| datagrams(at).map(Arc::new), Ok);
        open_all(addresses, stream, datagram)
            .map_err(|error| BindError { ours: self.in_the_way(&error, addresses), ..error })
    }

    /// The address of ours, no longer wanted, beside which this one can't be opened: one of the two is every
    /// address at that port.
    fn in_the_way(&self, error: &BindError, wanted: &Addresses) -> Option<SocketAddr> {
        let all = |of: &Addresses| if error.kind == "udp" { of.udp.clone() } else { of.streams() };
        let (wanted, to) = (all(wanted), error.address);
        all(&self.addresses).into_iter().find(|ours| {
            let is_every = ours.ip().is_unspecified() || to.ip().is_unspecified();
            let is_same = ours.port() == to.port() && ours.is_ipv4() == to.is_ipv4();
            is_every && is_same && !wanted.contains(ours)
        })
    }

    /// Lets go of every socket but the operators'.
    pub(super) fn close_public(&mut self) {
        self.http.clear();
        self.https.clear();
        self.udp.clear();
        self.smtp = None;
    }

    /// The serveruris at which clients reach these sockets, http first: whoever comes by address
    /// may find that the certificate of https is for a name, and a datagram holds the least. The
    /// scheme names the transport (RFC 3367 section 4.2.3.2). An address that means "all of mine" is
    /// none at which a client could reach us.
    pub fn serveruris(&self) -> Vec<String> {
        let http = self.http.iter().map(|listener| ("http", listener.local_addr(), "/"));
        let https = self.https.iter().map(|listener| ("https", listener.local_addr(), "/"));
        let udp = self.udp.iter().map(|socket| ("udp", socket.local_addr(), ""));
        let all = http.chain(https).chain(udp);
        let bound = all.filter_map(|(scheme, address, path)| Some((scheme, address.ok()?, path)));
        let reached = bound.filter(|(_, address, _)| !address.ip().is_unspecified());
        reached.map(|(scheme, address, path)| format!("{scheme}://{address}{path}")).collect()
    }

    /// A line `KIND ADDRESS:PORT` for each socket, with the port that it really has.
    pub fn announce(&self) -> Vec<String> {
        let http = self.http.iter().map(|listener| ("http", listener.local_addr()));
        let https = self.https.iter().map(|listener| ("https", listener.local_addr()));
        let udp = self.udp.iter().map(|socket| ("udp", socket.local_addr()));
        let smtp = self.smtp.iter().map(|listener| ("smtp", listener.local_addr()));
        let admin = self.admin.iter().map(|listener| ("admin", listener.local_addr()));
        let all = http.chain(https).chain(udp).chain(smtp).chain(admin);
        all.filter_map(|(kind, address)| address.ok().map(|address| format!("{kind} {address}"))).collect()
    }
}

fn open<T>(
    kind: &'static str,
    address: SocketAddr,
    how: impl FnOnce(SocketAddr) -> io::Result<T>,
) -> Result<T, BindError> {
    how(address).map_err(|source| BindError { kind, address, source, ours: None })
}

/// Takes the first socket that was opened for `address`.
fn kept<T>(open: &mut Vec<(SocketAddr, T)>, address: SocketAddr) -> Option<T> {
    let index = open.iter().position(|(at, _)| *at == address)?;
    Some(open.remove(index).1)
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted gateway takes its port back while old connections are still winding down.
    socket.set_reuse_address(true)?;
    prepare(&socket, address)?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    prepare(&socket, address)?;
    UdpSocket::from_std(socket.into())
}

fn prepare(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    if address.is_ipv6() {
        // `[::]` beside `0.0.0.0` would otherwise be in use already.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_socket_is_announced_with_its_port() {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let (http, https, udp) = (vec![any, any], vec![any], vec![any]);
        let bound = bind(&Addresses { http, https, udp, smtp: Some(any), admin: Some(any) }).unwrap();
        let lines = bound.announce();
        let kinds: Vec<_> = lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
        assert_eq!(kinds, ["http", "http", "https", "udp", "smtp", "admin"]);
        assert!(lines.iter().all(|line| !line.ends_with(":0")), "{lines:?}");
    }

    #[tokio::test]
    async fn d23_http_https_and_udp_are_where_clients_reach_us() {
        let at = |text: &str| vec![text.parse().unwrap()];
        let (http, https) = (at("127.0.0.1:0"), at("[::1]:0"));
        let udp = vec!["0.0.0.0:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()];
        let bound = bind(&Addresses { http, https, udp, ..Addresses::default() }).unwrap();
        let (http, https) = (bound.http[0].local_addr().unwrap(), bound.https[0].local_addr().unwrap());
        let udp = bound.udp[1].local_addr().unwrap();
        assert_eq!(
            bound.serveruris(),
            [format!("http://{http}/"), format!("https://{https}/"), format!("udp://{udp}")]
        );
    }

    #[tokio::test]
    async fn an_address_in_use_is_named_with_what_to_do() {
        let over_http = |at| bind(&Addresses { http: vec![at], ..Addresses::default() });
        let first = over_http("127.0.0.1:0".parse().unwrap()).unwrap();
        let taken = first.http[0].local_addr().unwrap();
        let error = over_http(taken).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "cannot listen on http {taken}: it is in use; stop what listens there, or choose another port under `listen`"
            )
        );
        let error = over_http("192.0.2.1:1096".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("no such address"), "{error}");
    }

    #[tokio::test]
    async fn it_is_told_where_it_is_ourselves_who_listen_there() {
        let at = |text: &str| -> SocketAddr { text.parse().unwrap() };
        let every = |at: SocketAddr| SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), at.port());
        let free = || bind(&Addresses { udp: vec![at("127.0.0.1:0")], ..Addresses::default() }).unwrap();
        let taken = free().udp[0].local_addr().unwrap();
        let on = |http: SocketAddr| Addresses { http: vec![http], ..Addresses::default() };
        for (first, then) in [(taken, every(taken)), (every(taken), taken)] {
            let bound = bind(&on(first)).unwrap();
            let error = bound.again(&on(then)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "cannot listen on http {then}: this gateway listens on {first} until then, which is in the \
                     way; this change wants a restart"
                )
            );
            let both = Addresses { http: vec![first, then], ..Addresses::default() };
            let error = bound.again(&both).unwrap_err().to_string();
            assert!(error.ends_with("choose another port under `listen`"), "{error}");
            drop(bound);
        }
        let bound = bind(&Addresses { udp: vec![taken], ..Addresses::default() }).unwrap();
        let udp = Addresses { udp: vec![every(taken)], ..Addresses::default() };
        assert!(bound.again(&udp).unwrap_err().to_string().ends_with("wants a restart"));
        assert!(bound.again(&on(every(taken))).is_ok(), "of TCP we have none there");
    }
}

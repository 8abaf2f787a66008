//! Sockets that were opened for us before we began: systemd's socket activation, by which a port stays
//! open while the gateway restarts, and one below 1024 needs no privileges of ours.
//!
//! A socket is taken for the address of `listen` at which it listens, so the configuration says what is
//! spoken there, and systemd only who opens it.

use std::{
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
};

use listenfd::ListenFd;

/// Sockets from whoever started the process, not yet taken.
#[derive(Debug, Default)]
pub struct Inherited {
    pub(super) streams: Vec<TcpListener>,
    pub(super) datagrams: Vec<UdpSocket>,
    /// How many of them are no sockets of TCP or UDP.
    strange: usize,
}

impl Inherited {
    /// Those that the environment tells of (`LISTEN_FDS`, `LISTEN_PID`). To be called once, before there
    /// are threads: the variables are taken out of the environment.
    pub fn from_environment() -> Self {
        let mut passed = ListenFd::from_env();
        let mut found = Self::default();
        for index in 0..passed.len() {
            if let Ok(Some(listener)) = passed.take_tcp_listener(index) {
                found.streams.push(listener);
            } else if let Ok(Some(socket)) = passed.take_udp_socket(index) {
                found.datagrams.push(socket);
            } else {
                found.strange += 1;
            }
        }
        found
    }

    /// What nobody took: who connects there would wait for ever, so it is to be told.
    pub fn left(&self) -> Vec<String> {
        let streams = self.streams.iter().map(|listener| ("tcp", listener.local_addr()));
        let datagrams = self.datagrams.iter().map(|socket| ("udp", socket.local_addr()));
        let addresses = streams
            .chain(datagrams)
            .filter_map(|(kind, address)| address.ok().map(|address| format!("{kind} {address}")));
        let strange =
            (self.strange > 0).then(|| format!("{} of another family than TCP and UDP", self.strange));
        addresses.chain(strange).collect()
    }
}

/// The stream of these that listens at `address`, ready for tokio.
pub(super) fn stream(
    streams: &mut Vec<TcpListener>,
    address: SocketAddr,
) -> Option<io::Result<tokio::net::TcpListener>> {
    let listener = take(streams, address, TcpListener::local_addr)?;
    Some(listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener)))
}

/// The socket of datagrams of these at `address`, ready for tokio.
pub(super) fn datagram(
    sockets: &mut Vec<UdpSocket>,
    address: SocketAddr,
) -> Option<io::Result<tokio::net::UdpSocket>> {
    let socket = take(sockets, address, UdpSocket::local_addr)?;
    Some(socket.set_nonblocking(true).and_then(|()| tokio::net::UdpSocket::from_std(socket)))
}

fn take<T>(
    sockets: &mut Vec<T>,
    address: SocketAddr,
    local: impl Fn(&T) -> io::Result<SocketAddr>,
) -> Option<T> {
    let index = sockets.iter().position(|socket| local(socket).is_ok_and(|at| at == address))?;
    Some(sockets.swap_remove(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_taken_once_and_only_for_its_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let told = format!("udp {}", other.local_addr().unwrap());
        let mut inherited = Inherited { streams: vec![listener], datagrams: vec![other], strange: 1 };
        let Inherited { streams, datagrams, .. } = &mut inherited;
        assert!(stream(streams, "127.0.0.2:1096".parse().unwrap()).is_none());
        assert!(datagram(datagrams, address).is_none(), "of another kind");
        assert_eq!(stream(streams, address).unwrap().unwrap().local_addr().unwrap(), address);
        assert!(stream(streams, address).is_none());
        assert_eq!(inherited.left(), [told, "1 of another family than TCP and UDP".to_owned()]);
    }
}

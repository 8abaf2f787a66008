//! Knocking at ports of this machine that answer, greet, flood, drop, or are not there.

use std::{net::SocketAddr, time::Instant};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
};

use crate::upstream::{Knock, knock};

fn heard(text: &str) -> Knock {
    Knock::Heard(text.as_bytes().to_vec())
}

/// A server that does this with its first connection.
async fn server<F>(act: impl FnOnce(tokio::net::TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { act(listener.accept().await.unwrap().0).await });
    address
}

#[tokio::test]
async fn who_greets_first_is_not_spoken_to() {
    let greeting = server(async |mut stream| {
        stream.write_all(b"220 mail").await.unwrap();
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
        assert_eq!(said, b"");
    })
    .await;
    assert_eq!(knock::tcp(greeting, b"question").await, heard("220 mail"));
    let waiting = server(async |mut stream| {
        let mut said = [0; 8];
        stream.read_exact(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
    })
    .await;
    assert_eq!(knock::tcp(waiting, b"question").await, heard("question"));
    let closing = server(async |stream| drop(stream)).await;
    assert_eq!(knock::tcp(closing, b"question").await, heard(""));
}

#[tokio::test]
async fn what_never_ends_is_listened_to_for_a_while() {
    let flooding = server(async |mut stream| while stream.write_all(&[b'x'; 4096]).await.is_ok() {}).await;
    let started = Instant::now();
    let Knock::Heard(heard) = knock::tcp(flooding, b"question").await else { panic!("it speaks") };
    assert!((1..200_000).contains(&heard.len()) && started.elapsed().as_millis() < 1500, "{}", heard.len());
    let dripping = server(async |mut stream| {
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    let started = Instant::now();
    assert!(matches!(knock::tcp(dripping, b"question").await, Knock::Heard(_)));
    assert!(started.elapsed().as_millis() < 1500);
}

#[tokio::test]
async fn a_closed_port_and_one_that_drops_are_told_apart() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(knock::tcp(gone, b"question").await, Knock::Closed);
    assert_eq!(knock::tls(gone, "localhost", b"question").await, knock::Secured::No);
    // The system drops who comes when the queue of a listener is full, as a firewall would.
    let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    full.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
    full.listen(0).unwrap();
    let address = full.local_addr().unwrap();
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            socket
        })
        .collect();
    let started = Instant::now();
    assert_eq!(knock::tcp(address.as_socket().unwrap(), b"question").await, Knock::Filtered);
    assert!(started.elapsed().as_millis() < 1500);
    drop(waiting);
}

#[tokio::test]
async fn a_datagram_is_answered_refused_or_lost() {
    let echo = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = echo.local_addr().unwrap();
    tokio::spawn(async move {
        let mut datagram = [0; 100];
        let (size, from) = echo.recv_from(&mut datagram).await.unwrap();
        echo.send_to(&datagram[..size], from).await.unwrap();
    });
    assert_eq!(knock::udp(address, b"question").await, heard("question"));
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    assert_eq!(knock::udp(silent.local_addr().unwrap(), b"question").await, Knock::Filtered);
    let gone = silent.local_addr().unwrap();
    drop(silent);
    assert_eq!(knock::udp(gone, b"question").await, Knock::Closed);
}

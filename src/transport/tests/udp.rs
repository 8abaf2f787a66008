//! UDP (D23, D35).

use tokio::net::UdpSocket;

use super::*;

async fn sent(at: SocketAddr, datagram: &str) -> Option<String> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(datagram.as_bytes(), at).await.unwrap();
    let mut reply = vec![0; 65_535];
    let received = tokio::time::timeout(Duration::from_millis(300), socket.recv(&mut reply)).await;
    received.ok().map(|size| String::from_utf8_lossy(&reply[..size.unwrap()]).into_owned())
}

#[tokio::test]
async fn d23_a_datagram_is_answered_by_one_that_is_no_longer() {
    let running = start(|_| {}).await;
    let reply = sent(running.udp, &format!("{:1000}", "long:900")).await.unwrap();
    assert_eq!(reply.len(), 900);
    let most = sent(running.udp, &format!("{:1000}", "most")).await.unwrap();
    assert_eq!(most, "1000", "the door is told how long its answer may be");
    let most = sent(running.udp, &format!("{:60000}", "most")).await.unwrap();
    assert_eq!(most, "1232");
    // A door that would not heed it.
    assert_eq!(sent(running.udp, "long:900").await, None);
    assert_eq!(sent(running.udp, &format!("{:60000}", "long:1233")).await, None);
    assert_eq!(sent(running.udp, &format!("{:1200}", "long:0")).await, None, "nothing fitted");
    assert_eq!(sent(running.udp, &format!("{:1200}", "garbage")).await, None);
}

#[tokio::test]
async fn d35_over_the_limit_there_is_silence() {
    let running = start(|settings| settings.per_client.exempt.clear()).await;
    let mut answered = 0;
    for _ in 0..7 {
        answered += usize::from(sent(running.udp, &format!("{:100}", "long:9")).await.is_some());
    }
    assert_eq!(answered, 5);
}

#[tokio::test]
async fn draining_ends_the_answering_of_datagrams() {
    let running = start(|_| {}).await;
    running.stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), running.serving).await.unwrap().unwrap();
    assert_eq!(sent(running.udp, &format!("{:100}", "long:9")).await, None);
}

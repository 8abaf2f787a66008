//! UDP, port 2757 (D23): one document in one datagram, answered by one datagram or not at all.
//!
//! A source address of a datagram proves nothing, so a reply is never longer than its request:
//! whoever forges addresses gains nothing by bouncing off us. And only what is understood as a
//! query is answered, so that two services can't answer each other for ever.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::front::Front;
use crate::gateway::{Context, Transport};
use crate::model::Via;

/// The longest reply: what passes any IPv6 path in one piece, headers off.
const LONGEST: usize = 1232;

/// The longest datagram there is.
const DATAGRAM: usize = 65_535;

/// Services that answer whatever they are sent: echo, daytime, quote of the day,
/// character generator, DNS, NTP.
const REFLECTORS: [u16; 6] = [7, 13, 17, 19, 53, 123];

/// Answers datagrams until `stop`; `tasks` knows of those being answered.
pub(super) async fn serve(socket: UdpSocket, front: Arc<Front>, tasks: TaskTracker, stop: CancellationToken) {
    let socket = Arc::new(socket);
    let cut = without_doctype(&front.refusals.too_long.document);
    let mut buffer = vec![0; DATAGRAM];
    while let Some(received) = stop.run_until_cancelled(socket.recv_from(&mut buffer)).await {
        // An error here is about an earlier reply: its receiver is not there.
        let Ok((size, from)) = received else { continue };
        let Some(datagram) = buffer.get(..size) else { continue };
        let Some(slot) = admit(&front, from) else { continue };
        let document = Bytes::copy_from_slice(datagram);
        let (socket, front, cut) = (Arc::clone(&socket), Arc::clone(&front), cut.clone());
        tasks.spawn(async move {
            if let Some(reply) = reply(&front, &document, from, &cut).await {
                // Lost like any datagram.
                let _ = socket.send_to(&reply, from).await;
            }
            drop(slot);
        });
    }
}

/// Lets a datagram in; silence is the only refusal (D35).
fn admit(front: &Front, from: SocketAddr) -> Option<tokio::sync::OwnedSemaphorePermit> {
    if REFLECTORS.contains(&from.port()) {
        front.udp.refused.inc();
        return None;
    }
    if front.admission.admit(from.ip().to_canonical()).is_err() {
        front.udp.limited.inc();
        return None;
    }
    let slot = Arc::clone(&front.slots).try_acquire_owned().ok();
    if slot.is_none() {
        front.udp.overloaded.inc();
    }
    slot
}

async fn reply(front: &Front, document: &Bytes, from: SocketAddr, cut: &Bytes) -> Option<Bytes> {
    let client = from.ip().to_canonical();
    let context = Context { transport: Transport::Udp, client, charset: None, via: Via::default() };
    let reply = front.door.answer(document, &context).await;
    let fitting = reply.understood.then(|| fit(&reply.document, document.len(), cut)).flatten();
    if fitting.is_some() {
        front.udp.answered.inc()
    } else {
        front.udp.refused.inc()
    };
    fitting
}

/// The reply, or in its place the status that says that it was too long, or nothing.
fn fit(reply: &Bytes, request: usize, cut: &Bytes) -> Option<Bytes> {
    let room = request.min(LONGEST);
    [reply, cut].into_iter().find(|reply| reply.len() <= room).cloned()
}

/// The document without its document type declaration, which is most of a lone status.
fn without_doctype(document: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(document);
    let cut = text.split_once("<!DOCTYPE").and_then(|(before, rest)| Some((before, rest.split_once('>')?.1)));
    cut.map_or_else(
        || document.clone(),
        |(before, after)| Bytes::from(format!("{before}{}", after.trim_start())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d23_a_reply_is_never_longer_than_its_request_nor_than_a_packet() {
        let cut = Bytes::from_static(b"cut");
        let fit =
            |reply: usize, request| fit(&vec![b'x'; reply].into(), request, &cut).map(|reply| reply.len());
        assert_eq!(fit(100, 100), Some(100));
        assert_eq!(fit(101, 100), Some(3));
        assert_eq!(fit(1232, 60_000), Some(1232));
        assert_eq!(fit(1233, 60_000), Some(3));
        assert_eq!(fit(10, 2), None);
    }

    #[test]
    fn d23_a_lone_status_goes_without_its_doctype() {
        let document =
            Bytes::from_static(b"<?xml version=\"1.0\"?>\n<!DOCTYPE cnrp PUBLIC \"a\" \"b\">\n<cnrp/>");
        assert_eq!(without_doctype(&document).as_ref(), b"<?xml version=\"1.0\"?>\n<cnrp/>");
        assert_eq!(without_doctype(&Bytes::from_static(b"<cnrp/>")).as_ref(), b"<cnrp/>");
    }
}

//! UDP, port 2757 (D23): one document in one datagram, answered by one datagram or not at all.
//!
//! A source address of a datagram proves nothing, so a reply is never longer than its request:
//! whoever forges addresses gains nothing by bouncing off us. The door cuts its answer to that. And only what is understood as a
//! query is answered, so that two services can't answer each other for ever.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use tokio::net::UdpSocket;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    front::{Front, Fronts},
    spans,
};
use crate::gateway::{Context, Transport};
use crate::model::{Note, TraceContext, Via};

/// The longest reply: what passes any IPv6 path in one piece, headers off.
const LONGEST: usize = 1232;

/// The longest datagram there is.
const DATAGRAM: usize = 65_535;

/// Services that answer whatever they are sent: echo, daytime, quote of the day,
/// character generator, DNS, NTP.
const REFLECTORS: [u16; 6] = [7, 13, 17, 19, 53, 123];

/// Answers datagrams until `stop`; `tasks` knows of those being answered.
pub(super) async fn serve(
    socket: Arc<UdpSocket>,
    fronts: Fronts,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let mut buffer = vec![0; DATAGRAM];
    while let Some(received) = stop.run_until_cancelled(socket.recv_from(&mut buffer)).await {
        // An error here is about an earlier reply: its receiver is not there.
        let Ok((size, from)) = received else { continue };
        let Some(datagram) = buffer.get(..size) else { continue };
        let front = fronts.load_full();
        let Some(slot) = admit(&front, from) else { continue };
        let document = Bytes::copy_from_slice(datagram);
        let socket = Arc::clone(&socket);
        tasks.spawn(async move {
            if let Some(reply) = reply(&front, &document, from).await {
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

async fn reply(front: &Front, document: &Bytes, from: SocketAddr) -> Option<Bytes> {
    let most = document.len().min(LONGEST);
    let client = from.ip().to_canonical();
    let context = Context {
        transport: Transport::Udp { most },
        client,
        charset: None,
        trimmed: false,
        via: Via::default(),
    };
    let trace = front.trace(&HeaderMap::new());
    let span = spans::other(&trace, "udp", "datagram");
    let reply = TraceContext::carried(Some(trace), front.door.answer(document, &context)).await;
    // The door was told how long it may be. That it never is longer is not left to the door alone.
    let is_sent = reply.understood && !reply.document.is_empty() && reply.document.len() <= most;
    let counter = if is_sent { &front.udp.answered } else { &front.udp.refused };
    counter.inc();
    span.note("cnrp.answered", || Note::Yes(is_sent));
    is_sent.then_some(reply.document)
}

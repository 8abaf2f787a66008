//! SMTP: questions that a mail server hands over, answered through another (RFC 3367 section 7.2).
//!
//! [`serve`] accepts from the configured peers only. A [`conversation`] drives a [`session`], which
//! knows the protocol, over a stream; [`post`] has a message answered and the answer carried off.
//! A message is acknowledged only once its answer is in other hands, or it is known to deserve
//! none: until then it is the sender's, who will try again. Where there is a certificate, a
//! conversation goes on inside TLS once the peer says STARTTLS.

mod conversation;
mod data;
mod post;
mod session;

#[cfg(test)]
mod tests;

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{client::holds, front::Front, settings::SmtpSettings};

use conversation::converse;
use post::Post;
pub use session::{Delivery, Rules, Security, Session, Step};

/// Most conversations at once. Peers are a few mail servers, which keep what is refused here.
const CONVERSATIONS: usize = 64;

/// How long a refusal may take to be sent.
const REFUSAL: Duration = Duration::from_secs(1);

/// How long to wait after an error of `accept`: where no descriptor is left, one will be soon.
const AFTER_AN_ERROR: Duration = Duration::from_millis(10);

/// Takes conversations until `full`, and lets them go on until `stop`; `tasks` knows of them.
pub(super) async fn serve(
    listener: Arc<TcpListener>,
    settings: SmtpSettings,
    front: Arc<Front>,
    tasks: TaskTracker,
    full: CancellationToken,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONVERSATIONS));
    let post = Arc::new(Post::new(settings, front));
    while let Some(accepted) = full.run_until_cancelled(listener.accept()).await {
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(AFTER_AN_ERROR).await;
            continue;
        };
        let peer = peer.ip().to_canonical();
        if !holds(&post.settings.peers, peer) {
            post.counters().refused.inc();
            tasks.spawn(refuse(stream, "554 5.7.1 this mail server may not deliver here\r\n"));
            continue;
        }
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            post.counters().overloaded.inc();
            tasks.spawn(refuse(stream, "421 4.3.2 too many conversations\r\n"));
            continue;
        };
        let (post, stop) = (Arc::clone(&post), stop.clone());
        tasks.spawn(async move {
            hold(stream, peer, &post, &stop).await;
            drop(place);
        });
    }
}

async fn hold(stream: TcpStream, peer: IpAddr, post: &Post, stop: &CancellationToken) {
    // A reply of a few bytes should not wait for more to go with it.
    let _ = stream.set_nodelay(true);
    // How a peer's connection ended concerns nobody: what was not acknowledged it sends again.
    let _ = converse(stream, peer, post, stop).await;
}

async fn refuse(mut stream: TcpStream, reply: &'static str) {
    // One who does not read it learns as much from the end.
    let _ = tokio::time::timeout(REFUSAL, stream.write_all(reply.as_bytes())).await;
}

//! What the process is told by signals: to read its configuration again, to stop, and to stop at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Failure, reload::Wishes};

/// How far the process is on its way out.
#[derive(Clone, Default)]
pub(super) struct Leaving {
    /// It is to stop, and balancers are given the time to see so (SIGTERM).
    pub(super) stop: CancellationToken,
    /// It is to stop, and nobody looks but who pressed the key (SIGINT).
    pub(super) soon: CancellationToken,
    /// It is to stop whatever is in flight (the second of either).
    pub(super) at_once: CancellationToken,
}

/// Listens to signals from now on.
///
/// # Errors
/// The system does not let us.
pub(super) fn listen(leaving: Leaving, wishes: Wishes) -> Result<(), Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::Service(format!("can't wait for signals: {error}")));
    let (terminate, interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let hangup = listen(SignalKind::hangup())?;
    tokio::spawn(reload_on(hangup, wishes));
    tokio::spawn(leave_on(terminate, interrupt, leaving));
    Ok(())
}

/// One after the other; the system makes one of those that come meanwhile.
async fn reload_on(mut hangup: Signal, wishes: Wishes) {
    while hangup.recv().await.is_some() {
        // How it went is in the log.
        let _ = wishes.wish("SIGHUP").await;
    }
}

async fn leave_on(mut terminate: Signal, mut interrupt: Signal, leaving: Leaving) {
    loop {
        let is_interrupt = tokio::select! {
            _ = terminate.recv() => false,
            _ = interrupt.recv() => true,
        };
        if leaving.stop.is_cancelled() {
            tracing::warn!("stopping at once: requests under way are given up");
            leaving.at_once.cancel();
            return;
        }
        tracing::info!("stopping: requests under way are finished; a second signal stops at once");
        if is_interrupt {
            leaving.soon.cancel();
        }
        leaving.stop.cancel();
    }
}

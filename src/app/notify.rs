//! Telling the service manager how it goes (systemd's `sd_notify`), where one asked for it by
//! `NOTIFY_SOCKET`. Without it nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;

/// It can answer; also after a reload, whether the new configuration took effect or not.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It stops, and takes its time to finish what is in flight.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// It reads its configuration again; [`ready`] has to follow. For `Type=notify-reload` the moment
/// goes with it, by which systemd knows that it was its own signal.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// Says that it lives, twice in the time after which systemd takes it for dead (`WatchdogSec`), as long as
/// the runtime does. It is said from among the tasks that answer: where none of them gets its turn, nor
/// does this.
pub(super) fn watch() {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let rest = (patience / 2).max(Duration::from_millis(1));
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(rest).await;
            tell(&[NotifyState::Watchdog]);
        }
    });
}

fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("the service manager can't be told: {error}; see NOTIFY_SOCKET");
    }
}

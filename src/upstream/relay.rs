//! Handing messages to a mail server, which carries them on.

use std::{net::SocketAddr, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    transport::smtp::{Error, extension::ClientId},
};

use crate::model::MailAddress;

/// A mail server that carries our messages on.
pub struct MailRelay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    patience: Duration,
}

/// Why a message was not taken. What the server said is not repeated: it may name the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayFailure {
    #[error("it could not be reached, or broke off")]
    Unreachable,
    #[error("it took too long")]
    TooSlow,
    #[error("it refused with {0}")]
    Refused(u16),
}

impl MailRelay {
    /// The server at `at`, which we greet as `name`; it has `patience` for each message.
    pub fn new(at: SocketAddr, name: &str, patience: Duration) -> Self {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(at.ip().to_string())
            .port(at.port())
            .hello_name(ClientId::Domain(name.to_owned()))
            .timeout(Some(patience))
            .build();
        Self { transport, patience }
    }

    /// Hands over a message for one recipient, with a null return path, so that nobody bounces it
    /// back. The server has taken it once this returns.
    ///
    /// # Errors
    /// Where it did not take it, for now or for good.
    pub async fn send(&self, to: &MailAddress, message: &[u8]) -> Result<(), RelayFailure> {
        // What it is dangerous for has been kept out of a MailAddress.
        let recipient = Address::new_dangerous(to.local(), to.domain());
        let envelope = Envelope::new(None, vec![recipient]).map_err(|_| RelayFailure::Unreachable)?;
        let sending = self.transport.send_raw(&envelope, message);
        match tokio::time::timeout(self.patience, sending).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(RelayFailure::TooSlow),
        }
    }
}

fn failure(error: &Error) -> RelayFailure {
    match error.status() {
        Some(code) => RelayFailure::Refused(code.into()),
        None if error.is_timeout() => RelayFailure::TooSlow,
        None => RelayFailure::Unreachable,
    }
}

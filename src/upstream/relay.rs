//! Handing messages to a mail server, which carries them on.

use std::{net::SocketAddr, time::Duration};

use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{Error, client::AsyncSmtpConnection, extension::ClientId},
};
use tokio::{net::TcpStream, time::timeout};

use crate::model::MailAddress;

/// How long saying goodbye may take. The message is taken by then, so nothing hangs on it.
const GOODBYE: Duration = Duration::from_secs(1);

/// A mail server that carries our messages on.
pub struct MailRelay {
    at: SocketAddr,
    name: ClientId,
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
        Self { at, name: ClientId::Domain(name.to_owned()), patience }
    }

    /// Hands over a message for one recipient, with a null return path, so that nobody bounces it
    /// back. The server has taken it once this returns.
    ///
    /// # Errors
    /// Where it did not take it, for now or for good.
    pub async fn send(&self, to: &MailAddress, message: &[u8]) -> Result<(), RelayFailure> {
        let sending = timeout(self.patience, self.hand_over(to, message));
        let mut connection = sending.await.map_err(|_| RelayFailure::TooSlow)??;
        let _ = timeout(GOODBYE, connection.abort()).await;
        Ok(())
    }

    async fn hand_over(&self, to: &MailAddress, message: &[u8]) -> Result<AsyncSmtpConnection, RelayFailure> {
        let stream = TcpStream::connect(self.at).await.map_err(|_| RelayFailure::Unreachable)?;
        // The dot that ends a message is written by itself, and would wait for the acknowledgement
        // of what is before it.
        let _ = stream.set_nodelay(true);
        // What an address is dangerous for has been kept out of a MailAddress.
        let recipient = Address::new_dangerous(to.local(), to.domain());
        let envelope = Envelope::new(None, vec![recipient]).map_err(|_| RelayFailure::Unreachable)?;
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.name);
        let mut connection = connection.await.map_err(|error| failure(&error))?;
        connection.send(&envelope, message).await.map_err(|error| failure(&error))?;
        Ok(connection)
    }
}

/// Whatever it says beside its code may name the recipient.
fn failure(error: &Error) -> RelayFailure {
    error.status().map_or(RelayFailure::Unreachable, |code| RelayFailure::Refused(code.into()))
}

//! The seam to the network: floors that speak to other machines are handed an [`Exchange`], and
//! only `upstream` implements it over real sockets.

use bytes::Bytes;

use super::{BoxFuture, Failure};

/// Sends one request and returns the whole reply, within the size, address and redirect
/// rules it was built with. Any HTTP status is a reply; a [`Failure`] means that none came.
///
/// A request to `udp://HOST:PORT` is its body in one datagram, and the reply is a body alone.
pub trait Exchange: Send + Sync {
    /// Sends `request` and reads the reply to its end.
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>>;
}

/// Leave to send requests to an upstream whose requests are counted: asked for before each of them,
/// repetitions and redirects included, as the upstream counts them too.
pub trait Toll: Send + Sync {
    /// Counts one request. A [`Failure`] means that it must not be sent.
    fn pay(&self) -> BoxFuture<'_, Result<(), Failure>>;
}

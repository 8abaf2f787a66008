//! The client: asks another CNRP service one question, over whatever [`Exchange`] it is handed.
//!
//! It knows where services are reached and how a question goes over HTTP (RFC 3367 section 7.1),
//! and refuses what is no valid answer.

mod endpoint;
mod recognise;

pub use endpoint::Endpoint;
pub use recognise::{Speech, recognise, servicequery_datagram, servicequery_over_http};

use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};

use crate::{
    model::{Answer, Exchange, Failure, Question},
    protocol,
};

/// The media type of a CNRP document.
const MEDIA_TYPE: &str = "application/cnrp+xml";

/// Why asking gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing came back, or what came was the transport's own refusal.
    #[error("{0}")]
    Unreached(String),
    /// Something came back that is no valid answer.
    #[error("not a valid CNRP answer: {0}")]
    Invalid(String),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Unreached(failure.to_string())
    }
}

/// Asks the service at `endpoint`.
///
/// # Errors
/// The service can't be reached, refuses by its transport, or answers something invalid.
pub async fn ask(exchange: &dyn Exchange, endpoint: &Endpoint, question: &Question) -> Result<Answer, Error> {
    let request = Request::post(endpoint.uri())
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .header(ACCEPT, MEDIA_TYPE)
        .body(Bytes::from(protocol::encode_question(question)))
        .map_err(|error| Error::Unreached(error.to_string()))?;
    read(&exchange.exchange(request).await?)
}

/// Reads a reply. A CNRP document counts whatever the HTTP status: an overloaded service says so
/// in both (D15).
fn read(response: &Response<Bytes>) -> Result<Answer, Error> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = content_type.and_then(charset_of);
    let status = response.status();
    let decoded = protocol::decode_answer(response.body(), charset);
    match decoded {
        Ok(answer) => Ok(answer),
        Err(_) if status != StatusCode::OK => Err(Error::Unreached(format!("the server answered {status}"))),
        Err(invalid) => Err(Error::Invalid(invalid.to_string())),
    }
}

/// The charset parameter of a media type.
fn charset_of(media_type: &str) -> Option<&str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replied(status: u16, body: &'static str) -> Result<Answer, Error> {
        let response = Response::builder().status(status).header(CONTENT_TYPE, MEDIA_TYPE);
        read(&response.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    const BUSY: &str = "<cnrp><results><status code=\"4.2.1\">busy</status></results></cnrp>";

    #[test]
    fn an_answer_counts_whatever_the_transport_says_beside_it() {
        assert_eq!(replied(200, BUSY).unwrap().statuses.len(), 1);
        assert_eq!(replied(503, BUSY).unwrap().statuses.len(), 1);
    }

    #[test]
    fn what_is_no_answer_is_refused_and_a_refusal_is_a_failure() {
        assert!(matches!(replied(200, "<html>hello</html>"), Err(Error::Invalid(_))));
        assert!(matches!(replied(200, ""), Err(Error::Invalid(_))));
        assert!(matches!(replied(404, "not here"), Err(Error::Unreached(_))));
    }

    #[test]
    fn the_charset_is_read_in_any_spelling() {
        assert_eq!(charset_of("application/cnrp+xml"), None);
        assert_eq!(charset_of("text/xml; a=b; Charset=\"iso-8859-1\""), Some("iso-8859-1"));
    }
}

//! How documents travel: in a POST over HTTP (RFC 3367 section 7.1), and in the same shape to an
//! exchange that sends datagrams.

use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, VIA},
};

use super::{Endpoint, Error};
use crate::{
    model::{Answer, Failure, Reason},
    protocol,
};

/// The media type of a CNRP document.
const MEDIA_TYPE: &str = "application/cnrp+xml";

/// The request that carries `document` to `endpoint`.
pub(super) fn request(
    endpoint: &Endpoint,
    document: Bytes,
    via: Option<&str>,
) -> Result<Request<Bytes>, Failure> {
    let mut request =
        Request::post(endpoint.uri()).header(CONTENT_TYPE, MEDIA_TYPE).header(ACCEPT, MEDIA_TYPE);
    if let Some(via) = via {
        request = request.header(VIA, via);
    }
    let malformed = |error| Failure::new(Reason::Malformed, format!("the request can't be sent: {error}"));
    request.body(document).map_err(malformed)
}

/// Reads a reply. A CNRP document counts whatever the HTTP status: an overloaded service says so
/// in both (D15).
pub(super) fn read(response: &Response<Bytes>) -> Result<Answer, Error> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = content_type.and_then(charset_of);
    let status = response.status();
    match protocol::decode_answer(response.body(), charset) {
        Ok(answer) => Ok(answer),
        Err(_) if status != StatusCode::OK => {
            Err(Failure::new(Reason::HttpError, format!("the server answered {status}")).into())
        }
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
    fn d15_an_answer_counts_whatever_the_transport_says_beside_it() {
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

    #[test]
    fn r20_a_question_is_posted_as_what_it_is() {
        let endpoint = Endpoint::parse("names.example").unwrap();
        let request = request(&endpoint, Bytes::from_static(b"<cnrp/>"), Some("1.1 us")).unwrap();
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("POST", "http://names.example:1096/")
        );
        for (name, value) in [(CONTENT_TYPE, MEDIA_TYPE), (ACCEPT, MEDIA_TYPE), (VIA, "1.1 us")] {
            assert_eq!(request.headers()[name], value);
        }
    }
}

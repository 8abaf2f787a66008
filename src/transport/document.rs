//! `POST /`: a CNRP document in, a CNRP document out (RFC 3367 section 7.1). Whatever the
//! document says, its answer is 200 (D15); the other statuses are about HTTP.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header, request::Parts};
use hyper::body::Incoming;

use super::{
    body::{self, BodyError},
    crowd::Seat,
    front::{Front, Place, authority},
    media::{self, Media},
    via,
};
use crate::{
    gateway::{Context, Transport},
    web::{Page, origin, problem::problem},
};

impl Front {
    /// Answers a document.
    pub(super) async fn document(
        &self,
        parts: &Parts,
        body: &mut Incoming,
        place: &Place,
        client: IpAddr,
        seat: &Seat,
    ) -> Page {
        let (media, charset) = match self.negotiate(parts, place) {
            Ok(agreed) => agreed,
            Err(wrong) => return wrong.page(self.settings.request_size),
        };
        if is_without_length(parts) {
            return self.without_length(parts.version, media);
        }
        let document = match self.read(parts, body).await {
            Ok(document) => document,
            Err(wrong) => return wrong.page(self.settings.request_size),
        };
        let _answering = seat.answering();
        let context = Context {
            transport: Transport::Http,
            client,
            charset,
            trimmed: false,
            via: via::via(&parts.headers),
        };
        let reply = match self.slot() {
            Some(_slot) => self.door.answer(&document, &context).await,
            None => match self.at_hand(|door| door.answer_at_hand(&document, &context)) {
                Some(reply) => reply,
                None => {
                    self.http.overloaded.inc();
                    return self.overloaded(Some(parts));
                }
            },
        };
        self.http.answered.inc();
        let mut page = Response::new(reply.document);
        page.headers_mut().insert(header::CONTENT_TYPE, media.header());
        page
    }

    /// By HTTP such a request is whole, and empty: clients of today send an empty document so. Of others
    /// something may follow that is no request, so the connection is of no more use.
    fn without_length(&self, version: Version, media: Media) -> Page {
        self.http.answered.inc();
        let mut page = self.refusals.without_length.as_document(StatusCode::OK, media);
        // To an answer of 1.1 to a client of 1.0 that wants it so, hyper adds that the connection is kept.
        *page.version_mut() = version;
        with(page, header::CONNECTION, "close")
    }

    /// The media type of the answer and the charset of the request.
    fn negotiate(&self, parts: &Parts, place: &Place) -> Result<(Media, Option<String>), Wrong> {
        if self.is_foreign(parts, place, &self.settings.origins) {
            return Err(Wrong::Foreign);
        }
        if is_encoded(&parts.headers) {
            return Err(Wrong::Encoded);
        }
        let charset = media::charset(&parts.headers).map_err(|_| Wrong::UnsupportedMedia)?;
        let media = media::accepted(&parts.headers).ok_or(Wrong::NotAcceptable)?;
        Ok((media, charset))
    }

    /// Whether a browser sent this on behalf of a page that is not ours. Under a name that is
    /// not ours no page is, and on https none that came in the clear, which anybody on the way may
    /// have written. `listed`: the origins of others whose pages may.
    pub(super) fn is_foreign(&self, parts: &Parts, place: &Place, listed: &[String]) -> bool {
        let mut origins = parts.headers.get_all(header::ORIGIN).iter();
        let Some(asking) = origins.next() else { return false };
        let Ok(asking) = asking.to_str() else { return true };
        let is_same = !self.is_misdirected(parts, place)
            && (!place.is_secure || asking.starts_with("https://"))
            && authority(parts).is_some_and(|authority| origin::is_same(asking, authority));
        origins.next().is_some() || !(is_same || origin::is_listed(asking, listed))
    }

    async fn read(&self, parts: &Parts, body: &mut Incoming) -> Result<Bytes, Wrong> {
        let waits = parts.headers.contains_key(header::EXPECT);
        let (most, patience) = (self.settings.request_size, self.settings.body_timeout);
        body::read(body, most, patience, waits).await.map_err(Wrong::Body)
    }
}

/// Whether no body can follow the head, as it does not say where one would end (RFC 9112 section 6.3). A
/// client that closes its half to end it has sent another request, or garbage; HTTP/2 needs no length.
fn is_without_length(parts: &Parts) -> bool {
    let names = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    parts.version < Version::HTTP_2 && !names.iter().any(|name| parts.headers.contains_key(name))
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// What is wrong with a request, as HTTP sees it (D15).
enum Wrong {
    Foreign,
    Encoded,
    UnsupportedMedia,
    NotAcceptable,
    Body(BodyError),
}

impl Wrong {
    /// The refusal, where a document may have `most` bytes.
    fn page(self, most: usize) -> Page {
        match self {
            Self::Foreign => problem(
                StatusCode::FORBIDDEN,
                "pages of this origin may not use this gateway; web.origins lists those that may",
            ),
            Self::Encoded => with(
                problem(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "documents are taken as they are, without a content coding",
                ),
                header::ACCEPT_ENCODING,
                "identity",
            ),
            Self::UnsupportedMedia => problem(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "expected application/cnrp+xml, application/xml or text/xml",
            ),
            Self::NotAcceptable => problem(
                StatusCode::NOT_ACCEPTABLE,
                "the answer comes as application/cnrp+xml, application/xml or text/xml",
            ),
            Self::Body(BodyError::TooLarge) => {
                problem(StatusCode::PAYLOAD_TOO_LARGE, &format!("a document may have {most} bytes at most"))
            }
            // The rest of the body may still be on its way, so the connection is of no more use.
            Self::Body(BodyError::TooSlow) => with(
                problem(StatusCode::REQUEST_TIMEOUT, "the document came too slowly"),
                header::CONNECTION,
                "close",
            ),
            Self::Body(BodyError::Broken) => with(
                problem(StatusCode::BAD_REQUEST, "the body could not be read"),
                header::CONNECTION,
                "close",
            ),
        }
    }
}

fn with(mut page: Page, name: HeaderName, value: &'static str) -> Page {
    page.headers_mut().insert(name, HeaderValue::from_static(value));
    page
}

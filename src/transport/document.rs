//! `POST /`: a CNRP document in, a CNRP document out (RFC 3367 section 7.1). Whatever the
//! document says, its answer is 200 (D15); the other statuses are about HTTP.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts};
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
        body: Incoming,
        place: &Place,
        client: IpAddr,
        seat: &Seat,
    ) -> Page {
        let (media, charset) = match self.negotiate(parts, place) {
            Ok(agreed) => agreed,
            Err(refusal) => return self.refused(refusal),
        };
        let document = match self.read(parts, body).await {
            Ok(document) => document,
            Err(refusal) => return self.refused(refusal),
        };
        let _answering = seat.answering();
        let Some(_slot) = self.slot() else {
            self.http.overloaded.inc();
            return self.overloaded(Some(parts));
        };
        let context = Context { transport: Transport::Http, client, charset, via: via::via(&parts.headers) };
        let reply = self.door.answer(&document, &context).await;
        self.http.answered.inc();
        let mut page = Response::new(reply.document);
        page.headers_mut().insert(header::CONTENT_TYPE, media.header());
        self.let_listed_origins_read(&mut page, &parts.headers);
        page
    }

    fn refused(&self, page: Page) -> Page {
        self.http.refused.inc();
        page
    }

    /// The media type of the answer and the charset of the request.
    fn negotiate(&self, parts: &Parts, place: &Place) -> Result<(Media, Option<String>), Page> {
        if self.is_foreign(parts, place) {
            let detail = "pages of this origin may not use this gateway; web.origins lists those that may";
            return Err(problem(StatusCode::FORBIDDEN, detail));
        }
        if is_encoded(&parts.headers) {
            return Err(encoded());
        }
        let charset = media::charset(&parts.headers).map_err(|_| unsupported())?;
        let media = media::accepted(&parts.headers).ok_or_else(not_acceptable)?;
        Ok((media, charset))
    }

    /// Whether a browser sent this on behalf of a page that is not ours. Under a name that is
    /// not ours no page is.
    fn is_foreign(&self, parts: &Parts, place: &Place) -> bool {
        let mut origins = parts.headers.get_all(header::ORIGIN).iter();
        let Some(asking) = origins.next() else { return false };
        let Ok(asking) = asking.to_str() else { return true };
        let is_same = !self.is_misdirected(parts, place)
            && authority(parts).is_some_and(|authority| origin::is_same(asking, authority));
        origins.next().is_some() || !(is_same || origin::is_listed(asking, &self.settings.origins))
    }

    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, Page> {
        let waits = parts.headers.contains_key(header::EXPECT);
        let (most, patience) = (self.settings.request_size, self.settings.body_timeout);
        body::read(body, most, patience, waits).await.map_err(|error| match error {
            BodyError::TooLarge => {
                problem(StatusCode::PAYLOAD_TOO_LARGE, &format!("a document may have {most} bytes at most"))
            }
            BodyError::TooSlow => close(problem(StatusCode::REQUEST_TIMEOUT, "the document came too slowly")),
            BodyError::Broken => close(problem(StatusCode::BAD_REQUEST, "the body could not be read")),
        })
    }
}

/// Says that this connection is of no more use: the rest of the body may still be on its way.
fn close(mut page: Page) -> Page {
    page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    page
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn encoded() -> Page {
    let detail = "documents are taken as they are, without a content coding";
    let mut page = problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    page.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    page
}

fn unsupported() -> Page {
    let detail = "expected application/cnrp+xml, application/xml or text/xml";
    problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

fn not_acceptable() -> Page {
    let detail = "the answer comes as application/cnrp+xml, application/xml or text/xml";
    problem(StatusCode::NOT_ACCEPTABLE, detail)
}

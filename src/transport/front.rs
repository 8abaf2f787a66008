//! What stands in front of the door: a request is checked for being sound HTTP, counted against
//! its client, and led to a document, a page, or the operator's pages.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use governor::clock::DefaultClock;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version, header, request::Parts};
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use super::{
    admit::Admission,
    body, client,
    counters::{Counters, TurnedAway},
    crowd::Seat,
    date::Dates,
    encoding,
    refusals::Refusals,
    settings::Settings,
    spans,
};
use crate::{
    gateway::{Control, Door},
    model::{Metrics, TraceContext},
    web::{
        Page, admin, bearer,
        local::is_local,
        origin,
        problem::{not_found, problem, wrong_method},
    },
};

/// What all requests share, until a reload puts another in its place.
pub(super) struct Front {
    pub(super) door: Arc<dyn Door>,
    pub(super) control: Arc<dyn Control>,
    pub(super) settings: Settings,
    pub(super) admission: Arc<Admission<DefaultClock>>,
    /// A permit for each question being answered.
    pub(super) slots: Arc<Semaphore>,
    pub(super) http: Counters,
    pub(super) json: Counters,
    pub(super) udp: Counters,
    pub(super) smtp: Counters,
    pub(super) turned_away: TurnedAway,
    pub(super) refusals: Refusals,
    dates: Arc<Dates>,
    draining: Arc<AtomicBool>,
    leaving: Arc<AtomicBool>,
}

/// The front of now, which a reload replaces. A request keeps the one that it found.
pub(super) type Fronts = Arc<ArcSwap<Front>>;

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) peer: IpAddr,
    /// Whether the listener is the operator's.
    pub(super) is_admin: bool,
    /// Whether the listener is bound to a loopback address.
    pub(super) is_loopback: bool,
    /// Whether the listener is an https one.
    pub(super) is_secure: bool,
}

impl Front {
    pub(super) fn new(
        door: Arc<dyn Door>,
        control: Arc<dyn Control>,
        settings: Settings,
        metrics: &Metrics,
    ) -> Self {
        Self {
            admission: Arc::new(Admission::new(&settings.per_client, DefaultClock::default())),
            slots: slots(&settings),
            http: Counters::of("http", metrics),
            json: Counters::of("json", metrics),
            udp: Counters::of("udp", metrics),
            smtp: Counters::of("smtp", metrics),
            turned_away: TurnedAway::new(metrics),
            refusals: Refusals::written_by(settings.encode),
            dates: Arc::new(Dates::new(SystemTime::now())),
            draining: Arc::default(),
            leaving: Arc::default(),
            door,
            control,
            settings,
        }
    }

    /// The next one: with other settings and another door, and the same counters. What each client has
    /// asked, and how many questions are in flight, is known to it unless the limit is another.
    pub(super) fn next(&self, door: Arc<dyn Door>, settings: Settings) -> Self {
        let is_limit_kept = self.settings.per_client == settings.per_client;
        let is_room_kept = self.settings.in_flight == settings.in_flight;
        let admission = || Admission::new(&settings.per_client, DefaultClock::default());
        Self {
            admission: if is_limit_kept { Arc::clone(&self.admission) } else { Arc::new(admission()) },
            slots: if is_room_kept { Arc::clone(&self.slots) } else { slots(&settings) },
            http: self.http.clone(),
            json: self.json.clone(),
            udp: self.udp.clone(),
            smtp: self.smtp.clone(),
            turned_away: self.turned_away.clone(),
            refusals: Refusals::written_by(settings.encode),
            dates: Arc::clone(&self.dates),
            draining: Arc::clone(&self.draining),
            leaving: Arc::clone(&self.leaving),
            control: Arc::clone(&self.control),
            door,
            settings,
        }
    }

    /// From now on connections end with their next answer.
    pub(super) fn say_farewell(&self) {
        self.leaving.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::SeqCst)
    }

    /// From now on new questions are refused.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>, place: &Place, seat: &Seat) -> Page {
        let (parts, mut body) = request.into_parts();
        let mut page = match unsound(&parts, seat) {
            Some(wrong) => problem(StatusCode::BAD_REQUEST, wrong),
            None if place.is_admin => self.admin(&parts, place).await,
            None => {
                let context = self.trace(&parts.headers);
                let mut span = spans::http(&context, &parts, place);
                let answering = self.public(&parts, &mut body, place, seat);
                let page = TraceContext::carried(Some(context), answering).await;
                spans::answered(&mut span, &page);
                page
            }
        };
        body::let_go(body, parts.version);
        if !place.is_admin {
            self.count_if_refused(&parts, page.status());
        }
        // HTTP/2 has no such header, and no need of it.
        if parts.version < Version::HTTP_2 && self.is_leaving() {
            page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        page.headers_mut().insert(header::DATE, self.dates.at(SystemTime::now()));
        page.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        encoding::encode(&mut page, &parts.headers);
        // What was not modified has a length that is not that of its empty body (RFC 9110 section 8.6).
        if parts.method == Method::HEAD && page.status() != StatusCode::NOT_MODIFIED {
            let length = HeaderValue::from(page.body().len());
            page.headers_mut().insert(header::CONTENT_LENGTH, length);
            page.body_mut().clear();
        }
        page
    }

    /// The trace that a request with these headers is a part of.
    pub(super) fn trace(&self, headers: &HeaderMap) -> TraceContext {
        let named = headers.get_all("traceparent").iter().map(HeaderValue::as_bytes);
        TraceContext::received(&self.settings.tracer, named)
    }

    /// Counts what was refused for what the client did; who came too often is counted as that.
    fn count_if_refused(&self, parts: &Parts, status: StatusCode) {
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            self.counters(parts).refused.inc();
        }
    }

    /// Those of documents, or of everything else.
    fn counters(&self, parts: &Parts) -> &Counters {
        if is_document(parts) { &self.http } else { &self.json }
    }

    async fn public(&self, parts: &Parts, body: &mut Incoming, place: &Place, seat: &Seat) -> Page {
        let is_document = is_document(parts);
        let client = client::client(place.peer, &parts.headers, &self.settings.trusted_proxies);
        let mut page = match self.admission.admit(client) {
            Err(wait) => self.too_often(parts, is_document, wait),
            Ok(()) if is_document => self.document(parts, body, place, client, seat).await,
            Ok(()) => {
                let _answering = seat.answering();
                self.page(parts, place, client).await
            }
        };
        self.let_listed_origins_read(&mut page, &parts.headers);
        page
    }

    fn too_often(&self, parts: &Parts, is_document: bool, wait: Duration) -> Page {
        self.counters(parts).limited.inc();
        let status = StatusCode::TOO_MANY_REQUESTS;
        let refusal = self.refusals.too_often.page(status, wait, is_document.then_some(parts));
        self.as_wished(parts, refusal)
    }

    async fn admin(&self, parts: &Parts, place: &Place) -> Page {
        if self.is_misdirected(parts, place) {
            return misdirected();
        }
        let path = parts.uri.path();
        let token = self.settings.admin_token.as_ref().filter(|_| !admin::is_open(path));
        if token.is_some_and(|token| !bearer::bears(&parts.headers, token.expose())) {
            return bearer::challenge();
        }
        let Some(allow) = admin::methods(path) else { return not_found() };
        let is_read = allow.starts_with("GET");
        match parts.method {
            Method::GET | Method::HEAD if is_read => admin::page(path, &parts.headers, self.control.as_ref()),
            Method::POST if is_read => wrong_method(allow),
            Method::POST if self.is_foreign(parts, place, &[]) => {
                problem(StatusCode::FORBIDDEN, "pages of another origin may not use the operator's")
            }
            Method::POST => admin::act(path, &parts.headers, self.control.as_ref()).await,
            _ => wrong_method(allow),
        }
    }

    /// A place among the questions in flight; `None` if there is none, or no more are taken.
    pub(super) fn slot(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        if self.is_draining() {
            return None;
        }
        self.slots.try_acquire().ok()
    }

    /// What the door has at hand, for a question that found no [`slot`](Self::slot). While closing that
    /// is nothing: the question belongs to whoever goes on.
    pub(super) fn at_hand<T>(&self, ask: impl FnOnce(&dyn Door) -> Option<T>) -> Option<T> {
        if self.is_draining() { None } else { ask(self.door.as_ref()) }
    }

    /// What is said where there was no [`slot`](Self::slot). A document is answered by a
    /// document, whose request these `parts` are.
    pub(super) fn overloaded(&self, document: Option<&Parts>) -> Page {
        let refusal = if self.is_draining() { &self.refusals.closing } else { &self.refusals.too_busy };
        refusal.page(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(1), document)
    }

    /// Whether the request came to a loopback listener under a name that anybody could own.
    pub(super) fn is_misdirected(&self, parts: &Parts, place: &Place) -> bool {
        place.is_loopback && authority(parts).is_some_and(|host| !is_local(host, &self.settings.hosts))
    }

    /// Lets pages of the origins that the operator lists read what they asked for.
    fn let_listed_origins_read(&self, page: &mut Page, request: &HeaderMap) {
        if self.settings.origins.is_empty() {
            return;
        }
        // Also where nobody may: what was kept for a page of ours is nothing for one of theirs.
        page.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
        let Some(asking) = request.get(header::ORIGIN) else { return };
        if asking.to_str().is_ok_and(|asking| origin::is_listed(asking, &self.settings.origins)) {
            page.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, asking.clone());
        }
    }
}

/// Whether a document is what is asked with.
fn is_document(parts: &Parts) -> bool {
    parts.method == Method::POST && parts.uri.path() == "/"
}

fn slots(settings: &Settings) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(settings.in_flight.min(Semaphore::MAX_PERMITS)))
}

/// The host that was asked: of the target where it is absolute (as in HTTP/2), else of `Host`.
pub(super) fn authority(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => parts.headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default()),
    }
}

/// What makes a request one that no server should guess at (RFC 9112 sections 3.2 and 6.3).
fn unsound(parts: &Parts, seat: &Seat) -> Option<&'static str> {
    if seat.is_ambiguous() && parts.headers.contains_key(header::TRANSFER_ENCODING) {
        return Some("the request has both a Content-Length and a Transfer-Encoding");
    }
    match parts.headers.get_all(header::HOST).iter().count() {
        0 if parts.version == Version::HTTP_11 => Some("the request has no Host: HTTP/1.1 requires it"),
        0 | 1 => None,
        _ => Some("the request has more than one Host"),
    }
}

pub(super) fn misdirected() -> Page {
    problem(
        StatusCode::MISDIRECTED_REQUEST,
        "this listener answers to localhost, loopback addresses and the names under listen.hosts",
    )
}

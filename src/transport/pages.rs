//! Whatever is no document: pages for people, JSON for scripts, and what browsers ask for by
//! themselves.

use std::{net::IpAddr, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};

use super::{
    front::{Front, Place, misdirected},
    reached, via,
};
use crate::{
    gateway::{Context, Transport},
    model::{Answer, CommonName, Question, Target},
    web::{
        Page, assets, conditional, go, opensearch,
        page::{self, Reader, search},
        problem::{not_found, problem, wrong_method},
        quality::{wants_page, wants_page_rather},
        resolve::{self, Bounds},
        service, suggest,
    },
};

/// Results of one page.
const PAGE_LENGTH: usize = 10;
/// What a service without a description is called.
const NAMELESS: &str = "Names";

/// The methods of the resource at `path`; `None` if there is none.
fn methods(path: &str, web: bool) -> Option<&'static str> {
    const READ: &str = "GET, HEAD, OPTIONS";
    match (path, web) {
        ("/", true) => Some("GET, HEAD, OPTIONS, POST"),
        ("/" | "*", _) => Some("OPTIONS, POST"),
        ("/resolve" | "/suggest" | "/service" | "/about" | "/opensearch.xml" | "/openapi.json", true) => {
            Some(READ)
        }
        (path, true) if path.starts_with(go::PREFIX) => Some(READ),
        (path, true) if assets::is_asset(path) => Some(READ),
        _ => None,
    }
}

impl Front {
    /// Answers what is no document. Who asked for a page gets a page also for what went wrong.
    pub(super) async fn page(&self, parts: &Parts, place: &Place, client: IpAddr) -> Page {
        let found = self.found(parts, place, client).await;
        let mut page = self.as_wished(parts, found);
        if matches!(parts.method, Method::GET | Method::HEAD) {
            conditional::tag(&mut page, &parts.headers);
        }
        page
    }

    /// What is said to whoever sent this request: a problem as a page, where a page is wished for.
    pub(super) fn as_wished(&self, parts: &Parts, said: Page) -> Page {
        let is_page_wished = if is_data(parts.uri.path()) { wants_page_rather } else { wants_page };
        if self.settings.web && is_problem(&said) && is_page_wished(&parts.headers) {
            return self.trouble(parts, &said);
        }
        said
    }

    async fn found(&self, parts: &Parts, place: &Place, client: IpAddr) -> Page {
        let is_read = matches!(parts.method, Method::GET | Method::HEAD);
        // Documents are answered under whatever name, and so is what may be done where they are posted.
        if (is_read || parts.uri.path() != "/") && self.is_misdirected(parts, place) {
            return misdirected();
        }
        let Some(allow) = methods(parts.uri.path(), self.settings.web) else { return not_found() };
        if parts.method == Method::OPTIONS {
            return options(allow);
        }
        if !is_read || !allow.starts_with("GET") {
            return wrong_method(allow);
        }
        match parts.uri.path() {
            "/" => self.search(parts, client).await,
            "/resolve" => self.resolve(parts, client).await,
            "/suggest" => self.suggest(parts, client).await,
            "/service" => service::service(&self.door.service()),
            "/openapi.json" => service::openapi(self.settings.name_length),
            "/about" => self.about(parts),
            "/opensearch.xml" => self.description(parts, place),
            path if path.starts_with(go::PREFIX) => self.go(parts, client).await,
            path => assets::asset(path).unwrap_or_else(not_found),
        }
    }

    /// The page with the box, and where something is in the box, with what is known of it.
    async fn search(&self, parts: &Parts, client: IpAddr) -> Page {
        let query = parts.uri.query().unwrap_or_default();
        let service = self.door.service();
        let Some(reader) = self.reader(&parts.headers, service.description.as_deref()) else {
            return not_found();
        };
        let first = match resolve::start(query) {
            Ok(first) => first,
            Err(wrong) => return misasked(&wrong),
        };
        if resolve::typed(query).and_then(|name| CommonName::new(&name)).is_none() {
            return search::home(&reader);
        }
        // One more than is shown, which tells whether there are more.
        let wanted = resolve::with_range(query, first, PAGE_LENGTH + 1);
        match self.answered(&wanted, PAGE_LENGTH, parts, client).await {
            Ok((question, answer)) => {
                let name = match &question.target {
                    Target::Name(name) => name.shown(),
                    Target::Id(id) => id,
                };
                let next = resolve::with_range(query, first.saturating_add(PAGE_LENGTH), PAGE_LENGTH);
                let asked = search::Asked { name, first, length: PAGE_LENGTH, next: &next };
                self.answered_with(search::results(&reader, asked, &answer))
            }
            Err(refused) => *refused,
        }
    }

    async fn resolve(&self, parts: &Parts, client: IpAddr) -> Page {
        let query = parts.uri.query().unwrap_or_default();
        let started = Instant::now();
        match self.answered(query, self.settings.results, parts, client).await {
            Ok((question, answer)) => {
                self.answered_with(resolve::response(&question, &answer, started.elapsed()))
            }
            Err(refused) => *refused,
        }
    }

    /// Counts what was answered. What turns out to be refused after all is counted as that.
    fn answered_with(&self, page: Page) -> Page {
        if !page.status().is_client_error() {
            self.json.answered.inc();
        }
        page
    }

    /// The question in a URL, and its answer; or what is said to who may not ask it.
    async fn answered(
        &self,
        query: &str,
        results: usize,
        parts: &Parts,
        client: IpAddr,
    ) -> Result<(Question, Answer), Box<Page>> {
        let bounds = Bounds { name_length: self.settings.name_length, results };
        let question = resolve::question(query, bounds).map_err(|wrong| misasked(&wrong))?;
        let context = context(parts, client);
        let answer = match self.slot() {
            Some(_slot) => Some(self.door.resolve(&question, &context).await),
            None => self.at_hand(|door| door.resolve_at_hand(&question, &context)),
        };
        let Some(answer) = answer else {
            self.json.overloaded.inc();
            return Err(Box::new(self.overloaded(None)));
        };
        Ok((question, answer))
    }

    async fn go(&self, parts: &Parts, client: IpAddr) -> Page {
        let name = match go::name(parts.uri.path(), self.settings.name_length) {
            Ok(name) => name,
            Err(wrong) => return misasked(&wrong),
        };
        let context = context(parts, client);
        let target = match self.slot() {
            Some(_slot) => self.door.certain(&name, &context).await,
            None => match self.at_hand(|door| door.certain_at_hand(&name, &context)) {
                Some(target) => Some(target),
                None => {
                    self.json.overloaded.inc();
                    return self.overloaded(None);
                }
            },
        };
        self.answered_with(go::redirect(&name, target.as_ref()))
    }

    async fn suggest(&self, parts: &Parts, client: IpAddr) -> Page {
        let query = parts.uri.query().unwrap_or_default();
        let beginning = match suggest::beginning(query, self.settings.name_length) {
            Ok(beginning) => beginning,
            Err(wrong) => return misasked(&wrong),
        };
        let Some(_slot) = self.slot() else {
            self.json.overloaded.inc();
            return self.overloaded(None);
        };
        let rows = self.door.suggest(&beginning.name, beginning.limit, &context(parts, client)).await;
        self.answered_with(suggest::response(&beginning, &rows))
    }

    fn about(&self, parts: &Parts) -> Page {
        let service = self.door.service();
        let Some(reader) = self.reader(&parts.headers, service.description.as_deref()) else {
            return not_found();
        };
        let limits = (self.settings.name_length, self.settings.results);
        page::about::page(&reader, &service, &self.control.sources(), limits)
    }

    fn description(&self, parts: &Parts, place: &Place) -> Page {
        let service = self.door.service();
        match reached::base(parts, place, &self.settings.trusted_proxies) {
            Some(base) => opensearch::description(service.description.as_deref().unwrap_or(NAMELESS), &base),
            None => problem(StatusCode::BAD_REQUEST, "the request names no host, which absolute URLs need"),
        }
    }

    /// The same problem as a page.
    fn trouble(&self, parts: &Parts, problem: &Page) -> Page {
        let service = self.door.service();
        let Some(reader) = self.reader(&parts.headers, service.description.as_deref()) else {
            return problem.clone();
        };
        let asked = resolve::typed(parts.uri.query().unwrap_or_default()).unwrap_or_default();
        let detail = page::trouble::detail(problem);
        let most = self.settings.name_length;
        let mut page = page::trouble::page(&reader, problem.status(), &detail, &asked, most);
        for name in [header::ALLOW, header::RETRY_AFTER] {
            if let Some(value) = problem.headers().get(&name) {
                page.headers_mut().insert(name, value.clone());
            }
        }
        page
    }

    fn reader<'a>(&self, headers: &HeaderMap, description: Option<&'a str>) -> Option<Reader<'a>> {
        Some(Reader { service: description.unwrap_or(NAMELESS), words: page::language(headers)? })
    }
}

/// What is said to who wrote a URL that is wrong.
fn misasked(wrong: &str) -> Page {
    problem(StatusCode::BAD_REQUEST, wrong)
}

fn context(parts: &Parts, client: IpAddr) -> Context {
    Context {
        transport: Transport::Http,
        client,
        charset: None,
        trimmed: false,
        via: via::via(&parts.headers),
    }
}

/// Whether programs are who reads what is at `path`.
fn is_data(path: &str) -> bool {
    matches!(path, "/resolve" | "/suggest" | "/service" | "/openapi.json")
}

fn is_problem(page: &Page) -> bool {
    page.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json")
}

/// What may be asked here; for a browser that asks before it posts, in its own headers as well.
fn options(allow: &'static str) -> Page {
    let mut page = Response::new(Bytes::new());
    *page.status_mut() = StatusCode::NO_CONTENT;
    let headers = page.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(allow));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("accept, content-type"));
    page
}

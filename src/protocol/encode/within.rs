//! An answer in so many bytes and no more (D23).
//!
//! A datagram that is answered by a longer one makes whoever forges its sender strong, so the
//! answer has to fit. What does not is cut from the end of the list, and the client is told that
//! something is missing and where the whole is to be had.

use std::sync::Arc;

use super::encode_answer;
use crate::model::{Answer, ResultItem, Server, Service, Status, StatusCode};

const CUT: &str = "cut to fit a datagram; HTTP has the whole answer";

/// Writes `answer` in at most `most` bytes; `None` if not even a lone status fits.
///
/// What does not fit loses its lowest-ranked results. It gains 3.2.0 and, of our `servers`, the
/// first that is reached over HTTP. Where a result can be saved by it, or nothing fits otherwise,
/// all that surrounds the results is shortened. Where our service does not fit, there is a lone
/// 3.2.0; a fatal answer keeps the status that it is.
pub fn encode_within(answer: &Answer, servers: &[Server], most: usize) -> Option<Vec<u8>> {
    let whole = encode_answer(answer, true);
    if whole.len() <= most {
        return Some(whole);
    }
    match (&answer.service, answer.statuses.first()) {
        (Some(own), _) => {
            cut(answer, own, servers, most).or_else(|| lone(&Status::new(StatusCode::INCOMPLETE, CUT), most))
        }
        (None, Some(status)) => lone(status, most),
        (None, None) => None,
    }
}

/// One status without DOCTYPE, which is most of it; without its message, if it must be.
fn lone(status: &Status, most: usize) -> Option<Vec<u8>> {
    let with = |message: &str| encode_answer(&Answer::fatal(Status::new(status.code, message)), false);
    [status.message.as_str(), ""].into_iter().map(with).find(|document| document.len() <= most)
}

fn cut(answer: &Answer, own: &Service, servers: &[Server], most: usize) -> Option<Vec<u8>> {
    let fitted: Vec<Fitted> =
        frames(answer, own, servers).iter().filter_map(|frame| fit(frame, &answer.results, most)).collect();
    let fullest = fitted.iter().position(|fitted| fitted.results > 0).unwrap_or(0);
    fitted.into_iter().nth(fullest).map(|fitted| fitted.document)
}

/// What may stand around the results of a cut answer, the fullest first.
fn frames(answer: &Answer, own: &Service, servers: &[Server]) -> [Answer; 3] {
    let cut = Status::new(StatusCode::INCOMPLETE, CUT);
    let servers: Vec<Server> = over_http(servers).cloned().into_iter().collect();
    let own = Service { servers: servers.clone(), schema: None, ..own.clone() };
    let bare = Service { servers, ..Service::named(own.uri.as_str()) };
    let told = answer.statuses.iter().cloned().chain([cut.clone()]).collect();
    let codes = codes(&answer.statuses).into_iter().chain([cut]).collect::<Vec<_>>();
    let around = |own, referrals, statuses| Answer {
        service: Some(Arc::new(own)),
        results: Vec::new(),
        referrals,
        statuses,
    };
    [
        around(own.clone(), answer.referrals.clone(), told),
        around(own, Vec::new(), codes.clone()),
        around(bare, Vec::new(), codes),
    ]
}

/// The first server that is reached over HTTP, which `cnrp:` is as well (D30).
fn over_http(servers: &[Server]) -> Option<&Server> {
    let scheme = |server: &Server| server.uri.split(':').next().unwrap_or_default().to_ascii_lowercase();
    servers.iter().find(|server| matches!(scheme(server).as_str(), "http" | "https" | "cnrp"))
}

/// Each code once, without messages.
fn codes(statuses: &[Status]) -> Vec<Status> {
    let mut codes: Vec<StatusCode> = Vec::new();
    for status in statuses {
        if !codes.contains(&status.code) {
            codes.push(status.code);
        }
    }
    codes.into_iter().map(|code| Status::new(code, "")).collect()
}

/// A document that fits, and how many results it has.
struct Fitted {
    results: usize,
    document: Vec<u8>,
}

/// The frame with as many of the first results as fit; `None` if it does not fit without any.
fn fit(frame: &Answer, results: &[ResultItem], most: usize) -> Option<Fitted> {
    let with = |count: usize| {
        let results = results.iter().take(count).cloned().collect();
        encode_answer(&Answer { results, ..frame.clone() }, true)
    };
    let mut fitted = None;
    // More results never make less bytes, so halving finds the last that fits.
    let (mut fits, mut beyond) = (0, results.len() + 1);
    while fits < beyond {
        let count = fits.midpoint(beyond);
        let document = with(count);
        if document.len() <= most {
            fitted = Some(Fitted { results: count, document });
            fits = count + 1;
        } else {
            beyond = count;
        }
    }
    fitted
}

//! What is wrong only when two keys are seen together, or a value where it stands.

use std::{collections::HashSet, net::SocketAddr};

use super::{
    Problems, expect,
    record::has_credentials,
    settings::{Listen, Settings},
    tree::{Node, Source},
};

/// The port of CNRP over HTTP.
const HTTP_PORT: u16 = 1096;

/// Everything that the types of the single keys can't tell.
pub(super) fn check(settings: &Settings, root: &Node, source: &Source) -> Problems {
    let listen = &settings.listen;
    let mut wrong = Vec::new();
    // One that is there and wrong has its own problem.
    let has_token =
        root.get("admin").and_then(|admin| admin.get("token")).is_some_and(|token| !token.is_null());
    if !listen.admin.ip().is_loopback() && !has_token {
        let message = "expected a loopback address, or admin: {token: {env: NAME}} beside it";
        wrong.push(("listen.admin".to_owned(), message));
    }
    if listen.http.is_empty() && listen.https.is_empty() && listen.udp.is_empty() && listen.smtp.is_none() {
        let message = "expected an address under http, https, udp or smtp: nothing would be served";
        wrong.push(("listen".to_owned(), message));
    }
    if settings.admin.token.as_ref().is_some_and(|token| !can_be_borne(token.expose())) {
        let message = "expected a token of letters, digits and signs of ASCII, without a blank at either end: no request could bear this one";
        wrong.push(("admin.token".to_owned(), message));
    }
    let tls = root.get("listen").and_then(|listen| listen.get("tls"));
    if !listen.https.is_empty() && tls.is_none_or(Node::is_null) {
        wrong.push(("listen.https".to_owned(), "expected tls: {cert: FILE, key: FILE} beside it"));
    }
    if listen.smtp.as_ref().is_some_and(|smtp| smtp.relay == smtp.address) {
        let message = "expected the mail server that answers are handed to: this is our own address";
        wrong.push(("listen.smtp.relay".to_owned(), message));
    }
    let smtp = listen.smtp.iter().map(|smtp| &smtp.address);
    let tcp = listen.http.iter().chain(&listen.https).chain([&listen.admin]).chain(smtp).copied();
    let names = (0..listen.http.len()).map(|at| format!("listen.http[{at}]"));
    let names = names.chain((0..listen.https.len()).map(|at| format!("listen.https[{at}]")));
    let others = ["listen.admin", "listen.smtp.address"].map(str::to_owned);
    wrong.extend(repeated(tcp, names.chain(others)));
    let names = (0..listen.udp.len()).map(|at| format!("listen.udp[{at}]"));
    wrong.extend(repeated(listen.udp.iter().copied(), names));
    if settings.limits.request_size == 0 {
        wrong.push(("limits.request_size".to_owned(), "expected a size above 0: no request would be read"));
    }
    if settings.trace.otlp.as_ref().is_some_and(|url| has_credentials(url.0.as_str())) {
        let message = "expected an address without a password or key: trace.headers takes secrets";
        wrong.push(("trace.otlp".to_owned(), message));
    }
    wrong.extend(on_the_port_of_http(listen));
    wrong.extend(expect::check(root.get("expect")));
    let mut problems = Problems::default();
    for (key, message) in wrong {
        problems.add(source.problem(root.place_of(&key), &key, message));
    }
    problems
}

/// Whether it comes through a header as it is: beyond ASCII nobody says how it is written there, and blanks
/// around it are none of it (RFC 9110 section 5.5).
fn can_be_borne(token: &str) -> bool {
    token.trim() == token && token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Clients take whatever answers on port 1096 for HTTP (RFC 3367 section 3.3, R2).
fn on_the_port_of_http(listen: &Listen) -> impl Iterator<Item = (String, &'static str)> {
    let secure =
        (&listen.https, "https", "expected another port: 1096 is for HTTP without TLS; 443 is that of https");
    let datagrams =
        (&listen.udp, "udp", "expected another port: 1096 is for HTTP alone; 2757 is CNRP's for UDP");
    let listed = [secure, datagrams].into_iter().flat_map(|(addresses, key, message)| {
        let each = addresses.iter().enumerate();
        each.map(move |(at, address)| (*address, format!("listen.{key}[{at}]"), message))
    });
    let message = "expected another port: 1096 is for HTTP alone; 25 is that of mail";
    let smtp = listen.smtp.iter();
    let mail = smtp.map(move |smtp| (smtp.address, "listen.smtp.address".to_owned(), message));
    let taken = listed.chain(mail).filter(|(address, ..)| address.port() == HTTP_PORT);
    taken.map(|(_, key, message)| (key, message))
}

/// The keys of addresses that an earlier key has taken. Port 0 is another port each time.
fn repeated(
    addresses: impl Iterator<Item = SocketAddr>,
    keys: impl Iterator<Item = String>,
) -> Vec<(String, &'static str)> {
    let mut taken = HashSet::new();
    let again = addresses.zip(keys).filter(|(address, _)| address.port() != 0 && !taken.insert(*address));
    again.map(|(_, key)| (key, "this address is listened at already")).collect()
}

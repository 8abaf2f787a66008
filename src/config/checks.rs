//! What is wrong only when two keys are seen together, or a value where it stands.

use std::{collections::HashSet, net::SocketAddr};

use super::{
    Problems,
    settings::Settings,
    tree::{Node, Source},
};

/// Everything that the types of the single keys can't tell.
pub(super) fn check(settings: &Settings, root: &Node, source: &Source) -> Problems {
    let listen = &settings.listen;
    let mut wrong = Vec::new();
    if !listen.admin.ip().is_loopback() {
        let message =
            "expected a loopback address: elsewhere it needs a token, which this version does not support";
        wrong.push(("listen.admin".to_owned(), message));
    }
    if listen.http.is_empty() && listen.https.is_empty() && listen.udp.is_empty() {
        let message = "expected an address under http, https or udp: nothing would be served";
        wrong.push(("listen".to_owned(), message));
    }
    // One that is there and wrong has its own problem.
    let tls = root.get("listen").and_then(|listen| listen.get("tls"));
    if !listen.https.is_empty() && tls.is_none_or(Node::is_null) {
        wrong.push(("listen.https".to_owned(), "expected tls: {cert: FILE, key: FILE} beside it"));
    }
    let tcp = listen.http.iter().chain(&listen.https).chain([&listen.admin]).copied();
    let names = (0..listen.http.len()).map(|at| format!("listen.http[{at}]"));
    let names = names.chain((0..listen.https.len()).map(|at| format!("listen.https[{at}]")));
    wrong.extend(repeated(tcp, names.chain(["listen.admin".to_owned()])));
    let names = (0..listen.udp.len()).map(|at| format!("listen.udp[{at}]"));
    wrong.extend(repeated(listen.udp.iter().copied(), names));
    if settings.limits.request_size == 0 {
        wrong.push(("limits.request_size".to_owned(), "expected a size above 0: no request would be read"));
    }
    let mut problems = Problems::default();
    for (key, message) in wrong {
        problems.add(source.problem(root.place_of(&key), &key, message));
    }
    problems
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

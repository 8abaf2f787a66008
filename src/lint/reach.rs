//! Whether the targets can be reached: each is asked for its head, one at a time at each host and
//! never sooner than [`PACE`] after the one before.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, Request};
use tokio::time::sleep;
use url::Url;

use super::{Finding, Severity};
use crate::{
    backends::static_names::{Says, Statement},
    model::Exchange,
    names::parameters,
};

/// Between two requests to one host.
const PACE: Duration = Duration::from_secs(1);

/// Most hosts at a time.
const HOSTS_AT_ONCE: usize = 8;

/// The addresses by http and https that names lead to, without what may follow the names.
pub fn targets(layers: &[Vec<Statement>]) -> Vec<(Url, &Statement)> {
    let leads = layers.iter().flatten().filter(|statement| statement.says == Says::Leads);
    let targets = leads.filter_map(|statement| {
        let url = Url::parse(&parameters::expand(&statement.entry, "")?).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some((url, statement))
    });
    targets.collect()
}

/// Asks for each target; what can't be reached is found. `exchange` goes where the targets are, and
/// nowhere else that is private.
pub async fn reach(targets: Vec<(Url, &Statement)>, exchange: &dyn Exchange) -> Vec<Finding> {
    let mut by_host: BTreeMap<String, BTreeMap<Url, Vec<&Statement>>> = BTreeMap::new();
    for (url, statement) in targets {
        let host = by_host.entry(url.host_str().unwrap_or_default().to_owned()).or_default();
        host.entry(url).or_default().push(statement);
    }
    let hosts = by_host.into_values().map(|urls| ask_host(urls, exchange));
    stream::iter(hosts).buffered(HOSTS_AT_ONCE).concat().await
}

async fn ask_host(urls: BTreeMap<Url, Vec<&Statement>>, exchange: &dyn Exchange) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, (url, statements)) in urls.into_iter().enumerate() {
        if place > 0 {
            sleep(PACE).await;
        }
        if let Some(why) = ask(&url, exchange).await {
            let text =
                |statement: &Statement| format!("\"{}\" leads to {url}, which {why}", statement.entry.name);
            let finding =
                |statement: &&Statement| Finding::new(&statement.place, Severity::Warning, text(statement));
            findings.extend(statements.iter().map(finding));
        }
    }
    findings
}

/// What is wrong with a target; `None` if it is there.
async fn ask(url: &Url, exchange: &dyn Exchange) -> Option<String> {
    let request = Request::builder().method(Method::HEAD).uri(url.as_str()).body(Bytes::new());
    let Ok(request) = request else { return Some("is no address to send a request to".to_owned()) };
    match exchange.exchange(request).await {
        Ok(reply) => is_gone(reply.status().as_u16()).then(|| format!("answers {}", reply.status().as_u16())),
        Err(failure) => Some(format!("can't be reached: {failure}")),
    }
}

/// A page that wants a login, another method or less haste is there all the same.
fn is_gone(status: u16) -> bool {
    matches!(status, 404 | 410 | 451) || (status >= 500 && status != 501)
}

//! What a configuration says of names, for the commands that look after them.

use std::{collections::HashSet, path::Path, sync::Arc};

use super::{Failure, embedded};
use crate::{
    backends::static_names::{self, Says, Statement},
    config::{self, Backend, Config, Problems},
    imports::{Exported, Named, Remark, Target, export},
    lint::{self, Finding},
    model::{Clock, SystemClock},
    names::Moment,
    upstream::{Bounds, HttpClient, SystemHosts, USER_AGENT},
};

/// Writes the names in force of the static maps of a configuration, or of the one called `backend`.
///
/// # Errors
/// Every mistake in the configuration and its files; that no static map is called so.
pub fn exported(path: Option<&Path>, backend: Option<&str>, target: Target) -> Result<Exported, Failure> {
    let config = read(path)?;
    let maps: Vec<_> = maps(&config).filter(|map| backend.is_none_or(|name| map.name == name)).collect();
    if let (true, Some(name)) = (maps.is_empty(), backend) {
        return Err(Failure::Usage(format!("no static backend is called \"{name}\"")));
    }
    let (mut names, mut problems) = (Vec::new(), Problems::default());
    for map in &maps {
        match static_names::in_force(&map.options, &config.folder) {
            Ok((entries, denied)) => {
                names.extend(entries.into_iter().map(|entry| Named { entry, says: Says::Leads }));
                names.extend(denied.into_iter().map(|entry| Named { entry, says: Says::Denied }));
            }
            Err(wrong) => problems.extend(wrong),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut exported = export(target, &names);
    let indexed = maps.iter().filter(|map| static_names::has_index(&map.options));
    exported.remarks.extend(indexed.map(|map| Remark {
        line: 0,
        text: format!(
            "{}: the names of its index are not carried; they are in the files it was built of",
            map.name
        ),
    }));
    Ok(exported)
}

/// Looks at the names of the static maps of a configuration; with `online`, at their targets as well.
///
/// # Errors
/// What is wrong with the configuration beside the names; no client for the targets.
pub async fn lint(path: Option<&Path>, online: bool) -> Result<Vec<Finding>, Failure> {
    let config = read(path)?;
    let now = Moment::of(SystemClock.wall());
    let mut findings = Vec::new();
    for map in maps(&config) {
        match static_names::statements(&map.options, &config.folder) {
            Ok(layers) => {
                let conflicts =
                    static_names::conflicts(layers.clone(), static_names::has_index(&map.options));
                findings.extend(conflicts.0.into_iter().map(Finding::from));
                findings.extend(lint::examine(&layers, now));
                if online {
                    findings.extend(reach(&layers).await?);
                }
            }
            Err(problems) => findings.extend(problems.0.into_iter().map(Finding::from)),
        }
    }
    Ok(findings)
}

async fn reach(layers: &[Vec<Statement>]) -> Result<Vec<Finding>, Failure> {
    let targets = lint::targets(layers);
    // The configuration names them, so they may be private; a redirect away from them may not.
    let mut origins = HashSet::new();
    let homes = targets.iter().map(|(url, _)| url).filter(|url| origins.insert(url.origin()));
    let homes: Vec<_> = homes.cloned().collect();
    let client =
        HttpClient::for_referrals(&homes, Vec::new(), Bounds::default(), USER_AGENT, Arc::new(SystemHosts))
            .map_err(|failure| Failure::Service(failure.to_string()))?;
    Ok(lint::reach(targets, &client).await)
}

/// The configuration, without a path the embedded default.
fn read(path: Option<&Path>) -> Result<Config, Failure> {
    let (config, problems) = match path {
        Some(path) => config::examine(&config::text_of(path)?, path),
        None => embedded::config(),
    };
    if problems.is_empty() { Ok(config) } else { Err(problems.into()) }
}

fn maps(config: &Config) -> impl Iterator<Item = &Backend> {
    config.backends.iter().filter(|backend| backend.kind == "static")
}

//! What a configuration says of names, for the commands that look after them.

use std::{collections::HashSet, path::Path, sync::Arc};

use super::{Failure, embedded};
use crate::{
    backends::static_names::{Map, Statement},
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
    let (mut names, mut remarks, mut problems) = (Vec::new(), Vec::new(), Problems::default());
    for map in &maps {
        let read = Map::read(&map.options, &config.folder);
        remarks.extend(read.iter().flat_map(|read| left_out(&map.name, read)));
        match read.and_then(Map::in_force) {
            Ok(said) => names.extend(said.into_iter().map(|(entry, says)| Named { entry, says })),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut exported = export(target, &names);
    exported.remarks.extend(remarks.into_iter().map(|text| Remark { line: 0, text }));
    Ok(exported)
}

/// What of a map is in none of its names.
fn left_out(name: &str, map: &Map) -> Vec<String> {
    let mut left: Vec<_> = map.ignored.iter().map(ToString::to_string).collect();
    if map.has_index() {
        left.push(format!(
            "{name}: the names of its index are not carried; they are in the files it was built of"
        ));
    }
    left
}

/// Looks at the names of the static maps of a configuration; with `online`, at their targets as well.
///
/// # Errors
/// What is wrong with the configuration beside the names; no client for the targets.
pub async fn lint(path: Option<&Path>, online: bool) -> Result<Vec<Finding>, Failure> {
    let config = read(path)?;
    let (mut findings, mut all) = (Vec::new(), Vec::new());
    for map in maps(&config) {
        match Map::read(&map.options, &config.folder) {
            Ok(map) => {
                findings.extend(map.conflicts().0.into_iter().map(Finding::from));
                findings.extend(map.ignored.iter().map(Finding::from));
                all.push(map.layers);
            }
            Err(problems) => findings.extend(problems.0.into_iter().map(Finding::from)),
        }
    }
    findings.extend(lint::examine(&all, Moment::of(SystemClock.wall())));
    if online {
        findings.extend(reach(&all.concat()).await?);
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

//! Which DNS servers are asked: those that the operator names, or the system's, as its file says now.
//!
//! Whoever runs beside an application starts before the network does, and stays when it is another.
//! So the file is looked at for as long as the program runs, and a change of it takes effect by itself.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{NetError, runtime::TokioRuntimeProvider},
    system_conf::parse_resolv_conf,
};

use crate::config::Stamp;

/// Where the system says which servers it asks (resolv.conf(5)).
const OF_THE_SYSTEM: &str = "/etc/resolv.conf";

/// DNS servers, and the client that asks them.
pub(super) struct Servers {
    current: ArcSwap<Reading>,
    /// The file in which they stand, and how they are asked.
    file: Option<(PathBuf, ResolverOpts)>,
}

/// What was made of the file when it was read.
#[derive(Clone)]
struct Reading {
    stamp: Option<Stamp>,
    addresses: Vec<IpAddr>,
    /// Without servers there is no client, and every lookup fails for the reason kept here: a gateway
    /// without DNS still answers from what else it has.
    asker: Asker,
}

type Asker = Result<TokioResolver, String>;

impl Servers {
    /// These, whatever the system says.
    pub(super) fn of(servers: &[SocketAddr], options: ResolverOpts) -> Self {
        Self::fixed(asker(these(servers), options))
    }

    /// The system's.
    pub(super) fn of_the_system(options: ResolverOpts) -> Self {
        Self::in_file(Path::new(OF_THE_SYSTEM), options)
    }

    pub(super) fn in_file(path: &Path, options: ResolverOpts) -> Self {
        let reading = Reading::of(path, &options);
        Self { current: ArcSwap::from_pointee(reading), file: Some((path.to_owned(), options)) }
    }

    /// None: every lookup fails for this reason.
    pub(super) fn none(why: &str) -> Self {
        Self::fixed(Err(why.to_owned()))
    }

    fn fixed(asker: Asker) -> Self {
        Self {
            current: ArcSwap::from_pointee(Reading { stamp: None, addresses: Vec::new(), asker }),
            file: None,
        }
    }

    /// The client that asks them.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn asker(&self) -> Asker {
        self.current.load().asker.clone()
    }

    /// Reads the file again if it is another than before. One that names no servers is as good as none:
    /// it is being written, or the network has gone, and those from before may come back with it.
    pub(super) fn look_again(&self) {
        let Some((path, options)) = &self.file else { return };
        let before = self.current.load();
        if Stamp::of(path) == before.stamp {
            return;
        }
        let mut reading = Reading::of(path, options);
        if reading.asker.is_err() && before.asker.is_ok() {
            reading = Reading { stamp: reading.stamp, ..before.as_ref().clone() };
        }
        if reading.addresses != before.addresses {
            tracing::info!(servers = ?reading.addresses, "other DNS servers are asked, as {} says", path.display());
        }
        self.current.store(Arc::new(reading));
    }
}

impl Reading {
    fn of(path: &Path, options: &ResolverOpts) -> Self {
        // Before it is read: what changes meanwhile is read again.
        let stamp = Stamp::of(path);
        let servers = written(path);
        let addresses = servers.iter().flatten().map(|server| server.ip).collect();
        Self { stamp, addresses, asker: asker(servers, options.clone()) }
    }
}

fn these(servers: &[SocketAddr]) -> Result<Vec<NameServerConfig>, NetError> {
    let servers = servers.iter().map(|server| {
        let at_port = |mut connection: ConnectionConfig| {
            connection.port = server.port();
            connection
        };
        let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
        NameServerConfig::new(server.ip(), true, connections)
    });
    Ok(servers.collect())
}

fn written(path: &Path) -> Result<Vec<NameServerConfig>, NetError> {
    let (config, _) = parse_resolv_conf(fs::read(path)?)?;
    let (_, _, mut servers) = config.into_parts();
    for server in &mut servers {
        server.trust_negative_responses = true;
    }
    Ok(servers)
}

fn asker(servers: Result<Vec<NameServerConfig>, NetError>, options: ResolverOpts) -> Asker {
    let built = servers.and_then(|servers| {
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        Resolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options).build()
    });
    built.map_err(|error| format!("no DNS servers are known: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn write(path: &Path, text: &str, age: u64) {
        fs::write(path, text).unwrap();
        let written = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(path).unwrap().set_modified(written).unwrap();
    }

    #[tokio::test]
    async fn the_servers_of_the_system_are_those_of_its_file_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        let servers = Servers::in_file(&path, ResolverOpts::default());
        let asked = || servers.asker().map(|_| servers.current.load().addresses.clone());
        let ip = |text: &str| Ok(vec![text.parse::<IpAddr>().unwrap()]);
        assert!(
            asked().is_err_and(|why| why.starts_with("no DNS servers are known: ")),
            "before the network"
        );
        write(&path, "# none yet\n", 90);
        servers.look_again();
        assert!(asked().is_err());
        write(&path, "search lan\nnameserver 192.0.2.1\n", 80);
        assert!(asked().is_err(), "nobody looked");
        servers.look_again();
        assert_eq!(asked(), ip("192.0.2.1"));
        write(&path, "search lan\nnameserver 192.0.2.2\n", 70);
        servers.look_again();
        assert_eq!(asked(), ip("192.0.2.2"), "another network");
        for (age, empty) in [(60, Some("")), (0, None)] {
            match empty {
                Some(text) => write(&path, text, age),
                None => fs::remove_file(&path).unwrap(),
            }
            servers.look_again();
            assert_eq!(asked(), ip("192.0.2.2"), "being written");
        }
        write(&path, "nameserver ::1\n", 50);
        servers.look_again();
        assert_eq!(asked(), ip("::1"));
    }

    #[tokio::test]
    async fn servers_that_were_named_are_asked_whatever_the_system_says() {
        let servers = Servers::of(&["192.0.2.1:53".parse().unwrap()], ResolverOpts::default());
        servers.look_again();
        assert!(servers.asker().is_ok());
        assert_eq!(Servers::none("a replay").asker().err().as_deref(), Some("a replay"));
    }
}

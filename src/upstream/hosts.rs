//! From the host of a URL to the addresses that are dialled.
//!
//! Hosts of upstreams are resolved as every other program on the machine resolves them (hosts
//! file, search domains, containers' names), so that what the operator wrote means what the
//! operator thinks. What was not configured is held to public addresses here, after resolution,
//! where no trick with the name can go around it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{is_public, machine::has_no_descriptor};
use crate::model::{BoxFuture, Failure, Reason};

/// Finds the addresses of a host.
pub trait HostLookup: Send + Sync {
    /// The addresses of `host`, in order of preference; a [`Failure`] where there are none.
    fn addresses(&self, host: String) -> BoxFuture<'static, Result<Vec<IpAddr>, Failure>>;
}

/// The system's own resolution.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemHosts;

impl HostLookup for SystemHosts {
    fn addresses(&self, host: String) -> BoxFuture<'static, Result<Vec<IpAddr>, Failure>> {
        Box::pin(async move {
            // The port is of no interest; the resolver wants one.
            let found = tokio::net::lookup_host((host.as_str(), 0)).await;
            let found = found.map_err(|error| match has_no_descriptor(Some(&error)) {
                true => Failure::without_descriptors(),
                false => Failure::new(Reason::Unreachable, format!("{host} cannot be resolved: {error}")),
            })?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Which addresses may be dialled.
#[derive(Debug, Clone)]
pub(super) enum Reach {
    /// Any: the operator named the place.
    Anywhere,
    /// Public ones, and these.
    Public(Arc<[IpAddr]>),
}

impl Reach {
    /// Whether `ip` may be dialled.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public(more) => is_public(ip) || more.contains(&ip),
        }
    }
}

/// Resolution for the HTTP client, held to what may be dialled.
pub(super) struct Guide {
    pub(super) lookup: Arc<dyn HostLookup>,
    pub(super) reach: Reach,
}

impl Resolve for Guide {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let (found, reach) = (self.lookup.addresses(host.clone()), self.reach.clone());
        Box::pin(async move {
            let addresses = allowed(&host, found.await?, &reach)?;
            // Port 0 stands for the port of the URL.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

fn allowed(host: &str, found: Vec<IpAddr>, reach: &Reach) -> Result<Vec<IpAddr>, Failure> {
    if found.is_empty() {
        return Err(Failure::new(Reason::Unreachable, format!("{host} has no address")));
    }
    let kept: Vec<IpAddr> = found.into_iter().filter(|ip| reach.has(*ip)).collect();
    if kept.is_empty() {
        return Err(Failure::new(Reason::Unsafe, format!("{host} leads to addresses that are not public")));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(text: &str) -> Vec<IpAddr> {
        text.split_whitespace().map(|ip| ip.parse().unwrap()).collect()
    }

    #[test]
    fn private_addresses_are_for_the_configured_host_alone() {
        let public = Reach::Public(Arc::default());
        assert_eq!(allowed("x", ips("10.0.0.1"), &Reach::Anywhere), Ok(ips("10.0.0.1")));
        assert_eq!(allowed("x", ips("10.0.0.1 ::1"), &public).unwrap_err().reason, Reason::Unsafe);
        assert_eq!(allowed("x", ips("127.0.0.1 93.184.216.34"), &public), Ok(ips("93.184.216.34")));
        assert_eq!(allowed("x", ips(""), &Reach::Anywhere).unwrap_err().reason, Reason::Unreachable);
        let named = Reach::Public(ips("10.0.0.1").into());
        assert_eq!(allowed("x", ips("10.0.0.1 10.0.0.2"), &named), Ok(ips("10.0.0.1")));
    }

    #[tokio::test]
    async fn the_hosts_file_counts() {
        let found = SystemHosts.addresses("localhost".to_owned()).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty());
    }
}

//! Names that are for sale: their name servers or addresses are those of a parking service.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::IpNet;

/// From the warning lists of MISP (CC0); see NOTICE.
const LIST: &str = include_str!("parking.csv");

static KNOWN: LazyLock<Parking> = LazyLock::new(|| Parking::read(LIST));

/// What is known of parking services.
struct Parking {
    /// Domains of name servers.
    servers: Vec<&'static str>,
    ranges: Vec<IpNet>,
}

impl Parking {
    fn read(list: &'static str) -> Self {
        let rows = || list.lines().filter_map(|line| line.split_once(','));
        let of =
            |wanted: &'static str| rows().filter(move |(kind, _)| *kind == wanted).map(|(_, value)| value);
        Self {
            servers: of("nameserver_domain").map(|name| name.trim_end_matches('.')).collect(),
            ranges: of("address_range").filter_map(|range| range.parse().ok()).collect(),
        }
    }
}

/// Whether `address` is that of a parking service.
pub(super) fn holds_address(address: IpAddr) -> bool {
    KNOWN.ranges.iter().any(|range| range.contains(&address))
}

/// Whether `server`, a name server, is a parking service's.
pub(super) fn holds_server(server: &str) -> bool {
    let is_under = |domain: &str| {
        server.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    KNOWN.servers.iter().any(|domain| is_under(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_whole() {
        let rows = LIST.lines().count() - 1;
        assert_eq!(KNOWN.servers.len() + KNOWN.ranges.len(), rows);
        assert!(rows > 200);
    }

    #[test]
    fn servers_are_known_by_their_domain_and_addresses_by_their_range() {
        assert!(holds_server("ns1.sedoparking.com") && holds_server("sedoparking.com"));
        assert!(!holds_server("ns1.notsedoparking.com") && !holds_server("a.iana-servers.net"));
        assert!(holds_address("199.59.243.225".parse().unwrap()));
        assert!(!holds_address("93.184.216.34".parse().unwrap()));
    }

    #[test]
    fn a_service_that_protects_brands_parks_nothing() {
        assert!(!holds_server("ns1.markmonitor.com"));
    }
}

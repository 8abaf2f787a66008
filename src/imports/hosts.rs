//! Hosts files: an address, a host name and further names of the host in a line. Each host becomes a
//! name that leads to its front page. What only serves to block or to name this machine is left.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use super::{Gathered, shown};
use crate::{backends::static_names::Says, names::Entry};

pub(super) fn read(text: &str, names: &mut Gathered) {
    let mut hosts = Hosts::default();
    for (line, text) in (1..).zip(text.lines()) {
        let (text, comment) = text.split_once('#').unwrap_or((text, ""));
        let mut words = text.split_whitespace();
        let Some(address) = words.next() else { continue };
        // A scope, as in fe80::1%lo0, is of this machine alone.
        let Ok(ip) = address.split('%').next().unwrap_or_default().parse::<IpAddr>() else {
            names.remark(
                line,
                format!("\"{}\" is no address; expected a line of a hosts file", shown(address)),
            );
            continue;
        };
        let Some(name) = words.next() else {
            names.remark(line, "names no host");
            continue;
        };
        if !is_of_others(ip) {
            names.uncarried("hosts of this machine, or that are blocked");
            continue;
        }
        hosts.add(line, name, words, comment.trim());
    }
    for (line, entry) in hosts.entries {
        names.add(line, entry, Says::Leads);
    }
}

/// The hosts of a file, each once: one that has several addresses stands in several lines.
#[derive(Default)]
struct Hosts {
    entries: Vec<(usize, Entry)>,
    /// Which of them a name is.
    places: HashMap<String, usize>,
}

impl Hosts {
    fn add<'a>(&mut self, line: usize, name: &str, further: impl Iterator<Item = &'a str>, comment: &str) {
        let place = *self.places.entry(name.to_ascii_lowercase()).or_insert(self.entries.len());
        if place == self.entries.len() {
            let (name, uri) = (name.to_owned(), format!("http://{name}/"));
            self.entries.push((line, Entry { name, uri, ..Entry::default() }));
        }
        let Some((_, entry)) = self.entries.get_mut(place) else { return };
        for alias in further {
            if entry.names().all(|known| !known.eq_ignore_ascii_case(alias)) {
                entry.aliases.push(alias.to_owned());
            }
        }
        if !entry.description.split("; ").any(|known| known == comment) {
            let parted = if entry.description.is_empty() { "" } else { "; " };
            entry.description.push_str(&format!("{parted}{comment}"));
        }
    }
}

/// Whether an address is one of another machine.
fn is_of_others(ip: IpAddr) -> bool {
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    // fe00::/9 is given to nobody: systems name things of their own by it (fe00::0 ip6-localnet).
    let is_own = |ip: Ipv6Addr| ip.is_unicast_link_local() || (ip.to_bits() >> 119) == 0xfe00 >> 7;
    let is_near = ip.is_loopback() || matches!(ip, IpAddr::V6(ip) if is_own(ip));
    !(is_near || ip.is_unspecified() || ip.is_multicast() || is_broadcast)
}

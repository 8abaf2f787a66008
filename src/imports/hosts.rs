//! Hosts files: an address, a host name and further names of the host in a line. Each host becomes a
//! name that leads to its front page. What only serves to block or to name this machine is left.

use std::net::IpAddr;

use super::{Gathered, shown};
use crate::{backends::static_names::Says, names::Entry};

pub(super) fn read(text: &str, names: &mut Gathered) {
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
        let entry = Entry {
            name: name.to_owned(),
            aliases: words.map(str::to_owned).collect(),
            uri: format!("http://{name}/"),
            description: comment.trim().to_owned(),
            ..Entry::default()
        };
        names.add(line, entry, Says::Leads);
    }
}

/// Whether an address is one of another machine.
fn is_of_others(ip: IpAddr) -> bool {
    let is_apart = match ip {
        IpAddr::V4(ip) => ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !(is_apart || ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
}

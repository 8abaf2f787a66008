//! This machine: which addresses are its own, and which process holds a port.

use std::net::{IpAddr, UdpSocket};

use listeners::{Protocol, get_process_by_port};

/// A process that holds a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub name: String,
    pub pid: u32,
}

/// Whether `address` is one of this machine's: only at those can a socket be bound.
pub fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

/// The process that holds a TCP or, with `is_udp`, a UDP port of this machine, as far as the system
/// tells us: other users' processes are often hidden. Reads the system's tables, so it may block.
pub fn holder(port: u16, is_udp: bool) -> Option<Holder> {
    let protocol = if is_udp { Protocol::UDP } else { Protocol::TCP };
    let process = get_process_by_port(port, protocol).ok()?;
    Some(Holder { name: process.name, pid: process.pid })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn the_process_that_holds_a_port_is_named() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        for (address, is_udp) in [(tcp.local_addr(), false), (udp.local_addr(), true)] {
            let holder = holder(address.unwrap().port(), is_udp).expect("our own process is no secret");
            assert_eq!(holder.pid, std::process::id());
        }
    }

    #[test]
    fn an_address_of_documentation_is_not_of_this_machine() {
        assert!(is_of_this_machine("127.0.0.9".parse().unwrap()));
        assert!(!is_of_this_machine("192.0.2.1".parse().unwrap()));
        assert!(!is_of_this_machine("2001:db8::1".parse().unwrap()));
    }
}

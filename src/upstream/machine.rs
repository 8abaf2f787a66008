//! This machine: which addresses are its own, and which process holds a port.

use std::{
    io,
    net::{IpAddr, UdpSocket},
};

use listeners::{Protocol, get_process_by_port};

/// The errors of a process, and of a machine, that can have no further descriptor (EMFILE, ENFILE), the
/// same on every Unix.
const NO_DESCRIPTOR: [i32; 2] = [24, 23];

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

/// Whether a failure to reach somebody came of there being no descriptor left. Resolvers keep their error
/// to themselves: then a socket is asked for, as they did.
pub(super) fn has_no_descriptor(error: Option<&io::Error>) -> bool {
    let says = |error: &io::Error| error.raw_os_error().is_some_and(|code| NO_DESCRIPTOR.contains(&code));
    error.is_some_and(says) || UdpSocket::bind(("127.0.0.1", 0)).is_err_and(|error| says(&error))
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

//! The PROXY protocol: a header in front of a connection, by which a load balancer that only
//! passes bytes on says who the client is. It is read from the peers under `listen.proxy_protocol`
//! and from nobody else, since whoever may send one is whoever it likes to be; and from those it has
//! to come, as a client that got past the balancer would be taken for it otherwise.
//!
//! Not a byte beyond the header is read: what follows belongs to TLS or HTTP.

use std::{io, net::IpAddr, time::Duration};

use proxy_header::{ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How version 2 begins.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// How version 1 begins.
const WORD: &[u8] = b"PROXY ";
/// The longest header of version 1, with its line end: what the specification says.
const LONGEST_LINE: usize = 107;
/// Longest body of version 2 that is read. Addresses take 216 bytes at most, and the fields behind
/// them, of which none is used, are a few hundred in what balancers send.
const LONGEST_BODY: usize = 2048;

/// Reads the header within `patience`: the client that it names, or `None` where the proxy speaks
/// for itself, as it does when it looks whether we are there.
///
/// # Errors
/// There is no header, a broken one, or one that does not come in time.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    patience: Duration,
) -> io::Result<Option<IpAddr>> {
    let header = tokio::time::timeout(patience, collect(stream)).await??;
    let config = ParseConfig { include_tlvs: false, ..ParseConfig::default() };
    let (parsed, length) = ProxyHeader::parse(&header, config).map_err(io::Error::other)?;
    match parsed.proxied_address() {
        _ if length != header.len() => Err(malformed()),
        Some(address) if address.protocol != Protocol::Stream => Err(malformed()),
        address => Ok(address.map(|address| address.source.ip().to_canonical())),
    }
}

/// The bytes of the header and no more. The shortest of either version is longer than a signature.
async fn collect(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut start = [0; SIGNATURE.len()];
    stream.read_exact(&mut start).await?;
    let mut header = start.to_vec();
    if start == SIGNATURE {
        body(stream, &mut header).await?;
    } else if start.starts_with(WORD) {
        line(stream, &mut header).await?;
    } else {
        return Err(malformed());
    }
    Ok(header)
}

/// The rest of a header of version 2, which says how long it is.
async fn body(stream: &mut (impl AsyncRead + Unpin), header: &mut Vec<u8>) -> io::Result<()> {
    let mut fixed = [0; 4];
    stream.read_exact(&mut fixed).await?;
    header.extend(fixed);
    let [_, _, high, low] = fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST_BODY {
        return Err(malformed());
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    header.append(&mut rest);
    Ok(())
}

/// The rest of a line. Byte by byte, as nothing else stops at its end; there are a hundred at most.
async fn line(stream: &mut (impl AsyncRead + Unpin), header: &mut Vec<u8>) -> io::Result<()> {
    while !header.ends_with(b"\r\n") {
        if header.len() == LONGEST_LINE {
            return Err(malformed());
        }
        header.push(stream.read_u8().await?);
    }
    Ok(())
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "expected a header of the PROXY protocol")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    /// The client that the bytes name, and how many bytes are left unread.
    async fn named(bytes: &[u8]) -> (Option<String>, usize) {
        let mut stream = bytes;
        let client = read(&mut stream, LONG).await.expect("a header");
        (client.map(|client| client.to_string()), stream.len())
    }

    fn version_2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, body].concat()
    }

    #[tokio::test]
    async fn both_versions_name_the_client_and_nothing_behind_them_is_read() {
        let v4 = [192, 0, 2, 1, 10, 0, 0, 1, 1, 2, 3, 4];
        let mut v6 = [0; 36];
        (v6[0], v6[1], v6[2], v6[3], v6[15]) = (0x20, 0x01, 0x0d, 0xb8, 1);
        let mut with_fields = v4.to_vec();
        with_fields.extend([5, 0, 2, 7, 7]);
        for (header, client) in [
            (b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n".to_vec(), Some("192.0.2.1")),
            (b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n".to_vec(), Some("2001:db8::1")),
            (b"PROXY TCP6 ::ffff:192.0.2.1 ::1 4711 443\r\n".to_vec(), Some("192.0.2.1")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN 1 2 3 4\r\n".to_vec(), None),
            (version_2(0x21, 0x11, &v4), Some("192.0.2.1")),
            (version_2(0x21, 0x11, &with_fields), Some("192.0.2.1")),
            (version_2(0x21, 0x21, &v6), Some("2001:db8::1")),
            (version_2(0x20, 0x11, &v4), None),
            (version_2(0x20, 0x00, &[]), None),
            (version_2(0x21, 0x31, &[0; 216]), None),
        ] {
            let bytes = [&header[..], b"GET /"].concat();
            let shown = String::from_utf8_lossy(&header).into_owned();
            assert_eq!(named(&bytes).await, (client.map(str::to_owned), 5), "{shown:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
        for bytes in [
            b"".as_slice(),
            b"GET / HTTP/1.1\r\n\r\n",
            b"PROXY",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\n\n\n\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 66666\r\n",
            b"PROXY TCP4 ::1 ::1 1 1\r\n",
            b"PROXY TCP9 1 2 3 4\r\n",
            b"PROXY TCP4\r\n\r\n\r\n",
            &endless,
            &version_2(0x21, 0x11, &[1, 2, 3]),
            &version_2(0x21, 0x12, &[0; 12]),
            &version_2(0x31, 0x11, &[0; 12]),
            &version_2(0x21, 0x11, &[0; 3000]),
            &version_2(0x21, 0x11, &[0; 12])[..20],
        ] {
            let mut stream = bytes;
            assert!(read(&mut stream, LONG).await.is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_does_not_come_is_not_waited_for() {
        let (mut ours, _theirs) = tokio::io::duplex(64);
        let error = read(&mut ours, LONG).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}

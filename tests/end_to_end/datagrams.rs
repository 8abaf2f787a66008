//! UDP from outside (D23): what fits, what is cut, and that no datagram of any kind is answered by a
//! longer one.

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    time::Duration,
};

use crate::support::{Gateway, Read, document, escape, run};

const LISTEN: &str = "listen: {http: [\"127.0.0.1:0\"], udp: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";

/// Forty resources of one name.
fn start() -> Gateway {
    let names: String = (0..40)
        .map(|nth| {
            format!("{{name: Acme, uri: \"https://acme{nth}.example/\", description: \"Anvils & more\"}},")
        })
        .collect();
    Gateway::start(&format!("{LISTEN}backends: [{{name: n, type: static, names: [{names}]}}]"))
}

fn socket(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(at).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket
}

fn asked(at: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    let socket = socket(at);
    socket.send(datagram).unwrap();
    let mut reply = vec![0; 65_535];
    let size = socket.recv(&mut reply).expect("a reply");
    reply.truncate(size);
    reply
}

fn query(name: &str) -> String {
    document(&format!("<query><commonname>{}</commonname></query>", escape(name)))
}

#[tokio::test]
async fn d23_an_answer_that_does_not_fit_is_the_beginning_of_the_whole() {
    let gateway = start();
    let whole = gateway.ask("acme", &[]).await.uris();
    let mut fewer = usize::MAX;
    for length in [1400, 1200, 1000, 800] {
        let datagram = format!("{:length$}", query("acme"));
        let reply = asked(gateway.address("udp"), datagram.as_bytes());
        assert!(reply.len() <= length.min(1232), "{} for {length}", reply.len());
        let cut = Read::new(&reply);
        let uris = cut.uris();
        assert!(!uris.is_empty() && uris.len() <= fewer && uris == whole[..uris.len()], "{uris:?}");
        fewer = uris.len();
        assert_eq!(cut.codes(), ["3.2.0"]);
        let own = cut.results.first("service").unwrap();
        let server = own.first("servers").unwrap().first("server").unwrap().text_of("serveruri");
        assert_eq!(server.trim_end_matches('/'), gateway.url("http"));
    }
}

#[test]
fn d23_the_client_gets_what_was_cut_over_http() {
    let gateway = start();
    let server = format!("udp://{}", gateway.address("udp"));
    let (code, out, err) = run(&["resolve", "acme", "--server", &server, "--format", "xml"]);
    let whole = Read::new(out.as_bytes());
    assert_eq!((code, whole.uris().len(), whole.codes().len()), (0, 40, 0), "{err}");
    let (code, out, err) = run(&["service", "--server", &server, "--format", "xml"]);
    assert_eq!((code, Read::new(out.as_bytes()).codes().len()), (0, 0), "{err}");
}

/// A service that answers datagrams with a part of its answer, and names a port that nobody listens on. At
/// its address nobody else's gateway has the registered port.
#[test]
fn d23_the_client_keeps_what_was_cut_where_nobody_answers_over_http() {
    let closed = TcpListener::bind("127.0.0.9:0").unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.9:0").unwrap();
    let server = format!("udp://{}", socket.local_addr().unwrap());
    std::thread::spawn(move || {
        let (_, from) = socket.recv_from(&mut [0; 2000]).unwrap();
        let text = format!(
            "<cnrp><results><service id='i0'><serviceuri>urn:x</serviceuri><servers><server><serveruri>http://{closed}/\
             </serveruri></server></servers></service><status code='3.2.0'>cut</status><resourcedescriptor>\
             <commonname>Acme</commonname><id>1</id><resourceuri>https://acme.example/</resourceuri>\
             <serviceref ref='i0'/><description/></resourcedescriptor></results></cnrp>"
        );
        socket.send_to(text.as_bytes(), from).unwrap();
    });
    let (code, out, err) = run(&["resolve", "acme", "--server", &server]);
    assert!(code == 0 && out.contains("https://acme.example/"), "{out}{err}");
    assert!(
        err.contains(&format!("the whole answer could not be had at http://{closed}/: refused")),
        "{err}"
    );
}

#[test]
fn d23_a_servicequery_is_answered_with_what_fits_of_the_service() {
    let gateway = start();
    let datagram = format!("{:1200}", document("<servicequery/>"));
    let reply = Read::new(&asked(gateway.address("udp"), datagram.as_bytes()));
    let own = reply.results.first("service").unwrap();
    assert_eq!(own.text_of("serviceuri").trim_end_matches('/'), gateway.url("http"));
}

/// Chance from a fixed seed (splitmix64), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    /// A well-formed question of 60 to 1,400 bytes: names that are known or not, hints of every kind,
    /// ids, with and without the head of a document, padded or not.
    fn question(&mut self) -> Vec<u8> {
        let name =
            self.pick(&["acme", "Acme", "acne", "zzz", "\u{6771}\u{4eac}", "a &amp; b", "acme widgets"]);
        let hint = self.pick(&[
            "",
            "<property name=\"language\" type=\"rfc1766\">fr-FR</property>",
            "<property name=\"range\" type=\"start-length\">3-20</property>",
            "<property name=\"mood\">good</property>",
            "<property name=\"dataseturi\" type=\"uri\">urn:no:such</property>",
        ]);
        let hints = hint.repeat(1 + self.roll(4));
        let inner = match self.roll(8) {
            0 => "<servicequery/>".to_owned(),
            1 => format!("<query><id>n.{:016x}.Acme</id></query>", self.roll(1 << 30)),
            _ => format!("<query><commonname>{name}</commonname>{hints}</query>"),
        };
        let mut datagram =
            if self.roll(3) == 0 { format!("<cnrp>{inner}</cnrp>") } else { document(&inner) }.into_bytes();
        let length = 60 + self.roll(1341);
        datagram.resize(datagram.len().max(length), b' ');
        datagram
    }

    /// Anything but a question: bytes, halves of questions, answers.
    fn garbage(&mut self) -> Vec<u8> {
        let mut datagram = match self.roll(3) {
            0 => return (0..=self.roll(1400)).map(|_| u8::try_from(self.roll(256)).unwrap()).collect(),
            1 => document("<results><status code=\"4.1.0\">no</status></results>").into_bytes(),
            _ => {
                let whole = query("acme");
                whole.as_bytes()[..self.roll(whole.len())].to_vec()
            }
        };
        datagram.resize(datagram.len().max(self.roll(1400)), b' ');
        datagram
    }
}

/// What the replies amounted to.
#[derive(Debug, Default)]
struct Tally {
    sent: usize,
    answered: usize,
    largest_ratio: f64,
    longest: usize,
}

impl Tally {
    /// Sends datagrams from sockets of their own, so many at a time that the system's buffers hold
    /// them, and takes in what comes back. Those of at least `answered` bytes have to be answered.
    fn of(at: SocketAddr, count: usize, answered: usize, mut datagram: impl FnMut() -> Vec<u8>) -> Self {
        let mut tally = Self::default();
        while tally.sent < count {
            let sockets: Vec<_> = (0..50).map(|_| socket(at)).collect();
            let lengths: Vec<_> = sockets.iter().map(|socket| socket.send(&datagram()).unwrap()).collect();
            tally.sent += lengths.len();
            let (sure, others): (Vec<_>, Vec<_>) =
                sockets.iter().zip(lengths).partition(|(_, length)| *length >= answered);
            for (socket, length) in sure {
                assert!(tally.take(socket, length), "{length} bytes are not answered");
            }
            // Silence has no end that could be waited for: once a later question is answered, what
            // the earlier datagrams get is there, or about to be.
            asked(at, format!("{:1200}", query("acme")).as_bytes());
            std::thread::sleep(Duration::from_millis(5));
            for (socket, length) in others {
                socket.set_nonblocking(true).unwrap();
                tally.take(socket, length);
            }
        }
        tally
    }

    fn take(&mut self, socket: &UdpSocket, length: usize) -> bool {
        let mut reply = [0; 2048];
        let Ok(size) = socket.recv(&mut reply) else { return false };
        self.answered += 1;
        self.longest = self.longest.max(size);
        self.largest_ratio = self.largest_ratio.max(size as f64 / length as f64);
        true
    }
}

#[test]
fn d23_of_20_000_datagrams_none_is_answered_by_a_longer_one() {
    let gateway = start();
    let at = gateway.address("udp");
    let mut dice = Dice(23);
    let questions = Tally::of(at, 10_000, 150, || dice.question());
    println!("questions: {questions:?}");
    assert!(questions.largest_ratio <= 1.0 && questions.longest <= 1232);
    let mut dice = Dice(2757);
    let garbage = Tally::of(at, 10_000, usize::MAX, || dice.garbage());
    println!("garbage: {garbage:?}");
    assert_eq!(garbage.answered, 0, "garbage gets silence");
}

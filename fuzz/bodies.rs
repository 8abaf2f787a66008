//! What each fuzz target does with its input: a body panics where a promise is broken. `tests/corpus.rs`
//! runs the same bodies over the committed corpus, so that what was found once stays found.
//!
//! `scripts/fuzz` runs the targets.

use std::{
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytes::{Bytes, BytesMut};

use cnrp_gateway::{
    cache::PacketCache,
    client::{
        self, Endpoint, Error, Inquiry, Introduction, MOST_ASKED, MOST_HOPS, Network, Referrals, Speech,
        recognise,
    },
    gateway::{Context, Description, Door, Gateway, OwnService, Parts, Selection, Transport},
    mail::{self, Desk, Incoming, Stamp},
    model::{
        BoxFuture, CommonName, Exchange, Failure, MailAddress, MailPattern, Metrics, Property, Question,
        Reason, SystemClock, Target, Via,
    },
    protocol::{self, Request, go::GoUri},
    resolver::{Ranking, Timing},
    transport::smtp::{Delivery, Rules, Security, Session, Step},
};
use tokio::runtime::Runtime;

/// A stranger's request: what is understood can be written, and reads as the same question.
pub fn request(data: &[u8]) {
    let Ok(decoded) = protocol::decode_request(data, None, 1024) else { return };
    if let Request::Query(question) = decoded.request {
        let _ = protocol::read_properties(&question.properties);
        let written = protocol::encode_question(&question);
        let again = protocol::decode_request(&written, None, usize::MAX).expect("our own question");
        assert!(again.statuses.is_empty(), "{:?}", again.statuses);
        assert_eq!(same(&again.request), same(&Request::Query(question)));
    }
}

/// A question without what writing may change: the spelling of known words.
fn same(request: &Request) -> String {
    match request {
        Request::ServiceQuery => "servicequery".to_owned(),
        Request::Query(Question { target, properties }) => {
            format!("{target:?} {properties:?}").to_ascii_lowercase()
        }
    }
}

/// A stranger's answer: what is understood can be written, and reads as the same results.
pub fn response(data: &[u8]) {
    let Ok(answer) = protocol::decode_answer(data, None) else { return };
    let written = protocol::encode_answer(&answer, true);
    let again = protocol::decode_answer(&written, None).expect("our own answer");
    if answer.service.is_some() {
        assert_eq!(again.results.len(), answer.results.len());
        assert_eq!(again.referrals.len(), answer.referrals.len());
        assert_eq!(again.statuses.len(), answer.statuses.len());
    }
}

/// A `go:` URI: what is understood is written as what reads the same.
pub fn go_uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(uri) = text.parse::<GoUri>() {
        assert_eq!(uri.to_string().parse(), Ok(uri));
    }
    let _ = Endpoint::parse(text);
}

/// A datagram, at the one door: what is answered is ours, no longer than what was asked (D23), and
/// never asks anything.
pub fn datagram(data: &[u8]) {
    let context = Context {
        transport: Transport::Udp { most: data.len() },
        client: Ipv4Addr::LOCALHOST.into(),
        charset: None,
        trimmed: false,
        via: Via::default(),
    };
    let reply = with_gateway(|gateway, runtime| runtime.block_on(gateway.answer(data, &context)));
    if reply.document.is_empty() {
        return;
    }
    assert!(reply.document.len() <= data.len());
    let answer = protocol::decode_answer(&reply.document, None).expect("our own answer");
    assert!(answer.service.is_some() || answer.statuses.len() == 1);
    assert!(
        protocol::decode_request(&reply.document, None, 1024).is_err(),
        "two services would talk for ever"
    );
}

/// A gateway without sources. One serves for all inputs: it remembers nothing, and takes longer to
/// build than to ask.
fn with_gateway<T>(ask: impl FnOnce(&Gateway, &Runtime) -> T) -> T {
    thread_local! {
        static GATEWAY: (Gateway, Runtime) = (gateway(), runtime());
    }
    GATEWAY.with(|(gateway, runtime)| ask(gateway, runtime))
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn gateway() -> Gateway {
    let own = OwnService::new(Description { uri: "urn:example:fuzzed".to_owned(), ..Description::default() });
    let timing = Timing { deadline: Duration::from_secs(1), grace: Duration::from_millis(100) };
    let selection = Selection { most: 100, strict_hints: false };
    let clock = Arc::new(SystemClock);
    let packets = PacketCache::new(0, clock.clone());
    let parts = Parts {
        own,
        sources: Vec::new(),
        timing,
        selection,
        ranking: Ranking::default(),
        name_limit: 1024,
        packets,
        clock,
        tells_names: false,
    };
    Gateway::new(parts, &Metrics::default())
}

/// An inquiry among services that answer with these documents, one after the other, parted by a byte
/// of zero: it ends, within its bounds, and what it gives can be written.
pub fn inquiry(data: &[u8]) {
    let answers: Vec<_> =
        data.split(|byte| *byte == 0).map(|part| protocol::decode_answer(part, None)).collect();
    let question = Question {
        target: Target::Name(CommonName::new("Acme").expect("a name")),
        properties: ["urn:a", "urn:b"].map(|uri| Property::new("dataseturi", "uri", uri)).to_vec(),
    };
    let first = Endpoint::parse("http://first.example/").expect("an endpoint");
    let mut inquiry = Inquiry::at(first, question, Referrals::Follow);
    let mut asked = Vec::new();
    loop {
        let errands = inquiry.errands();
        if errands.is_empty() {
            break;
        }
        for errand in errands {
            assert!(errand.hop <= MOST_HOPS);
            assert!(!asked.contains(&(errand.to.clone(), errand.question.clone())), "asked twice");
            let reply = match answers.get(asked.len() % answers.len()) {
                Some(Ok(answer)) => Ok(answer.clone()),
                Some(Err(invalid)) => Err(Error::Invalid(invalid.to_string())),
                None => Err(Failure::new(Reason::Refused, "nobody").into()),
            };
            asked.push((errand.to.clone(), errand.question.clone()));
            inquiry.take(&errand, reply);
        }
    }
    assert!(asked.len() <= MOST_ASKED, "{} questions", asked.len());
    if let Ok(answer) = inquiry.finish() {
        let written = protocol::encode_answer(&answer, true);
        protocol::decode_answer(&written, None).expect("our own answer");
    }
}

/// What something said at a port: what of it is shown is short, and a service is known for one however
/// HTTP frames what it says. Then the same as the reply, its media type up to a byte of zero, that every
/// service gives to our own client.
pub fn speech(data: &[u8]) {
    let speech = recognise(data);
    if let Speech::Other(text) | Speech::Http { server: Some(text), .. } = &speech {
        assert!(text.chars().count() <= 120 && text.lines().count() <= 1, "{text:?}");
    }
    if matches!(speech, Speech::Cnrp { .. }) && !data.starts_with(b"HTTP/") {
        let plain = [b"HTTP/1.1 200 OK\r\n\r\n", data].concat();
        assert_eq!(recognise(&plain), speech);
        let chunks: Vec<u8> = data.chunks(7).flat_map(chunk).chain(*b"0\r\n\r\n").collect();
        let head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(recognise(&[&head[..], &chunks].concat()), speech);
    }
    drive(data);
}

fn chunk(data: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

/// Services that all give one reply.
struct Says(http::Response<Bytes>);

impl Exchange for Says {
    fn exchange(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

fn drive(data: &[u8]) {
    let (media_type, body) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or_default());
    let body = Bytes::copy_from_slice(body.strip_prefix(&[0]).unwrap_or(body));
    let Ok(reply) = http::Response::builder().header("content-type", media_type).body(body) else { return };
    let says = Says(reply);
    let network = Network { first: &says, others: &says, via: None };
    let name = CommonName::new("Acme").expect("a name");
    let properties = vec![Property::new("range", "start-length", "3-2")];
    let question = Question { target: Target::Name(name), properties };
    for place in ["udp://first.example", "first.example"] {
        let first = Endpoint::parse(place).expect("an endpoint");
        let inquiry = Inquiry::at(first.clone(), question.clone(), Referrals::Follow);
        let wait = Duration::from_secs(5);
        let (answer, service) = with_gateway(|_, runtime| {
            runtime.block_on(async {
                (client::ask(inquiry, network, wait).await, client::service(network, &first).await)
            })
        });
        if let Ok(answer) = answer {
            let written = protocol::encode_answer(&answer, true);
            protocol::decode_answer(&written, None).expect("our own answer");
        }
        if let Ok((service, _)) = service {
            let (introduction, now) = (Introduction::default(), tokio::time::Instant::now());
            introduction.learn(&service, now);
            assert_eq!(introduction.last(), Some(service));
        }
    }
}

/// The bytes of a conversation of SMTP, which its first byte cuts into pieces: however they come,
/// the same is said and delivered, each reply is one, and nothing follows the end.
pub fn smtp(data: &[u8]) {
    let Some((first, wire)) = data.split_first() else { return };
    let piece = usize::from(*first) + 1;
    for security in [Security::Unavailable, Security::Offered, Security::Established] {
        let whole = talk(security, wire, wire.len().max(1));
        assert_eq!(talk(security, wire, piece), whole, "in pieces of {piece}");
        assert!(
            whole.delivered.len()
                <= wire.windows(4).filter(|bytes| bytes.eq_ignore_ascii_case(b"DATA")).count()
        );
    }
}

/// What a conversation came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Came {
    said: String,
    delivered: Vec<Delivery>,
    is_over: bool,
}

fn talk(security: Security, wire: &[u8], piece: usize) -> Came {
    let mailbox = MailAddress::parse("cnrp@names.example.com").expect("an address");
    let allow = vec![MailPattern::parse("*@example.com").expect("a pattern")];
    let rules = Rules { mailbox, allow, longest: 1000 };
    let mut session = Session::new(&rules, security);
    let (mut came, mut input) = (Came::default(), BytesMut::new());
    for bytes in wire.chunks(piece) {
        input.extend_from_slice(bytes);
        while let Some(step) = session.next(&mut input) {
            assert!(!came.is_over, "something follows the end");
            take(step, &rules, &mut came);
        }
        assert!(came.is_over || input.len() <= 1024 + piece, "bytes are heaped up");
    }
    came
}

fn take(step: Step, rules: &Rules, came: &mut Came) {
    let mut say = |reply: &str| {
        let lines: Vec<&str> = reply.strip_suffix("\r\n").expect("a whole line").split("\r\n").collect();
        let code = reply.get(..3).expect("a code");
        for (nth, line) in lines.iter().enumerate() {
            let mark = if nth + 1 == lines.len() { ' ' } else { '-' };
            assert!(line.starts_with(&format!("{code}{mark}")), "{reply:?}");
            assert!(line.len() <= 510 && line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{reply:?}");
        }
        came.said.push_str(reply);
    };
    match step {
        Step::Say(reply) => say(&reply),
        Step::Close(reply) | Step::StartTls(reply) => {
            say(reply);
            came.is_over = true;
        }
        Step::Deliver(delivery) => {
            assert!(delivery.message.len() <= rules.longest);
            let is_heard = |sender: &MailAddress| rules.allow.iter().any(|pattern| pattern.holds(sender));
            assert!(delivery.sender.as_ref().is_none_or(is_heard));
            came.delivered.push(delivery);
        }
    }
}

/// A message of mail: the one that answers it is whole, its headers are ours alone, and it asks
/// nothing and is answered by nothing.
pub fn mime(data: &[u8]) {
    let stamp = Stamp { at: UNIX_EPOCH + Duration::from_secs(1), unique: 1 };
    let mailbox = MailAddress::parse("cnrp@names.example.com").expect("an address");
    let ask = |message: &[u8]| {
        with_gateway(|gateway, runtime| {
            let desk = Desk { mailbox: Some(&mailbox), allow: None, request_size: 64 * 1024, door: gateway };
            let incoming = Incoming { message, sender: None, peer: Ipv4Addr::LOCALHOST.into() };
            runtime.block_on(mail::answer(incoming, desk, stamp))
        })
    };
    let Ok(reply) = ask(data) else { return };
    let text = String::from_utf8(reply.message).expect("a reply in ASCII");
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 998), "{text}");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text}");
    let (head, _) = text.split_once("\r\n\r\n").expect("headers and a body");
    assert!(head.starts_with("From: <") && head.contains(&format!("\r\nTo: <{}>\r\n", reply.to)), "{head}");
    let named = |name: &str| head.split("\r\n").filter(|line| line.starts_with(name)).count();
    for name in
        ["From: ", "To: ", "Subject: ", "Message-ID: ", "Auto-Submitted: auto-replied", "Content-Type: "]
    {
        assert_eq!(named(name), 1, "{name}{head}");
    }
    for name in ["Bcc", "Cc", "Return-Path", "Resent-"] {
        assert_eq!(named(name), 0, "{name}{head}");
    }
    assert!(ask(text.as_bytes()).is_err(), "two services would write to each other for ever");
}

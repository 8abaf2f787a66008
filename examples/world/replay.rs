//! The recorded world, served on loopback: the real adapters ask it over real sockets, by HTTP and DNS.

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use cnrp_gateway::{
    model::{Question, Target},
    protocol::{Request as Asked, decode_request},
};
use hickory_server::{
    Server,
    net::runtime::TokioRuntimeProvider,
    proto::rr::{
        Name, RData, Record,
        rdata::{A, NS, SOA},
    },
    store::in_memory::InMemoryZoneHandler,
    zone_handler::{AxfrPolicy, Catalog, ZoneType},
};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, UdpSocket};

use crate::record::World;

/// Where every domain of the world leads: a public address, which nobody connects to.
const SOMEWHERE: A = A::new(93, 184, 216, 34);

/// The longest name understood, in characters.
const NAME_LIMIT: usize = 1024;

/// A world that is being served; it ends when this is dropped.
pub(crate) struct Replay {
    pub(crate) http: SocketAddr,
    pub(crate) dns: SocketAddr,
    unknown: Arc<Mutex<Vec<String>>>,
    _dns: Server<Catalog>,
}

impl Replay {
    /// Serves `world` at free ports of the loopback address.
    pub(crate) async fn start(world: Arc<World>) -> std::io::Result<Self> {
        let udp = UdpSocket::bind("127.0.0.1:0").await?;
        let dns = udp.local_addr()?;
        let mut server = Server::new(zones(&world));
        server.register_socket(udp);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let http = listener.local_addr()?;
        let unknown = Arc::default();
        tokio::spawn(serve(listener, world, Arc::clone(&unknown)));
        Ok(Self { http, dns, unknown, _dns: server })
    }

    /// What was asked and is not in the record, each as `ENGINE: NAME`.
    pub(crate) fn unrecorded(&self) -> Vec<String> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(listener: TcpListener, world: Arc<World>, unknown: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (world, unknown) = (Arc::clone(&world), Arc::clone(&unknown));
        let service = service_fn(move |request| answer(request, Arc::clone(&world), Arc::clone(&unknown)));
        // A recorded silence is an error here, which closes the connection without a word.
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// What is recorded of the request; an error where that is silence.
async fn answer(
    request: Request<Incoming>,
    world: Arc<World>,
    unknown: Arc<Mutex<Vec<String>>>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let engine = request.uri().path().split('/').nth(1).unwrap_or_default().to_owned();
    let address = request.uri().clone();
    let body =
        request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if let Some(ids) = parameter(&address, "ids") {
        return Ok(response(200, "application/json", world.items(&ids).to_string().into_bytes()));
    }
    let name = match ["q", "gpssearch", "search"].iter().find_map(|name| parameter(&address, name)) {
        Some(name) => name,
        None => common_name(&body),
    };
    match world.reply(&engine, &name) {
        Some(recorded) if recorded.status == 0 => Err(std::io::ErrorKind::ConnectionReset.into()),
        Some(recorded) => Ok(response(recorded.status, &recorded.media, recorded.bytes())),
        None => {
            unknown.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{engine}: {name}"));
            Ok(response(500, "text/plain", Vec::new()))
        }
    }
}

/// The value of a parameter of the query.
fn parameter(address: &http::Uri, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(address.query()?.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The name that a CNRP document asks for.
fn common_name(document: &[u8]) -> String {
    match decode_request(document, None, NAME_LIMIT).map(|decoded| decoded.request) {
        Ok(Asked::Query(Question { target: Target::Name(name), .. })) => name.shown().to_owned(),
        _ => String::new(),
    }
}

fn response(status: u16, media: &str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let built = Response::builder().status(status).header("content-type", media).body(Full::from(body));
    built.unwrap_or_default()
}

/// A zone at the root with every domain, and one for each whose servers tell something.
fn zones(world: &World) -> Catalog {
    let mut catalog = Catalog::new();
    let mut root = Zone::new(&Name::root());
    for (domain, leads) in world.lines.iter().flat_map(|line| &line.domains) {
        let Ok(name) = Name::from_str(&format!("{domain}.")) else { continue };
        if leads.ns.is_empty() {
            root.put(&name, leads.www);
        } else {
            let mut own = Zone::new(&name);
            own.put(&name, leads.www);
            own.served_by(&name, &leads.ns);
            own.join(&name, &mut catalog);
        }
    }
    root.join(&Name::root(), &mut catalog);
    catalog
}

struct Zone(InMemoryZoneHandler<TokioRuntimeProvider>);

impl Zone {
    fn new(origin: &Name) -> Self {
        let mut zone = InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        let soa = SOA::new(origin.clone(), origin.clone(), 1, 60, 60, 60, 60);
        zone.upsert_mut(Record::from_rdata(origin.clone(), 300, RData::SOA(soa)), 0);
        Self(zone)
    }

    fn put(&mut self, name: &Name, www: bool) {
        let below = Name::from_str("www").and_then(|www| www.append_domain(name)).ok().filter(|_| www);
        for name in below.into_iter().chain([name.clone()]) {
            self.0.upsert_mut(Record::from_rdata(name, 300, RData::A(SOMEWHERE)), 0);
        }
    }

    fn served_by(&mut self, name: &Name, servers: &[String]) {
        for server in servers.iter().filter_map(|server| Name::from_str(&format!("{server}.")).ok()) {
            self.0.upsert_mut(Record::from_rdata(name.clone(), 300, RData::NS(NS(server))), 0);
        }
    }

    fn join(self, origin: &Name, catalog: &mut Catalog) {
        catalog.upsert(origin.clone().into(), vec![Arc::new(self.0)]);
    }
}

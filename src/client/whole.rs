//! Where the whole of an answer may be had that a datagram held a part of: over HTTP, at the same host
//! (D23).

use url::{Host, Url};

use super::{Endpoint, Error, reasons::why_not};
use crate::model::{Answer, Status, StatusCode};

/// The registered port of HTTP.
const PORT: u16 = 1096;

/// Whether a datagram held a part of the answer only: the service itself says that something is missing.
pub(super) fn is_cut(answer: &Answer) -> bool {
    let own = answer.service.as_ref().map(|service| service.uri.as_str());
    let is_own = |status: &Status| status.about.as_ref().is_none_or(|about| Some(about.uri.as_str()) == own);
    answer.statuses.iter().any(|status| status.code == StatusCode::INCOMPLETE && is_own(status))
}

/// Where the whole of an answer from `asked` may be had: where the service says it is reached, as far as
/// that is the same host, as anybody may have sent the datagram; then at the registered port.
pub(super) fn places(asked: &Endpoint, answer: &Answer) -> Vec<Endpoint> {
    let told = answer.service.as_ref().and_then(|service| Endpoint::of_service(service, None));
    let told = told.filter(|place| is_same_host(place.url(), asked.url()));
    let registered =
        asked.url().host().and_then(|host| Endpoint::parse(&format!("http://{host}:{PORT}/")).ok());
    let mut places: Vec<Endpoint> = told.into_iter().chain(registered).collect();
    places.dedup();
    places
}

/// What is said where it was not to be had at a place.
pub(super) fn not_had(at: &Endpoint, reply: Result<Answer, Error>) -> Status {
    let why = why_not(reply);
    Status::new(StatusCode::INCOMPLETE, format!("the whole answer could not be had at {at}: {why}"))
}

/// Whether two addresses are on one host. All names of this machine are one.
fn is_same_host(one: &Url, other: &Url) -> bool {
    let is_loopback = |url: &Url| match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    one.host_str() == other.host_str() || is_loopback(one) && is_loopback(other)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Server, Service};

    fn cut(servers: &[&str]) -> Answer {
        let servers = servers.iter().map(|uri| Server { uri: (*uri).to_owned(), properties: Vec::new() });
        let service = Service { servers: servers.collect(), ..Service::named("urn:x") };
        let statuses = vec![Status::new(StatusCode::INCOMPLETE, "cut")];
        Answer { service: Some(Arc::new(service)), statuses, ..Answer::default() }
    }

    fn places_of(asked: &str, answer: &Answer) -> Vec<String> {
        let asked = Endpoint::parse(asked).unwrap();
        places(&asked, answer).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn d23_the_whole_is_sought_where_the_service_says_on_the_same_host_and_at_the_registered_port() {
        let asked = "udp://names.example";
        assert_eq!(
            places_of(asked, &cut(&["http://names.example:8080/"])),
            ["http://names.example:8080/", "http://names.example:1096/"]
        );
        let registered = ["http://names.example:1096/"];
        for elsewhere in ["http://evil.example/", "http://127.0.0.1/", "cnrp://names.example"] {
            assert_eq!(places_of(asked, &cut(&[elsewhere])), registered, "{elsewhere}");
        }
        assert_eq!(places_of(asked, &Answer::default()), registered, "a lone status names nobody");
        let here = ["http://127.0.0.1:80/"];
        assert_eq!(places_of("udp://localhost", &cut(&here))[0], "http://127.0.0.1/");
        assert_eq!(places_of("udp://[::1]:99", &cut(&here))[1], "http://[::1]:1096/");
    }

    #[test]
    fn an_answer_is_cut_where_the_service_itself_says_so() {
        assert!(is_cut(&cut(&[])) && !is_cut(&Answer::default()));
        let other = Arc::new(Service::named("urn:other"));
        let statuses = vec![Status::about(StatusCode::INCOMPLETE, "it is down", other)];
        assert!(!is_cut(&Answer { statuses, ..cut(&[]) }));
    }
}

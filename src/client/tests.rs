//! The driver, over services that answer by value.

use http::{Request, Response};

use super::*;
use crate::model::{BoxFuture, CommonName, Question, Target};

/// Services that answer at once, but those whose host begins with `slow`, which never do.
struct World;

impl Exchange for World {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            if host.starts_with("slow") {
                std::future::pending::<()>().await;
            }
            let body = format!(
                "<cnrp><results><service id='i0'><serviceuri>http://{host}/</serviceuri></service>\
                 <service id='i1'><serviceuri>http://slow.example/</serviceuri></service>\
                 <service id='i2'><serviceuri>http://quick.example/</serviceuri></service>\
                 <resourcedescriptor><commonname>Acme</commonname><id>1</id>\
                 <resourceuri>https://{host}/acme</resourceuri><serviceref ref='i0'/><description/>\
                 </resourcedescriptor><referral><serviceref ref='i1'/></referral>\
                 <referral><serviceref ref='i2'/></referral></results></cnrp>"
            );
            Ok(Response::new(body.into()))
        })
    }
}

async fn asked(first: &str) -> Result<Answer, Error> {
    let question =
        Question { target: Target::Name(CommonName::new("Acme").unwrap()), properties: Vec::new() };
    let inquiry = Inquiry::at(Endpoint::parse(first).unwrap(), question, Referrals::Follow);
    ask(inquiry, Network { first: &World, others: &World, via: None }, Duration::from_secs(5)).await
}

#[tokio::test(start_paused = true)]
async fn one_deadline_holds_for_all_and_who_is_late_takes_nothing_from_the_others() {
    let began = Instant::now();
    let answer = asked("http://first.example/").await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    let uris: Vec<_> = answer.results.iter().map(|result| result.uri.as_str()).collect();
    assert_eq!(uris, ["https://first.example/acme", "https://quick.example/acme"]);
    assert_eq!(answer.statuses[0].message, "timed-out: no answer in time");
}

/// A service that answers everything with one document.
struct Says(&'static str);

impl Exchange for Says {
    fn exchange(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async { Ok(Response::new(format!("<cnrp><results>{}</results></cnrp>", self.0).into())) })
    }
}

#[tokio::test]
async fn a_service_that_refuses_to_introduce_itself_has_failed_and_is_not_invalid() {
    let place = Endpoint::parse("a.example").unwrap();
    for (said, expected) in [
        ("<status code='4.2.1'>later</status>", Some(Reason::RateLimited)),
        ("<status code='5.2.1'>gone</status>", Some(Reason::Unreachable)),
        ("<status code='1.2.0'>hello</status>", None),
        ("", None),
    ] {
        let says = Says(said);
        let network = Network { first: &says, others: &says, via: None };
        let reason = match service(network, &place).await.unwrap_err() {
            Error::Unreached(failure) => Some(failure.reason),
            Error::Invalid(_) => None,
        };
        assert_eq!(reason, expected, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_service_that_is_late_is_a_failure() {
    let error = asked("http://slow.example/").await.unwrap_err();
    assert_eq!(Failure::from(error).reason, Reason::TimedOut);
}

//! Referrals: to the partner itself, passed on from it, and followed for the client.

use super::*;

#[tokio::test]
async fn r16_referrals_are_passed_on_with_where_they_lead() {
    let far = "<service id='i9'><serviceuri>urn:third</serviceuri><servers><server>\
               <serveruri>http://third.example/</serveruri></server></servers></service>\
               <service id='i8'><serviceuri>relative</serviceuri></service>\
               <referral><serviceref ref='i9'/></referral><referral><serviceref ref='i8'/></referral>";
    let reply = asked(document(far)).await.unwrap();
    assert_eq!(reply.referrals.len(), 1);
    let service = &reply.referrals[0].service;
    assert_eq!(
        (service.uri.as_str(), service.servers[0].uri.as_str()),
        ("urn:third", "http://third.example/")
    );
}

#[tokio::test]
async fn r16_the_client_is_referred_to_the_service_under_its_own_name() {
    let server = Fixture::always(document("")).await;
    let chain = Chain { dataset: Some("urn:far".to_owned()), ..chain() };
    let partner = build_with(&format!("{{url: '{}', mode: refer}}", server.url), chain).unwrap();
    for _ in 0..3 {
        let reply = partner.ask(&query("Boeing")).await.unwrap();
        let referral = &reply.referrals[0];
        assert_eq!(
            (referral.service.uri.as_str(), referral.dataset.as_deref()),
            ("urn:partner", Some("urn:far"))
        );
        assert_eq!(referral.service.servers[0].uri, format!("{}/", server.url));
        assert_eq!(reply.ttl, Some(Duration::from_secs(60)));
    }
    assert_eq!(server.heads().len(), 1, "its service object holds for a minute");
    assert_eq!(partner.service().unwrap().uri, "urn:partner");
    assert_eq!(partner.places(), [Url::parse(&server.url).unwrap()]);
}

#[tokio::test]
async fn an_address_with_a_password_or_a_key_is_passed_on_to_nobody() {
    let told = [
        ("urn:third", "http://user:pass@third.example/"),
        ("urn:third", "http://:pass@third.example/"),
        ("urn:third", "http://third.example/?q=x&api_key=0123456789"),
        ("http://user@fourth.example/", "http://fourth.example/"),
        ("http://fourth.example/?token=abc", "http://fourth.example/"),
    ];
    for (service, server) in told {
        let server = server.replace('&', "&amp;");
        let far = format!(
            "<service id='i9'><serviceuri>{service}</serviceuri><servers><server><serveruri>{server}</serveruri>\
             </server></servers></service><referral><serviceref ref='i9'/></referral>"
        );
        let referrals = asked(document(&far)).await.unwrap().referrals;
        let servers: Vec<_> = referrals.iter().flat_map(|referral| &referral.service.servers).collect();
        assert!(servers.is_empty(), "{server}: {servers:?}");
        assert_eq!(referrals.len(), usize::from(service == "urn:third"), "{service}");
    }
}

#[tokio::test]
async fn r1_r16_where_a_service_is_reached_is_told_only_as_far_as_it_is_for_others() {
    let far = |servers: &str| {
        let server = |uri: &str| format!("<server><serveruri>{uri}</serveruri></server>");
        let servers: String = servers.split(',').map(server).collect();
        Act::ok(
            MEDIA,
            format!(
                "<cnrp><results><service><serviceuri>urn:partner</serviceuri><servers>{servers}<server>\
                 <serveruri>http://split.example/</serveruri><property name='dataseturi' type='uri'>rel</property>\
                 </server></servers></service></results></cnrp>"
            ),
        )
    };
    let told = async |servers: &str| {
        let server = Fixture::always(far(servers)).await;
        let reply = partner(&server.url, "refer").ask(&query("Boeing")).await.unwrap();
        let told: Vec<_> = reply.referrals[0].service.servers.iter().map(|one| one.uri.clone()).collect();
        (told, format!("{}/", server.url))
    };
    let (servers, _) = told("foo bar,http://u:secret@h.example/,http://h.example/").await;
    assert_eq!(servers, ["http://h.example/"]);
    let (servers, reached) = told("foo bar,http://u:secret@h.example/").await;
    assert_eq!(servers, [reached], "at least where we reach it");
}

#[tokio::test]
async fn a_referral_that_is_followed_is_paid_for() {
    let named = Fixture::always(document(&resource("Boeing", "1", "https://b.example/", ""))).await;
    let far = format!(
        "<service id='n'><serviceuri>{}</serviceuri></service><referral><serviceref ref='n'/></referral>",
        named.url
    );
    let first = Fixture::always(document(&far)).await;
    let places = Arc::new(OnceLock::from(vec![Url::parse(&named.url).unwrap()]));
    let toll = Arc::new(Counted::default());
    let chain = Chain { follows: true, places, ..chain() };
    let partner = build_paying(&format!("url: '{}'", first.url), chain, Some(Arc::<Counted>::clone(&toll)));
    partner.unwrap().ask(&query("Boeing")).await.unwrap();
    assert_eq!((first.heads().len(), named.heads().len()), (1, 1));
    assert_eq!(toll.0.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_referral_that_is_followed_for_the_client_leads_to_no_private_place() {
    let second = Fixture::always(document("")).await;
    let far = format!(
        "<service id='i9'><serviceuri>{}</serviceuri></service><referral><serviceref ref='i9'/></referral>",
        second.url
    );
    let first = Fixture::always(document(&far)).await;
    let chain = Chain { follows: true, ..chain() };
    let partner = build_with(&format!("url: '{}'", first.url), chain).unwrap();
    let reply = partner.ask(&query("Boeing")).await.unwrap();
    assert!(reply.degraded && second.heads().is_empty());
    assert_eq!(reply.referrals.len(), 1, "the client is told of it instead");
}

#[tokio::test]
async fn a_referral_is_followed_to_a_private_place_that_the_configuration_names_and_to_no_other_port_of_it() {
    let named = Fixture::always(document(&resource("Boeing", "1", "https://b.example/", ""))).await;
    let unnamed = Fixture::always(document("")).await;
    let far: String = [&named, &unnamed].iter().enumerate().fold(String::new(), |text, (nth, one)| {
        let uri = &one.url;
        format!(
            "{text}<service id='n{nth}'><serviceuri>{uri}</serviceuri></service>\
             <referral><serviceref ref='n{nth}'/></referral>"
        )
    });
    let first = Fixture::always(document(&far)).await;
    let places = Arc::new(OnceLock::from(vec![Url::parse(&named.url).unwrap()]));
    let partner =
        build_with(&format!("url: '{}'", first.url), Chain { follows: true, places, ..chain() }).unwrap();
    let reply = partner.ask(&query("Boeing")).await.unwrap();
    assert_eq!((named.heads().len(), unnamed.heads().len()), (1, 0));
    assert_eq!(reply.hits[0].uri, "https://b.example/");
    assert_eq!(reply.hits[0].ceiling, Some(Confidence::Medium), "where a referral led nothing is certain");
    assert_eq!(reply.referrals[0].service.uri, unnamed.url);
}

#[test]
fn what_a_followed_referral_led_to_is_never_certain_and_has_no_id_there() {
    let Act::Reply(_, _, document) =
        document(&resource("Boeing", "77", "https://b.example/", &confidence("high")))
    else {
        panic!("no document")
    };
    let answer = protocol::decode_answer(&document, None).unwrap();
    let follows = |follows| {
        let chain = Chain { follows, ..chain() };
        let hit = reply::read(answer.clone(), &query("Boeing"), &chain).unwrap().hits.remove(0);
        (hit.ceiling, hit.entry)
    };
    assert_eq!(follows(true), (Some(Confidence::Medium), None));
    assert_eq!(follows(false), (Some(Confidence::High), Some("77".to_owned())));
}

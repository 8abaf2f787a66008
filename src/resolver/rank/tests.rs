use super::*;
use crate::{
    model::{CommonName, Hit, HostPattern, LanguageRange, Preference, Prepared, Property, Reply, prepare},
    resolver::{certain, merge::merge},
};

mod properties;

const STATIC: Voice = Voice { family: Family("static"), weight: 1.0, vouched: Vouched::ByOperator };
const SEARX: Voice = Voice { family: Family("searxng"), weight: 1.0, vouched: Vouched::BySearch };
const BRAVE: Voice = Voice { family: Family("brave"), weight: 1.0, vouched: Vouched::BySearch };
const DNS: Voice = Voice { family: Family("dns"), weight: 1.0, vouched: Vouched::BySearch };
const CNRP: Voice = Voice { family: Family("cnrp"), weight: 1.0, vouched: Vouched::ByService };
const REFERENCE: Voice = Voice { family: Family("wikimedia"), weight: 1.0, vouched: Vouched::ByReference };

fn query(name: &str) -> NameQuery {
    NameQuery::plain(CommonName::new(name).unwrap())
}

fn hit(title: &str, uri: &str) -> Hit {
    Hit::mention(title, uri, "")
}

fn known(likeness: Likeness, uri: &str) -> Hit {
    Hit { likeness, ..hit("Acme", uri) }
}

/// Ranks what each voice says, and gives address, tier letter and confidence in order.
fn ranked(asked: &NameQuery, told: &[(Voice, Vec<Hit>)]) -> Vec<(String, char, Confidence)> {
    ranked_by(&Ranking::default(), asked, told, |ranked, voices| {
        ranked.iter().map(|r| (r.uri(voices).to_owned(), r.tier().letter(), r.confidence)).collect()
    })
}

fn ranked_by<T>(
    ranking: &Ranking,
    asked: &NameQuery,
    told: &[(Voice, Vec<Hit>)],
    look: impl FnOnce(&[Ranked<'_>], &[Voice]) -> T,
) -> T {
    let voices: Vec<_> = told.iter().map(|(voice, _)| *voice).collect();
    let prepared: Vec<Prepared> = told
        .iter()
        .map(|(voice, hits)| prepare(Reply::of(hits.clone()), &asked.name, voice.vouched))
        .collect();
    let told: Vec<_> = prepared.iter().enumerate().collect();
    look(&rank(merge(&told), asked, &voices, ranking), &voices)
}

fn tiers(told: &[(Voice, Vec<Hit>)]) -> String {
    ranked(&query("Acme"), told).into_iter().map(|(_, tier, _)| tier).collect()
}

#[test]
fn evidence_decides_the_tier() {
    let own = |likeness| vec![(STATIC, vec![known(likeness, "https://x.example/")])];
    assert_eq!(tiers(&own(Likeness::Same)), "A");
    assert_eq!(tiers(&own(Likeness::Form)), "A");
    assert_eq!(tiers(&own(Likeness::Initials)), "C");
    assert_eq!(tiers(&own(Likeness::Slip)), "D");
    assert_eq!(tiers(&[(DNS, vec![hit("Acme", "https://acme.com/")])]), "C");
    assert_eq!(tiers(&[(SEARX, vec![hit("Something", "https://other.example/a")])]), "E");
    assert_eq!(
        tiers(&[
            (DNS, vec![hit("", "https://acme.com/")]),
            (SEARX, vec![hit("Acme", "https://acme.com/en")])
        ]),
        "BB"
    );
}

#[test]
fn a_work_of_reference_asserts_a_name_and_yields_to_the_operator() {
    let official = || (REFERENCE, vec![known(Likeness::Same, "https://acme.com/")]);
    assert_eq!(ranked(&query("Acme"), &[official()])[0].1, 'A');
    let found = vec![known(Likeness::Mention, "https://acme.com/"), hit("Zeta", "https://other.example/")];
    assert_eq!(tiers(&[(REFERENCE, found)]), "CE");
    let own = (STATIC, vec![known(Likeness::Same, "https://intranet.example/a")]);
    assert_eq!(ranked(&query("Acme"), &[official(), own])[0].0, "https://intranet.example/a");
}

#[test]
fn two_backends_of_one_family_are_one_witness() {
    let same = || vec![hit("Acme", "https://acme.com/")];
    assert_eq!(tiers(&[(SEARX, same()), (SEARX, same())]), "C");
}

#[test]
fn r9_an_assertion_stands_above_any_number_of_mentions() {
    let crowd: Vec<_> = (0..9).map(|i| hit("Acme", &format!("https://acme{i}.example/"))).collect();
    let own = vec![known(Likeness::Same, "https://handbook.example/deep/page")];
    let order = ranked(&query("Acme"), &[(SEARX, crowd), (STATIC, own)]);
    assert_eq!(order[0].0, "https://handbook.example/deep/page");
}

#[test]
fn d20_certainty_is_never_laundered() {
    let doubtful = |ceiling| {
        let from_partner = Hit { ceiling: Some(ceiling), ..known(Likeness::Same, "https://x.example/") };
        ranked(&query("Acme"), &[(CNRP, vec![from_partner])])[0].2
    };
    assert_eq!(doubtful(Confidence::High), Confidence::High);
    assert_eq!(doubtful(Confidence::Medium), Confidence::Medium);
    assert_eq!(doubtful(Confidence::Low), Confidence::Low);
}

#[test]
fn r9_d36_a_service_s_list_is_taken_from_its_head_among_the_others() {
    let doubtful = |uri: &str| Hit { ceiling: Some(Confidence::Low), ..hit("Something", uri) };
    let partner = vec![
        known(Likeness::Same, "https://one.example/"),
        doubtful("https://two.example/"),
        known(Likeness::Same, "https://three.example/"),
    ];
    let own = vec![known(Likeness::Same, "https://four.example/")];
    let found = vec![hit("Acme", "https://acme.com/")];
    let order = ranked(&query("Acme"), &[(CNRP, partner), (STATIC, own), (SEARX, found)]);
    let uris: Vec<_> = order.iter().map(|(uri, ..)| uri.as_str()).collect();
    assert_eq!(
        uris,
        [
            "https://four.example/",
            "https://one.example/",
            "https://acme.com/",
            "https://two.example/",
            "https://three.example/"
        ]
    );
}

#[test]
fn d36_what_our_own_names_say_as_well_waits_for_no_service() {
    let doubtful = Hit { ceiling: Some(Confidence::Low), ..hit("Something", "https://two.example/") };
    let partner = vec![doubtful, known(Likeness::Same, "https://acme.example/")];
    let own = vec![known(Likeness::Same, "https://acme.example/")];
    let order = ranked(&query("Acme"), &[(CNRP, partner), (STATIC, own)]);
    assert_eq!(order[0].0, "https://acme.example/");
}

#[test]
fn a_parked_domain_corroborates_nothing() {
    let parked = Hit { ceiling: Some(Confidence::Low), ..hit("Acme", "https://acme.com/") };
    let order =
        ranked(&query("Acme"), &[(DNS, vec![parked]), (SEARX, vec![hit("Buy", "https://acme.com/buy")])]);
    assert!(order.iter().all(|(_, _, confidence)| *confidence < Confidence::High));
}

#[test]
fn engines_that_list_a_domain_for_sale_corroborate_nothing() {
    let parked =
        || (DNS, vec![Hit { ceiling: Some(Confidence::Low), ..hit("acme.com", "https://acme.com/") }]);
    let listed = || vec![hit("Acme", "https://acme.com/"), hit("Acme shop", "https://shop.acme.com/")];
    let order = ranked(&query("Acme"), &[parked(), (SEARX, listed()), (BRAVE, listed())]);
    assert!(order.iter().all(|(_, tier, confidence)| (*tier, *confidence) == ('C', Confidence::Medium)));
    let own = (STATIC, vec![known(Likeness::Same, "https://acme.com/")]);
    assert_eq!(ranked(&query("Acme"), &[parked(), own])[0].1, 'A', "the operator knows better");
}

#[test]
fn who_agrees_on_a_site_is_told_whichever_page_each_found() {
    let told = [
        (DNS, vec![hit("acme.com", "https://acme.com/")]),
        (SEARX, vec![hit("Zeta", "https://other.example/")]),
        (BRAVE, vec![hit("Acme jobs", "https://acme.com/jobs")]),
    ];
    let agreeing = ranked_by(&Ranking::default(), &query("Acme"), &told, |order, _| {
        order[0]
            .corroborated_by
            .as_ref()
            .map(|families| (families.iter().collect::<Vec<_>>(), families.sources()))
    });
    assert_eq!(agreeing, Some((vec![Family("brave"), Family("dns")], vec![0, 2])));
}

#[test]
fn an_ordinary_word_is_believed_only_when_asserted() {
    let found = || (DNS, vec![hit("table", "https://table.com/")]);
    let agreed = (SEARX, vec![hit("table", "https://table.com/")]);
    assert_eq!(ranked(&query("table"), &[found(), agreed])[0].2, Confidence::Low);
    let own = (STATIC, vec![known(Likeness::Same, "https://table.com/")]);
    assert_eq!(ranked(&query("table"), &[found(), own])[0].2, Confidence::High);
}

#[test]
fn an_ordinary_name_is_believed_where_two_engines_agree_on_the_popular_site_that_is_called_so() {
    let popular = || Popularity::read("domain\nyellowsubmarine.com\n".as_bytes()).unwrap();
    let confidence = |popularity: Popularity, uri: &str, voices: &[Voice]| {
        let ranking = Ranking { popularity, ..Ranking::default() };
        let told: Vec<_> = voices.iter().map(|voice| (*voice, vec![hit("Yellow Submarine", uri)])).collect();
        ranked_by(&ranking, &query("Yellow Submarine"), &told, |order, _| {
            (order[0].confidence, order[0].is_ordinary)
        })
    };
    let front = "https://www.yellowsubmarine.com/";
    let low = (Confidence::Low, true);
    assert_eq!(confidence(popular(), front, &[SEARX, BRAVE]), (Confidence::High, false));
    assert_eq!(confidence(popular(), front, &[SEARX, BRAVE, DNS]), (Confidence::High, false));
    assert_eq!(confidence(popular(), front, &[SEARX, DNS]), low, "every word has a domain");
    assert_eq!(confidence(Popularity::default(), front, &[SEARX, BRAVE]), low, "nobody knows the site");
    let deep = "https://www.yellowsubmarine.com/songs/1";
    assert_eq!(confidence(popular(), deep, &[SEARX, BRAVE]), low);
    let other = "https://yellowsubmarine.example/";
    assert_eq!(confidence(popular(), other, &[SEARX, BRAVE]), low);
}

#[test]
fn hints_decide_inside_a_tier_and_not_across() {
    let national = |tag: &str, uri: &str| {
        let properties = vec![Property::new("language", "rfc1766", tag)];
        Hit { properties, ..known(Likeness::Same, uri) }
    };
    let mut asked = query("Acme");
    asked.hints.languages = vec![Preference::Value(LanguageRange::parse("fr").unwrap())];
    let own = vec![national("de", "https://acme.example/de"), national("fr", "https://acme.example/fr")];
    let slip = Hit { likeness: Likeness::Slip, ..national("fr", "https://axme.example/") };
    let order = ranked(&asked, &[(STATIC, [own, vec![slip]].concat())]);
    let uris: Vec<_> = order.iter().map(|(uri, ..)| uri.as_str()).collect();
    assert_eq!(uris, ["https://acme.example/fr", "https://acme.example/de", "https://axme.example/"]);
}

#[test]
fn a_front_page_stands_before_a_deep_page_of_equal_votes() {
    let one = vec![hit("Acme", "https://acme.example/b")];
    let two = vec![hit("Acme", "https://www.acme.example/")];
    let order = ranked(&query("Acme"), &[(SEARX, two), (DNS, one)]);
    assert_eq!(order[0].0, "https://www.acme.example/");
}

#[test]
fn d36_the_site_that_bears_the_name_stands_before_pages_about_it() {
    let found = vec![
        hit("Acme - Wikipedia", "https://en.wikipedia.org/wiki/Acme"),
        hit("Acme: all our anvils", "https://www.acme.com/"),
    ];
    assert_eq!(ranked(&query("Acme"), &[(SEARX, found)])[0].0, "https://www.acme.com/");
}

#[test]
fn https_is_shown_where_somebody_attests_it() {
    let order = ranked(
        &query("Acme"),
        &[(SEARX, vec![hit("Acme", "http://acme.com")]), (DNS, vec![hit("", "https://www.acme.com/")])],
    );
    assert_eq!(order[0].0, "https://www.acme.com/");
    let written = vec![known(Likeness::Same, "http://acme.com")];
    let order = ranked(&query("Acme"), &[(STATIC, written), (DNS, vec![hit("", "https://www.acme.com/")])]);
    assert_eq!(order[0].0, "http://acme.com", "what the operator wrote is kept");
}

#[test]
fn agreement_on_a_site_lifts_its_front_page_and_no_page_deep_in_it() {
    let one = vec![hit("Acme", "https://acme.com/"), hit("Acme jobs", "https://acme.com/jobs")];
    let other = vec![hit("Acme shops", "https://acme.com/shops"), hit("Acme jobs", "https://acme.com/jobs")];
    let order = ranked(&query("Acme"), &[(SEARX, one), (BRAVE, other)]);
    let told: Vec<_> = order.iter().map(|(uri, tier, _)| (uri.as_str(), *tier)).collect();
    assert_eq!(
        told,
        [("https://acme.com/", 'B'), ("https://acme.com/jobs", 'B'), ("https://acme.com/shops", 'C')]
    );
}

#[test]
fn a_page_about_the_name_is_believed_lowly_whoever_tells_of_it() {
    let about = || vec![hit("Acme - Wikipedia", "https://en.wikipedia.org/wiki/Acme")];
    let order = ranked(&query("Acme"), &[(SEARX, about()), (BRAVE, about())]);
    assert_eq!((order[0].1, order[0].2), ('D', Confidence::Low));
}

#[test]
fn what_a_mistyped_name_means_stands_above_a_page_that_echoes_the_mistake() {
    let found = vec![
        hit("Boieng - forum", "https://forum.example/t/1"),
        hit("Weather", "https://weather.example/"),
        hit("The Boeing Company", "https://www.boeing.com/"),
    ];
    let order = ranked(&query("Boieng"), &[(SEARX, found.clone()), (BRAVE, found)]);
    let each: Vec<_> =
        order.iter().map(|(uri, tier, confidence)| (uri.as_str(), *tier, *confidence)).collect();
    assert_eq!(
        each,
        [
            ("https://www.boeing.com/", 'D', Confidence::Low),
            ("https://forum.example/t/1", 'D', Confidence::Low),
            ("https://weather.example/", 'E', Confidence::Low),
        ]
    );
}

#[test]
fn a_lookalike_is_a_mention_unless_somebody_asserts_it() {
    let looks = || vec![hit("PayPal", "https://www.paypa1.com/")];
    let asked = query("PayPal");
    let order = ranked(&asked, &[(SEARX, looks()), (DNS, looks())]);
    assert_eq!((order[0].1, order[0].2), ('E', Confidence::Low));
    let own = vec![known(Likeness::Same, "https://www.paypa1.com/")];
    assert_eq!(ranked(&asked, &[(SEARX, looks()), (STATIC, own)])[0].1, 'A');
}

#[test]
fn a_host_that_wears_another_s_domain_is_a_mention_however_many_agree() {
    for uri in [
        "https://www.paypal.com.evil.example/",
        "https://paypal.com-login.example/",
        "https://secure-paypal.example/",
    ] {
        let found = || vec![hit("PayPal: log in", uri)];
        let order = ranked(&query("PayPal"), &[(SEARX, found()), (BRAVE, found()), (DNS, found())]);
        assert_eq!((order[0].1, order[0].2), ('E', Confidence::Low), "{uri}");
    }
}

#[test]
fn popularity_decides_between_sites_of_equal_evidence() {
    let found = |uri: &str| vec![hit("Acme", uri)];
    let told = [(SEARX, found("https://acme.com/")), (BRAVE, found("https://acme.org/"))];
    let first = |csv: &str| {
        let ranking = Ranking { popularity: Popularity::read(csv.as_bytes()).unwrap(), ..Ranking::default() };
        ranked_by(&ranking, &query("Acme"), &told, |order, voices| order[0].uri(voices).to_owned())
    };
    assert_eq!(first("domain,rank\nacme.org,1\nacme.com,2\n"), "https://acme.org/");
    assert_eq!(first("domain,weight\nacme.org,0.1\nacme.com,0.2\n"), "https://acme.com/");
}

/// The order of two sites, the second asserted, under one rule.
fn under(host: &str, name: Option<&str>, effect: Effect) -> Vec<(String, char)> {
    let host = HostPattern::parse(host).unwrap();
    let name = name.and_then(CommonName::new);
    let sites = vec![SiteRule { host, path: String::new(), name, effect }];
    let told = [
        (STATIC, vec![known(Likeness::Same, "https://handbook.example/a")]),
        (SEARX, vec![hit("Acme", "https://acme.com/"), hit("Acme", "https://acme.org/")]),
    ];
    ranked_by(&Ranking { sites, ..Ranking::default() }, &query("Acme"), &told, |order, voices| {
        order.iter().map(|one| (one.uri(voices).to_owned(), one.tier().letter())).collect()
    })
}

#[test]
fn a_rule_pins_drops_or_weighs() {
    let pinned = under("acme.org", Some("ACME"), Effect::Pin);
    assert_eq!(pinned[0], ("https://acme.org/".to_owned(), 'A'));
    assert_eq!(under("acme.org", Some("Other"), Effect::Pin)[0].0, "https://handbook.example/a");
    let dropped = under("handbook.example", None, Effect::Drop);
    assert_eq!(dropped.len(), 2);
    assert_eq!(under("acme.com", None, Effect::Weight(0.5))[1].0, "https://acme.org/");
    assert_eq!(under("acme.com", None, Effect::Weight(2.0))[1].0, "https://acme.com/");
}

/// Where a name leads for certain.
fn certainly(name: &str, told: &[(Voice, Vec<Hit>)]) -> Option<String> {
    ranked_by(&Ranking::default(), &query(name), told, |order, voices| {
        certain(order, voices).map(|url| url.to_string())
    })
}

#[test]
fn it_is_certain_what_is_asserted_and_what_dns_agrees_on() {
    let known = |uri: &str| vec![known(Likeness::Same, uri)];
    let found = |uri: &str| vec![hit("Acme", uri)];
    let home = "https://acme.com/";
    let there = Some(home.to_owned());
    assert_eq!(certainly("Acme", &[(STATIC, known(home))]), there);
    assert_eq!(certainly("Acme", &[(CNRP, known(home))]), there);
    assert_eq!(certainly("Acme", &[(DNS, found(home)), (SEARX, found(home))]), there);
    assert_eq!(certainly("Acme", &[(REFERENCE, known(home)), (DNS, found(home))]), there);
    for (told, why) in [
        (vec![(REFERENCE, known(home))], "anybody may edit a work of reference"),
        (vec![(BRAVE, found(home)), (SEARX, found(home))], "no DNS"),
        (vec![(DNS, found(home))], "one witness"),
        (vec![(STATIC, [known(home), known("https://other.example/")].concat())], "two are meant"),
        (vec![(STATIC, known("mailto:acme@acme.com"))], "no page"),
        (vec![], "nothing"),
    ] {
        assert_eq!(certainly("Acme", &told), None, "{why}");
    }
    assert_eq!(
        certainly("table", &[(DNS, vec![hit("table", home)]), (SEARX, vec![hit("table", home)])]),
        None
    );
    assert_eq!(certainly("table", &[(STATIC, known(home))]), there, "the operator may give it any name");
}

use proptest::prelude::*;

use super::*;
use crate::{
    model::{CommonName, Hit, HostPattern, LanguageRange, Preference, Prepared, Property, Reply, prepare},
    resolver::{certain, merge::merge},
};

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

fn any_hit() -> impl Strategy<Value = Hit> {
    let likeness = prop_oneof![
        Just(Likeness::Same),
        Just(Likeness::Form),
        Just(Likeness::Initials),
        Just(Likeness::Slip),
        Just(Likeness::Mention)
    ];
    let ceiling = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Confidence::Low)),
        1 => Just(Some(Confidence::Medium)),
        1 => Just(Some(Confidence::High))
    ];
    let title = prop_oneof![Just("Acme"), Just("Acme Inc - home"), Just("Welcome to Acme"), Just("Other")];
    let page = (0..6usize, prop_oneof![Just(""), Just("en"), Just("a"), Just("b")]);
    let language = prop_oneof![2 => Just(None), 1 => Just(Some("fr")), 1 => Just(Some("de"))];
    (likeness, ceiling, title, page, language).prop_map(
        |(likeness, ceiling, title, (site, path), language)| {
            let site =
                ["acme.com", "acme.org", "other.example", "acme.co.uk", "acmeshop.example", "acrne.com"]
                    [site];
            let properties =
                language.map(|tag| Property::new("language", "rfc1766", tag)).into_iter().collect();
            Hit { likeness, ceiling, properties, ..hit(title, &format!("https://{site}/{path}")) }
        },
    )
}

fn any_world() -> impl Strategy<Value = Vec<(usize, Vec<Hit>)>> {
    prop::collection::vec((0..4usize, prop::collection::vec(any_hit(), 0..5)), 1..5)
}

/// The places of DNS and CNRP among the voices of a world.
const MAP: usize = 0;
const GUESSER: usize = 2;
const SERVICE: usize = 3;

fn voiced(world: &[(usize, Vec<Hit>)]) -> Vec<(Voice, Vec<Hit>)> {
    let voices = [STATIC, SEARX, DNS, CNRP];
    // A map of the operator's never doubts what it says.
    let said = |voice: usize, hit: &Hit| Hit { ceiling: hit.ceiling.filter(|_| voice != MAP), ..hit.clone() };
    world
        .iter()
        .map(|(voice, hits)| (voices[*voice], hits.iter().map(|hit| said(*voice, hit)).collect()))
        .collect()
}

fn place(order: &[(String, char, Confidence)], identity: &str) -> Option<usize> {
    let is_it = |uri: &str| {
        ResourceUrl::parse(uri, Vouched::ByOperator).is_some_and(|url| url.identity() == identity)
    };
    order.iter().position(|(uri, ..)| is_it(uri))
}

/// How many of `results` are of another site than `uri`.
fn of_others(results: &[(String, char, Confidence)], uri: &str) -> usize {
    let host = |uri: &str| url::Url::parse(uri).unwrap().host_str().unwrap().to_owned();
    results.iter().filter(|(other, ..)| host(other) != host(uri)).count()
}

/// A question for Acme, with a hint or without.
fn any_query() -> impl Strategy<Value = NameQuery> {
    prop_oneof![Just(None), Just(Some("fr"))].prop_map(|hint| {
        let mut asked = query("Acme");
        asked.hints.languages =
            hint.into_iter().filter_map(LanguageRange::parse).map(Preference::Value).collect();
        asked
    })
}

proptest! {
    // One world in ten has nothing to agree on, and ten thousand of the others are wanted.
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(10_000) })]

    /// One more source that tells of a resource as well, at the end of its list, never moves
    /// that resource below one of another site, nor makes it less certain. (The front page of its own site
    /// may rise above it: whoever tells of a page in a site agrees with who tells of its front.) A CNRP
    /// service is the exception to the first: a result that becomes its own waits for what it has put above
    /// (R9). DNS that says that a domain is for sale does not agree.
    #[test]
    fn agreement_never_lowers_a_result(
        asked in any_query(), world in any_world(), who in 0..5usize, mut what in any_hit(),
    ) {
        let has_service = world.iter().any(|(voice, _)| *voice == SERVICE);
        let before = ranked(&asked, &voiced(&world));
        prop_assume!(!before.is_empty());
        let agreed = before[who % before.len()].clone();
        what.uri.clone_from(&agreed.0);
        let mut more = world;
        let last = more.len() - 1;
        prop_assume!(more[last].0 != GUESSER || what.ceiling != Some(Confidence::Low));
        more[last].1.push(what);
        let after = ranked(&asked, &voiced(&more));
        let identity = ResourceUrl::parse(&agreed.0, Vouched::ByOperator).unwrap().identity().to_owned();
        let (was, is) = (place(&before, &identity).unwrap(), place(&after, &identity).unwrap());
        let (above_it_was, above_it_is) = (of_others(&before[..was], &agreed.0), of_others(&after[..is], &agreed.0));
        prop_assert!(above_it_is <= above_it_was || has_service, "fell from {was} to {is}: {before:?} {after:?}");
        prop_assert!(after[is].1 <= before[was].1, "its tier fell: {before:?} {after:?}");
        prop_assert!(after[is].2 >= before[was].2);
    }

    /// Which source stands first in the configuration does not change the order, unless two CNRP
    /// services tell of the same: then it says whose result that is.
    #[test]
    fn the_order_of_sources_does_not_matter(asked in any_query(), world in any_world()) {
        let mut services = 0;
        let mut world = world;
        for (voice, _) in &mut world {
            services += usize::from(*voice == SERVICE);
            *voice = if services > 1 && *voice == SERVICE { 0 } else { *voice };
        }
        let mut turned = world.clone();
        turned.reverse();
        prop_assert_eq!(ranked(&asked, &voiced(&world)), ranked(&asked, &voiced(&turned)));
    }

    /// The terms as JSON, whatever order they are found in, give the order of the answer again.
    #[test]
    fn the_terms_that_are_shown_give_the_order_again(asked in any_query(), world in any_world()) {
        let told = voiced(&world);
        let voices: Vec<_> = told.iter().map(|(voice, _)| *voice).collect();
        let prepared: Vec<Prepared> = told
            .iter()
            .map(|(voice, hits)| prepare(Reply::of(hits.clone()), &asked.name, voice.vouched))
            .collect();
        let pairs: Vec<_> = prepared.iter().enumerate().collect();
        let order = rank(merge(&pairs), &asked, &voices, &Ranking::default());
        let mut shown: Vec<Terms<'_>> = order
            .iter()
            .map(|one| serde_json::from_str(&serde_json::to_string(&one.terms).unwrap()).unwrap())
            .collect();
        shown.sort_by(|a, b| b.identity.cmp(&a.identity));
        let again = arrange(shown, |terms| terms);
        let identities: Vec<_> = again.iter().map(|terms| terms.identity.as_ref()).collect();
        let expected: Vec<_> = order.iter().map(|one| one.terms.identity.as_ref()).collect();
        prop_assert_eq!(identities, expected);
        for one in &order {
            let evidence = serde_json::to_value(one.evidence(&voices)).unwrap();
            prop_assert_eq!(evidence["testimony"].as_array().unwrap().len(), one.merged.witnesses.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Every CNRP service's results, those that our own means don't attest as well, stand in its order.
    #[test]
    fn r9_d36_a_service_s_list_keeps_its_order(world in any_world()) {
        let told = voiced(&world);
        let voices: Vec<_> = told.iter().map(|(voice, _)| *voice).collect();
        let asked = query("Acme");
        let prepared: Vec<Prepared> = told
            .iter()
            .map(|(voice, hits)| prepare(Reply::of(hits.clone()), &asked.name, voice.vouched))
            .collect();
        let pairs: Vec<_> = prepared.iter().enumerate().collect();
        let merged = merge(&pairs);
        let count = merged.len();
        let ranked = rank(merged, &asked, &voices, &Ranking::default());
        prop_assert_eq!(ranked.len(), count, "nothing is lost");
        for source in (0..voices.len()).filter(|source| voices[*source].family == Family::CNRP) {
            let own = ranked.iter().filter(|one| one.best().unwrap().source == source);
            let first_rank = |one: &Ranked<'_>| {
                one.merged.witnesses.iter().filter(|w| w.source == source).map(|w| w.rank).min().unwrap()
            };
            let ranks: Vec<_> = own.map(first_rank).collect();
            prop_assert!(ranks.is_sorted(), "{ranks:?}");
        }
    }
}

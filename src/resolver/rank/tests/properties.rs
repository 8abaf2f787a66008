//! What holds for every world of sources, tried on worlds by chance.

use proptest::prelude::*;

use super::*;

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
    /// that resource down nor makes it less certain. A CNRP service is the exception to the first:
    /// a result that becomes its own waits for what it has put above it (R9). DNS that says that a domain
    /// is for sale does not agree.
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
        prop_assert!(is <= was || has_service, "fell from {was} to {is}: {before:?} {after:?}");
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

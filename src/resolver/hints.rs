//! How well a resource suits the client's hints (R8): several kinds are joined by AND, several
//! values of one kind are alternatives in order of preference, and nothing is ever thrown away
//! unless the operator asked for strict hints.

use crate::model::{
    Candidate, Category, Facets, Geography, Hints, LanguageRange, Preference, Property, vocabulary as v,
};

/// How far a resource is from the hints; 0 is all first preferences met. Within a kind, each step
/// down the client's order counts two, and a near match (the language but another region, the
/// country but no region) counts one more.
pub(crate) type Distance = u32;

/// What the hints make of one resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Suits {
    pub distance: Distance,
    /// Of resources that are equally far: how far in the kind that the client asked for first, then in the
    /// next (RFC 3367 section 4.2.1.1). 0 where it asked for one kind only.
    pub precedence: Distance,
    /// A hinted property is present and none of its values is wanted: what strict hints filter (D34). An
    /// address is no property, whatever it tells.
    pub contradicts: bool,
}

/// Judges one resource.
pub(crate) fn suits(candidate: &Candidate, hints: &Hints) -> Suits {
    if hints.is_empty() {
        return Suits::default();
    }
    let facets = &candidate.facets;
    let locale = Locale::of(candidate);
    let told = Said {
        languages: or(&facets.languages, &locale.languages),
        places: or(&facets.places, &locale.places),
        ..Said::of(facets)
    };
    let kinds = told.each_kind(hints).map(|kind| kind.distance);
    Suits {
        distance: kinds.iter().sum(),
        precedence: precedence(kinds, &hints.sent),
        contradicts: Said::of(facets).each_kind(hints).iter().any(|kind| kind.contradicts),
    }
}

/// What is known of a resource, for each kind of hint.
struct Said<'a> {
    languages: &'a [LanguageRange],
    places: &'a [Geography],
    categories: &'a [String],
}

impl<'a> Said<'a> {
    /// What its properties say.
    fn of(facets: &'a Facets) -> Self {
        Self { languages: &facets.languages, places: &facets.places, categories: &facets.categories }
    }

    fn each_kind(&self, hints: &Hints) -> [Suits; 3] {
        let geography = match hints.geographies.is_empty() {
            // Whoever speaks as in a country is more likely there than elsewhere, and has not said so.
            true => Suits { contradicts: false, ..judge(&regions(&hints.languages), self.places, place_gap) },
            false => judge(&hints.geographies, self.places, place_gap),
        };
        [
            judge(&hints.languages, self.languages, language_gap),
            geography,
            judge(&hints.categories, self.categories, category_gap),
        ]
    }
}

/// The distances of the kinds in the order in which they were first asked for, as one number.
fn precedence([language, geography, category]: [Distance; 3], sent: &[Property]) -> Distance {
    let asked = |name: &str| sent.iter().position(|property| property.is(name));
    let mut kinds =
        [(asked(v::LANGUAGE), language), (asked(v::GEOGRAPHY), geography), (asked(v::CATEGORY), category)];
    if kinds.iter().filter(|(place, _)| place.is_some()).count() < 2 {
        return 0;
    }
    kinds.sort_unstable_by_key(|(place, _)| *place);
    let asked = kinds.iter().filter(|(place, _)| place.is_some());
    asked.fold(0, |number, (_, distance)| number << 8 | (*distance).min(0xff))
}

/// What was said, and where nothing was, what can be told otherwise.
fn or<'a, T>(said: &'a [T], told: &'a [T]) -> &'a [T] {
    if said.is_empty() { told } else { said }
}

/// The countries of languages that have one, in their order.
fn regions(languages: &[Preference<LanguageRange>]) -> Vec<Preference<Geography>> {
    let region = |preference: &Preference<LanguageRange>| match preference {
        Preference::Value(range) => Some(Preference::Value(Geography::read("iso3166-1", &range.region()?))),
        Preference::Any => None,
    };
    languages.iter().filter_map(region).collect()
}

/// Judges one kind of hint: `gap` says how near a value comes to a wanted one, `None` for not at all.
fn judge<W, V>(wanted: &[Preference<W>], values: &[V], gap: impl Fn(&W, &V) -> Option<Distance>) -> Suits {
    if wanted.is_empty() {
        return Suits::default();
    }
    let steps = |place: usize| Distance::try_from(place).unwrap_or(Distance::MAX / 8) * 2;
    let met = wanted.iter().enumerate().filter_map(|(place, preference)| match preference {
        Preference::Any => Some(steps(place)),
        Preference::Value(wanted) => {
            values.iter().filter_map(|value| gap(wanted, value)).min().map(|gap| steps(place) + gap)
        }
    });
    match met.min() {
        Some(distance) => Suits { distance, ..Suits::default() },
        // What says nothing comes after what matches, and before what says something else.
        None if values.is_empty() => Suits { distance: steps(wanted.len()), ..Suits::default() },
        None => Suits { distance: steps(wanted.len()) + 1, contradicts: true, ..Suits::default() },
    }
}

/// RFC 4647 lookup: the wanted range, shortened from its end, meets the tag; or only the
/// primary language does.
fn language_gap(wanted: &LanguageRange, tag: &LanguageRange) -> Option<Distance> {
    let mut range = wanted.as_str();
    loop {
        if range == tag.as_str() {
            return Some(u32::from(range != wanted.as_str()));
        }
        match range.rsplit_once('-') {
            Some((shorter, _)) => range = shorter,
            None => break,
        }
    }
    (wanted.primary() == tag.primary()).then_some(1)
}

fn place_gap(wanted: &Geography, place: &Geography) -> Option<Distance> {
    if wanted == place {
        return Some(0);
    }
    match (wanted, place) {
        (Geography::Country(_), Geography::Region(_)) if wanted.country() == place.country() => Some(0),
        (Geography::Region(_), Geography::Country(_)) if wanted.country() == place.country() => Some(1),
        (Geography::Other { value: wanted, .. }, Geography::Other { value, .. }) => {
            wanted.eq_ignore_ascii_case(value).then_some(1)
        }
        _ => None,
    }
}

fn category_gap(wanted: &Category, category: &String) -> Option<Distance> {
    let near = || category.split('/').any(|part| part == wanted.value);
    (wanted.value == *category).then_some(0).or_else(|| near().then_some(1))
}

/// What an address says of language and country, for resources that say nothing of them.
#[derive(Default)]
struct Locale {
    languages: Vec<LanguageRange>,
    places: Vec<Geography>,
}

impl Locale {
    /// `/de-ch/` says both; otherwise `/de/` the language, and the top-level domain the country.
    fn of(candidate: &Candidate) -> Self {
        let path = candidate.url.path().trim_start_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        let (language, country) = match first.split_once(['-', '_']) {
            Some((language, country)) if is_code(language) && is_code(country) => (language, Some(country)),
            None if is_code(first) => (first, None),
            _ => ("", None),
        };
        let country = country.or_else(|| national_suffix(candidate.url.site()));
        Self {
            languages: LanguageRange::parse(language).into_iter().collect(),
            places: country.into_iter().map(|code| Geography::read("iso3166-1", code)).collect(),
        }
    }
}

/// The top-level domain of a site, where it is a country's. Country codes under which the whole world
/// registers say nothing.
fn national_suffix(site: &str) -> Option<&str> {
    const WORLDWIDE: [&str; 18] = [
        "ai", "ac", "cc", "co", "fm", "gg", "gl", "io", "la", "ly", "me", "nu", "sh", "so", "to", "tv", "ws",
        "eu",
    ];
    let suffix = site.rsplit('.').next().unwrap_or_default();
    (is_code(suffix) && !WORLDWIDE.contains(&suffix)).then_some(suffix)
}

fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::model::{CommonName, Hit, Property, Vouched};

    fn resource(uri: &str, properties: &[(&str, &str, &str)]) -> Candidate {
        let mut hit = Hit::mention("x", uri, "");
        hit.properties = properties.iter().map(|(n, t, v)| Property::new(*n, *t, *v)).collect();
        Candidate::new(hit, &CommonName::new("x").unwrap(), Vouched::BySearch).unwrap()
    }

    fn languages(wanted: &[&str]) -> Hints {
        let read = |tag: &&str| match *tag {
            "*" => Preference::Any,
            tag => Preference::Value(LanguageRange::parse(tag).unwrap()),
        };
        Hints { languages: wanted.iter().map(read).collect(), ..Hints::default() }
    }

    fn country(code: &str) -> Hints {
        let place = Geography::read("iso3166-1", code);
        Hints { geographies: vec![Preference::Value(place)], ..Hints::default() }
    }

    fn distance(candidate: &Candidate, hints: &Hints) -> Distance {
        suits(candidate, hints).distance
    }

    #[test]
    fn r8_the_order_of_preference_is_kept() {
        let hints = languages(&["fr-FR", "de-DE", "*"]);
        let of = |tag| distance(&resource("https://x.example/", &[("language", "rfc1766", tag)]), &hints);
        assert!(of("fr-FR") < of("de-DE") && of("de-DE") < of("en-US"));
    }

    #[test]
    fn a_language_without_its_region_is_nearer_than_none() {
        let hints = languages(&["fr-FR"]);
        let of = |tag| distance(&resource("https://x.example/", &[("language", "rfc1766", tag)]), &hints);
        assert!(of("fr-FR") < of("fr") && of("fr") == of("fr-CA") && of("fr-CA") < of("de"));
    }

    #[test]
    fn d34_what_says_nothing_stands_between_match_and_contradiction() {
        let hints = languages(&["fr"]);
        let silent = suits(&resource("https://x.example/", &[]), &hints);
        let other = suits(&resource("https://x.example/", &[("language", "rfc1766", "de")]), &hints);
        assert!(silent.distance < other.distance && !silent.contradicts && other.contradicts);
    }

    #[test]
    fn a_place_is_met_by_its_regions_and_by_the_country_domain() {
        let in_us = resource("https://x.com/", &[("geography", "iso3166-2", "US-CA")]);
        assert_eq!(distance(&in_us, &country("US")), 0);
        assert_eq!(distance(&resource("https://x.co.uk/", &[]), &country("GB")), 0);
        let at = |uri| distance(&resource(uri, &[]), &country("US"));
        assert!(at("https://x.io/") < at("https://x.de/"), "another country's domain says something else");
    }

    #[test]
    fn d34_what_only_an_address_tells_moves_a_resource_and_contradicts_nothing() {
        for (uri, hints) in [
            ("https://x.de/", country("US")),
            ("https://x.com/fr-ch/", country("US")),
            ("https://x.com/fr/", languages(&["en-US"])),
            ("https://x.com/fr-ch/", languages(&["de"])),
        ] {
            assert!(!suits(&resource(uri, &[]), &hints).contradicts, "{uri}");
            let silent = distance(&resource("https://x.com/", &[]), &hints);
            assert!(silent < distance(&resource(uri, &[]), &hints), "{uri}");
        }
    }

    #[test]
    fn the_region_of_a_language_is_a_country_hint_where_there_is_no_other_and_contradicts_nothing() {
        let british = languages(&["en-GB"]);
        let at = |uri: &str, hints: &Hints| distance(&resource(uri, &[]), hints);
        assert!(at("https://x.co.uk/", &british) < at("https://x.com/", &british));
        assert!(!suits(&resource("https://x.de/", &[]), &british).contradicts);
        let in_germany = Hints { geographies: country("DE").geographies, ..british };
        assert!(at("https://x.de/", &in_germany) < at("https://x.co.uk/", &in_germany));
    }

    #[test]
    fn an_address_tells_language_and_country_where_nothing_else_does() {
        let hints = Hints { geographies: country("CH").geographies, ..languages(&["de"]) };
        assert_eq!(distance(&resource("https://x.com/de-ch/", &[]), &hints), 0);
        assert_eq!(distance(&resource("https://x.ch/de/shops", &[]), &hints), 0);
        assert!(distance(&resource("https://x.com/de/", &[]), &hints) > 0);
        let at = |uri| distance(&resource(uri, &[]), &hints);
        assert!(at("https://x.com/shops/") < at("https://x.com/fr-us/"));
    }

    #[test]
    fn r8_of_what_meets_one_property_each_the_one_asked_for_first_is_nearer() {
        let french = Property::new("language", "rfc1766", "fr-FR");
        let american = Property::new("geography", "iso3166-1", "US");
        let hints = |sent: &[&Property]| Hints {
            geographies: country("US").geographies,
            sent: sent.iter().copied().cloned().collect(),
            ..languages(&["fr-FR"])
        };
        let speaks = |tag, place| {
            resource("https://x.com/", &[("language", "rfc1766", tag), ("geography", "iso3166-1", place)])
        };
        let nearer = |sent: &[&Property]| {
            let [one, other] =
                [speaks("fr-FR", "FR"), speaks("en-US", "US")].map(|one| suits(&one, &hints(sent)));
            assert_eq!(one.distance, other.distance);
            one.precedence.cmp(&other.precedence)
        };
        assert_eq!(nearer(&[&french, &american]), Ordering::Less);
        assert_eq!(nearer(&[&american, &french]), Ordering::Greater);
        assert_eq!(nearer(&[&american, &french, &american]), Ordering::Greater);
        assert_eq!(nearer(&[&french]), Ordering::Equal, "of one kind there is no order of kinds");
    }

    #[test]
    fn r8_different_properties_are_joined_by_and() {
        let mut hints = languages(&["fr"]);
        hints.geographies = country("CH").geographies;
        let both = resource("https://a.ch/", &[("language", "rfc1766", "fr")]);
        let one = resource("https://a.fr/", &[("language", "rfc1766", "fr")]);
        assert!(distance(&both, &hints) < distance(&one, &hints));
    }
}

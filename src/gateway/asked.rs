//! Names that are asked often, so that they can be suggested although no map has them.
//!
//! What people ask is theirs: a text is shown to others only once [`CLIENTS`] different clients have
//! asked exactly it, case and white space aside, and nothing of it is written anywhere. What is kept
//! of a client is a hash under a key that this process drew. Memory is bounded, and what is no longer
//! asked fades.

use std::{
    collections::{BTreeMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use tokio::time::Instant;

use crate::model::{Answer, CommonName, Confidence, ResultItem, Suggestion};

/// How many clients must have asked a name before others are told of it.
const CLIENTS: usize = 5;

/// Most names told apart; a few MB at worst.
const MOST: usize = 10_000;

/// After how long an ask counts half.
const HALF_LIFE: Duration = Duration::from_hours(24);

/// A name as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    /// First, so that names which begin alike stand together.
    key: Box<str>,
    /// What must be the same for two clients to have asked the same.
    folded: Box<str>,
}

/// That a name was asked and what it led to: to be noted once for each client that asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    name: Name,
    row: Suggestion,
    /// Until when it is so by itself; `None` if that is for ever.
    until: Option<Instant>,
}

impl Ask {
    /// What is worth noting of an answer: a name that has a result which is more than a guess, at an
    /// address of the web; and `until` when that is so.
    pub(super) fn of(name: &CommonName, answer: &Answer, until: Option<Instant>) -> Option<Self> {
        let best = answer.results.first().filter(|best| best.confidence >= Confidence::Medium)?;
        let is_web = best.uri.starts_with("https://") || best.uri.starts_with("http://");
        is_web.then(|| Self {
            name: Name { key: name.key().into(), folded: name.folded().into() },
            row: Suggestion {
                name: shown(name, best),
                description: best.description.clone(),
                uri: best.uri.clone(),
                has_slipped: false,
            },
            until,
        })
    }
}

/// The name in the source's spelling where that is the name asked, and otherwise without the spelling
/// of whoever asked.
fn shown(name: &CommonName, best: &ResultItem) -> String {
    let is_same = CommonName::new(&best.commonname).is_some_and(|known| known.folded() == name.folded());
    if is_same { best.commonname.clone() } else { name.folded().to_owned() }
}

/// What is known of a name.
struct Asked {
    row: Suggestion,
    /// Of which state of the maps the row is: what a map no longer says is not suggested.
    generation: u64,
    /// When the row is over although the maps stay as they are: something began or ended.
    until: Option<Instant>,
    /// The last different clients, hashed. One of them that asks again does not count, so that nobody
    /// makes a name great by asking alone.
    clients: VecDeque<u64>,
    count: u32,
    last: Instant,
}

/// Names and how often they were asked.
pub(super) struct AskedOften {
    names: BTreeMap<Name, Asked>,
    most: usize,
    key: RandomState,
    halve_at: Instant,
}

impl AskedOften {
    pub(super) fn new(now: Instant) -> Self {
        Self { names: BTreeMap::new(), most: MOST, key: RandomState::new(), halve_at: now + HALF_LIFE }
    }

    /// Notes that a client asked.
    pub(super) fn note(&mut self, ask: &Ask, client: IpAddr, generation: u64, now: Instant) {
        self.fade(now);
        let client = self.key.hash_one(subscriber(client));
        if let Some(asked) = self.names.get_mut(&ask.name) {
            asked.again(ask, client, generation, now);
            return;
        }
        self.make_room();
        let (row, until) = (ask.row.clone(), ask.until);
        let asked = Asked { row, generation, until, clients: VecDeque::from([client]), count: 1, last: now };
        self.names.insert(ask.name.clone(), asked);
    }

    /// The names that begin so, that enough clients have asked and that still lead where they led;
    /// the one asked most first.
    pub(super) fn begun(
        &self,
        typed: &CommonName,
        limit: usize,
        generation: u64,
        now: Instant,
    ) -> Vec<Suggestion> {
        let from = Name { key: typed.key().into(), folded: "".into() };
        let begun = self.names.range(from..).take_while(|(name, _)| name.key.starts_with(typed.key()));
        let told = begun.map(|(_, asked)| asked);
        let told = told.filter(|asked| asked.clients.len() >= CLIENTS && asked.holds(generation, now));
        let mut told: Vec<_> = told.collect();
        // Stable, so that equals stay in the order of the alphabet.
        told.sort_by_key(|asked| std::cmp::Reverse(asked.count));
        told.into_iter().take(limit).map(|asked| asked.row.clone()).collect()
    }

    /// Whether enough clients have asked exactly this name.
    pub(super) fn is_common(&self, name: &CommonName) -> bool {
        let name = Name { key: name.key().into(), folded: name.folded().into() };
        self.names.get(&name).is_some_and(|asked| asked.clients.len() >= CLIENTS)
    }

    fn fade(&mut self, now: Instant) {
        if now < self.halve_at {
            return;
        }
        self.halve_at = now + HALF_LIFE;
        self.names.values_mut().for_each(|asked| asked.count /= 2);
        self.names.retain(|_, asked| asked.count > 0);
    }

    /// Forgets half of the names once there are too many: those asked least and longest ago. One at a
    /// time would be a search through all of them for each new name.
    fn make_room(&mut self) {
        if self.names.len() < self.most {
            return;
        }
        let mut standing: Vec<_> = self.names.values().map(|asked| (asked.count, asked.last)).collect();
        standing.sort_unstable();
        let Some(middle) = standing.get(standing.len() / 2).copied() else { return };
        let mut room = self.names.len() / 2;
        self.names.retain(|_, asked| {
            let goes = room > 0 && (asked.count, asked.last) <= middle;
            room -= usize::from(goes);
            !goes
        });
    }
}

impl Asked {
    /// Whether it still leads where it led.
    fn holds(&self, generation: u64, now: Instant) -> bool {
        self.generation == generation && self.until.is_none_or(|until| now < until)
    }

    fn again(&mut self, ask: &Ask, client: u64, generation: u64, now: Instant) {
        self.last = now;
        if !self.holds(generation, now) {
            (self.row, self.until, self.generation) = (ask.row.clone(), ask.until, generation);
        }
        if !self.clients.contains(&client) {
            self.count = self.count.saturating_add(1);
            self.clients.truncate(CLIENTS - 1);
            self.clients.push_front(client);
        }
    }
}

/// Whom to count as one client: an IPv4 address, or the /56 that one subscriber usually has of IPv6.
fn subscriber(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 72 << 72).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Service;

    fn name(text: &str) -> CommonName {
        CommonName::new(text).unwrap()
    }

    fn result(commonname: &str, confidence: Confidence) -> ResultItem {
        ResultItem {
            commonname: commonname.to_owned(),
            id: "i".to_owned(),
            uri: format!("https://{}.example/", commonname.len()),
            description: String::new(),
            properties: Vec::new(),
            service: Arc::new(Service::default()),
            dataset: None,
            score: 1.0,
            confidence,
            why: None,
        }
    }

    fn ask(asked: &str, found: &str) -> Ask {
        let results = vec![result(found, Confidence::High)];
        Ask::of(&name(asked), &Answer { results, ..Answer::default() }, None).unwrap()
    }

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    fn rows(often: &AskedOften, typed: &str) -> Vec<String> {
        rows_at(often, typed, 1, Instant::now())
    }

    fn rows_at(often: &AskedOften, typed: &str, generation: u64, now: Instant) -> Vec<String> {
        often.begun(&name(typed), 10, generation, now).into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn a_name_is_told_once_enough_clients_have_asked_it() {
        let now = Instant::now();
        let mut often = AskedOften::new(now);
        for number in [1, 2, 3, 4, 4, 4, 1, 2, 3] {
            often.note(&ask("Acmé  Widgets", "Acmé Widgets"), client(number), 1, now);
            assert_eq!(rows(&often, "acme"), [""; 0], "client {number}");
        }
        often.note(&ask("acmé widgets", "Acmé Widgets"), client(5), 1, now);
        assert_eq!(rows(&often, "ACME w"), ["Acmé Widgets"]);
        assert_eq!(rows(&often, "widgets"), [""; 0]);
        assert_eq!(rows_at(&often, "acme", 2, now), [""; 0], "the maps have changed since");
    }

    #[test]
    fn what_has_ended_is_not_told_until_it_is_asked_anew() {
        let now = Instant::now();
        let mut often = AskedOften::new(now);
        let end = now + Duration::from_secs(8);
        let fair = Ask { until: Some(end), ..ask("fair", "Fair") };
        for number in 0..5 {
            often.note(&fair, client(number), 1, now);
        }
        let just_before = end - Duration::from_millis(1);
        assert_eq!(rows_at(&often, "fair", 1, just_before), ["Fair"]);
        assert_eq!(rows_at(&often, "fair", 1, end), [""; 0]);
        often.note(&ask("fair", "FAIR"), client(0), 1, end);
        assert_eq!(rows_at(&often, "fair", 1, end), ["FAIR"], "what it leads to since");
    }

    #[test]
    fn a_text_that_only_some_have_asked_is_no_part_of_another() {
        let now = Instant::now();
        let mut often = AskedOften::new(now);
        for number in 0..5 {
            let spelling = if number == 0 { "a-c-m-e" } else { "acme" };
            often.note(&ask(spelling, "Another title"), client(number), 1, now);
        }
        assert_eq!(rows(&often, "a"), [""; 0], "four have asked one, and one the other");
        often.note(&ask("ACME", "Another title"), client(9), 1, now);
        assert_eq!(rows(&often, "a"), ["acme"]);
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_client() {
        let now = Instant::now();
        let mut often = AskedOften::new(now);
        for number in 0..20_u16 {
            let address = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, number, 0, 0, 1);
            often.note(&ask("acme", "Acme"), address.into(), 1, now);
        }
        assert_eq!(rows(&often, "acme"), [""; 0]);
    }

    #[test]
    fn what_is_asked_by_more_comes_first_and_fades() {
        let now = Instant::now();
        let mut often = AskedOften::new(now);
        for number in 0..12 {
            often.note(&ask("acme", "Acme"), client(number), 1, now);
            often.note(&ask("acme b", "Acme B"), client(number / 2), 1, now);
            often.note(&ask("acme c", "Acme C"), client(number.min(4)), 1, now);
        }
        assert_eq!(rows(&often, "acme"), ["Acme", "Acme B", "Acme C"]);
        let later = now + 3 * HALF_LIFE;
        for day in 1..=3 {
            often.note(&ask("zulu", "Zulu"), client(1), 1, now + day * HALF_LIFE);
        }
        assert_eq!(rows(&often, "acme"), ["Acme"], "five and six are halved to nothing");
        often.note(&ask("zulu", "Zulu"), client(1), 1, later + HALF_LIFE);
        assert_eq!(rows(&often, "acme"), [""; 0]);
    }

    #[test]
    fn memory_is_bounded_and_names_asked_by_many_stay() {
        let now = Instant::now();
        let mut often = AskedOften { most: 100, ..AskedOften::new(now) };
        for number in 0..6 {
            often.note(&ask("acme", "Acme"), client(number), 1, now);
        }
        for number in 0..1_000 {
            often.note(&ask(&format!("noise {number}"), "Noise"), client(1), 1, now);
            assert!(often.names.len() <= 100);
        }
        assert_eq!(rows(&often, "acme"), ["Acme"]);
    }

    #[test]
    fn a_guess_is_not_worth_noting() {
        let found = |confidence| Answer { results: vec![result("x", confidence)], ..Answer::default() };
        assert!(Ask::of(&name("x"), &found(Confidence::Medium), None).is_some());
        assert_eq!(Ask::of(&name("x"), &found(Confidence::Low), None), None);
        assert_eq!(Ask::of(&name("x"), &Answer::default(), None), None);
        let mut elsewhere = found(Confidence::High);
        elsewhere.results[0].uri = "mailto:a@x.example".to_owned();
        assert_eq!(Ask::of(&name("x"), &elsewhere, None), None);
    }
}

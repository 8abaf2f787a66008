//! Popularity: which domains are well known, a prior for what a name may mean. It decides only where
//! the evidence does not: inside a tier, after hints and votes.
//!
//! The list that is built in has 9,600 domains (see NOTICE); an operator may have one of their own.
//! The one is searched where it lies in the program; the other is kept as hashes, 16 bytes a domain, so
//! that a million take 16 MB. Two domains with one hash would share their popularity, on which nothing
//! but an order inside a tier depends.

use std::{fmt, io::Read, sync::LazyLock};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    lookalike::{skeleton, without_accents},
    rank::constants::{LISTED, SHORTEST_IMITATION},
    sorted_lines,
};
use crate::model::registrable_domain;

/// Sorted by domain, after its header.
const BUILT_IN: &str = include_str!("popularity.csv");

/// Read when a host turns up that may imitate another, which few answers have.
static KNOWN: LazyLock<List> = LazyLock::new(|| List::read(BUILT_IN.as_bytes()).unwrap_or_default());

/// Most bytes that are read of an own list, unpacked: ten million domains.
const LARGEST: u64 = 256 << 20;

/// A list of popular domains: the built-in one, unless an own one was read.
#[derive(Default)]
pub struct Popularity {
    own: Option<List>,
}

/// What a list says of one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteStanding {
    /// The registrable domain.
    pub site: String,
    /// From 0 (in no list) to 1.
    pub popularity: f64,
    /// Whether it looks like one that is popular.
    pub is_imitation: bool,
}

/// What is wrong with a list, and in which line of it; 0 is the list as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListError {
    pub line: u64,
    pub message: String,
}

#[derive(Default)]
struct List {
    /// By hash of the domain.
    popularity: Vec<(u64, f32)>,
    /// Hashes of what the domains look like, sorted.
    looks: Vec<u64>,
}

/// What the second column of a list says.
#[derive(Clone, Copy)]
enum Measure {
    /// 1 is the most popular.
    Rank(usize),
    /// From 0 to 1, more is more popular.
    Weight(usize),
    /// Nothing: all are equally popular.
    Listed,
}

impl Popularity {
    /// Reads a list of an operator: CSV with a header, a column `domain`, and one of `rank` (from 1,
    /// which is the most popular; the name may only end so, as `moz_rank` does) or `weight` (above 0, at
    /// most 1), which may be missing where there is no other column.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn read(csv: impl Read) -> Result<Self, ListError> {
        List::read(csv).map(|list| Self { own: Some(list) })
    }

    /// How popular a registrable domain is, from 0 (in no list) to 1.
    pub fn of(&self, site: &str) -> f64 {
        let known = self.own.as_ref().map_or_else(|| of_built_in(site), |own| own.of(site));
        known.map_or(0.0, f64::from)
    }

    /// Whether a domain that is not popular itself looks like one that is, or is one with accents on it.
    pub fn is_imitated_by(&self, site: &str) -> bool {
        if self.of(site) > 0.0 {
            return false;
        }
        let is_known = |domain: &str| self.of(domain) > 0.0 || self.has_looks_of(domain);
        self.has_looks_of(site) || without_accents(site).is_some_and(|bare| is_known(&bare))
    }

    fn has_looks_of(&self, domain: &str) -> bool {
        self.list().looks.binary_search(&xxh3_64(skeleton(domain).as_bytes())).is_ok()
    }

    /// What the list says of these sites, and nothing of others.
    pub fn excerpt<'a>(&self, sites: impl IntoIterator<Item = &'a str>) -> Vec<SiteStanding> {
        let standing = |site: &str| SiteStanding {
            site: site.to_owned(),
            popularity: self.of(site),
            is_imitation: self.is_imitated_by(site),
        };
        sites.into_iter().map(standing).collect()
    }

    /// A list that says of these sites what was said of them, and knows no other.
    pub fn of_excerpt(excerpt: &[SiteStanding]) -> Self {
        let mut list = List::default();
        for SiteStanding { site, popularity, is_imitation } in excerpt {
            if *popularity > 0.0 {
                list.popularity.push((xxh3_64(site.as_bytes()), *popularity as f32));
            }
            if *is_imitation {
                list.looks.push(xxh3_64(skeleton(site).as_bytes()));
            }
        }
        list.sort();
        Self { own: Some(list) }
    }

    fn list(&self) -> &List {
        self.own.as_ref().unwrap_or_else(|| &KNOWN)
    }
}

impl fmt::Debug for Popularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.own.is_some() { "own" } else { "built in" };
        write!(f, "Popularity({kind})")
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}: {}", self.message),
        }
    }
}

/// The popularity of a domain of the built-in list.
fn of_built_in(site: &str) -> Option<f32> {
    let (_, rows) = BUILT_IN.split_once('\n')?;
    let row = sorted_lines::find(rows, site, |row| row.split(',').next().unwrap_or_default())?;
    Some(row.split_once(',').and_then(|(_, rank)| of_rank(rank)).unwrap_or(LISTED as f32))
}

impl List {
    fn of(&self, site: &str) -> Option<f32> {
        let hash = xxh3_64(site.as_bytes());
        let place = self.popularity.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        self.popularity.get(place).map(|(_, popularity)| *popularity)
    }

    fn read(csv: impl Read) -> Result<Self, ListError> {
        let mut rows =
            csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(csv.take(LARGEST));
        let header = rows.headers().map_err(unreadable)?;
        let wrong = |message: String| ListError { line: 1, message };
        let domain = column(header, |name| name == "domain").ok_or_else(|| {
            wrong("expected a header with a column `domain`, and perhaps `rank` or `weight`".to_owned())
        })?;
        let measure = Measure::of(header).ok_or_else(|| {
            let found = header.iter().collect::<Vec<_>>().join(",");
            wrong(format!("expected a column `rank` or `weight` beside `domain`, found \"{found}\""))
        })?;
        let mut list = Self::default();
        for row in rows.records() {
            let row = row.map_err(unreadable)?;
            let wrong = |message| ListError { line: row.position().map_or(0, csv::Position::line), message };
            list.add(row.get(domain).unwrap_or_default(), measure.read(&row).map_err(wrong)?)
                .map_err(wrong)?;
        }
        list.sort();
        Ok(list)
    }

    /// Makes it searchable; of a domain that is there twice the most popular counts.
    fn sort(&mut self) {
        self.popularity.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        self.popularity.dedup_by_key(|(hash, _)| *hash);
        self.looks.sort_unstable();
    }

    fn add(&mut self, written: &str, popularity: f32) -> Result<(), String> {
        let ascii = idna::domain_to_ascii(written).unwrap_or_default();
        let domain = ascii.trim_end_matches('.');
        let domain =
            domain.strip_prefix("www.").filter(|rest| registrable_domain(rest).is_some()).unwrap_or(domain);
        if !domain.contains('.') {
            return Err(format!("expected a domain such as example.com, found \"{written}\""));
        }
        self.popularity.push((xxh3_64(domain.as_bytes()), popularity));
        let label = domain.split('.').next().unwrap_or_default();
        if label.len() >= SHORTEST_IMITATION {
            self.looks.push(xxh3_64(skeleton(domain).as_bytes()));
        }
        Ok(())
    }
}

/// The place of the first column whose name, in lower case, is so.
fn column(header: &csv::StringRecord, is_so: impl Fn(&str) -> bool) -> Option<usize> {
    header.iter().position(|column| is_so(&column.trim_matches('\u{feff}').to_ascii_lowercase()))
}

impl Measure {
    /// What the header promises. `None` where there are other columns than `domain` and none is known:
    /// ranks under a name that is not understood would be lost in silence.
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let rank =
            column(header, |name| name == "rank").or_else(|| column(header, |name| name.ends_with("rank")));
        rank.map(Self::Rank)
            .or_else(|| column(header, |name| name == "weight").map(Self::Weight))
            .or_else(|| (header.len() == 1).then_some(Self::Listed))
    }

    fn read(self, row: &csv::StringRecord) -> Result<f32, String> {
        let number = |column: usize| row.get(column).filter(|text| !text.is_empty());
        let measured = match self {
            Self::Rank(column) => number(column).map(|text| (of_rank(text), text, "a rank from 1 up")),
            Self::Weight(column) => {
                number(column).map(|text| (of_weight(text), text, "a weight above 0 and at most 1"))
            }
            Self::Listed => None,
        };
        match measured {
            None => Ok(LISTED as f32),
            Some((Some(popularity), ..)) => Ok(popularity),
            Some((None, text, expected)) => Err(format!("expected {expected}, found \"{text}\"")),
        }
    }
}

/// A tenth of the popularity for each power of ten: a rank says little about how much more.
fn of_rank(text: &str) -> Option<f32> {
    let rank: u32 = text.parse().ok().filter(|rank| *rank > 0)?;
    Some(1.0 / (1.0 + (rank as f32).log10()))
}

fn of_weight(text: &str) -> Option<f32> {
    text.parse().ok().filter(|weight| *weight > 0.0 && *weight <= 1.0)
}

fn unreadable(error: csv::Error) -> ListError {
    let line = error.position().map_or(0, csv::Position::line);
    let message = match error.into_kind() {
        csv::ErrorKind::Io(error) => format!("can't be read: {error}"),
        csv::ErrorKind::Utf8 { .. } => "expected UTF-8, found other bytes".to_owned(),
        kind => format!("is no CSV: {kind:?}"),
    };
    ListError { line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(csv: &str) -> Result<Popularity, String> {
        Popularity::read(csv.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_built_in_list_is_read_whole() {
        assert_eq!(List::read(BUILT_IN.as_bytes()).err(), None);
        assert_eq!(KNOWN.popularity.len(), BUILT_IN.lines().count() - 1);
        for site in BUILT_IN.lines().skip(1).filter_map(|row| row.split(',').next()) {
            assert!(of_built_in(site).is_some() && of_built_in(site) == KNOWN.of(site), "{site}");
        }
        let known = Popularity::default();
        assert!(known.of("google.com") > known.of("01net.com"));
        assert_eq!((known.of("01net.com") * 10.0).round(), 2.0);
        assert_eq!(known.of("nobody-knows-it.example"), 0.0);
    }

    #[test]
    fn an_own_list_has_ranks_or_weights_or_neither() {
        let ranks = own("domain,rank\nb.example,2\nwww.A.example.,1\nbücher.example,\n").unwrap();
        assert_eq!(ranks.of("a.example"), 1.0);
        assert!(ranks.of("b.example") < 1.0 && ranks.of("b.example") > ranks.of("xn--bcher-kva.example"));
        assert_eq!(ranks.of("google.com"), 0.0, "it takes the place of the built-in one");
        let weights = own("x,weight,domain\n1,0.5,a.example\n").unwrap();
        assert_eq!(weights.of("a.example"), 0.5);
        assert!(own("domain\na.example\n").unwrap().of("a.example") > 0.0);
    }

    #[test]
    fn a_rank_may_have_a_longer_name() {
        let list = own("domain,moz_rank,majestic_10k\na.example,3,1\nb.example,1,\nc.example,,1\n").unwrap();
        assert!(list.of("b.example") == 1.0 && list.of("a.example") < 1.0);
        assert!(list.of("c.example") > 0.0 && list.of("c.example") < list.of("a.example"));
        let both = own("GlobalRank,Domain,Rank\n9,a.example,1\n").unwrap();
        assert_eq!(both.of("a.example"), 1.0, "the plain name comes first");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (csv, said) in [
            ("google.com,1\n", "line 1: expected a header with a column `domain`"),
            (
                "domain,position\na.example,1\n",
                "line 1: expected a column `rank` or `weight` beside `domain`, found \"domain,position\"",
            ),
            ("domain,rank\na.example,0\n", "line 2: expected a rank from 1 up, found \"0\""),
            ("domain,weight\na.example,1\nb.example,1.5\n", "line 3: expected a weight above 0"),
            ("domain\nno domain\n", "line 2: expected a domain such as example.com, found \"no domain\""),
            ("domain\n\u{1}\n", "line 2: expected a domain"),
        ] {
            let error = own(csv).unwrap_err();
            assert!(error.starts_with(said), "{csv:?}: {error}");
        }
    }

    #[test]
    fn what_looks_like_a_popular_domain_and_is_another_imitates_it() {
        let known = Popularity::default();
        for (site, imitates) in [
            ("paypa1.com", true),
            ("rnicrosoft.com", true),
            ("xn--pple-43d.com", true),
            ("xn--pypal-rqa.com", true),
            ("xn--eby-fla.com", true),
            ("xn--mnchen-3ya.de", false),
            ("paypal.com", false),
            ("microsoft.com", false),
            ("boeing.example", false),
        ] {
            assert_eq!(known.is_imitated_by(site), imitates, "{site}");
        }
    }

    #[test]
    fn an_excerpt_says_what_the_list_says() {
        let sites = [
            "wikipedia.org",
            "paypal.com",
            "paypa1.com",
            "rnicrosoft.com",
            "xn--pypal-rqa.com",
            "nobody.example",
        ];
        let whole = Popularity::default();
        let excerpt = whole.excerpt(sites);
        assert_eq!(excerpt.iter().filter(|standing| standing.is_imitation).count(), 3, "{excerpt:?}");
        let again = Popularity::of_excerpt(&excerpt);
        assert_eq!(again.excerpt(sites), excerpt);
        assert_eq!(again.excerpt(["boeing.com"])[0].popularity, 0.0, "it knows no other");
    }
}

//! Answers from every corner: the product of what an answer may hold, with nasty texts in every place.
//! Each is valid by `xmllint` against the RFC's own grammar, and is read back equal.
//!
//! The same number is always the same answer. An ordinary run takes some thousands, spread evenly over
//! the product; `CNRP_ANSWERS` says how many:
//! `CNRP_ANSWERS=1000000 cargo test --release --lib generated -- --nocapture`.

use std::{sync::Arc, time::Duration};

use super::{
    dice::Dice,
    expected::{expected, nothing_lost},
    xmllint::assert_valid,
};
use crate::{
    model::{
        Answer, Confidence, Dataset, Property, PropertyDeclaration, PropertyReference, Referral, ResultItem,
        Schema, Server, Service, Status, StatusCode,
    },
    protocol::{decode_answer, encode_answer},
};

/// How many an ordinary run takes.
const FEW: usize = 3000;

/// How many documents one `xmllint` judges.
const BATCH: usize = 2000;

/// What may be wrong with a text that somebody else wrote.
const TEXTS: [&str; 24] = [
    "Acme",
    "",
    "  two  words ",
    "]]>",
    "<![CDATA[x]]>",
    "&amp; &lt; &#x41; &bogus; &",
    "\"double\" and 'single'",
    "<script>alert(1)</script>",
    "--> <!-- x -- y",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x [<!ENTITY e 'x'>]> &e;",
    "\0\u{1}\u{8}\u{b}\u{c}\u{1b}[31m\u{1f}",
    "tab\tline\ncrlf\r\ncr\r",
    "\u{7f}\u{80}\u{85}x\u{9f}",
    "\u{feff}x\u{2028}y\u{2029}",
    "x\u{fffe}y\u{ffff}z\u{fffd}",
    "\u{1fffe}\u{10ffff}\u{e000}",
    "😀👩‍👩‍👧 𝕬𝖈𝖒𝖊",
    "\u{202e}emcA\u{202c}\u{2066}x\u{2069}\u{200f}",
    "e\u{301}\u{327}\u{345}",
    "東京大学 שלום مرحبا हिन्दी",
    "i0",
    "x-confidence",
    "%00%zz",
];

/// Ten thousand letters, of one byte, of three, and such as are written longer than they are.
const LONG: [&str; 3] = ["x", "京", "&"];

/// How many ways there are in each dimension of the product.
const WAYS: [usize; 8] = [TEXTS.len() + LONG.len(), 3, 5, 4, 4, 5, 4, 5];

/// A number of the product, taken apart: which way each dimension goes.
struct Corner {
    text: String,
    services: usize,
    own: usize,
    results: usize,
    origin: usize,
    properties: usize,
    referrals: usize,
    statuses: usize,
    has_doctype: bool,
    dice: Dice,
}

impl Corner {
    fn new(number: usize) -> Self {
        let product: usize = WAYS.iter().product();
        // A stride that shares no factor with the product visits all of it, and a short run all over.
        let mut rest = number.wrapping_mul(1_000_003) % product;
        let [text, services, own, results, origin, properties, referrals, statuses] = WAYS.map(|ways| {
            let way = rest % ways;
            rest /= ways;
            way
        });
        let text = match TEXTS.get(text) {
            Some(text) => (*text).to_owned(),
            None => LONG[text - TEXTS.len()].repeat(10_000),
        };
        let mut dice = Dice(number as u64);
        let has_doctype = dice.roll(2) == 0;
        Self { text, services, own, results, origin, properties, referrals, statuses, has_doctype, dice }
    }

    fn nasty(&mut self) -> String {
        self.dice.pick(&TEXTS).to_owned()
    }

    fn answer(&mut self) -> Answer {
        if self.statuses == 4 {
            // Who is no service says one thing.
            return Answer::fatal(Status::new(self.code(), self.text.clone()));
        }
        let services = self.services();
        let results = [0, 1, 3, 8][self.results];
        Answer {
            service: Some(Arc::clone(&services[0])),
            results: (0..results).map(|nth| self.result(&services, nth)).collect(),
            referrals: self.referrals(&services),
            statuses: self.statuses(&services),
        }
    }

    /// The service that answers, and up to two others.
    fn services(&mut self) -> Vec<Arc<Service>> {
        let mut services = vec![Arc::new(self.service("urn:own", self.own))];
        for nth in 0..self.services {
            let other = self.dice.roll(5);
            services.push(Arc::new(self.service(&format!("urn:{nth}?{}", TEXTS[5]), other)));
        }
        services
    }

    fn service(&mut self, uri: &str, kind: usize) -> Service {
        let bare = Service::named(uri);
        match kind {
            0 => bare,
            1 => Service {
                description: Some(self.text.clone()),
                ttl: Some(Duration::from_secs(self.dice.roll(1 << 40) as u64)),
                ..bare
            },
            2 => Service {
                servers: (0..2).map(|_| self.server()).collect(),
                properties: self.properties(),
                ..bare
            },
            3 => Service { datasets: self.datasets(), ..bare },
            // As it answers a servicequery.
            _ => Service {
                description: Some(self.nasty()),
                datasets: self.datasets(),
                servers: vec![self.server()],
                properties: self.properties(),
                schema: Some(self.schema()),
                ..bare
            },
        }
    }

    fn server(&mut self) -> Server {
        Server { uri: self.nasty(), properties: self.properties() }
    }

    fn datasets(&mut self) -> Vec<Dataset> {
        let named = |corner: &mut Self, uri: &str| Dataset {
            uri: Some(uri.to_owned()),
            properties: corner.properties(),
        };
        vec![
            named(self, "urn:declared"),
            Dataset { uri: None, properties: self.properties() },
            named(self, "urn:other]]>&"),
        ]
    }

    fn schema(&mut self) -> Schema {
        let declaration = |corner: &mut Self, types: usize| PropertyDeclaration {
            name: corner.nasty(),
            types: (0..types).map(|_| corner.nasty()).collect(),
            default: (types > 0).then(|| corner.dice.roll(types)),
        };
        let declarations: Vec<_> = (0..4).map(|types| declaration(self, types)).collect();
        let reference = |dice: &mut Dice| PropertyReference {
            declaration: dice.roll(declarations.len()),
            required: dice.roll(2) == 0,
        };
        let mut references = |most: usize| (0..most).map(|_| reference(&mut self.dice)).collect::<Vec<_>>();
        let (query, resource, service) = (references(3), references(1), references(0));
        Schema { declarations, query, resource, service }
    }

    fn properties(&mut self) -> Vec<Property> {
        match self.properties {
            0 => Vec::new(),
            1 => vec![
                Property::new("Language", "RFC1766", "fr-FR"),
                Property::new("language", "rfc1766", "en"),
                Property::new("geography", "iso3166-2", "US-CA"),
            ],
            2 => {
                vec![Property::new("mood", "", self.nasty()), Property::new("X-Mood", "x-kind", self.nasty())]
            }
            3 => vec![Property::new(self.nasty(), self.nasty(), self.nasty())],
            _ => vec![
                Property::new("X-Confidence", "x-level", "high"),
                Property::new("x-confidence\0", "", "high"),
                Property::new("category", "naics", self.nasty()),
            ],
        }
    }

    fn result(&mut self, services: &[Arc<Service>], nth: usize) -> ResultItem {
        let service = Arc::clone(&services[if self.origin == 0 { 0 } else { nth % services.len() }]);
        let dataset = match self.origin {
            2 => Some("urn:declared".to_owned()),
            3 => Some(format!("urn:not:declared:{}<&", nth % 2)),
            _ => None,
        };
        ResultItem {
            commonname: if nth == 0 { self.text.clone() } else { self.nasty() },
            id: self.nasty(),
            uri: self.nasty(),
            description: if nth == 1 { self.text.clone() } else { self.nasty() },
            properties: if nth == 2 {
                vec![Property::new("x-note", "freeform", self.text.clone())]
            } else {
                self.properties()
            },
            service,
            dataset,
            score: 1.0 / (nth + 1) as f64,
            confidence: self.dice.pick(&[Confidence::Low, Confidence::Medium, Confidence::High]),
            why: None,
        }
    }

    fn referrals(&mut self, services: &[Arc<Service>]) -> Vec<Referral> {
        let to = |nth: usize, dataset: Option<&str>| Referral {
            service: Arc::clone(&services[nth % services.len()]),
            dataset: dataset.map(str::to_owned),
        };
        match self.referrals {
            0 => Vec::new(),
            1 => vec![to(1, None)],
            2 => vec![to(2, Some("urn:declared"))],
            _ => (0..7).map(|nth| to(nth, [None, Some("urn:declared"), Some("urn:x&")][nth % 3])).collect(),
        }
    }

    fn statuses(&mut self, services: &[Arc<Service>]) -> Vec<Status> {
        let last = &services[services.len() - 1];
        match self.statuses {
            0 => Vec::new(),
            1 => vec![Status::new(self.code(), self.text.clone())],
            2 => vec![Status::about(self.code(), self.nasty(), Arc::clone(last))],
            _ => vec![
                Status::about(self.code(), self.nasty(), Arc::clone(&services[0])),
                Status::new(self.code(), self.nasty()),
                Status::about(StatusCode::REFERRAL_SERVER_UNAVAILABLE, self.text.clone(), Arc::clone(last)),
            ],
        }
    }

    fn code(&mut self) -> StatusCode {
        let class = u8::try_from(1 + self.dice.roll(5)).unwrap();
        let part = |dice: &mut Dice| u16::try_from(dice.roll(1000)).unwrap();
        StatusCode::new(class, part(&mut self.dice), part(&mut self.dice))
    }
}

#[test]
fn r19_an_answer_from_every_corner_is_valid_and_is_read_back_equal() {
    let count = std::env::var("CNRP_ANSWERS").map_or(FEW, |count| count.parse().expect("a number"));
    let mut bytes = 0;
    for first in (0..count).step_by(BATCH) {
        let mut documents = Vec::with_capacity(BATCH);
        for number in first..(first + BATCH).min(count) {
            let mut corner = Corner::new(number);
            let answer = corner.answer();
            let document = encode_answer(&answer, corner.has_doctype);
            let read = decode_answer(&document, None).unwrap_or_else(|invalid| panic!("{number}: {invalid}"));
            assert_eq!(read, expected(&answer), "answer {number}");
            nothing_lost(&answer, &read);
            bytes += document.len();
            documents.push(document);
        }
        assert_valid(&documents);
    }
    let product: usize = WAYS.iter().product();
    println!("{count} answers of {bytes} bytes, valid and read back equal; the product has {product}");
}

#[test]
fn the_product_is_visited_evenly() {
    let product: usize = WAYS.iter().product();
    let is_visited_whole = WAYS.iter().all(|ways| 1_000_003 % ways != 0) && product < 1_000_000;
    assert!(is_visited_whole, "a million answers hold every combination: {product}");
    let mut seen = [const { std::collections::BTreeSet::new() }; 3];
    for number in 0..FEW {
        let corner = Corner::new(number);
        seen[0].insert(corner.text.clone());
        seen[1].insert(format!("{}{}{}{}", corner.services, corner.own, corner.results, corner.origin));
        seen[2].insert(format!("{}{}{}", corner.properties, corner.referrals, corner.statuses));
    }
    assert_eq!(seen.map(|set| set.len()), [27, 3 * 5 * 4 * 4, 5 * 4 * 5]);
}

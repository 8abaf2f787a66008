//! Whether a reader of a DTD always knows which rule an element follows, and by which repetition,
//! without looking ahead. In the model of `results` in the RFC's text a service may follow a service
//! in two ways: some validators refuse that, and `xmllint` does not tell.

use std::collections::BTreeMap;

/// A content model being read: every name in it is a position, and each position has those that
/// may come after it.
#[derive(Default)]
struct Model {
    names: Vec<String>,
    after: BTreeMap<usize, Vec<usize>>,
    is_ambiguous: bool,
}

/// Where a part of a model may begin and end, and whether it may be left out.
#[derive(Clone, Default)]
struct Part {
    first: Vec<usize>,
    last: Vec<usize>,
    may_be_absent: bool,
}

impl Model {
    fn is_deterministic(text: &str) -> bool {
        let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut model = Self::default();
        let whole = model.part(&mut letters.as_slice());
        model.check(&whole.first);
        for after in model.after.clone().values() {
            model.check(after);
        }
        !model.is_ambiguous
    }

    /// Two ways to one name can't be told apart.
    fn check(&mut self, places: &[usize]) {
        let mut names: Vec<_> = places.iter().map(|place| &self.names[*place]).collect();
        let ways = names.len();
        names.sort_unstable();
        names.dedup();
        self.is_ambiguous |= names.len() < ways;
    }

    fn part(&mut self, rest: &mut &[char]) -> Part {
        let mut part = if rest.first() == Some(&'(') { self.group(rest) } else { self.name(rest) };
        let Some(sign @ ('?' | '*' | '+')) = rest.first().copied() else { return part };
        *rest = &rest[1..];
        part.may_be_absent |= sign != '+';
        if sign != '?' {
            self.follow(&part.last, &part.first);
        }
        part
    }

    fn name(&mut self, rest: &mut &[char]) -> Part {
        let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '#').count();
        let (name, after) = rest.split_at(length);
        *rest = after;
        self.names.push(name.iter().collect());
        let place = vec![self.names.len() - 1];
        Part { first: place.clone(), last: place, may_be_absent: false }
    }

    fn group(&mut self, rest: &mut &[char]) -> Part {
        *rest = &rest[1..];
        let mut whole = self.part(rest);
        while let Some(sign @ (',' | '|')) = rest.first().copied() {
            *rest = &rest[1..];
            let next = self.part(rest);
            whole = if sign == '|' { either(whole, next) } else { self.sequence(whole, next) };
        }
        *rest = &rest[1..];
        whole
    }

    fn sequence(&mut self, before: Part, next: Part) -> Part {
        self.follow(&before.last, &next.first);
        let Part { mut first, last, may_be_absent } = before;
        let mut ends = next.last;
        first.extend(next.first.iter().filter(|_| may_be_absent));
        ends.extend(last.iter().filter(|_| next.may_be_absent));
        Part { first, last: ends, may_be_absent: may_be_absent && next.may_be_absent }
    }

    fn follow(&mut self, ends: &[usize], starts: &[usize]) {
        for end in ends {
            self.after.entry(*end).or_default().extend(starts);
        }
    }
}

fn either(one: Part, other: Part) -> Part {
    Part {
        first: [one.first, other.first].concat(),
        last: [one.last, other.last].concat(),
        may_be_absent: one.may_be_absent || other.may_be_absent,
    }
}

#[test]
fn d1_every_model_of_our_dtd_is_deterministic_and_the_text_s_is_not() {
    let ours = include_str!("../../../fixtures/cnrp.dtd");
    let models = ours.split("<!ELEMENT ").skip(1).filter_map(|element| {
        let (_, model) = element.split_once('>')?.0.split_once(char::is_whitespace)?;
        model.trim_start().starts_with('(').then_some(model)
    });
    let models: Vec<_> = models.collect();
    assert!(models.len() > 20, "only {} models", models.len());
    for model in models {
        assert!(Model::is_deterministic(model), "{model}");
    }
    let of_the_text = "(status? | ( service+, ( status | resourcedescriptor | referral )* )* )";
    assert!(!Model::is_deterministic("((a, b) | (a, c))"));
    assert!(!Model::is_deterministic(of_the_text));
}

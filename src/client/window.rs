//! The part of the results that a question wants, where several services answer it: a range counts the
//! results of all of them together, the first service's before the others' (D6).

use crate::{
    model::{Property, Question, Range, ResultItem, Status, StatusCode},
    protocol::{self, vocabulary as v},
};

/// Which part of the results is wanted, and how much of it comes before what the others give.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    range: Range,
    /// How many results of the others lie before it; known once the first service has answered.
    skipped: usize,
}

impl Window {
    /// The part that a question wants.
    pub(super) fn of(question: &Question) -> Self {
        Self { range: protocol::read_properties(&question.properties).range, skipped: 0 }
    }

    /// Whether this many results of the first service leave open how many it has before the range: one
    /// result shows that the range begins among its own.
    pub(super) fn is_past(&self, results: usize) -> bool {
        self.is_late() && results == 0
    }

    /// Whether it begins behind the first result, so that what lies before it has to be counted.
    pub(super) fn is_late(&self) -> bool {
        self.range.start > 1
    }

    /// Takes note that the first service ends before the range, after this many results.
    pub(super) fn begins_after(&mut self, results: usize) {
        self.skipped = self.range.start.saturating_sub(1).saturating_sub(results);
    }

    /// What another service is asked: all from its first result on, as those that lie before the range
    /// have to be counted.
    pub(super) fn properties_for_others(&self, properties: &[Property]) -> Vec<Property> {
        match self.range.length {
            Some(length) if self.is_late() => ranged(properties, 1, self.skipped.saturating_add(length)),
            _ => properties.to_vec(),
        }
    }

    /// Leaves of the others' results, which follow `own` of the first service, those within the range.
    pub(super) fn cut(&self, own: usize, others: &mut Vec<ResultItem>) {
        others.drain(..self.skipped.min(others.len()));
        others.truncate(self.range.length.map_or(usize::MAX, |length| length.saturating_sub(own)));
    }

    /// Of the first service's results those that are wanted, where others follow them.
    pub(super) fn cut_own(&self, own: &mut Vec<ResultItem>) {
        own.truncate(self.range.length.unwrap_or(usize::MAX));
    }

    /// What there is to say where this many results in all leave none in the range.
    pub(super) fn missed(&self, results: usize) -> Option<Status> {
        let is_missed = results > 0;
        is_missed.then(|| Status::new(StatusCode::NOTHING_MATCHED, self.range.past(results)))
    }
}

/// The question that shows what there is before the range of another, behind the first `known` results;
/// `None` if there is nothing more.
pub fn before_range(question: &Question, known: usize) -> Option<Question> {
    let length = Window::of(question).range.start.checked_sub(1)?;
    let properties = ranged(&question.properties, 1, length);
    rest(&Question { target: question.target.clone(), properties }, known)
}

/// The question for what a range holds behind the first `known` results of it; `None` if it holds no more.
pub(super) fn rest(question: &Question, known: usize) -> Option<Question> {
    let range = Window::of(question).range;
    let length = range.length?.checked_sub(known).filter(|length| *length > 0)?;
    let properties = ranged(&question.properties, range.start.saturating_add(known), length);
    Some(Question { target: question.target.clone(), properties })
}

/// The properties with this range.
fn ranged(properties: &[Property], start: usize, length: usize) -> Vec<Property> {
    let others = properties.iter().filter(|property| !property.is(v::RANGE)).cloned();
    let range = format!("{}-{}", start.min(Range::MOST), length.min(Range::MOST));
    others.chain([Property::new(v::RANGE, v::START_LENGTH, range)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Target};

    fn question(range: &str) -> Question {
        let properties = vec![
            Property::new("geography", "iso3166-1", "DE"),
            Property::new("range", "start-length", range),
        ];
        Question { target: Target::Name(CommonName::new("Acme").unwrap()), properties }
    }

    fn range_for_others(window: &Window, question: &Question) -> String {
        let properties = window.properties_for_others(&question.properties);
        assert!(properties[0].is("geography") && properties.len() == 2);
        properties[1].value.clone()
    }

    #[test]
    fn d6_others_are_asked_from_their_first_result_on_for_what_may_lie_in_the_range() {
        let asked = question("4-2");
        let mut window = Window::of(&asked);
        assert!(window.is_past(0) && !window.is_past(1));
        assert_eq!(range_for_others(&window, &asked), "1-2", "the range begins among the first's own");
        window.begins_after(1);
        assert_eq!(range_for_others(&window, &asked), "1-4");
        assert_eq!(before_range(&asked, 0).unwrap().properties[1].value, "1-3");
        let from_the_start = question("1-5");
        assert!(!Window::of(&from_the_start).is_past(0));
        assert_eq!(range_for_others(&Window::of(&from_the_start), &from_the_start), "1-5");
        assert_eq!(before_range(&from_the_start, 0), None);
        let most = question("999999999-999999999");
        let mut window = Window::of(&most);
        window.begins_after(0);
        assert_eq!(range_for_others(&window, &most), "1-999999999", "what is read as a range is sent");
    }

    #[test]
    fn d6_the_rest_of_a_range_begins_behind_what_is_known_of_it() {
        let rest = |range, known| rest(&question(range), known).map(|rest| rest.properties[1].value.clone());
        assert_eq!(rest("11-5", 2).as_deref(), Some("13-3"));
        assert_eq!((rest("11-5", 5), rest("11-5", 9)), (None, None));
        let before =
            |known| before_range(&question("151-3"), known).map(|one| one.properties[1].value.clone());
        assert_eq!((before(100).as_deref(), before(150)), (Some("101-50"), None));
    }
}

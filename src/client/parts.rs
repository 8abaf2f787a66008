//! A list that comes in parts. A service gives only so many results at once and does not say how many it
//! has, so that fewer came than were asked for is no end: an empty part is (D6), and one that begins anew.
//! What can't be used has its place in the list as well, so it is dropped when all has come.

use std::collections::HashSet;

use super::{gathered::identity, window::rest};
use crate::model::{Answer, Failure, Question, Status, StatusCode};

/// What came in answer to `question`, behind what is `held` of the same list; and the question for what
/// may come behind that. Whoever takes no notice of ranges says the same again, from the first result on.
pub(super) fn joined(
    held: Option<Answer>,
    mut part: Answer,
    question: &Question,
) -> (Answer, Option<Question>) {
    let Some(mut all) = held else {
        let next = if part.results.is_empty() { None } else { rest(question, part.results.len()) };
        return (part, next);
    };
    let came = part.results.len();
    let first = all.results.first().map(identity);
    let begins_anew = part.results.iter().any(|result| Some(identity(result)) == first);
    let known: HashSet<_> = all.results.iter().map(identity).collect();
    part.results.retain(|result| !known.contains(&identity(result)));
    let is_end = came == 0 || begins_anew && part.results.is_empty();
    let next = if is_end { None } else { rest(question, came) };
    all.results.append(&mut part.results);
    for status in part.statuses {
        if status.code.is_incomplete() && !all.statuses.contains(&status) {
            all.statuses.push(status);
        }
    }
    (all, next)
}

/// What is held of a list whose rest could not be had, which it says.
pub(super) fn cut_short(mut held: Answer, why: &Failure) -> Answer {
    held.statuses.push(Status::new(StatusCode::INCOMPLETE, format!("{why}; there may be more results")));
    held
}

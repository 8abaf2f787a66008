//! The range property: which part of the results is wanted. Section 4.1.3 writes it with a dash,
//! appendix A with a comma; both are understood (D6).

use crate::model::Range;

/// Digits of a number in a range. More would be absurd: no answer has a billion results.
const DIGITS: usize = 9;

/// Reads `1-5` or `1,5`: the start, counted from 1, and the length.
pub(super) fn read(value: &str) -> Option<Range> {
    let (start, length) = value.split_once(['-', ','])?;
    Some(Range { start: number(start)?, length: Some(number(length)?) })
}

/// A number above zero.
fn number(text: &str) -> Option<usize> {
    let text = text.trim();
    let is_number = (1..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d6_both_spellings_of_a_range_are_understood() {
        let range = |start, length| Some(Range { start, length: Some(length) });
        assert_eq!(read("1-5"), range(1, 5));
        assert_eq!(read("10,3"), range(10, 3));
        assert_eq!(read(" 3 , 2 "), range(3, 2));
        assert_eq!(read("999999999-999999999"), range(Range::MOST, Range::MOST));
    }

    #[test]
    fn d6_malformed_zero_and_absurd_ranges_are_none() {
        for value in [
            "",
            "5",
            "0-5",
            "1-0",
            "-1-5",
            "1--5",
            "1-5-2",
            "a-b",
            "+1-5",
            "1-",
            "1000000000-1",
            "1.0-5",
            "١-٥",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}

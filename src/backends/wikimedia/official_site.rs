//! Which of an item's statements of its official site (property P856) hold.
//!
//! The rules are Wikidata's own: a deprecated statement is known to be wrong, a preferred one hides
//! the normal ones, and one that has an end in the past no longer holds. What remains is told apart
//! by the language of the site.

use std::time::SystemTime;

use serde_json::Value;

use super::super::fields::{list, text};

/// An official site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site<'a> {
    pub(super) url: &'a str,
    /// Its language, where the statement says so and it is one of [`LANGUAGES`].
    pub(super) language: Option<&'static str>,
}

/// The languages that most sites are in, with their items.
const LANGUAGES: [(&str, &str); 14] = [
    ("en", "Q1860"),
    ("fr", "Q150"),
    ("de", "Q188"),
    ("es", "Q1321"),
    ("it", "Q652"),
    ("pt", "Q5146"),
    ("nl", "Q7411"),
    ("ja", "Q5287"),
    ("zh", "Q7850"),
    ("ru", "Q7737"),
    ("ko", "Q9176"),
    ("ar", "Q13955"),
    ("pl", "Q809"),
    ("sv", "Q9027"),
];

/// The sites of an item that hold at `now`: first those in `language`, then those of which no
/// language is said, then the others.
pub(super) fn official_sites<'a>(entity: &'a Value, language: &str, now: SystemTime) -> Vec<Site<'a>> {
    let statements = entity.get("claims").map(|claims| list(claims, "P856")).unwrap_or_default();
    let today = today(now);
    let holding: Vec<&Value> = statements
        .iter()
        .filter(|statement| rank(statement) != "deprecated" && !has_ended(statement, &today))
        .collect();
    let is_preferred = |statement: &&Value| rank(statement) == "preferred";
    let only_preferred = holding.iter().any(is_preferred);
    let best = holding.into_iter().filter(|statement| !only_preferred || is_preferred(statement));
    let mut sites: Vec<Site<'a>> = best.filter_map(site).collect();
    sites.sort_by_key(|site| match site.language {
        Some(own) if own == language => 0,
        None => 1,
        Some(_) => 2,
    });
    sites
}

fn rank(statement: &Value) -> &str {
    text(statement, "rank").unwrap_or_default()
}

/// `somevalue` and `novalue` have no `datavalue`.
fn site(statement: &Value) -> Option<Site<'_>> {
    let url = statement.pointer("/mainsnak/datavalue/value")?.as_str()?;
    let mut items = qualifiers(statement, "P407").filter_map(|value| text(value, "id"));
    let language = items.find_map(|item| LANGUAGES.iter().find(|(_, known)| *known == item));
    Some(Site { url, language: language.map(|(language, _)| *language) })
}

fn qualifiers<'a>(statement: &'a Value, property: &str) -> impl Iterator<Item = &'a Value> {
    let snaks = statement.get("qualifiers").map(|all| list(all, property)).unwrap_or_default();
    snaks.iter().filter_map(|snak| snak.pointer("/datavalue/value"))
}

/// Whether an end (P582) certainly lies in the past. A month or day that is not known is `00`.
fn has_ended(statement: &Value, today: &str) -> bool {
    let mut ends = qualifiers(statement, "P582").filter_map(|value| text(value, "time"));
    ends.any(|time| match time.strip_prefix('+').and_then(|time| time.split('T').next()) {
        // As text, dates of one length compare as dates; the end of an unknown month or day is the last.
        Some(date) if date.len() == today.len() => date.replace("-00", "-99").as_str() < today,
        // Before the year 1, or after 9999.
        Some(_) => false,
        None => time.starts_with('-'),
    })
}

/// The day as Wikidata writes it: `2026-11-24`.
fn today(now: SystemTime) -> String {
    let days = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400;
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant, "chrono-compatible low-level
/// date algorithms": years that begin in March, so that the day that is not always there is the last).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    /// 24 November 2026.
    const NOW: u64 = 20_781;

    fn statement(url: &str, rank: &str, qualifiers: &Value) -> Value {
        json!({ "rank": rank, "mainsnak": { "snaktype": "value", "datavalue": { "type": "string", "value": url } },
                "qualifiers": qualifiers })
    }

    fn ended(time: &str) -> Value {
        json!({ "P582": [{ "datavalue": { "value": { "time": time } } }] })
    }

    fn in_language(item: &str) -> Value {
        json!({ "P407": [{ "datavalue": { "value": { "id": item } } }] })
    }

    fn sites(language: &str, statements: &[Value]) -> Vec<String> {
        let entity = json!({ "claims": { "P856": statements } });
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW * 86_400);
        official_sites(&entity, language, now).into_iter().map(|site| site.url.to_owned()).collect()
    }

    #[test]
    fn a_preferred_statement_hides_the_normal_ones_and_a_deprecated_one_is_wrong() {
        let all = ["normal", "preferred", "deprecated"].map(|rank| statement(rank, rank, &Value::Null));
        assert_eq!(sites("en", &all), ["preferred"]);
        let [normal, _, deprecated] = all;
        assert_eq!(sites("en", &[deprecated, normal]), ["normal"]);
    }

    #[test]
    fn a_statement_that_has_ended_no_longer_holds() {
        for (end, holds) in [
            ("+2026-11-23T00:00:00Z", false),
            ("+2026-11-24T00:00:00Z", true),
            ("+2025-00-00T00:00:00Z", false),
            ("+2026-00-00T00:00:00Z", true),
            ("+2026-10-00T00:00:00Z", false),
            ("-0044-03-15T00:00:00Z", false),
            ("+12026-01-01T00:00:00Z", true),
            ("soon", true),
        ] {
            assert_eq!(sites("en", &[statement("x", "normal", &ended(end))]).len() == 1, holds, "{end}");
        }
        // What has ended hides nothing either.
        let old = statement("old", "preferred", &ended("+2001-01-01T00:00:00Z"));
        assert_eq!(sites("en", &[old, statement("new", "normal", &Value::Null)]), ["new"]);
    }

    #[test]
    fn the_wanted_language_comes_first_and_then_what_names_none() {
        let all = [
            statement("german", "normal", &in_language("Q188")),
            statement("any", "normal", &Value::Null),
            statement("french", "normal", &in_language("Q150")),
        ];
        assert_eq!(sites("fr", &all), ["french", "any", "german"]);
        assert_eq!(sites("en", &all), ["any", "german", "french"]);
    }

    #[test]
    fn a_statement_without_a_value_is_none() {
        let unknown = json!({ "rank": "normal", "mainsnak": { "snaktype": "somevalue" } });
        assert!(sites("en", &[unknown, json!(7), json!({ "mainsnak": [] })]).is_empty());
    }

    #[test]
    fn days_are_counted_as_in_the_calendar() {
        for (days, date) in
            [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (11_017, (2000, 3, 1)), (NOW, (2026, 11, 24))]
        {
            assert_eq!(civil(days), date);
        }
    }
}

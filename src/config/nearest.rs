//! The word somebody meant, by the fewest slips of the finger.

/// Says that `found` is none of `known`: the nearest where one is near, otherwise all of them.
///
/// ```
/// # use cnrp_gateway::config::unknown;
/// assert_eq!(unknown("statik", &["static", "dns"]), r#"unknown "statik"; did you mean "static"?"#);
/// assert_eq!(unknown("ldap", &["static", "dns"]), r#"unknown "ldap"; expected one of static, dns"#);
/// ```
pub fn unknown(found: &str, known: &[&str]) -> String {
    format!("unknown {}; {}", quoted(found), advice(found, known))
}

/// What somebody wrote, in quotes, and no longer than a line bears.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() { format!("{start:?}...") } else { format!("{text:?}") }
}

/// What to write in place of the key `found`.
pub(super) fn unknown_key(found: &str, known: &[&str]) -> String {
    format!("unknown key; {}", advice(found, known))
}

fn advice(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None if known.is_empty() => "none is expected here".to_owned(),
        None => format!("expected one of {}", known.join(", ")),
    }
}

/// The nearest of `known`, if a third of its letters at most would have to change.
pub(super) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase().replace('-', "_");
    let distance = |word: &str| strsim::osa_distance(&found, &word.to_lowercase().replace('-', "_"));
    let (slips, word) = known.iter().map(|word| (distance(word), *word)).min()?;
    (slips <= word.chars().count().div_ceil(3)).then_some(word)
}

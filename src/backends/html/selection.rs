//! CSS selectors with a place for an attribute, and the rows they find.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::{
    backends::endpoint::{MOST_ROWS, hit},
    config::{Options, Problems},
    model::Hit,
};

/// Text as long as any title or description is kept; a longer one is cut while it is collected.
const TEXT_LIMIT: usize = 4096;

/// Where the rows of a page are, and what is what in a row.
pub(super) struct Selections {
    results: Selector,
    title: Selection,
    link: Selection,
    description: Option<Selection>,
}

/// An element within a row, or the row itself where no selector is given, and what of it counts.
struct Selection {
    selector: Option<Selector>,
    /// Its text counts where no attribute is named.
    attribute: Option<String>,
}

impl Selections {
    /// Reads the options of these names.
    ///
    /// # Errors
    /// Which of them is no selector.
    pub(super) fn read(
        options: &Options,
        results: &str,
        title: &str,
        link: &str,
        description: Option<&str>,
    ) -> Result<Self, Problems> {
        let mut link = Selection::read(options, "link", link)?;
        link.attribute.get_or_insert_with(|| "href".to_owned());
        Ok(Self {
            results: selector(options, "results", results)?,
            title: Selection::read(options, "title", title)?,
            link,
            description: description.map(|text| Selection::read(options, "description", text)).transpose()?,
        })
    }

    /// The hits of a page whose links are relative to `base`.
    pub(super) fn hits(&self, page: &str, base: &Url) -> Vec<Hit> {
        let page = Html::parse_document(page);
        let rows = page.select(&self.results).take(MOST_ROWS);
        rows.filter_map(|row| self.hit(row, base)).collect()
    }

    fn hit(&self, row: ElementRef<'_>, base: &Url) -> Option<Hit> {
        let description = self.description.as_ref().and_then(|selection| selection.text(row));
        let title = self.title.text(row).unwrap_or_default();
        hit(base, title, &self.link.text(row)?, description.unwrap_or_default())
    }
}

impl Selection {
    fn read(options: &Options, key: &str, text: &str) -> Result<Self, Problems> {
        let (css, attribute) = split(text);
        let selector = if css.is_empty() { None } else { Some(selector(options, key, css)?) };
        if selector.is_none() && attribute.is_none() {
            return Err(options.wrong(key, "expected a CSS selector, such as `a.title` or `a@href`"));
        }
        Ok(Self { selector, attribute: attribute.map(str::to_owned) })
    }

    fn text(&self, row: ElementRef<'_>) -> Option<String> {
        let element = match &self.selector {
            Some(selector) => row.select(selector).next()?,
            None => row,
        };
        match &self.attribute {
            Some(attribute) => element.attr(attribute).map(str::to_owned),
            None => Some(collapsed(element.text())),
        }
    }
}

/// Parts `a.title@href`. What follows the last `@` is an attribute only if it can be one, as `@`
/// may also stand in a quoted value: `[href*="@"]`.
fn split(text: &str) -> (&str, Option<&str>) {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte))
    };
    match text.trim().rsplit_once('@') {
        Some((css, attribute)) if is_name(attribute.trim()) => (css.trim(), Some(attribute.trim())),
        _ => (text.trim(), None),
    }
}

fn selector(options: &Options, key: &str, css: &str) -> Result<Selector, Problems> {
    Selector::parse(css).map_err(|error| {
        // Where the parser has no words of its own, it asks for a report and gives the cause below.
        let story = error.to_string();
        let cause = story.lines().last().unwrap_or_default();
        options.wrong(key, &format!("`{css}` is no CSS selector: {cause}"))
    })
}

/// The words of some pieces of text, one space apart.
fn collapsed<'a>(pieces: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut apart = false;
    for c in pieces.flat_map(str::chars) {
        if out.len() >= TEXT_LIMIT {
            break;
        }
        if c.is_whitespace() {
            apart = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut apart) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_follows_the_last_at_sign() {
        assert_eq!(split("a.title@href"), ("a.title", Some("href")));
        assert_eq!(split(" @data-url "), ("", Some("data-url")));
        assert_eq!(split("a[href*='@']"), ("a[href*='@']", None));
        assert_eq!(split("a[href*='@x']@title"), ("a[href*='@x']", Some("title")));
        assert_eq!(split("h3"), ("h3", None));
    }

    #[test]
    fn a_wrong_selector_names_its_option() {
        let options = Options::from_yaml("{}").unwrap();
        for (results, title, link, key) in [
            (">>", "a", "a", "results"),
            ("li..r", "a", "a", "results"),
            ("li", "a:contains(x)", "a", "title"),
            ("li", "a", "", "link"),
        ] {
            let Err(Problems(problems)) = Selections::read(&options, results, title, link, None) else {
                panic!("{results} {title} {link} was taken")
            };
            assert_eq!(problems[0].key, key);
            assert!(!problems[0].message.contains('\n'), "{}", problems[0].message);
        }
    }

    #[test]
    fn text_is_collapsed() {
        assert_eq!(collapsed(["\n  Toys ", "", "\u{a0}R\tUs", " "].into_iter()), "Toys R Us");
        assert_eq!(collapsed(["ä".repeat(9000).as_str()].into_iter()).len(), TEXT_LIMIT);
    }
}

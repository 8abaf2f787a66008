//! Bookmarks as Firefox, Chromium and others export them: the format that Netscape began, in which
//! lists of `<DT><A HREF=...>` stand in folders of `<DT><H3>`. Firefox adds `TAGS`, a keyword
//! (`SHORTCUTURL`, whose address may hold `%s` for what follows it), and a description in `<DD>`.

use scraper::{ElementRef, Html, Selector};

use super::{Gathered, Remark, shown};
use crate::{
    backends::{
        html::depth::{DEEPEST, is_too_deep},
        static_names::Says,
    },
    model::Property,
    names::Entry,
};

/// Attributes that we carry.
const CARRIED: [&str; 3] = ["href", "shortcuturl", "tags"];

/// Folders that browsers make themselves, by the attribute that tells them.
const MADE_BY_BROWSERS: [&str; 2] = ["personal_toolbar_folder", "unfiled_bookmarks_folder"];

pub(super) fn read(text: &str, names: &mut Gathered) -> Result<(), Remark> {
    let no_bookmarks = || Remark::new(0, "holds no bookmarks; expected the HTML that a browser exports");
    if is_too_deep(text) {
        // The parser's time grows with the square of the depth.
        let message = format!("nests over {DEEPEST} elements deep; expected folders of bookmarks");
        return Err(Remark::new(0, message));
    }
    let document = Html::parse_document(text);
    let selector = |text| Selector::parse(text).map_err(|_| no_bookmarks());
    let (links, descriptions) = (selector("a[href]")?, selector("dt:has(> h3) + dd")?);
    let lines = lines_of_links(text);
    let mut is_empty = true;
    for (place, link) in document.select(&links).enumerate() {
        is_empty = false;
        take(link, lines.get(place).copied().unwrap_or_default(), names);
    }
    for _ in document.select(&descriptions) {
        names.uncarried("the description of a folder");
    }
    if is_empty { Err(no_bookmarks()) } else { Ok(()) }
}

fn take(link: ElementRef<'_>, line: usize, names: &mut Gathered) {
    let attribute = |name: &str| link.attr(name).map(str::trim).filter(|value| !value.is_empty());
    let title = on_one_line(link);
    let address = attribute("href").unwrap_or_default();
    if address.starts_with("place:") {
        names.remark(line, format!("{}: is a search in a browser's own bookmarks", shown(&title)));
        return;
    }
    for (name, value) in link.value().attrs() {
        if !CARRIED.contains(&name) && !value.trim().is_empty() {
            names.uncarried(&name.to_ascii_uppercase());
        }
    }
    let keyword = attribute("shortcuturl");
    let uri = match keyword {
        Some(_) => address.replace("%s", "{query}").replace("%S", "{rest}"),
        None => address.to_owned(),
    };
    let tags = attribute("tags").map(|tags| tags.split(',').map(str::trim).collect::<Vec<_>>());
    let categories = tags.unwrap_or_default().into_iter().map(str::to_owned).chain(folders(link));
    let properties = categories.filter(|category| !category.is_empty());
    let keyword = keyword.filter(|keyword| *keyword != title).unwrap_or_default();
    let mut called = [title, keyword.to_owned()].into_iter().filter(|name| !name.is_empty());
    let entry = Entry {
        name: called.next().unwrap_or_default(),
        aliases: called.collect(),
        uri,
        description: description(link).unwrap_or_default(),
        properties: properties.map(|category| Property::new("category", "freeform", category)).collect(),
        ..Entry::default()
    };
    names.add(line, entry, Says::Leads);
}

/// The folders that a link is in, the nearest first, but for those that every browser has.
fn folders(link: ElementRef<'_>) -> impl Iterator<Item = String> {
    let lists =
        link.ancestors().filter_map(ElementRef::wrap).filter(|element| element.value().name() == "dl");
    let headings = lists.filter_map(heading);
    let own = headings.filter(|heading| MADE_BY_BROWSERS.iter().all(|made| heading.attr(made).is_none()));
    own.map(on_one_line)
}

/// The heading of a list. Where a description is between them, the list stands in that.
fn heading(list: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_heading = |element: &ElementRef<'_>| element.value().name() == "h3";
    if let Some(heading) = before(list).filter(is_heading) {
        return Some(heading);
    }
    let description =
        list.parent().and_then(ElementRef::wrap).filter(|parent| parent.value().name() == "dd")?;
    before(description)?.children().filter_map(ElementRef::wrap).find(is_heading)
}

/// The element before one, beside it.
fn before(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.prev_siblings().find_map(ElementRef::wrap)
}

/// The text of an element, in which line ends are spaces as in any HTML.
fn on_one_line(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of the `<DD>` behind a link: of its own, as lists may stand in it.
fn description(link: ElementRef<'_>) -> Option<String> {
    let item = link.parent().and_then(ElementRef::wrap)?;
    let next = item.next_siblings().find_map(ElementRef::wrap)?;
    let texts = next.children().filter_map(|child| child.value().as_text().map(|text| text.to_string()));
    (next.value().name() == "dd").then(|| texts.collect::<String>().trim().to_owned())
}

/// The line of each link, in the order of the document.
fn lines_of_links(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let lower = text.to_ascii_lowercase();
        lines.extend(lower.match_indices("<a ").map(|_| line));
    }
    lines
}

//! The addresses of golink, which are Go templates: as much of the language as an address of ours
//! can say, and back.
//!
//! An address without a template takes what follows its name at its end. `{{.Path}}`, alone or escaped,
//! takes it where it stands; `{{with .Path}}...{{end}}` and `{{if .Path}}...{{else}}...{{end}}`
//! tell a name alone from one with something behind it, which is what our `plain` says.

use crate::names::parameters::takes_parameter;

/// Where a link leads, in our words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) uri: String,
    pub(super) plain: String,
}

/// A part of a template.
enum Part<'a> {
    Text(&'a str),
    Action(&'a str),
}

/// Reads an address; the error is the part of the template that we have no word for.
pub(super) fn read(long: &str) -> Result<Address, String> {
    if !long.contains("{{") {
        let parted = if long.ends_with('/') { "" } else { "/" };
        let plain = if parted.is_empty() { String::new() } else { long.to_owned() };
        return Ok(Address { uri: format!("{long}{parted}{{rest}}"), plain });
    }
    let mut branches = Branches::default();
    for part in parts(long)? {
        match part {
            Part::Text(text) => branches.text(text),
            Part::Action(action) => branches.action(action)?,
        }
    }
    branches.address()
}

fn parts(long: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = long;
    while let Some((text, after)) = rest.split_once("{{") {
        let (action, behind) = after.split_once("}}").ok_or_else(|| format!("{{{{{after}"))?;
        // A dash inside the braces takes the white space outside them away.
        let (text, action) = match action.strip_prefix("- ") {
            Some(action) => (text.trim_end(), action),
            None => (text, action),
        };
        let (action, behind) = match action.strip_suffix(" -") {
            Some(action) => (action, behind.trim_start()),
            None => (action, behind),
        };
        parts.extend([Part::Text(text), Part::Action(action.trim())]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// Which questions a part of a template is for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Branch {
    #[default]
    Both,
    WithPath,
    Without,
}

/// The address with something behind the name, and without, as they grow.
#[derive(Default)]
struct Branches {
    with: String,
    without: String,
    branch: Branch,
}

impl Branches {
    fn text(&mut self, text: &str) {
        if self.branch != Branch::Without {
            self.with.push_str(text);
        }
        if self.branch != Branch::WithPath {
            self.without.push_str(text);
        }
    }

    fn action(&mut self, action: &str) -> Result<(), String> {
        let words: Vec<_> = action.split_whitespace().collect();
        match (words.as_slice(), self.branch) {
            (["with" | "if", ".Path"], Branch::Both) => self.branch = Branch::WithPath,
            (["else"], Branch::WithPath) => self.branch = Branch::Without,
            (["end"], Branch::WithPath | Branch::Without) => self.branch = Branch::Both,
            // Without a path it is empty.
            ([".Path"], _) => self.parameter("{rest}"),
            (["PathEscape" | "QueryEscape", ".Path"], _) => self.parameter("{query}"),
            (["."], Branch::WithPath) => self.parameter("{rest}"),
            (["PathEscape" | "QueryEscape", "."], Branch::WithPath) => self.parameter("{query}"),
            _ => return Err(format!("{{{{{action}}}}}")),
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: &str) {
        if self.branch != Branch::Without {
            self.with.push_str(parameter);
        }
    }

    fn address(self) -> Result<Address, String> {
        let Self { with, without, branch } = self;
        if branch != Branch::Both {
            return Err("a condition without its {{end}}".to_owned());
        }
        if !takes_parameter(&with) {
            // One that leads elsewhere where something follows it, whatever that is.
            return if with == without {
                Ok(Address { uri: with, plain: String::new() })
            } else {
                Err("a condition on a path that it then does not use".to_owned())
            };
        }
        let bare = with.replace("{rest}", "").replace("{query}", "");
        let plain = if bare == without { String::new() } else { without };
        Ok(Address { uri: with, plain })
    }
}

/// An address of ours as golink writes it.
pub(super) fn write(address: &Address) -> String {
    let Address { uri, plain } = address;
    if let Some(bare) = uri.strip_suffix("{rest}")
        && !takes_parameter(bare)
        && !bare.contains(['?', '#'])
        && bare.ends_with('/')
    {
        if plain.is_empty() {
            return bare.to_owned();
        }
        if bare.strip_suffix('/') == Some(plain) {
            return plain.clone();
        }
    }
    if plain.is_empty() {
        return with_actions(uri, ".Path");
    }
    // What both have in common stands outside the condition.
    let common = uri.char_indices().zip(plain.chars()).take_while(|((_, a), b)| a == b && *a != '{');
    let shared = common.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    let (Some(start), Some(end), Some(behind)) = (uri.get(..shared), plain.get(shared..), uri.get(shared..))
    else {
        return with_actions(uri, ".Path");
    };
    match behind.strip_suffix(end) {
        Some(middle) if !takes_parameter(end) => {
            format!("{start}{{{{with .Path}}}}{}{{{{end}}}}{end}", with_actions_after(start, middle, "."))
        }
        _ => format!("{{{{if .Path}}}}{}{{{{else}}}}{plain}{{{{end}}}}", with_actions(uri, ".Path")),
    }
}

fn with_actions(uri: &str, path: &str) -> String {
    with_actions_after("", uri, path)
}

/// The parameters in `text`, which stands behind `before`, as actions.
fn with_actions_after(before: &str, text: &str, path: &str) -> String {
    let is_query = before.contains(['?', '#']);
    let path_ends = if is_query { 0 } else { text.find(['?', '#']).unwrap_or(text.len()) };
    let (in_path, behind) = text.split_at_checked(path_ends).unwrap_or((text, ""));
    let raw = format!("{{{{{path}}}}}");
    let in_path = in_path.replace("{query}", &format!("{{{{PathEscape {path}}}}}"));
    let behind = behind.replace("{query}", &format!("{{{{QueryEscape {path}}}}}"));
    (in_path + &behind).replace("{rest}", &raw)
}

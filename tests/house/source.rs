//! The sources as the rules see them: without comments, string contents and test code, so that
//! only what the compiler acts on is judged.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One file under `src/`.
pub(crate) struct Source {
    /// From the project's folder: `src/cache/outcome.rs`.
    pub(crate) path: String,
    /// Without test modules, otherwise as written.
    pub(crate) text: String,
    /// Without comments and string contents as well.
    pub(crate) code: String,
}

impl Source {
    /// Reads Rust text as it would stand at `path`.
    pub(crate) fn new(path: impl Into<String>, text: impl AsRef<str>) -> Self {
        let code = without_comments(text.as_ref());
        let tests = test_items(&code);
        Self { path: path.into(), text: blanked(text.as_ref(), &tests), code: blanked(&code, &tests) }
    }

    /// The module path: `["cache", "outcome"]` of `src/cache/outcome.rs`, nothing for `lib.rs`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
        if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
            parts.pop();
        }
        parts
    }

    /// How many lines there are to read: comments count, blank lines don't.
    pub(crate) fn lines(&self) -> usize {
        self.text.lines().filter(|line| !line.trim().is_empty()).count()
    }
}

/// The project's folder.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under `src/` that is not a file of tests, in order of path.
pub(crate) fn sources() -> Vec<Source> {
    let is_tests = |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/");
    let files = files_under(&project().join("src"), "rs").into_iter();
    let read = files.map(|file| {
        let path = file.strip_prefix(project()).unwrap().to_string_lossy().into_owned();
        (path, fs::read_to_string(&file).unwrap())
    });
    let found: Vec<_> =
        read.filter(|(path, _)| !is_tests(path)).map(|(path, text)| Source::new(path, text)).collect();
    assert!(found.len() > 10, "the sources were not found");
    found
}

/// Every file below `folder` whose name ends in `.ext`, sorted.
pub(crate) fn files_under(folder: &Path, ext: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            found.extend(files_under(&path, ext));
        } else if path.extension().is_some_and(|e| e == ext) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Blanks comments and the contents of strings and characters; every other byte stays in its place.
fn without_comments(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().copied().flat_map(blank));
            at = end;
        }
    }
    out
}

/// As many bytes of nothing as the character has; line breaks are kept.
fn blank(c: char) -> impl Iterator<Item = char> {
    std::iter::repeat_n(if c == '\n' { c } else { ' ' }, c.len_utf8())
}

/// The text with these ranges of bytes blanked.
fn blanked(text: &str, ranges: &[Range<usize>]) -> String {
    let keep = |at: usize| !ranges.iter().any(|range| range.contains(&at));
    let chars = text.char_indices();
    chars.flat_map(|(at, c)| if keep(at) { vec![c] } else { blank(c).collect() }).collect()
}

/// Where the comment, string or character that begins at `at` ends; `at` if none does.
fn skipped(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match rest {
        ['/', '/', ..] => at + rest.iter().take_while(|c| **c != '\n').count(),
        ['/', '*', ..] => at + block_comment(rest),
        ['"', ..] => at + quoted(rest, '"'),
        ['r', '"' | '#', ..] if !after_word => at + raw_string(rest),
        ['b', 'r', '"' | '#', ..] if !after_word => at + 1 + raw_string(&rest[1..]),
        ['\'', '\\', ..] => at + quoted(rest, '\''),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a raw string, or nothing for a raw identifier.
fn raw_string(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let mut end = vec!['"'];
    end.extend(std::iter::repeat_n('#', hashes));
    let body = 2 + hashes;
    let length = rest[body..].windows(end.len()).position(|window| window == end);
    length.map_or(rest.len(), |found| body + found + end.len())
}

/// Where the items under `#[cfg(test)]` stand.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let starts = code.match_indices("#[cfg(test)]");
    starts.map(|(start, _)| start..start + item(&code[start..])).collect()
}

/// The length of an item: to its semicolon, or to the brace that closes its first one.
fn item(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn only_code_that_runs_is_judged() {
    let text = r####"//! crate::a
use crate::b; /* crate::c /* crate::d */ crate::e */
const S: &str = "crate::f \" crate::g"; const R: &str = r#"crate::h " crate::i"#;
fn lifetime<'a>(x: &'a str, quote: char) { let _ = ('"', '\'', b'"'); crate::j() }
#[cfg(test)]
mod tests {
    use crate::k;
    fn f() { if true { } }
}
use crate::l;
#[cfg(test)]
mod more;
use crate::m;
"####;
    let source = Source::new("src/x/y.rs", text);
    let seen: String = source.code.split("crate::").skip(1).map(|after| &after[..1]).collect();
    assert_eq!(seen, "bjlm");
    assert_eq!(source.code.len(), text.len());
    assert_eq!(source.lines(), 6, "{}", source.text);
    assert_eq!(source.module(), ["x", "y"]);
}

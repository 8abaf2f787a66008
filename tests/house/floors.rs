//! Each floor of the house uses only floors below it, never one beside or above.

use std::collections::BTreeSet;

use super::source::{Source, sources};

/// The floors, lowest first; the modules of one floor don't know each other. Where the drawing in
/// `docs/architecture.md` has two rooms on a floor of which one uses the other, they are two rows.
const FLOORS: &[&[&str]] = &[
    &["model"],
    &["protocol", "render", "config"],
    &["client", "collector", "names", "upstream", "state"],
    &["backends"],
    &["imports", "lint"],
    &["cache"],
    &["guard"],
    &["resolver"],
    &["gateway"],
    &["explain"],
    &["mail"],
    &["web"],
    &["transport"],
    &["app"],
    &["cli"],
];

/// Crates that one place wraps, so that what they do is bounded in one place.
const WRAPPED: &[(&str, &[&str])] = &[
    ("reqwest", &["upstream"]),
    ("hickory_resolver", &["upstream"]),
    ("quick_xml", &["protocol"]),
    // The HTTP client's errors are told apart by what is inside them.
    ("hyper", &["transport", "upstream"]),
    ("moka", &["cache"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("rustls", &["transport", "upstream"]),
    ("rustls_platform_verifier", &["upstream"]),
    ("tokio_rustls", &["transport", "upstream"]),
    ("listeners", &["upstream"]),
    ("listenfd", &["transport"]),
    ("sd_notify", &["app"]),
    ("granit_parser", &["config"]),
    ("mail_parser", &["mail"]),
    ("mail_builder", &["mail"]),
    ("smtp_proto", &["transport"]),
    ("proxy_header", &["transport"]),
    ("lettre", &["upstream"]),
    ("redis", &["upstream"]),
    ("opentelemetry_proto", &["collector"]),
    ("prost", &["collector"]),
    ("fst", &["names"]),
    ("jiff", &["model", "names"]),
    ("unicode_security", &["lint", "resolver", "web"]),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The top-level modules that a file imports, by `use` or by a path in place.
fn imports(source: &Source) -> BTreeSet<String> {
    let mut found = heads_after(&source.code, "crate::");
    // `super::` once for each level of the file's own path also ends at the root.
    let to_root = "super::".repeat(source.module().len());
    if !to_root.is_empty() {
        found.extend(heads_after(&source.code, &to_root));
    }
    found
}

/// The first name of every path that follows `prefix`, groups included: `a` and `b` of
/// `crate::{a::x, b::{c, d}}`.
fn heads_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let within_name = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if !within_name {
            found.extend(heads(&code[at + prefix.len()..]));
        }
    }
    found
}

fn heads(after: &str) -> Vec<String> {
    let after = after.trim_start();
    let Some(group) = after.strip_prefix('{') else { return vec![head(after)] };
    let mut depth = 0;
    let mut found = vec![head(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(head(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn head(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What is wrong with the imports of a file, a sentence each.
fn trespasses(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some(own) = module.first() else { return Vec::new() };
    let Some(own_floor) = floor(own) else {
        return vec![format!("{}: `{own}` has no floor; give it a row in FLOORS", source.path)];
    };
    let mut wrong = Vec::new();
    for used in imports(source) {
        match floor(&used) {
            Some(used_floor) if used_floor >= own_floor && used != *own => {
                let side = if used_floor == own_floor { "beside" } else { "above" };
                wrong.push(format!("{}: `{own}` uses `{used}`, which is {side} it", source.path));
            }
            _ => {}
        }
    }
    for (wrapped, places) in WRAPPED {
        let named = !heads_after(&source.code, &format!("{wrapped}::")).is_empty();
        if named && !places.contains(own) {
            wrong.push(format!("{}: `{wrapped}` is for {} alone", source.path, places.join(" and ")));
        }
    }
    wrong
}

#[test]
fn every_floor_uses_only_floors_below_it() {
    let wrong: Vec<String> = sources().iter().flat_map(trespasses).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_trespass_is_seen_however_it_is_written() {
    let wrong = |code: &str| trespasses(&Source::new("src/cache/outcome.rs", code)).len();
    assert_eq!(wrong("use crate::model::Answer;"), 0);
    assert_eq!(wrong("use crate::cache::key::Key; use super::key::Key;"), 0);
    assert_eq!(wrong("use crate::guard::Guard;"), 1);
    assert_eq!(wrong("use crate::{model::{Answer, Hit}, guard, resolver::plan};"), 2);
    assert_eq!(wrong("fn f() { crate::web::page() }"), 1);
    assert_eq!(wrong("use super::super::gateway::Gateway;"), 1);
    assert_eq!(wrong("use super::super::model::Answer;"), 0);
    assert_eq!(wrong("async fn f() { reqwest::get(\"\").await }"), 1);
    assert_eq!(wrong("pub(crate) mod x; // crate::web is only talked about"), 0);
    let beside = Source::new("src/render/text.rs", "use crate::protocol::encode;");
    assert_eq!(trespasses(&beside).len(), 1);
    assert_eq!(trespasses(&Source::new("src/attic/mod.rs", "")).len(), 1);
}

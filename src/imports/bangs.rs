//! Bangs of DuckDuckGo (`bang.js`) and Kagi (`data/bangs.json`): a JSON array of objects with a
//! trigger `t`, a site `s`, its domain `d`, and an address `u` in which `{{{s}}}` stands for what
//! follows. A bang alone leads to the front page of its domain, unless `fmt` says otherwise.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Gathered, Remark};
use crate::{
    backends::static_names::{Says, json_mistake},
    model::Property,
    names::{
        Entry,
        parameters::{self, takes_parameter},
    },
};

const PLACEHOLDER: &str = "{{{s}}}";

const PLUS_FOR_SPACE: &str = "url_encode_space_to_plus";

/// What `fmt` may say and we can do. All of it holds where there is no `fmt`.
const FLAGS: [&str; 3] = ["open_base_path", "url_encode_placeholder", PLUS_FOR_SPACE];

#[derive(Deserialize)]
struct Bang {
    s: String,
    d: String,
    t: String,
    /// Further triggers.
    #[serde(default)]
    ts: Vec<String>,
    u: String,
    c: Option<String>,
    fmt: Option<Vec<String>>,
    #[serde(flatten)]
    further: serde_json::Map<String, Value>,
}

/// Reads the array; what is wrong with one bang is no matter to the others.
pub(super) fn read(text: &str, names: &mut Gathered) -> Result<(), Remark> {
    let bangs: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        Remark::new(
            error.line(),
            format!("{}; expected a JSON array of bangs, such as Kagi's bangs.json", json_mistake(&error)),
        )
    })?;
    let (mut line, mut at) = (1, 0);
    for bang in bangs {
        // The text of a value is a part of the whole, so its address says where it is.
        let start = (bang.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += text.get(at..start).map_or(0, |between| between.matches('\n').count());
        at = start;
        match serde_json::from_str::<Bang>(bang.get()) {
            Ok(bang) => take(bang, line, names),
            Err(error) => names.remark(line, format!("is no bang: {}", json_mistake(&error))),
        }
    }
    Ok(())
}

fn take(bang: Bang, line: usize, names: &mut Gathered) {
    let flag = |flag: &str| bang.fmt.as_ref().is_none_or(|flags| flags.iter().any(|known| known == flag));
    let (opens_base, escapes_slash) = (flag("open_base_path"), flag("url_encode_placeholder"));
    for what in bang.further.keys() {
        names.uncarried(what);
    }
    for other in bang.fmt.iter().flatten().filter(|flag| !FLAGS.contains(&flag.as_str())) {
        names.uncarried(other);
    }
    let parameter = if escapes_slash { "{query}" } else { "{rest}" };
    let uri = address(&bang).replace(PLACEHOLDER, parameter);
    let base = format!("https://{}{}", bang.d, if bang.d.contains('/') { "" } else { "/" });
    let plain = if opens_base && takes_parameter(&uri) { base } else { String::new() };
    if takes_parameter(&uri) && parameters::check(&uri).is_err() {
        names.remark(line, format!("!{}: what follows would choose the host of {}", bang.t, bang.u));
        return;
    }
    // DuckDuckGo's have a rank, and no flags.
    let is_kagis = bang.fmt.is_some() || !bang.further.contains_key("r");
    let differs_in_spaces = is_kagis && flag(PLUS_FOR_SPACE) && escapes_slash && in_path(&bang.u);
    if differs_in_spaces {
        names.uncarried("+ for spaces in a path (url_encode_space_to_plus)");
    }
    if !escapes_slash && bang.u.contains(PLACEHOLDER) {
        names.uncarried("what follows as it stands (no url_encode_placeholder)");
    }
    let entry = Entry {
        name: format!("!{}", bang.t),
        aliases: bang.ts.iter().map(|trigger| format!("!{trigger}")).collect(),
        uri,
        plain,
        description: bang.s,
        properties: bang
            .c
            .map(|category| Property::new("category", "freeform", category))
            .into_iter()
            .collect(),
        ..Entry::default()
    };
    names.add(line, entry, Says::Leads);
}

/// Whether what follows stands in the path, in which a plus is none that means a space.
fn in_path(address: &str) -> bool {
    address.split_once(PLACEHOLDER).is_some_and(|(before, _)| !before.contains(['?', '#']))
}

/// The address, which may leave out the scheme or the host.
fn address(bang: &Bang) -> String {
    match bang.u.strip_prefix('/') {
        Some(rest) if rest.starts_with('/') => format!("https:{}", bang.u),
        Some(_) => format!("https://{}{}", bang.d, bang.u),
        None => bang.u.clone(),
    }
}
